// The relations that a statement names, wherever they stand: FROM, subqueries, TABLE x, windows, CREATE SINK ... FROM x, INSERT INTO x.
#pragma once

#include <functional>

#include "parser/ast/statement.h"

namespace kappa::ast {

// Calls `rename` with each name that is not a WITH query's, innermost last. Where `rename` changes a name in FROM that has no alias, the old one
// becomes its alias, so that columns qualified by it go on meaning what they did.
void RenameTables(Statement* statement, const std::function<void(QualifiedName*)>& rename);

}  // namespace kappa::ast
