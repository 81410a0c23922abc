// Documents, names, paths and path expressions for the functions of JSON.
#pragma once

#include <string>

#include "tests/functions/value_pools.h"

namespace kappa {

const Pool& JsonDocuments();
// nullptr: nothing special about this argument.
const Pool* JsonPoolOf(const FunctionEntry& entry, size_t argument, const Type& given);
// Is the argument a jsonpath? Its literal is written as one.
bool IsJsonPath(const FunctionEntry& entry, size_t argument);
std::string JsonPathLiteral(const char* text);

}  // namespace kappa
