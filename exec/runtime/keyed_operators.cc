// Which keyed operator runs what.
#include "exec/keyed_plan.h"
#include "exec/runtime/join/join.h"
#include "exec/runtime/keyed_operator.h"
#include "exec/runtime/over.h"
#include "exec/runtime/recursion.h"
#include "exec/runtime/set_operation.h"
#include "exec/runtime/temporal_filter.h"
#include "exec/runtime/top_n.h"

namespace kappa {

StatusOr<std::unique_ptr<KeyedOperator>> MakeKeyedOperator(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan,
                                                           const std::vector<Datum>& parameters) {
  if (op.As<JoinOp>()) return MakeJoin(context, op, plan);
  if (op.As<TopNOp>() != nullptr) return MakeTopN(context, op, plan);
  if (op.As<OverOp>() != nullptr) return MakeOver(context, op, plan, parameters);
  if (IsRecursive(op)) return std::make_unique<Recursion>(context, op.id, *op.As<SetOperationOp>(), plan);
  if (const auto* set = op.As<SetOperationOp>()) return std::make_unique<SetOperation>(context, op.id, *set, plan);
  if (const auto* filter = op.As<TemporalFilterOp>()) return std::make_unique<TemporalFilter>(context, op.id, *filter, plan);
  return SqlError(sqlstate::kFeatureNotSupported) << "the operator " << OperatorName(op) << " is not supported yet";
}

}  // namespace kappa
