// Cases of scalar functions, operators, casts and type modifiers.
#pragma once

#include <string_view>

#include "tests/functions/random_values.h"

namespace kappa {

// Answers how many signatures were called. `category`: only its functions; "": all.
size_t WriteScalarCases(Random* random, std::string_view category);

}  // namespace kappa
