#include "planner/binder/types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "functions/registry.h"
#include "types/datetime_input.h"

namespace kappa {
namespace {

struct NamedType {
  std::string_view name;
  TypeId id;
};
constexpr NamedType kNamedTypes[] = {{"boolean", TypeId::kBool},
                                     {"bool", TypeId::kBool},
                                     {"smallint", TypeId::kInt2},
                                     {"int2", TypeId::kInt2},
                                     {"integer", TypeId::kInt4},
                                     {"int", TypeId::kInt4},
                                     {"int4", TypeId::kInt4},
                                     {"bigint", TypeId::kInt8},
                                     {"int8", TypeId::kInt8},
                                     {"real", TypeId::kFloat4},
                                     {"float4", TypeId::kFloat4},
                                     {"double precision", TypeId::kFloat8},
                                     {"float8", TypeId::kFloat8},
                                     {"float", TypeId::kFloat8},
                                     {"double", TypeId::kFloat8},
                                     {"numeric", TypeId::kNumeric},
                                     {"decimal", TypeId::kNumeric},
                                     {"dec", TypeId::kNumeric},
                                     {"text", TypeId::kText},
                                     {"string", TypeId::kText},
                                     {"varchar", TypeId::kText},
                                     {"character varying", TypeId::kText},
                                     {"bytea", TypeId::kBytea},
                                     {"json", TypeId::kJson},
                                     {"jsonb", TypeId::kJsonb},
                                     {"date", TypeId::kDate},
                                     {"time", TypeId::kTime},
                                     {"time without time zone", TypeId::kTime},
                                     {"uuid", TypeId::kUuid},
                                     {"json", TypeId::kJson},
                                     {"jsonb", TypeId::kJsonb},
                                     {"timestamp", TypeId::kTimestamp},
                                     {"timestamp without time zone", TypeId::kTimestamp},
                                     {"timestamptz", TypeId::kTimestampTz},
                                     {"timestamp with time zone", TypeId::kTimestampTz},
                                     {"interval", TypeId::kInterval}};
constexpr std::string_view kLaterTypes[] = {"timetz", "time with time zone",
                                            "char",   "character",
                                            "bpchar", "name",
                                            "oid",    "regclass",
                                            "bit",    "varbit",
                                            "inet",   "cidr",
                                            "money",  "xml",
                                            "point",  "map",
                                            "hstore"};

bool IsTimeType(TypeId id) { return id == TypeId::kTime || id == TypeId::kTimestamp || id == TypeId::kTimestampTz || id == TypeId::kInterval; }
std::string_view PrecisionName(TypeId id) {
  return id == TypeId::kTime ? "TIME" : id == TypeId::kInterval ? "INTERVAL" : id == TypeId::kTimestamp ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE";
}

// "day to second": the first, the last, and all between.
int32_t IntervalFieldsOf(std::string_view words) {
  if (words.empty()) return kAllIntervalFields;
  constexpr std::pair<std::string_view, int32_t> kFields[] = {{"year", kYearField}, {"month", kMonthField},   {"day", kDayField},
                                                              {"hour", kHourField}, {"minute", kMinuteField}, {"second", kSecondField}};
  const std::string_view first = words.substr(0, words.find(' ')), last = words.substr(words.rfind(' ') + 1);
  int32_t fields = 0;
  bool within = false;
  for (const auto& [name, bit] : kFields) {
    within |= name == first;
    if (within) fields |= bit;
    if (name == last) break;
  }
  return fields;
}

StatusOr<Type> WithModifiers(const ast::TypeName& name, TypeId id, std::string_view written) {
  const auto& modifiers = name.modifiers;
  if (id == TypeId::kInterval && modifiers.empty() && !name.interval_fields.empty())
    return Type(id, IntervalModifier(IntervalFieldsOf(name.interval_fields), kFullIntervalPrecision));
  if (modifiers.empty()) return Type(id);
  if (id == TypeId::kNumeric && modifiers.size() <= 2) {
    const int64_t precision = modifiers[0], scale = modifiers.size() > 1 ? modifiers[1] : 0;
    if (precision < 1 || precision > 38) {
      return SqlError(sqlstate::kInvalidParameterValue, name.range) << "NUMERIC precision " << precision << " must be between 1 and 38";
    }
    if (scale < 0 || scale > precision) {
      return SqlError(sqlstate::kInvalidParameterValue, name.range) << "NUMERIC scale " << scale << " must be between 0 and precision " << precision;
    }
    return Type::Numeric(static_cast<int>(precision), static_cast<int>(scale));
  }
  if (written == "varchar" || written == "character varying") {
    if (modifiers.size() == 1 && modifiers[0] >= 1 && modifiers[0] <= 10485760) return Type::Varchar(static_cast<int>(modifiers[0]));
    return SqlError(sqlstate::kInvalidParameterValue, name.range) << "length for type varchar must be between 1 and 10485760";
  }
  if (IsTimeType(id) && modifiers.size() == 1) {
    if (modifiers[0] < 0) {
      return SqlError(sqlstate::kInvalidParameterValue, name.range) << PrecisionName(id) << "(" << modifiers[0] << ") precision must not be negative";
    }
    const auto digits = static_cast<int32_t>(std::min<int64_t>(modifiers[0], 6));  // more are 6, as in PostgreSQL (which warns)
    return id == TypeId::kInterval ? Type(id, IntervalModifier(IntervalFieldsOf(name.interval_fields), digits)) : Type(id, digits);
  }
  if (written == "float" && modifiers.size() == 1 && modifiers[0] >= 1 && modifiers[0] <= 53)
    return Type(modifiers[0] <= 24 ? TypeId::kFloat4 : TypeId::kFloat8);
  return SqlError(sqlstate::kSyntaxError, name.range) << "type modifier is not allowed for type \"" << std::string(written) << "\"";
}

}  // namespace

StatusOr<Type> ResolveTypeName(const ast::TypeName& name) {
  if (name.array_dimensions > 0) {  // however many: dimensions are no part of a type
    ast::TypeName element = name;
    element.array_dimensions = 0;
    ASSIGN_OR_RETURN(const Type type, ResolveTypeName(element));
    return type.id() == TypeId::kArray ? type : Type::Array(type);
  }
  if (name.name.parts.size() > 2 || (name.name.parts.size() == 2 && name.name.parts[0].name != "pg_catalog")) {
    return SqlError(sqlstate::kUndefinedObject, name.range) << "type \"" << ast::ToString(name.name) << "\" does not exist";
  }
  const std::string& written = name.name.last().name;
  if (written == "struct") {
    std::vector<StructField> fields;
    for (const ast::StructField& field : name.fields) {
      ASSIGN_OR_RETURN(Type type, ResolveTypeName(field.type));
      for (const StructField& other : fields) {
        if (other.name == field.name.name)
          return SqlError(sqlstate::kDuplicateColumn, field.name.range) << "field \"" << other.name << "\" specified more than once";
      }
      fields.push_back({field.name.name, type});
    }
    return Type::Struct(std::move(fields));
  }
  for (const NamedType& type : kNamedTypes) {
    if (type.name == written) return WithModifiers(name, type.id, written);
  }
  for (std::string_view later : kLaterTypes) {
    if (later == written) return NotSupported("type " + written, name.range);
  }
  std::vector<std::string> known;
  for (const NamedType& type : kNamedTypes) known.emplace_back(type.name);
  return SqlError(sqlstate::kUndefinedObject, name.range) << "type \"" << written << "\" does not exist" << DidYouMean(written, known);
}

Type WithoutModifiers(const Type& type) {
  if (type.id() == TypeId::kArray) return Type::Array(WithoutModifiers(type.element()));
  if (!type.is_struct()) return Type(type.id());
  std::vector<StructField> fields = type.fields();
  for (StructField& field : fields) field.type = WithoutModifiers(field.type);
  return Type::Struct(std::move(fields));
}

Type TypedAsText(const Type& type) {
  if (type.id() == TypeId::kUnknown) return TypeId::kText;
  if (!type.is_struct()) return type;
  std::vector<StructField> fields = type.fields();
  for (StructField& field : fields) field.type = TypedAsText(field.type);
  return Type::Struct(std::move(fields));
}

std::string TypeText(const Type& type) { return type.id() == TypeId::kUnknown ? "unknown" : type.ToString(); }

ExprPtr WithExprRange(const ExprPtr& expr, TextRange range) {
  if (!range.known()) return expr;
  auto copy = std::make_shared<Expr>(*expr);
  copy->range = range;
  return copy;
}

namespace {

bool CanCoerceFields(const Type& from, const Type& to, Coercion coercion) {
  const auto &a = from.fields(), &b = to.fields();
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](const StructField& x, const StructField& y) { return CanCoerce(x.type, y.type, coercion); });
}

