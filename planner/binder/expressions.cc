#include "planner/binder/expressions.h"

#include <algorithm>
#include <limits>

#include "functions/registry.h"
#include "planner/binder/system_objects.h"
#include "planner/binder/types.h"
#include "types/time_zone.h"

namespace kappa {
namespace {

// Deeper trees would exhaust the stack of those who walk them.
constexpr int kMaxDepth = 10'000;

ExprPtr MakeBool(ExprKind kind, std::vector<ExprPtr> args) {
  const bool nullable = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  return MakeExpr(kind, TypeId::kBool, nullable, std::move(args));
}

StatusOr<ExprPtr> Number(const std::string& text, bool decimal) {
  if (!decimal) {
    if (StatusOr<Datum> value = Datum::Parse(TypeId::kInt4, text); value.ok()) return MakeConstant(*value, TypeId::kInt4);
    if (StatusOr<Datum> value = Datum::Parse(TypeId::kInt8, text); value.ok()) return MakeConstant(*value, TypeId::kInt8);
  }
  ASSIGN_OR_RETURN(Datum value, Datum::Parse(TypeId::kNumeric, text));
  return MakeConstant(std::move(value), TypeId::kNumeric);
}

}  // namespace

ExprPtr MakeNot(ExprPtr expr) { return MakeBool(ExprKind::kNot, {std::move(expr)}); }
ExprPtr MakeIsNull(ExprPtr expr) { return MakeExpr(ExprKind::kIsNull, TypeId::kBool, false, {std::move(expr)}); }

StatusOr<ExprPtr> ExpressionBinder::Bind(const ast::Expression& expression) {
  StatusOr<ExprPtr> bound = BindKind(expression);
  if (!bound.ok()) return WithRange(bound.status(), expression.range);
  if ((*bound)->range.known() || !expression.range.known()) return bound;
  return WithExprRange(*bound, expression.range);
}

StatusOr<ExprPtr> ExpressionBinder::BindTyped(const ast::Expression& expression) {
  ASSIGN_OR_RETURN(ExprPtr bound, Bind(expression));
  return CoerceUnknownToText(context_, std::move(bound));
}

StatusOr<ExprPtr> ExpressionBinder::BindBoolean(const ast::Expression& expression, std::string_view place) {
  ASSIGN_OR_RETURN(ExprPtr bound, Bind(expression));
  if (bound->type.id() == TypeId::kUnknown) return Coerce(context_, bound, TypeId::kBool, Coercion::kImplicit);
  if (bound->type.id() == TypeId::kBool) return bound;
  return SqlError(sqlstate::kDatatypeMismatch, expression.range)
         << "argument of " << place << " must be type boolean, not type " << TypeText(bound->type);
}

StatusOr<ExprPtr> ExpressionBinder::BindKind(const ast::Expression& e) {
  using K = ast::ExpressionKind;
  switch (e.kind) {
    case K::kLiteral:
      return BindLiteral(ast::Cast<ast::Literal>(e));
    case K::kTypedLiteral:
      return BindTypedLiteral(ast::Cast<ast::TypedLiteral>(e));
    case K::kParameter:
      return BindParameter(ast::Cast<ast::Parameter>(e));
    case K::kColumn:
      return BindColumn(ast::Cast<ast::ColumnName>(e));
    case K::kFieldAccess:
      return BindField(ast::Cast<ast::FieldAccess>(e));
    case K::kUnary:
      return BindUnary(ast::Cast<ast::Unary>(e));
    case K::kBinary:
      return BindBinary(ast::Cast<ast::Binary>(e));
    case K::kLogical:
      return BindLogical(ast::Cast<ast::Logical>(e));
    case K::kNot:
      return BindNot(ast::Cast<ast::Not>(e));
    case K::kIs:
      return BindIs(ast::Cast<ast::Is>(e));
    case K::kIsDistinct:
      return BindIsDistinct(ast::Cast<ast::IsDistinct>(e));
    case K::kIsJson:
      return BindIsJson(ast::Cast<ast::IsJson>(e));
    case K::kBetween:
      return BindBetween(ast::Cast<ast::Between>(e));
    case K::kInList:
      return BindIn(ast::Cast<ast::InList>(e));
    case K::kLike:
      return BindLike(ast::Cast<ast::Like>(e));
    case K::kCase:
      return BindCase(ast::Cast<ast::Case>(e));
    case K::kCast:
      return BindCast(ast::Cast<ast::CastExpression>(e));
    case K::kCall:
      return BindCall(ast::Cast<ast::Call>(e));
    case K::kNowLike:
      return BindNowLike(ast::Cast<ast::NowLike>(e));
    case K::kAtTimeZone:
      return BindAtTimeZone(ast::Cast<ast::AtTimeZone>(e));
    case K::kStar:
      return SqlError(sqlstate::kSyntaxError, e.range) << "* is not allowed here";
    case K::kDefault:
      return SqlError(sqlstate::kSyntaxError, e.range) << "DEFAULT is not allowed in this context";
    case K::kSubscript:
      return BindSubscript(ast::Cast<ast::Subscript>(e));
    case K::kArray:
      return BindArray(ast::Cast<ast::Array>(e), nullptr);
    case K::kRow:
      return BindRow(ast::Cast<ast::Row>(e));
    case K::kSubquery:
      return BindScalarSubquery(ast::Cast<ast::Subquery>(e));
    case K::kInSubquery:
      return BindInSubquery(ast::Cast<ast::InSubquery>(e));
    case K::kExists:
      return BindExists(ast::Cast<ast::Exists>(e));
    case K::kQuantified:
      return BindQuantified(ast::Cast<ast::Quantified>(e));
    case K::kCollate:
      return BindCollate(ast::Cast<ast::Collate>(e));
  }
  return SqlError(sqlstate::kInternalError, e.range) << "an expression of an unknown kind";
}

StatusOr<ExprPtr> ExpressionBinder::BindLiteral(const ast::Literal& literal) {
  switch (literal.literal) {
    case ast::LiteralKind::kNull:
      return MakeConstant(Datum(), TypeId::kUnknown);
    case ast::LiteralKind::kBoolean:
      return MakeConstant(Datum::Bool(literal.boolean), TypeId::kBool);
    case ast::LiteralKind::kInteger:
      return Number(literal.text, false);
    case ast::LiteralKind::kDecimal:
      return Number(literal.text, true);
    case ast::LiteralKind::kString:
      return MakeConstant(Datum::Bytes(literal.text), TypeId::kUnknown);
  }
  return SqlError(sqlstate::kInternalError) << "a literal of an unknown kind";
}

StatusOr<ExprPtr> ExpressionBinder::BindTypedLiteral(const ast::TypedLiteral& literal) {
  ASSIGN_OR_RETURN(Type type, ResolveTypeName(literal.type));
  ExprPtr unknown = WithExprRange(MakeConstant(Datum::Bytes(literal.text), TypeId::kUnknown), literal.range);
  return Coerce(context_, unknown, type, Coercion::kExplicit);
}

StatusOr<ExprPtr> ExpressionBinder::BindParameter(const ast::Parameter& parameter) {
  if (parameter.number < 1 || parameter.number > 65535)
    return SqlError(sqlstate::kUndefinedParameter, parameter.range) << "there is no parameter $" << parameter.number;
  if (function_scope_) return ResolveName(*scope_, {{{"$" + std::to_string(parameter.number), false, parameter.range}}, parameter.range});
  if (context_->settings->arguments != nullptr) return BindArgument(parameter);
  if (context_->streaming) {
    return SqlError(sqlstate::kUndefinedParameter, parameter.range)
           << "there is no parameter $" << parameter.number << Hint("parameters belong to SELECT, not to objects that stay");
  }
  if (context_->parameters.size() < static_cast<size_t>(parameter.number)) context_->parameters.resize(parameter.number);
  auto expr = std::make_shared<Expr>();
  expr->kind = ExprKind::kParameter;
  expr->parameter = parameter.number - 1;
  expr->type = context_->parameters[expr->parameter];
  return ExprPtr(expr);
}

StatusOr<ExprPtr> ExpressionBinder::BindColumn(const ast::ColumnName& column) { return ResolveOuterName(*context_, *scope_, column.name); }

StatusOr<ExprPtr> ExpressionBinder::BindField(const ast::FieldAccess& access) {
  if (access.star) return NotSupported("(...).* outside a select list", access.range);
  ASSIGN_OR_RETURN(ExprPtr base, Bind(*access.base));
  return FieldOf(std::move(base), access.field);
}

StatusOr<ExprPtr> ExpressionBinder::BindUnary(const ast::Unary& unary) {
  const auto* literal = ast::As<ast::Literal>(*unary.operand);
  if (unary.op == "-" && literal != nullptr && (literal->literal == ast::LiteralKind::kInteger || literal->literal == ast::LiteralKind::kDecimal)) {
    return Number("-" + literal->text, literal->literal == ast::LiteralKind::kDecimal);  // so that the least integer is one
  }
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*unary.operand));
  if (unary.op == "+" && operand->type.is_numeric()) return operand;
  return CallOperator(context_, unary.op, {std::move(operand)}, unary.op_range);
}

