// The keywords, as the grammar has them: there is no second list.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kappa {

// PostgreSQL's classes (its pg_get_keywords()), by where a keyword may stand as a name without quotes.
enum class KeywordClass {
  kNone,          // not a keyword
  kUnreserved,    // anywhere
  kColumnName,    // columns and tables, not functions
  kFunctionName,  // functions, not columns or tables
  kReserved,      // nowhere but after AS and after a dot
};

// Of a word in any case. Any thread.
KeywordClass ClassOfKeyword(std::string_view word);
// The token type of the generated lexer, or 0.
size_t TokenOfKeyword(std::string_view word);
// Upper case, sorted.
const std::vector<std::string>& Keywords();

}  // namespace kappa
