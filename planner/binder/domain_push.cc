#include "planner/binder/domain_push.h"

#include <algorithm>

#include "planner/binder/decorrelate.h"

namespace kappa {
namespace {

std::vector<Column> Added(std::vector<Column> output, const std::map<ColumnId, Column>& columns) {
  for (const auto& [free, column] : columns)
    if (FindColumn(output, column.id) == nullptr) output.push_back(column);
  return output;
}

// In expressions, and where an operator names columns by their ids.
void SubstituteAll(PlanOperator* op, const std::map<ColumnId, Column>& columns) {
  std::map<ColumnId, ColumnId> names;
  for (const auto& [from, to] : columns) names[from] = to.id;
  RenameColumns(op, names);
}

// The columns of both, where both depend on the domain: keys that make them one.
std::vector<JoinOp::Key> Matching(const std::map<ColumnId, Column>& left, const std::map<ColumnId, Column>& right) {
  std::vector<JoinOp::Key> keys;
  for (const auto& [free, column] : left) keys.push_back({column.id, right.at(free).id, column.nullable});
  return keys;
}

}  // namespace

ExprPtr Substitute(const ExprPtr& expr, const std::map<ColumnId, Column>& columns) {
  std::map<ColumnId, ExprPtr> replacements;
  for (const auto& [from, to] : columns) replacements[from] = MakeColumn(to);
  return ReplaceColumns(expr, replacements);
}

std::vector<std::pair<Column, ExprPtr>> OfNoRows(const std::vector<AggregateCall>& calls, const std::map<ColumnId, Column>& made) {
  std::vector<std::pair<Column, ExprPtr>> columns;
  for (const AggregateCall& call : calls) {
    const auto found = made.find(call.output);
    if (found == made.end()) continue;
    Column inner = found->second;
    inner.nullable = true;
    ExprPtr value = MakeColumn(inner);
    if (!call.nullable) value = MakeExpr(ExprKind::kCoalesce, call.type, false, {value, MakeConstant(Datum::Int(0), call.type)});
    columns.emplace_back(Column{call.output, call.name, call.type, call.nullable}, std::move(value));
  }
  return columns;
}

DomainPush::Result DomainPush::Reference() {
  Result out;
  out.plan = WithFreshColumns(domain_, context_->program, &out.columns);
  return out;
}

StatusOr<DomainPush::Result> DomainPush::Push(const LogicalPtr& node) {
  if (const auto found = done_.find(node.get()); found != done_.end()) return found->second;
  ASSIGN_OR_RETURN(Result result, PushNode(node));
  done_[node.get()] = result;
  return result;
}

StatusOr<DomainPush::Result> DomainPush::PushNode(const LogicalPtr& node) {
  if (!Reads(node)) {
    Result out = Reference();
    if (!IsUnitRow(*node)) out.plan = Join(JoinOp(), out.plan, node, {});
    return out;
  }
  if (node->As<AggregateOp>()) return PushAggregate(node);
  if (node->As<JoinOp>()) return PushJoin(node);
  if (node->As<SortOp>()) return PushSort(node);
  if (node->As<ValuesOp>()) return PushValues(node);
  if (const auto* u = node->As<UnionOp>()) return PushAll(node, *u);
  if (const auto* set = node->As<SetOperationOp>(); set != nullptr && !IsRecursive(node->op)) return PushAll(node, *set);
  const bool unary = node->As<FilterOp>() || node->As<ProjectOp>() || node->As<TableFunctionOp>() || node->As<WindowOp>() ||
                     node->As<LateCheckOp>() || node->As<TemporalFilterOp>() || node->As<TopNOp>() || node->As<OverOp>();
  if (unary) return PushUnary(node);
  return SqlError(sqlstate::kFeatureNotSupported) << "a subquery that reads columns of the outer query within " << OperatorName(node->op)
                                                  << " is not supported yet";
}

// The columns of the domain pass through; where rows are ranked, each of its rows has ranks of its own.
StatusOr<DomainPush::Result> DomainPush::PushUnary(const LogicalPtr& node) {
  const auto* filter = node->As<FilterOp>();
  if (filter != nullptr && !Reads(node->inputs[0])) {  // its equalities become keys
    Result out = Reference();
    std::vector<ExprPtr> on;
    for (const ExprPtr& conjunct : FactoredConjuncts(filter->predicate)) on.push_back(Substitute(conjunct, out.columns));
    out.plan = Join(JoinOp(), out.plan, node->inputs[0], on);
    return out;
  }
  ASSIGN_OR_RETURN(Result below, Push(node->inputs[0]));
  PlanOperator op = node->op;
  SubstituteAll(&op, below.columns);
  for (const auto& [free, column] : below.columns) {
    if (auto* top = std::get_if<TopNOp>(&op.op)) top->partition.push_back(column.id);
    if (auto* over = std::get_if<OverOp>(&op.op)) over->partition.push_back(column.id);
    // Rows of the domain come and go at any time.
    if (auto* top = std::get_if<TopNOp>(&op.op)) top->expiry.reset();
    if (auto* over = std::get_if<OverOp>(&op.op)) over->expiry.reset();
  }
  std::vector<Column> output = Added(op.output, below.columns);
  return Result{MakeNode(std::move(op.op), {below.plan}, std::move(output), op.query, op.on_error), below.columns};
}

StatusOr<DomainPush::Result> DomainPush::PushAggregate(const LogicalPtr& node) {
  const auto& aggregate = *node->As<AggregateOp>();
  if (aggregate.rows || aggregate.fused_window) return NotSupported("a subquery that reads columns of the outer query within a SESSION");
  ASSIGN_OR_RETURN(Result below, Push(node->inputs[0]));
  PlanOperator op = node->op;
  SubstituteAll(&op, below.columns);
  auto& made = std::get<AggregateOp>(op.op);
  RETURN_IF_ERROR(CheckRetractable(made.aggregates, *below.plan));
  for (const auto& [free, column] : below.columns) made.keys.push_back(column);
  if (!aggregate.keys.empty()) {
    std::vector<Column> output = Added(op.output, below.columns);
    return Result{MakeNode(std::move(made), {below.plan}, std::move(output), op.query, op.on_error), below.columns};
  }
  // A group even where there are no rows.
  std::map<ColumnId, Column> outputs;
  std::vector<Column> output;
  for (AggregateCall& call : made.aggregates) {
    const Column fresh = context_->NewColumn(call.name, call.type, call.nullable);
    outputs[call.output] = fresh;
    output.push_back(fresh);
    call.output = fresh.id;
  }
  output = Added(std::move(output), below.columns);
  const LogicalPtr groups = MakeNode(std::move(made), {below.plan}, std::move(output), op.query, op.on_error);
  Result all = Reference();
  JoinOp join;
  join.kind = JoinOp::Kind::kLeft;
  join.keys = Matching(all.columns, below.columns);
  const LogicalPtr joined = Join(std::move(join), all.plan, groups, {});
  std::vector<std::pair<Column, ExprPtr>> columns = OfNoRows(aggregate.aggregates, outputs);
  all.plan = MakeNode(ProjectOp{std::move(columns)}, {joined}, Added(node->output(), all.columns), op.query, op.on_error);
  return all;
}

StatusOr<DomainPush::Result> DomainPush::PushJoin(const LogicalPtr& node) {
  using K = JoinOp::Kind;
  JoinOp join = *node->As<JoinOp>();
  const bool full = join.kind == K::kFull;
  bool left = Reads(node->inputs[0]) || full, right = Reads(node->inputs[1]) || full;
  if (!right || join.kind != K::kInner) left = true;  // the condition reads it, or what is absent on the right is told by the left
  Result l{node->inputs[0], {}}, r{node->inputs[1], {}};
  if (left) { ASSIGN_OR_RETURN(l, Push(node->inputs[0])); }
  if (right) { ASSIGN_OR_RETURN(r, Push(node->inputs[1])); }
  if (left && right) {
    const bool collides =
        std::any_of(r.columns.begin(), r.columns.end(), [&](const auto& c) { return FindColumn(l.plan->output(), c.second.id) != nullptr; });
    if (collides) {  // one node gave both their domain
      std::vector<std::pair<Column, ExprPtr>> renamed;
      std::vector<Column> output = node->inputs[1]->output();
      for (auto& [free, column] : r.columns) {
        const Column fresh = context_->NewColumn(column.name, column.type, column.nullable);
        renamed.emplace_back(fresh, MakeColumn(column));
        output.push_back(fresh);
        column = fresh;
      }
      r.plan = context_->Node(ProjectOp{std::move(renamed)}, {r.plan}, std::move(output));
    }
    for (const JoinOp::Key& key : Matching(l.columns, r.columns)) join.keys.push_back(key);
  }
  Result out;
  out.columns = left ? l.columns : r.columns;
  if (join.condition != nullptr) join.condition = Substitute(join.condition, out.columns);
  std::vector<Column> output;
  for (const Column& column : JoinOutput(join.kind, l.plan->output(), r.plan->output())) {
    const bool domain = std::any_of(out.columns.begin(), out.columns.end(), [&](const auto& c) { return c.second.id == column.id; });
    const bool other = full && std::any_of(r.columns.begin(), r.columns.end(), [&](const auto& c) { return c.second.id == column.id; });
    if (domain || other || FindColumn(node->output(), column.id) != nullptr) output.push_back(column);
  }
  out.plan = MakeNode(std::move(join), {l.plan, r.plan}, std::move(output), node->op.query, node->op.on_error);
  if (!full) return out;
  std::vector<std::pair<Column, ExprPtr>> either;
  for (auto& [free, column] : out.columns) {
    Column a = column, b = r.columns.at(free);
    a.nullable = b.nullable = true;
    column = context_->NewColumn(column.name, column.type, true);
    either.emplace_back(column, MakeExpr(ExprKind::kCoalesce, column.type, true, {MakeColumn(a), MakeColumn(b)}));
  }
  output = Added(node->output(), out.columns);
  out.plan = context_->Node(ProjectOp{std::move(either)}, {out.plan}, std::move(output));
  return out;
}

// ORDER BY and LIMIT for each row of the domain; an order without a limit is nobody's business here.
StatusOr<DomainPush::Result> DomainPush::PushSort(const LogicalPtr& node) {
  const auto& sort = *node->As<SortOp>();
  ASSIGN_OR_RETURN(Result below, Push(node->inputs[0]));
  if (!sort.limit && !sort.offset) return below;
  TopNOp top;
  for (const auto& [free, column] : below.columns) top.partition.push_back(column.id);
  top.order = sort.keys;
  top.user_keys = static_cast<int>(sort.keys.size());
  top.limit = sort.limit;
  top.offset = sort.offset;
  std::vector<Column> output = Added(node->output(), below.columns);
  return Result{MakeNode(std::move(top), {below.plan}, std::move(output), node->op.query, node->op.on_error), below.columns};
}

StatusOr<DomainPush::Result> DomainPush::PushValues(const LogicalPtr& node) {
  const auto& values = *node->As<ValuesOp>();
  UnionOp all;
  std::vector<LogicalPtr> rows;
  std::vector<Column> output = node->output();
  Result out;
  for (const auto& row : values.rows) {
    Result one = Reference();
    std::vector<std::pair<Column, ExprPtr>> columns;
    std::vector<ColumnId> ids;
    for (size_t i = 0; i < row.size(); ++i) {
      const Column& shown = node->output()[i];
      const Column column = values.rows.size() == 1 ? shown : context_->NewColumn(shown.name, shown.type, shown.nullable);
      columns.emplace_back(column, Substitute(row[i], one.columns));
      ids.push_back(column.id);
    }
    std::vector<Column> given;
    for (const auto& [column, expr] : columns) given.push_back(column);
    for (const auto& [free, column] : one.columns) ids.push_back(column.id);
    one.plan = MakeNode(ProjectOp{std::move(columns)}, {one.plan}, Added(std::move(given), one.columns), node->op.query, node->op.on_error);
    if (values.rows.size() == 1) return one;
    if (rows.empty()) {
      for (const auto& [free, column] : one.columns) {
        out.columns[free] = context_->NewColumn(column.name, column.type, column.nullable);
        output.push_back(out.columns[free]);
      }
    }
    all.inputs.push_back(std::move(ids));
    rows.push_back(one.plan);
  }
  out.plan = MakeNode(std::move(all), std::move(rows), std::move(output), node->op.query, node->op.on_error);
  return out;
}

// UNION ALL, INTERSECT, EXCEPT: the domain's columns are among those that are united or compared.
template <typename Op>
StatusOr<DomainPush::Result> DomainPush::PushAll(const LogicalPtr& node, Op op) {
  std::vector<LogicalPtr> inputs;
  std::vector<Column> output = node->output();
  Result out;
  for (size_t i = 0; i < node->inputs.size(); ++i) {
    ASSIGN_OR_RETURN(const Result one, Push(node->inputs[i]));
    for (const auto& [free, column] : one.columns) {
      op.inputs[i].push_back(column.id);
      if (i > 0) continue;
      out.columns[free] = context_->NewColumn(column.name, column.type, column.nullable);
      output.push_back(out.columns[free]);
    }
    inputs.push_back(one.plan);
  }
  out.plan = MakeNode(std::move(op), std::move(inputs), std::move(output), node->op.query, node->op.on_error);
  return out;
}

}  // namespace kappa