// Has the type a modifier that values of the other have yet to obey?
bool NeedsModifier(const Type& from, const Type& to) {
  if (from == to) return false;
  if (to.id() == TypeId::kArray) return NeedsModifier(from.element(), to.element());
  if (!to.is_struct()) return to.modifier() >= 0 && from.modifier() != to.modifier();
  for (size_t i = 0; i < to.fields().size(); ++i)
    if (NeedsModifier(from.fields()[i].type, to.fields()[i].type)) return true;
  return false;
}

}  // namespace

bool CanCoerce(const Type& from, const Type& to, Coercion coercion) {
  if (from.id() == TypeId::kUnknown || to.id() == TypeId::kAny || to.id() == TypeId::kAnyElement || from.SameId(to)) return true;
  if (to.id() == TypeId::kAnyArray) return from.id() == TypeId::kArray;
  if (to.id() == TypeId::kStruct && to.fields().empty() && from.is_struct()) return true;  // any struct
  if (to.id() == TypeId::kArray && to.element().id() == TypeId::kUnknown && from.id() == TypeId::kArray) return true;
  if (from.id() == TypeId::kArray && to.id() == TypeId::kArray) return CanCoerce(from.element(), to.element(), coercion);
  if (from.is_struct() && to.is_struct()) return CanCoerceFields(from, to, coercion);
  const FunctionEntry* cast = FunctionRegistry::Get().FindCast(from.id(), to.id());
  if (cast == nullptr) return false;
  switch (coercion) {
    case Coercion::kImplicit:
      return cast->cast_context == CastContext::kImplicit;
    case Coercion::kAssignment:
      return cast->cast_context != CastContext::kExplicit;
    case Coercion::kExplicit:
      return true;
  }
  return false;
}

