// column_pruning: an operator gives only what those above read; what is not read is not computed, and at the end not decoded.
// Keeps: the schemas of sinks, views and results; keys.
#include <algorithm>

#include "planner/rules/renaming.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

using Needs = std::set<ColumnId>;

// The operator without what nobody needs.
PlanOperator Pruned(const PlanOperator& op, const Needs& needs) {
  PlanOperator out = op;
  const auto* sort = op.As<SortOp>();  // keeps what it sorts by among its rows
  auto sorted_by = [&](ColumnId id) {
    return sort != nullptr && std::any_of(sort->keys.begin(), sort->keys.end(), [&](const auto& key) { return key.column == id; });
  };
  const auto* fill = op.As<GapFillOp>();  // likewise
  auto filled_by = [&](ColumnId id) {
    return fill != nullptr && (id == fill->time || std::find(fill->partition.begin(), fill->partition.end(), id) != fill->partition.end());
  };
  auto needed = [&](ColumnId id) { return needs.count(id) > 0 || sorted_by(id) || filled_by(id); };
  if (out.As<SinkOp>() || out.As<MaterializeOp>() || out.As<ResultOp>()) return out;
  if (out.As<SetOperationOp>() || out.As<RecursionOp>()) return out;  // rows are compared whole
  if (auto* scan = std::get_if<ScanOp>(&out.op)) std::erase_if(scan->columns, [&](const auto& c) { return !needed(c.column.id); });
  if (auto* project = std::get_if<ProjectOp>(&out.op)) std::erase_if(project->columns, [&](const auto& c) { return !needed(c.first.id); });
  if (auto* aggregate = std::get_if<AggregateOp>(&out.op))
    std::erase_if(aggregate->aggregates, [&](const AggregateCall& c) { return !needed(c.output); });
  if (auto* session = std::get_if<AggregateOp>(&out.op); session != nullptr && session->rows) {
    const WindowSpec& window = *session->window;
    std::erase_if(session->keys, [&](const Column& key) {
      const bool held = key.id == window.start || key.id == window.end ||
                        std::find(window.partition.begin(), window.partition.end(), key.id) != window.partition.end();
      return !held && !needed(key.id);
    });
  }
  if (auto* watermark = std::get_if<WatermarkOp>(&out.op); watermark != nullptr && !needed(watermark->current)) watermark->current = kNoColumn;
  if (auto* window = std::get_if<WindowOp>(&out.op)) {
    if (!needed(window->window.start)) window->window.start = kNoColumn;
    if (!needed(window->window.end)) window->window.end = kNoColumn;
  }
  if (auto* table = std::get_if<TableFunctionOp>(&out.op); table != nullptr && !needed(table->ordinality.id)) table->ordinality = Column();
  if (auto* top = std::get_if<TopNOp>(&out.op); top != nullptr && !needed(top->rank.id)) top->rank = Column();
  if (auto* over = std::get_if<OverOp>(&out.op)) std::erase_if(over->functions, [&](const auto& f) { return !needed(f.call.output); });
  if (auto* gaps = std::get_if<GapFillOp>(&out.op)) std::erase_if(gaps->fills, [&](const auto& one) { return !needed(one.first); });
  std::vector<size_t> kept;
  for (size_t i = 0; i < op.output.size(); ++i)
    if (needed(op.output[i].id)) kept.push_back(i);
  auto keep = [&](auto* items) {
    auto old = *items;
    items->clear();
    for (size_t i : kept) items->push_back(old[i]);
  };
  if (auto* values = std::get_if<ValuesOp>(&out.op))
    for (auto& row : values->rows) keep(&row);
  if (auto* scan = std::get_if<ViewScanOp>(&out.op)) keep(&scan->columns);
  if (auto* u = std::get_if<UnionOp>(&out.op))
    for (auto& input : u->inputs) keep(&input);
  keep(&out.output);
  const auto forget = [&](std::vector<ColumnId>* unique) {  // rows may be alike in what is left of a key
    if (std::any_of(unique->begin(), unique->end(), [&](ColumnId id) { return FindColumn(out.output, id) == nullptr; })) unique->clear();
  };
  if (auto* scan = std::get_if<ScanOp>(&out.op)) forget(&scan->unique);
  if (auto* scan = std::get_if<ViewScanOp>(&out.op)) forget(&scan->unique);
  return out;
}

class ColumnPruning final : public Rule {
 public:
  std::string_view name() const override { return "column_pruning"; }

  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    std::map<const LogicalNode*, Needs> needs;
    std::map<const LogicalNode*, PlanOperator> pruned;
    const std::vector<LogicalPtr> order = TopologicalOrder(*plan);
    for (auto it = order.rbegin(); it != order.rend(); ++it) {
      const LogicalNode& node = **it;
      PlanOperator op = Pruned(node.op, needs[&node]);
      const std::vector<ColumnId> reads = ReadColumns(op);
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        Needs& below = needs[node.inputs[i].get()];
        if (const auto* u = op.As<UnionOp>()) {
          below.insert(u->inputs[i].begin(), u->inputs[i].end());
          continue;
        }
        if (const auto* set = op.As<SetOperationOp>()) {
          below.insert(set->inputs[i].begin(), set->inputs[i].end());
          continue;
        }
        below.insert(reads.begin(), reads.end());
        if (node.As<AggregateOp>()) continue;
        for (const Column& column : op.output) {
          if (FindColumn(node.inputs[i]->output(), column.id) != nullptr) below.insert(column.id);
        }
      }
      pruned.emplace(&node, std::move(op));
    }
    Rebuild(plan, order, &pruned);
  }

 private:
  static void Rebuild(LogicalPlan* plan, const std::vector<LogicalPtr>& order, std::map<const LogicalNode*, PlanOperator>* pruned) {
    std::map<const LogicalNode*, LogicalPtr> done;
    for (const LogicalPtr& original : order) {
      std::vector<LogicalPtr> inputs;
      for (const LogicalPtr& input : original->inputs) inputs.push_back(done.at(input.get()));
      if (original->As<JoinOp>() != nullptr) KeepApart(*original, &inputs);
      auto node = std::make_shared<LogicalNode>(*original);
      node->op = std::move(pruned->at(original.get()));
      const auto* project = node->As<ProjectOp>();
      const auto* over = node->As<OverOp>();
      const bool nothing = (project != nullptr && project->columns.empty()) || (over != nullptr && over->functions.empty());
      done[original.get()] = nothing ? inputs[0] : WithInputs(*node, std::move(inputs));
    }
    for (LogicalPtr& root : plan->roots) root = done.at(root.get());
  }
};

}  // namespace

std::unique_ptr<Rule> MakeColumnPruning() { return std::make_unique<ColumnPruning>(); }

}  // namespace kappa
