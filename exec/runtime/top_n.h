// TopN: of each partition the rows of certain ranks (planner/dataflow/dataflow.h).
//
//   Apply   rows go to their places in their partitions' order; of a partition that only grows, what comes behind the last rank is dropped
//   Flush   of each touched partition the entries whose rows in the window differ between the versions: those that changed, those near its ends,
//           and, where the rank is shown, those whose rank has
//
// Of append-only input with limit 1 (deduplication) one row a partition is kept, and no index.
#pragma once

#include <memory>
#include <vector>

#include "exec/runtime/ordered_rows.h"
#include "exec/runtime/shifted_slots.h"

namespace kappa {

std::unique_ptr<KeyedOperator> MakeTopN(WorkerContext* context, const PlanOperator& op, const KeyedPlan& plan);

class TopN final : public KeyedOperator {
 public:
  TopN(WorkerContext* context, OperatorId id, const TopNOp& op, const KeyedPlan& plan);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override {
    rows_.Settle();
    if (!epoch.ended) rows_.Expire(epoch.watermark);
  }
  size_t bytes() const override { return rows_.bytes() + arena_.bytes_reserved(); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override { return rows_.MakeDurable(first_id); }
  Status AfterLoad() override { return rows_.AfterLoad(); }
  // Entries that searches and output have looked at, for tests and benches.
  int64_t visited() const { return rows_.compared() + visited_; }

 private:
  using Version = OrderedIndex::Version;
  struct Window {  // of row indexes, half-open
    int64_t begin = 0, end = 0;
  };
  struct Ranks {  // of an entry's rows that are in the window: first, first + step, ...
    int64_t first = 0, count = 0;
  };
  bool IsBehind(const OrderedRows::Partition& partition, const KeyedRow& row) const;
  void DropBehind(OrderedRows::Partition* partition);
  // The first row whose rank is above `rank`.
  int64_t Bound(const OrderedIndex& index, Version version, int64_t rank) const;
  Window WindowOf(const OrderedIndex& index, Version version) const;
  void FlushPartition(const OrderedIndex& index);
  void AddBoundary(const OrderedIndex& index, int64_t before, int64_t now);
  void FlushRange(const OrderedIndex& index, const SlotRange& range, const Window windows[2]);
  void EmitEntry(RowStore::Id id, const Ranks& before, const Ranks& now);
  void EmitRank(RowStore::Id id, int64_t rank, int64_t weight);

  const TopNOp op_;
  const RankKind kind_;
  const bool shows_rank_;
  const int64_t keep_;  // ranks that can ever matter; -1: all
  const RowLayout rank_layout_;
  OrderedRows rows_;
  Arena arena_;  // ranks on their way
  std::vector<OrderedIndex::Change> changes_;
  std::vector<SlotRange> ranges_;
  int64_t visited_ = 0;
};

}  // namespace kappa
