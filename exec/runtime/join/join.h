// Joins as keyed operators (JoinOp says what they mean). One of three: of pairs (all but the next two), lookups (AS OF PROCTIME), closest (ASOF).
#pragma once

#include <memory>

#include "exec/keyed_plan.h"
#include "exec/runtime/keyed_operator.h"

namespace kappa {

// 0A000: what this build cannot run.
StatusOr<std::unique_ptr<KeyedOperator>> MakeJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan);
std::unique_ptr<KeyedOperator> MakePairJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan);
std::unique_ptr<KeyedOperator> MakeLookupJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan);
std::unique_ptr<KeyedOperator> MakeClosestJoin(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan);

}  // namespace kappa
