// The inverse of serialize.cc. nlohmann-json answers damage by exceptions: they end here.
#include "functions/registry.h"
#include "planner/dataflow/serialize.h"

namespace kappa {
namespace {
using dataflow_json::Json;
using dataflow_json::kTypeNames;

// Thrown for damage that the JSON library cannot see; caught in ParseDataflow only.
struct Damage {
  std::string what;
};

template <typename Enum>
Enum ReadEnum(const Json& json, int last) {
  const int value = json.get<int>();
  if (value < 0 || value > last) throw Damage{"an enumeration is out of range"};
  return static_cast<Enum>(value);
}

Type ReadType(const Json& json) {
  const std::string id = json.at("id");
  for (size_t i = 0; i < std::size(kTypeNames); ++i) {
    if (id != kTypeNames[i]) continue;
    if (id == "array") return Type::Array(ReadType(json.at("element")));
    if (id == "struct") {
      std::vector<StructField> fields;
      for (const Json& field : json.at("fields")) fields.push_back({field.at("name"), ReadType(field.at("type"))});
      return Type::Struct(std::move(fields));
    }
    return Type(static_cast<TypeId>(i), json.value("modifier", -1));
  }
  throw Damage{"unknown type \"" + id + "\""};
}

Column ReadColumn(const Json& json) { return {json.at("id"), json.at("name"), ReadType(json.at("type")), json.at("nullable")}; }

Datum ReadDatum(const Json& json, const Type& type) {
  if (json.is_null()) return Datum();
  if (type.is_struct()) {
    std::vector<Datum> fields;
    for (size_t i = 0; i < type.fields().size(); ++i) fields.push_back(ReadDatum(json.at(i), type.fields()[i].type));
    return Datum::Struct(std::move(fields));
  }
  if (type.id() == TypeId::kText) return Datum::Bytes(json.get<std::string>());
  StatusOr<Datum> value = Datum::Parse(type, json.get<std::string>());
  if (!value.ok()) throw Damage{MessageOf(value.status())};
  return *std::move(value);
}

ExprPtr ReadExpr(const Json& json) {
  if (json.is_null()) return nullptr;
  auto expr = std::make_shared<Expr>();
  expr->kind = ReadEnum<ExprKind>(json.at("kind"), static_cast<int>(ExprKind::kAllOf));
  expr->type = ReadType(json.at("type"));
  expr->nullable = json.at("nullable");
  if (expr->kind == ExprKind::kConstant) expr->constant = ReadDatum(json.at("constant"), expr->type);
  expr->column = json.value("column", kNoColumn);
  expr->parameter = json.value("parameter", -1);
  expr->field = json.value("field", -1);
  if (json.contains("function")) {
    const std::string signature = json.at("function");
    expr->function = FunctionRegistry::Get().BySignature(signature);
    if (expr->function == nullptr) throw Damage{"this build has no function " + signature};
  }
  if (json.contains("args")) {
    for (const Json& arg : json.at("args")) expr->args.push_back(ReadExpr(arg));
  }
  return expr;
}

std::vector<ExprPtr> ReadExprs(const Json& json) {
  std::vector<ExprPtr> exprs;
  for (const Json& expr : json) exprs.push_back(ReadExpr(expr));
  return exprs;
}

ErrorPolicy ReadPolicy(const Json& json) { return {ReadEnum<ErrorPolicy::Action>(json.at("action"), 2), json.at("table")}; }

WindowSpec ReadWindow(const Json& json) {
  WindowSpec window{json.at("time"), json.at("size"), json.at("slide"), json.at("offset"), json.at("start"), json.at("end")};
  if (!json.contains("kind")) return window;  // version 2
  window.kind = ReadEnum<WindowSpec::Kind>(json.at("kind"), 2);
  window.lag = json.at("lag");
  window.partition = json.at("partition").get<std::vector<ColumnId>>();
  return window;
}

std::map<int32_t, int64_t> ReadOffsets(const Json& json) {
  std::map<int32_t, int64_t> offsets;
  for (const Json& entry : json) offsets[entry.at(0).get<int32_t>()] = entry.at(1).get<int64_t>();
  return offsets;
}

std::optional<int64_t> ReadOptional(const Json& json) { return json.is_null() ? std::nullopt : std::optional(json.get<int64_t>()); }
Options ReadOptions(const Json& json) { return json.get<Options>(); }

void ReadOp(const Json& json, ScanOp* scan) {
  scan->source = json.at("source");
  scan->connector = json.at("connector");
  scan->options = ReadOptions(json.at("options"));
  scan->encoding = ReadEnum<Encoding>(json.at("encoding"), 2);
  scan->validate_full = json.at("validate_full");
  for (const Json& c : json.at("columns")) {
    scan->columns.push_back({ReadColumn(c.at("column")), ReadEnum<Metadata>(c.at("metadata"), 8), c.at("path").get<std::vector<std::string>>(),
                             c.at("exact").get<std::vector<bool>>(), c.value("header", ""), c.value("position", -1), c.value("json_steps", 0),
                             c.value("jsonb_text", false)});
  }
  if (json.contains("format_options")) {  // version 3
    scan->format_options = ReadOptions(json.at("format_options"));
    scan->envelope = ReadEnum<Envelope>(json.at("envelope"), 2);
    scan->keyed = json.at("keyed");
  }
  scan->on_error = ReadPolicy(json.at("on_error"));
  scan->from_offsets = ReadOffsets(json.at("from_offsets"));
  scan->until_offsets = ReadOffsets(json.at("until_offsets"));
  scan->from_latest = json.at("from_latest");
  scan->until_latest = json.at("until_latest");
  if (!json.contains("offset_lost")) return;  // version 1
  scan->from_timestamp_ms = ReadOptional(json.at("from_timestamp_ms"));
  scan->until_timestamp_ms = ReadOptional(json.at("until_timestamp_ms"));
  scan->offset_lost = ReadEnum<OffsetLost>(json.at("offset_lost"), 2);
  scan->asks_clock = json.value("asks_clock", false);
  scan->processing_time = json.value("processing_time", false);
  scan->unique = json.value("unique", std::vector<ColumnId>());
}
void ReadOp(const Json& json, ValuesOp* values) {
  for (const Json& row : json.at("rows")) values->rows.push_back(ReadExprs(row));
}
void ReadOp(const Json& json, ViewScanOp* scan) {
  *scan = {json.at("view"), json.at("columns").get<std::vector<int>>(), json.value("unique", std::vector<ColumnId>())};
  if (!json.contains("equal")) return;
  for (const Json& one : json.at("equal")) scan->equal.emplace_back(one.at("position").get<int>(), ReadExpr(one.at("value")));
}
void ReadOp(const Json& json, WatermarkOp* w) {
  *w = {json.at("time"),         json.at("delay"),  ReadOptional(json.at("max_ahead")),
        json.at("idle_timeout"), json.at("source"), ReadPolicy(json.at("on_error"))};
  w->candidate = json.value("candidate", kNoColumn);
  w->current = json.value("current", kNoColumn);
  w->processing_time = json.value("processing_time", false);
}
void ReadOp(const Json& json, FilterOp* filter) { filter->predicate = ReadExpr(json.at("predicate")); }
void ReadOp(const Json& json, ProjectOp* project) {
  for (const Json& c : json.at("columns")) project->columns.emplace_back(ReadColumn(c.at("column")), ReadExpr(c.at("expr")));
}
void ReadOp(const Json& json, WindowOp* window) { window->window = ReadWindow(json.at("window")); }
void ReadOp(const Json& json, LateCheckOp* check) {
  *check = {json.at("time"), json.at("slice"), json.at("offset"), ReadPolicy(json.at("late")), json.at("query")};
}
AggregateCall ReadCall(const Json& json) {
  AggregateCall call;
  call.output = json.at("output");
  call.name = json.at("name");
  call.type = ReadType(json.at("type"));
  call.nullable = json.at("nullable");
  if (!json.at("function").is_null()) {
    const std::string signature = json.at("function");
    call.function = FunctionRegistry::Get().AggregateBySignature(signature);
    if (call.function == nullptr) throw Damage{"this build has no aggregate " + signature};
  }
  call.args = ReadExprs(json.at("args"));
  call.filter = ReadExpr(json.at("filter"));
  call.distinct = json.at("distinct");
  for (const Json& key : json.value("order", Json::array()))
    call.order.push_back({ReadExpr(key.at("expr")), key.at("descending"), key.at("nulls_first")});
  return call;
}

void ReadOp(const Json& json, AggregateOp* aggregate) {
  for (const Json& key : json.at("keys")) aggregate->keys.push_back(ReadColumn(key));
  for (const Json& call : json.at("aggregates")) {
    aggregate->aggregates.push_back(ReadCall(call));
    if (aggregate->aggregates.back().function == nullptr) throw Damage{"an aggregate without its function"};
  }
  if (!json.at("window").is_null()) aggregate->window = ReadWindow(json.at("window"));
  aggregate->fused_window = json.at("fused_window");
  aggregate->emit_on_close = json.at("emit_on_close");
  aggregate->input_append_only = json.at("input_append_only");
  aggregate->rows = json.value("rows", false);
}
void ReadOp(const Json& json, UnionOp* u) { u->inputs = json.at("inputs").get<std::vector<std::vector<ColumnId>>>(); }
std::vector<SortOp::Key> ReadKeys(const Json& json) {
  std::vector<SortOp::Key> keys;
  for (const Json& key : json) keys.push_back({key.at("column"), key.at("descending"), key.at("nulls_first")});
  return keys;
}
void ReadOp(const Json& json, SortOp* sort) {
  sort->keys = ReadKeys(json.at("keys"));
  sort->limit = ReadOptional(json.at("limit"));
  sort->offset = ReadOptional(json.at("offset"));
}
void ReadOp(const Json& json, GapFillOp* fill) {
  fill->time = json.at("time");
  fill->step = json.at("step");
  fill->partition = json.at("partition").get<std::vector<ColumnId>>();
  for (const Json& entry : json.at("fills")) fill->fills.emplace_back(entry.at(0).get<ColumnId>(), ReadEnum<GapFillOp::Fill>(entry.at(1), 2));
}
void ReadOp(const Json& json, TableFunctionOp* table) {
  table->function = json.at("function");
  table->args = ReadExprs(json.at("args"));
  for (const Json& column : json.at("columns")) table->columns.push_back(ReadColumn(column));
  if (!json.at("ordinality").is_null()) table->ordinality = ReadColumn(json.at("ordinality"));
  table->outer = json.at("outer");
}
std::optional<Expiry> ReadExpiry(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return Expiry{json.at("time"), json.at("add")};
}
void ReadOp(const Json& json, JoinOp* join) {
  join->kind = ReadEnum<JoinOp::Kind>(json.at("kind"), static_cast<int>(JoinOp::Kind::kSingle));
  for (const Json& key : json.at("keys")) join->keys.push_back({key.at("left"), key.at("right"), key.at("null_safe")});
  join->condition = ReadExpr(json.at("condition"));
  if (const Json& closest = json.at("closest"); !closest.is_null())
    join->closest = JoinOp::Closest{closest.at("left"), closest.at("right"), closest.at("forward"), closest.at("or_equal")};
  join->lookup = json.at("lookup");
  join->left_expiry = ReadExpiry(json.at("left_expiry"));
  join->right_expiry = ReadExpiry(json.at("right_expiry"));
  join->emit_on_close = json.at("emit_on_close");
}
void ReadOp(const Json& json, TopNOp* top) {
  top->partition = json.at("partition").get<std::vector<ColumnId>>();
  top->order = ReadKeys(json.at("order"));
  top->limit = ReadOptional(json.at("limit"));
  top->offset = ReadOptional(json.at("offset"));
  top->ties = ReadEnum<TopNOp::Ties>(json.at("ties"), 2);
  if (!json.at("rank").is_null()) top->rank = ReadColumn(json.at("rank"));
  top->user_keys = json.value("user_keys", -1);
  top->expiry = ReadExpiry(json.value("expiry", Json()));
}
const FunctionEntry* ReadFunction(const Json& json) {
  if (json.is_null()) return nullptr;
  const std::string signature = json;
  const FunctionEntry* function = FunctionRegistry::Get().BySignature(signature);
  if (function == nullptr) throw Damage{"this build has no function " + signature};
  return function;
}
OverOp::Frame ReadFrame(const Json& json) {
  OverOp::Frame frame;
  frame.mode = ReadEnum<OverOp::Mode>(json.at("mode"), 2);
  frame.start = ReadEnum<OverOp::Bound>(json.at("start"), 4);
  frame.end = ReadEnum<OverOp::Bound>(json.at("end"), 4);
  frame.start_offset = ReadExpr(json.at("start_offset"));
  frame.end_offset = ReadExpr(json.at("end_offset"));
  frame.exclude = ReadEnum<OverOp::Exclude>(json.at("exclude"), 3);
  frame.subtract = ReadFunction(json.at("subtract"));
  frame.add = ReadFunction(json.at("add"));
  return frame;
}
void ReadOp(const Json& json, OverOp* over) {
  over->partition = json.at("partition").get<std::vector<ColumnId>>();
  over->order = ReadKeys(json.at("order"));
  over->user_keys = json.value("user_keys", -1);
  over->expiry = ReadExpiry(json.value("expiry", Json()));
  for (const Json& function : json.at("functions")) {
    over->functions.push_back({ReadEnum<OverOp::Kind>(function.at("kind"), static_cast<int>(OverOp::Kind::kAggregate)), ReadCall(function.at("call")),
                               ReadFrame(function.at("frame")), function.at("ignore_nulls")});
  }
}
void ReadOp(const Json& json, SetOperationOp* set) {
  set->kind = ReadEnum<SetOperationOp::Kind>(json.at("kind"), 2);
  set->all = json.at("all");
  set->inputs = json.at("inputs").get<std::vector<std::vector<ColumnId>>>();
  set->name = json.value("name", "");
  set->limit = json.value("limit", int64_t{0});
}
void ReadOp(const Json& json, RecursionOp* recursion) { recursion->loop = json.at("loop"); }
void ReadOp(const Json& json, TemporalFilterOp* filter) { *filter = {json.at("from"), json.at("until")}; }
void ReadOp(const Json& json, SinkOp* sink) {
  *sink = {json.at("name"),
           json.at("connector"),
           ReadOptions(json.at("options")),
           ReadEnum<Encoding>(json.at("encoding"), 2),
           ReadEnum<Envelope>(json.at("envelope"), 2),
           json.at("key").get<std::vector<int>>(),
           json.at("folds_checksum"),
           json.contains("format_options") ? ReadOptions(json.at("format_options")) : Options(),
           json.contains("key_encoding") ? ReadEnum<Encoding>(json.at("key_encoding"), 2) : Encoding::kJson};
}
void ReadOp(const Json& json, MaterializeOp* view) { *view = {json.at("view"), json.at("key").get<std::vector<int>>()}; }
void ReadOp(const Json& json, ResultOp* result) { result->names = json.at("names").get<std::vector<std::string>>(); }

// Makes the alternative whose operator is called `name`.
template <size_t I = 0>
void ReadKind(const std::string& name, const Json& json, PlanOperator* op) {
  if constexpr (I == std::variant_size_v<decltype(PlanOperator::op)>) {
    throw Damage{"unknown operator \"" + name + "\""};
  } else {
    op->op.template emplace<I>();
    if (name == OperatorName(*op))
      ReadOp(json, &std::get<I>(op->op));
    else
      ReadKind<I + 1>(name, json, op);
  }
}

Dataflow ReadDataflow(const Json& json) {
  Dataflow dataflow;
  for (const Json& type : json.at("parameters")) dataflow.parameters.push_back(ReadType(type));
  for (const Json& o : json.at("operators")) {
    PlanOperator op;
    op.id = o.at("id");
    op.inputs = o.at("inputs").get<std::vector<OperatorId>>();
    for (const Json& column : o.at("output")) op.output.push_back(ReadColumn(column));
    op.append_only = o.at("append_only");
    op.on_error = ReadPolicy(o.at("on_error"));
    op.query = o.at("query");
    ReadKind(o.at("kind").get<std::string>(), o.at("op"), &op);
    dataflow.operators.push_back(std::move(op));
  }
  return dataflow;
}

}  // namespace

StatusOr<Dataflow> ParseDataflow(std::string_view text) {
  auto damaged = [](const std::string& what) { return SqlError(sqlstate::kDataCorrupted) << "the persisted dataflow is damaged: " << what; };
  try {
    const Json json = Json::parse(text);
    const int version = json.at("version");
    if (version > kDataflowVersion) {
      return SqlError(sqlstate::kDataCorrupted) << "the persisted dataflow has version " << version << ", this build reads up to " << kDataflowVersion
                                                << Hint("run it with the build that wrote it, or a later one");
    }
    Dataflow dataflow = ReadDataflow(json);
    if (Status status = Verify(dataflow); !status.ok()) return damaged(MessageOf(status));
    return dataflow;
  } catch (const Damage& damage) { return damaged(damage.what); } catch (const Json::exception& error) {
    return damaged(error.what());
  }
}

}  // namespace kappa
