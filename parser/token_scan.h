// The pass between scanner and parser: reads a statement's tokens, refuses what the scanner could not make sense of and what nests too
// deeply, and tells the parentheses that open a query (QUERY_PAREN in the grammar) from the others.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "antlr4-runtime.h"
#include "common/status.h"

namespace kappa {

struct TokenList {
  // Tokens point into both.
  std::unique_ptr<antlr4::CharStream> input;
  std::unique_ptr<antlr4::TokenSource> scanner;
  std::vector<std::unique_ptr<antlr4::Token>> tokens;  // without white space and comments, with EOF at the end
  size_t nesting_estimate = 0;                         // no statement nests deeper than this
};

// Tokens of text[range]; their indexes are offsets into `text`. 42601, 54000 (kMaxTokens), 54001.
StatusOr<TokenList> ScanTokens(std::string_view text, TextRange range);

}  // namespace kappa