ExprPtr MakeSessionCall(const BindContext& context, const FunctionEntry* function, std::vector<ExprPtr> args, Type result) {
  if (function->zoned) args.push_back(MakeConstant(Datum::Bytes(context.time_zone()), TypeId::kText));
  return MakeCall(function, std::move(args), std::move(result));
}

StatusOr<ExprPtr> FoldConstant(const ExprPtr& call) {
  for (const ExprPtr& arg : call->args) {
    if (arg->kind != ExprKind::kConstant) return call;
  }
  if (call->function->volatility != Volatility::kImmutable) return call;
  CallContext calls;
  ASSIGN_OR_RETURN(Datum value, Evaluate(*call, &calls, {}));
  return WithExprRange(MakeConstant(std::move(value), call->type), call->range);
}

namespace {

StatusOr<ExprPtr> ApplyModifier(const ExprPtr& expr, const Type& to) {
  if (to.modifier() == -1 || expr->type.modifier() == to.modifier()) return expr;
  const FunctionEntry* function = FunctionRegistry::Get().FindTypeModifier(to.id());
  if (function == nullptr) return NotSupported("type " + to.ToString(), expr->range);
  ExprPtr modifier = MakeConstant(Datum::Int(to.modifier()), TypeId::kInt4);
  return FoldConstant(WithExprRange(MakeCall(function, {expr, modifier}, to), expr->range));
}

bool IsDatetime(TypeId type) {
  return type == TypeId::kDate || type == TypeId::kTime || type == TypeId::kTimestamp || type == TypeId::kTimestampTz || type == TypeId::kInterval;
}

// A literal is read as a text is cast; one that speaks of the clock ('now', 'tomorrow 12:00') is read when the query runs.
StatusOr<ExprPtr> DatetimeLiteral(BindContext* context, const ExprPtr& literal, const Type& to) {
  const std::string text = literal->constant.as_bytes();
  if (to.id() == TypeId::kInterval) {
    Interval value;
    if (const ParseStatus status = ReadInterval(text, to.modifier(), &value); status == ParseStatus::kOk)
      return WithExprRange(MakeConstant(Datum::Of(value), to), literal->range);
  }
  const ExprPtr typed = WithExprRange(MakeConstant(Datum::Bytes(text), TypeId::kText), literal->range);
  if (to.id() != TypeId::kInterval && NeedsClock(text)) {
    if (context->streaming) return NotSupported("the clock ('" + text + "') in a view or sink", literal->range);
    const std::string_view name = to.id() == TypeId::kDate        ? "kappa_clock_date"
                                  : to.id() == TypeId::kTime      ? "kappa_clock_time"
                                  : to.id() == TypeId::kTimestamp ? "kappa_clock_timestamp"
                                                                  : "kappa_clock_timestamptz";
    const FunctionEntry* clock = FunctionRegistry::Get().Find(FunctionKind::kScalar, name).front();
    return ApplyModifier(WithExprRange(MakeSessionCall(*context, clock, {typed}, Type(to.id())), literal->range), to);
  }
  const FunctionEntry* cast = FunctionRegistry::Get().FindCast(TypeId::kText, to.id());
  ASSIGN_OR_RETURN(ExprPtr value, FoldConstant(WithExprRange(MakeSessionCall(*context, cast, {typed}, Type(to.id())), literal->range)));
  return ApplyModifier(value, to);
}

StatusOr<ExprPtr> CoerceUnknown(BindContext* context, const ExprPtr& expr, const Type& to) {
  if (expr->kind == ExprKind::kParameter) {
    const bool composite = to.is_struct() || to.id() == TypeId::kArray;
    context->parameters[expr->parameter] = composite ? to : Type(to.id());
    auto copy = std::make_shared<Expr>(*expr);
    copy->type = context->parameters[expr->parameter];
    return ApplyModifier(copy, to);
  }
  if (expr->constant.is_null()) return WithExprRange(MakeConstant(Datum(), to), expr->range);
  const std::string text = expr->constant.as_bytes();
  if (to.id() == TypeId::kText) return ApplyModifier(WithExprRange(MakeConstant(Datum::Bytes(text), TypeId::kText), expr->range), to);
  if (IsDatetime(to.id())) return DatetimeLiteral(context, expr, to);
  if (to.is_struct() || to.id() == TypeId::kArray) {
    if (to.id() == TypeId::kArray && IsDatetime(to.element().id())) {  // read as texts are cast: by the session's zone
      ASSIGN_OR_RETURN(ExprPtr texts, CoerceUnknown(context, expr, Type::Array(TypeId::kText)));
      return Coerce(context, std::move(texts), to, Coercion::kExplicit);
    }
    const Type plain = WithoutModifiers(to);  // a literal too long for varchar(3)[] is cut, as a cast does
    StatusOr<Datum> value = Datum::Parse(plain, text);
    if (!value.ok()) return WithRange(value.status(), expr->range);
    return Coerce(context, WithExprRange(MakeConstant(*std::move(value), plain), expr->range), to, Coercion::kExplicit);
  }
  StatusOr<Datum> value = Datum::Parse(Type(to.id()), text);
  if (!value.ok()) return WithRange(value.status(), expr->range);
  return ApplyModifier(WithExprRange(MakeConstant(*std::move(value), Type(to.id())), expr->range), to);
}

}  // namespace

