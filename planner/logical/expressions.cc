// Walking and rewriting the expressions and the column ids of operators.
#include <algorithm>

#include "planner/logical/logical.h"

namespace kappa {

void ForEachExpr(PlanOperator* op, const std::function<void(ExprPtr*)>& fn) {
  if (auto* filter = std::get_if<FilterOp>(&op->op)) fn(&filter->predicate);
  if (auto* project = std::get_if<ProjectOp>(&op->op)) {
    for (auto& [column, expr] : project->columns) fn(&expr);
  }
  if (auto* table = std::get_if<TableFunctionOp>(&op->op)) {
    for (ExprPtr& arg : table->args) fn(&arg);
  }
  if (auto* values = std::get_if<ValuesOp>(&op->op)) {
    for (auto& row : values->rows)
      for (ExprPtr& expr : row) fn(&expr);
  }
  auto of_call = [&](AggregateCall& call) {
    for (ExprPtr& arg : call.args) fn(&arg);
    for (AggregateOrder& key : call.order) fn(&key.expr);
    if (call.filter) fn(&call.filter);
  };
  if (auto* aggregate = std::get_if<AggregateOp>(&op->op)) {
    for (AggregateCall& call : aggregate->aggregates) of_call(call);
  }
  if (auto* over = std::get_if<OverOp>(&op->op)) {
    for (OverOp::Function& function : over->functions) of_call(function.call);
  }
  if (auto* join = std::get_if<JoinOp>(&op->op); join != nullptr && join->condition) fn(&join->condition);
  if (auto* scan = std::get_if<ViewScanOp>(&op->op)) {
    for (auto& [position, value] : scan->equal) fn(&value);
  }
}

void ForEachExpr(const PlanOperator& op, const std::function<void(const Expr&)>& fn) {
  // The expressions are not changed: only the traversal is shared.
  ForEachExpr(const_cast<PlanOperator*>(&op), [&](ExprPtr* expr) { fn(**expr); });
}

ExprPtr RewriteExpr(const ExprPtr& expr, const std::function<ExprPtr(const ExprPtr&)>& fn) {
  bool changed = false;
  std::vector<ExprPtr> args;
  args.reserve(expr->args.size());
  for (const ExprPtr& arg : expr->args) {
    args.push_back(RewriteExpr(arg, fn));
    changed |= args.back() != arg;
  }
  if (!changed) return fn(expr);
  auto copy = std::make_shared<Expr>(*expr);
  // What the binder knew of the result (ARRAY[...] is never NULL) holds as long as the arguments are no more often NULL than they were.
  bool more_nulls = false;
  for (size_t i = 0; i < args.size(); ++i) more_nulls |= args[i]->nullable && !expr->args[i]->nullable;
  if (expr->kind == ExprKind::kCall && (expr->nullable || more_nulls)) {
    const bool null_argument = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
    copy->nullable = expr->function->nullable_result || (expr->function->strict && null_argument);
  }
  copy->args = std::move(args);
  return fn(copy);
}

ExprPtr ReplaceColumns(const ExprPtr& expr, const std::map<ColumnId, ExprPtr>& replacements) {
  return RewriteExpr(expr, [&](const ExprPtr& node) {
    if (node->kind != ExprKind::kColumn) return node;
    const auto found = replacements.find(node->column);
    return found == replacements.end() ? node : found->second;
  });
}

bool SameExpr(const Expr& a, const Expr& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.column != b.column || a.parameter != b.parameter || a.field != b.field || a.function != b.function ||
      a.args.size() != b.args.size() || !(a.type == b.type)) {
    return false;
  }
  if (a.kind == ExprKind::kConstant) {
    if (a.constant.is_null() != b.constant.is_null()) return false;
    if (!a.constant.is_null() && a.constant.ToSqlLiteral(a.type) != b.constant.ToSqlLiteral(b.type)) return false;
  }
  for (size_t i = 0; i < a.args.size(); ++i) {
    if (!SameExpr(*a.args[i], *b.args[i])) return false;
  }
  return true;
}

