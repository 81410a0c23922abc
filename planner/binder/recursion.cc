// WITH RECURSIVE r AS (base UNION [ALL] term): the term reads r, once and linearly.
//
//   SetOperation(recursive, loop 1) <- base
//                                   <- Project <- Join <- Recursion(loop 1)       the rows of r, in its own term
//                                                      <- edges
#include "parser/ast/table_names.h"
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {
namespace {

constexpr SqlState kInvalidRecursion{"42P19"};

SqlError Misplaced(const std::string& name, TextRange range, std::string_view where) {
  SqlError error(kInvalidRecursion, range);
  error << "recursive reference to query \"" << name << "\" must not appear within " << where;
  return error;
}

// The plan of a recursive term, followed down to the recursion.
class TermChecker {
 public:
  TermChecker(const std::string& name, int32_t loop, TextRange range) : name_(name), loop_(loop), range_(range) {}

  // Does the node read the recursion? 42P19 where PostgreSQL forbids it, 0A000 where rows of the result come of several of the recursion.
  StatusOr<bool> Check(const LogicalNode& node) {
    if (const auto* recursion = node.As<RecursionOp>()) return recursion->loop == loop_;
    bool any = false;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      ASSIGN_OR_RETURN(const bool reads, Check(*node.inputs[i]));
      if (!reads) continue;
      any = true;
      RETURN_IF_ERROR(CheckOperator(node, i));
    }
    return any;
  }

 private:
  Status CheckOperator(const LogicalNode& node, size_t input) {
    if (node.As<FilterOp>() || node.As<ProjectOp>() || node.As<TableFunctionOp>() || node.As<UnionOp>()) return OkStatus();
    if (const auto* join = node.As<JoinOp>(); join != nullptr && !join->closest && !join->lookup) return CheckJoin(*join, input);
    if (const auto* set = node.As<SetOperationOp>(); set != nullptr && set->kind != SetOperationOp::Kind::kRecursive) {
      if (set->kind == SetOperationOp::Kind::kExcept) return Misplaced(name_, range_, "EXCEPT");
      if (set->all) return Misplaced(name_, range_, "INTERSECT");
    }
    if (const auto* aggregate = node.As<AggregateOp>()) {
      if (!aggregate->aggregates.empty())
        return SqlError(kInvalidRecursion, range_) << "aggregate functions are not allowed in a recursive query's recursive term";
      return NotSupported("DISTINCT or GROUP BY over recursive query \"" + name_ + "\" in its recursive term", range_);
    }
    return NotSupported(std::string(OperatorName(node.op)) + " over recursive query \"" + name_ + "\" in its recursive term", range_);
  }

  Status CheckJoin(const JoinOp& join, size_t input) {
    using Kind = JoinOp::Kind;
    if (join.kind == Kind::kInner) return OkStatus();
    if (join.kind == Kind::kFull || (input == 1 && join.kind == Kind::kLeft)) return Misplaced(name_, range_, "an outer join");
    return input == 0 ? OkStatus() : Misplaced(name_, range_, "a subquery");
  }

  const std::string& name_;
  const int32_t loop_;
  const TextRange range_;
};

// What PostgreSQL says of a query that reads itself in another form than base UNION [ALL] term.
Status CheckForm(const ast::CommonTable& table) {
  const std::string& name = table.name.name;
  const ast::Query& query = *table.query;
  const auto* set = ast::As<ast::SetOperation>(*query.body);
  if (set == nullptr || set->op != ast::SetOperator::kUnion) {
    return SqlError(kInvalidRecursion, table.name.range)
           << "recursive query \"" << name << "\" does not have the form non-recursive-term UNION [ALL] recursive-term";
  }
  if (ast::NamesTable(*set->left, name)) return Misplaced(name, table.name.range, "its non-recursive term");
  const auto no = [&](std::string_view clause, TextRange range) {
    return SqlError(sqlstate::kFeatureNotSupported, range) << std::string(clause) << " in a recursive query is not implemented";
  };
  if (!query.order_by.empty()) return no("ORDER BY", query.order_by[0].expression->range);
  if (query.limit != nullptr) return no("LIMIT", query.limit->range);
  if (query.offset != nullptr) return no("OFFSET", query.offset->range);
  if (!query.with.empty()) return NotSupported("WITH at the top of a recursive query", query.with[0].range);
  return OkStatus();
}

}  // namespace

