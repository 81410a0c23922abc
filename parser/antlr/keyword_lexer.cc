#include "parser/antlr/keyword_lexer.h"

#include <string_view>

#include "KappaLexer.h"
#include "parser/antlr/byte_stream.h"
#include "parser/keywords.h"

namespace kappa::grammar {
namespace {

// PostgreSQL's rule for where a run of operator characters ends: before a comment, and before a final + or - unless the operator
// has one of ~ ! @ # % ^ & | ` ?.
size_t OperatorLength(std::string_view run) {
  size_t length = run.size();
  for (size_t i = 1; i + 1 < length; ++i) {
    const std::string_view two = run.substr(i, 2);
    if (two == "--" || two == "/*") length = i;
  }
  if (run.substr(0, length).find_first_of("~!@#%^&|`?") == std::string_view::npos) {
    while (length > 1 && (run[length - 1] == '+' || run[length - 1] == '-')) --length;
  }
  return length;
}

size_t OperatorType(std::string_view op) {
  static constexpr std::pair<std::string_view, size_t> kTypes[] = {
      {"+", KappaLexer::PLUS},           {"-", KappaLexer::MINUS},  {"*", KappaLexer::STAR},    {"/", KappaLexer::SLASH},
      {"%", KappaLexer::PERCENT},        {"^", KappaLexer::CARET},  {"=", KappaLexer::EQUAL},   {"<>", KappaLexer::NOT_EQUAL},
      {"!=", KappaLexer::NOT_EQUAL},     {"<", KappaLexer::LESS},   {">", KappaLexer::GREATER}, {"<=", KappaLexer::LESS_EQUAL},
      {">=", KappaLexer::GREATER_EQUAL}, {"=>", KappaLexer::ARROW},
  };
  for (const auto& [text, type] : kTypes) {
    if (text == op) return type;
  }
  return KappaLexer::OPERATOR;
}

}  // namespace

void KeywordLexer::ClassifyWord() {
  const std::string_view text = static_cast<ByteStream*>(_input)->text();
  const size_t keyword = TokenOfKeyword(text.substr(tokenStartCharIndex, _input->index() - tokenStartCharIndex));
  if (keyword != 0) setType(keyword);
  previous_type_ = keyword;
}

void KeywordLexer::ClassifyOperator() {
  const std::string_view text = static_cast<ByteStream*>(_input)->text();
  const std::string_view run = text.substr(tokenStartCharIndex, _input->index() - tokenStartCharIndex);
  size_t length = OperatorLength(run);
  if (struct_depth_ > 0 && run[0] == '>') {
    length = 1;
    --struct_depth_;
  }
  const size_t type = OperatorType(run.substr(0, length));
  if (type == KappaLexer::LESS && previous_type_ == KappaLexer::STRUCT) ++struct_depth_;
  previous_type_ = type;
  _input->seek(tokenStartCharIndex + length);
  setType(type);
}

void KeywordLexer::ScanDollarBody() {
  const std::string_view text = static_cast<ByteStream*>(_input)->text();
  const std::string_view tag = text.substr(tokenStartCharIndex, _input->index() - tokenStartCharIndex);
  const size_t end = text.find(tag, _input->index());
  if (end == std::string_view::npos) setType(KappaLexer::UNTERMINATED_DOLLAR_STRING);
  _input->seek(end == std::string_view::npos ? text.size() : end + tag.size());
}

void KeywordLexer::ScanBlockComment() {
  const std::string_view text = static_cast<ByteStream*>(_input)->text();
  size_t at = tokenStartCharIndex + 2;  // the rule may have matched more: /*+ hint */
  for (int depth = 1; depth > 0;) {
    at = text.find_first_of("/*", at);
    if (at == std::string_view::npos || at + 1 >= text.size()) {
      unterminated_comment_ = tokenStartCharIndex;
      _input->seek(text.size());
      return;
    }
    const std::string_view two = text.substr(at, 2);
    if (two == "/*") {
      ++depth;
      at += 2;
    } else if (two == "*/") {
      --depth;
      at += 2;
    } else {
      ++at;
    }
  }
  _input->seek(at);
}

}  // namespace kappa::grammar
