#include "exec/physical_plan.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace kappa {
namespace {

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
      column.path.push_back({wanted.path[step], step >= wanted.exact.size() || !wanted.exact[step],
                             step + static_cast<size_t>(wanted.json_steps) >= wanted.path.size()});
    }
    columns.push_back(std::move(column));
    slots.push_back({wanted.column.type, wanted.column.nullable});
    plan.decoded.push_back(static_cast<int>(i));
  }
  if (columns.empty() && scan.envelope != Envelope::kDebezium && (scan.encoding == Encoding::kBytes || !scan.validate_full)) return plan;
  DecodeOptions options;
  options.encoding = scan.encoding == Encoding::kBytes ? RecordEncoding::kBytes
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

// Of an aggregate over SESSION: what its index needs to know of the key, and how states merge.
void PlanSession(const AggregateOp& op, AggregatePlan* plan) {
  plan->rows = op.rows;
  plan->touches = plan->table.lists_touched = true;  // what moves to other bounds goes at the epoch's end
  SessionIndex::Spec& session = plan->session.emplace();
  session.gap = op.window->size;
  session.key = plan->key;
  session.variable_key = plan->variable_key;
  for (size_t i = 0; i < op.keys.size(); ++i) {
    const ColumnId id = op.keys[i].id;
    const auto& partition = op.window->partition;
    plan->of_partition.push_back(std::find(partition.begin(), partition.end(), id) != partition.end());
    if (plan->of_partition.back()) session.partition.push_back(static_cast<int>(i));
    if (id == op.window->start) session.start_offset = plan->key.slots()[i].offset;
    if (id == op.window->end) session.end_offset = plan->key.slots()[i].offset;
  }
  plan->table.window_end_offset = static_cast<int32_t>(session.end_offset);
  plan->table.window_end_add = 0;
  for (size_t i = 0; i < op.aggregates.size(); ++i) {
    session.merges.push_back(
        {plan->state_offset[i],
         reinterpret_cast<void (*)(StateContext*, void*, StateContext*, const void*)>(reinterpret_cast<uintptr_t>(op.aggregates[i].function->merge)),
         plan->general[i]});
  }
}

// The call's general form. `staged`: its arguments of a row, behind which what it is ordered by is put.
StatusOr<std::shared_ptr<const GeneralAggregate>> PlanGeneral(const AggregateCall& call, std::vector<ExprPtr>* staged) {
  GeneralAggregate::Spec spec;
  spec.entry = call.function;
  spec.arguments = staged->size();
  spec.distinct = call.distinct;
  spec.result = call.type;
  CallContext context;
  for (size_t i = 0; i < call.function->direct; ++i) {
    ASSIGN_OR_RETURN(Datum value, Evaluate(*call.args[i], &context, {}));
    spec.direct.emplace_back(call.args[i]->type, std::move(value));
  }
  for (const AggregateOrder& key : call.order) {
    const std::string text = ToString(*key.expr);
    size_t column = 0;
    while (column < staged->size() && ToString(*(*staged)[column]) != text) ++column;
    if (column == staged->size()) staged->push_back(key.expr);
    spec.order.push_back({column, key.descending, key.nulls_first});
  }
  if (staged->size() > GeneralAggregate::kMaxColumns) return SqlError(sqlstate::kTooManyColumns) << "an aggregate orders by too many columns";
  for (const ExprPtr& expr : *staged) spec.columns.push_back(expr->type);
  return std::make_shared<const GeneralAggregate>(std::move(spec));
}

// Which aggregates share a set of values: those of one argument, where rows only come and nothing is merged.
void PlanFamilies(const AggregateOp& op, AggregatePlan* plan) {
  constexpr uint64_t kLayoutTag = 0x3174636E69747364;  // "dstinct1"
  plan->family.assign(op.aggregates.size(), -1);
  const bool merged = op.window && op.fused_window && (op.window->kind == WindowSpec::Kind::kSession || op.window->size != op.window->slide);
  if (!op.input_append_only || merged) return;
  std::map<std::string, std::vector<size_t>> calls;
  for (size_t i = 0; i < op.aggregates.size(); ++i) {
    const AggregateCall& call = op.aggregates[i];
    const AggregateEntry& function = *call.function;
    const bool simple = call.distinct && call.order.empty() && call.args.size() == 1 && function.direct == 0 && !function.raw &&
                        !function.ordered_set && function.add != nullptr && function.over == nullptr && function.strict < 0 &&
                        function.release == nullptr;
    if (simple && !IsFallible(*call.args[0]) && DistinctFamily::Serves(call.args[0]->type)) calls[ToString(*call.args[0])].push_back(i);
  }
  for (auto& [argument, members] : calls) {
    if (members.size() < 2) continue;
    for (size_t i : members) plan->family[i] = static_cast<int>(plan->families.size());
    plan->families.push_back({std::make_shared<const DistinctFamily>(op.aggregates[members[0]].args[0]->type), 0, std::move(members)});
    plan->table.layout_tag = kLayoutTag;
  }
}

