// DataflowRun: a step, and the rounds of an epoch. Its end is in dataflow_run_end.cc.
#include "exec/epoch/dataflow_run.h"

#include <algorithm>
#include <cstring>

#include "common/crc32c.h"
#include "exec/epoch/dataflow_run_state.h"
#include "exec/epoch/view_reader.h"

namespace kappa {
namespace {
constexpr int64_t kRoundRecords = 4096;
constexpr size_t kViewRows = 512;                  // of a view, handed on together
constexpr int64_t kLookAfter = 64;                 // such batches: whether better code has been made
constexpr int64_t kMaxEpochNanos = 1'000'000'000;  // an epoch that catches up lasts no longer than this

// By which a journalled slice is known again: what was read, in order, however it was cut into batches. Where the log has checksums of what it
// stores, those of the stored batches that end here, and each record's place and size; else every byte.
void CheckSum(const RecordBatch& batch, SliceChecksum* sum) {
  constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
  uint64_t records = sum->records;
  for (const Record& record : batch.records) {
    const uint64_t sizes = uint64_t{record.value_size} << 32 | record.key_size;
    records = (records ^ static_cast<uint64_t>(record.offset) ^ sizes * kMultiplier) * kMultiplier;
  }
  sum->records = records;
  for (const StoredChecksum& stored : batch.checksums) sum->bytes = Crc32c(&stored.crc, sizeof(stored.crc), sum->bytes);
  if (batch.has_checksums) return;
  for (const Record& record : batch.records) {
    sum->bytes = Crc32c(record.value, record.value_size, sum->bytes);
    if (record.key != nullptr) sum->bytes = Crc32c(record.key, record.key_size, sum->bytes);
  }
}
}  // namespace

StatusOr<DataflowRun::State> DataflowRun::Step() {
  if (done_) return State::kDone;
  if (cancelled_.load()) return Status(SqlError(sqlstate::kQueryCanceled) << "canceling statement due to user request");
  if (Redoing()) return RedoStep();
  if (!progress_.commit_error.empty()) {  // nothing more is read until what was read can be committed
    if (CommitDue()) RETURN_IF_ERROR(TryCommit(true));
    return State::kIdle;
  }
  if (!epoch_open_) {
    RETURN_IF_ERROR(BeginEpoch());
  } else if (options_.one_epoch) {
    ConsiderOptimizing();
    UseKeyedCode();
  }
  ASSIGN_OR_RETURN(const bool read, Round());
  const bool ended = Ended();
  if (ended || EpochShouldEnd(read)) {
    RETURN_IF_ERROR(FinishEpoch());
    if (ended) {
      RETURN_IF_ERROR(Checkpoint());
      done_ = true;
      return State::kDone;
    }
  }
  // Never between an epoch's rows: sinks that got some of it commit it whole.
  if (uncommitted_ && !(epoch_open_ && (epoch_wrote_ || epoch_records_ > 0)) && CommitDue()) RETURN_IF_ERROR(TryCommit(true));
  if (!epoch_open_ && SnapshotDue()) RETURN_IF_ERROR(BeginSnapshot());
  ASSIGN_OR_RETURN(const bool saving, ContinueSnapshot());
  return read || epoch_records_ > 0 || !epoch_open_ || saving ? State::kWorked : State::kIdle;
}

Status DataflowRun::BeginEpoch() {
  replaced_.reset();
  ConsiderOptimizing();
  UseKeyedCode();
  RETURN_IF_ERROR(DiscoverPartitions());
  // Never behind the epoch before: windows of the clock close by it.
  const int64_t now = Redoing() ? redo_[next_redo_].clock_micros : std::max(epoch_clock_micros_, environment_->clock().WallMicros());
  epoch_clock_micros_ = now;
  for (const auto& context : contexts_) context->call.epoch_micros = now;
  epoch_open_ = true;
  epoch_records_ = 0;
  epoch_begin_nanos_ = environment_->clock().MonotonicNanos();
  if (!first_epoch_) return OkStatus();
  first_epoch_ = false;
  // What is there from the beginning: constants, and views at their reader's epoch.
  std::vector<std::pair<int64_t, const PlanOperator*>> views;
  for (const PlanOperator& op : dataflow_->operators) {
    if (op.As<ValuesOp>()) {
      code_->values.at(op.id)(contexts_[0].get());
      Exchange();
      NoteEnded(op.id);
    }
    if (const auto* scan = op.As<ViewScanOp>()) views.emplace_back(scan->equal.empty() ? bindings_.views.at(op.id)->rows() : 0, &op);
  }
  // The largest last: joins look its rows up in what was read before.
  std::stable_sort(views.begin(), views.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [rows, op] : views) {
    RETURN_IF_ERROR(ReadView(*op));
    NoteEnded(op->id);
  }
  return CheckWorkers();
}

Status DataflowRun::ReadView(const PlanOperator& op) {
  const ViewScanOp& scan = *op.As<ViewScanOp>();
  const ViewReader& view = *bindings_.views.at(op.id);
  WorkerContext* const context = contexts_[0].get();
  int64_t batches = 0;
  ViewRows rows(view, scan.columns, *plan_->rows.at(op.id), kViewRows);
  const auto push = [&] {
    code_->rows.at(op.id)(context, rows.rows().data(), op.append_only ? nullptr : rows.weights().data(), static_cast<int64_t>(rows.rows().size()));
    Exchange();  // what was staged points into `rows`
    context->call.scratch.Reset();
    rows.Clear();
    if (++batches % kLookAfter != 0 || !options_.one_epoch) return;
    ConsiderOptimizing();
    UseKeyedCode();
  };
  RETURN_IF_ERROR(VisitView(scan, view, bindings_.parameters, &context->call, [&](const char* stored, int64_t weight) {
    rows.Add(stored, weight, op.append_only ? weight : 1);
    if (rows.full()) push();
  }));
  if (!rows.empty()) push();
  return OkStatus();
}

StatusOr<bool> DataflowRun::Round() {
  // Small epochs read one partition a round, so that their length is what was asked for.
  std::vector<Partition*>& partitions = polled_;
  partitions.clear();
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) {
      if (!partition->ended) partitions.push_back(partition.get());
    }
  }
  if (partitions.empty()) return false;
  const int64_t limit = WantsOneEpoch() ? kRoundRecords : std::min(kRoundRecords, options_.epoch_max_records - epoch_records_);
  if (options_.epoch_max_records < kRoundRecords * static_cast<int64_t>(partitions.size())) {
    std::rotate(partitions.begin(), partitions.begin() + static_cast<ptrdiff_t>(next_partition_++ % partitions.size()), partitions.end());
    // the first that has something
    for (Partition* partition : partitions) {
      WorkerContext* context = contexts_[static_cast<size_t>(partition->worker)].get();
      const int64_t before = epoch_records_;
      RETURN_IF_ERROR(PollPartition(partition, context, limit));
      Exchange();
      RETURN_IF_ERROR(CheckWorkers());
      RETURN_IF_ERROR(DrainAppends());
      if (epoch_records_ > before) return true;
    }
    return false;
  }
  const int64_t before = progress_.records;
  pool_->RunAll([&](int32_t worker) {
    WorkerContext* context = contexts_[static_cast<size_t>(worker)].get();
    for (Partition* partition : partitions) {
      if (partition->worker != worker) continue;
      Status status = PollPartition(partition, context, limit);
      if (!status.ok()) worker_status_[static_cast<size_t>(worker)] = std::move(status);
    }
    ApplyLocally(context);
  });
  for (Status& status : worker_status_) {
    if (!status.ok()) return std::exchange(status, OkStatus());
  }
  Exchange();
  RETURN_IF_ERROR(CheckWorkers());
  RETURN_IF_ERROR(DrainAppends());
  return progress_.records > before;
}