std::vector<ExprPtr> Conjuncts(const ExprPtr& predicate) {
  if (predicate->kind != ExprKind::kAnd) return {predicate};
  std::vector<ExprPtr> out;
  for (const ExprPtr& arg : predicate->args) {
    for (ExprPtr& conjunct : Conjuncts(arg)) out.push_back(std::move(conjunct));
  }
  return out;
}

ExprPtr MakeAnd(std::vector<ExprPtr> conjuncts) {
  if (conjuncts.size() == 1) return conjuncts[0];
  const bool nullable = std::any_of(conjuncts.begin(), conjuncts.end(), [](const ExprPtr& e) { return e->nullable; });
  return MakeExpr(ExprKind::kAnd, TypeId::kBool, nullable, std::move(conjuncts));
}

bool IsTrivial(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kConstant:
    case ExprKind::kParameter:
    case ExprKind::kColumn:
      return true;
    case ExprKind::kField:
      return IsTrivial(*expr.args[0]);
    default:
      return false;
  }
}

std::vector<ColumnId> ReadColumns(const PlanOperator& op) {
  std::vector<ColumnId> columns;
  ForEachExpr(op, [&](const Expr& expr) { CollectColumns(expr, &columns); });
  auto add = [&](ColumnId id) {
    if (id != kNoColumn && std::find(columns.begin(), columns.end(), id) == columns.end()) columns.push_back(id);
  };
  if (const auto* watermark = op.As<WatermarkOp>()) {
    add(watermark->time);
    add(watermark->candidate);
  }
  if (const auto* window = op.As<WindowOp>()) add(window->window.time);
  if (const auto* check = op.As<LateCheckOp>()) add(check->time);
  if (const auto* sort = op.As<SortOp>())
    for (const auto& key : sort->keys) add(key.column);
  if (const auto* fill = op.As<GapFillOp>()) {
    add(fill->time);
    for (ColumnId id : fill->partition) add(id);
  }
  if (const auto* u = op.As<UnionOp>())
    for (const auto& input : u->inputs)
      for (ColumnId id : input) add(id);
  if (const auto* aggregate = op.As<AggregateOp>()) {
    for (const Column& key : aggregate->keys) add(key.id);
    if (aggregate->fused_window) add(aggregate->window->time);
  }
  if (const auto* join = op.As<JoinOp>()) {
    for (const JoinOp::Key& key : join->keys) {
      add(key.left);
      add(key.right);
    }
    if (join->closest) {
      add(join->closest->left);
      add(join->closest->right);
    }
    if (join->left_expiry) add(join->left_expiry->time);
    if (join->right_expiry) add(join->right_expiry->time);
  }
  auto add_ranked = [&](const std::vector<ColumnId>& partition, const std::vector<SortOp::Key>& order) {
    for (ColumnId id : partition) add(id);
    for (const SortOp::Key& key : order) add(key.column);
  };
  if (const auto* top = op.As<TopNOp>()) add_ranked(top->partition, top->order);
  if (const auto* over = op.As<OverOp>()) add_ranked(over->partition, over->order);
  if (const auto* set = op.As<SetOperationOp>())
    for (const auto& input : set->inputs)
      for (ColumnId id : input) add(id);
  if (const auto* filter = op.As<TemporalFilterOp>()) {
    add(filter->from);
    add(filter->until);
  }
  if (op.As<SinkOp>() || op.As<MaterializeOp>() || op.As<ResultOp>())
    for (const Column& column : op.output) add(column.id);
  return columns;
}

