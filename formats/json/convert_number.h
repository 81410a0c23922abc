// JSON's numbers, and PostgreSQL's texts of numbers, into slots of numeric types.
#pragma once

#include "formats/json/scan.h"
#include "types/type.h"

namespace kappa::json {

// Converts [p, q) to `type` (an integer, float4, float8 or numeric) into `slot`, untouched on failure. 22P02: not such a number; 22003: out of range.
bool ConvertNumber(const Type& type, const char* p, const char* q, char* slot, Problem* problem);

}  // namespace kappa::json
