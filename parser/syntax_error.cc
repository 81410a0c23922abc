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
      "COLUMN", "COMMENT",   "CONNECTION", "DEALLOCATE", "EXECUTE",  "FUNCTION", "PREPARE",   "RENAME",    "SCHEMA",   "SECRET",
      "ALTER",  "AND",       "AS",         "BETWEEN",    "BY",       "CASE",     "CREATE",    "DESCRIBE",  "DISTINCT", "DROP",
      "ELSE",   "EMIT",      "ENCODE",     "END",        "EXCEPT",   "EXPLAIN",  "FILTER",    "FORMAT",    "FROM",     "GROUP",
      "HAVING", "IN",        "INNER",      "INSERT",     "INTERVAL", "INTO",     "JOIN",      "LEFT",      "LIMIT",    "MATERIALIZED",
      "NOT",    "NULL",      "OFFSET",     "ON",         "ORDER",    "OUTER",    "OVER",      "PARTITION", "PRIMARY",  "RIGHT",
      "SELECT", "SET",       "SHOW",       "SINK",       "SOURCE",   "TABLE",    "THEN",      "UNION",     "USING",    "VALUES",
      "VIEW",   "WATERMARK", "WHEN",       "WHERE",      "WINDOW",   "WITH",     "PRECEDING", "FOLLOWING", "UNBOUNDED"};
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

// Is the token followed by BY? (The tokens behind it may not have been read.)
bool IsBeforeBy(const antlr4::Token* token, std::string_view text) {
  size_t at = token->getStopIndex() + 1;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r')) ++at;
  return at + 1 < text.size() && (text[at] | 0x20) == 'b' && (text[at + 1] | 0x20) == 'y';
}

// What else is often meant. "": nothing is known.
std::string CommonMistake(const antlr4::Token* token, antlr4::TokenStream& tokens, std::string_view text) {
  const size_t index = token->getTokenIndex(), type = token->getType();
  const auto before = [&](size_t back) { return back <= index ? tokens.get(index - back) : nullptr; };
  const auto is = [&](size_t back, size_t wanted) { return before(back) != nullptr && before(back)->getType() == wanted; };
  const auto is_word = [&](size_t back, std::string_view word) { return is(back, KappaLexer::IDENTIFIER) && Uppercase(before(back)) == word; };
  const bool word = type == KappaLexer::IDENTIFIER || type == KappaLexer::QUOTED_IDENTIFIER;
  if (word && (is(1, KappaLexer::PARTITION) || is(1, KappaLexer::ORDER) || is(1, KappaLexer::GROUP)))
    return "did you mean \"" + Uppercase(before(1)) + " BY\"?";
  if (word && is(1, KappaLexer::INSERT)) return "did you mean \"INSERT INTO\"?";
  if (type == KappaLexer::NULL_ && (is(1, KappaLexer::IGNORE) || is(1, KappaLexer::RESPECT))) return "did you mean \"NULLS\"?";
  if (type == KappaLexer::FROM && is(1, KappaLexer::COMMA)) return "there is a comma too many before \"FROM\"";
  if (type == KappaLexer::COMMA && is(2, KappaLexer::LIMIT)) return "write LIMIT rows OFFSET rows to be left out";
  if (is_word(1, "TOP")) return "write LIMIT at the end";
  if (is_word(1, "QUALIFY")) return "put the window function into a subquery, and the condition around it";
  if (is(1, KappaLexer::LPAREN) && is(3, KappaLexer::INTO)) return "the rows of an INSERT are written VALUES (...), (...)";
  for (size_t back = 1; back <= 3 && before(back) != nullptr; ++back) {
    if (before(back)->getText() == "`") return "names are quoted by double quotes";
  }
  // A reserved word in a name's place, or before a dot.
  const auto is_name = [&](const antlr4::Token* of) {
    const size_t kind = of == nullptr ? antlr4::Token::EOF : of->getType();
    return kind == KappaLexer::USER || ((kind == KappaLexer::ORDER || kind == KappaLexer::GROUP) && !IsBeforeBy(of, text));
  };
  for (const antlr4::Token* of : {token, static_cast<const antlr4::Token*>(before(1))}) {
    if (is_name(of)) return "\"" + of->getText() + "\" is a reserved word: as a name it is written in double quotes";
  }
  // Clauses in another order.
  if (type != KappaLexer::WHERE && type != KappaLexer::GROUP && type != KappaLexer::HAVING) return "";
  for (size_t back = 1; before(back) != nullptr && !is(back, KappaLexer::SELECT); ++back) {
    if (is(back, KappaLexer::GROUP) || is(back, KappaLexer::ORDER) || is(back, KappaLexer::LIMIT) || is(back, KappaLexer::HAVING))
      return "clauses come in the order FROM, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT";
  }
  return "";
}

}  // namespace

Status SyntaxError(const antlr4::Token* token, antlr4::TokenStream& tokens, std::string_view text, uint32_t end) {
  std::string near = NearKeyword(token);
  for (size_t back = 1; near.empty() && back <= 3 && token->getTokenIndex() >= back; ++back) {
    const antlr4::Token* before = tokens.get(token->getTokenIndex() - back);
    near = NearKeyword(before);
    if (near + "S" == Uppercase(before)) near.clear();  // orders, views: right as they are
  }
  const std::string mistake = CommonMistake(token, tokens, text);
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