// Sets lie behind the states of the calls.
void PlaceFamilies(AggregatePlan* plan, uint32_t* state_bytes) {
  for (AggregatePlan::Family& family : plan->families) {
    family.state_offset = *state_bytes;
    GroupTableSpec::OwnedState owned;
    owned.offset = *state_bytes;
    owned.size = DistinctFamily::kStateBytes;
    owned.release = family.set->release();
    owned.copy = family.set->copy();
    owned.in_before = false;
    plan->table.owned.push_back(std::move(owned));
    *state_bytes += static_cast<uint32_t>(DistinctFamily::kStateBytes);
  }
}

Status PlanCall(const AggregateCall& call, size_t index, bool input_append_only, AggregatePlan* plan, std::vector<RowLayout::Column>* arguments,
                uint32_t* state_bytes) {
  const AggregateEntry& function = *call.function;
  std::vector<ExprPtr> staged(call.args.begin() + static_cast<std::ptrdiff_t>(function.direct), call.args.end());
  const size_t strict = function.strict < 0 ? staged.size() : static_cast<size_t>(function.strict);
  bool conditional = call.filter != nullptr;
  for (size_t i = 0; i < strict; ++i) conditional |= staged[i]->nullable;
  std::shared_ptr<const GeneralAggregate> general;
  if (plan->family[index] < 0 && NeedsGeneralForm(call, input_append_only)) { ASSIGN_OR_RETURN(general, PlanGeneral(call, &staged)); }
  if (const int family = plan->family[index]; family >= 0 && !staged[0]->nullable) {
    const size_t first = plan->families[static_cast<size_t>(family)].calls[0];
    if (first != index) staged.clear();  // the argument is staged once
  }
  plan->argument_slot.push_back(staged.empty() ? -1 : static_cast<int>(arguments->size()));
  for (const ExprPtr& expr : staged) arguments->push_back({expr->type, general != nullptr && expr->nullable});
  plan->conditional.push_back(conditional);
  plan->state_offset.push_back(*state_bytes);
  if (general != nullptr || function.release != nullptr) {
    GroupTableSpec::OwnedState owned;
    owned.offset = *state_bytes;
    owned.size = static_cast<uint32_t>(general != nullptr ? general->state_size() : function.state_size);
    owned.general = general;
    if (general == nullptr) {
      owned.release = reinterpret_cast<void (*)(StateContext*, void*)>(reinterpret_cast<uintptr_t>(function.release));
      owned.copy = reinterpret_cast<void (*)(StateContext*, const void*, StateContext*, void*)>(reinterpret_cast<uintptr_t>(function.copy));
    }
    plan->table.owned.push_back(std::move(owned));
  }
  *state_bytes += static_cast<uint32_t>(general != nullptr ? general->state_size() : function.state_size);
  plan->argument_exprs.push_back(std::move(staged));
  plan->general.push_back(std::move(general));
  return OkStatus();
}

