// DataflowRun: what makes epochs durable and visible: journal, commits, snapshots (design section 7).
#include <algorithm>

#include "common/os/kill_point.h"
#include "exec/epoch/dataflow_run_state.h"

namespace kappa {
namespace {

// Of a snapshot, saved between two rounds by each worker: about a millisecond.
constexpr size_t kSaveBytes = 512 << 10;
constexpr size_t kRunBytes = 8 << 20;           // a worker's run is handed over when it has grown to this
constexpr size_t kBacklogBytes = 128 << 20;     // handed over and not written: saving waits
constexpr int64_t kRetryNanos = 1'000'000'000;  // after a snapshot has failed

// Notes how long the flow has stood still, from here to the end of the block.
class PauseTimer {
 public:
  PauseTimer(os::Clock* clock, int64_t* longest) : clock_(clock), longest_(longest), begin_(clock->MonotonicNanos()) {}
  ~PauseTimer() { *longest_ = std::max(*longest_, clock_->MonotonicNanos() - begin_); }

 private:
  os::Clock* const clock_;
  int64_t* const longest_;
  const int64_t begin_;
};

// Are views all that it gives, and each a function of the log alone, wherever epochs end?
bool GivesViewsOfLogAlone(const Dataflow& dataflow) {
  return std::none_of(dataflow.operators.begin(), dataflow.operators.end(), [](const PlanOperator& op) {
    const auto* scan = op.As<ScanOp>();
    const auto* join = op.As<JoinOp>();
    return op.As<SinkOp>() != nullptr || op.As<TemporalFilterOp>() != nullptr || (scan != nullptr && (scan->asks_clock || scan->processing_time)) ||
           (join != nullptr && join->lookup);
  });
}

// Errors that pass: the same call may succeed once there is space again.
bool Passes(const Status& status) { return SqlStateOf(status) == sqlstate::kDiskFull; }

}  // namespace

// Appends the epoch that ends to the journal; its partitions begin their next slices.
void DataflowRun::JournalEpochEnd() {
  JournalEpoch record{progress_.epoch, epoch_clock_micros_, EndsForGood(), {}, epoch_time_};
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) {
      if (partition->slice_records == 0) continue;
      const Offset position = partition->reader->position();
      if (scan->scan->asks_clock && bindings_.durability != nullptr && bindings_.time_log != nullptr && !scan->identity.empty())
        bindings_.time_log->Append({TimeLogEntry::Kind::kClock, scan->identity, partition->id, position, epoch_clock_micros_});
      record.slices.push_back(
          {scan->op->id, partition->id, partition->slice_begin, position, partition->slice_records, partition->slice_sum.value()});
      partition->slice_begin = position;
      partition->slice_records = 0;
      partition->slice_sum = {};
    }
  }
  if (bindings_.durability != nullptr && !Redoing()) bindings_.durability->journal->Append(record);
}

void DataflowRun::RecordTime(const Partition& partition, TimeLogEntry::Kind kind, Offset offset, int64_t watermark) {
  // The journal files it under the scan, the time log under the log that is read. What a passing run decides is nobody else's business.
  const std::lock_guard<std::mutex> lock(time_mutex_);
  epoch_time_.push_back({kind, std::to_string(partition.scan->op->id), partition.id, offset, watermark});
  if (bindings_.time_log != nullptr && bindings_.durability != nullptr && !partition.scan->identity.empty())
    bindings_.time_log->Append({kind, partition.scan->identity, partition.id, offset, watermark});
}

bool DataflowRun::CommitDue() const {
  if (bindings_.durability == nullptr) return true;
  return environment_->clock().MonotonicNanos() - last_commit_nanos_ >= options_.commit_interval_nanos;
}

bool DataflowRun::Muted(OperatorId sink, Epoch epoch) const {
  const auto muted = muted_until_.find(sink);
  return muted != muted_until_.end() && epoch <= muted->second;
}

CommitRecord DataflowRun::CommitPosition() const { return {bindings_.durability->incarnation, Positions()}; }

