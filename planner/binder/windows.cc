// Window table functions: TUMBLE, HOP, CUMULATE, SESSION in FROM. Aggregates over them: window_aggregate.cc.
#include "planner/binder/query.h"
#include "planner/binder/types.h"

namespace kappa {

StatusOr<int64_t> QueryBinder::WindowInterval(const ast::Expression& expression, std::string_view what, bool positive) {
  const Scope empty;
  ExpressionBinder binder(context_, &empty, nullptr, "a window");
  ASSIGN_OR_RETURN(ExprPtr bound, binder.Bind(expression));
  if (bound->type.id() != TypeId::kUnknown && bound->type.id() != TypeId::kInterval) {
    return SqlError(sqlstate::kDatatypeMismatch, expression.range)
           << what << " must be an interval, not " << TypeText(bound->type) << Hint("write INTERVAL '10 seconds'");
  }
  ASSIGN_OR_RETURN(bound, Coerce(context_, std::move(bound), TypeId::kInterval, Coercion::kImplicit));
  CallContext calls;
  StatusOr<Datum> value = Evaluate(*bound, &calls, {});
  if (!value.ok()) return WithRange(value.status(), expression.range);
  if (value->is_null()) return SqlError(sqlstate::kNullValueNotAllowed, expression.range) << what << " must not be NULL";
  const Interval& interval = value->as_interval();
  if (interval.months != 0) {
    return SqlError(sqlstate::kFeatureNotSupported, expression.range)
           << what << " must not have months or years: they differ in length"
           << Hint("write days (INTERVAL '30 days'), or group by date_trunc('month', ...)");
  }
  const __int128 micros = static_cast<__int128>(interval.days) * 86'400'000'000 + interval.micros;
  if (micros > INT64_MAX / 4 || micros < INT64_MIN / 4)
    return SqlError(sqlstate::kIntervalFieldOverflow, expression.range) << what << " is out of range";
  if (positive && micros <= 0) return SqlError(sqlstate::kInvalidParameterValue, expression.range) << what << " must be positive";
  return static_cast<int64_t>(micros);
}

namespace {

constexpr std::string_view kNames[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
constexpr int64_t kMaxWindows = 1'000'000;  // that hold one row

struct Parameter {
  std::string_view name;
  std::string_view what;  // for messages
  bool required = true;
};

const std::vector<Parameter>& ParametersOf(ast::WindowKind window) {
  static const std::vector<Parameter> kinds[] = {
      {{"size", "the size of TUMBLE"}, {"offset", "the offset of the window", false}},
      {{"slide", "the slide of HOP"}, {"size", "the size of HOP"}, {"offset", "the offset of the window", false}},
      {{"step", "the step of CUMULATE"}, {"size", "the size of CUMULATE"}, {"offset", "the offset of the window", false}},
      {{"gap", "the gap of SESSION"}}};
  return kinds[static_cast<int>(window)];
}

std::string_view Usage(ast::WindowKind window) {
  static constexpr std::string_view kUsages[] = {"a size, and optionally an offset", "slide and size, and optionally an offset",
                                                 "step and size, and optionally an offset", "a gap"};
  return kUsages[static_cast<int>(window)];
}

// The arguments in the order of the parameters, by place or by name.
StatusOr<std::vector<const ast::Expression*>> Ordered(const ast::WindowTable& table) {
  const std::vector<Parameter>& parameters = ParametersOf(table.window);
  const std::string_view function = kNames[static_cast<int>(table.window)];
  static constexpr std::string_view kFirst[] = {"data", "timecol"};
  for (size_t i = 0; i < 2 && i < table.names.size(); ++i) {
    const ast::Identifier& name = table.names[i];
    if (!name.name.empty() && name.name != kFirst[i]) {
      return SqlError(sqlstate::kUndefinedFunction, name.range)
             << "argument " << i + 1 << " of " << function << " is called \"" << kFirst[i] << "\", not \"" << name.name << "\"";
    }
  }
  std::vector<const ast::Expression*> ordered(parameters.size(), nullptr);
  bool named = false;
  for (size_t i = 0; i < table.arguments.size(); ++i) {
    const ast::Identifier* name = i + 2 < table.names.size() && !table.names[i + 2].name.empty() ? &table.names[i + 2] : nullptr;
    size_t place = i;
    if (name != nullptr) {
      named = true;
      std::vector<std::string> known;
      for (place = 0; place < parameters.size() && parameters[place].name != name->name; ++place) known.emplace_back(parameters[place].name);
      if (place == parameters.size()) {
        return SqlError(sqlstate::kUndefinedFunction, name->range)
               << function << " has no argument \"" << name->name << "\"" << DidYouMean(name->name, known);
      }
    } else if (named) {
      return SqlError(sqlstate::kSyntaxError, table.arguments[i]->range) << "positional argument cannot follow named argument";
    }
    if (place >= parameters.size()) {
      return SqlError(sqlstate::kUndefinedFunction, table.range) << function << " takes a table, a time column and " << Usage(table.window);
    }
    if (ordered[place] != nullptr)
      return SqlError(sqlstate::kSyntaxError, table.arguments[i]->range) << "argument \"" << parameters[place].name << "\" is given twice";
    ordered[place] = table.arguments[i].get();
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].required && ordered[i] == nullptr) {
      return SqlError(sqlstate::kUndefinedFunction, table.range) << function << " takes a table, a time column and " << Usage(table.window)
                                                                 << Hint("argument \"" + std::string(parameters[i].name) + "\" is missing");
    }
  }
  return ordered;
}

}  // namespace

