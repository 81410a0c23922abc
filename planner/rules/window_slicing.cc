// window_slicing: an aggregate by a window assigns the windows itself. A row is then added once, to its slice, instead of once per window that holds
// it.
//
//   Aggregate(window_start, k) <- Project <- Window(ts)    ->    Aggregate(window_start, k; window fused) <- Project
//
// Needs: nothing but the keys reads the window; the projections between cannot fail. Keeps: schema, keys.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

bool Reads(const PlanOperator& op, const WindowSpec& window) {
  bool reads = false;
  ForEachExpr(op, [&](const Expr& expr) {
    std::vector<ColumnId> columns;
    CollectColumns(expr, &columns);
    for (ColumnId id : columns) reads |= id == window.start || id == window.end;
  });
  return reads;
}

bool Fails(const PlanOperator& op) {
  bool fails = false;
  ForEachExpr(op, [&](const Expr& expr) { fails |= IsFallible(expr); });
  return fails;
}

class WindowSlicing final : public Rule {
 public:
  std::string_view name() const override { return "window_slicing"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    const auto consumers = ConsumerCounts(*plan);
    std::set<ColumnId> shared;  // windows whose rows others read too
    for (const auto& [node, count] : consumers) {
      if (const auto* window = node->As<WindowOp>(); window != nullptr && count > 1) shared.insert(window->window.start);
    }
    RewriteBottomUp(plan, [&](const LogicalPtr& node) { return Fuse(node, shared); });
  }

 private:
  static LogicalPtr Fuse(const LogicalPtr& node, const std::set<ColumnId>& shared) {
    const auto* aggregate = node->As<AggregateOp>();
    if (aggregate == nullptr || !aggregate->window || aggregate->fused_window) return node;
    std::vector<LogicalPtr> between;
    LogicalPtr below = node->inputs[0];
    while (below->As<ProjectOp>()) {
      between.push_back(below);
      below = below->inputs[0];
    }
    const auto* window = below->As<WindowOp>();
    if (window == nullptr || window->window.time != aggregate->window->time || shared.count(window->window.start)) return node;
    const WindowSpec& spec = window->window;
    const bool mine = (aggregate->window->start == kNoColumn || aggregate->window->start == spec.start) &&
                      (aggregate->window->end == kNoColumn || aggregate->window->end == spec.end);
    if (!mine || Reads(node->op, spec)) return node;
    for (const LogicalPtr& project : between)
      if (Reads(project->op, spec) || Fails(project->op)) return node;
    LogicalPtr input = below->inputs[0];
    for (auto project = between.rbegin(); project != between.rend(); ++project) {
      auto copy = std::make_shared<LogicalNode>(*WithInputs(**project, {input}));
      std::erase_if(copy->op.output, [&](const Column& column) { return column.id == spec.start || column.id == spec.end; });
      if (FindColumn(copy->op.output, spec.time) == nullptr) copy->op.output.push_back(*FindColumn(input->output(), spec.time));
      input = copy;
    }
    auto fused = std::make_shared<LogicalNode>(*node);
    std::get<AggregateOp>(fused->op.op).fused_window = true;
    fused->inputs = {input};
    return fused;
  }
};

}  // namespace

std::unique_ptr<Rule> MakeWindowSlicing() { return std::make_unique<WindowSlicing>(); }

}  // namespace kappa
