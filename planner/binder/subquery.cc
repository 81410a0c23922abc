#include "planner/binder/subquery.h"

#include <algorithm>

#include "functions/registry.h"
#include "planner/binder/decorrelate.h"
#include "planner/binder/expressions.h"
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

using Kind = JoinOp::Kind;

ExprPtr Bool(bool value) { return MakeConstant(Datum::Bool(value), TypeId::kBool); }

// x = y of the one column that IN compares, x of the outer query: three-valued logic takes no comparison of every pair then.
std::optional<Equality> SingleEquality(const PendingSubquery& subquery) {
  std::optional<Equality> equal = EqualityOf(*subquery.compared);
  if (!equal || equal->null_safe || !GivenBy(*equal->right, *subquery.plan)) return std::nullopt;
  std::vector<ColumnId> columns;
  CollectColumns(*equal->left, &columns);
  for (ColumnId id : columns)
    if (FindColumn(subquery.plan->output(), id) != nullptr) return std::nullopt;
  return equal;
}

}  // namespace

PendingSubquery* SubqueryCollector::Find(ColumnId value) {
  const auto found = std::find_if(pending.begin(), pending.end(), [&](const PendingSubquery& one) { return one.value.id == value; });
  return found == pending.end() ? nullptr : &*found;
}

bool SubqueryPlacer::Names(const Expr& expr) const {
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  return std::any_of(columns.begin(), columns.end(), [&](ColumnId id) {
    const PendingSubquery* found = subqueries_->Find(id);
    return found != nullptr && !found->placed;
  });
}

Status SubqueryPlacer::Place(const Expr& expr, LogicalPtr* plan) {
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  for (ColumnId id : columns) {
    PendingSubquery* found = subqueries_->Find(id);
    if (found == nullptr || found->placed) continue;
    found->placed = true;
    if (const Status status = PlaceOne(found, plan); !status.ok()) return WithRange(status, found->written->range);
  }
  return OkStatus();
}

Status SubqueryPlacer::PlaceOne(PendingSubquery* subquery, LogicalPtr* plan) {
  Decorrelator joins(context_);
  switch (subquery->kind) {
    case PendingSubquery::Kind::kScalar: {
      ASSIGN_OR_RETURN(*plan, joins.Join(Kind::kSingle, *plan, subquery->plan, {}));
      return OkStatus();
    }
    case PendingSubquery::Kind::kExists: {
      ASSIGN_OR_RETURN(*plan, joins.Mark(*plan, subquery->plan, {}, subquery->value));
      return OkStatus();
    }
    case PendingSubquery::Kind::kAny:
      RETURN_IF_ERROR(Place(*subquery->compared, plan));  // its operand may hold others
      return PlaceAny(*subquery, plan);
  }
  return OkStatus();
}

// CASE WHEN a row matches THEN true WHEN a comparison is unknown THEN NULL ELSE false END
Status SubqueryPlacer::PlaceAny(const PendingSubquery& subquery, LogicalPtr* plan) {
  Decorrelator joins(context_);
  const auto mark = [&](std::vector<ExprPtr> on) -> StatusOr<ExprPtr> {
    const Column flag = context_->NewColumn("any", TypeId::kBool, false);
    ASSIGN_OR_RETURN(*plan, joins.Mark(*plan, subquery.plan, std::move(on), flag));
    return MakeColumn(flag);
  };
  ASSIGN_OR_RETURN(ExprPtr matches, mark(Conjuncts(subquery.compared)));
  ExprPtr unknown;
  const std::optional<Equality> equal = SingleEquality(subquery);
  if (equal && subquery.compared->nullable) {
    std::vector<ExprPtr> cases;
    if (equal->left->nullable) {
      ASSIGN_OR_RETURN(ExprPtr any, mark({}));
      cases.push_back(MakeAnd({std::move(any), MakeIsNull(equal->left)}));
    }
    if (equal->right->nullable) {
      ASSIGN_OR_RETURN(ExprPtr null, mark({MakeIsNull(equal->right)}));
      cases.push_back(std::move(null));
    }
    if (!cases.empty()) unknown = cases.size() == 1 ? cases[0] : MakeExpr(ExprKind::kOr, TypeId::kBool, false, std::move(cases));
  } else if (subquery.compared->nullable) {
    ASSIGN_OR_RETURN(unknown, mark({MakeIsNull(subquery.compared)}));
  }
  ExprPtr value = matches;
  if (unknown != nullptr) {
    value = MakeExpr(ExprKind::kCase, TypeId::kBool, true,
                     {std::move(matches), Bool(true), std::move(unknown), MakeConstant(Datum(), TypeId::kBool), Bool(false)});
  }
  std::vector<Column> output = (*plan)->output();
  output.push_back(subquery.value);
  *plan = context_->Node(ProjectOp{{{subquery.value, std::move(value)}}}, {*plan}, std::move(output));
  return OkStatus();
}

