// Random bits for volatile functions: one sequence a worker, seeded from the process's environment when it is first asked for.
#pragma once

#include <cstdint>

#include "functions/call_context.h"

namespace kappa {

uint64_t NextRandomBits(CallContext& c);

}  // namespace kappa
