#include "parser/syntax_error.h"

#include <algorithm>
#include <string>
#include <vector>

#include "KappaLexer.h"

namespace kappa {
namespace {

using grammar::KappaLexer;

// Words that begin clauses and statements: those that people mistype, and that are worth guessing.
const std::vector<std::string>& CommonWords() {
  static const std::vector<std::string> words = {
      "COLUMN", "COMMENT",  "CONNECTION", "DEALLOCATE", "EXECUTE", "FUNCTION", "PREPARE",      "RENAME",   "SCHEMA", "SECRET", "ALTER",
      "AND",    "AS",       "BETWEEN",    "BY",         "CASE",    "CREATE",   "DESCRIBE",     "DISTINCT", "DROP",   "ELSE",   "EMIT",
      "ENCODE", "END",      "EXCEPT",     "EXPLAIN",    "FILTER",  "FORMAT",   "FROM",         "GROUP",    "HAVING", "IN",     "INNER",
      "INSERT", "INTERVAL", "INTO",       "JOIN",       "LEFT",    "LIMIT",    "MATERIALIZED", "NOT",      "NULL",   "OFFSET", "ON",
      "ORDER",  "OUTER",    "OVER",       "PARTITION",  "PRIMARY", "RIGHT",    "SELECT",       "SET",      "SHOW",   "SINK",   "SOURCE",
      "TABLE",  "THEN",     "UNION",      "USING",      "VALUES",  "VIEW",     "WATERMARK",    "WHEN",     "WHERE",  "WINDOW", "WITH"};
  return words;
}

// One letter wrong, missing or too many, or two neighbours swapped.
bool IsNear(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1 || a.size() < 3) return false;
  const size_t at = static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
  if (a.size() < b.size()) return a.substr(at) == b.substr(at + 1);
  if (at >= a.size()) return false;  // the same word
  if (a.substr(at + 1) == b.substr(at + 1)) return true;
  return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] && a.substr(at + 2) == b.substr(at + 2);
}

std::string Uppercase(const antlr4::Token* token) {
  std::string word = token->getText();
  for (char& c : word) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return word;
}

std::string NearKeyword(const antlr4::Token* token) {
  if (token == nullptr || token->getType() != KappaLexer::IDENTIFIER) return "";
  const std::string word = Uppercase(token);
  for (const std::string_view type : {"INT", "TEXT", "DATE", "JSON", "REAL"}) {  // right as they are
    if (word == type) return "";
  }
  for (const std::string& candidate : CommonWords()) {
    if (IsNear(word, candidate)) return candidate;
  }
  return "";
}

// What else is often meant. "": nothing is known.
std::string CommonMistake(const antlr4::Token* token, antlr4::TokenStream& tokens) {
  const auto at = [&](size_t index) { return index < tokens.size() ? tokens.get(index)->getType() : antlr4::Token::EOF; };
  const size_t index = token->getTokenIndex(), type = token->getType();
  const size_t previous = index > 0 ? at(index - 1) : antlr4::Token::EOF;
  if (type != KappaLexer::BY && (previous == KappaLexer::PARTITION || previous == KappaLexer::ORDER || previous == KappaLexer::GROUP) &&
      (type == KappaLexer::IDENTIFIER || type == KappaLexer::QUOTED_IDENTIFIER)) {
    return "did you mean \"" + Uppercase(tokens.get(index - 1)) + " BY\"?";
  }
  // A reserved word in a name's place, or before a dot.
  for (const size_t place : {index, index - (index > 0 ? 1 : 0)}) {
    const bool is_name =
        at(place) == KappaLexer::USER || ((at(place) == KappaLexer::ORDER || at(place) == KappaLexer::GROUP) && at(place + 1) != KappaLexer::BY);
    if (!is_name) continue;
    const std::string word = tokens.get(place)->getText();
    return "\"" + word + "\" is a reserved word: as a name it is written in double quotes";
  }
  return "";
}

}  // namespace

Status SyntaxError(const antlr4::Token* token, antlr4::TokenStream& tokens, std::string_view text, uint32_t end) {
  std::string near = NearKeyword(token);
  for (size_t back = 1; near.empty() && back <= 3 && token->getTokenIndex() >= back; ++back) {
    near = NearKeyword(tokens.get(token->getTokenIndex() - back));
  }
  const std::string mistake = CommonMistake(token, tokens);
  const Hint hint(!mistake.empty() ? mistake : near.empty() ? "" : "did you mean \"" + near + "\"?");
  if (token->getType() == antlr4::Token::EOF) {
    // The caret goes under the last byte.
    const uint32_t last = end > 0 ? end - 1 : 0;
    return SqlError(sqlstate::kSyntaxError, TextRange{last, end}) << "syntax error at end of input" << hint;
  }
  const TextRange range{static_cast<uint32_t>(token->getStartIndex()), static_cast<uint32_t>(token->getStopIndex() + 1)};
  return SqlError(sqlstate::kSyntaxError, range) << "syntax error at or near \"" << text.substr(range.begin, range.end - range.begin) << '"' << hint;
}

void StopAtFirstError::recover(antlr4::Parser* parser, std::exception_ptr cause) {
  const antlr4::Token* token = parser->getCurrentToken();
  try {
    std::rethrow_exception(cause);
  } catch (const antlr4::RecognitionException& error) {
    if (error.getOffendingToken() != nullptr) token = error.getOffendingToken();
  } catch (...) {  // the present token will do
  }
  throw SyntaxErrorAt{token};
}

antlr4::Token* StopAtFirstError::recoverInline(antlr4::Parser* parser) { throw SyntaxErrorAt{parser->getCurrentToken()}; }

}  // namespace kappa
