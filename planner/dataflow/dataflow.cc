#include "planner/dataflow/dataflow.h"

#include <cassert>

namespace kappa {

const PlanOperator& Dataflow::Get(OperatorId id) const {
  for (const PlanOperator& op : operators) {
    if (op.id == id) return op;
  }
  assert(false && "no operator with this id: Verify was not asked");
  return operators.front();
}

std::vector<OperatorId> Dataflow::ConsumersOf(OperatorId id) const {
  std::vector<OperatorId> consumers;
  for (const PlanOperator& op : operators) {
    for (OperatorId input : op.inputs) {
      if (input == id) {
        consumers.push_back(op.id);
        break;
      }
    }
  }
  return consumers;
}

bool IsRecursive(const PlanOperator& op) {
  const auto* set = op.As<SetOperationOp>();
  return set != nullptr && set->kind == SetOperationOp::Kind::kRecursive;
}

std::string_view OperatorName(const PlanOperator& op) {
  static constexpr std::string_view kNames[] = {"Scan",        "Values",       "ViewScan",       "Watermark",     "Filter", "Project",
                                                "Window",      "LateCheck",    "Aggregate",      "Union",         "Sort",   "Sink",
                                                "Materialize", "Result",       "GapFill",        "TableFunction", "Join",   "TopN",
                                                "Over",        "SetOperation", "TemporalFilter", "Recursion"};
  static_assert(std::size(kNames) == std::variant_size_v<decltype(PlanOperator::op)>);
  return kNames[op.op.index()];
}

}  // namespace kappa
