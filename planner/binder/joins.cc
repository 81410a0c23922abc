// Joins, comma lists and LATERAL in FROM.
#include <algorithm>

#include "planner/binder/decorrelate.h"
#include "planner/binder/query.h"
#include "planner/binder/subquery.h"
#include "planner/binder/table_function.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

using Kind = JoinOp::Kind;

void Append(const Scope& from, Scope* to) { to->columns.insert(to->columns.end(), from.columns.begin(), from.columns.end()); }

// What the scope says of NULLs, after the plan.
void TakeNullability(const LogicalNode& plan, Scope* scope) {
  for (ScopeColumn& column : scope->columns) {
    if (const Column* given = FindColumn(plan.output(), column.column.id); given != nullptr) column.column.nullable |= given->nullable;
    if (column.computed != nullptr) column.computed = WithNullability(column.computed, plan.output());
  }
}

// The columns that `*` shows, by one name.
std::vector<size_t> Named(const Scope& scope, const std::string& name) {
  std::vector<size_t> found;
  for (size_t i = 0; i < scope.columns.size(); ++i) {
    const ScopeColumn& column = scope.columns[i];
    if (column.name == name && !column.merged && column.computed == nullptr) found.push_back(i);
  }
  return found;
}

StatusOr<size_t> UsingColumn(const Scope& scope, const ast::Identifier& name, std::string_view side) {
  const std::vector<size_t> found = Named(scope, name.name);
  if (found.size() == 1) return found[0];
  if (found.size() > 1) {
    return SqlError(sqlstate::kAmbiguousColumn, name.range)
           << "common column name \"" << name.name << "\" appears more than once in " << side << " table";
  }
  std::vector<std::string> names;
  for (const ScopeColumn& column : scope.columns)
    if (!column.merged) names.push_back(column.name);
  return SqlError(sqlstate::kUndefinedColumn, name.range)
         << "column \"" << name.name << "\" specified in USING clause does not exist in " << side << " table" << DidYouMean(name.name, names);
}

// NATURAL: the names that both sides have.
std::vector<ast::Identifier> CommonNames(const Scope& left, const Scope& right, TextRange range) {
  std::vector<ast::Identifier> names;
  for (const ScopeColumn& column : left.columns) {
    if (column.merged || column.computed != nullptr || Named(right, column.name).empty()) continue;
    if (std::none_of(names.begin(), names.end(), [&](const ast::Identifier& other) { return other.name == column.name; }))
      names.push_back({column.name, true, range});
  }
  return names;
}

Kind KindOf(ast::JoinKind kind) {
  switch (kind) {
    case ast::JoinKind::kLeft:
    case ast::JoinKind::kRight:  // the sides change places
      return Kind::kLeft;
    case ast::JoinKind::kFull:
      return Kind::kFull;
    default:
      return Kind::kInner;
  }
}

bool IsLiteralTrue(const ast::Expression* on) {
  const auto* literal = on == nullptr ? nullptr : ast::As<ast::Literal>(*on);
  return on == nullptr || (literal != nullptr && literal->literal == ast::LiteralKind::kBoolean && literal->boolean);
}

}  // namespace

// A column of a USING list: how its two are compared, and what stands for both.
struct QueryBinder::MergedColumn {
  std::string name;
  size_t left = 0, right = 0;  // in the scopes
  ExprPtr equal;
  Type type;
  Column column;  // once the join is made
};

