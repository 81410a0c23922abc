// Function calls, aggregates, and the constructs that look like functions.
#include <algorithm>
#include <iterator>

#include "functions/registry.h"
#include "functions/window_function.h"
#include "planner/binder/expressions.h"
#include "planner/binder/temporal_filter.h"
#include "planner/binder/types.h"
#include "planner/system_objects.h"

namespace kappa {

bool IsAggregateName(std::string_view name) { return name == "count" || !FunctionRegistry::Get().FindAggregates(name).empty(); }

StatusOr<std::vector<ExprPtr>> ExpressionBinder::BindArguments(const ast::Call& call) {
  std::vector<ExprPtr> args;
  for (const ast::Argument& argument : call.arguments) {
    if (!argument.name.name.empty()) return NotSupported("a named argument", argument.name.range);
    ASSIGN_OR_RETURN(ExprPtr arg, Bind(*argument.value));
    args.push_back(std::move(arg));
  }
  return args;
}

StatusOr<ExprPtr> ExpressionBinder::BindCall(const ast::Call& call) {
  const std::string& name = call.name.last().name;
  const std::string schema = call.name.parts.size() > 1 ? call.name.parts[0].name : "";
  if (call.name.parts.size() <= 2 && schema != "pg_catalog" && !IsAggregateName(name) &&
      FunctionRegistry::Get().Find(FunctionKind::kScalar, name).empty()) {
    const std::vector<CatalogObjectPtr> candidates = context_->catalog->Functions(schema, name, context_->search_path());
    if (!candidates.empty()) return BindSqlFunction(call, candidates);
  }
  if (context_->settings->system != nullptr && call.name.parts.size() <= 2 && (schema.empty() || schema == "pg_catalog")) {
    const std::vector<CatalogObjectPtr> candidates = context_->settings->system->Functions(name);
    if (!candidates.empty()) return BindSystemFunction(call, candidates);
  }
  if (call.name.parts.size() > 1 && call.name.parts[0].name != "pg_catalog" && call.name.parts[0].name != "public") {
    return SqlError(sqlstate::kUndefinedFunction, call.name.range) << "function " << ast::ToString(call.name) << " does not exist";
  }
  if (call.over != nullptr) return BindOver(call, name);
  if (call.nulls != ast::NullTreatment::kNone) {
    return SqlError(sqlstate::kWrongObjectType, call.range)
           << (call.nulls == ast::NullTreatment::kIgnore ? "IGNORE" : "RESPECT") << " NULLS specified, but " << name
           << " is not called as a window function" << Hint("it goes before OVER: " + name + "(...) IGNORE NULLS OVER (...)");
  }
  if (FindWindowFunction(name) != nullptr && call.within_group.empty() && !IsAggregateName(name))  // first_value is an aggregate too
    return SqlError(sqlstate::kWrongObjectType, call.range) << "window function " << name << " requires an OVER clause";
  if (call.variadic) return NotSupported("VARIADIC", call.range);
  if (IsAggregateName(name)) return BindAggregate(call, name);
  if (name == "grouping" && call.name.parts.size() == 1) return BindGrouping(call);
  if (!call.within_group.empty() && (name == "rank" || name == "dense_rank" || name == "percent_rank" || name == "cume_dist"))
    return BindHypothetical(call, name);
  if (call.star || call.distinct || call.filter != nullptr || !call.order_by.empty() || !call.within_group.empty()) {
    if (FunctionRegistry::Get().Find(FunctionKind::kScalar, name).empty()) {
      return SqlError(sqlstate::kUndefinedFunction, call.name.range)
             << "function " << name << (call.star ? "(*)" : "()") << " does not exist" << DidYouMean(name, FunctionRegistry::Get().Names());
    }
    return SqlError(sqlstate::kWrongObjectType, call.range) << (call.star                    ? "*"
                                                                : call.distinct              ? "DISTINCT"
                                                                : call.filter                ? "FILTER"
                                                                : !call.within_group.empty() ? "WITHIN GROUP"
                                                                                             : "ORDER BY")
                                                            << " specified, but " << name << " is not an aggregate function";
  }
  if (name == "make_interval") return BindMakeInterval(call);
  ASSIGN_OR_RETURN(std::vector<ExprPtr> args, BindArguments(call));
  if (name == "coalesce" && !args.empty()) return BindCoalesce(std::move(args), call.range);
  if (name == "nullif" && args.size() == 2) return BindNullIf(std::move(args), call.range);
  if ((name == "greatest" || name == "least") && !args.empty()) return BindGreatest(std::move(args), name == "greatest", call.range);
  if ((name == "now" || name == "proctime" || name == "transaction_timestamp" || name == "statement_timestamp" || name == "clock_timestamp") &&
      args.empty())
    return BindClock(name, call.range);
  if (name == "overlaps" && args.size() == 4) {  // an end may be told by its distance
    for (size_t i = 1; i < args.size(); i += 2) {
      if (args[i]->type.id() != TypeId::kInterval) continue;
      ASSIGN_OR_RETURN(args[i], CallOperator(context_, "+", {args[i - 1], args[i]}, call.range));
    }
  }
  if (name == "age" && args.size() == 1) {  // from today's midnight
    ASSIGN_OR_RETURN(ExprPtr clock, BindClock("now", call.range));
    ASSIGN_OR_RETURN(ExprPtr today, Coerce(context_, std::move(clock), TypeId::kDate, Coercion::kExplicit));
    const TypeId type = args[0]->type.id() == TypeId::kTimestamp ? TypeId::kTimestamp : TypeId::kTimestampTz;
    ASSIGN_OR_RETURN(ExprPtr midnight, Coerce(context_, std::move(today), type, Coercion::kExplicit));
    return CallFunction(context_, name, {std::move(midnight), args[0]}, call.range);
  }
  if (name == "current_watermark") return BindCurrentWatermark(args, call.range);
  if ((name == "random" || name == "gen_random_uuid") && context_->streaming) return NotSupported(name + "() in a view or sink", call.range);
  if (args.size() == 1 && FunctionRegistry::Get().Find(FunctionKind::kScalar, name).empty()) {  // date(x) is a cast
    ast::TypeName type;
    type.name = call.name;
    if (StatusOr<Type> target = ResolveTypeName(type); target.ok()) return Coerce(context_, std::move(args[0]), *target, Coercion::kExplicit);
  }
  return CallFunction(context_, name, std::move(args), call.name.range.known() ? call.name.range : call.range);
}

// A column that the query's watermark operator adds: QueryBinder::ExposeWatermarks.
StatusOr<ExprPtr> ExpressionBinder::BindCurrentWatermark(const std::vector<ExprPtr>& args, TextRange range) {
  if (args.size() != 1 || args[0]->kind != ExprKind::kColumn || !args[0]->type.is_temporal()) {
    return SqlError(sqlstate::kUndefinedFunction, range)
           << "CURRENT_WATERMARK takes the time column of a source" << Hint("the one of its WATERMARK FOR clause");
  }
  auto [entry, added] = context_->watermark_columns.try_emplace(args[0]->column);
  if (added) entry->second = context_->NewColumn("current_watermark", args[0]->type, true);
  return WithExprRange(MakeColumn(entry->second), range);
}

StatusOr<ExprPtr> ExpressionBinder::BindClock(std::string_view name, TextRange range) {
  if (context_->streaming && !clock_allowed_) {
    return SqlError(sqlstate::kFeatureNotSupported, range) << "the clock (" << name << ") in a view or sink is not supported yet" << ClockHint();
  }
  return CallFunction(context_, name == "proctime" ? "proctime" : "now", {}, range);
}

// make_interval(days => 10): what is not given is 0.
StatusOr<ExprPtr> ExpressionBinder::BindMakeInterval(const ast::Call& call) {
  static constexpr std::string_view kNames[] = {"years", "months", "weeks", "days", "hours", "mins", "secs"};
  constexpr size_t kCount = std::size(kNames);
  std::vector<ExprPtr> args(kCount);
  size_t next = 0;
  bool named = false;
  for (const ast::Argument& argument : call.arguments) {
    size_t at = next++;
    if (const std::string& name = argument.name.name; !name.empty()) {
      named = true;
      at = static_cast<size_t>(std::find(std::begin(kNames), std::end(kNames), name) - std::begin(kNames));
      if (at == kCount) {
        return SqlError(sqlstate::kUndefinedFunction, argument.name.range)
               << "make_interval has no argument named \"" << name << "\"" << DidYouMean(name, {std::begin(kNames), std::end(kNames)});
      }
    } else if (named) {
      return SqlError(sqlstate::kSyntaxError, argument.value->range) << "positional argument cannot follow named argument";
    }
    if (at >= kCount) return SqlError(sqlstate::kUndefinedFunction, call.range) << "make_interval takes at most " << kCount << " arguments";
    if (args[at] != nullptr)
      return SqlError(sqlstate::kSyntaxError, argument.name.range) << "argument name \"" << kNames[at] << "\" used more than once";
    ASSIGN_OR_RETURN(args[at], Bind(*argument.value));
  }
  for (size_t i = 0; i < kCount; ++i) {
    if (args[i] != nullptr) continue;
    args[i] = i + 1 == kCount ? MakeConstant(Datum::Float(0), TypeId::kFloat8) : MakeConstant(Datum::Int(0), TypeId::kInt4);
  }
  return CallFunction(context_, "make_interval", std::move(args), call.range);
}

StatusOr<ExprPtr> ExpressionBinder::BindNowLike(const ast::NowLike& now) {
  TypeId type = TypeId::kTimestampTz;
  if (now.name == "localtimestamp") type = TypeId::kTimestamp;
  if (now.name == "localtime") type = TypeId::kTime;
  if (now.name == "current_date") type = TypeId::kDate;
  if (type == TypeId::kTimestampTz && now.name != "current_timestamp" && context_->settings->system != nullptr && !context_->streaming) {
    const std::vector<CatalogObjectPtr> functions = context_->settings->system->Functions(now.name);  // current_user...
    if (!functions.empty()) return InlineFunction(*functions[0], {}, now.range);
  }
  if (type == TypeId::kTimestampTz && now.name != "current_timestamp")
    return NotSupported(now.name == "current_time" ? "current_time (time with time zone)" : now.name, now.range);
  if (now.precision && *now.precision < 0) {
    return SqlError(sqlstate::kInvalidParameterValue, now.range) << now.name << "(" << *now.precision << ") precision must not be negative";
  }
  ASSIGN_OR_RETURN(ExprPtr clock, BindClock("now", now.range));
  const bool rounded = now.precision && *now.precision < 6;
  return Coerce(context_, std::move(clock), rounded ? Type(type, static_cast<int32_t>(*now.precision)) : Type(type), Coercion::kExplicit);
}

StatusOr<ExprPtr> ExpressionBinder::BindCoalesce(std::vector<ExprPtr> args, TextRange range) {
  RETURN_IF_ERROR(CoerceAll(&args, "COALESCE"));
  if (args.size() == 1) return args[0];
  const bool nullable = std::all_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  const Type type = args[0]->type;
  return WithExprRange(MakeExpr(ExprKind::kCoalesce, type, nullable, std::move(args)), range);
}

// CASE WHEN a = b THEN NULL ELSE a END
StatusOr<ExprPtr> ExpressionBinder::BindNullIf(std::vector<ExprPtr> args, TextRange range) {
  ASSIGN_OR_RETURN(ExprPtr equal, CallOperator(context_, "=", args, range));
  ASSIGN_OR_RETURN(ExprPtr value, args[0]->type.id() == TypeId::kUnknown ? CoerceUnknownToText(context_, args[0]) : StatusOr<ExprPtr>(args[0]));
  const Type type = value->type;
  return WithExprRange(MakeExpr(ExprKind::kCase, type, true, {equal, MakeConstant(Datum(), type), value}), range);
}

// NULLs are left out. WHEN a >= every other (or the other is NULL) THEN a, in turn; the last one otherwise.
StatusOr<ExprPtr> ExpressionBinder::BindGreatest(std::vector<ExprPtr> args, bool greatest, TextRange range) {
  RETURN_IF_ERROR(CoerceAll(&args, greatest ? "GREATEST" : "LEAST"));
  if (args.size() == 1) return args[0];
  std::vector<ExprPtr> branches;
  for (size_t i = 0; i + 1 < args.size(); ++i) {
    std::vector<ExprPtr> wins;
    if (args[i]->nullable) wins.push_back(MakeNot(MakeIsNull(args[i])));
    for (size_t j = i + 1; j < args.size(); ++j) {  // those before i have lost already
      ASSIGN_OR_RETURN(ExprPtr beats, CallOperator(context_, greatest ? ">=" : "<=", {args[i], args[j]}, range));
      if (args[j]->nullable) beats = MakeExpr(ExprKind::kOr, TypeId::kBool, true, {MakeIsNull(args[j]), beats});
      wins.push_back(std::move(beats));
    }
    branches.push_back(MakeAnd(std::move(wins)));
    branches.push_back(args[i]);
  }
  branches.push_back(args.back());
  const bool nullable = std::all_of(args.begin(), args.end(), [](const ExprPtr& arg) { return arg->nullable; });
  const Type type = args[0]->type;
  // The last branch is reached when all others lost, so it is not NULL unless all are; types alone cannot tell.
  const bool typed_nullable = nullable || args.back()->nullable;
  return WithExprRange(
      MakeExpr(ExprKind::kCase, type, typed_nullable || std::any_of(args.begin(), args.end(), [](const ExprPtr& a) { return a->nullable; }),
               std::move(branches)),
      range);
}

}  // namespace kappa