void RenameColumns(PlanOperator* op, const std::map<ColumnId, ColumnId>& names) {
  auto rename = [&](ColumnId* id) {
    if (const auto found = names.find(*id); found != names.end()) *id = found->second;
  };
  auto rename_window = [&](WindowSpec* window) {
    rename(&window->time);
    rename(&window->start);
    rename(&window->end);
    for (ColumnId& id : window->partition) rename(&id);
  };
  auto rename_watermark = [&](WatermarkOp* watermark) {
    rename(&watermark->time);
    rename(&watermark->candidate);
    rename(&watermark->current);
  };
  ForEachExpr(op, [&](ExprPtr* expr) {
    *expr = RewriteExpr(*expr, [&](const ExprPtr& node) {
      if (node->kind != ExprKind::kColumn || !names.count(node->column)) return node;
      auto copy = std::make_shared<Expr>(*node);
      rename(&copy->column);
      return ExprPtr(copy);
    });
  });
  for (Column& column : op->output) rename(&column.id);
  if (auto* scan = std::get_if<ScanOp>(&op->op)) {
    for (auto& column : scan->columns) rename(&column.column.id);
    for (ColumnId& id : scan->unique) rename(&id);
  }
  if (auto* scan = std::get_if<ViewScanOp>(&op->op))
    for (ColumnId& id : scan->unique) rename(&id);
  if (auto* project = std::get_if<ProjectOp>(&op->op))
    for (auto& [column, expr] : project->columns) rename(&column.id);
  if (auto* table = std::get_if<TableFunctionOp>(&op->op)) {
    for (Column& column : table->columns) rename(&column.id);
    rename(&table->ordinality.id);
  }
  if (auto* watermark = std::get_if<WatermarkOp>(&op->op)) rename_watermark(watermark);
  if (auto* window = std::get_if<WindowOp>(&op->op)) rename_window(&window->window);
  if (auto* check = std::get_if<LateCheckOp>(&op->op)) rename(&check->time);
  if (auto* u = std::get_if<UnionOp>(&op->op))
    for (auto& input : u->inputs)
      for (ColumnId& id : input) rename(&id);
  if (auto* sort = std::get_if<SortOp>(&op->op))
    for (auto& key : sort->keys) rename(&key.column);
  if (auto* fill = std::get_if<GapFillOp>(&op->op)) {
    rename(&fill->time);
    for (ColumnId& id : fill->partition) rename(&id);
    for (auto& [id, how] : fill->fills) rename(&id);
  }
  if (auto* join = std::get_if<JoinOp>(&op->op)) {
    for (JoinOp::Key& key : join->keys) {
      rename(&key.left);
      rename(&key.right);
    }
    if (join->closest) {
      rename(&join->closest->left);
      rename(&join->closest->right);
    }
    if (join->left_expiry) rename(&join->left_expiry->time);
    if (join->right_expiry) rename(&join->right_expiry->time);
  }
  auto rename_ranked = [&](auto* ranked) {
    for (ColumnId& id : ranked->partition) rename(&id);
    for (SortOp::Key& key : ranked->order) rename(&key.column);
    if (ranked->expiry) rename(&ranked->expiry->time);
  };
  if (auto* top = std::get_if<TopNOp>(&op->op)) {
    rename_ranked(top);
    rename(&top->rank.id);
  }
  if (auto* over = std::get_if<OverOp>(&op->op)) {
    rename_ranked(over);
    for (OverOp::Function& function : over->functions) rename(&function.call.output);
  }
  if (auto* set = std::get_if<SetOperationOp>(&op->op))
    for (auto& input : set->inputs)
      for (ColumnId& id : input) rename(&id);
  if (auto* filter = std::get_if<TemporalFilterOp>(&op->op)) {
    rename(&filter->from);
    rename(&filter->until);
  }
  if (auto* aggregate = std::get_if<AggregateOp>(&op->op)) {
    for (Column& key : aggregate->keys) rename(&key.id);
    for (AggregateCall& call : aggregate->aggregates) rename(&call.output);
    if (aggregate->window) rename_window(&*aggregate->window);
  }
}

}  // namespace kappa
