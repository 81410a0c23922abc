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
  AffectedSlots(const OverPlan* plan, const OrderedRows* rows, CallContext* call) : rows_(rows), bound_(plan, call) {}
  void Add(const OverCall& call, const OrderedIndex& index, const std::vector<OrderedIndex::Change>& changes, std::vector<SlotRange>* ranges);

 private:
  void AddOffset(const OverCall& call, const OrderedIndex& index, const OrderedIndex::Change& change, std::vector<SlotRange>* ranges) const;
  void AddFrame(const OverCall& call, const OrderedIndex& index, const OrderedIndex::Change& change, std::vector<SlotRange>* ranges);
  int64_t FirstReaching(const FrameEdge& end, const OrderedIndex& index, const OrderedIndex::Change& change, OrderedIndex::Version version);
  int64_t LastReached(const FrameEdge& begin, const OrderedIndex& index, const OrderedIndex::Change& change, OrderedIndex::Version version);

  const OrderedRows* rows_;
  RangeBound bound_;
};

class Over final : public KeyedOperator {
 public:
  Over(WorkerContext* context, OperatorId id, const OverOp& op, const KeyedPlan& keyed, OverPlan plan, std::unique_ptr<const RowLayout> layout);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch&) override { rows_.Settle(); }
  size_t bytes() const override { return rows_.bytes() + summaries_.bytes() + arena_.bytes_reserved(); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override { return rows_.MakeDurable(first_id); }
  Status AfterLoad() override { return rows_.AfterLoad(); }
  // Entries that searches and evaluation have looked at, for tests and benches.
  int64_t visited() const { return rows_.compared() + visited_; }

 private:
  void FlushPartition(const OrderedIndex& index);
  bool IsSameForAll(size_t function, const OrderedIndex& index);
  void FlushRange(const OrderedIndex& index, const SlotRange& range);
  void EmitEntry(RowStore::Id id, size_t before, size_t now);
  void EmitValues(RowStore::Id id, const OverValues& values, int64_t weight);

  const std::unique_ptr<const RowLayout> layout_;  // of the input, which the plan points to
  const OverPlan plan_;
  CallContext call_;
  AggregateCode code_;
  NodeSummaries summaries_;
  OrderedRows rows_;  // its indexes' nodes hold summaries
  AffectedSlots affected_;
  std::array<OverEvaluator, 2> evaluators_;  // by version
  std::array<std::vector<OverValues>, 2> values_;
  std::vector<std::pair<const OverValues*, int64_t>> changed_values_;
  Arena arena_;  // values on their way
  std::vector<OrderedIndex::Change> changes_;
  std::vector<SlotRange> ranges_;
  int64_t visited_ = 0;
};

}  // namespace kappa
