// Statements that must not wait for LLVM: a SELECT without FROM, evaluated by native calls.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "planner/dataflow/dataflow.h"

namespace kappa {

// Constants in, a result out, nothing in between but projections.
bool IsNativeSelect(const Dataflow& dataflow);
Status RunNativeSelect(const Dataflow& dataflow, const std::vector<Datum>& parameters, Results* results);

}  // namespace kappa
