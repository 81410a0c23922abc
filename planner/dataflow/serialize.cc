#include "planner/dataflow/serialize.h"

namespace kappa {
namespace {
using dataflow_json::Json;
using dataflow_json::kTypeNames;

Json ToJson(const Type& type) {
  Json out = {{"id", kTypeNames[static_cast<int>(type.id())]}};
  if (type.modifier() != -1) out["modifier"] = type.modifier();
  if (type.id() == TypeId::kArray) out["element"] = ToJson(type.element());
  if (type.is_struct()) {
    out["fields"] = Json::array();
    for (const StructField& field : type.fields()) out["fields"].push_back({{"name", field.name}, {"type", ToJson(field.type)}});
  }
  return out;
}

Json ToJson(const Column& column) { return {{"id", column.id}, {"name", column.name}, {"type", ToJson(column.type)}, {"nullable", column.nullable}}; }

Json ToJson(const Datum& datum, const Type& type) {
  if (datum.is_null()) return nullptr;
  if (type.is_struct()) {
    Json out = Json::array();
    for (size_t i = 0; i < type.fields().size(); ++i) out.push_back(ToJson(datum.as_struct()[i], type.fields()[i].type));
    return out;
  }
  return type.id() == TypeId::kText ? datum.as_bytes() : datum.ToText(type);
}

Json ToJson(const ExprPtr& expr) {
  if (expr == nullptr) return nullptr;
  Json out = {{"kind", static_cast<int>(expr->kind)}, {"type", ToJson(expr->type)}, {"nullable", expr->nullable}};
  if (expr->kind == ExprKind::kConstant) out["constant"] = ToJson(expr->constant, expr->type);
  if (expr->column != kNoColumn) out["column"] = expr->column;
  if (expr->parameter >= 0) out["parameter"] = expr->parameter;
  if (expr->field >= 0) out["field"] = expr->field;
  if (expr->function != nullptr) out["function"] = expr->function->Signature();
  if (!expr->args.empty()) {
    out["args"] = Json::array();
    for (const ExprPtr& arg : expr->args) out["args"].push_back(ToJson(arg));
  }
  return out;
}

Json ToJson(const ErrorPolicy& policy) { return {{"action", static_cast<int>(policy.action)}, {"table", policy.table}}; }
Json ToJson(const WindowSpec& w) {
  return {{"time", w.time},
          {"size", w.size},
          {"slide", w.slide},
          {"offset", w.offset},
          {"start", w.start},
          {"end", w.end},
          {"kind", static_cast<int>(w.kind)},
          {"lag", w.lag},
          {"partition", w.partition}};
}

Json ToJson(const AggregateCall& call);

template <typename T>
Json List(const std::vector<T>& items) {
  Json out = Json::array();
  for (const T& item : items) out.push_back(ToJson(item));
  return out;
}

Json OffsetsToJson(const std::map<int32_t, int64_t>& offsets) {
  Json out = Json::array();
  for (const auto& [partition, offset] : offsets) out.push_back({partition, offset});
  return out;
}

Json OptionalToJson(const std::optional<int64_t>& value) { return value ? Json(*value) : Json(); }

Json OpToJson(const ScanOp& scan) {
  Json columns = Json::array();
  for (const auto& c : scan.columns) {
    columns.push_back({{"column", ToJson(c.column)},
                       {"metadata", static_cast<int>(c.metadata)},
                       {"path", c.path},
                       {"exact", c.exact},
                       {"header", c.header},
                       {"json_steps", c.json_steps},
                       {"jsonb_text", c.jsonb_text},
                       {"position", c.position}});
  }
  return {{"source", scan.source},
          {"connector", scan.connector},
          {"options", scan.options},
          {"encoding", static_cast<int>(scan.encoding)},
          {"format_options", scan.format_options},
          {"envelope", static_cast<int>(scan.envelope)},
          {"keyed", scan.keyed},
          {"validate_full", scan.validate_full},
          {"columns", columns},
          {"on_error", ToJson(scan.on_error)},
          {"from_offsets", OffsetsToJson(scan.from_offsets)},
          {"until_offsets", OffsetsToJson(scan.until_offsets)},
          {"from_latest", scan.from_latest},
          {"until_latest", scan.until_latest},
          {"from_timestamp_ms", OptionalToJson(scan.from_timestamp_ms)},
          {"until_timestamp_ms", OptionalToJson(scan.until_timestamp_ms)},
          {"offset_lost", static_cast<int>(scan.offset_lost)},
          {"asks_clock", scan.asks_clock},
          {"processing_time", scan.processing_time},
          {"unique", scan.unique}};
}
Json OpToJson(const ValuesOp& values) {
  Json rows = Json::array();
  for (const auto& row : values.rows) rows.push_back(List(row));
  return {{"rows", rows}};
}
Json OpToJson(const ViewScanOp& scan) {
  Json equal = Json::array();
  for (const auto& [position, value] : scan.equal) equal.push_back({{"position", position}, {"value", ToJson(value)}});
  return {{"view", scan.view}, {"columns", scan.columns}, {"unique", scan.unique}, {"equal", equal}};
}
Json OpToJson(const WatermarkOp& w) {
  return {{"time", w.time},
          {"delay", w.delay_micros},
          {"max_ahead", OptionalToJson(w.max_ahead_micros)},
          {"idle_timeout", w.idle_timeout_micros},
          {"source", w.source},
          {"on_error", ToJson(w.on_error)},
          {"candidate", w.candidate},
          {"current", w.current},
          {"processing_time", w.processing_time}};
}
Json OpToJson(const FilterOp& filter) { return {{"predicate", ToJson(filter.predicate)}}; }
Json OpToJson(const ProjectOp& project) {
  Json columns = Json::array();
  for (const auto& [column, expr] : project.columns) columns.push_back({{"column", ToJson(column)}, {"expr", ToJson(expr)}});
  return {{"columns", columns}};
}
Json OpToJson(const WindowOp& window) { return {{"window", ToJson(window.window)}}; }
Json OpToJson(const LateCheckOp& check) {
  return {{"time", check.time}, {"slice", check.slice}, {"offset", check.offset}, {"late", ToJson(check.late)}, {"query", check.query}};
}
Json ToJson(const AggregateCall& call) {
  Json order = Json::array();
  for (const auto& key : call.order) order.push_back({{"expr", ToJson(key.expr)}, {"descending", key.descending}, {"nulls_first", key.nulls_first}});
  return {{"output", call.output},
          {"name", call.name},
          {"type", ToJson(call.type)},
          {"nullable", call.nullable},
          {"function", call.function == nullptr ? Json() : Json(call.function->Signature())},
          {"args", List(call.args)},
          {"filter", ToJson(call.filter)},
          {"distinct", call.distinct},
          {"order", order}};
}
Json OpToJson(const AggregateOp& aggregate) {
  return {{"keys", List(aggregate.keys)},
          {"aggregates", List(aggregate.aggregates)},
          {"window", aggregate.window ? ToJson(*aggregate.window) : Json()},
          {"fused_window", aggregate.fused_window},
          {"emit_on_close", aggregate.emit_on_close},
          {"input_append_only", aggregate.input_append_only},
          {"rows", aggregate.rows}};
}
Json OpToJson(const UnionOp& u) { return {{"inputs", u.inputs}}; }
Json KeysToJson(const std::vector<SortOp::Key>& order) {
  Json keys = Json::array();
  for (const auto& key : order) keys.push_back({{"column", key.column}, {"descending", key.descending}, {"nulls_first", key.nulls_first}});
  return keys;
}
Json OpToJson(const SortOp& sort) {
  return {{"keys", KeysToJson(sort.keys)}, {"limit", OptionalToJson(sort.limit)}, {"offset", OptionalToJson(sort.offset)}};
}
Json OpToJson(const GapFillOp& fill) {
  Json fills = Json::array();
  for (const auto& [column, how] : fill.fills) fills.push_back({column, static_cast<int>(how)});
  return {{"time", fill.time}, {"step", fill.step}, {"partition", fill.partition}, {"fills", fills}};
}
Json OpToJson(const TableFunctionOp& table) {
  return {{"function", table.function},
          {"args", List(table.args)},
          {"columns", List(table.columns)},
          {"ordinality", table.ordinality.id == kNoColumn ? Json() : ToJson(table.ordinality)},
          {"outer", table.outer}};
}
Json ToJson(const std::optional<Expiry>& expiry) { return expiry ? Json({{"time", expiry->time}, {"add", expiry->add}}) : Json(); }
Json OpToJson(const JoinOp& join) {
  Json keys = Json::array();
  for (const auto& key : join.keys) keys.push_back({{"left", key.left}, {"right", key.right}, {"null_safe", key.null_safe}});
  Json closest;
  if (join.closest)
    closest = {
        {"left", join.closest->left}, {"right", join.closest->right}, {"forward", join.closest->forward}, {"or_equal", join.closest->or_equal}};
  return {{"kind", static_cast<int>(join.kind)},
          {"keys", keys},
          {"condition", ToJson(join.condition)},
          {"closest", closest},
          {"lookup", join.lookup},
          {"left_expiry", ToJson(join.left_expiry)},
          {"right_expiry", ToJson(join.right_expiry)},
          {"emit_on_close", join.emit_on_close}};
}
Json OpToJson(const TopNOp& top) {
  return {{"partition", top.partition},         {"order", KeysToJson(top.order)},
          {"limit", OptionalToJson(top.limit)}, {"offset", OptionalToJson(top.offset)},
          {"ties", static_cast<int>(top.ties)}, {"rank", top.rank.id == kNoColumn ? Json() : ToJson(top.rank)},
          {"user_keys", top.user_keys},         {"expiry", ToJson(top.expiry)}};
}
Json ToJson(const OverOp::Frame& frame) {
  return {{"mode", static_cast<int>(frame.mode)},
          {"start", static_cast<int>(frame.start)},
          {"end", static_cast<int>(frame.end)},
          {"start_offset", ToJson(frame.start_offset)},
          {"end_offset", ToJson(frame.end_offset)},
          {"exclude", static_cast<int>(frame.exclude)},
          {"subtract", frame.subtract == nullptr ? Json() : Json(frame.subtract->Signature())},
          {"add", frame.add == nullptr ? Json() : Json(frame.add->Signature())}};
}
Json OpToJson(const OverOp& over) {
  Json functions = Json::array();
  for (const auto& function : over.functions) {
    functions.push_back({{"kind", static_cast<int>(function.kind)},
                         {"call", ToJson(function.call)},
                         {"frame", ToJson(function.frame)},
                         {"ignore_nulls", function.ignore_nulls}});
  }
  return {{"partition", over.partition},
          {"order", KeysToJson(over.order)},
          {"functions", functions},
          {"user_keys", over.user_keys},
          {"expiry", ToJson(over.expiry)}};
}
Json OpToJson(const SetOperationOp& set) {
  return {{"kind", static_cast<int>(set.kind)}, {"all", set.all}, {"inputs", set.inputs}, {"name", set.name}, {"limit", set.limit}};
}
Json OpToJson(const RecursionOp& recursion) { return {{"loop", recursion.loop}}; }
Json OpToJson(const TemporalFilterOp& filter) { return {{"from", filter.from}, {"until", filter.until}}; }
Json OpToJson(const SinkOp& sink) {
  return {{"name", sink.name},
          {"connector", sink.connector},
          {"options", sink.options},
          {"encoding", static_cast<int>(sink.encoding)},
          {"envelope", static_cast<int>(sink.envelope)},
          {"key", sink.key},
          {"folds_checksum", sink.folds_checksum},
          {"format_options", sink.format_options},
          {"key_encoding", static_cast<int>(sink.key_encoding)}};
}
Json OpToJson(const MaterializeOp& view) { return {{"view", view.view}, {"key", view.key}}; }
Json OpToJson(const ResultOp& result) { return {{"names", result.names}}; }

}  // namespace

std::string Serialize(const Dataflow& dataflow) {
  Json operators = Json::array();
  for (const PlanOperator& op : dataflow.operators) {
    Json out = std::visit([](const auto& kind) { return OpToJson(kind); }, op.op);
    operators.push_back({{"id", op.id},
                         {"kind", OperatorName(op)},
                         {"inputs", op.inputs},
                         {"output", List(op.output)},
                         {"append_only", op.append_only},
                         {"on_error", ToJson(op.on_error)},
                         {"query", op.query},
                         {"op", std::move(out)}});
  }
  const Json document = {{"version", dataflow.version}, {"parameters", List(dataflow.parameters)}, {"operators", operators}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kappa