// Journal first, then every sink and view.
Status DataflowRun::CommitEpochs(bool may_hold) {
  std::string record;
  if (bindings_.durability != nullptr) {
    if (bindings_.time_log != nullptr) RETURN_IF_ERROR(bindings_.time_log->Sync());
    Journal& journal = *bindings_.durability->journal;
    const bool in_time = may_hold && GivesViewsOfLogAlone(*dataflow_);
    RETURN_IF_ERROR(in_time ? journal.SyncInTime(progress_.errors + progress_.late) : journal.Sync());
    progress_.journal_bytes = static_cast<int64_t>(bindings_.durability->journal->bytes());
    record = EncodeCommitRecord(CommitPosition());
  }
  const EpochCommit commit{progress_.epoch - 1, may_hold && bindings_.durability != nullptr, record};
  if (bindings_.errors != nullptr && !Muted(kErrorsId, commit.upto)) RETURN_IF_ERROR(bindings_.errors->Commit(commit));
  bool first = true;
  held_ = false;
  for (const auto& [op, sink] : bindings_.sinks) {
    if (Muted(op, commit.upto)) continue;
    if (!std::exchange(first, false)) os::KillPoint("between-sinks");
    RETURN_IF_ERROR(sink->Commit(commit));
    if (!commit.may_hold || sink->guarantee() != Guarantee::kExactlyOnce) continue;
    ASSIGN_OR_RETURN(const SinkMark mark, sink->LastCommitted());
    held_ |= mark.epoch < commit.upto;  // it is asked again, though nothing more may come
  }
  os::KillPoint("sinks-committed");
  uncommitted_ = false;
  progress_.committed_epoch = commit.upto;
  return OkStatus();
}

// A full disk does not end a durable run: nothing more is read until what was read can be committed.
Status DataflowRun::TryCommit(bool may_hold) {
  last_commit_nanos_ = environment_->clock().MonotonicNanos();
  if (progress_.epoch == 0) return OkStatus();
  Status committed = CommitEpochs(may_hold);
  if (committed.ok()) {
    progress_.commit_error.clear();
    return OkStatus();
  }
  if (bindings_.durability == nullptr || !Passes(committed)) return committed;
  progress_.commit_error = MessageOf(committed);
  return OkStatus();
}

Status DataflowRun::EndEpoch() {
  RETURN_IF_ERROR(FinishEpoch());
  return uncommitted_ ? TryCommit(true) : OkStatus();
}

Status DataflowRun::Checkpoint() {
  if (Redoing()) return OkStatus();  // the journal has it all
  RETURN_IF_ERROR(FinishEpoch());
  RETURN_IF_ERROR(TryCommit(false));
  if (bindings_.durability == nullptr) return OkStatus();
  if (!progress_.commit_error.empty()) return SqlError(sqlstate::kDiskFull) << progress_.commit_error;
  const auto finish = [this]() -> Status {
    while (saving_ == Saving::kTables || saving_ == Saving::kFiles) {
      ASSIGN_OR_RETURN(const bool more, ContinueSnapshot());
      if (more || saving_ != Saving::kFiles) continue;
      if (const Status failed = bindings_.durability->snapshots->Wait(); !failed.ok()) {  // Poll does not tell it again
        ++progress_.snapshot_failures;
        progress_.snapshot_error = MessageOf(failed);
        saving_ = Saving::kFailed;
        last_snapshot_nanos_ = environment_->clock().MonotonicNanos();
      }
    }
    return OkStatus();
  };
  // What is being written first, then one of now.
  RETURN_IF_ERROR(finish());
  if (progress_.epoch - 1 <= progress_.snapshot_epoch || !reaching_.empty()) return OkStatus();
  if (saving_ == Saving::kNo) RETURN_IF_ERROR(BeginSnapshot());
  return finish();  // one that has failed has been told; the journal still has what is needed
}

bool DataflowRun::SnapshotDue() const {
  if (bindings_.durability == nullptr || Redoing() || !reaching_.empty() || !progress_.commit_error.empty()) return false;
  const int64_t since = environment_->clock().MonotonicNanos() - last_snapshot_nanos_;
  if (saving_ == Saving::kFailed) return since >= kRetryNanos;
  return saving_ == Saving::kNo && progress_.epoch - 1 > progress_.snapshot_epoch && since >= options_.checkpoint_interval_nanos;
}

SnapshotMeta DataflowRun::MetaNow() const {
  SnapshotMeta meta;
  for (const auto& scan : scans_) {
    meta.identities[scan->op->id] = scan->identity;
    for (const auto& partition : scan->partitions)
      meta.partitions.push_back({scan->op->id, partition->id, partition->slice_begin, partition->clock.watermark, partition->idle});
  }
  for (const auto& [op, watermark] : watermarks_) meta.watermarks[op] = watermark;
  for (int fold = 0; fold < plan_->folds; ++fold) {
    std::pair<uint64_t, uint64_t> sum{0, 0};
    for (const auto& context : contexts_) {
      sum.first += context->sink_checksums[static_cast<size_t>(fold)];
      sum.second += context->sink_changes[static_cast<size_t>(fold)];
    }
    meta.folds.push_back(sum);
  }
  meta.clock_micros = epoch_clock_micros_;
  meta.records = committed_records_;
  meta.bytes = progress_.bytes;
  meta.errors = progress_.errors;
  meta.late = progress_.late;
  meta.ended = EndsForGood() && !scans_.empty();
  return meta;
}

