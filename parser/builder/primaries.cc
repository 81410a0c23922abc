// Names, constants and bracketed constructs.
#include <charconv>

#include "KappaParserBaseVisitor.h"
#include "parser/builder/builder.h"
#include "parser/string_constant.h"

namespace kappa::builder {
namespace {

using antlrcpp::Any;

class PrimaryBuilder final : public grammar::KappaParserBaseVisitor {
 public:
  explicit PrimaryBuilder(BuildContext& context) : context_(context) {}
  ast::ExpressionPtr Take() { return std::move(result_); }

  // ---- names
  Any visitNamePrimary(KappaParser::NamePrimaryContext* rule) override {
    KappaParser::NameOrCallContext* name = rule->nameOrCall();
    if (name->functionKeyword() != nullptr) {
      ast::Identifier word = BuildIdentifier(name->functionKeyword(), context_);
      const TextRange range = word.range;
      result_ = BuildCall({{std::move(word)}, range}, name->call(), context_);
      result_->range = RangeOf(name);
      return {};
    }
    return NameOrCall(name);
  }

  // ---- constants
  Any visitConstantPrimary(KappaParser::ConstantPrimaryContext* rule) override { return rule->constant()->accept(this); }
  Any visitIntegerConstant(KappaParser::IntegerConstantContext* rule) override { return Number(ast::LiteralKind::kInteger, rule); }
  Any visitDecimalConstant(KappaParser::DecimalConstantContext* rule) override { return Number(ast::LiteralKind::kDecimal, rule); }
  Any visitStringConstant(KappaParser::StringConstantContext* rule) override {
    result_ = StringLiteral(BuildString(rule->string(), context_), RangeOf(rule));
    return {};
  }
  Any visitBitConstant(KappaParser::BitConstantContext* rule) override {
    context_.Fail(SqlError(sqlstate::kFeatureNotSupported, RangeOf(rule))
                  << "bit string constants are not supported yet" << Hint("a bytea is written '\\x1f'::bytea, a number 0x1f or 0b101"));
    return Done(std::make_unique<ast::Literal>(), rule);
  }
  Any visitBooleanConstant(KappaParser::BooleanConstantContext* rule) override {
    auto node = std::make_unique<ast::Literal>();
    node->literal = ast::LiteralKind::kBoolean;
    node->boolean = rule->TRUE() != nullptr;
    return Done(std::move(node), rule);
  }
  Any visitNullConstant(KappaParser::NullConstantContext* rule) override { return Done(std::make_unique<ast::Literal>(), rule); }
  Any visitIntervalConstant(KappaParser::IntervalConstantContext* rule) override {
    ast::TypeName type = BuildIntervalType(rule->intervalFields(), rule->INTEGER_CONSTANT(), context_);
    type.range = type.name.range = RangeOf(rule->INTERVAL());
    return Typed(std::move(type), rule->string(), RangeOf(rule));
  }
  Any visitTimeConstant(KappaParser::TimeConstantContext* rule) override {
    ast::TypeName type = BuildTimeType(rule->TIMESTAMP() != nullptr, rule->timeModifiers(), context_);
    type.range = type.name.range = RangeOf(rule->start);
    return Typed(std::move(type), rule->string(), RangeOf(rule));
  }
  Any visitDoubleConstant(KappaParser::DoubleConstantContext* rule) override {
    ast::TypeName type;
    type.range = Join(RangeOf(rule->DOUBLE()), RangeOf(rule->PRECISION()));
    type.name = {{{"double precision", false, type.range}}, type.range};
    return Typed(std::move(type), rule->string(), RangeOf(rule));
  }
  Any visitParameterPrimary(KappaParser::ParameterPrimaryContext* rule) override {
    auto node = std::make_unique<ast::Parameter>();
    node->range = RangeOf(rule->PARAMETER());
    const std::string_view digits = context_.TextOf(node->range).substr(1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), node->number);
    if (parsed.ec != std::errc() || node->number == 0) {
      context_.Fail(SqlError(sqlstate::kUndefinedParameter, node->range) << "there is no parameter " << context_.TextOf(node->range));
    }
    result_ = std::move(node);
    return Follow(rule->indirection(), 0);
  }