// A query of WITH RECURSIVE, where it is named.
StatusOr<Relation> QueryBinder::BindRecursive(const CteFrame& frame, TextRange range) {
  const ast::CommonTable& table = *frame.table;
  if (frame.term != nullptr && recursing_ == &frame) return RecursionOf(frame, range);
  if (frame.binding) {
    if (frame.term == nullptr && recursing_ == &frame) return Misplaced(table.name.name, range, "its non-recursive term");
    return SqlError(sqlstate::kFeatureNotSupported, range) << "mutual recursion between WITH items is not implemented";
  }
  const bool recursive = ast::NamesTable(*table.query, table.name.name);
  if (recursive) RETURN_IF_ERROR(CheckForm(table));
  const CteFrame* before = std::exchange(ctes_, frame.all);
  const CteFrame* outside = std::exchange(recursing_, &frame);
  const OuterScope* around = std::exchange(context_->outer, frame.outer);
  frame.binding = true;
  StatusOr<Relation> relation = recursive ? Recurse(frame, ast::Cast<ast::SetOperation>(*table.query->body)) : Bind(*table.query, false);
  frame.binding = false;
  context_->outer = around;
  recursing_ = outside;
  ctes_ = before;
  if (!relation.ok()) return relation;
  ast::TableAlias alias;
  alias.name.name = table.name.name;
  for (const ast::Identifier& column : table.columns) alias.columns.push_back(column);
  RETURN_IF_ERROR(Alias(alias, "", &*relation));
  return relation;
}

// The recursion itself, within its term.
StatusOr<Relation> QueryBinder::RecursionOf(const CteFrame& frame, TextRange range) {
  const std::string& name = frame.table->name.name;
  if (context_->outer != frame.outer) return Misplaced(name, range, "a subquery");
  if (++frame.references > 1)
    return SqlError(kInvalidRecursion, range) << "recursive reference to query \"" << name << "\" must not appear more than once";
  return *frame.term;
}

StatusOr<Relation> QueryBinder::Recurse(const CteFrame& frame, const ast::SetOperation& form) {
  const ast::CommonTable& table = *frame.table;
  ASSIGN_OR_RETURN(Projection written, BindBody(*form.left, nullptr));
  ASSIGN_OR_RETURN(Relation base, Project(std::move(written), nullptr));
  ast::TableAlias alias;
  alias.name.name = table.name.name;
  for (const ast::Identifier& column : table.columns) alias.columns.push_back(column);
  RETURN_IF_ERROR(Alias(alias, "", &base));
  // The term sees columns of the base's names and types.
  RecursionOp leaf;
  leaf.loop = context_->program->next_column;
  Relation term;
  std::vector<Type> types;
  std::vector<Column> seen;
  for (const ScopeColumn& column : base.scope.columns) {
    if (column.column.type.id() == TypeId::kJson) return NotSupported("a column of type json in a recursive query", table.name.range);
    types.push_back(column.column.type);
    seen.push_back(context_->NewColumn(column.name, column.column.type, true));
    term.scope.columns.push_back({table.name.name, column.name, seen.back()});
  }
  term.plan = context_->Node(leaf, {}, std::move(seen));
  frame.references = 0;
  frame.term = &term;
  StatusOr<Projection> bound = BindBody(*form.right, nullptr);
  frame.term = nullptr;
  if (!bound.ok()) return bound.status();
  Projection step = *std::move(bound);
  if (step.width() != types.size())
    return SqlError(sqlstate::kSyntaxError, form.right->range) << "each UNION query must have the same number of columns";
  for (size_t i = 0; i < types.size(); ++i) {
    std::vector<ExprPtr> both = {MakeColumn(base.scope.columns[i].column)};
    if (step.rows.empty()) both.push_back(step.exprs[i]);
    for (const auto& row : step.rows) both.push_back(row[i]);
    ASSIGN_OR_RETURN(const Type type, CommonType(both, "UNION"));
    if (type.SameId(types[i])) continue;
    return SqlError(sqlstate::kDatatypeMismatch, form.left->range)
           << "recursive query \"" << table.name.name << "\" column " << i + 1 << " has type " << TypeText(types[i])
           << " in non-recursive term but type " << TypeText(type) << " overall"
           << Hint("Cast the output of the non-recursive term to the correct type.");
  }
  ASSIGN_OR_RETURN(Relation next, Project(std::move(step), &types));
  RETURN_IF_ERROR(TermChecker(table.name.name, leaf.loop, table.name.range).Check(*next.plan).status());
  SetOperationOp op;
  op.kind = SetOperationOp::Kind::kRecursive;
  op.all = form.all;
  op.name = table.name.name;
  op.limit = context_->settings->recursion_limit;
  op.loop = leaf.loop;
  op.inputs.resize(2);
  Relation result;
  std::vector<Column> output;
  for (size_t i = 0; i < types.size(); ++i) {
    const Column &a = base.scope.columns[i].column, &b = next.scope.columns[i].column;
    op.inputs[0].push_back(a.id);
    op.inputs[1].push_back(b.id);
    output.push_back(context_->NewColumn(base.scope.columns[i].name, types[i], a.nullable || b.nullable));
    result.scope.columns.push_back({"", base.scope.columns[i].name, output.back()});
  }
  result.plan = context_->Node(std::move(op), {base.plan, next.plan}, std::move(output));
  return result;
}

}  // namespace kappa