// At an epoch's end. Every sink commits first: a snapshot is usable at once, and recovery never needs what is before it.
Status DataflowRun::BeginSnapshot() {
  const PauseTimer timer(&environment_->clock(), &progress_.longest_pause_nanos);
  RETURN_IF_ERROR(TryCommit(false));
  if (!progress_.commit_error.empty()) return OkStatus();
  if (saving_ == Saving::kNo) {
    saving_epoch_ = progress_.epoch - 1;
    saving_meta_ = EncodeSnapshotMeta(MetaNow());
    saving_closed_.clear();
    for (const auto& [op, tables] : durable_tables_) {
      for (DurableTable* table : tables) {
        table->Freeze();
        if (const auto closed = table->closed()) saving_closed_.push_back(*closed);
      }
    }
    saving_next_.assign(contexts_.size(), 0);
    saving_runs_.resize(contexts_.size());
  }
  // A failed one goes on where it stood: what was saved is kept by the store.
  saving_ = Saving::kTables;
  RETURN_IF_ERROR(bindings_.durability->snapshots->Begin(saving_epoch_));
  last_snapshot_nanos_ = environment_->clock().MonotonicNanos();
  return OkStatus();
}

StatusOr<bool> DataflowRun::ContinueSnapshot() {
  if (saving_ == Saving::kNo || saving_ == Saving::kFailed) return false;
  const PauseTimer timer(&environment_->clock(), &progress_.longest_pause_nanos);
  SnapshotStore& store = *bindings_.durability->snapshots;
  if (saving_ == Saving::kTables && store.backlog_bytes() < kBacklogBytes) {
    pool_->RunAll([&](int32_t worker) {
      const size_t w = static_cast<size_t>(worker);
      StateRun& run = saving_runs_[w];
      const size_t enough = run.bytes() + kSaveBytes;
      for (size_t& next = saving_next_[w]; next < durable_tables_.size() && run.bytes() < enough;) {
        const auto& tables = durable_tables_[next].second;
        if (w < tables.size() && !tables[w]->Save(&run, enough - run.bytes())) break;
        ++next;
      }
    });
    bool all = true;
    for (size_t worker = 0; worker < contexts_.size(); ++worker) all &= saving_next_[worker] == durable_tables_.size();
    for (StateRun& run : saving_runs_) {
      if (run.bytes() < kRunBytes && !(all && !run.empty())) continue;
      store.Add(std::move(run));
      run = StateRun();
      os::KillPoint("snapshot-between-runs");
    }
    if (all) {
      store.Finish(saving_meta_, saving_closed_);
      saving_ = Saving::kFiles;
    }
  }
  const auto told = store.Poll();
  if (!told.ok()) {
    ++progress_.snapshot_failures;
    progress_.snapshot_error = MessageOf(told.status());
    saving_ = Saving::kFailed;
    last_snapshot_nanos_ = environment_->clock().MonotonicNanos();
    return false;
  }
  if (*told == SnapshotStore::Progress::kDone) {
    saving_ = Saving::kNo;
    ++progress_.snapshots;
    progress_.snapshot_epoch = saving_epoch_;
    progress_.snapshot_micros = environment_->clock().WallMicros();
    progress_.snapshot_error.clear();
    os::KillPoint("snapshot-after-manifest");
    const SnapshotStore::MergeFailures merges = store.merge_failures();
    progress_.merge_failures = merges.count;
    progress_.merge_error = merges.error;
    // As far back as the oldest snapshot that is kept, so that each of them can be recovered from.
    ASSIGN_OR_RETURN(const std::vector<SnapshotInfo> kept, store.List());
    if (kept.empty()) return false;
    progress_.snapshot_bytes = static_cast<int64_t>(kept.front().bytes);
    if (Status trimmed = bindings_.durability->journal->TrimBefore(kept.back().epoch + 1); !trimmed.ok() && !Passes(trimmed)) return trimmed;
    return false;
  }
  return saving_ == Saving::kTables && store.backlog_bytes() < kBacklogBytes;
}

}  // namespace kappa
