// Aggregates, and what windows beneath them let them forget.
#include <algorithm>
#include <numeric>

#include "functions/registry.h"
#include "planner/binder/query.h"
#include "planner/binder/time_attribute.h"
#include "planner/dataflow/equal_forms.h"

namespace kappa {
namespace {

// The window assignment beneath `node` that makes one of `keys`, when only filters and projections stand between; its path of nodes, top first.
const WindowOp* FindWindow(const LogicalPtr& node, const std::vector<Column>& keys, std::vector<LogicalPtr>* path) {
  path->push_back(node);
  if (const auto* window = node->As<WindowOp>()) {
    for (const Column& key : keys) {
      if (key.id == window->window.start || key.id == window->window.end) return window;
    }
  }
  if (node->As<FilterOp>() || node->As<ProjectOp>() || node->As<WindowOp>() || node->As<TableFunctionOp>())
    return FindWindow(node->inputs[0], keys, path);
  return nullptr;
}

bool Keyed(const std::vector<Column>& keys, ColumnId id) { return FindColumn(keys, id) != nullptr; }

bool ReadsBounds(const Expr& expr, const WindowSpec& window) {
  std::vector<ColumnId> columns;
  CollectColumns(expr, &columns);
  return std::any_of(columns.begin(), columns.end(), [&](ColumnId id) { return id == window.start || id == window.end; });
}

// A group is final once the watermark has passed the one of its keys that follows it most closely: a window's end, of an aggregate beneath.
//   Aggregate(window_start, window_end) <- ... <- Aggregate(window_start, window_end, k) <- ... <- Window
std::optional<WindowSpec> WindowOfKeys(const LogicalNode& input, const std::vector<Column>& keys) {
  std::optional<WindowSpec> window;
  std::optional<TimeAttribute> end;
  for (const Column& key : keys) {
    const std::optional<TimeAttribute> time = FindTimeAttribute(input, key.id);
    if (!time || !time->derived || (end && end->lag <= time->lag)) continue;
    end = time;
    window.emplace();
    window->end = key.id;
    window->lag = time->lag;
    window->slide = time->grid;
    window->offset = time->residue;
  }
  for (const Column& key : keys) {  // where it began, when that is a key too
    const std::optional<TimeAttribute> start = FindTimeAttribute(input, key.id);
    if (!start || !start->derived || start->grid != end->grid || start->grid == 0 || start->lag <= end->lag) continue;
    window->start = key.id;
    window->size = start->lag - end->lag;
    window->offset = start->residue;
    break;
  }
  return window;
}

// The least of the group's own values, in the key's place.
AggregateCall ShownKey(const Column& key, bool append_only) {
  AggregateCall call;
  call.output = key.id;
  call.name = key.name;
  call.type = key.type;
  call.nullable = key.nullable;
  const bool min = append_only || key.type.id() == TypeId::kArray;  // an array's looks back by itself
  const std::string type = key.type.id() == TypeId::kArray ? Type(TypeId::kAnyArray).ToString() : key.type.ToString();
  call.function = FunctionRegistry::Get().AggregateBySignature((min ? "min(" : "kappa_shown_key(") + type + ")");
  call.args = {MakeColumn(key)};
  return call;
}

// What SESSION gives its rows to, when only projections and conditions on its partition stand between; nullptr: another operator.
const AggregateOp* FindSession(const LogicalPtr& node, std::vector<LogicalPtr>* path) {
  if (const auto* session = node->As<AggregateOp>()) return session->rows ? session : nullptr;
  if (!node->As<FilterOp>() && !node->As<ProjectOp>()) return nullptr;
  path->push_back(node);
  const AggregateOp* session = FindSession(node->inputs[0], path);
  if (session == nullptr) return nullptr;
  bool keeps = true;
  ForEachExpr(node->op, [&](const Expr& expr) {
    std::vector<ColumnId> columns;
    CollectColumns(expr, &columns);
    const auto& partition = session->window->partition;
    const bool of_partition = std::all_of(columns.begin(), columns.end(),
                                          [&](ColumnId id) { return std::find(partition.begin(), partition.end(), id) != partition.end(); });
    keeps &= !IsFallible(expr) && !ReadsBounds(expr, *session->window) && (node->As<ProjectOp>() || of_partition);
  });
  return keeps ? session : nullptr;
}

// Aggregate(k, window) over SESSION(PARTITION BY k): sessions of aggregates instead of sessions of rows. `input` becomes what SESSION reads, under
// the projections between.
bool FuseSession(const std::vector<AggregateCall>& calls, std::vector<Column>* keys, AggregateOp* aggregate, LogicalPtr* input) {
  std::vector<LogicalPtr> path;
  const AggregateOp* session = FindSession(*input, &path);
  if (session == nullptr) return false;
  const WindowSpec& window = *session->window;
  const auto& partition = window.partition;
  if (!Keyed(*keys, window.start) && !Keyed(*keys, window.end)) return false;
  if (!std::all_of(partition.begin(), partition.end(), [&](ColumnId id) { return Keyed(*keys, id); })) return false;
  for (const AggregateCall& call : calls) {
    for (const ExprPtr& arg : call.args)
      if (ReadsBounds(*arg, window)) return false;
    for (const AggregateOrder& key : call.order)
      if (ReadsBounds(*key.expr, window)) return false;
    if (call.filter != nullptr && ReadsBounds(*call.filter, window)) return false;
  }
  const LogicalNode& assigned = path.empty() ? **input : *path.back()->inputs[0];
  LogicalPtr rebuilt = assigned.inputs[0];
  for (auto node = path.rbegin(); node != path.rend(); ++node) {
    auto copy = std::make_shared<LogicalNode>(*WithInputs(**node, {rebuilt}));
    std::erase_if(copy->op.output, [&](const Column& column) { return column.id == window.start || column.id == window.end; });
    if (FindColumn(copy->op.output, window.time) == nullptr) copy->op.output.push_back(*FindColumn(rebuilt->output(), window.time));
    for (ColumnId id : partition) {
      if (FindColumn(copy->op.output, id) == nullptr) copy->op.output.push_back(*FindColumn(rebuilt->output(), id));
    }
    rebuilt = copy;
  }
  *input = rebuilt;
  aggregate->window = window;
  aggregate->fused_window = true;
  // Either bound tells the sessions of a partition apart; the operator keeps both.
  for (ColumnId bound : {window.start, window.end}) {
    if (!Keyed(*keys, bound)) keys->push_back(*FindColumn(assigned.output(), bound));
  }
  return true;
}

}  // namespace

// Where its rows may be late, they are asked at the first temporal operator they meet.
LogicalPtr QueryBinder::CheckLateness(const LogicalPtr& input, const WindowSpec& window) {
  if (input->As<LateCheckOp>() != nullptr) return input;
  LateCheckOp check;
  check.time = window.time;
  check.slice = window.kind == WindowSpec::Kind::kSession ? 1 : std::gcd(window.size, window.slide);
  check.offset = window.offset % check.slice;
  check.late = context_->late;
  check.query = context_->query;
  return context_->Node(std::move(check), {input}, input->output());
}

// The same for what several aggregates read: late rows are told once.
LogicalPtr QueryBinder::CheckLatenessOfWindow(const LogicalPtr& input, const std::vector<Column>& keys) {
  std::vector<LogicalPtr> path;
  const WindowOp* assigned = FindWindow(input, keys, &path);
  if (assigned == nullptr) return input;
  LogicalPtr rebuilt = path.back()->inputs[0];
  const std::optional<TimeAttribute> time = FindTimeAttribute(*rebuilt, assigned->window.time);
  if (!time || time->derived) return input;
  rebuilt = CheckLateness(rebuilt, assigned->window);
  for (auto node = path.rbegin(); node != path.rend(); ++node) rebuilt = WithInputs(**node, {rebuilt});
  return rebuilt;
}

// What CURRENT_WATERMARK has asked for becomes a column of the query's input.
Status QueryBinder::ExposeWatermarks(LogicalPtr* plan, TextRange range) {
  for (const auto& [time, current] : context_->watermark_columns) {
    if (FindColumn((*plan)->output(), time) == nullptr || FindColumn((*plan)->output(), current.id) != nullptr) continue;
    LogicalPtr exposed = WithCurrentWatermark(*plan, time, current);
    if (exposed == nullptr) return NotSupported("CURRENT_WATERMARK of anything but a source's own time column", range);
    *plan = std::move(exposed);
  }
  return OkStatus();
}

// Sessions of rows. An aggregate above may take its place: FuseSession.
Status QueryBinder::BindSession(const ast::WindowTable& table, WindowSpec window, const std::vector<Column>& bounds, Relation* relation) {
  if (!relation->plan->op.append_only) return NotSupported("SESSION over rows that may be retracted", table.range);
  ExpressionBinder binder(context_, &relation->scope, nullptr, "PARTITION BY");
  std::vector<std::pair<Column, ExprPtr>> computed;
  std::vector<Column> output = relation->plan->output();
  for (const ast::ExpressionPtr& expression : table.partition_by) {
    ASSIGN_OR_RETURN(ExprPtr key, binder.BindTyped(*expression));
    ColumnId id = key->column;
    if (key->kind != ExprKind::kColumn) {
      const Column column = context_->NewColumn("partition", key->type, key->nullable);
      id = column.id;
      output.push_back(column);
      computed.emplace_back(column, std::move(key));
    }
    if (std::find(window.partition.begin(), window.partition.end(), id) == window.partition.end()) window.partition.push_back(id);
  }
  LogicalPtr input = relation->plan;
  if (!computed.empty()) input = context_->Node(ProjectOp{std::move(computed)}, {input}, output);
  const std::optional<TimeAttribute> time = FindTimeAttribute(*input, window.time);
  window.lag = time ? WindowLag(*time, window) : -1;
  if (time && !time->derived) input = CheckLateness(input, window);
  AggregateOp session;
  session.rows = session.fused_window = true;
  output.insert(output.end(), bounds.begin(), bounds.end());
  session.keys = output;
  if (context_->emit_on_close) {
    if (!time) return NeedsWindow();
    session.emit_on_close = true;
    ++context_->closing_aggregates;
  }
  session.window = std::move(window);
  relation->plan = context_->Node(std::move(session), {input}, std::move(output));
  return OkStatus();
}

Status QueryBinder::NeedsWindow() const {
  return SqlError(sqlstate::kFeatureNotSupported, context_->emit_range)
         << "EMIT ON WINDOW CLOSE needs every GROUP BY to hold a window over the watermark of an append-only source"
         << Hint("group by window_start or window_end of a window function over the column of the source's WATERMARK FOR clause");
}

// Aggregate, its state dropped window by window when it groups by a window over a watermarked time:
//
//   Aggregate(window_start, k) <- ... <- Window(ts) <- LateCheck(ts) <- ... <- Watermark(ts)
StatusOr<LogicalPtr> QueryBinder::MakeAggregate(LogicalPtr input, std::vector<Column> keys, std::vector<AggregateCall> calls) {
  for (const Column& key : keys) {
    if (key.type.id() == TypeId::kJson) {
      return SqlError(sqlstate::kUndefinedFunction)
             << "could not identify an equality operator for type json" << Hint("values of jsonb can be compared: cast it");
    }
  }
  AggregateOp aggregate;
  const std::vector<Column> shown = keys;
  std::vector<LogicalPtr> path;
  const WindowOp* assigned = FindWindow(input, keys, &path);
  const std::optional<TimeAttribute> time = assigned == nullptr ? std::nullopt : FindTimeAttribute(*path.back()->inputs[0], assigned->window.time);
  if (time) {
    LogicalPtr rebuilt = path.back()->inputs[0];
    aggregate.window = assigned->window;
    aggregate.window->lag = WindowLag(*time, assigned->window);
    if (!time->derived) rebuilt = CheckLateness(rebuilt, assigned->window);
    for (auto node = path.rbegin(); node != path.rend(); ++node) rebuilt = WithInputs(**node, {rebuilt});
    input = rebuilt;
    if (!Keyed(keys, aggregate.window->start)) aggregate.window->start = kNoColumn;
    if (!Keyed(keys, aggregate.window->end)) aggregate.window->end = kNoColumn;
  } else if (assigned == nullptr && !FuseSession(calls, &keys, &aggregate, &input)) {
    aggregate.window = WindowOfKeys(*input, keys);
  }
  if (context_->emit_on_close) {
    if (!aggregate.window || aggregate.window->lag < 0) return NeedsWindow();
    aggregate.emit_on_close = true;
    ++context_->closing_aggregates;
  }
  for (AggregateCall& call : calls) {
    call.by_position = call.function->order_matters && !call.distinct;
    if (call.function->invertible || call.function->over != nullptr || input->op.append_only) continue;
    // A sketch of different values forgets which they were: they are counted one by one.
    if (call.function->name != "approx_count_distinct") return NotSupported(call.name + " over rows that may be retracted");
    call.function = FunctionRegistry::Get().AggregateBySignature("count(\"any\")");
    if (call.function == nullptr) call.function = FunctionRegistry::Get().AggregateBySignature("count(any)");
    call.distinct = true;
  }
  std::vector<Column> output = shown;
  for (const AggregateCall& call : calls) output.push_back({call.output, call.name, call.type, call.nullable});
  for (const Column& key : keys) {
    if (HasEqualForms(key.type) && !key.type.is_struct()) calls.push_back(ShownKey(key, input->op.append_only));
  }
  aggregate.keys = std::move(keys);
  aggregate.aggregates = std::move(calls);
  return context_->Node(std::move(aggregate), {std::move(input)}, std::move(output));
}

}  // namespace kappa
