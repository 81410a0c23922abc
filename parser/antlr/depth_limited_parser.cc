#include "parser/antlr/depth_limited_parser.h"

namespace kappa::grammar {

void DepthLimitedParser::enterRecursionRule(antlr4::ParserRuleContext* context, size_t state, size_t rule, int precedence) {
  const bool counts = rule != transparent_rule_ || precedence > 0;
  if (counts && ++depth_ > limit_) {
    const antlr4::Token* token = getCurrentToken();
    throw NestingTooDeep{token->getStartIndex(), token->getStopIndex() + 1};
  }
  counted_.push_back(counts);
  antlr4::Parser::enterRecursionRule(context, state, rule, precedence);
}

void DepthLimitedParser::unrollRecursionContexts(antlr4::ParserRuleContext* parent) {
  if (counted_.back()) --depth_;
  counted_.pop_back();
  antlr4::Parser::unrollRecursionContexts(parent);
}

}  // namespace kappa::grammar
