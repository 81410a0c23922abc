// WITH RECURSIVE: the union of a base and of a term that reads the union itself, to a fixpoint.
//
//   union all  a row is in the result as often as base and term give it         union  once, where either gives it
//
// What the term gives depends on the result, so within an epoch it goes round (DataflowRun::RunRecursion): Flush hands on what has changed, the
// term's operators work on that, and what they make comes back as input 1. Where rows only come this is semi-naive evaluation. Where one goes, rows
// may hold each other up in a circle though nothing else does: then the whole result is taken back, which leaves what the base gives, and made again.
// Those who read the result see the difference.
#pragma once

#include <memory>
#include <vector>

#include "exec/keyed_plan.h"
#include "exec/runtime/keyed_operator.h"
#include "exec/state/row_store.h"

namespace kappa {

class Recursion final : public KeyedOperator {
 public:
  Recursion(WorkerContext* context, OperatorId id, const SetOperationOp& op, const KeyedPlan& plan);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  // One round: what has changed since the last. Nothing while a row has gone that TakeBack has not yet answered.
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override;
  size_t bytes() const override { return keys_.bytes() + store_.bytes() + (round_.capacity() + changed_.capacity()) * sizeof(KeyTable::Id); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override;

  // All workers alike, between rounds.
  bool pending() const { return !round_.empty(); }
  bool retracts() const { return retracts_; }
  void TakeBack();    // hands on the whole result, negative
  void BeginAgain();  // and from here on it is made again

 private:
  struct Counts {  // in the key's record
    RowStore::Id entry;
    uint32_t listed;  // kInRound | kInChanged
    int64_t shown;    // how often those above have it
  };
  static constexpr uint32_t kInRound = 1, kInChanged = 2;
  int64_t Wanted(const Counts& counts) const;
  void List(KeyTable::Id key, Counts* counts);

  const bool all_;
  KeyTable keys_;
  RowStore store_;                             // entries without a row: the key is the row; their weight is how often base and term give it
  std::vector<KeyTable::Id> round_, changed_;  // of this round, of this epoch
  bool retracts_ = false, taking_back_ = false;
  std::unique_ptr<DurableRowStore> durable_;
};

}  // namespace kappa
