// Which keyed operator runs what.
#include "exec/keyed_plan.h"
#include "exec/runtime/keyed_operator.h"

namespace kappa {

StatusOr<std::unique_ptr<KeyedOperator>> MakeKeyedOperator(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan,
                                                           const std::vector<Datum>& parameters) {
  return SqlError(sqlstate::kFeatureNotSupported) << "the operator " << OperatorName(op) << " is not supported yet";
}

}  // namespace kappa
