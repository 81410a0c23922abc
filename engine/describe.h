// Statements that ask about objects and settings: SHOW, DESCRIBE.
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"
#include "engine/engine.h"
#include "engine/settings.h"
#include "parser/ast/statement.h"
#include "planner/dataflow/expression.h"

namespace kappa {

Status Show(const ast::Show& show, const Catalog& catalog, const SessionSettings& settings, Results* results);
Status Describe(const ast::Describe& describe, const Catalog& catalog, const SessionSettings& settings, Results* results);
Status DescribeColumns(const std::vector<Column>& columns, Results* results);  // of a query
// A result of one text column, a row a line.
Status AnswerLines(std::string_view column, std::string_view text, Results* results);
// The command tag of a statement, as PostgreSQL's clients show it.
std::string TagOf(const ast::Statement& statement);

}  // namespace kappa