Status DataflowRun::PollPartition(Partition* partition, WorkerContext* context, int64_t limit) {
  BatchLimit bounds;
  bounds.records = static_cast<size_t>(limit);
  const Offset stop = partition->redo_end >= 0 ? partition->redo_end : std::min(partition->stop, partition->sink_stop);
  bounds.end = std::min(partition->until, stop);
  // At its stop it may still be seen to have ended.
  RecordBatch batch;
  if (partition->reader->position() < stop) {
    auto polled = partition->reader->Poll(bounds);
    if (!polled.ok() && SqlStateOf(polled.status()) == sqlstate::kOffsetLost && !Redoing()) return OffsetsLost(partition, MessageOf(polled.status()));
    ASSIGN_OR_RETURN(batch, std::move(polled));
  }
  if (batch.empty()) {
    if (partition->reader->position() >= partition->until) partition->ended = true;
    if (!partition->ended && partition->scan->source->bounded()) {
      ASSIGN_OR_RETURN(const OffsetRange range, partition->reader->Range());
      partition->ended = partition->reader->position() >= range.end;
    }
    return OkStatus();
  }
  if (bindings_.durability != nullptr) CheckSum(batch, &partition->slice_sum);
  const int64_t count = static_cast<int64_t>(batch.records.size());
  partition->slice_records += count;
  if (partition->idle && !(partition->resume && partition->resume->offset <= batch.records.front().offset)) {
    // It resumes at the watermark that went on without it.
    const int64_t watermark = std::max(partition->clock.watermark, WatermarkOf(partition->scan->op->id));
    partition->idle = false;
    partition->clock.watermark = watermark;
    RecordTime(*partition, TimeLogEntry::Kind::kResume, batch.records.front().offset, watermark);
  }
  context->scan.partition = partition->id;
  context->scan.topic = batch.topic;
  if (const ScanPlan& scan = plan_->scans.at(partition->scan->op->id); scan.decode != nullptr)
    context->decoders[static_cast<size_t>(scan.decoder)]->SetPreamble(batch.preamble);
  context->scan.clock = &partition->clock;
  const ScanFunction run = code_->scan.at(partition->scan->op->id);
  for (int64_t at = 0; at < count;) {
    int64_t upto = count;
    if (partition->resume && partition->resume->offset <= batch.records.back().offset) {  // a watermark is given in this batch
      const Offset place = partition->resume->offset;
      for (upto = at; upto < count && batch.records[static_cast<size_t>(upto)].offset < place;) ++upto;
      if (upto == at) {
        ResumeAt(partition, *partition->resume);
        continue;
      }
    }
    if (partition->scan->scan->asks_clock) upto = SetClock(partition, context, batch, at, upto);
    run(context, batch.records.data() + at, upto - at);
    at = upto;
  }
  context->call.epoch_micros = epoch_clock_micros_;
  context->scan.clock = nullptr;
  context->scan.record = nullptr;
  partition->last_arrival_nanos = environment_->clock().MonotonicNanos();  // an epoch may have waited long for its first row
  context->round_records += count;
  context->round_bytes += static_cast<int64_t>(batch.bytes);
  if (batch.next >= partition->until) partition->ended = true;
  context->mark_partitions.push_back(partition->id);
  for (const auto& output : context->outputs) context->mark_rows.push_back(output->rows().size());
  context->batches.push_back(std::move(batch));
  return OkStatus();
}

