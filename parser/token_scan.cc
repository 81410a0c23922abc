#include "parser/token_scan.h"

#include <string>

#include "KappaLexer.h"
#include "parser/antlr/byte_stream.h"
#include "parser/keywords.h"
#include "parser/parser.h"

namespace kappa {
namespace {

using grammar::KappaLexer;

TextRange RangeOfToken(const antlr4::Token& token) {
  return {static_cast<uint32_t>(token.getStartIndex()), static_cast<uint32_t>(token.getStopIndex() + 1)};
}

// Something that may run over many lines is shown by its first.
TextRange FirstLine(std::string_view text, TextRange range) {
  const size_t line_end = text.find('\n', range.begin);
  if (line_end < range.end) range.end = static_cast<uint32_t>(line_end);
  return range;
}

Status LexicalError(std::string_view text, const antlr4::Token& token) {
  const TextRange range = FirstLine(text, RangeOfToken(token));
  const std::string_view word = text.substr(range.begin, range.end - range.begin);
  switch (token.getType()) {
    case KappaLexer::UNTERMINATED_STRING:
      return SqlError(sqlstate::kSyntaxError, range) << "unterminated quoted string" << Hint("a quote inside a string is written twice: ''");
    case KappaLexer::UNTERMINATED_IDENTIFIER:
      return SqlError(sqlstate::kSyntaxError, range) << "unterminated quoted identifier";
    case KappaLexer::UNTERMINATED_DOLLAR_STRING:
      return SqlError(sqlstate::kSyntaxError, range) << "unterminated dollar-quoted string";
    case KappaLexer::JUNK_AFTER_NUMBER:
      return SqlError(sqlstate::kSyntaxError, range) << "trailing junk after numeric literal at or near \"" << word << '"';
    case KappaLexer::QUOTED_IDENTIFIER:
      return SqlError(sqlstate::kSyntaxError, range) << "zero-length delimited identifier at or near \"\"\"\"";
    default:
      return SqlError(sqlstate::kSyntaxError, range) << "syntax error at or near \"" << word << '"';
  }
}

bool IsLexicalError(const antlr4::Token& token) {
  switch (token.getType()) {
    case KappaLexer::UNTERMINATED_STRING:
    case KappaLexer::UNTERMINATED_IDENTIFIER:
    case KappaLexer::UNTERMINATED_DOLLAR_STRING:
    case KappaLexer::JUNK_AFTER_NUMBER:
    case KappaLexer::UNEXPECTED_CHARACTER:
      return true;
    case KappaLexer::QUOTED_IDENTIFIER:
      return token.getStopIndex() == token.getStartIndex() + 1;
    default:
      return false;
  }
}

Status TooDeep(const antlr4::Token& token) {
  return SqlError(sqlstate::kStatementTooComplex, RangeOfToken(token))
         << "the statement nests too deeply: more than " << kMaxNesting << " levels" << Hint("write it with WITH clauses or views");
}

// A word after which `(` opens arguments, or a row of VALUES, never a query by itself.
bool OpensArguments(size_t type, const std::string& text) {
  switch (type) {
    case KappaLexer::IDENTIFIER:
    case KappaLexer::QUOTED_IDENTIFIER:
    case KappaLexer::VALUES:
    case KappaLexer::TRIM:
    case KappaLexer::SUBSTRING:
    case KappaLexer::OVERLAY:
    case KappaLexer::POSITION:
    case KappaLexer::GROUPING:
    case KappaLexer::ROW:
    case KappaLexer::CAST:
    case KappaLexer::TRY_CAST:
    case KappaLexer::TUMBLE:
    case KappaLexer::HOP:
    case KappaLexer::CUMULATE:
    case KappaLexer::SESSION:
    case KappaLexer::LEFT:
    case KappaLexer::RIGHT:
      return true;
    case KappaLexer::BY:
    case KappaLexer::MATERIALIZED:
    case KappaLexer::EXPLAIN:
    case KappaLexer::EMIT:
    case KappaLexer::COPY:
    case KappaLexer::RETURN:
      return false;
    default:
      return type <= KappaLexer::ZONE && ClassOfKeyword(text) == KeywordClass::kUnreserved;
  }
}

class Scan {
 public:
  explicit Scan(TokenList& list) : list_(list) {}

