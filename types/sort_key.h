// Values as bytes that order: memcmp of two keys orders as SQL does, and no key is a prefix of another's continuation. Values that are equal in SQL
// but print differently (1.0 and 1.00, -0 and 0, '1 day' and '24:00:00') have different keys, next to each other: the order of rows is total.
#pragma once

#include <string>

#include "types/type.h"

namespace kappa {

// `slot` holds a value of a type that is not a struct.
void AppendValueSortKey(TypeId type, const char* slot, std::string* out);

}  // namespace kappa