// The rows for which every comparison is false: NOT IN, and ALL.
StatusOr<LogicalPtr> SubqueryPlacer::NotAny(LogicalPtr plan, const PendingSubquery& subquery) {
  Decorrelator joins(context_);
  const std::optional<Equality> equal = SingleEquality(subquery);
  if (equal && subquery.compared->nullable) {
    ASSIGN_OR_RETURN(plan, joins.Join(Kind::kAnti, plan, subquery.plan, {subquery.compared}));
    if (equal->right->nullable) { ASSIGN_OR_RETURN(plan, joins.Join(Kind::kAnti, plan, subquery.plan, {MakeIsNull(equal->right)})); }
    if (equal->left->nullable) {
      ASSIGN_OR_RETURN(ExprPtr any, [&]() -> StatusOr<ExprPtr> {
        const Column flag = context_->NewColumn("any", TypeId::kBool, false);
        ASSIGN_OR_RETURN(plan, joins.Mark(plan, subquery.plan, {}, flag));
        return MakeColumn(flag);
      }());
      const std::vector<Column> output = plan->output();
      plan = context_->Node(FilterOp{MakeNot(MakeAnd({std::move(any), MakeIsNull(equal->left)}))}, {plan}, output);
    }
    return plan;
  }
  std::vector<ExprPtr> on;
  for (const ExprPtr& conjunct : Conjuncts(subquery.compared)) {
    on.push_back(!conjunct->nullable ? conjunct : MakeExpr(ExprKind::kCoalesce, TypeId::kBool, false, {conjunct, Bool(true)}));
  }
  return joins.Join(Kind::kAnti, plan, subquery.plan, std::move(on));
}

// False: the conjunct is no subquery alone.
StatusOr<bool> SubqueryPlacer::FilterBySubquery(const ExprPtr& conjunct, LogicalPtr* plan) {
  const Expr* expr = conjunct.get();
  bool negated = false;
  for (; expr->kind == ExprKind::kNot; expr = expr->args[0].get()) negated = !negated;
  PendingSubquery* subquery = expr->kind == ExprKind::kColumn ? subqueries_->Find(expr->column) : nullptr;
  if (subquery == nullptr || subquery->placed || subquery->kind == PendingSubquery::Kind::kScalar) return false;
  subquery->placed = true;
  Decorrelator joins(context_);
  if (subquery->kind == PendingSubquery::Kind::kExists) {
    ASSIGN_OR_RETURN(*plan, joins.Join(negated ? Kind::kAnti : Kind::kSemi, *plan, subquery->plan, {}));
    return true;
  }
  RETURN_IF_ERROR(Place(*subquery->compared, plan));
  if (negated) {
    ASSIGN_OR_RETURN(*plan, NotAny(*plan, *subquery));
  } else {
    ASSIGN_OR_RETURN(*plan, joins.Join(Kind::kSemi, *plan, subquery->plan, Conjuncts(subquery->compared)));
  }
  return true;
}

StatusOr<LogicalPtr> SubqueryPlacer::Filter(LogicalPtr plan, const ExprPtr& predicate) {
  const auto filter = [&](std::vector<ExprPtr> conjuncts) {
    if (conjuncts.empty()) return;
    const std::vector<Column> output = plan->output();
    plan = context_->Node(FilterOp{MakeAnd(std::move(conjuncts))}, {plan}, output);
  };
  std::vector<ExprPtr> plain, named, rest;
  for (const ExprPtr& conjunct : Conjuncts(predicate)) (Names(*conjunct) ? named : plain).push_back(conjunct);
  if (named.empty()) {
    filter({predicate});
    return plan;
  }
  filter(std::move(plain));
  for (const ExprPtr& conjunct : named) {
    StatusOr<bool> done = FilterBySubquery(conjunct, &plan);
    if (!done.ok()) return WithRange(done.status(), conjunct->range);
    if (!*done) rest.push_back(conjunct);
  }
  for (const ExprPtr& conjunct : rest) RETURN_IF_ERROR(Place(*conjunct, &plan));
  filter(std::move(rest));
  return plan;
}

// ---- binding

