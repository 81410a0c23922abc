// TUMBLE and HOP, and aggregates that group by a window.
#include <numeric>

#include "functions/registry.h"
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
  if (interval.months != 0) return NotSupported("a window measured in months", expression.range);
  const __int128 micros = static_cast<__int128>(interval.days) * 86'400'000'000 + interval.micros;
  if (micros > INT64_MAX / 4 || micros < INT64_MIN / 4)
    return SqlError(sqlstate::kIntervalFieldOverflow, expression.range) << what << " is out of range";
  if (positive && micros <= 0) return SqlError(sqlstate::kInvalidParameterValue, expression.range) << what << " must be positive";
  return static_cast<int64_t>(micros);
}

StatusOr<Relation> QueryBinder::BindWindow(const ast::WindowTable& table) {
  if (table.window == ast::WindowKind::kCumulate) return NotSupported("CUMULATE", table.range);
  if (table.window == ast::WindowKind::kSession) return NotSupported("SESSION", table.range);
  const bool hop = table.window == ast::WindowKind::kHop;
  ASSIGN_OR_RETURN(Relation relation, BindFrom(*table.input));
  const std::string_view name = hop ? "HOP" : "TUMBLE";
  const size_t least = hop ? 2 : 1;
  if (table.arguments.size() < least || table.arguments.size() > least + 1) {
    return SqlError(sqlstate::kUndefinedFunction, table.range)
           << name << " takes a table, a time column and " << (hop ? "slide and size" : "a size") << ", and optionally an offset";
  }
  WindowSpec window;
  if (hop) { ASSIGN_OR_RETURN(window.slide, WindowInterval(*table.arguments[0], "the slide of HOP", true)); }
  ASSIGN_OR_RETURN(window.size, WindowInterval(*table.arguments[least - 1], hop ? "the size of HOP" : "the size of TUMBLE", true));
  if (!hop) window.slide = window.size;
  if (table.arguments.size() > least) {
    ASSIGN_OR_RETURN(window.offset, WindowInterval(*table.arguments[least], "the offset of the window", false));
    window.offset %= window.slide;
  }
  if (window.size / window.slide > 1'000'000)
    return SqlError(sqlstate::kInvalidParameterValue, table.range) << "a row would be in more than a million windows";
  ExpressionBinder binder(context_, &relation.scope, nullptr, name);
  for (const ast::ExpressionPtr& key : table.partition_by) RETURN_IF_ERROR(binder.Bind(*key).status());  // fixed windows are the same for all keys
  ASSIGN_OR_RETURN(ExprPtr time, ResolveName(relation.scope, table.time_column));
  if (!time->type.is_temporal()) {
    return SqlError(sqlstate::kDatatypeMismatch, table.time_column.range)
           << "the time column of " << name << " must be a timestamp, not " << TypeText(time->type);
  }
  if (time->type.id() == TypeId::kDate) { ASSIGN_OR_RETURN(time, Coerce(context_, std::move(time), TypeId::kTimestamp, Coercion::kImplicit)); }
  std::vector<Column> output = relation.plan->output();
  if (time->kind != ExprKind::kColumn) {
    const Column column = context_->NewColumn(table.time_column.last().name, time->type, time->nullable);
    output.push_back(column);
    relation.plan = context_->Node(ProjectOp{{{column, time}}}, {relation.plan}, output);
    time = MakeColumn(column);
  }
  window.time = time->column;
  const Column start = context_->NewColumn("window_start", time->type, false);
  const Column end = context_->NewColumn("window_end", time->type, false);
  window.start = start.id;
  window.end = end.id;
  for (const Column& column : {start, end}) {
    output.push_back(column);
    relation.scope.columns.push_back({"", column.name, column});
  }
  relation.plan = context_->Node(WindowOp{window}, {relation.plan}, std::move(output));
  return relation;
}