// A chain such as a + b + c ... is left-deep and may be very long: its left spine is walked in a loop.
StatusOr<ExprPtr> ExpressionBinder::BindBinary(const ast::Binary& binary) {
  std::vector<const ast::Binary*> spine = {&binary};
  while (const auto* left = ast::As<ast::Binary>(*spine.back()->left)) spine.push_back(left);
  if (spine.size() > kMaxDepth)
    return SqlError(sqlstate::kStatementTooComplex, binary.range) << "an expression of more than " << kMaxDepth << " operators in a row";
  ASSIGN_OR_RETURN(ExprPtr result, Bind(*spine.back()->left));
  for (auto node = spine.rbegin(); node != spine.rend(); ++node) {
    ASSIGN_OR_RETURN(ExprPtr right, Bind(*(*node)->right));
    if (IsRow(*result) && IsRow(*right)) {
      ASSIGN_OR_RETURN(result, CompareRows(context_, (*node)->op, result, right, (*node)->op_range));
    } else {
      ASSIGN_OR_RETURN(result, CallOperator(context_, (*node)->op, {std::move(result), std::move(right)}, (*node)->op_range));
    }
    result = WithExprRange(result, (*node)->range);
  }
  return result;
}

StatusOr<ExprPtr> ExpressionBinder::BindLogical(const ast::Logical& logical) {
  std::vector<ExprPtr> args;
  for (const ast::ExpressionPtr& operand : logical.operands) {
    ASSIGN_OR_RETURN(ExprPtr arg, BindBoolean(*operand, logical.conjunction ? "AND" : "OR"));
    args.push_back(std::move(arg));
  }
  return MakeBool(logical.conjunction ? ExprKind::kAnd : ExprKind::kOr, std::move(args));
}

