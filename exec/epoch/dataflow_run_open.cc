// DataflowRun: from a dataflow to something that can step.
#include "exec/epoch/dataflow_run_state.h"
#include "exec/operators/operator_emitter.h"

namespace kappa {

StatusOr<std::unique_ptr<DataflowRun>> DataflowRun::Open(std::shared_ptr<const Dataflow> dataflow, RunBindings bindings, const RunOptions& options,
                                                         Jit* jit, os::Environment* environment) {
  auto run = std::unique_ptr<DataflowRun>(new DataflowRun());
  run->bindings_ = std::move(bindings);
  run->options_ = options;
  run->jit_ = jit;
  RETURN_IF_ERROR(run->MakePlan(std::move(dataflow)));
  RETURN_IF_ERROR(run->Init(environment));
  return run;
}

DataflowRun::~DataflowRun() {
  cancelled_.store(true);
  for (const auto& scan : scans_) {
    if (scan->source) scan->source->OnArrival(nullptr);
  }
  optimizer_.reset();  // joins
}

// The plan, and its code where a statement like this has run before.
Status DataflowRun::MakePlan(std::shared_ptr<const Dataflow> dataflow) {
  tier_ = options_.tiers == TierPolicy::kOptimizedOnly ? Tier::kOptimized : Tier::kQuick;
  if (bindings_.plans != nullptr && !options_.count_rows) {
    cache_key_ = std::to_string(options_.workers) + (options_.local_aggregation ? " " : "- ") + std::to_string(static_cast<int>(options_.tiers)) +
                 " " + Serialize(*dataflow);
    if (const auto kept = bindings_.plans->Find(cache_key_); kept != nullptr) {
      plan_ = kept->plan;
      code_ = kept->code;
      tier_ = kept->tier;
      dataflow_ = plan_->dataflow;
      return OkStatus();
    }
  }
  ASSIGN_OR_RETURN(PhysicalPlan plan, MakePhysicalPlan(std::move(dataflow), options_.workers, options_.local_aggregation));
  plan.counted = options_.count_rows;
  plan_ = std::make_shared<const PhysicalPlan>(std::move(plan));
  dataflow_ = plan_->dataflow;
  return OkStatus();
}

Status DataflowRun::Init(os::Environment* environment) {
  environment_ = environment;
  pool_ = WorkerPool::Make(options_.workers, environment);
  worker_status_.resize(static_cast<size_t>(options_.workers));
  RETURN_IF_ERROR(RestoreMeta());
  RETURN_IF_ERROR(OpenSources());
  if (code_ == nullptr) {
    ASSIGN_OR_RETURN(code_, CompileTier(tier_));
    if (!cache_key_.empty()) bindings_.plans->Keep(cache_key_, std::make_shared<const CompiledPlan>(CompiledPlan{plan_, code_, tier_}));
  }
  RETURN_IF_ERROR(OpenState());
  RETURN_IF_ERROR(RestoreTables());
  RETURN_IF_ERROR(ReadMarks());
  if (plan_->counted) begin_ticks_ = __builtin_readcyclecounter();
  run_begin_nanos_ = environment_->clock().MonotonicNanos();
  last_commit_nanos_ = last_snapshot_nanos_ = last_discovery_nanos_ = run_begin_nanos_;
  return OkStatus();
}

namespace {

// Computed columns and conditions may stand between a watermark and its scan.
OperatorId ScanBeneath(const Dataflow& dataflow, const PlanOperator& watermark) {
  const PlanOperator* at = &watermark;
  while (at->inputs.size() == 1) at = &dataflow.Get(at->inputs[0]);
  return at->id;
}

}  // namespace

Status DataflowRun::OpenSources() {
  for (const PlanOperator& op : dataflow_->operators) {
    const auto* scan = op.As<ScanOp>();
    if (scan == nullptr) continue;
    auto state = std::make_unique<ScanState>();
    state->op = &op;
    state->scan = scan;
    state->source = bindings_.sources.at(op.id);
    for (const PlanOperator& other : dataflow_->operators) {
      const auto* watermark = other.As<WatermarkOp>();
      if (watermark == nullptr || ScanBeneath(*dataflow_, other) != op.id) continue;
      state->idle_timeout_nanos = watermark->idle_timeout_micros * 1000;
      state->processing_time |= watermark->processing_time;
    }
    for (const ScanOp::ScanColumn& column : scan->columns) {
      state->needs.key |= column.metadata == Metadata::kKey || scan->envelope == Envelope::kUpsert;
      state->needs.timestamp |= column.metadata == Metadata::kTimestamp;
      state->needs.headers |= column.metadata == Metadata::kHeaders || column.metadata == Metadata::kHeader;
    }
    for (const PlanOperator& other : dataflow_->operators) {
      if (const auto* watermark = other.As<WatermarkOp>()) state->needs.timestamp |= watermark->max_ahead_micros.has_value();
    }
    ASSIGN_OR_RETURN(state->identity, state->source->Identity());
    if (bindings_.time_log != nullptr && !state->identity.empty()) RETURN_IF_ERROR(bindings_.time_log->Load(state->identity));
    ASSIGN_OR_RETURN(std::vector<int32_t> partitions, state->source->Partitions());
    for (int32_t partition : partitions) RETURN_IF_ERROR(OpenPartition(state.get(), partition));
    scans_.push_back(std::move(state));
  }
  return OkStatus();
}

// Of the first record at or after the time; an error names the source.
static StatusOr<Offset> PositionAt(const ScanOp& scan, PartitionReader& reader, int64_t timestamp_ms) {
  StatusOr<Offset> position = reader.PositionAt(timestamp_ms);
  if (position.ok()) return position;
  return SqlError(SqlStateOf(position.status())) << "source \"" << scan.source << "\": " << MessageOf(position.status())
                                                 << Hint(HintOf(position.status()));
}

Status DataflowRun::OpenPartition(ScanState* scan, int32_t id) {
  auto partition = std::make_unique<Partition>();
  partition->scan = scan;
  partition->id = id;
  partition->worker = static_cast<int32_t>(scan->partitions.size()) % options_.workers;
  ASSIGN_OR_RETURN(partition->reader, scan->source->Open(id, scan->needs));
  PartitionReader& reader = *partition->reader;
  const ScanOp& op = *scan->scan;
  if (const SnapshotMeta::Partition* restored = Restored(*scan, id)) {
    RETURN_IF_ERROR(reader.Seek(restored->position));
    partition->clock.watermark = restored->watermark;
    partition->idle = restored->idle;
    RETURN_IF_ERROR(CheckPosition(partition.get()));
  } else if (const auto from = op.from_offsets.find(id); from != op.from_offsets.end()) {
    RETURN_IF_ERROR(reader.Seek(from->second));
  } else if (op.from_timestamp_ms) {
    ASSIGN_OR_RETURN(const Offset position, PositionAt(op, reader, *op.from_timestamp_ms));
    RETURN_IF_ERROR(reader.Seek(position));
  } else if (op.from_latest && restored_ == std::nullopt && !Redoing()) {
    ASSIGN_OR_RETURN(const OffsetRange range, reader.Range());
    RETURN_IF_ERROR(reader.Seek(range.end));
  }
  if (const auto until = op.until_offsets.find(id); until != op.until_offsets.end()) partition->until = until->second;
  if (op.until_timestamp_ms) { ASSIGN_OR_RETURN(partition->until, PositionAt(op, reader, *op.until_timestamp_ms)); }
  if (op.until_latest && !scan->source->bounded()) {
    ASSIGN_OR_RETURN(const OffsetRange range, reader.Range());
    partition->until = std::min(partition->until, range.end);
  }
  partition->ended = reader.position() >= partition->until;
  partition->slice_begin = reader.position();
  partition->last_arrival_nanos = environment_->clock().MonotonicNanos();
  if (bindings_.time_log != nullptr && !scan->identity.empty())
    partition->resume = bindings_.time_log->NextResume(scan->identity, id, reader.position());
  scan->partitions.push_back(std::move(partition));
  return OkStatus();
}

Status DataflowRun::OpenState() {
  for (int32_t worker = 0; worker < options_.workers; ++worker) {
    auto context = std::make_unique<WorkerContext>();
    context->worker = worker;
    context->workers = options_.workers;
    context->cancelled = &cancelled_;
    context->memory_budget = options_.memory_budget;
    context->tables.resize(plan_->aggregates.size());
    context->panes.resize(plan_->aggregates.size());
    context->locals.resize(plan_->aggregates.size());
    context->sessions.resize(plan_->aggregates.size());
    context->stages.resize(plan_->aggregates.size());
    for (const auto& [id, aggregate] : plan_->aggregates) {
      context->tables[static_cast<size_t>(aggregate.state)] = std::make_unique<GroupTable>(aggregate.table);
      if (aggregate.panes) context->panes[static_cast<size_t>(aggregate.state)] = std::make_unique<GroupTable>(aggregate.pane_table);
      if (aggregate.session) {
        context->sessions[static_cast<size_t>(aggregate.state)] =
            std::make_unique<SessionIndex>(*aggregate.session, context->tables[static_cast<size_t>(aggregate.state)].get(),
                                           context->panes[static_cast<size_t>(aggregate.state)].get());
      }
      if (aggregate.local) context->locals[static_cast<size_t>(aggregate.state)] = std::make_unique<LocalGroups>(aggregate.table);
      context->stages[static_cast<size_t>(aggregate.state)] =
          std::make_unique<Stage>(aggregate.stage_bytes, options_.workers + (aggregate.local ? 1 : 0));  // the last: for local groups
    }
    context->keyed.resize(plan_->keyed.size());
    context->keyed_stages.resize(static_cast<size_t>(plan_->keyed_stages));
    for (const auto& [id, keyed] : plan_->keyed) {
      auto& made = context->keyed[static_cast<size_t>(keyed.index)];
      ASSIGN_OR_RETURN(made, MakeKeyedOperator(context.get(), dataflow_->Get(id), keyed, bindings_.parameters));
      for (size_t i = 0; i < keyed.inputs.size(); ++i) {
        KeyedStage& stage = context->keyed_stages[static_cast<size_t>(keyed.inputs[i].stage)];
        stage = {std::make_unique<Stage>(sizeof(KeyedRow), options_.workers), made.get(), static_cast<int>(i)};
      }
    }
    context->outputs.resize(plan_->outputs.size());
    for (const auto& [id, output] : plan_->outputs) {
      context->outputs[static_cast<size_t>(output.output)] = std::make_unique<OutputBuffer>(output.schema->layout.size(), output.copies_texts);
    }
    context->decoders.resize(plan_->scans.size());
    for (const auto& [id, scan] : plan_->scans) {
      if (scan.decode) context->decoders[static_cast<size_t>(scan.decoder)] = std::make_unique<DecoderState>(*scan.decode);
    }
    for (size_t i = 0; i < dataflow_->parameters.size(); ++i) {
      std::string slot(8 + 32, '\0');
      const Datum null;  // a conditional of the two would be a copy, which the slot's text would outlive
      const Datum& value = i < bindings_.parameters.size() ? std::as_const(bindings_.parameters[i]) : null;
      if (value.is_null())
        slot[0] = 1;
      else
        value.Store(dataflow_->parameters[i], slot.data() + 8);
      context->parameters.push_back(std::move(slot));
    }
    context->sink_checksums.resize(static_cast<size_t>(plan_->folds));
    context->sink_changes.resize(static_cast<size_t>(plan_->folds));
    if (plan_->counted) context->counters.resize(static_cast<size_t>(dataflow_->operators.back().id) + 1);
    contexts_.push_back(std::move(context));
  }
  // A global aggregate has its one row from the beginning; a snapshot brings it.
  if (restored_) return OkStatus();
  for (const PlanOperator& op : dataflow_->operators) {
    const auto* aggregate = op.As<AggregateOp>();
    if (aggregate == nullptr || !aggregate->keys.empty()) continue;
    GroupTable& table = *contexts_[0]->tables[static_cast<size_t>(plan_->aggregates.at(op.id).state)];
    table.Touch(table.FindOrInsertFixed(0, "", 0));
  }
  return OkStatus();
}

StatusOr<std::shared_ptr<DataflowRun::Code>> DataflowRun::CompileTier(Tier tier) const {
  auto code = std::make_shared<Code>();
  auto emit = [&](llvm::Module* module, RuntimeLibrary* runtime) { return ProgramEmitter(*plan_, module, runtime).Emit(); };
  ASSIGN_OR_RETURN(code->module, jit_->Compile(tier, emit, ProgramEmitter::Symbols(*plan_)));
  for (const PlanOperator& op : dataflow_->operators) {
    const std::string id = std::to_string(op.id);
    auto lookup = [&](const char* what) { return code->module->Lookup(std::string(what) + "_" + id); };
    if (op.As<ScanOp>()) code->scan[op.id] = reinterpret_cast<ScanFunction>(lookup("scan"));
    if (op.As<ValuesOp>()) code->values[op.id] = reinterpret_cast<FlushFunction>(lookup("values"));
    if (op.As<ViewScanOp>() || IsCollected(op)) code->rows[op.id] = reinterpret_cast<RowsFunction>(lookup("rows"));
    if (IsKeyed(op)) code->emit[op.id] = reinterpret_cast<KeyedOperator::EmitFunction>(lookup("emit"));
    if (const auto* join = op.As<JoinOp>(); join != nullptr && join->condition)
      code->match[op.id] = reinterpret_cast<KeyedOperator::MatchFunction>(lookup("match"));
    if (const auto* aggregate = op.As<AggregateOp>()) {
      code->apply[op.id] = reinterpret_cast<ApplyFunction>(lookup("apply"));
      if (plan_->aggregates.at(op.id).local) code->merge[op.id] = reinterpret_cast<MergeFunction>(lookup("merge"));
      if (plan_->aggregates.at(op.id).panes && !plan_->aggregates.at(op.id).session)
        code->expand[op.id] = reinterpret_cast<FlushFunction>(lookup("expand"));
      if (aggregate->emit_on_close)
        code->close[op.id] = reinterpret_cast<CloseFunction>(lookup("close"));
      else
        code->flush[op.id] = reinterpret_cast<FlushFunction>(lookup("flush"));
    }
  }
  return code;
}

// Once it has run for a while, O2 in the background; swapped in when an epoch begins. A one-shot statement is one epoch: there between two batches,
// and later, because its end waits for the compiler.
void DataflowRun::ConsiderOptimizing() {
  if (optimized_ready_.load(std::memory_order_acquire)) {
    if (optimized_ != nullptr) {
      replaced_ = std::exchange(code_, optimized_);
      tier_ = Tier::kOptimized;
      if (!cache_key_.empty()) bindings_.plans->Keep(cache_key_, std::make_shared<const CompiledPlan>(CompiledPlan{plan_, code_, tier_}));
    }
    optimizer_.reset();
    optimized_ready_.store(false);
    return;
  }
  if (optimizing_ || tier_ == Tier::kOptimized || options_.tiers != TierPolicy::kAdaptive) return;
  const int64_t after = options_.optimize_after_nanos * (options_.one_epoch ? 4 : 1);
  if (environment_->clock().MonotonicNanos() - run_begin_nanos_ < after) return;
  optimizing_ = true;
  optimizer_ = environment_->threads().Start("optimizer", [this] {
    auto code = CompileTier(Tier::kOptimized);
    if (code.ok()) optimized_ = *code;
    optimized_ready_.store(true, std::memory_order_release);
  });
}

void DataflowRun::OnWake(std::function<void()> wake) {
  for (const auto& scan : scans_) scan->source->OnArrival(wake);
}

}  // namespace kappa
