// The relations that a statement names, wherever they stand: FROM, subqueries, TABLE x, windows, CREATE SINK ... FROM x, INSERT INTO x.
#pragma once

#include <functional>
#include <string>

#include "parser/ast/statement.h"

namespace kappa::ast {

// Calls `rename` with each name that is not a WITH query's, innermost last. Where `rename` changes a name in FROM that has no alias, the old one
// becomes its alias, so that columns qualified by it go on meaning what they did.
void RenameTables(Statement* statement, const std::function<void(QualifiedName*)>& rename);

// Does the query name the table, and not a WITH query of its own by that name?
bool NamesTable(const Query& query, const std::string& name);
bool NamesTable(const QueryBody& body, const std::string& name);

}  // namespace kappa::ast