StatusOr<ExprPtr> ExpressionBinder::BindNot(const ast::Not& expression) {
  ASSIGN_OR_RETURN(ExprPtr operand, BindBoolean(*expression.operand, "NOT"));
  return MakeNot(std::move(operand));
}

StatusOr<ExprPtr> ExpressionBinder::BindIs(const ast::Is& is) {
  if (is.test == ast::IsTest::kNull) {
    ASSIGN_OR_RETURN(ExprPtr operand, BindTyped(*is.operand));
    if (operand->type.is_struct()) return RowNullTest(operand, is.negated);
    ExprPtr test = MakeIsNull(std::move(operand));
    return is.negated ? MakeNot(std::move(test)) : test;
  }
  ASSIGN_OR_RETURN(ExprPtr operand, BindBoolean(*is.operand, is.test == ast::IsTest::kUnknown ? "IS UNKNOWN"
                                                             : is.test == ast::IsTest::kTrue  ? "IS TRUE"
                                                                                              : "IS FALSE"));
  ExprPtr test;
  if (is.test == ast::IsTest::kUnknown) {
    test = MakeIsNull(std::move(operand));
  } else {
    // x IS TRUE is COALESCE(x, false); x IS FALSE is NOT COALESCE(x, true): never NULL.
    const bool is_true = is.test == ast::IsTest::kTrue;
    test = MakeExpr(ExprKind::kCoalesce, TypeId::kBool, false, {std::move(operand), MakeConstant(Datum::Bool(!is_true), TypeId::kBool)});
    if (!is_true) test = MakeNot(std::move(test));
  }
  return is.negated ? MakeNot(std::move(test)) : test;
}

