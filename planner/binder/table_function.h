// Functions that answer rows where a SELECT list calls one.
#pragma once

#include "parser/ast/expression.h"
#include "planner/binder/context.h"

namespace kappa {

// unnest(a), generate_series(1, 3): by name.
bool AnswersRows(const ast::Call& call);
// Puts the call's rows over `plan`, whose columns `scope` names; the column that holds them. 0A000 for a function that answers several.
StatusOr<Column> SpreadRows(BindContext* context, const ast::Call& call, const Scope& scope, LogicalPtr* plan);

}  // namespace kappa