StatusOr<AggregatePlan> PlanAggregate(const AggregateOp& op, bool output_append_only, int index) {
  AggregatePlan plan;
  plan.state = index;
  plan.key = LayoutOf(op.keys);
  for (const Column& key : op.keys) plan.variable_key |= IsVariable(key.type);
  std::vector<RowLayout::Column> arguments;
  uint32_t state_bytes = 0;
  PlanFamilies(op, &plan);
  for (size_t i = 0; i < op.aggregates.size(); ++i) {
    RETURN_IF_ERROR(PlanCall(op.aggregates[i], i, op.input_append_only, &plan, &arguments, &state_bytes));
  }
  PlaceFamilies(&plan, &state_bytes);
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
  const bool session = op.window && op.fused_window && op.window->kind == WindowSpec::Kind::kSession;
  if (session) PlanSession(op, &plan);
  if (op.window && op.fused_window && op.window->size != op.window->slide && plan.table.window_end_offset >= 0) {
    plan.panes = true;
    plan.slice = session ? 1 : std::gcd(op.window->size, op.window->slide);
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

// Can rows be aggregated by the worker that has them? What the parts come to must be what the rows would have: nothing that is kept as a list or a
// set of values, nothing that is taken back, no windows that other rows hold together.
bool AggregatesLocally(const AggregateOp& op, const AggregatePlan& plan) {
  if (!op.input_append_only || plan.session || plan.rows || !plan.families.empty()) return false;
  for (size_t i = 0; i < op.aggregates.size(); ++i) {
    const AggregateEntry& function = *op.aggregates[i].function;
    if (plan.general[i] != nullptr || function.merge == nullptr || function.order_matters) return false;
  }
  return true;
}

}  // namespace

namespace {

RecursionPlan PlanRecursion(const Dataflow& dataflow, const PlanOperator& recursion) {
  std::set<OperatorId> above = {recursion.id}, below = {recursion.inputs[1]};
  for (const PlanOperator& op : dataflow.operators) {  // who reads it
    if (op.id > recursion.id && std::any_of(op.inputs.begin(), op.inputs.end(), [&](OperatorId input) { return above.count(input) > 0; }))
      above.insert(op.id);
  }
  for (auto op = dataflow.operators.rbegin(); op != dataflow.operators.rend(); ++op) {  // whom it reads
    if (below.count(op->id) > 0 && op->id != recursion.id) below.insert(op->inputs.begin(), op->inputs.end());
  }
  RecursionPlan plan;
  plan.recursion = plan.last = recursion.id;
  for (const PlanOperator& op : dataflow.operators) {
    if (op.id == recursion.id || above.count(op.id) == 0 || below.count(op.id) == 0) continue;
    plan.last = op.id;
    if (IsKeyed(op)) plan.term.push_back(op.id);
  }
  return plan;
}

}  // namespace

bool IsVariable(const Type& type) {
  if (type.has_bytes()) return true;
  return type.is_struct() && std::any_of(type.fields().begin(), type.fields().end(), [](const StructField& field) { return IsVariable(field.type); });
}

bool IsCollected(const PlanOperator& op) { return op.As<SortOp>() != nullptr || op.As<GapFillOp>() != nullptr; }

std::shared_ptr<const RowSchema> SchemaOf(const PlanOperator& op) {
  auto schema = std::make_shared<RowSchema>();
  for (const Column& column : op.output) schema->columns.push_back({column.name, column.type, column.nullable});
  schema->layout = LayoutOf(op.output);
  schema->append_only = op.append_only;
  if (const auto* sink = op.As<SinkOp>()) schema->key = sink->key;
  if (const auto* view = op.As<MaterializeOp>()) schema->key = view->key;
  return schema;
}

StatusOr<PhysicalPlan> MakePhysicalPlan(std::shared_ptr<const Dataflow> dataflow, int32_t workers, bool local_aggregation) {
  PhysicalPlan plan;
  plan.workers = workers;
  std::map<OperatorId, bool> from_state;  // rows come from state, not straight from a source
  std::map<OperatorId, bool> from_keyed;  // their texts lie in the state of a keyed operator
  for (const PlanOperator& op : dataflow->operators) {
    bool derived =
        op.As<AggregateOp>() != nullptr || IsKeyed(op) || IsCollected(op) || op.As<ViewScanOp>() != nullptr || op.As<ValuesOp>() != nullptr;
    for (OperatorId input : op.inputs) derived |= from_state[input];
    from_state[op.id] = derived;
    bool& borrowed = from_keyed[op.id] = IsKeyed(op);
    if (op.As<AggregateOp>() == nullptr && !IsCollected(op)) {
      for (OperatorId input : op.inputs) borrowed |= from_keyed[input];
    }
    if (const auto* scan = op.As<ScanOp>()) {
      ASSIGN_OR_RETURN(plan.scans[op.id], PlanScan(*scan, 0));
    } else if (const auto* aggregate = op.As<AggregateOp>()) {
      ASSIGN_OR_RETURN(plan.aggregates[op.id], PlanAggregate(*aggregate, op.append_only, 0));
      AggregatePlan& planned = plan.aggregates[op.id];
      planned.copies_texts = from_keyed[op.inputs[0]];
      planned.local = workers > 1 && local_aggregation && AggregatesLocally(*aggregate, planned);
    } else if (IsKeyed(op)) {
      if (IsRecursive(op)) plan.recursions.push_back(PlanRecursion(*dataflow, op));
      std::vector<const PlanOperator*> inputs;
      for (OperatorId input : op.inputs) inputs.push_back(&dataflow->Get(input));
      KeyedPlan& keyed = plan.keyed[op.id] = MakeKeyedPlan(op, inputs);
      for (KeyedPlan::Input& input : keyed.inputs) input.stage = plan.keyed_stages++;
    } else if (op.As<SinkOp>() || op.As<MaterializeOp>() || op.As<ResultOp>() || IsCollected(op)) {
      OutputPlan output;
      output.output = static_cast<int>(plan.outputs.size());
      output.copies_texts = derived || op.As<MaterializeOp>() || op.As<ResultOp>() || IsCollected(op);
      output.schema = SchemaOf(op);
      if (const auto* sink = op.As<SinkOp>(); sink != nullptr && sink->folds_checksum) output.fold = plan.folds++;
      plan.outputs[op.id] = output;
    }
    if (op.As<ViewScanOp>() || IsCollected(op) || op.As<UnionOp>()) plan.rows[op.id] = std::make_shared<RowLayout>(LayoutOf(op.output));
  }
  // Indices in order of operator ids.
  int next = 0;
  for (auto& [id, scan] : plan.scans) scan.decoder = next++;
  next = 0;
  for (auto& [id, aggregate] : plan.aggregates) aggregate.state = next++;
  next = 0;
  for (auto& [id, keyed] : plan.keyed) keyed.index = next++;
  plan.dataflow = std::move(dataflow);
  return plan;
}

}  // namespace kappa