// Field by field; what is NULL stays NULL.
static StatusOr<ExprPtr> CoerceStruct(BindContext* context, const ExprPtr& expr, const Type& to, Coercion coercion) {
  const size_t count = to.fields().size();
  if (expr->type.fields().size() != count) {
    return SqlError(sqlstate::kCannotCoerce, expr->range)
           << "cannot cast type " << TypeText(expr->type) << " to " << to.ToString() << Hint("they have not as many fields");
  }
  std::vector<ExprPtr> fields;
  for (size_t i = 0; i < count; ++i) {
    ExprPtr field;
    if (expr->kind == ExprKind::kStruct) {
      field = expr->args[i];
    } else {
      auto access = std::make_shared<Expr>();
      access->kind = ExprKind::kField;
      access->type = expr->type.fields()[i].type;
      access->field = static_cast<int>(i);
      access->args = {expr};
      access->range = expr->range;
      field = access;
    }
    ASSIGN_OR_RETURN(field, Coerce(context, std::move(field), to.fields()[i].type, coercion));
    fields.push_back(std::move(field));
  }
  ExprPtr row = WithExprRange(MakeExpr(ExprKind::kStruct, to, false, std::move(fields)), expr->range);
  if (!expr->nullable) return row;
  ExprPtr null = MakeExpr(ExprKind::kIsNull, TypeId::kBool, false, {expr});
  return WithExprRange(MakeExpr(ExprKind::kCase, to, true, {std::move(null), MakeConstant(Datum(), to), std::move(row)}), expr->range);
}

