// One dataflow in execution: a stepped state machine that cuts time into epochs (design section 7). Step() does a bounded amount of work and never
// sleeps.
//
//   round  each worker polls its partitions and runs the scans' generated code; rows for other workers' state are exchanged; rows that leave
//          straight from a source go to their sinks; the batches are released
//   end    aggregates flush in topological order, with an exchange after each; windows that the watermark has passed close; sinks and views
//          get one consolidated batch and commit
//
// With Durability the epoch is journalled before it is committed, state is saved in snapshots, and opening begins where the run before stood
// (durability.h).
//
// One thread drives it (the workers are its WorkerPool's).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "common/sink.h"
#include "common/source.h"
#include "exec/codegen/jit.h"
#include "exec/epoch/durability.h"
#include "exec/epoch/operator_counts.h"
#include "exec/epoch/plan_cache.h"
#include "exec/epoch/time_log.h"
#include "exec/epoch/worker_pool.h"
#include "exec/physical_plan.h"
#include "exec/runtime/worker_context.h"

namespace kappa {

enum class TierPolicy : uint8_t { kAdaptive, kQuickOnly, kOptimizedOnly };

struct RunOptions {
  int32_t workers = 1;
  int64_t epoch_max_records = 1'000'000;
  bool one_epoch = false;              // a one-shot statement: a result that changes comes out once, at the end
  size_t epoch_max_bytes = 256 << 20;  // of rows buffered for sinks
  size_t memory_budget = 0;            // bytes of state; 0: none. Past it: 53200
  size_t max_errors_per_epoch = 1'000'000;
  TierPolicy tiers = TierPolicy::kAdaptive;
  int64_t optimize_after_nanos = 50'000'000;
  bool count_rows = false;        // for EXPLAIN ANALYZE: see Counts()
  bool local_aggregation = true;  // of several workers: see runtime/local_groups.h
  bool stop_at_end = false;       // where the input ends the run stops, as when it is cancelled: nothing closes that the watermark has not passed
  int64_t checkpoint_interval_nanos = 10'000'000'000;  // of a durable run: from one snapshot to the next
  int64_t commit_interval_nanos = 100'000'000;         // and from one commit to the next
};

// Takes what failed, per epoch: the engine makes dead letters of it, or an error.
class ErrorConsumer {
 public:
  virtual ~ErrorConsumer() = default;
  virtual Status Consume(Epoch epoch, const Dataflow& dataflow, const std::vector<RowError>& errors) = 0;
  // As a Sink's: what was consumed becomes visible, and what is remembered of it after a crash. Epochs of this incarnation that it has are its own
  // business: it gets them again and leaves them out.
  virtual Status Commit(const EpochCommit& commit) { return OkStatus(); }
  virtual StatusOr<SinkMark> LastCommitted() { return SinkMark{}; }
};

// Contents of a view at the epoch its reader pinned.
class ViewReader {
 public:
  virtual ~ViewReader() = default;
  // `row` of the view's schema with its weight (> 0), any order.
  virtual void ForEach(const std::function<void(const char* row, int64_t weight)>& visit) const = 0;
  virtual const RowSchema& schema() const = 0;
  // Whether the texts of rows that were visited stay where they are while the reader lives; else a row's are gone when `visit` returns.
  virtual bool keeps_texts() const { return false; }
  // Those whose values in the columns at `columns` are these (as keys are compared; of the columns' types, none NULL). By an index where there can be
  // one.
  virtual void ForEachEqual(const std::vector<int>& columns, const std::vector<Datum>& values,
                            const std::function<void(const char* row, int64_t weight)>& visit) const;
  // About how many there are.
  virtual int64_t rows() const { return INT64_MAX; }
};
// A row's values in some columns as bytes: equal for what is equal as a key.
void AppendKeyBytes(const RowSchema& schema, const std::vector<int>& columns, const char* row, std::string* out);
void AppendKeyBytes(const RowSchema& schema, const std::vector<int>& columns, const std::vector<Datum>& values, std::string* out);

struct RunBindings {
  std::map<OperatorId, std::shared_ptr<Source>> sources;
  std::map<OperatorId, Sink*> sinks;  // sinks, views and results; not those that fold
  std::map<OperatorId, std::shared_ptr<const ViewReader>> views;
  ErrorConsumer* errors = nullptr;
  std::vector<Datum> parameters;
  TimeLog* time_log = nullptr;       // may be null
  Durability* durability = nullptr;  // null: nothing is kept
  PlanCache* plans = nullptr;        // of a one-shot statement; null: its code is its own
};

struct RunProgress {
  Epoch epoch = 0;
  int64_t records = 0, bytes = 0;
  int64_t lag = -1;  // records to the end of the log as last seen; -1: not known
  int64_t errors = 0, late = 0;
  size_t state_bytes = 0;
  int64_t watermark = kNoWatermark;
  // Of a durable run.
  int64_t restored_records = 0, restored_bytes = 0;  // of `records` and `bytes`: read before this run
  bool ended = false;                                // its input had ended for good before it was opened
  Epoch committed_epoch = -1;                        // the last one that sinks and views show
  bool recovering = false;                           // journalled epochs are run again, or a rebuild is not yet where a sink stands
  Epoch snapshot_epoch = -1;                         // of the last snapshot
  int64_t snapshot_micros = 0;                       // when it was written, since 1970 UTC
  int64_t snapshot_bytes = 0;                        // all of its files
  int64_t snapshots = 0;                             // written by this run
  int64_t snapshot_failures = 0;
  std::string snapshot_error;       // of the last failure; "" since the last success
  int64_t merge_failures = 0;       // of snapshots' files, as known at the last snapshot
  std::string merge_error;          // likewise
  int64_t longest_pause_nanos = 0;  // that saving state has cost between two rounds
  int64_t journal_bytes = 0;
  std::vector<std::string> offsets_lost;  // what ON OFFSET LOST has passed over
  std::string commit_error;               // why epochs are not committed at the moment (the disk is full); "": they are
};

class DataflowRun {
 public:
  enum class State { kWorked, kIdle, kDone };

