// The aggregate of a SELECT: what is grouped by, and what the clauses behind GROUP BY read of groups.
#include <algorithm>
#include <set>

#include "planner/binder/select_state.h"
#include "planner/logical/join.h"

namespace kappa {

// The expression over the aggregate's output: keys and aggregates are columns there, anything else of the input is an error.
StatusOr<ExprPtr> QueryBinder::Grouped(const ExprPtr& expr, const SelectState& state) {
  for (const SelectState::Key& key : state.keys) {
    if (SameExpr(*key.expr, *expr)) return WithExprRange(MakeColumn(key.column), expr->range);
  }
  if (expr->kind == ExprKind::kColumn) {
    for (const AggregateCall& call : state.aggregates.calls)
      if (call.output == expr->column) return expr;
    for (const GroupingCall& call : state.aggregates.groupings)
      if (call.output.id == expr->column) return expr;
    // Of an outer query, or what stands for a subquery.
    if (FindColumn(state.input->output(), expr->column) == nullptr) return expr;
    for (const WindowCall& call : state.windows.calls)
      if (call.function.call.output == expr->column) return expr;
    std::string name;
    for (const ScopeColumn& column : state.from.scope.columns) {
      if (column.column.id == expr->column) name = column.table.empty() ? column.name : column.table + "." + column.name;
    }
    return SqlError(sqlstate::kGroupingError, expr->range)
           << "column \"" << name << "\" must appear in the GROUP BY clause or be used in an aggregate function";
  }
  if (expr->args.empty()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  for (ExprPtr& arg : copy->args) { ASSIGN_OR_RETURN(arg, Grouped(arg, state)); }
  return ExprPtr(copy);
}

// Columns of a table whose key is grouped have one value in each group: those that are read of a group are keys of it too.
void QueryBinder::AddDependentKeys(SelectState* state) {
  if (state->keys.empty() || state->sets.size() != 1 || state->sets[0].size() != state->keys.size()) return;
  std::set<ColumnId> grouped;
  for (const SelectState::Key& key : state->keys) {
    if (key.expr->kind == ExprKind::kColumn) grouped.insert(key.expr->column);
  }
  std::vector<Column> dependent;
  const auto look = [&](const auto& self, const LogicalNode& node) -> void {
    for (const LogicalPtr& input : node.inputs) self(self, *input);
    const LogicalNode* stored = &node;  // what the rows are read from, unless they are of several
    while (stored->inputs.size() == 1) stored = stored->inputs[0].get();
    if (stored->As<ScanOp>() == nullptr && stored->As<ViewScanOp>() == nullptr) return;
    const std::vector<ColumnId> unique = UniqueColumns(node);
    if (!unique.empty() && std::all_of(unique.begin(), unique.end(), [&](ColumnId id) { return grouped.contains(id); }))
      dependent.insert(dependent.end(), node.output().begin(), node.output().end());
  };
  look(look, *state->plan);
  const auto add = [&](const auto& self, const ExprPtr& expr) -> void {
    if (expr == nullptr) return;
    for (const ExprPtr& arg : expr->args) self(self, arg);
    if (expr->kind != ExprKind::kColumn || FindColumn(dependent, expr->column) == nullptr) return;
    const Column* column = FindColumn(state->plan->output(), expr->column);  // which an outer join may have made nullable
    if (column == nullptr || !grouped.insert(column->id).second) return;
    state->sets[0].push_back(static_cast<int>(state->keys.size()));
    state->keys.push_back({MakeColumn(*column), *column});
  };
  for (const SelectState::Item& item : state->items) add(add, item.bound);
  for (const auto* keys : {&state->order, &state->distinct_on}) {
    for (const SelectState::Order& order : *keys) add(add, order.expr);
  }
  add(add, state->having);
  for (WindowCall& call : state->windows.calls) {
    static_cast<void>(ForEachWindowExpr(&call, [&](ExprPtr* expr) -> Status {
      add(add, *expr);
      return OkStatus();
    }));
  }
}

Status QueryBinder::Aggregate(SelectState* state) {
  AddDependentKeys(state);
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = state->plan->output();
  std::vector<Column> keys;
  for (const SelectState::Key& key : state->keys) {
    keys.push_back(key.column);
    if (key.expr->kind == ExprKind::kColumn && key.expr->column == key.column.id) continue;
    computed.emplace_back(key.column, key.expr);
    output.push_back(key.column);
  }
  LogicalPtr input = state->plan;
  state->input = input;
  if (!computed.empty()) input = context_->Node(ProjectOp{std::move(computed)}, {input}, std::move(output));
  if (state->sets.size() == 1 && state->sets[0].size() == keys.size() && state->aggregates.groupings.empty()) {
    ASSIGN_OR_RETURN(state->plan, MakeAggregate(std::move(input), std::move(keys), state->aggregates.calls));
  } else {
    std::vector<ExprPtr> exprs;
    for (const SelectState::Key& key : state->keys) exprs.push_back(key.expr);
    ASSIGN_OR_RETURN(state->plan, AggregateSets(std::move(input), exprs, &keys, state->aggregates, state->sets));
    for (size_t i = 0; i < keys.size(); ++i) state->keys[i].column = keys[i];
  }
  for (SelectState::Item& item : state->items) { ASSIGN_OR_RETURN(item.bound, Grouped(item.bound, *state)); }
  for (auto* keys : {&state->order, &state->distinct_on}) {
    for (SelectState::Order& order : *keys) {
      if (order.expr == nullptr) continue;
      ASSIGN_OR_RETURN(order.expr, Grouped(order.expr, *state));
    }
  }
  for (WindowCall& call : state->windows.calls) {
    RETURN_IF_ERROR(ForEachWindowExpr(&call, [&](ExprPtr* expr) -> Status {
      ASSIGN_OR_RETURN(*expr, Grouped(*expr, *state));
      return OkStatus();
    }));
  }
  if (state->having != nullptr) {
    ASSIGN_OR_RETURN(ExprPtr having, Grouped(state->having, *state));
    RETURN_IF_ERROR(GroupSubqueries(state));
    ASSIGN_OR_RETURN(state->plan, SubqueryPlacer(context_, &state->subqueries).Filter(state->plan, having));
  } else {
    RETURN_IF_ERROR(GroupSubqueries(state));
  }
  return OkStatus();
}

// The subqueries that are asked of groups: of their rows they read what the rows are grouped by.
Status QueryBinder::GroupSubqueries(SelectState* state) {
  for (PendingSubquery& subquery : state->subqueries.pending) {
    if (subquery.placed) continue;
    if (subquery.compared != nullptr) { ASSIGN_OR_RETURN(subquery.compared, Grouped(subquery.compared, *state)); }
    LogicalPlan plan;
    plan.roots = {subquery.plan};
    RewriteBottomUp(&plan, [&](const LogicalPtr& node) -> LogicalPtr {
      auto copy = std::make_shared<LogicalNode>(*node);
      bool changed = false;
      ForEachExpr(&copy->op, [&](ExprPtr* expr) {
        for (const SelectState::Key& key : state->keys) {
          const ExprPtr before = *expr;
          *expr = RewriteExpr(before, [&](const ExprPtr& e) { return SameExpr(*e, *key.expr) ? MakeColumn(key.column) : e; });
          changed |= *expr != before;
        }
      });
      return changed ? copy : node;
    });
    subquery.plan = plan.roots[0];
    for (ColumnId id : FreeColumns(subquery.plan)) {
      const bool key = std::any_of(state->keys.begin(), state->keys.end(), [&](const auto& k) { return k.column.id == id; });
      if (key || FindColumn(state->input->output(), id) == nullptr) continue;
      for (const ScopeColumn& column : state->from.scope.columns) {
        if (column.column.id != id) continue;
        return SqlError(sqlstate::kGroupingError, subquery.written->range)
               << "subquery uses ungrouped column \"" << (column.table.empty() ? "" : column.table + ".") << column.name << "\" from outer query";
      }
    }
  }
  return OkStatus();
}

}  // namespace kappa
