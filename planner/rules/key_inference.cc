// key_inference: what holds of every row below holds above. Append-only is derived anew from the sources up; a DISTINCT over rows that a key tells
// apart already goes. Keeps: schema.
#include <algorithm>

#include "planner/rules/rule.h"

namespace kappa {
namespace {

class KeyInference final : public Rule {
 public:
  std::string_view name() const override { return "key_inference"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    RewriteBottomUp(plan, [](const LogicalPtr& node) -> LogicalPtr {
      const auto* aggregate = node->As<AggregateOp>();
      const bool only_keys = aggregate != nullptr && std::all_of(aggregate->aggregates.begin(), aggregate->aggregates.end(), [&](const auto& call) {
                               return FindColumn(aggregate->keys, call.output) != nullptr;
                             });
      if (only_keys && !aggregate->keys.empty() && !aggregate->fused_window && !aggregate->emit_on_close) {
        const std::vector<ColumnId> unique = UniqueColumns(*node->inputs[0]);
        const bool distinct =
            !unique.empty() && std::all_of(unique.begin(), unique.end(), [&](ColumnId id) { return FindColumn(aggregate->keys, id) != nullptr; });
        if (distinct) return node->inputs[0];
      }
      const bool inputs = std::all_of(node->inputs.begin(), node->inputs.end(), [](const LogicalPtr& input) { return input->op.append_only; });
      return node->op.append_only == InfersAppendOnly(node->op, inputs) ? node : WithInputs(*node, node->inputs);
    });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeKeyInference() { return std::make_unique<KeyInference>(); }

}  // namespace kappa