  static StatusOr<std::unique_ptr<DataflowRun>> Open(std::shared_ptr<const Dataflow> dataflow, RunBindings bindings, const RunOptions& options,
                                                     Jit* jit, os::Environment* environment);
  ~DataflowRun();

  // kIdle: nothing to do until `wake` is called, or time passes. kDone: bounded input has ended and its last epoch is committed. An error ends the
  // run.
  StatusOr<State> Step();
  // Ends the epoch that is open and commits, so that everything read so far is visible.
  Status EndEpoch();
  // The same, and whatever a sink holds back is committed too; a durable run keeps its state, so that it goes on from here. For a graceful stop.
  Status Checkpoint();
  void OnWake(std::function<void()> wake);
  void Cancel() { cancelled_.store(true); }
  // The end of every partition as the log stands now (or where it will stop), and never behind where it has been read to. By source and partition.
  using PositionMap = kappa::PositionMap;
  StatusOr<PositionMap> Ends();
  // Reads no further than `target` until told otherwise ({}), so that several runs can be brought to one position.
  void StopAt(const PositionMap& target);
  bool AtStop() const;
  // Asks the sources how far their ends are; may take a moment.
  void RefreshLag();

  const RunProgress& progress() const { return progress_; }
  const PhysicalPlan& plan() const { return *plan_; }
  // Of sinks that fold: checksum and number of changes.
  std::pair<uint64_t, uint64_t> Fold(OperatorId sink) const;
  // Of each operator, of a run that counts rows.
  std::map<OperatorId, OperatorCounts> Counts() const;
  bool optimized() const { return tier_ == Tier::kOptimized; }
  // Positions reached, per source name and partition.
  PositionMap Positions() const;

