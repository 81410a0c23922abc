// What KappaLexer.g4 leaves to code: which words are keywords, where an operator ends, and the constants and comments whose end no
// regular expression finds.
#pragma once

#include "antlr4-runtime.h"

namespace kappa::grammar {

class KeywordLexer : public antlr4::Lexer {
 public:
  explicit KeywordLexer(antlr4::CharStream* input) : antlr4::Lexer(input) {}

 protected:
  // Called at the end of the rule's match; they set the token's type, and may move its end.
  void ClassifyWord();
  void ClassifyOperator();
  void ScanDollarBody();
  void ScanBlockComment();

 private:
  int struct_depth_ = 0;        // open STRUCT<: a > then closes it, so that >> is two tokens there
  size_t previous_type_ = 0;    // of the last word or operator, to see STRUCT before <
};

}  // namespace kappa::grammar
