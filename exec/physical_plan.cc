#include "exec/physical_plan.h"

#include <algorithm>
#include <numeric>

namespace kappa {
namespace {

RowLayout LayoutOf(const std::vector<Column>& columns) {
  std::vector<RowLayout::Column> parts;
  for (const Column& column : columns) parts.push_back({column.type, column.nullable});
  return RowLayout(parts);
}

bool IsVariable(const Type& type) {
  if (type.has_bytes()) return true;
  return type.is_struct() && std::any_of(type.fields().begin(), type.fields().end(), [](const StructField& field) { return IsVariable(field.type); });
}

StatusOr<ScanPlan> PlanScan(const ScanOp& scan, int index) {
  ScanPlan plan;
  plan.decoder = index;
  std::vector<DecodeColumn> columns;
  std::vector<RowLayout::Column> slots;
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    const ScanOp::ScanColumn& wanted = scan.columns[i];
    if (wanted.metadata != Metadata::kNone) continue;
    DecodeColumn column{{}, wanted.column.type, !wanted.column.nullable, wanted.position};
    if (wanted.jsonb_text) column.type = Type(TypeId::kText, kJsonbTextModifier);
    for (size_t step = 0; step < wanted.path.size(); ++step) {
      column.path.push_back({wanted.path[step], step >= wanted.exact.size() || !wanted.exact[step]});
    }
    columns.push_back(std::move(column));
    slots.push_back({wanted.column.type, wanted.column.nullable});
    plan.decoded.push_back(static_cast<int>(i));
  }
  if (columns.empty() && scan.envelope != Envelope::kDebezium && (scan.encoding == Encoding::kBytes || !scan.validate_full)) return plan;
  DecodeOptions options;
  options.encoding = scan.encoding == Encoding::kBytes  ? RecordEncoding::kBytes
                     : scan.encoding == Encoding::kCsv ? RecordEncoding::kCsv
                                                       : RecordEncoding::kJson;
  if (scan.encoding == Encoding::kCsv) { ASSIGN_OR_RETURN(options.csv, ParseCsvFormat(scan.format_options)); }
  if (scan.envelope == Envelope::kDebezium)
    options.envelope = scan.keyed ? DecodeOptions::Envelope::kDebeziumKeyed : DecodeOptions::Envelope::kDebezium;
  options.validate = scan.validate_full ? Validate::kFull : Validate::kRead;
  ASSIGN_OR_RETURN(std::unique_ptr<const DecodePlan> decode, DecodePlan::Make(std::move(columns), RowLayout(slots), options));
  plan.decode = std::move(decode);
  return plan;
}

StatusOr<AggregatePlan> PlanAggregate(const AggregateOp& op, bool output_append_only, int index) {
  AggregatePlan plan;
  plan.state = index;
  plan.key = LayoutOf(op.keys);
  for (const Column& key : op.keys) plan.variable_key |= IsVariable(key.type);
  std::vector<RowLayout::Column> arguments;
  uint32_t state_bytes = 0;
  for (const AggregateCall& call : op.aggregates) {
    if (call.args.size() > 1)
      return SqlError(sqlstate::kFeatureNotSupported) << "aggregate " << call.name << " with several arguments is not supported yet";
    if (call.distinct) return SqlError(sqlstate::kFeatureNotSupported) << "aggregates with DISTINCT are not supported yet";
    if (!op.input_append_only && !call.function->invertible) {
      return SqlError(sqlstate::kFeatureNotSupported) << std::string(call.function->name) << " over an updating input is not supported yet";
    }
    bool conditional = call.filter != nullptr;
    plan.argument_slot.push_back(call.args.empty() ? -1 : static_cast<int>(arguments.size()));
    if (!call.args.empty()) {
      conditional |= call.args[0]->nullable;
      arguments.push_back({call.args[0]->type, false});  // NULL arguments are never added: the adds mask says so
    }
    plan.conditional.push_back(conditional);
    plan.state_offset.push_back(state_bytes);
    if (call.function->release != nullptr) {
      plan.table.owned.push_back(
          {state_bytes, reinterpret_cast<void (*)(StateContext*, void*)>(reinterpret_cast<uintptr_t>(call.function->release)),
           reinterpret_cast<void (*)(StateContext*, const void*, StateContext*, void*)>(reinterpret_cast<uintptr_t>(call.function->copy)),
           static_cast<uint32_t>(call.function->state_size)});
    }
    state_bytes += static_cast<uint32_t>(call.function->state_size);
  }
  if (op.aggregates.size() > 64) return SqlError(sqlstate::kTooManyColumns) << "more than 64 aggregates in one GROUP BY";
  plan.arguments = RowLayout(arguments);
  plan.updating = !output_append_only;
  plan.touches = plan.updating || !op.input_append_only;
  plan.table.key_bytes = plan.variable_key ? 16 : static_cast<uint32_t>(plan.key.size());
  plan.table.variable_key = plan.variable_key;
  plan.table.state_bytes = state_bytes;
  plan.table.keeps_before = plan.updating;
  plan.table.lists_touched = plan.touches;
  if (op.window) {
    for (size_t i = 0; i < op.keys.size(); ++i) {
      if (op.keys[i].id != op.window->start && op.keys[i].id != op.window->end) continue;
      plan.table.window_end_offset = static_cast<int32_t>(plan.key.slots()[i].offset);
      plan.table.window_end_add = op.keys[i].id == op.window->start ? op.window->size : 0;
    }
  }
  if (op.window && op.fused_window && op.window->size != op.window->slide && plan.table.window_end_offset >= 0) {
    plan.panes = true;
    plan.slice = std::gcd(op.window->size, op.window->slide);
    plan.pane_table = plan.table;
    plan.pane_table.keeps_before = false;
    plan.pane_table.lists_touched = true;
    plan.pane_table.window_end_offset = -1;
  }
  plan.arguments_offset = plan.key_offset + plan.table.key_bytes;
  plan.adds_offset = plan.arguments_offset + static_cast<uint32_t>(plan.arguments.size());
  plan.weight_offset = plan.adds_offset + 8;
  plan.stage_bytes = plan.weight_offset + 8;
  return plan;
}

}  // namespace

