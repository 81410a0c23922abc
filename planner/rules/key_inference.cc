// key_inference: what holds of every row below holds above. Append-only is derived anew from the sources up; a DISTINCT over rows that a key tells
// apart already goes, and so does a left join to a key of which nothing is read. Keeps: schema.
#include <algorithm>

#include "planner/logical/join.h"
#include "planner/rules/rule.h"

namespace kappa {
namespace {

// A left join that meets at most one row of the right, of which nobody reads a column.
bool AddsNothing(const LogicalNode& node) {
  const auto* join = node.As<JoinOp>();
  if (join == nullptr || join->kind != JoinOp::Kind::kLeft || join->closest || join->lookup || join->left_expiry) return false;
  const LogicalNode& right = *node.inputs[1];
  if (std::any_of(node.output().begin(), node.output().end(), [&](const Column& column) { return FindColumn(right.output(), column.id) != nullptr; }))
    return false;
  const std::vector<ColumnId> unique = UniqueColumns(right);
  return IsAtMostOneRow(right) || (!unique.empty() && std::all_of(unique.begin(), unique.end(), [&](ColumnId id) {
           return std::any_of(join->keys.begin(), join->keys.end(), [&](const JoinOp::Key& key) { return key.right == id; });
         }));
}

// Its first input, of which nothing is seen that the node hides: a join above may have the hidden columns on its other side.
LogicalPtr WithoutNode(const LogicalNode& node) {
  const LogicalPtr& input = node.inputs[0];
  if (input->output().size() == node.output().size()) return input;
  return MakeNode(ProjectOp{}, {input}, node.output(), node.op.query, node.op.on_error);
}

class KeyInference final : public Rule {
 public:
  std::string_view name() const override { return "key_inference"; }
  void Apply(LogicalPlan* plan, ProgramContext*) const override {
    RewriteBottomUp(plan, [](const LogicalPtr& node) -> LogicalPtr {
      if (AddsNothing(*node)) return WithoutNode(*node);
      const auto* aggregate = node->As<AggregateOp>();
      const bool only_keys = aggregate != nullptr && std::all_of(aggregate->aggregates.begin(), aggregate->aggregates.end(), [&](const auto& call) {
                               return FindColumn(aggregate->keys, call.output) != nullptr;
                             });
      if (only_keys && !aggregate->keys.empty() && !aggregate->fused_window && !aggregate->emit_on_close) {
        const std::vector<ColumnId> unique = UniqueColumns(*node->inputs[0]);
        const bool distinct =
            !unique.empty() && std::all_of(unique.begin(), unique.end(), [&](ColumnId id) { return FindColumn(aggregate->keys, id) != nullptr; });
        if (distinct) return WithoutNode(*node);
      }
      const bool inputs = std::all_of(node->inputs.begin(), node->inputs.end(), [](const LogicalPtr& input) { return input->op.append_only; });
      return node->op.append_only == InfersAppendOnly(node->op, inputs) ? node : WithInputs(*node, node->inputs);
    });
  }
};

}  // namespace

std::unique_ptr<Rule> MakeKeyInference() { return std::make_unique<KeyInference>(); }

}  // namespace kappa
