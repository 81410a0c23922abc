// Operators that keep rows by key, all but Aggregate: joins, top-N, OVER, set operations, temporal filters. They are C++ over packed rows
// (exec/operators/packed_row.h); what is before and after them is generated.
//
//   consume(row) of input i   packs the row (KeyedPlan::Input::layout) and its key, in canonical form; stages both for the worker that owns the key's
//                             shard. Rows whose key is NULL where NULLs match nothing never come here: they are dropped, or go on without a match
//   Apply                     the staged rows of one input, in order; may hand on changes at once, or note them for Flush
//   Flush                     the epoch's end, when all that stands beneath has flushed
//   EndEpoch                  after the sinks: what has expired goes, before-images are forgotten
//   emit_ID(context, out, n)  generated: each KeyedOutput on its way up. What its parts point to must live until Apply or Flush returns, or until
//                             FlushOutput
//
// One object per worker and operator; used by its worker only. Nothing here is virtual per row.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/status.h"
#include "exec/runtime/partition_clock.h"
#include "exec/runtime/stage.h"
#include "exec/state/snapshot_store.h"

namespace kappa {

class Datum;
struct WorkerContext;
struct KeyedPlan;
struct PlanOperator;

struct KeyedRow {
  uint64_t hash = 0;  // of the key
  int64_t weight = 0;
  const char* key = nullptr;  // packed, canonical: equal keys have equal bytes
  const char* row = nullptr;  // packed, 8-byte aligned; equal rows have equal bytes
  uint32_t key_bytes = 0, row_bytes = 0;
};

// A row for the operators above: its columns lie in the parts, KeyedPlan::parts says which where. A part that is nullptr is absent: its columns are
// NULL.
struct KeyedOutput {
  std::array<const char*, 2> parts = {};
  int64_t weight = 0;
};

struct KeyedEpoch {
  int64_t watermark = kNoWatermark;  // the least of the inputs'; kEndOfTime: they have ended
  int64_t clock_micros = 0;          // NOW()
  bool ended = false;                // bounded input has ended: the last epoch
};

class KeyedOperator {
 public:
  explicit KeyedOperator(WorkerContext* context, int32_t id) : context_(context), id_(id) {}
  virtual ~KeyedOperator() = default;
  KeyedOperator(const KeyedOperator&) = delete;
  KeyedOperator& operator=(const KeyedOperator&) = delete;

  virtual void Apply(int input, const KeyedRow* rows, int64_t count) = 0;
  // No more rows come of this input, ever: those of the other need not be kept for them. Of a run that is not durable.
  virtual void EndInput(int input) {}
  virtual void Flush(const KeyedEpoch& epoch) {}
  virtual void EndEpoch(const KeyedEpoch& epoch) {}
  virtual size_t bytes() const = 0;
  // Its tables as snapshots see them, in an order that never changes; made once, they live as long as this. `first_id`: of the first; further ones
  // have first_id + kTableStride, + 2 * kTableStride, ... Loading is over when AfterLoad is called.
  virtual std::vector<DurableTable*> MakeDurable(uint32_t first_id) = 0;
  virtual Status AfterLoad() { return OkStatus(); }

  static constexpr uint32_t kTableStride = 1u << 24;

  // Generated code; changes when a better compiled one takes over, between epochs.
  using EmitFunction = void (*)(WorkerContext*, const KeyedOutput*, int64_t);
  using MatchFunction = uint8_t (*)(WorkerContext*, const char* left, const char* right);
  void SetCode(EmitFunction emit, MatchFunction match) {
    emit_ = emit;
    match_ = match;
  }
  void FlushOutput() {
    if (outputs_ == 0) return;
    const int64_t count = outputs_;
    outputs_ = 0;
    if (stopped_) return;
    emit_(context_, output_.data(), count);
    CountWork(count);
  }

 protected:
  void Emit(const char* first, const char* second, int64_t weight) {
    output_[static_cast<size_t>(outputs_++)] = {{first, second}, weight};
    if (outputs_ == kOutputs) FlushOutput();
  }
  // JoinOp::condition over one row of each side; where it fails the error is reported and the rows do not match.
  bool Matches(const char* left, const char* right) { return match_ == nullptr || match_(context_, left, right) != 0; }
  bool has_condition() const { return match_ != nullptr; }
  // An error as data (design section 5) of a row with this weight; -1 takes one back.
  void ReportError(SqlState state, const char* message, int64_t weight);
  // Where much may come of little (a join that explodes): the statement was cancelled, or passed its memory budget, and what is put out from here on
  // is dropped. CountWork looks at that from time to time; outputs count by themselves.
  bool stopped() const { return stopped_; }
  void CountWork(int64_t steps) {
    if (KAPPA_UNLIKELY((work_ += steps) >= kLookEvery)) CheckLimits();
  }
  // The run ends with this error once Apply or Flush has returned.
  void Fail(Status status);
  WorkerContext* context() const { return context_; }
  int32_t id() const { return id_; }

 private:
  static constexpr int64_t kOutputs = 256, kLookEvery = 1 << 16;
  KAPPA_COLD void CheckLimits();
  WorkerContext* const context_;
  const int32_t id_;
  EmitFunction emit_ = nullptr;
  MatchFunction match_ = nullptr;
  int64_t outputs_ = 0, work_ = 0;
  bool stopped_ = false;
  std::array<KeyedOutput, kOutputs> output_;
};

// Rows on their way to an input of a keyed operator.
struct KeyedStage {
  std::unique_ptr<Stage> rows;  // KeyedRow each
  KeyedOperator* to = nullptr;  // this worker's
  int input = 0;
};

// Of one worker: applies the chunk that is full. From generated code.
void ApplyFullStage(KeyedStage* stage);

// The operator of `op`: a join, a top-N, ... 0A000: exec cannot run it. `parameters`: of the statement.
StatusOr<std::unique_ptr<KeyedOperator>> MakeKeyedOperator(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan,
                                                           const std::vector<Datum>& parameters);

}  // namespace kappa
