#include "exec/runtime/join/join.h"

#include "planner/dataflow/dataflow.h"

namespace kappa {

StatusOr<std::unique_ptr<KeyedOperator>> MakeJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan) {
  const JoinOp& join = *op.As<JoinOp>();
  const bool plain = join.kind == JoinOp::Kind::kInner || join.kind == JoinOp::Kind::kLeft;
  if ((join.lookup || join.closest) && !plain)
    return SqlError(sqlstate::kFeatureNotSupported) << "temporal and ASOF joins are inner or left joins" << Hint("join what it gives");
  if (join.lookup && join.closest) return SqlError(sqlstate::kFeatureNotSupported) << "ASOF joins do not look up AS OF PROCTIME()";
  if (join.left_expiry) {
    for (size_t side = 0; side < 2; ++side) {
      const Expiry& expiry = side == 0 ? *join.left_expiry : *join.right_expiry;
      const KeyedPlan::Input& input = plan.inputs[side];
      if (SlotSize(input.layout.slots()[static_cast<size_t>(input.Find(expiry.time))].type.id()) != 8)
        return SqlError(sqlstate::kFeatureNotSupported) << "rows of a join expire by a timestamp only";
    }
  }
  if (join.lookup) return MakeLookupJoin(context, op, plan);
  if (join.closest && join.emit_on_close) return SqlError(sqlstate::kFeatureNotSupported) << "ASOF joins do not wait for windows to close";
  if (join.closest) return MakeClosestJoin(context, op, plan);
  return MakePairJoin(context, op, plan);
}

}  // namespace kappa
