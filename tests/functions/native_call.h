// Calls a function's native form with boxed values, as the host does with constants.
#pragma once

#include <string>
#include <vector>

#include "functions/function.h"
#include "types/datum.h"

namespace kappa {

// What a call with arguments of these types answers; kAny, anyelement and anyarray are resolved; an array in a signature is integer[].
Type ResultTypeOf(const FunctionEntry& entry, const std::vector<Type>& arguments);

// The result's text; "NULL"; "!SQLSTATE message". A strict function is not called with a NULL. Where the function has a form for these arguments as
// constants (functions/constant_form.h), that is called too; an answer of its own is added to the result, so that it is wrong.
std::string CallNatively(const FunctionEntry& entry, const std::vector<Type>& types, const std::vector<Datum>& values);

}  // namespace kappa
