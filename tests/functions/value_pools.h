// Corner values of every type, as texts, for the comparison with PostgreSQL.
#pragma once

#include <string_view>
#include <vector>

#include "functions/function.h"

namespace kappa {

using Pool = std::vector<const char*>;

const Pool& PoolOfType(TypeId type);
// Values for one argument of a function: those of its type, or ones that mean something to it (units, templates, patterns, texts to be cast).
// `type`: what the argument is in this call, where the signature leaves it open.
const Pool& PoolOf(const FunctionEntry& entry, size_t argument, const Type& type);
// Values whose aggregate does not depend on PostgreSQL's order of additions.
const Pool& AggregatePoolOf(std::string_view name, TypeId type);
// kappa's own functions, and those that read the clock, cannot be compared.
bool ExistsInPostgres(const FunctionEntry& entry);

}  // namespace kappa