StatusOr<ExprPtr> Coerce(BindContext* context, ExprPtr expr, const Type& to, Coercion coercion) {
  if (expr->kind == ExprKind::kParameter && expr->type.id() == TypeId::kUnknown && context->parameters[expr->parameter].id() != TypeId::kUnknown) {
    auto typed = std::make_shared<Expr>(*expr);  // inferred from another use
    typed->type = context->parameters[expr->parameter];
    expr = typed;
  }
  if (to.id() == TypeId::kAny || to.id() == TypeId::kAnyElement) return CoerceUnknownToText(context, expr);
  if (to.id() == TypeId::kAnyArray && expr->type.id() == TypeId::kArray) return expr;
  if (expr->type.id() == TypeId::kUnknown) return CoerceUnknown(context, expr, to);
  if (to.is_struct() && to.fields().empty() && expr->type.is_struct()) return CoerceUnknownToText(context, expr);
  if (expr->type.is_struct() && to.is_struct() && !(expr->type.SameId(to) && !NeedsModifier(expr->type, to)))
    return CoerceStruct(context, expr, to, coercion);
  if (to.id() == TypeId::kArray && expr->type.id() == TypeId::kArray) {
    if (to.element().id() == TypeId::kUnknown || (expr->type.SameId(to) && !NeedsModifier(expr->type, to))) return expr;
    if (expr->type.SameId(to) || CanCoerce(expr->type, to, coercion)) {
      const FunctionEntry* elements = FunctionRegistry::Get().FindCast(TypeId::kArray, TypeId::kArray);
      return FoldConstant(WithExprRange(MakeSessionCall(*context, elements, {expr}, to), expr->range));
    }
  }
  // To a text and from one, an array of instants goes by the texts of its elements, which are in the session's zone.
  const bool of_instants = (expr->type.id() == TypeId::kArray && expr->type.element().id() == TypeId::kTimestampTz && to.id() == TypeId::kText) ||
                           (to.id() == TypeId::kArray && to.element().id() == TypeId::kTimestampTz && expr->type.id() == TypeId::kText);
  if (of_instants && CanCoerce(expr->type, to, coercion)) {
    ASSIGN_OR_RETURN(expr, Coerce(context, std::move(expr), Type::Array(TypeId::kText), Coercion::kExplicit));
    return Coerce(context, std::move(expr), to, Coercion::kExplicit);
  }
  if (expr->type.SameId(to)) return ApplyModifier(expr, to);
  const FunctionEntry* cast = FunctionRegistry::Get().FindCast(expr->type.id(), to.id());
  if (cast == nullptr || !CanCoerce(expr->type, to, coercion)) {
    if (cast != nullptr) {
      return SqlError(sqlstate::kDatatypeMismatch, expr->range)
             << "an expression of type " << TypeText(expr->type) << " stands where " << to.ToString() << " is needed"
             << Hint("write an explicit cast: CAST(... AS " + to.ToString() + ")");
    }
    // Where no cast was asked for, it is the expression that is of the wrong type.
    return SqlError(coercion == Coercion::kExplicit ? sqlstate::kCannotCoerce : sqlstate::kDatatypeMismatch, expr->range)
           << "cannot cast type " << TypeText(expr->type) << " to " << to.ToString();
  }
  const TextRange range = expr->range;
  const bool composite = to.is_struct() || to.id() == TypeId::kArray;
  ASSIGN_OR_RETURN(ExprPtr converted,
                   FoldConstant(WithExprRange(MakeSessionCall(*context, cast, {std::move(expr)}, composite ? to : Type(to.id())), range)));
  return ApplyModifier(converted, to);
}

StatusOr<ExprPtr> CoerceUnknownToText(BindContext* context, ExprPtr expr) {
  if (expr->kind == ExprKind::kStruct) {  // the fields of ROW('a', NULL)
    const auto& fields = expr->type.fields();
    if (std::none_of(expr->args.begin(), expr->args.end(),
                     [](const ExprPtr& arg) { return arg->type.id() == TypeId::kUnknown || arg->kind == ExprKind::kStruct; }))
      return expr;
    auto row = std::make_shared<Expr>(*expr);
    std::vector<StructField> typed = fields;
    for (size_t i = 0; i < fields.size(); ++i) {
      ASSIGN_OR_RETURN(row->args[i], CoerceUnknownToText(context, row->args[i]));
      typed[i].type = row->args[i]->type;
    }
    row->type = Type::Struct(std::move(typed));
    return ExprPtr(row);
  }
  if (expr->type.id() != TypeId::kUnknown) return expr;
  return Coerce(context, std::move(expr), TypeId::kText, Coercion::kImplicit);
}

}  // namespace kappa