// CASE WHEN a IS NULL THEN b IS NOT NULL WHEN b IS NULL THEN true ELSE a <> b END; of rows: any pair is distinct.
StatusOr<ExprPtr> ExpressionBinder::IsDistinct(ExprPtr left, ExprPtr right, TextRange range) {
  if (IsRow(*left) && IsRow(*right)) {
    if (left->args.size() != right->args.size()) return SqlError(sqlstate::kSyntaxError, range) << "unequal number of entries in row expressions";
    std::vector<ExprPtr> tests;
    for (size_t i = 0; i < left->args.size(); ++i) {
      ASSIGN_OR_RETURN(ExprPtr test, IsDistinct(left->args[i], right->args[i], range));
      tests.push_back(std::move(test));
    }
    if (tests.empty()) return MakeConstant(Datum::Bool(false), TypeId::kBool);
    return tests.size() == 1 ? tests[0] : MakeBool(ExprKind::kOr, std::move(tests));
  }
  ASSIGN_OR_RETURN(ExprPtr unequal, CallOperator(context_, "<>", {std::move(left), std::move(right)}, range));
  left = unequal->args[0];
  right = unequal->args[1];
  ExprPtr distinct =
      MakeExpr(ExprKind::kCase, TypeId::kBool, false,
               {MakeIsNull(left), MakeNot(MakeIsNull(right)), MakeIsNull(right), MakeConstant(Datum::Bool(true), TypeId::kBool), unequal});
  // The last branch is reached with neither NULL; COALESCE says so to those who look at types only.
  if (unequal->nullable) {
    distinct = MakeExpr(ExprKind::kCase, TypeId::kBool, true, distinct->args);
    distinct = MakeExpr(ExprKind::kCoalesce, TypeId::kBool, false, {distinct, MakeConstant(Datum::Bool(true), TypeId::kBool)});
  }
  return distinct;
}

StatusOr<ExprPtr> ExpressionBinder::BindIsDistinct(const ast::IsDistinct& is) {
  ASSIGN_OR_RETURN(ExprPtr left, Bind(*is.left));
  ASSIGN_OR_RETURN(ExprPtr right, Bind(*is.right));
  ASSIGN_OR_RETURN(ExprPtr distinct, IsDistinct(std::move(left), std::move(right), is.range));
  return is.negated ? MakeNot(std::move(distinct)) : distinct;
}

StatusOr<ExprPtr> ExpressionBinder::BindBetween(const ast::Between& between) {
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*between.operand));
  ASSIGN_OR_RETURN(ExprPtr low, Bind(*between.low));
  ASSIGN_OR_RETURN(ExprPtr high, Bind(*between.high));
  auto within = [&](const ExprPtr& from, const ExprPtr& to) -> StatusOr<ExprPtr> {
    ASSIGN_OR_RETURN(ExprPtr at_least, CallOperator(context_, ">=", {operand, from}, between.range));
    ASSIGN_OR_RETURN(ExprPtr at_most, CallOperator(context_, "<=", {operand, to}, between.range));
    return MakeBool(ExprKind::kAnd, {std::move(at_least), std::move(at_most)});
  };
  ASSIGN_OR_RETURN(ExprPtr result, within(low, high));
  if (between.symmetric) {
    ASSIGN_OR_RETURN(ExprPtr swapped, within(high, low));
    result = MakeBool(ExprKind::kOr, {std::move(result), std::move(swapped)});
  }
  return between.negated ? MakeNot(std::move(result)) : result;
}

