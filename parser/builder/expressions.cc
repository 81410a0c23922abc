// Conditions and operators. A chain is walked down its left spine in a loop and built on the way back, so that its length costs no stack.
#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;

// First child, where it is of the same rule: what a chain goes on with.
template <typename Rule>
Rule* LeftOf(Rule* rule) {
  return rule->children.size() > 1 ? dynamic_cast<Rule*>(rule->children.front()) : nullptr;
}

// Builds one node; `left_` is its left operand, built already.
class ExpressionBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit ExpressionBuilder(BuildContext& context) : context_(context) {}

  template <typename Rule>
  ast::ExpressionPtr BuildChain(Rule* rule) {
    std::vector<Rule*> spine;
    for (Rule* next = rule; next != nullptr; next = LeftOf(next)) spine.push_back(next);
    for (size_t i = spine.size(); i-- > 0;) {
      spine[i]->accept(this);
      left_rule_ = spine[i];
    }
    return std::move(left_);
  }

  // ---- conditions
  Any visitOperandExpression(KappaParser::OperandExpressionContext* rule) override {
    left_ = BuildOperand(rule->operand(), context_);
    return {};
  }
  Any visitBetween(KappaParser::BetweenContext* rule) override {
    auto node = std::make_unique<ast::Between>();
    node->operand = std::move(left_);
    node->low = BuildOperand(rule->operand(0), context_);
    node->high = BuildOperand(rule->operand(1), context_);
    node->symmetric = rule->SYMMETRIC() != nullptr;
    node->negated = rule->NOT() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitIn(KappaParser::InContext* rule) override {
    if (rule->query() != nullptr) {
      auto node = std::make_unique<ast::InSubquery>();
      node->operand = std::move(left_);
      node->subquery = BuildSubquery(rule->query(), Join(RangeOf(rule->QUERY_PAREN()), RangeOf(rule->RPAREN())), context_);
      node->negated = rule->NOT() != nullptr;
      return Done(std::move(node), rule);
    }
    auto node = std::make_unique<ast::InList>();
    node->operand = std::move(left_);
    std::vector<KappaParser::ExpressionContext*> items = rule->expression();
    items.erase(items.begin());
    node->items = BuildExpressions(items, context_);
    node->negated = rule->NOT() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitLike(KappaParser::LikeContext* rule) override {
    auto node = std::make_unique<ast::Like>();
    node->like = rule->LIKE() != nullptr ? ast::LikeKind::kLike : rule->ILIKE() != nullptr ? ast::LikeKind::kILike : ast::LikeKind::kSimilarTo;
    node->operand = std::move(left_);
    node->pattern = BuildOperand(rule->operand(0), context_);
    if (rule->ESCAPE() != nullptr) node->escape = BuildOperand(rule->operand(1), context_);
    node->negated = rule->NOT() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitQuantified(KappaParser::QuantifiedContext* rule) override {
    auto node = std::make_unique<ast::Quantified>();
    node->left = std::move(left_);
    QuantifiedOperator(*node, rule->quantifiedOperator());
    node->all = rule->ALL() != nullptr;
    if (rule->query() != nullptr) {
      node->subquery = BuildSubquery(rule->query(), Join(RangeOf(rule->QUERY_PAREN()), RangeOf(rule->RPAREN())), context_);
    } else {
      node->array = BuildExpression(rule->expression(1), context_);
    }
    return Done(std::move(node), rule);
  }
  Any visitCompare(KappaParser::CompareContext* rule) override {
    // PostgreSQL's comparisons do not chain: a < b < c is an error.
    if (dynamic_cast<KappaParser::CompareContext*>(left_rule_) != nullptr) context_.FailSyntax(RangeOf(rule->comparison()));
    return MakeBinary(rule, rule->comparison()->start, BuildExpression(rule->expression(1), context_));
  }
  Any visitIsTest(KappaParser::IsTestContext* rule) override {
    const ast::IsTest test = rule->NULL_() != nullptr   ? ast::IsTest::kNull
                             : rule->TRUE() != nullptr  ? ast::IsTest::kTrue
                             : rule->FALSE() != nullptr ? ast::IsTest::kFalse
                                                        : ast::IsTest::kUnknown;
    return MakeIs(rule, test, rule->NOT() != nullptr);
  }
  Any visitIsNull(KappaParser::IsNullContext* rule) override { return MakeIs(rule, ast::IsTest::kNull, rule->NOTNULL() != nullptr); }
  Any visitIsDistinct(KappaParser::IsDistinctContext* rule) override {
    auto node = std::make_unique<ast::IsDistinct>();
    node->left = std::move(left_);
    node->right = BuildOperand(rule->operand(), context_);
    node->negated = rule->NOT() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitIsJson(KappaParser::IsJsonContext* rule) override {
    auto node = std::make_unique<ast::IsJson>();
    node->operand = std::move(left_);
    node->json = rule->OBJECT() != nullptr   ? ast::JsonKind::kObject
                 : rule->ARRAY() != nullptr  ? ast::JsonKind::kArray
                 : rule->SCALAR() != nullptr ? ast::JsonKind::kScalar
                                             : ast::JsonKind::kValue;
    node->unique_keys = rule->WITH() != nullptr;
    node->negated = rule->NOT() != nullptr;
    return Done(std::move(node), rule);
  }
  // (a, b) OVERLAPS (c, d) is a call of four arguments.
  Any visitOverlaps(KappaParser::OverlapsContext* rule) override {
    auto call = std::make_unique<ast::Call>();
    const TextRange range = RangeOf(rule->OVERLAPS());
    call->name = {{{"overlaps", false, range}}, range};
    ast::ExpressionPtr right = BuildExpression(rule->expression(1), context_);
    for (ast::ExpressionPtr* side : {&left_, &right}) {
      ast::Row* row = ast::As<ast::Row>(**side);
      if (row == nullptr || row->items.size() != 2) {
        context_.Fail(SqlError(sqlstate::kSyntaxError, (*side)->range)
                      << "wrong number of parameters on a side of OVERLAPS expression" << Hint("each side is a pair: (start, end)"));
        return Done(std::move(call), rule);
      }
      for (ast::ExpressionPtr& item : row->items) call->arguments.push_back({{}, std::move(item)});
    }
    return Done(std::move(call), rule);
  }
  Any visitNot(KappaParser::NotContext* rule) override {
    auto node = std::make_unique<ast::Not>();
    node->operand = BuildExpression(rule->expression(), context_);
    return Done(std::move(node), rule);
  }
  Any visitAnd(KappaParser::AndContext* rule) override { return MakeLogical(rule, true); }
  Any visitOr(KappaParser::OrContext* rule) override { return MakeLogical(rule, false); }

  // ---- operators
  Any visitPrimaryOperand(KappaParser::PrimaryOperandContext* rule) override {
    left_ = BuildPrimary(rule->primary(), context_);
    return {};
  }
  Any visitCastOperand(KappaParser::CastOperandContext* rule) override {
    auto node = std::make_unique<ast::CastExpression>();
    node->syntax = ast::CastSyntax::kColons;
    node->operand = std::move(left_);
    node->type = BuildType(rule->typeName(), context_);
    return Done(std::move(node), rule);
  }
  Any visitSign(KappaParser::SignContext* rule) override { return MakeUnary(rule, rule->operand()); }
  Any visitPrefixOperator(KappaParser::PrefixOperatorContext* rule) override { return MakeUnary(rule, rule->operand()); }
  Any visitCollate(KappaParser::CollateContext* rule) override {
    auto node = std::make_unique<ast::Collate>();
    node->operand = std::move(left_);
    node->collation = BuildName(rule->qualifiedName(), context_);
    return Done(std::move(node), rule);
  }
  Any visitAtTimeZone(KappaParser::AtTimeZoneContext* rule) override {
    auto node = std::make_unique<ast::AtTimeZone>();
    node->operand = std::move(left_);
    node->zone = BuildOperand(rule->operand(1), context_);
    return Done(std::move(node), rule);
  }
  Any visitArithmetic(KappaParser::ArithmeticContext* rule) override {
    return MakeBinary(rule, Middle(rule), BuildOperand(rule->operand(1), context_));
  }
  Any visitOtherOperator(KappaParser::OtherOperatorContext* rule) override {
    return MakeBinary(rule, Middle(rule), BuildOperand(rule->operand(1), context_));
  }

 private:
  Any Done(ast::ExpressionPtr node, antlr4::ParserRuleContext* rule) {
    node->range = RangeOf(rule);
    left_ = std::move(node);
    return {};
  }

  static antlr4::Token* Middle(antlr4::ParserRuleContext* rule) { return dynamic_cast<antlr4::tree::TerminalNode*>(rule->children[1])->getSymbol(); }

  template <typename Node>
  void SetOperator(Node& node, antlr4::Token* op) {
    node.op_range = RangeOf(op);
    node.op = context_.TextOf(node.op_range);
    if (node.op.back() == ')') {  // OPERATOR(pg_catalog.~)
      const size_t begin = node.op.find_first_of("+-*/<>=~!@#%^&|`?");
      node.op = node.op.substr(begin, node.op.find_first_of(" \t\r\n)", begin) - begin);
    }
    if (node.op == "!=") node.op = "<>";
  }

  void QuantifiedOperator(ast::Quantified& node, KappaParser::QuantifiedOperatorContext* rule) {
    if (rule->comparison() != nullptr || rule->OPERATOR() != nullptr) return SetOperator(node, rule->start);
    node.op_range = RangeOf(rule);
    node.op = std::string(rule->NOT() != nullptr ? "!~~" : "~~") + (rule->ILIKE() != nullptr ? "*" : "");
  }

  Any MakeBinary(antlr4::ParserRuleContext* rule, antlr4::Token* op, ast::ExpressionPtr right) {
    auto node = std::make_unique<ast::Binary>();
    SetOperator(*node, op);
    node->left = std::move(left_);
    node->right = std::move(right);
    return Done(std::move(node), rule);
  }

  Any MakeUnary(antlr4::ParserRuleContext* rule, KappaParser::OperandContext* operand) {
    auto node = std::make_unique<ast::Unary>();
    SetOperator(*node, rule->start);
    node->operand = BuildOperand(operand, context_);
    return Done(std::move(node), rule);
  }

  Any MakeIs(antlr4::ParserRuleContext* rule, ast::IsTest test, bool negated) {
    auto node = std::make_unique<ast::Is>();
    node->operand = std::move(left_);
    node->test = test;
    node->negated = negated;
    return Done(std::move(node), rule);
  }

  // a AND b AND c is one node: where the left operand is the same chain, this one joins it.
  template <typename Rule>
  Any MakeLogical(Rule* rule, bool conjunction) {
    ast::ExpressionPtr right = BuildExpression(rule->expression(1), context_);
    if (dynamic_cast<Rule*>(left_rule_) != nullptr) {
      static_cast<ast::Logical&>(*left_).operands.push_back(std::move(right));
      left_->range = RangeOf(rule);
      return {};
    }
    auto node = std::make_unique<ast::Logical>();
    node->conjunction = conjunction;
    node->operands.push_back(std::move(left_));
    node->operands.push_back(std::move(right));
    return Done(std::move(node), rule);
  }

  BuildContext& context_;
  ast::ExpressionPtr left_;
  antlr4::ParserRuleContext* left_rule_ = nullptr;  // what left_ was built from
};

}  // namespace

ast::ExpressionPtr BuildExpression(KappaParser::ExpressionContext* expression, BuildContext& context) {
  return ExpressionBuilder(context).BuildChain(expression);
}

ast::ExpressionPtr BuildOperand(KappaParser::OperandContext* operand, BuildContext& context) {
  return ExpressionBuilder(context).BuildChain(operand);
}

std::vector<ast::ExpressionPtr> BuildExpressions(const std::vector<KappaParser::ExpressionContext*>& expressions, BuildContext& context) {
  std::vector<ast::ExpressionPtr> out;
  out.reserve(expressions.size());
  for (auto* expression : expressions) out.push_back(BuildExpression(expression, context));
  return out;
}

std::unique_ptr<ast::Subquery> BuildSubquery(KappaParser::QueryContext* query, TextRange range, BuildContext& context) {
  auto node = std::make_unique<ast::Subquery>();
  node->query = BuildQuery(query, context);
  node->range = range;
  return node;
}

}  // namespace kappa::builder