// PROCTIME() of the records from `at` on: the epoch's clock, or what they were told when they were first read. Answers how far that holds.
int64_t DataflowRun::SetClock(Partition* partition, WorkerContext* context, const RecordBatch& batch, int64_t at, int64_t upto) {
  const Offset offset = batch.records[static_cast<size_t>(at)].offset;
  std::optional<TimeLogEntry>& entry = partition->clock_entry;
  if (Redoing()) {
    entry.reset();
    for (const TimeLogEntry& told : partition->redo_clocks) {
      if (!entry && told.offset > offset) entry = told;
    }
  } else if (bindings_.time_log != nullptr && !(entry && entry->offset > offset)) {
    entry = bindings_.time_log->NextClock(partition->scan->identity, partition->id, offset);
    // Another program may have read it a moment before this one's windows closed: it is in the next one then, not lost.
    if (entry) entry->micros = std::max(entry->micros, WatermarkOf(partition->scan->op->id));
  }
  if (!entry) {
    context->call.epoch_micros = epoch_clock_micros_;
    return upto;
  }
  if (!Redoing()) RecordTime(*partition, TimeLogEntry::Kind::kClock, entry->offset, entry->micros);
  context->call.epoch_micros = entry->micros;
  const auto begin = batch.records.begin();
  const auto end = std::partition_point(begin + at, begin + upto, [&](const Record& record) { return record.offset < entry->offset; });
  return end - begin;
}

void DataflowRun::Exchange() {
  for (const PlanOperator& op : dataflow_->operators) {  // in topological order: what one gives is applied further down
    if (op.As<AggregateOp>()) ExchangeAggregate(op);
    if (IsKeyed(op)) ExchangeKeyed(op);
  }
  for (const RecursionPlan& recursion : plan_->recursions) ExchangeKeyed(dataflow_->Get(recursion.recursion));  // what its term gave, behind it
}

