// TemporalFilter: a row is there from `from` on, until before `until`, by the epoch's clock.
//
//   Apply   rows whose time is over, or never comes, are left out; rows that are there for good pass; all others are kept, with what they weigh
//   Flush   the rows that changed, and those whose `from` or `until` lies between the last epoch's clock and this one's: what is seen differs
//
// Kept is only what the clock can still change. The operator is linear: weights of either sign pass alike.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "exec/keyed_plan.h"
#include "exec/runtime/keyed_operator.h"
#include "exec/state/row_store.h"

namespace kappa {

class TemporalFilter final : public KeyedOperator {
 public:
  TemporalFilter(WorkerContext* context, OperatorId id, const TemporalFilterOp& op, const KeyedPlan& plan);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override;
  size_t bytes() const override;
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override;
  // context()->call.epoch_micros is the clock of the last epoch then.
  Status AfterLoad() override;

 private:
  struct Span {
    int64_t from = INT64_MIN, until = INT64_MAX;
    bool At(int64_t clock) const { return from <= clock && clock < until; }
  };
  struct Touched {
    RowStore::Id id;
    int64_t before;  // its weight
  };
  struct Row {
    const char* bytes;
    size_t size;
    uint64_t hash;
  };
  struct HashRow {
    using is_transparent = void;
    const RowStore* store;
    size_t operator()(RowStore::Id id) const;
    size_t operator()(const Row& row) const { return row.hash; }
  };
  struct EqualRow {
    using is_transparent = void;
    const RowStore* store;
    bool operator()(RowStore::Id a, RowStore::Id b) const { return a == b; }
    bool operator()(RowStore::Id a, const Row& b) const { return store->RowEquals(a, b.bytes, b.size); }
    bool operator()(const Row& a, RowStore::Id b) const { return (*this)(b, a); }
  };
  using Times = absl::btree_set<std::pair<int64_t, RowStore::Id>>;

  bool SpanOf(const char* row, Span* span) const;  // false: it is never there
  void Keep(const KeyedRow& row, const Span& span);
  void Link(RowStore::Id id, const Span& span);
  void Forget(RowStore::Id id);
  void EmitChange(RowStore::Id id, int64_t before, int64_t now, int64_t clock);

  const RowLayout layout_;
  const Slot *from_ = nullptr, *until_ = nullptr;  // nullptr: no bound
  KeyTable keys_;
  KeyTable::Id key_;  // the only one
  RowStore store_;    // user area: 1 + index into touched_, 0: not in this epoch
  absl::flat_hash_set<RowStore::Id, HashRow, EqualRow> index_;
  Times enter_, leave_;  // by the times that are still to come
  std::vector<Touched> touched_;
  std::vector<RowStore::Id> settled_;  // the clock changes them no more
  std::vector<RowStore::Id> loaded_;
  int64_t clock_ = INT64_MIN;  // of the last epoch
  std::unique_ptr<DurableRowStore> durable_;
};

}  // namespace kappa
