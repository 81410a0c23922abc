// Arithmetic on intervals as the operators do it. Host code.
#pragma once

#include "functions/call_context.h"
#include "types/values.h"

namespace kappa {

bool DivideInterval(CallContext& c, const Interval& interval, double divisor, Interval* out);
// low + share * (high - low)
bool InterpolateInterval(CallContext& c, const Interval& low, const Interval& high, double share, Interval* out);

}  // namespace kappa