StatusOr<ExprPtr> ExpressionBinder::BindIn(const ast::InList& in) {
  std::vector<ExprPtr> args;
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*in.operand));
  args.push_back(operand);
  for (const ast::ExpressionPtr& item : in.items) {
    ASSIGN_OR_RETURN(ExprPtr bound, Bind(*item));
    args.push_back(std::move(bound));
  }
  const bool constants = std::all_of(args.begin() + 1, args.end(), [](const ExprPtr& arg) { return arg->kind == ExprKind::kConstant; });
  ExprPtr result;
  if (constants) {
    RETURN_IF_ERROR(CoerceAll(&args, "IN"));
    ASSIGN_OR_RETURN(ExprPtr equal, CallOperator(context_, "=", {args[0], args[1]}, in.range));
    auto expr = std::make_shared<Expr>();
    expr->kind = ExprKind::kIn;
    expr->type = TypeId::kBool;
    expr->function = equal->function;
    expr->nullable = std::any_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
    // `=` may want a wider type than what the list agreed on (none does today, but that is its business).
    for (ExprPtr& arg : args) { ASSIGN_OR_RETURN(arg, Coerce(context_, arg, equal->args[0]->type, Coercion::kImplicit)); }
    expr->args = std::move(args);
    result = expr;
  } else {
    std::vector<ExprPtr> tests;
    for (size_t i = 1; i < args.size(); ++i) {
      ASSIGN_OR_RETURN(ExprPtr equal, IsRow(*operand) && IsRow(*args[i]) ? CompareRows(context_, "=", operand, args[i], in.range)
                                                                         : CallOperator(context_, "=", {operand, args[i]}, in.range));
      tests.push_back(std::move(equal));
    }
    result = tests.size() == 1 ? tests[0] : MakeBool(ExprKind::kOr, std::move(tests));
  }
  return in.negated ? MakeNot(std::move(result)) : result;
}

// a ~ similar_to_escape(pattern [, escape])
StatusOr<ExprPtr> ExpressionBinder::BindSimilarTo(const ast::Like& like) {
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*like.operand));
  ASSIGN_OR_RETURN(ExprPtr pattern, Bind(*like.pattern));
  std::vector<ExprPtr> args{std::move(pattern)};
  if (like.escape != nullptr) {
    ASSIGN_OR_RETURN(ExprPtr escape, Bind(*like.escape));
    args.push_back(std::move(escape));
  }
  ASSIGN_OR_RETURN(ExprPtr regex, CallFunction(context_, "similar_to_escape", std::move(args), like.range));
  return CallOperator(context_, like.negated ? "!~" : "~", {std::move(operand), std::move(regex)}, like.range);
}

StatusOr<ExprPtr> ExpressionBinder::BindLike(const ast::Like& like) {
  if (like.like == ast::LikeKind::kSimilarTo) return BindSimilarTo(like);
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*like.operand));
  ASSIGN_OR_RETURN(ExprPtr pattern, Bind(*like.pattern));
  if (like.escape != nullptr) {
    ASSIGN_OR_RETURN(ExprPtr escape, Bind(*like.escape));
    if (escape->kind != ExprKind::kConstant || escape->constant.is_null() || escape->constant.as_bytes() != "\\") {
      if (FunctionRegistry::Get().Find(FunctionKind::kScalar, "like_escape").empty())
        return NotSupported("LIKE with an ESCAPE other than a backslash", like.escape->range);
      ASSIGN_OR_RETURN(pattern, CallFunction(context_, "like_escape", {std::move(pattern), std::move(escape)}, like.escape->range));
    }
  }
  ASSIGN_OR_RETURN(ExprPtr result, CallOperator(context_, like.like == ast::LikeKind::kILike ? "ilike" : "like",
                                                {std::move(operand), std::move(pattern)}, like.range));
  return like.negated ? MakeNot(std::move(result)) : result;
}

