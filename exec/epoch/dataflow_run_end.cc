// DataflowRun: the end of an epoch.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "exec/epoch/consolidate.h"
#include "exec/epoch/dataflow_run_state.h"
#include "exec/epoch/gap_fill.h"
#include "exec/epoch/sorted_rows.h"
#include "types/array_value.h"

namespace kappa {
namespace {

// What leaves the engine knows no weights but +1 and -1: two equal rows are two records.
void Repeat(ConsolidatedChanges* changes) {
  ConsolidatedChanges repeated;
  for (size_t i = 0; i < changes->rows.size(); ++i) {
    const int64_t weight = changes->weights[i];
    for (int64_t copy = 0; copy < std::abs(weight); ++copy) {
      repeated.rows.push_back(changes->rows[i]);
      repeated.weights.push_back(weight > 0 ? 1 : -1);
    }
  }
  *changes = std::move(repeated);
}

}  // namespace

Status DataflowRun::FinishEpoch() {
  if (!epoch_open_) return OkStatus();
  const bool ended = EndsForGood();
  const bool first = std::exchange(first_end_, false);
  UpdateWatermarks(ended);
  RETURN_IF_ERROR(RunFlushes());
  RETURN_IF_ERROR(HandErrors());
  RETURN_IF_ERROR(WriteSinks());
  // Groups of closed windows go, before-images are forgotten.
  for (const PlanOperator& op : dataflow_->operators) {
    if (IsKeyed(op)) {
      const auto index = static_cast<size_t>(plan_->keyed.at(op.id).index);
      pool_->RunAll([&](int32_t worker) { contexts_[static_cast<size_t>(worker)]->keyed[index]->EndEpoch(KeyedEpochOf(op)); });
    }
    const auto* aggregate = op.As<AggregateOp>();
    if (aggregate == nullptr) continue;
    const AggregatePlan& plan = plan_->aggregates.at(op.id);
    pool_->RunAll([&](int32_t worker) {
      GroupTable& table = *contexts_[static_cast<size_t>(worker)]->tables[static_cast<size_t>(plan.state)];
      if (plan.touches) table.EndEpoch(aggregate->keys.empty());
      if (plan.table.window_end_offset < 0 || ended) return;
      const int64_t closing = ClosingWatermark(op);
      if (plan.session) contexts_[static_cast<size_t>(worker)]->sessions[static_cast<size_t>(plan.state)]->Drop(closing);
      table.DropClosed(closing);
    });
  }
  for (const auto& context : contexts_) {
    context->call.scratch.Reset();
    for (const auto& output : context->outputs) output->Clear();
  }
  // What consumed nothing, showed nothing and learned nothing from the clock is no epoch; what was journalled was one, and sinks may know its number.
  if (epoch_records_ > 0 || epoch_wrote_ || !epoch_time_.empty() || ended || first || Redoing()) {
    JournalEpochEnd();
    committed_records_ += epoch_records_;
    uncommitted_ = true;
    ++progress_.epoch;
  }
  epoch_records_ = 0;
  epoch_wrote_ = false;
  epoch_time_.clear();
  epoch_open_ = false;
  return UnmuteReached();
}

void DataflowRun::UpdateWatermarks(bool ended) {
  const int64_t now = environment_->clock().MonotonicNanos();
  for (const auto& scan : scans_) {
    int64_t minimum = kEndOfTime;
    bool any = false;
    for (const auto& partition : scan->partitions) {
      if (partition->ended && !options_.stop_at_end) continue;
      // A journalled epoch that runs again takes no notice of the clock: what fell silent then has been marked.
      if (!Redoing() && !partition->idle && partition->last_arrival_nanos + scan->idle_timeout_nanos < now) {
        partition->idle = true;
        RecordTime(*partition, TimeLogEntry::Kind::kIdle, partition->reader->position(), partition->clock.watermark);
      }
      if (scan->processing_time) {  // the clock goes on without rows; but not before what was read by an earlier clock
        any = true;
        const bool history = ReadsHistory(*partition);
        if (history && !Redoing())
          epoch_time_.push_back({TimeLogEntry::Kind::kClock, std::to_string(scan->op->id), partition->id, partition->reader->position(), 0});
        minimum = std::min(minimum, history ? partition->clock.watermark : epoch_clock_micros_);
        continue;
      }
      int64_t watermark = partition->clock.watermark;
      if (partition->idle) {
        const std::optional<TimeLogEntry> resume = NextResume(*partition);
        if (!resume) continue;
        watermark = std::max(watermark, resume->micros);
      }
      any = true;
      minimum = std::min(minimum, watermark);
    }
    const bool all_ended = !options_.stop_at_end &&
                           std::all_of(scan->partitions.begin(), scan->partitions.end(), [](const auto& partition) { return partition->ended; });
    int64_t& watermark = watermarks_.try_emplace(scan->op->id, kNoWatermark).first->second;
    // When every partition is silent the watermark stays where it is.
    if (all_ended || ended)
      watermark = kEndOfTime;
    else if (any)
      watermark = std::max(watermark, minimum);
  }
  for (const PlanOperator& op : dataflow_->operators) {
    if (op.inputs.empty()) {
      watermarks_.try_emplace(op.id, op.As<ScanOp>() ? kNoWatermark : kEndOfTime);
      continue;
    }
    int64_t watermark = kEndOfTime;
    for (OperatorId input : op.inputs) {
      if (input < op.id) watermark = std::min(watermark, WatermarkOf(input));  // a recursion's term follows its base
    }
    watermarks_[op.id] = watermark;
  }
  progress_.watermark = scans_.empty() ? kEndOfTime : watermarks_[scans_[0]->op->id];
}

// Where a silent partition is known to have come back, by an epoch that was not committed or by another run. Nothing may close meanwhile that was
// open then: its rows are not late.
std::optional<TimeLogEntry> DataflowRun::NextResume(const Partition& partition) const {
  if (partition.resume || !Redoing() || bindings_.time_log == nullptr || partition.scan->identity.empty()) return partition.resume;
  return bindings_.time_log->NextResume(partition.scan->identity, partition.id, partition.reader->position());
}

// Have the records that it comes to been read before, by a clock that is recorded?
bool DataflowRun::ReadsHistory(const Partition& partition) const {
  if (Redoing()) return partition.redo_history;
  return bindings_.time_log != nullptr &&
         bindings_.time_log->NextClock(partition.scan->identity, partition.id, partition.reader->position()).has_value();
}

// What windows that end there, or before, are closed by.
int64_t DataflowRun::ClosingWatermark(const PlanOperator& op) const {
  const int64_t watermark = WatermarkOf(op.id), lag = op.As<AggregateOp>()->window->lag;
  if (watermark == kEndOfTime || watermark == kNoWatermark) return watermark;
  return lag < 0 ? kNoWatermark : watermark - lag;
}

int64_t DataflowRun::WatermarkOf(OperatorId op) const {
  const auto watermark = watermarks_.find(op);
  return watermark == watermarks_.end() ? kNoWatermark : watermark->second;
}

Status DataflowRun::RunFlushes() {
  for (const PlanOperator& op : dataflow_->operators) {
    RETURN_IF_ERROR(FlushOperator(op));
    for (const RecursionPlan& recursion : plan_->recursions) {
      if (recursion.last == op.id) RETURN_IF_ERROR(RunRecursion(recursion));
    }
  }
  return OkStatus();
}

Status DataflowRun::FlushOperator(const PlanOperator& op) {
  if (cancelled_.load()) return SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request";
  if (const auto* aggregate = op.As<AggregateOp>()) {
    if (plan_->aggregates.at(op.id).local) MergeLocal(op, true);
    if (const AggregatePlan& plan = plan_->aggregates.at(op.id); plan.panes) {
      const FlushFunction expand = plan.session ? nullptr : code_->expand.at(op.id);
      pool_->RunAll([&](int32_t worker) {
        WorkerContext* context = contexts_[static_cast<size_t>(worker)].get();
        plan.session ? context->sessions[static_cast<size_t>(plan.state)]->Apply() : expand(context);
        context->panes[static_cast<size_t>(plan.state)]->Forget();
      });
    }
    if (aggregate->emit_on_close) {
      RETURN_IF_ERROR(CloseWindows(op));
    } else {
      const FlushFunction flush = code_->flush.at(op.id);
      pool_->RunAll([&](int32_t worker) { flush(contexts_[static_cast<size_t>(worker)].get()); });
    }
    Exchange();
  } else if (IsKeyed(op)) {
    RETURN_IF_ERROR(FlushKeyed(op));
    Exchange();
  } else if (IsCollected(op) && Ended()) {
    RETURN_IF_ERROR(RunCollected(op));
    Exchange();
  } else {
    return OkStatus();
  }
  for (const auto& context : contexts_) context->call.scratch.Reset();  // everything that was staged has been applied
  return OkStatus();
}

Status DataflowRun::CloseWindows(const PlanOperator& op) {
  const size_t state = static_cast<size_t>(plan_->aggregates.at(op.id).state);
  const CloseFunction close = code_->close.at(op.id);
  pool_->RunAll([&](int32_t worker) {
    WorkerContext* context = contexts_[static_cast<size_t>(worker)].get();
    std::vector<char*> rows = context->tables[state]->Closed(ClosingWatermark(op));
    std::erase_if(rows, [](const char* row) { return GroupTable::Weight(row) == 0; });  // sessions that became part of others
    if (!rows.empty()) close(context, rows.data(), static_cast<int64_t>(rows.size()));
  });
  return OkStatus();
}

// What a sort or a gap fill has collected, as a multiset, in no order.
std::vector<const char*> DataflowRun::Collected(const PlanOperator& op) const {
  const OutputPlan& output = plan_->outputs.at(op.id);
  std::vector<const char*> rows;
  std::vector<int64_t> weights;
  for (const auto& context : contexts_) {
    const OutputBuffer& buffer = *context->outputs[static_cast<size_t>(output.output)];
    rows.insert(rows.end(), buffer.rows().begin(), buffer.rows().end());
    if (!buffer.weights().empty() || !weights.empty()) {
      weights.resize(rows.size() - buffer.rows().size(), 1);
      weights.insert(weights.end(), buffer.weights().begin(), buffer.weights().end());
      weights.resize(rows.size(), 1);
    }
  }
  if (!op.append_only || !weights.empty()) {
    ConsolidatedChanges contents = Consolidate(*output.schema, rows, weights);
    rows.clear();
    for (size_t i = 0; i < contents.rows.size(); ++i) {
      for (int64_t copy = 0; copy < contents.weights[i]; ++copy) rows.push_back(contents.rows[i]);
    }
  }
  return rows;
}

Status DataflowRun::RunCollected(const PlanOperator& op) {
  const RowLayout& layout = plan_->outputs.at(op.id).schema->layout;
  std::vector<const char*> rows = Collected(op);
  Arena added;
  if (const auto* fill = op.As<GapFillOp>()) {
    ASSIGN_OR_RETURN(rows, FillGaps(*fill, op.output, layout, rows, &added));
  } else {
    Sort(op, &rows);
  }
  code_->rows.at(op.id)(contexts_[0].get(), rows.data(), nullptr, static_cast<int64_t>(rows.size()));
  Exchange();  // what was staged may point into `added`
  return OkStatus();
}

void DataflowRun::Sort(const PlanOperator& op, std::vector<const char*>* collected) const {
  *collected = SortedRows(*op.As<SortOp>(), op.output, plan_->outputs.at(op.id).schema->layout, *collected);
}

namespace {

// Rows that leave in the order of a Sort, or in which VALUES lists them: only filters, functions in FROM and projections, such as the one that drops
// what is sorted by but not shown, stand between.
bool IsOrdered(const Dataflow& dataflow, const PlanOperator& op) {
  if (!op.As<ResultOp>() && !op.As<SinkOp>()) return false;
  const PlanOperator* at = &dataflow.Get(op.inputs[0]);
  while (at->As<ProjectOp>() || at->As<FilterOp>() || at->As<TableFunctionOp>()) at = &dataflow.Get(at->inputs[0]);
  return at->As<SortOp>() != nullptr || at->As<ValuesOp>() != nullptr;
}

}  // namespace

Status DataflowRun::WriteSink(OperatorId op, const ChangeBatch& changes) {
  epoch_wrote_ = true;
  if (Muted(op, progress_.epoch)) return OkStatus();
  return bindings_.sinks.at(op)->Write(progress_.epoch, changes);
}

Status DataflowRun::WriteSinks() {
  for (const auto& [id, output] : plan_->outputs) {
    if (output.fold >= 0 || IsCollected(dataflow_->Get(id))) continue;
    std::vector<const char*> rows;
    std::vector<int64_t> weights;
    for (const auto& context : contexts_) {
      const OutputBuffer& buffer = *context->outputs[static_cast<size_t>(output.output)];
      if (!buffer.weights().empty()) weights.resize(rows.size(), 1);
      rows.insert(rows.end(), buffer.rows().begin(), buffer.rows().end());
      weights.insert(weights.end(), buffer.weights().begin(), buffer.weights().end());
      if (!weights.empty()) weights.resize(rows.size(), 1);
    }
    const bool ordered = IsOrdered(*dataflow_, dataflow_->Get(id));
    if (!rows.empty() && (ordered || (dataflow_->Get(id).append_only && !output.copies_texts))) {
      ChangeBatch changes{output.schema.get(), rows, weights, 0};
      RETURN_IF_ERROR(WriteSink(id, changes));
    } else if (!rows.empty()) {
      ConsolidatedChanges changes = Consolidate(*output.schema, rows, weights);
      if (dataflow_->Get(id).As<MaterializeOp>() == nullptr) Repeat(&changes);
      const bool all_inserts = std::all_of(changes.weights.begin(), changes.weights.end(), [](int64_t w) { return w == 1; });
      ChangeBatch batch{output.schema.get(), changes.rows, all_inserts ? std::span<const int64_t>() : std::span<const int64_t>(changes.weights), 0};
      if (!changes.rows.empty()) RETURN_IF_ERROR(WriteSink(id, batch));
    }
  }
  return OkStatus();
}

Status DataflowRun::HandErrors() {
  std::vector<RowError> errors;
  for (const auto& context : contexts_) {
    std::move(context->errors.begin(), context->errors.end(), std::back_inserter(errors));
    context->errors.clear();
  }
  if (errors.empty()) return OkStatus();
  for (const RowError& error : errors) { (error.kind == RowError::Kind::kLate ? progress_.late : progress_.errors) += error.weight; }
  if (bindings_.errors == nullptr) return OkStatus();
  epoch_wrote_ = true;
  if (Muted(kErrorsId, progress_.epoch)) return OkStatus();
  return bindings_.errors->Consume(progress_.epoch, *dataflow_, errors);
}

Status DataflowRun::CheckBudget() {
  progress_.state_bytes = 0;
  for (const auto& context : contexts_) progress_.state_bytes += BytesOf(*context);
  if (options_.memory_budget != 0 && progress_.state_bytes > options_.memory_budget) return PastBudget(options_.memory_budget, progress_.state_bytes);
  return OkStatus();
}

// What passed a limit within the phase that has ended.
Status DataflowRun::CheckWorkers() const {
  for (const auto& context : contexts_) RETURN_IF_ERROR(context->failure);
  return OkStatus();
}

std::pair<uint64_t, uint64_t> DataflowRun::Fold(OperatorId sink) const {
  const int fold = plan_->outputs.at(sink).fold;
  uint64_t checksum = 0, changes = 0;
  for (const auto& context : contexts_) {
    checksum += context->sink_checksums[static_cast<size_t>(fold)];
    changes += context->sink_changes[static_cast<size_t>(fold)];
  }
  return {checksum, changes};
}

StatusOr<DataflowRun::PositionMap> DataflowRun::Ends() {
  PositionMap ends;
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) {
      ASSIGN_OR_RETURN(const OffsetRange range, partition->reader->Range());
      ends[scan->scan->source][partition->id] =
          partition->ended ? partition->reader->position() : std::max(partition->reader->position(), std::min(range.end, partition->until));
    }
  }
  return ends;
}

void DataflowRun::StopAt(const PositionMap& target) {
  for (const auto& scan : scans_) {
    const auto source = target.find(scan->scan->source);
    for (const auto& partition : scan->partitions) {
      partition->stop = INT64_MAX;
      if (source == target.end()) continue;
      if (const auto stop = source->second.find(partition->id); stop != source->second.end()) partition->stop = stop->second;
    }
  }
}

bool DataflowRun::AtStop() const {
  if (Redoing() || !reaching_.empty()) return false;
  return std::all_of(scans_.begin(), scans_.end(), [](const auto& scan) {
    return std::all_of(scan->partitions.begin(), scan->partitions.end(),
                       [](const auto& partition) { return partition->ended || partition->reader->position() >= partition->stop; });
  });
}

void DataflowRun::RefreshLag() {
  auto ends = Ends();
  if (!ends.ok()) return;
  int64_t lag = 0;
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) lag += (*ends)[scan->scan->source][partition->id] - partition->reader->position();
  }
  progress_.lag = lag;
}

DataflowRun::PositionMap DataflowRun::Positions() const {
  PositionMap positions;
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) positions[scan->scan->source][partition->id] = partition->reader->position();
  }
  return positions;
}

}  // namespace kappa
