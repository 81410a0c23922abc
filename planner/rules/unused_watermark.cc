// unused_watermark: where nothing above needs to know the time, nobody follows it.
// Needs: no late check, no windowed aggregate and nothing that forgets rows above. Keeps: schema, keys.
#include "planner/rules/rule.h"

namespace kappa {
namespace {

class UnusedWatermark final : public Rule {
 public:
  std::string_view name() const override { return "unused_watermark"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    const std::vector<LogicalPtr> order = TopologicalOrder(*plan);
    std::set<const LogicalNode*> timed;  // a temporal operator stands at or above them
    for (auto node = order.rbegin(); node != order.rend(); ++node) {
      const auto* aggregate = (*node)->As<AggregateOp>();
      const auto* watermark = (*node)->As<WatermarkOp>();
      if (watermark != nullptr && watermark->current != kNoColumn) timed.insert(node->get());  // CURRENT_WATERMARK asks it
      if (const auto* join = (*node)->As<JoinOp>(); join != nullptr && join->left_expiry) timed.insert(node->get());
      if (const auto* top = (*node)->As<TopNOp>(); top != nullptr && top->expiry) timed.insert(node->get());
      if (const auto* over = (*node)->As<OverOp>(); over != nullptr && over->expiry) timed.insert(node->get());
      if ((*node)->As<LateCheckOp>() || (aggregate != nullptr && aggregate->window)) timed.insert(node->get());
      if (timed.count(node->get()) == 0) continue;
      for (const LogicalPtr& input : (*node)->inputs) timed.insert(input.get());
    }
    std::map<const LogicalNode*, LogicalPtr> done;
    for (const LogicalPtr& original : order) {
      std::vector<LogicalPtr> inputs;
      for (const LogicalPtr& input : original->inputs) inputs.push_back(done.at(input.get()));
      if (original->As<WatermarkOp>() && timed.count(original.get()) == 0) {
        done[original.get()] = inputs[0];
        continue;
      }
      done[original.get()] = inputs == original->inputs ? original : WithInputs(*original, std::move(inputs));
    }
    for (LogicalPtr& root : plan->roots) root = done.at(root.get());
  }
};

}  // namespace

std::unique_ptr<Rule> MakeUnusedWatermark() { return std::make_unique<UnusedWatermark>(); }

}  // namespace kappa