StatusOr<Relation> QueryBinder::BindSubquery(const ast::Query& query, const Scope& scope, AggregateCollector* aggregates, bool ordered) {
  const OuterScope outer{&scope, context_->outer, aggregates};
  context_->outer = &outer;
  const bool keeps = std::exchange(context_->keep_order, ordered);
  const bool closes = std::exchange(context_->emit_on_close, false);  // it is the outermost query that waits
  StatusOr<Relation> relation = Bind(query, ordered);
  context_->emit_on_close = closes;
  context_->keep_order = keeps;
  context_->outer = outer.previous;
  return relation;
}

StatusOr<PendingSubquery*> ExpressionBinder::NewSubquery(const ast::Subquery& subquery, const ast::Expression& written, bool ordered) {
  if (subqueries_ == nullptr) return SqlError(sqlstate::kFeatureNotSupported, written.range) << "cannot use subquery in " << clause_;
  for (PendingSubquery& known : subqueries_->pending)
    if (known.written == &written && !known.placed) return &known;
  ASSIGN_OR_RETURN(Relation relation, queries_->BindSubquery(*subquery.query, *scope_, inside_aggregate_ ? nullptr : aggregates_, ordered));
  PendingSubquery made;
  made.written = &written;
  made.plan = relation.plan;
  bound_scope_ = std::move(relation.scope);
  subqueries_->pending.push_back(std::move(made));
  return &subqueries_->pending.back();
}

StatusOr<ExprPtr> ExpressionBinder::BindScalarSubquery(const ast::Subquery& subquery) {
  ASSIGN_OR_RETURN(PendingSubquery * pending, NewSubquery(subquery, subquery, false));
  if (pending->value.id != kNoColumn) return MakeColumn(pending->value);
  if (bound_scope_.columns.size() != 1) return SqlError(sqlstate::kSyntaxError, subquery.range) << "subquery must return only one column";
  pending->value = bound_scope_.columns[0].column;
  pending->value.nullable = true;
  return MakeColumn(pending->value);
}

StatusOr<ExprPtr> ExpressionBinder::BindExists(const ast::Exists& exists) {
  ASSIGN_OR_RETURN(PendingSubquery * pending, NewSubquery(*exists.subquery, exists, false));
  if (pending->value.id == kNoColumn) pending->value = context_->NewColumn("exists", TypeId::kBool, false);
  pending->kind = PendingSubquery::Kind::kExists;
  return MakeColumn(pending->value);
}

// `left` op ANY (subquery), or op ALL: NOT (left NOT-op ANY).
StatusOr<ExprPtr> ExpressionBinder::BindAnySubquery(const ast::Expression& left, std::string_view op, const ast::Subquery& subquery,
                                                    const ast::Expression& written, bool all) {
  ASSIGN_OR_RETURN(PendingSubquery * known, NewSubquery(subquery, written, false));
  if (known->value.id != kNoColumn) return all ? MakeNot(MakeColumn(known->value)) : MakeColumn(known->value);
  const size_t index = static_cast<size_t>(known - subqueries_->pending.data());
  const Scope scope = bound_scope_;
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(left));
  const bool whole = scope.columns.size() == 1 && scope.columns[0].column.type.is_struct();  // a row against a column of rows
  const std::vector<ExprPtr> fields = IsRow(*operand) && !whole ? operand->args : std::vector<ExprPtr>{operand};
  if (fields.size() != scope.columns.size()) {
    return SqlError(sqlstate::kSyntaxError, written.range)
           << (fields.size() < scope.columns.size() ? "subquery has too many columns" : "subquery has too few columns");
  }
  ExprPtr compared;
  if (fields.size() == 1) {
    ASSIGN_OR_RETURN(compared, CallOperator(context_, op, {fields[0], MakeColumn(scope.columns[0].column)}, written.range));
  } else {
    std::vector<ExprPtr> columns;
    std::vector<StructField> types;
    for (const ScopeColumn& column : scope.columns) {
      columns.push_back(MakeColumn(column.column));
      types.push_back({column.name, column.column.type});
    }
    const ExprPtr row = MakeExpr(ExprKind::kStruct, Type::Struct(std::move(types)), false, std::move(columns));
    ASSIGN_OR_RETURN(compared, CompareRows(context_, op, operand, row, written.range));
  }
  if (compared->type.id() != TypeId::kBool)
    return SqlError(sqlstate::kWrongObjectType, written.range) << "op ANY/ALL (subquery) requires operator to yield boolean";
  if (all) compared = MakeNot(std::move(compared));
  PendingSubquery& pending = subqueries_->pending[index];  // binding the operand may have added others
  pending.kind = PendingSubquery::Kind::kAny;
  pending.value = context_->NewColumn("any", TypeId::kBool, compared->nullable);
  pending.compared = std::move(compared);
  return all ? MakeNot(MakeColumn(pending.value)) : MakeColumn(pending.value);
}