namespace {

// The window assignment beneath `node` that makes one of `keys`, when only filters and projections stand between; its path of nodes, top first.
const WindowOp* FindWindow(const LogicalPtr& node, const std::vector<Column>& keys, std::vector<LogicalPtr>* path) {
  path->push_back(node);
  if (const auto* window = node->As<WindowOp>()) {
    for (const Column& key : keys) {
      if (key.id == window->window.start || key.id == window->window.end) return window;
    }
  }
  if (node->As<FilterOp>() || node->As<ProjectOp>() || node->As<WindowOp>()) return FindWindow(node->inputs[0], keys, path);
  return nullptr;
}

// Has the type values that are equal and print differently? Not numeric(p,s): all have s digits. Of floats only 0 and -0, which is shown as 0.
bool HasEqualForms(const Type& type) { return type.id() == TypeId::kInterval || (type.id() == TypeId::kNumeric && type.modifier() < 0); }

// The least of the group's own values, in the key's place.
AggregateCall ShownKey(const Column& key, bool append_only) {
  AggregateCall call;
  call.output = key.id;
  call.name = key.name;
  call.type = key.type;
  call.nullable = key.nullable;
  call.function = FunctionRegistry::Get().AggregateBySignature((append_only ? "min(" : "kappa_shown_key(") + key.type.ToString() + ")");
  call.args = {MakeColumn(key)};
  return call;
}

}  // namespace

// Aggregate, its state dropped window by window when it groups by a window over a watermarked time:
//
//   Aggregate(window_start, k) <- ... <- Window(ts) <- LateCheck(ts) <- ... <- Watermark(ts)
//
// The late check stands beneath the window assignment: it is the first temporal operator the row meets.
StatusOr<LogicalPtr> QueryBinder::MakeAggregate(LogicalPtr input, std::vector<Column> keys, std::vector<AggregateCall> calls) {
  for (const Column& key : keys) {
    if (key.type.is_struct()) return NotSupported("grouping by a struct");
  }
  AggregateOp aggregate;
  std::vector<LogicalPtr> path;
  const WindowOp* window = FindWindow(input, keys, &path);
  if (window != nullptr && FindWatermark(*path.back()->inputs[0], window->window.time) != nullptr) {
    const LogicalPtr& below = path.back()->inputs[0];
    LogicalPtr rebuilt = below;
    if (below->As<LateCheckOp>() == nullptr) {
      LateCheckOp check;
      check.time = window->window.time;
      check.slice = std::gcd(window->window.size, window->window.slide);
      check.offset = window->window.offset % check.slice;
      check.late = context_->late;
      check.query = context_->query;
      rebuilt = context_->Node(std::move(check), {below}, below->output());
    }
    for (auto node = path.rbegin(); node != path.rend(); ++node) rebuilt = WithInputs(**node, {rebuilt});
    input = rebuilt;
    aggregate.window = window->window;
    auto keyed = [&](ColumnId id) { return FindColumn(keys, id) != nullptr; };
    if (!keyed(aggregate.window->start)) aggregate.window->start = kNoColumn;
    if (!keyed(aggregate.window->end)) aggregate.window->end = kNoColumn;
  }
  if (context_->emit_on_close) {
    if (!aggregate.window) {
      return SqlError(sqlstate::kFeatureNotSupported, context_->emit_range)
             << "EMIT ON WINDOW CLOSE needs every GROUP BY to hold a window over the watermark of an append-only source"
             << Hint("group by window_start or window_end of TUMBLE(...) or HOP(...) over the column of the source's WATERMARK FOR clause");
    }
    aggregate.emit_on_close = true;
    ++context_->closing_aggregates;
  }
  for (const AggregateCall& call : calls) {
    if (!call.function->invertible && !input->op.append_only) return NotSupported(call.name + " over rows that may be retracted");
  }
  std::vector<Column> output = keys;
  for (const AggregateCall& call : calls) output.push_back({call.output, call.name, call.type, call.nullable});
  for (const Column& key : keys) {
    if (HasEqualForms(key.type)) calls.push_back(ShownKey(key, input->op.append_only));
  }
  aggregate.keys = std::move(keys);
  aggregate.aggregates = std::move(calls);
  return context_->Node(std::move(aggregate), {std::move(input)}, std::move(output));
}

}  // namespace kappa
