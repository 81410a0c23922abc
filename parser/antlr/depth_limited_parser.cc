#include "parser/antlr/depth_limited_parser.h"

namespace kappa::grammar {

void DepthLimitedParser::enterRecursionRule(antlr4::ParserRuleContext* context, size_t state, size_t rule, int precedence) {
  if (++depth_ > limit_) {
    const antlr4::Token* token = getCurrentToken();
    throw NestingTooDeep{token->getStartIndex(), token->getStopIndex() + 1};
  }
  antlr4::Parser::enterRecursionRule(context, state, rule, precedence);
}

void DepthLimitedParser::unrollRecursionContexts(antlr4::ParserRuleContext* parent) {
  --depth_;
  antlr4::Parser::unrollRecursionContexts(parent);
}

}  // namespace kappa::grammar
