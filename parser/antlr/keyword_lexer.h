// What KappaLexer.g4 leaves to code: which words are keywords, where an operator ends, and the constants and comments whose end no
// regular expression finds.
#pragma once

#include <optional>

#include "antlr4-runtime.h"

namespace kappa::grammar {

class KeywordLexer : public antlr4::Lexer {
 public:
  explicit KeywordLexer(antlr4::CharStream* input) : antlr4::Lexer(input) {}

  // Where a comment began that the end of the text cut off.
  std::optional<size_t> unterminated_comment() const { return unterminated_comment_; }

 protected:
  // Called at the end of the rule's match; they set the token's type, and may move its end.
  void ClassifyWord();
  void ClassifyOperator();
  void ScanDollarBody();
  void ScanBlockComment();

 private:
  std::optional<size_t> unterminated_comment_;
  int struct_depth_ = 0;      // open STRUCT<: a > then closes it, so that >> is two tokens there
  size_t previous_type_ = 0;  // of the last word or operator, to see STRUCT before <
};

}  // namespace kappa::grammar