  // ---- brackets
  Any visitParentheses(KappaParser::ParenthesesContext* rule) override {
    std::vector<KappaParser::ExpressionContext*> items = rule->expression();
    if (items.size() == 1) {
      result_ = BuildExpression(items.front(), context_);
      if (rule->indirection().empty()) return {};  // its range stays that of what it is, without the parentheses
      // (a[2:3])[1] is another thing than a[2:3][1]: that is told by where the range begins.
      if (ast::As<ast::Subscript>(*result_) != nullptr) result_->range = Join(RangeOf(rule->LPAREN()), RangeOf(rule->RPAREN()));
      return Follow(rule->indirection(), 0);
    }
    auto node = std::make_unique<ast::Row>();
    node->items = BuildExpressions(items, context_);
    node->range = Join(RangeOf(rule->LPAREN()), RangeOf(rule->RPAREN()));
    result_ = std::move(node);
    return Follow(rule->indirection(), 0);
  }
  Any visitScalarSubquery(KappaParser::ScalarSubqueryContext* rule) override {
    result_ = BuildSubquery(rule->query(), Join(RangeOf(rule->QUERY_PAREN()), RangeOf(rule->RPAREN())), context_);
    return Follow(rule->indirection(), 0);
  }
  Any visitRow(KappaParser::RowContext* rule) override {
    auto node = std::make_unique<ast::Row>();
    node->items = BuildExpressions(rule->expression(), context_);
    node->keyword = true;
    return Done(std::move(node), rule);
  }
  Any visitArray(KappaParser::ArrayContext* rule) override {
    result_ = Array(rule->arrayItems());
    result_->range = RangeOf(rule);
    return {};
  }
  Any visitArraySubquery(KappaParser::ArraySubqueryContext* rule) override {
    auto node = std::make_unique<ast::Array>();
    node->subquery = BuildSubquery(rule->query(), Join(RangeOf(rule->QUERY_PAREN()), RangeOf(rule->RPAREN())), context_);
    return Done(std::move(node), rule);
  }
  Any visitExists(KappaParser::ExistsContext* rule) override {
    auto node = std::make_unique<ast::Exists>();
    node->subquery = BuildSubquery(rule->query(), Join(RangeOf(rule->QUERY_PAREN()), RangeOf(rule->RPAREN())), context_);
    return Done(std::move(node), rule);
  }
  Any visitCase(KappaParser::CaseContext* rule) override {
    auto node = std::make_unique<ast::Case>();
    if (rule->caseOperand() != nullptr) node->operand = BuildExpression(rule->caseOperand()->expression(), context_);
    const std::vector<KappaParser::ExpressionContext*> pairs = rule->expression();
    for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
      node->whens.push_back({BuildExpression(pairs[i], context_), BuildExpression(pairs[i + 1], context_)});
    }
    if (rule->caseElse() != nullptr) node->otherwise = BuildExpression(rule->caseElse()->expression(), context_);
    return Done(std::move(node), rule);
  }
  Any visitCast(KappaParser::CastContext* rule) override {
    auto node = std::make_unique<ast::CastExpression>();
    node->syntax = rule->CAST() != nullptr ? ast::CastSyntax::kCast : ast::CastSyntax::kTryCast;
    node->operand = BuildExpression(rule->expression(), context_);
    node->type = BuildType(rule->typeName(), context_);
    return Done(std::move(node), rule);
  }
  Any visitSpecialCallPrimary(KappaParser::SpecialCallPrimaryContext* rule) override {
    result_ = BuildSpecialCall(rule->specialCall(), context_);
    result_->range = RangeOf(rule);
    return {};
  }
  Any visitCurrentValue(KappaParser::CurrentValueContext* rule) override {
    auto node = std::make_unique<ast::NowLike>();
    node->name = FoldIdentifier(context_.TextOf(RangeOf(rule->start)));
    if (rule->INTEGER_CONSTANT() != nullptr) node->precision = BuildInteger(rule->INTEGER_CONSTANT(), context_);
    return Done(std::move(node), rule);
  }

 private:
  Any Done(ast::ExpressionPtr node, antlr4::ParserRuleContext* rule) {
    node->range = RangeOf(rule);
    result_ = std::move(node);
    return {};
  }

  Any Number(ast::LiteralKind kind, antlr4::ParserRuleContext* rule) {
    auto node = std::make_unique<ast::Literal>();
    node->literal = kind;
    node->text = kind == ast::LiteralKind::kInteger ? IntegerDigits(RangeOf(rule), context_) : WithoutUnderscores(context_.TextOf(RangeOf(rule)));
    return Done(std::move(node), rule);
  }

  Any Typed(ast::TypeName type, KappaParser::StringContext* string, TextRange range) {
    auto node = std::make_unique<ast::TypedLiteral>();
    node->type = std::move(type);
    node->text = BuildString(string, context_);
    node->range = range;
    result_ = std::move(node);
    return {};
  }