StatusOr<std::vector<QueryBinder::MergedColumn>> QueryBinder::MergeColumns(const std::vector<ast::Identifier>& names, const Scope& left,
                                                                           const Scope& right) {
  std::vector<MergedColumn> merged;
  for (const ast::Identifier& name : names) {
    for (const MergedColumn& other : merged) {
      if (other.name == name.name)
        return SqlError(sqlstate::kDuplicateColumn, name.range) << "column name \"" << name.name << "\" appears more than once in USING clause";
    }
    MergedColumn one;
    one.name = name.name;
    ASSIGN_OR_RETURN(one.left, UsingColumn(left, name, "left"));
    ASSIGN_OR_RETURN(one.right, UsingColumn(right, name, "right"));
    const ExprPtr a = MakeColumn(left.columns[one.left].column), b = MakeColumn(right.columns[one.right].column);
    StatusOr<Type> type = CommonType({a, b}, "JOIN/USING");
    if (!type.ok()) return WithRange(type.status(), name.range);
    one.type = *type;
    StatusOr<ExprPtr> equal = CallOperator(context_, "=", {a, b}, name.range);
    if (!equal.ok()) return WithRange(equal.status(), name.range);
    one.equal = *std::move(equal);
    merged.push_back(std::move(one));
  }
  return merged;
}

// The scope of a USING join: what it merges, then what is left of either side. `kind` as written.
Status QueryBinder::ShowMerged(const ast::Join& join, std::vector<MergedColumn> merged, const Scope& left, const Scope& right, Relation* all) {
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = all->plan->output();
  for (MergedColumn& one : merged) {
    const Column* a = FindColumn(output, left.columns[one.left].column.id);
    const Column* b = FindColumn(output, right.columns[one.right].column.id);
    ASSIGN_OR_RETURN(ExprPtr of_left, Coerce(context_, MakeColumn(*a), one.type, Coercion::kImplicit));
    ASSIGN_OR_RETURN(ExprPtr of_right, Coerce(context_, MakeColumn(*b), one.type, Coercion::kImplicit));
    ExprPtr value = join.join == ast::JoinKind::kRight ? of_right : of_left;
    if (join.join == ast::JoinKind::kFull) {
      value = MakeExpr(ExprKind::kCoalesce, one.type, true, {std::move(of_left), std::move(of_right)});
    } else if (join.join == ast::JoinKind::kInner && value->kind != ExprKind::kColumn && of_right->kind == ExprKind::kColumn) {
      value = std::move(of_right);
    }
    if (value->kind == ExprKind::kColumn) {
      one.column = *FindColumn(output, value->column);
      continue;
    }
    one.column = context_->NewColumn(one.name, value->type, value->nullable);
    output.push_back(one.column);
    computed.emplace_back(one.column, std::move(value));
  }
  if (!computed.empty()) all->plan = context_->Node(ProjectOp{std::move(computed)}, {all->plan}, std::move(output));
  for (const MergedColumn& one : merged) all->scope.columns.push_back({"", one.name, one.column});
  if (!join.using_alias.name.empty()) {
    for (const MergedColumn& one : merged) {
      all->scope.columns.push_back({join.using_alias.name, one.name, one.column});
      all->scope.columns.back().merged = true;
    }
  }
  const size_t first = all->scope.columns.size();
  Append(left, &all->scope);
  Append(right, &all->scope);
  for (const MergedColumn& one : merged) {
    all->scope.columns[first + one.left].merged = true;
    all->scope.columns[first + left.columns.size() + one.right].merged = true;
  }
  return OkStatus();
}

// Subqueries in ON: of an inner join they are asked of its rows; of an outer one beneath it, on the side whose columns they read.
Status QueryBinder::PlaceOnSubqueries(const ast::Join& join, const std::vector<ExprPtr>& on, SubqueryCollector* subqueries, LogicalPtr* left,
                                      LogicalPtr* right) {
  SubqueryPlacer placer(context_, subqueries);
  for (const ExprPtr& conjunct : on) {
    std::vector<ColumnId> columns;
    CollectColumns(*conjunct, &columns);
    for (ColumnId id : columns) {
      const PendingSubquery* found = subqueries->Find(id);
      if (found == nullptr || found->placed) continue;
      std::set<ColumnId> read = FreeColumns(found->plan);
      if (found->compared != nullptr) {
        std::vector<ColumnId> compared;
        CollectColumns(*found->compared, &compared);
        read.insert(compared.begin(), compared.end());
      }
      const auto reads = [&](const LogicalPtr& side) {
        return std::any_of(read.begin(), read.end(), [&](ColumnId column) { return FindColumn(side->output(), column) != nullptr; });
      };
      const bool of_left = reads(*left), of_right = reads(*right);
      if (of_left && of_right) return NotSupported("a subquery in ON of an outer join that reads both of its sides", join.on->range);
      const ExprPtr value = MakeColumn(found->value);
      RETURN_IF_ERROR(placer.Place(*value, of_left ? left : right));
    }
  }
  return OkStatus();
}

