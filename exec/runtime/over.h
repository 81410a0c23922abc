// OVER: every row with the values of window functions (planner/dataflow/dataflow.h).
//
//   Apply   rows go to their places in their partitions' order
//   Flush   of each touched partition: which entries the changes concern, by function (over_affected.cc); for those the values of their rows as the
//           epoch began and as they are now, both computed from the rows alone; what differs is put out
//
// Nothing but the rows is kept: what was put out is computed again, by the same code, from the version in which the epoch began. An aggregate over
// a wide frame starts from what the index's nodes know of the rows beneath, and slides from there.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "exec/runtime/ordered_rows.h"
#include "exec/runtime/over_evaluator.h"
#include "exec/runtime/shifted_slots.h"

namespace kappa {

StatusOr<std::unique_ptr<KeyedOperator>> MakeOver(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan,
                                                  const std::vector<Datum>& parameters);

// The entries that the changes of an epoch concern, as far as one function goes.
class AffectedSlots {
 public:
  AffectedSlots(const OverPlan* plan, const OrderedRows* rows, CallContext* call) : plan_(plan), rows_(rows), bound_(plan, call) {}
  // `reach`: of lag and lead with a column for the offset, the furthest that one is.
  void Add(const OverCall& call, int64_t reach, const OrderedRows::Partition& partition, const std::vector<OrderedIndex::Change>& changes,
           std::vector<SlotRange>* ranges);

 private:
  using Version = OrderedIndex::Version;
  // The rows that count for a call: those with a value, of IGNORE NULLS.
  struct Counted {
    const OrderedIndex* rows = nullptr;
    const PackedColumn* column = nullptr;  // nullptr: all rows of the partition
  };
  Counted CountedBy(const OverCall& call, const OrderedRows::Partition& partition) const;
  OrderedIndex::Position InPartition(const Counted& counted, const OrderedIndex& index, OrderedIndex::Position at) const;
  void AddOffset(const OverCall& call, int64_t reach, const Counted& counted, const OrderedIndex& index, const OrderedIndex::Change& change,
                 std::vector<SlotRange>* ranges) const;
  bool AddFrameValue(const OverCall& call, const Counted& counted, const OrderedIndex& index, const OrderedIndex::Change& change,
                     std::vector<SlotRange>* ranges);
  int64_t FirstEndingPast(const FrameEdge& end, const OrderedIndex& index, OrderedIndex::Position at, Version version);
  int64_t FirstBeginningPast(const FrameEdge& begin, const OrderedIndex& index, OrderedIndex::Position at, int64_t copy, Version version);
  void AddShift(const FrameEdge& edge, const OrderedIndex& index, const OrderedIndex::Change& change, std::vector<SlotRange>* ranges) const;
  bool AddNtile(const OverCall& call, const OrderedRows::Partition& partition, std::vector<SlotRange>* ranges) const;
  void AddFrame(const OverCall& call, const OrderedIndex& index, const OrderedIndex::Change& change, std::vector<SlotRange>* ranges);
  int64_t FirstReaching(const FrameEdge& end, const OrderedIndex& index, const OrderedIndex::Change& change, OrderedIndex::Version version);
  int64_t LastReached(const FrameEdge& begin, const OrderedIndex& index, const OrderedIndex::Change& change, OrderedIndex::Version version);

  const OverPlan* plan_;
  const OrderedRows* rows_;
  RangeBound bound_;
};

class Over final : public KeyedOperator {
 public:
  Over(WorkerContext* context, OperatorId id, const OverOp& op, const KeyedPlan& keyed, OverPlan plan, std::unique_ptr<const RowLayout> layout);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override;
  size_t bytes() const override { return rows_.bytes() + summaries_.bytes() + arena_.bytes_reserved(); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override { return rows_.MakeDurable(first_id); }
  Status AfterLoad() override;
  // Entries that searches and evaluation have looked at, for tests and benches.
  int64_t visited() const { return rows_.compared() + visited_; }

 private:
  void NoteReach(const char* row);
  int64_t EntriesOver(const OrderedRows::Partition& partition, int64_t watermark) const;
  void FlushPartition(const OrderedRows::Partition& partition);
  bool IsSameForAll(size_t function, const OrderedRows::Partition& partition);
  void FlushRange(const OrderedRows::Partition& partition, const SlotRange& range);
  void EmitEntry(RowStore::Id id, size_t before, size_t now);
  void EmitValues(RowStore::Id id, const OverValues& values, int64_t weight);

  const std::unique_ptr<const RowLayout> layout_;  // of the input, which the plan points to
  const OverPlan plan_;
  CallContext call_;
  AggregateCode code_;
  NodeSummaries summaries_;
  OrderedRows rows_;  // its indexes' nodes hold summaries
  AffectedSlots affected_;
  std::optional<PackedColumn> order_time_;   // rows come in the order of this time, give or take the watermark: those before all frames can go
  int64_t order_add_ = 0;                    // Expiry::add
  bool varies_ = false;                      // there are calls whose offset is a column
  std::vector<int64_t> reach_;               // by call: the furthest of such offsets that has come
  std::array<OverEvaluator, 2> evaluators_;  // by version
  std::array<std::vector<OverValues>, 2> values_;
  std::vector<std::pair<const OverValues*, int64_t>> changed_values_;
  Arena arena_;  // values on their way
  std::vector<OrderedIndex::Change> changes_;
  std::vector<SlotRange> ranges_;
  int64_t visited_ = 0;
};

}  // namespace kappa
