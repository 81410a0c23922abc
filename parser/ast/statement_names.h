// What statements are called, in messages and in the tags that clients show.
#pragma once

#include <string>
#include <string_view>

#include "parser/ast/statement.h"

namespace kappa::ast {

// "materialized view", as the catalog names its kinds.
std::string_view KindName(ObjectKind kind);
// "CREATE INDEX", "ALTER SOURCE", "UPDATE", "SELECT".
std::string StatementName(const Statement& statement);

}  // namespace kappa::ast