StatusOr<Relation> QueryBinder::JoinOn(const ast::Join& join, Relation left, Relation right) {
  std::vector<ExprPtr> on;
  std::vector<MergedColumn> merged;
  SubqueryCollector subqueries;
  const bool uses = join.natural || !join.using_columns.empty();
  if (uses) {
    const auto names = join.natural ? CommonNames(left.scope, right.scope, join.range) : join.using_columns;
    ASSIGN_OR_RETURN(merged, MergeColumns(names, left.scope, right.scope));
    for (const MergedColumn& one : merged) on.push_back(one.equal);
  } else if (join.on != nullptr) {
    Scope both = left.scope;
    Append(right.scope, &both);
    ExpressionBinder binder(context_, &both, nullptr, "JOIN conditions");
    binder.AllowSubqueries(this, &subqueries);
    ASSIGN_OR_RETURN(const ExprPtr condition, binder.BindBoolean(*join.on, "JOIN/ON"));
    on = Conjuncts(condition);
  }
  const Kind kind = KindOf(join.join);
  Relation all;
  SubqueryPlacer placer(context_, &subqueries);
  std::vector<ExprPtr> asked;  // of the rows of an inner join
  if (kind == Kind::kInner) {
    for (const ExprPtr& conjunct : on)
      if (placer.Names(*conjunct)) asked.push_back(conjunct);
    std::erase_if(on, [&](const ExprPtr& conjunct) { return placer.Names(*conjunct); });
  } else {
    RETURN_IF_ERROR(PlaceOnSubqueries(join, on, &subqueries, &left.plan, &right.plan));
  }
  const bool swapped = join.join == ast::JoinKind::kRight;
  StatusOr<LogicalPtr> plan = Decorrelator(context_).Join(kind, swapped ? right.plan : left.plan, swapped ? left.plan : right.plan, std::move(on));
  if (!plan.ok()) return WithRange(plan.status(), join.range);
  all.plan = *std::move(plan);
  if (!asked.empty()) { ASSIGN_OR_RETURN(all.plan, placer.Filter(all.plan, MakeAnd(std::move(asked)))); }
  all.plan = ForgettingJoins(all.plan);
  if (uses) {
    RETURN_IF_ERROR(ShowMerged(join, std::move(merged), left.scope, right.scope, &all));
  } else {
    all.scope = std::move(left.scope);
    Append(right.scope, &all.scope);
  }
  TakeNullability(*all.plan, &all.scope);
  return all;
}

// One item of FROM, or the right side of a join: it may read what `lateral` names, where it says so.
StatusOr<Relation> QueryBinder::BindBeside(const ast::TableReference& table, const OuterScope* lateral) {
  const OuterScope* before = std::exchange(context_->lateral, lateral);
  StatusOr<Relation> bound = BindFrom(table);
  context_->lateral = before;
  return bound;
}