 private:
  DataflowRun() = default;
  struct Partition;
  struct ScanState;
  friend struct CompiledPlan;
  struct Code;
  using ScanFunction = void (*)(WorkerContext*, const Record*, int64_t);
  using FlushFunction = void (*)(WorkerContext*);
  using RowsFunction = void (*)(WorkerContext*, const char* const*, const int64_t*, int64_t);
  using ApplyFunction = void (*)(WorkerContext*, GroupTable*, const char*, int64_t);
  using MergeFunction = void (*)(WorkerContext*, GroupTable*);
  using CloseFunction = void (*)(WorkerContext*, char* const*, int64_t);

  Status Init(os::Environment* environment);
  Status OpenSources();
  Status OpenPartition(ScanState* scan, int32_t id);
  Status OpenState();
  Status MakePlan(std::shared_ptr<const Dataflow> dataflow);
  StatusOr<std::shared_ptr<Code>> CompileTier(Tier tier) const;
  void ConsiderOptimizing();
  Status BeginEpoch();
  Status ReadView(const PlanOperator& op);
  void NoteEnded(OperatorId id);
  StatusOr<bool> Round();  // true: some records were read
  Status PollPartition(Partition* partition, WorkerContext* context, int64_t limit);
  int64_t SetClock(Partition* partition, WorkerContext* context, const RecordBatch& batch, int64_t at, int64_t upto);
  void Exchange();  // applies everything staged
  void ExchangeAggregate(const PlanOperator& op);
  void ApplyLocally(const PlanOperator& op, WorkerContext* context);  // dataflow_run_local.cc
  void ApplyLocally(WorkerContext* context);
  void MergeLocal(const PlanOperator& op, bool epoch_ends);
  void ExchangeKeyed(const PlanOperator& op);
  Status FlushKeyed(const PlanOperator& op);
  KeyedEpoch KeyedEpochOf(const PlanOperator& op) const;
  void UseKeyedCode();
  Status DrainAppends();
  Status RunFlushes();
  Status FlushOperator(const PlanOperator& op);
  Status RunRecursion(const RecursionPlan& plan);  // dataflow_run_recursion.cc
  Status CloseWindows(const PlanOperator& op);
  Status RunCollected(const PlanOperator& op);
  std::vector<const char*> Collected(const PlanOperator& op) const;
  void Sort(const PlanOperator& op, std::vector<const char*>* collected) const;
  Status WriteSinks();
  Status WriteSink(OperatorId op, const ChangeBatch& changes);
  Status HandErrors();
  Status FinishEpoch();  // without committing
  // dataflow_run_commit.cc
  void JournalEpochEnd();
  bool CommitDue() const;
  Status CommitEpochs(bool may_hold);
  Status TryCommit(bool may_hold);
  CommitRecord CommitPosition() const;
  bool Muted(OperatorId sink, Epoch epoch) const;
  bool SnapshotDue() const;
  Status BeginSnapshot();
  StatusOr<bool> ContinueSnapshot();  // true: there is more to save
  SnapshotMeta MetaNow() const;
  // dataflow_run_recover.cc
  Status RestoreMeta();
  const SnapshotMeta::Partition* Restored(const ScanState& scan, int32_t partition) const;
  Status RestoreTables();
  Status ReadMarks();
  Status CheckPosition(Partition* partition);
  Status OffsetsLost(Partition* partition, const std::string& what);
  StatusOr<State> RedoStep();
  Status BeginRedo();
  StatusOr<bool> RedoRound();
  Status CheckRedone();
  Partition* FindPartition(OperatorId scan, int32_t id) const;
  bool Redoing() const { return next_redo_ < redo_.size(); }
  Status UnmuteReached();
  void StopForSink();
  Offset StopOf(const PositionMap& target, const Partition& partition) const;
  void ResumeAt(Partition* partition, const TimeLogEntry& entry);
  void RecordTime(const Partition& partition, TimeLogEntry::Kind kind, Offset offset, int64_t watermark);
  Status DiscoverPartitions();
  Status CheckBudget();
  Status CheckWorkers() const;
  void UpdateWatermarks(bool ended);
  bool ReadsHistory(const Partition& partition) const;
  std::optional<TimeLogEntry> NextResume(const Partition& partition) const;
  int64_t WatermarkOf(OperatorId op) const;
  int64_t ClosingWatermark(const PlanOperator& op) const;
  bool Ended() const;
  bool EndsForGood() const { return Ended() && !options_.stop_at_end; }
  bool WantsOneEpoch() const;
  bool EpochShouldEnd(bool read_something) const;