std::shared_ptr<const RowSchema> SchemaOf(const PlanOperator& op) {
  auto schema = std::make_shared<RowSchema>();
  for (const Column& column : op.output) schema->columns.push_back({column.name, column.type, column.nullable});
  schema->layout = LayoutOf(op.output);
  schema->append_only = op.append_only;
  if (const auto* sink = op.As<SinkOp>()) schema->key = sink->key;
  if (const auto* view = op.As<MaterializeOp>()) schema->key = view->key;
  return schema;
}

StatusOr<PhysicalPlan> MakePhysicalPlan(std::shared_ptr<const Dataflow> dataflow, int32_t workers) {
  PhysicalPlan plan;
  plan.workers = workers;
  std::map<OperatorId, bool> from_state;  // rows come from state, not straight from a source
  for (const PlanOperator& op : dataflow->operators) {
    bool derived = op.As<AggregateOp>() != nullptr || op.As<SortOp>() != nullptr || op.As<ViewScanOp>() != nullptr || op.As<ValuesOp>() != nullptr;
    for (OperatorId input : op.inputs) derived |= from_state[input];
    from_state[op.id] = derived;
    if (const auto* scan = op.As<ScanOp>()) {
      ASSIGN_OR_RETURN(plan.scans[op.id], PlanScan(*scan, 0));
    } else if (const auto* aggregate = op.As<AggregateOp>()) {
      ASSIGN_OR_RETURN(plan.aggregates[op.id], PlanAggregate(*aggregate, op.append_only, 0));
    } else if (op.As<SinkOp>() || op.As<MaterializeOp>() || op.As<ResultOp>() || op.As<SortOp>()) {
      OutputPlan output;
      output.output = static_cast<int>(plan.outputs.size());
      output.copies_texts = derived || op.As<MaterializeOp>() || op.As<ResultOp>() || op.As<SortOp>();
      output.schema = SchemaOf(op);
      if (const auto* sink = op.As<SinkOp>(); sink != nullptr && sink->folds_checksum) output.fold = plan.folds++;
      plan.outputs[op.id] = output;
    }
    if (op.As<ViewScanOp>() || op.As<SortOp>() || op.As<UnionOp>()) plan.rows[op.id] = std::make_shared<RowLayout>(LayoutOf(op.output));
  }
  // Indices in order of operator ids.
  int next = 0;
  for (auto& [id, scan] : plan.scans) scan.decoder = next++;
  next = 0;
  for (auto& [id, aggregate] : plan.aggregates) aggregate.state = next++;
  plan.dataflow = std::move(dataflow);
  return plan;
}

}  // namespace kappa
