// Function calls, their clauses, and the ones with words between their arguments.
#include <algorithm>

#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;

class SpecialCallBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit SpecialCallBuilder(BuildContext& context) : context_(context) {}
  std::unique_ptr<ast::Call> Take() { return std::move(call_); }

  Any visitExtract(KappaParser::ExtractContext* rule) override {
    Begin("extract", ast::CallSyntax::kExtract, rule);
    std::string field =
        rule->string() != nullptr ? FoldIdentifier(BuildString(rule->string(), context_)) : BuildIdentifier(rule->label(), context_).name;
    Add(StringLiteral(std::move(field), rule->string() != nullptr ? RangeOf(rule->string()) : RangeOf(rule->label())));
    return Add(rule->expression());
  }
  Any visitSubstringFrom(KappaParser::SubstringFromContext* rule) override {
    Begin("substring", ast::CallSyntax::kSubstring, rule);
    Add(rule->expression(0));
    if (rule->FROM() == nullptr) Add(IntegerLiteral("1", RangeOf(rule->FOR())));
    Add(rule->expression(1));
    if (rule->expression().size() == 3) Add(rule->expression(2));
    return {};
  }
  Any visitSubstringSimilar(KappaParser::SubstringSimilarContext* rule) override {
    Begin("substring", ast::CallSyntax::kPlain, rule);
    Add(rule->expression());
    Add(BuildOperand(rule->operand(0), context_));
    return Add(BuildOperand(rule->operand(1), context_));
  }
  Any visitSubstringPlain(KappaParser::SubstringPlainContext* rule) override {
    Begin("substring", ast::CallSyntax::kPlain, rule);
    return AddAll(rule->expression());
  }
  Any visitPosition(KappaParser::PositionContext* rule) override {
    Begin("position", ast::CallSyntax::kPosition, rule);
    Add(rule->expression());
    return Add(BuildOperand(rule->operand(), context_));
  }
  Any visitTrim(KappaParser::TrimContext* rule) override {
    Begin(rule->LEADING() != nullptr ? "ltrim" : rule->TRAILING() != nullptr ? "rtrim" : "btrim", ast::CallSyntax::kTrim, rule);
    std::vector<KappaParser::ExpressionContext*> items = rule->expression();
    if (rule->FROM() != nullptr && items.front()->start->getTokenIndex() < rule->FROM()->getSymbol()->getTokenIndex()) {
      std::rotate(items.begin(), items.begin() + 1, items.end());  // TRIM(c FROM x) is btrim(x, c)
    }
    return AddAll(items);
  }
  Any visitOverlayPlacing(KappaParser::OverlayPlacingContext* rule) override {
    Begin("overlay", ast::CallSyntax::kOverlay, rule);
    return AddAll(rule->expression());
  }
  Any visitOverlayPlain(KappaParser::OverlayPlainContext* rule) override {
    Begin("overlay", ast::CallSyntax::kPlain, rule);
    return AddAll(rule->expression());
  }
  Any visitGrouping(KappaParser::GroupingContext* rule) override {
    Begin("grouping", ast::CallSyntax::kPlain, rule);
    return AddAll(rule->expression());
  }

 private:
  void Begin(std::string name, ast::CallSyntax syntax, antlr4::ParserRuleContext* rule) {
    call_ = std::make_unique<ast::Call>();
    const TextRange range = RangeOf(rule->start);
    call_->name = {{{std::move(name), false, range}}, range};
    call_->syntax = syntax;
  }
  Any Add(ast::ExpressionPtr value) {
    call_->arguments.push_back({{}, std::move(value)});
    return {};
  }
  Any Add(KappaParser::ExpressionContext* value) { return Add(BuildExpression(value, context_)); }
  Any AddAll(const std::vector<KappaParser::ExpressionContext*>& values) {
    for (auto* value : values) Add(value);
    return {};
  }

  BuildContext& context_;
  std::unique_ptr<ast::Call> call_;
};

ast::FrameBound BuildBound(KappaParser::FrameBoundContext* rule, BuildContext& context) {
  ast::FrameBound bound;
  const bool preceding = rule->PRECEDING() != nullptr;
  if (rule->CURRENT() != nullptr) {
    bound.kind = ast::FrameBoundKind::kCurrentRow;
  } else if (rule->UNBOUNDED() != nullptr) {
    bound.kind = preceding ? ast::FrameBoundKind::kUnboundedPreceding : ast::FrameBoundKind::kUnboundedFollowing;
  } else {
    bound.kind = preceding ? ast::FrameBoundKind::kPreceding : ast::FrameBoundKind::kFollowing;
    bound.offset = BuildOperand(rule->operand(), context);
  }
  return bound;
}