Status ExpressionBinder::CoerceAll(std::vector<ExprPtr>* exprs, std::string_view construct) {
  ASSIGN_OR_RETURN(Type type, CommonType(*exprs, construct));
  for (ExprPtr& expr : *exprs) { ASSIGN_OR_RETURN(expr, Coerce(context_, expr, type, Coercion::kImplicit)); }
  return OkStatus();
}

StatusOr<ExprPtr> ExpressionBinder::BindCase(const ast::Case& expression) {
  ExprPtr operand;
  if (expression.operand != nullptr) { ASSIGN_OR_RETURN(operand, BindTyped(*expression.operand)); }
  std::vector<ExprPtr> whens, thens;
  for (const ast::WhenClause& clause : expression.whens) {
    ExprPtr when;
    if (operand != nullptr) {
      ASSIGN_OR_RETURN(ExprPtr value, Bind(*clause.when));
      ASSIGN_OR_RETURN(when, CallOperator(context_, "=", {operand, std::move(value)}, clause.when->range));
    } else {
      ASSIGN_OR_RETURN(when, BindBoolean(*clause.when, "CASE/WHEN"));
    }
    whens.push_back(std::move(when));
    ASSIGN_OR_RETURN(ExprPtr then, Bind(*clause.then));
    thens.push_back(std::move(then));
  }
  ExprPtr otherwise = MakeConstant(Datum(), TypeId::kUnknown);
  if (expression.otherwise != nullptr) { ASSIGN_OR_RETURN(otherwise, Bind(*expression.otherwise)); }
  thens.insert(thens.begin(), std::move(otherwise));  // PostgreSQL resolves the type from ELSE first
  RETURN_IF_ERROR(CoerceAll(&thens, "CASE"));
  const bool nullable = std::any_of(thens.begin(), thens.end(), [](const ExprPtr& then) { return then->nullable; });
  std::vector<ExprPtr> args;
  for (size_t i = 0; i < whens.size(); ++i) {
    args.push_back(whens[i]);
    args.push_back(thens[i + 1]);
  }
  args.push_back(thens[0]);
  const Type type = thens[0]->type;
  return MakeExpr(ExprKind::kCase, type, nullable, std::move(args));
}

StatusOr<ExprPtr> ExpressionBinder::BindCast(const ast::CastExpression& cast) {
  if (cast.syntax == ast::CastSyntax::kTryCast) return NotSupported("TRY_CAST", cast.range);
  if (context_->settings->system != nullptr && (SystemTypeOf(cast.type) || IsObjectNameType(cast.type))) return BindSystemCast(cast);
  ASSIGN_OR_RETURN(Type type, ResolveTypeName(cast.type));
  const auto* array = ast::As<ast::Array>(*cast.operand);
  const Type* element = array != nullptr && type.id() == TypeId::kArray ? &type.element() : nullptr;  // ARRAY[...]::t[] casts the elements
  ASSIGN_OR_RETURN(ExprPtr operand, element != nullptr ? BindArray(*array, element) : Bind(*cast.operand));
  return Coerce(context_, std::move(operand), type, Coercion::kExplicit);
}

StatusOr<ExprPtr> ExpressionBinder::BindAtTimeZone(const ast::AtTimeZone& at) {
  ASSIGN_OR_RETURN(ExprPtr zone, Bind(*at.zone));
  ASSIGN_OR_RETURN(ExprPtr operand, Bind(*at.operand));
  const bool named = zone->kind == ExprKind::kConstant && !zone->constant.is_null() && zone->type.id() != TypeId::kInterval;
  if (named && FindZoneOrAbbreviation(zone->constant.as_bytes()) == nullptr) {
    return SqlError(sqlstate::kInvalidParameterValue, at.zone->range)
           << "time zone \"" << zone->constant.as_bytes() << "\" not recognized"
           << Hint("it takes a name such as 'Europe/Berlin', or an abbreviation such as 'PST'");
  }
  if (operand->type.id() == TypeId::kTime) return NotSupported("AT TIME ZONE of a time: time with time zone", at.operand->range);
  return CallFunction(context_, "timezone", {std::move(zone), std::move(operand)}, at.range);
}

}  // namespace kappa