StatusOr<ExprPtr> ExpressionBinder::BindInSubquery(const ast::InSubquery& in) {
  ASSIGN_OR_RETURN(ExprPtr any, BindAnySubquery(*in.operand, "=", *in.subquery, in, false));
  return in.negated ? MakeNot(std::move(any)) : any;
}

StatusOr<ExprPtr> ExpressionBinder::BindQuantifiedSubquery(const ast::Quantified& quantified) {
  if (quantified.op == "<>" && quantified.all) {  // NOT IN
    ASSIGN_OR_RETURN(ExprPtr any, BindAnySubquery(*quantified.left, "=", *quantified.subquery, quantified, false));
    return MakeNot(std::move(any));
  }
  static constexpr struct {
    std::string_view written, symbol;
    bool negated;
  } kLikes[] = {{"~~", "like", false}, {"~~*", "ilike", false}, {"!~~", "like", true}, {"!~~*", "ilike", true}};
  for (const auto& like : kLikes) {
    if (quantified.op != like.written) continue;
    ASSIGN_OR_RETURN(ExprPtr any, BindAnySubquery(*quantified.left, like.symbol, *quantified.subquery, quantified, quantified.all != like.negated));
    return like.negated ? MakeNot(std::move(any)) : any;  // x NOT LIKE ALL (...) is NOT x LIKE ANY (...)
  }
  return BindAnySubquery(*quantified.left, quantified.op, *quantified.subquery, quantified, quantified.all);
}

// ARRAY(SELECT x ... ORDER BY y): array_agg(x ORDER BY y), and an empty array where there are no rows.
StatusOr<ExprPtr> ExpressionBinder::BindArraySubquery(const ast::Array& array) {
  ASSIGN_OR_RETURN(PendingSubquery * pending, NewSubquery(*array.subquery, array, true));
  if (pending->value.id != kNoColumn) return MakeColumn(pending->value);
  if (bound_scope_.columns.size() != 1) return SqlError(sqlstate::kSyntaxError, array.range) << "subquery must return only one column";
  const Column element = bound_scope_.columns[0].column;
  LogicalPtr plan = pending->plan;
  AggregateCall call;
  // The order that the subquery asks for, from beneath its projections.
  std::vector<LogicalPtr> above;
  LogicalPtr node = plan;
  while (node->As<ProjectOp>() != nullptr) {
    above.push_back(node);
    node = node->inputs[0];
  }
  if (const auto* sort = node->As<SortOp>(); sort != nullptr) {
    for (const SortOp::Key& key : sort->keys)
      call.order.push_back({MakeColumn(*FindColumn(node->output(), key.column)), key.descending, key.nulls_first});
    if (!sort->limit && !sort->offset) node = node->inputs[0];
    for (auto project = above.rbegin(); project != above.rend(); ++project) {
      auto copy = std::make_shared<LogicalNode>(*WithInputs(**project, {node}));
      for (const AggregateOrder& key : call.order) {
        const Column* column = FindColumn(node->output(), key.expr->column);
        if (column != nullptr && FindColumn(copy->op.output, column->id) == nullptr) copy->op.output.push_back(*column);
      }
      node = copy;
    }
    plan = node;
  }
  ASSIGN_OR_RETURN(ResolvedAggregate resolved, ResolveAggregate(context_, "array_agg", {MakeColumn(element)}, array.range));
  const Column list = context_->NewColumn("array", resolved.type, true);
  call.output = list.id;
  call.name = "array_agg";
  call.type = resolved.type;
  call.nullable = true;
  call.function = resolved.entry;
  call.args = std::move(resolved.args);
  ASSIGN_OR_RETURN(plan, queries_->MakeAggregate(std::move(plan), {}, {std::move(call)}));
  ASSIGN_OR_RETURN(ExprPtr empty, FoldConstant(MakeCall(FunctionRegistry::Get().Find(FunctionKind::kScalar, "kappa_array").front(), {}, list.type)));
  const Column value = context_->NewColumn("array", list.type, false);
  ExprPtr made = MakeExpr(ExprKind::kCoalesce, list.type, false, {MakeColumn(list), std::move(empty)});
  pending->plan = context_->Node(ProjectOp{{{value, std::move(made)}}}, {std::move(plan)}, {value});
  pending->value = value;
  pending->value.nullable = true;
  return MakeColumn(pending->value);
}

}  // namespace kappa
