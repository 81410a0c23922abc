// The base of the generated parser: stops, before the stack does, at statements that nest too deeply.
#pragma once

#include <vector>

#include "antlr4-runtime.h"

namespace kappa::grammar {

// Thrown out of the parse; caught in parser/parser.cc, where ANTLR's own exceptions end too.
struct NestingTooDeep {
  size_t token_begin = 0;
  size_t token_end = 0;
};

class DepthLimitedParser : public antlr4::Parser {
 public:
  explicit DepthLimitedParser(antlr4::TokenStream* input) : antlr4::Parser(input) {}

  // Everything that nests passes through a left-recursive rule: expressions, operands, types, joins, set operations. `transparent` is the
  // rule that stands alone between two others of these, and is not counted there.
  void set_depth_limit(size_t limit, size_t transparent) { limit_ = limit, transparent_rule_ = transparent; }
  void enterRecursionRule(antlr4::ParserRuleContext* context, size_t state, size_t rule, int precedence) override;
  void unrollRecursionContexts(antlr4::ParserRuleContext* parent) override;
  void ResetDepth() { depth_ = 0, counted_.clear(); }

 private:
  size_t limit_ = SIZE_MAX;
  size_t transparent_rule_ = SIZE_MAX;
  size_t depth_ = 0;
  std::vector<bool> counted_;  // of the rules entered and not yet left
};

}  // namespace kappa::grammar
