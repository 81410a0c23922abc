// Which types have values that are equal and print differently, so that what is shown of them is a choice.
#pragma once

#include <vector>

#include "planner/dataflow/expression.h"

namespace kappa {

// Numeric without a scale, interval, and arrays and structs of them. Not numeric(p,s): all have s digits. Of floats only 0 and -0, which is shown as
// 0.
bool HasEqualForms(const Type& type);
bool HasEqualForms(const std::vector<Column>& columns);  // one of them

}  // namespace kappa