  std::shared_ptr<const Dataflow> dataflow_;
  std::shared_ptr<const PhysicalPlan> plan_;
  std::string cache_key_;  // in bindings_.plans; "": its code is its own
  RunBindings bindings_;
  RunOptions options_;
  Jit* jit_ = nullptr;
  os::Environment* environment_ = nullptr;
  std::unique_ptr<WorkerPool> pool_;
  std::vector<std::unique_ptr<WorkerContext>> contexts_;
  std::vector<std::unique_ptr<ScanState>> scans_;
  std::vector<Partition*> polled_;  // of the round; kept for its memory
  std::vector<Status> worker_status_;
  std::shared_ptr<Code> code_;
  std::shared_ptr<Code> replaced_;  // what the open epoch began with: rows may point at its constants
  Tier tier_ = Tier::kQuick;
  std::unique_ptr<os::Thread> optimizer_;
  std::shared_ptr<Code> optimized_;  // set by the background thread
  std::atomic<bool> optimized_ready_{false};
  bool optimizing_ = false;
  std::atomic<bool> cancelled_{false};

  std::set<OperatorId> ended_;  // of a one-shot statement: they give no more rows
  bool epoch_open_ = false, done_ = false, first_epoch_ = true, first_end_ = true;
  uint64_t begin_ticks_ = 0;  // of a run that counts rows
  int64_t epoch_records_ = 0, committed_records_ = 0, epoch_begin_nanos_ = 0, run_begin_nanos_ = 0;
  size_t next_partition_ = 0;
  std::map<OperatorId, int64_t> watermarks_;  // of each operator's output, as of the last epoch's end
  RunProgress progress_;

  // Durability.
  bool epoch_wrote_ = false;              // something went to a sink, or to the dead letters
  std::mutex time_mutex_;                 // workers record what resumes
  std::vector<TimeLogEntry> epoch_time_;  // of the epoch that is open
  int64_t epoch_clock_micros_ = 0;
  bool uncommitted_ = false;  // epochs have ended that are not committed
  bool held_ = false;         // a sink has put its commit off
  int64_t last_commit_nanos_ = 0, last_snapshot_nanos_ = 0, last_discovery_nanos_ = 0;
  std::optional<SnapshotMeta> restored_;
  std::vector<JournalEpoch> redo_;
  size_t next_redo_ = 0;
  int64_t redo_waits_since_nanos_ = 0;
  static constexpr OperatorId kErrorsId = -1;                                      // the consumer of errors, where it stands among sinks
  std::map<OperatorId, Epoch> muted_until_;                                        // sinks: they have these epochs
  std::vector<std::pair<PositionMap, OperatorId>> reaching_;                       // of a rebuild: sinks muted until this position, nearest first
  std::vector<std::pair<OperatorId, std::vector<DurableTable*>>> durable_tables_;  // per operator: one a worker, or a view's one
  std::vector<std::unique_ptr<DurableTable>> owned_tables_;
  // The snapshot that is being written.
  enum class Saving : uint8_t { kNo, kTables, kFiles, kFailed } saving_ = Saving::kNo;
  Epoch saving_epoch_ = -1;
  std::string saving_meta_;
  std::vector<ClosedWindows> saving_closed_;
  std::vector<size_t> saving_next_;    // per worker: index into durable_tables_ of the table to go on with
  std::vector<StateRun> saving_runs_;  // per worker
};

}  // namespace kappa
