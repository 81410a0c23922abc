// Functions that answer rows, in FROM and where a SELECT list calls one.
#pragma once

#include "parser/ast/expression.h"
#include "parser/ast/query.h"
#include "planner/binder/context.h"

namespace kappa {

// The item of FROM, when it is a function that answers rows or one value; nullptr: it is something else.
const ast::FunctionTable* RowsFunction(const ast::TableReference& table);
// 42712 when a table of `added` has the name of one of `before`.
Status CheckTableNames(const Scope& before, const Scope& added, TextRange range);
// unnest(a), generate_series(1, 3): by name.
bool AnswersRows(const ast::Call& call);
// Puts the call's rows over `plan`, whose columns `scope` names; the column that holds them. 0A000 for a function that answers several.
StatusOr<Column> SpreadRows(BindContext* context, const ast::Call& call, const Scope& scope, LogicalPtr* plan);

}  // namespace kappa