void DataflowRun::ExchangeAggregate(const PlanOperator& op) {
  const AggregatePlan& plan = plan_->aggregates.at(op.id);
  const size_t state = static_cast<size_t>(plan.state);
  if (plan.local) {
    for (const auto& context : contexts_) ApplyLocally(op, context.get());
    MergeLocal(op, false);
  }
  const bool staged = std::any_of(contexts_.begin(), contexts_.end(), [&](const auto& context) {
    for (int32_t target = 0; target < options_.workers; ++target) {
      if (!context->stages[state]->Empty(target)) return true;
    }
    return false;
  });
  if (!staged) return;
  const ApplyFunction apply = code_->apply.at(op.id);
  pool_->RunAll([&](int32_t worker) {
    for (const auto& from : contexts_) {  // in worker order, after the barrier
      WorkerContext* context = contexts_[static_cast<size_t>(worker)].get();
      GroupTable* table = (plan.panes ? context->panes : context->tables)[state].get();
      for (StageChunk* chunk : from->stages[state]->Chunks(worker)) apply(context, table, chunk->rows.get(), chunk->count);
    }
  });
  for (const auto& context : contexts_) {
    for (int32_t target = 0; target < options_.workers; ++target) context->stages[state]->Clear(target);
  }
}

// Rows that came straight from a source go to their sinks before the batches they point into are released.
Status DataflowRun::DrainAppends() {
  for (const auto& [id, output] : plan_->outputs) {
    if (output.copies_texts || output.fold >= 0) continue;
    for (const auto& context : contexts_) {
      OutputBuffer& buffer = *context->outputs[static_cast<size_t>(output.output)];
      size_t begin = 0;
      for (size_t batch = 0; batch < context->mark_partitions.size(); ++batch) {
        const size_t end = context->mark_rows[batch * context->outputs.size() + static_cast<size_t>(output.output)];
        if (end > begin) {
          ChangeBatch changes{
              output.schema.get(), std::span<const char* const>(buffer.rows()).subspan(begin, end - begin), {}, context->mark_partitions[batch]};
          RETURN_IF_ERROR(WriteSink(id, changes));
        }
        begin = end;
      }
      buffer.Clear();
    }
  }
  for (const auto& context : contexts_) {
    context->mark_partitions.clear();
    context->mark_rows.clear();
    context->batches.clear();
    context->call.scratch.Reset();
    epoch_records_ += std::exchange(context->round_records, 0);
    progress_.bytes += std::exchange(context->round_bytes, 0);
  }
  progress_.records = committed_records_ + epoch_records_;
  return CheckBudget();
}

bool DataflowRun::Ended() const {
  return std::all_of(scans_.begin(), scans_.end(), [](const auto& scan) {
    return std::all_of(scan->partitions.begin(), scan->partitions.end(), [](const auto& partition) { return partition->ended; });
  });
}

// A one-shot statement whose result changes or is sorted shows what it holds at the end, however much is read; rows that are only added may leave
// before.
bool DataflowRun::WantsOneEpoch() const {
  return options_.one_epoch && std::any_of(dataflow_->operators.begin(), dataflow_->operators.end(), [](const PlanOperator& op) {
           return IsCollected(op) || (op.As<ResultOp>() != nullptr && !op.append_only);
         });
}

bool DataflowRun::EpochShouldEnd(bool read_something) const {
  if (WantsOneEpoch()) return false;
  if (epoch_records_ >= options_.epoch_max_records) return true;
  size_t buffered = 0, errors = 0;
  for (const auto& context : contexts_) {
    errors += context->errors.size();
    for (const auto& output : context->outputs) buffered += output->rows().empty() ? 0 : output->bytes();
  }
  if (buffered > options_.epoch_max_bytes || errors > options_.max_errors_per_epoch) return true;
  const int64_t elapsed = environment_->clock().MonotonicNanos() - epoch_begin_nanos_;
  if (epoch_records_ > 0 && (!read_something || (elapsed > kMaxEpochNanos && !options_.one_epoch))) return !options_.one_epoch;
  // Nothing arrived, but time passes: idle partitions may let windows close.
  return epoch_records_ == 0 && elapsed > kMaxEpochNanos;
}

}  // namespace kappa
