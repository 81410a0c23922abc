// What aggregates over ordered values share. Host code.
#pragma once

#include "functions/general_aggregate.h"
#include "functions/registry.h"
#include "types/array_value.h"

namespace kappa {

// A result: copied into `out`, its bytes into c.scratch.
void GiveValue(const AnyValue& value, CallContext& c, const TypeDescriptor* result, void* out, bool* out_null);
bool FailListSize(CallContext& c);  // 54000

OverFunction FirstValueFunction();
OverFunction LastValueFunction();

}  // namespace kappa