StatusOr<WindowSpec> QueryBinder::WindowShape(const ast::WindowTable& table) {
  ASSIGN_OR_RETURN(const std::vector<const ast::Expression*> arguments, Ordered(table));
  const std::vector<Parameter>& parameters = ParametersOf(table.window);
  WindowSpec window;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (arguments[i] == nullptr) continue;
    const bool offset = parameters[i].name == "offset";
    ASSIGN_OR_RETURN(const int64_t micros, WindowInterval(*arguments[i], parameters[i].what, !offset));
    if (offset)
      window.offset = micros;
    else if (parameters[i].name == "size" || parameters[i].name == "gap")
      window.size = micros;
    else
      window.slide = micros;
  }
  if (table.window == ast::WindowKind::kSession) {
    window.kind = WindowSpec::Kind::kSession;
    return window;
  }
  if (table.window == ast::WindowKind::kTumble) window.slide = window.size;
  if (table.window == ast::WindowKind::kCumulate) {
    window.kind = WindowSpec::Kind::kCumulate;
    if (window.size % window.slide != 0) {
      return SqlError(sqlstate::kInvalidParameterValue, arguments[1]->range)
             << "the size of CUMULATE must be a multiple of its step" << Hint("windows grow by the step until they are as long as the size says");
    }
    window.offset %= window.size;
  } else {
    window.offset %= window.slide;
  }
  if (window.size / window.slide > kMaxWindows)
    return SqlError(sqlstate::kInvalidParameterValue, table.range) << "a row would be in more than a million windows";
  return window;
}

StatusOr<ExprPtr> QueryBinder::WindowTime(const ast::WindowTable& table, Relation* relation) {
  const std::string_view name = kNames[static_cast<int>(table.window)];
  if (table.time_call) {
    if (table.time_column.last().name != "proctime" || table.time_column.parts.size() > 1) {
      return SqlError(sqlstate::kUndefinedFunction, table.time_column.range)
             << "the time of " << name << " is a column or PROCTIME()" << DidYouMean(table.time_column.last().name, {"proctime"});
    }
    return ProcessingTime(relation, table.range);
  }
  ASSIGN_OR_RETURN(ExprPtr time, ResolveName(relation->scope, table.time_column));
  if (!time->type.is_temporal()) {
    return SqlError(sqlstate::kDatatypeMismatch, table.time_column.range)
           << "the time column of " << name << " must be a timestamp, not " << TypeText(time->type);
  }
  if (time->type.id() == TypeId::kDate) { ASSIGN_OR_RETURN(time, Coerce(context_, std::move(time), TypeId::kTimestamp, Coercion::kImplicit)); }
  if (time->kind == ExprKind::kColumn) {
    if (IsClock(*relation->plan, time->column)) RETURN_IF_ERROR(FollowClock(time->column, table.range, relation));
    return time;
  }
  const Column column = context_->NewColumn(table.time_column.last().name, time->type, time->nullable);
  std::vector<Column> output = relation->plan->output();
  output.push_back(column);
  relation->plan = context_->Node(ProjectOp{{{column, time}}}, {relation->plan}, std::move(output));
  return MakeColumn(column);
}

StatusOr<Relation> QueryBinder::BindWindow(const ast::WindowTable& table) {
  ASSIGN_OR_RETURN(Relation relation, BindFrom(*table.input));
  ASSIGN_OR_RETURN(WindowSpec window, WindowShape(table));
  const std::string_view name = kNames[static_cast<int>(table.window)];
  ASSIGN_OR_RETURN(const ExprPtr time, WindowTime(table, &relation));
  window.time = time->column;
  const Column start = context_->NewColumn("window_start", time->type, false);
  const Column end = context_->NewColumn("window_end", time->type, false);
  window.start = start.id;
  window.end = end.id;
  if (window.kind == WindowSpec::Kind::kSession) {
    RETURN_IF_ERROR(BindSession(table, std::move(window), {start, end}, &relation));
  } else {
    ExpressionBinder binder(context_, &relation.scope, nullptr, name);
    for (const ast::ExpressionPtr& key : table.partition_by) RETURN_IF_ERROR(binder.Bind(*key).status());  // fixed windows are the same for all keys
    std::vector<Column> output = relation.plan->output();
    output.insert(output.end(), {start, end});
    relation.plan = context_->Node(WindowOp{window}, {relation.plan}, std::move(output));
  }
  for (const Column& column : {start, end}) relation.scope.columns.push_back({"", column.name, column, nullptr});
  ASSIGN_OR_RETURN(const ExprPtr last,
                   CallOperator(context_, "-", {MakeColumn(end), MakeConstant(Datum::Of(Interval{1000, 0, 0}), TypeId::kInterval)}, table.range));
  relation.scope.columns.push_back({"", "window_time", {kNoColumn, "window_time", last->type, false}, last});
  return relation;
}

}  // namespace kappa