ast::WindowFrame BuildFrame(KappaParser::WindowFrameContext* rule, BuildContext& context) {
  ast::WindowFrame frame;
  frame.range = RangeOf(rule);
  if (auto* session = dynamic_cast<KappaParser::SessionFrameContext*>(rule)) {
    frame.unit = ast::FrameUnit::kSession;
    frame.gap = BuildExpression(session->expression(), context);
    return frame;
  }
  auto* bounded = static_cast<KappaParser::BoundedFrameContext*>(rule);
  frame.unit = bounded->ROWS() != nullptr ? ast::FrameUnit::kRows : bounded->RANGE() != nullptr ? ast::FrameUnit::kRange : ast::FrameUnit::kGroups;
  frame.start = BuildBound(bounded->frameBound(0), context);
  if (bounded->BETWEEN() != nullptr) frame.end = BuildBound(bounded->frameBound(1), context);
  if (auto* exclusion = bounded->frameExclusion()) {
    frame.exclusion = exclusion->CURRENT() != nullptr ? ast::FrameExclusion::kCurrentRow
                      : exclusion->GROUP() != nullptr ? ast::FrameExclusion::kGroup
                      : exclusion->TIES() != nullptr  ? ast::FrameExclusion::kTies
                                                      : ast::FrameExclusion::kNone;
  }
  return frame;
}

}  // namespace

std::vector<ast::OrderItem> BuildOrder(const std::vector<KappaParser::OrderItemContext*>& items, BuildContext& context) {
  std::vector<ast::OrderItem> out;
  for (auto* item : items) {
    ast::OrderItem order;
    order.expression = BuildExpression(item->expression(), context);
    order.descending = item->DESC() != nullptr;
    if (item->NULLS() != nullptr) order.nulls_first = item->FIRST() != nullptr;
    order.range = RangeOf(item);
    out.push_back(std::move(order));
  }
  return out;
}

ast::WindowSpecification BuildWindow(KappaParser::WindowSpecificationContext* rule, BuildContext& context) {
  ast::WindowSpecification window;
  window.range = RangeOf(rule);
  if (rule->name() != nullptr) window.base = BuildIdentifier(rule->name(), context);
  window.partition_by = BuildExpressions(rule->expression(), context);
  window.order_by = BuildOrder(rule->orderItem(), context);
  if (rule->windowFrame() != nullptr) window.frame = BuildFrame(rule->windowFrame(), context);
  return window;
}

void BuildArguments(KappaParser::CallArgumentsContext* rule, ast::Call& call, BuildContext& context) {
  call.star = rule->STAR() != nullptr;
  call.distinct = rule->DISTINCT() != nullptr;
  for (auto* argument : rule->argument()) {
    ast::Argument out;
    if (argument->argumentName() != nullptr) out.name = BuildIdentifier(argument->argumentName()->name(), context);
    if (argument->VARIADIC() != nullptr) call.variadic = true;
    out.value = BuildExpression(argument->expression(), context);
    call.arguments.push_back(std::move(out));
  }
  call.order_by = BuildOrder(rule->orderItem(), context);
}

std::unique_ptr<ast::Call> BuildCall(ast::QualifiedName name, KappaParser::CallContext* rule, BuildContext& context) {
  auto call = std::make_unique<ast::Call>();
  call->range = Join(name.range, RangeOf(rule));
  call->name = std::move(name);
  BuildArguments(rule->callArguments(), *call, context);
  call->within_group = BuildOrder(rule->orderItem(), context);
  if (rule->FILTER() != nullptr) call->filter = BuildExpression(rule->expression(), context);
  if (rule->NULLS() != nullptr) call->nulls = rule->IGNORE() != nullptr ? ast::NullTreatment::kIgnore : ast::NullTreatment::kRespect;
  if (auto* over = rule->overClause()) {
    if (over->windowSpecification() != nullptr) {
      call->over = std::make_unique<ast::WindowSpecification>(BuildWindow(over->windowSpecification(), context));
    } else {
      call->over = std::make_unique<ast::WindowSpecification>();
      call->over->base = BuildIdentifier(over->name(), context);
      call->over->reference_only = true;
      call->over->range = RangeOf(over->name());
    }
  }
  return call;
}

ast::ExpressionPtr BuildSpecialCall(KappaParser::SpecialCallContext* rule, BuildContext& context) {
  SpecialCallBuilder builder(context);
  rule->accept(&builder);
  return builder.Take();
}

}  // namespace kappa::builder
