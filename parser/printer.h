// Syntax tree -> SQL that parses to the same tree: parentheses only where precedence asks for them, keywords in upper case, names quoted
// where they must be. One line, without a semicolon. Stored definitions of views, SHOW CREATE and the plan cache's key are this text.
// Left-deep chains are printed in a loop; other nesting is as deep as the parser lets through.
#pragma once

#include <string>

#include "parser/ast/statement.h"

namespace kappa {

std::string ToSql(const ast::Expression& expression);
std::string ToSql(const ast::Query& query);
std::string ToSql(const ast::TableReference& table);
std::string ToSql(const ast::TypeName& type);
std::string ToSql(const ast::Column& column);
std::string ToSql(const ast::Statement& statement);

// A name as it must be written: bids, "dateTime", "select".
std::string QuoteIdentifier(std::string_view name);
// 'it''s'
std::string QuoteString(std::string_view content);

}  // namespace kappa