  // Brackets, and an upper bound of what nests without them (NOT NOT ..., - - ..., CASE).
  Status Nesting() {
    std::vector<size_t> open;
    matching_.assign(list_.tokens.size(), 0);
    for (size_t i = 0; i < list_.tokens.size(); ++i) {
      switch (Type(i)) {
        case KappaLexer::LPAREN:
        case KappaLexer::LBRACKET:
          open.push_back(i);
          ++list_.nesting_estimate;
          if (open.size() > kMaxNesting) return TooDeep(*list_.tokens[i]);
          break;
        case KappaLexer::RPAREN:
        case KappaLexer::RBRACKET:
          if (!open.empty()) {
            matching_[open.back()] = i;
            open.pop_back();
          }
          break;
        case KappaLexer::CASE:
        case KappaLexer::NOT:
        case KappaLexer::STRUCT:
          ++list_.nesting_estimate;
          break;
        case KappaLexer::PLUS:
        case KappaLexer::MINUS:
        case KappaLexer::OPERATOR:
          if (i > 0 && !EndsOperand(Type(i - 1))) ++list_.nesting_estimate;
          break;
        default:
          break;
      }
    }
    return OkStatus();
  }

  // Innermost first, so that ((SELECT 1)) is seen from the inside.
  void MarkQueries() {
    for (size_t i = list_.tokens.size(); i-- > 0;) {
      if (Type(i) == KappaLexer::LPAREN && OpensQuery(i)) {
        static_cast<antlr4::CommonToken*>(list_.tokens[i].get())->setType(KappaLexer::QUERY_PAREN);
      }
    }
  }

 private:
  size_t Type(size_t i) const { return i < list_.tokens.size() ? list_.tokens[i]->getType() : KappaLexer::EOF; }

  static bool EndsOperand(size_t type) {
    return type == KappaLexer::IDENTIFIER || type == KappaLexer::QUOTED_IDENTIFIER || type == KappaLexer::RPAREN || type == KappaLexer::RBRACKET ||
           type == KappaLexer::INTEGER_CONSTANT || type == KappaLexer::DECIMAL_CONSTANT || type == KappaLexer::STRING;
  }

  bool AfterArgumentsWord(size_t i) const { return i > 0 && OpensArguments(Type(i - 1), list_.tokens[i - 1]->getText()); }

  bool OpensQuery(size_t i) const {
    switch (Type(i + 1)) {
      case KappaLexer::SELECT:
      case KappaLexer::WITH:
        return true;
      case KappaLexer::VALUES:
        return Type(i + 2) == KappaLexer::LPAREN || Type(i + 2) == KappaLexer::QUERY_PAREN;
      case KappaLexer::TABLE:
        return !AfterArgumentsWord(i);
      case KappaLexer::QUERY_PAREN:
        return !AfterArgumentsWord(i) && GoesOnAsQuery(matching_[i + 1] + 1);
      default:
        return false;
    }
  }

  // What follows a query in parentheses when it is an operand of a query, not of an expression or a join.
  bool GoesOnAsQuery(size_t i) const {
    switch (Type(i)) {
      case KappaLexer::RPAREN:
      case KappaLexer::UNION:
      case KappaLexer::INTERSECT:
      case KappaLexer::EXCEPT:
      case KappaLexer::ORDER:
      case KappaLexer::LIMIT:
      case KappaLexer::OFFSET:
      case KappaLexer::FETCH:
        return true;
      default:
        return false;
    }
  }

  TokenList& list_;
  std::vector<size_t> matching_;  // index of the bracket that closes the one at an index
};

}  // namespace

StatusOr<TokenList> ScanTokens(std::string_view text, TextRange range) {
  TokenList list;
  list.input = std::make_unique<grammar::ByteStream>(text, range.begin, range.end);
  auto scanner = std::make_unique<grammar::KappaLexer>(list.input.get());
  grammar::KappaLexer& lexer = *scanner;
  list.scanner = std::move(scanner);
  lexer.removeErrorListeners();
  do {
    list.tokens.push_back(lexer.nextToken());
    if (IsLexicalError(*list.tokens.back())) return LexicalError(text, *list.tokens.back());
    if (list.tokens.size() > kMaxTokens) {
      return SqlError(sqlstate::kStatementTooLong, RangeOfToken(*list.tokens.back()))
             << "the statement has more than " << kMaxTokens << " words" << Hint("split it into several");
    }
  } while (list.tokens.back()->getType() != antlr4::Token::EOF);
  if (lexer.unterminated_comment().has_value()) {
    const auto begin = static_cast<uint32_t>(*lexer.unterminated_comment());
    return SqlError(sqlstate::kSyntaxError, FirstLine(text, {begin, range.end})) << "unterminated /* comment";
  }
  Scan scan(list);
  RETURN_IF_ERROR(scan.Nesting());
  scan.MarkQueries();
  return list;
}

}  // namespace kappa
