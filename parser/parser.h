// Text -> syntax tree.
//
// Errors: 42601 with the range of the offending token (messages as PostgreSQL words them), 54000 for a statement longer than
// kMaxStatementBytes or kMaxTokens, 54001 for one that nests deeper than kMaxNesting. Statements outside what is built parse to
// ast::UnsupportedStatement. Any thread; the parser's caches are shared and locked inside ANTLR. A deeply nested statement runs on a
// stack of its own, so the caller's may be small.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "common/status.h"
#include "parser/ast/statement.h"

namespace kappa {

inline constexpr size_t kMaxStatementBytes = size_t{16} << 20;
inline constexpr size_t kMaxTokens = 1'000'000;
inline constexpr size_t kMaxNesting = 1000;  // levels of parentheses; up to three times as many NOTs or signs in a row

// Every statement of `text`, in order; all ranges are offsets into `text`. Fails as a whole at the first error.
StatusOr<std::vector<ast::StatementPtr>> Parse(std::string_view text);

// Exactly one statement; 42601 for none or several.
StatusOr<ast::StatementPtr> ParseStatement(std::string_view text);

// A lone expression, as EXPLAIN, tests and saved plans write it.
StatusOr<ast::ExpressionPtr> ParseExpression(std::string_view text);

}  // namespace kappa