StatusOr<Relation> QueryBinder::BindJoin(const ast::Join& join) {
  ASSIGN_OR_RETURN(Relation left, BindFrom(*join.left));
  const bool inner = join.join == ast::JoinKind::kInner || join.join == ast::JoinKind::kCross, to_left = join.join == ast::JoinKind::kLeft;
  const ast::FunctionTable* function = RowsFunction(*join.right);
  const bool simple = !join.natural && join.using_columns.empty() && (inner || (to_left && IsLiteralTrue(join.on.get())));
  if (function != nullptr && simple) {  // over the rows of the left, one by one
    ASSIGN_OR_RETURN(Relation made, ApplyFunction(*function, left, to_left));
    left.plan = made.plan;
    Scope both = left.scope;
    Append(made.scope, &both);
    if (!IsLiteralTrue(join.on.get())) {
      ExpressionBinder binder(context_, &both, nullptr, "JOIN conditions");
      SubqueryCollector subqueries;
      binder.AllowSubqueries(this, &subqueries);
      ASSIGN_OR_RETURN(const ExprPtr on, binder.BindBoolean(*join.on, "JOIN/ON"));
      ASSIGN_OR_RETURN(left.plan, SubqueryPlacer(context_, &subqueries).Filter(left.plan, on));
    }
    left.scope = std::move(both);
    return left;
  }
  const OuterScope of_left{&left.scope, context_->lateral != nullptr ? context_->lateral : context_->outer};
  const auto* named = ast::As<ast::NamedTable>(*join.right);
  const bool versioned = named != nullptr && named->system_time.has_value();
  ASSIGN_OR_RETURN(Relation right, versioned ? BindVersioned(*named) : BindBeside(*join.right, inner || to_left ? &of_left : context_->lateral));
  RETURN_IF_ERROR(CheckTableNames(left.scope, right.scope, join.right->range));
  if (join.asof) return BindAsof(join, std::move(left), std::move(right));
  if (versioned) return BindTemporal(join, *named->system_time, std::move(left), std::move(right));
  return JoinOn(join, std::move(left), std::move(right));
}

// FROM a, b, f(a.x), LATERAL (SELECT ... a.x ...): each beside those to its left.
StatusOr<Relation> QueryBinder::BindFromList(const std::vector<ast::TableReferencePtr>& from) {
  const OuterScope* enclosing = std::exchange(context_->lateral, nullptr);
  const OuterScope* hidden = std::exchange(context_->beside, enclosing);
  StatusOr<Relation> bound = from.size() == 1 ? BindFrom(*from[0]) : BindItems(from);
  context_->lateral = enclosing;
  context_->beside = hidden;
  return bound;
}

StatusOr<Relation> QueryBinder::BindItems(const std::vector<ast::TableReferencePtr>& from) {
  const auto is_function = [](const ast::TableReferencePtr& table) { return RowsFunction(*table) != nullptr; };
  // One relation and functions: they stand over its rows, wherever it is written.
  const auto base = std::find_if_not(from.begin(), from.end(), is_function);
  const bool one = base != from.end() && std::find_if_not(base + 1, from.end(), is_function) == from.end() &&
                   (base == from.begin() || (*base)->kind == ast::TableReferenceKind::kName ||
                    ((*base)->kind == ast::TableReferenceKind::kSubquery && !ast::Cast<ast::SubqueryTable>(**base).lateral));
  Relation all;
  all.plan = context_->Node(ValuesOp{{{}}}, {}, {});  // one row without columns
  Scope base_scope;
  if (one) {
    ASSIGN_OR_RETURN(all, BindFrom(**base));
    base_scope = std::move(all.scope);
    all.scope = Scope();
  }
  for (const ast::TableReferencePtr& table : from) {
    Relation made;
    if (one && &table == &*base) {
      made.scope = std::move(base_scope);
      made.plan = all.plan;
      RETURN_IF_ERROR(CheckTableNames(all.scope, made.scope, table->range));
    } else if (is_function(table)) {
      ASSIGN_OR_RETURN(made, ApplyFunction(*RowsFunction(*table), all, false));
    } else {
      const OuterScope left{&all.scope, context_->outer};
      ASSIGN_OR_RETURN(made, BindBeside(*table, &left));
      RETURN_IF_ERROR(CheckTableNames(all.scope, made.scope, table->range));
      StatusOr<LogicalPtr> joined = IsUnitRow(*all.plan) ? made.plan : Decorrelator(context_).Join(Kind::kInner, all.plan, made.plan, {});
      if (!joined.ok()) return WithRange(joined.status(), table->range);
      made.plan = *std::move(joined);
    }
    all.plan = std::move(made.plan);
    Append(made.scope, &all.scope);
  }
  return all;
}

}  // namespace kappa