  ast::ExpressionPtr Array(KappaParser::ArrayItemsContext* items) {
    auto node = std::make_unique<ast::Array>();
    for (auto* item : items->arrayItem()) {
      node->items.push_back(item->expression() != nullptr ? BuildExpression(item->expression(), context_) : Array(item->arrayItems()));
    }
    node->range = RangeOf(items);
    return node;
  }

  // The name itself, then as many `.word` as follow; what comes after decides what it names.
  Any NameOrCall(KappaParser::NameOrCallContext* rule) {
    std::vector<KappaParser::IndirectionContext*> steps = rule->indirection();
    std::vector<KappaParser::IndirectionContext*> after;
    if (rule->call() != nullptr) {  // steps come before and after the arguments
      const size_t call_begin = rule->call()->start->getTokenIndex();
      while (!steps.empty() && steps.back()->start->getTokenIndex() > call_begin) {
        after.insert(after.begin(), steps.back());
        steps.pop_back();
      }
    }
    ast::QualifiedName name;
    name.parts.push_back(BuildIdentifier(rule->start, context_));
    size_t used = 0;
    for (; used < steps.size(); ++used) {
      auto* field = dynamic_cast<KappaParser::FieldIndirectionContext*>(steps[used]);
      if (field == nullptr || field->label() == nullptr) break;
      name.parts.push_back(BuildIdentifier(field->label(), context_));
    }
    name.range = Join(name.parts.front().range, name.parts.back().range);
    if (used < steps.size() && (rule->call() != nullptr || rule->string() != nullptr)) context_.FailSyntax(RangeOf(steps[used]));

    if (rule->call() != nullptr) {
      result_ = BuildCall(std::move(name), rule->call(), context_);
      return Follow(after, 0);
    }
    if (rule->string() != nullptr) {
      ast::TypeName type;
      type.range = name.range;
      type.name = std::move(name);
      return Typed(std::move(type), rule->string(), RangeOf(rule));
    }
    const bool star = used < steps.size() && dynamic_cast<KappaParser::FieldIndirectionContext*>(steps[used]) != nullptr;
    if (star) {
      auto node = std::make_unique<ast::Star>();
      node->range = Join(name.range, RangeOf(steps[used]));
      node->qualifier = std::move(name);
      result_ = std::move(node);
      if (++used < steps.size()) context_.FailSyntax(RangeOf(steps[used]));
      return {};
    }
    auto node = std::make_unique<ast::ColumnName>();
    node->range = name.range;
    node->name = std::move(name);
    result_ = std::move(node);
    return Follow(steps, used);
  }

  // .field, .* and [subscript] after what has been built.
  Any Follow(const std::vector<KappaParser::IndirectionContext*>& steps, size_t from) {
    for (size_t i = from; i < steps.size(); ++i) {
      const TextRange range = Join(result_->range, RangeOf(steps[i]));
      if (auto* field = dynamic_cast<KappaParser::FieldIndirectionContext*>(steps[i])) {
        auto node = std::make_unique<ast::FieldAccess>();
        node->star = field->STAR() != nullptr;
        if (!node->star) node->field = BuildIdentifier(field->label(), context_);
        node->base = std::move(result_);
        result_ = std::move(node);
      } else {
        auto node = std::make_unique<ast::Subscript>();
        if (auto* index = dynamic_cast<KappaParser::IndexIndirectionContext*>(steps[i])) {
          node->lower = BuildExpression(index->expression(), context_);
        } else {
          auto* slice = static_cast<KappaParser::SliceIndirectionContext*>(steps[i]);
          node->slice = true;
          if (slice->sliceLower() != nullptr) node->lower = BuildExpression(slice->sliceLower()->expression(), context_);
          if (slice->sliceUpper() != nullptr) node->upper = BuildExpression(slice->sliceUpper()->expression(), context_);
        }
        node->base = std::move(result_);
        result_ = std::move(node);
      }
      result_->range = range;
    }
    return {};
  }

  BuildContext& context_;
  ast::ExpressionPtr result_;
};

}  // namespace

ast::ExpressionPtr BuildPrimary(KappaParser::PrimaryContext* primary, BuildContext& context) {
  PrimaryBuilder builder(context);
  primary->accept(&builder);
  return builder.Take();
}

ast::ExpressionPtr IntegerLiteral(std::string digits, TextRange range) {
  auto node = std::make_unique<ast::Literal>();
  node->literal = ast::LiteralKind::kInteger;
  node->text = std::move(digits);
  node->range = range;
  return node;
}

ast::ExpressionPtr StringLiteral(std::string content, TextRange range) {
  auto node = std::make_unique<ast::Literal>();
  node->literal = ast::LiteralKind::kString;
  node->text = std::move(content);
  node->range = range;
  return node;
}

}  // namespace kappa::builder
