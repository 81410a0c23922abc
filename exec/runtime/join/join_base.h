// What the joins have in common: a condition's errors have the weight of the pair that failed; keys go when nothing of them is left.
#pragma once

#include <vector>

#include "exec/runtime/join/join.h"
#include "exec/runtime/join/join_side.h"

namespace kappa {

class JoinBase : public KeyedOperator {
 protected:
  using Id = RowStore::Id;
  using Key = KeyTable::Id;
  JoinBase(WorkerContext* context, int32_t id, const KeyTableSpec& keys) : KeyedOperator(context, id), keys_(keys) {}

  // JoinOp::condition of a pair of this weight.
  bool PairMatches(const char* left, const char* right, int64_t weight) {
    if (!has_condition()) return true;
    CountWork(1);
    return ConditionHolds(left, right, weight);
  }
  void EmitPair(int side, const char* own, const char* other, int64_t weight) { side == 0 ? Emit(own, other, weight) : Emit(other, own, weight); }
  void EmitAlone(int side, const char* row, int64_t weight) { side == 0 ? Emit(row, nullptr, weight) : Emit(nullptr, row, weight); }
  // An entry was refused.
  void FailFull();
  // A key of which nothing may be left. It goes when this Apply, Flush or EndEpoch is over: until then its number is not used again.
  void NoteEmpty(Key key) { empty_.push_back(key); }
  template <typename IsEmpty>
  void EraseEmptyKeys(const IsEmpty& is_empty) {
    if (empty_.empty()) return;
    SortEmpty();
    for (const Key key : empty_) {
      if (is_empty(key)) keys_.Erase(key);
    }
    empty_.clear();
  }

  KeyTable keys_;

 private:
  bool ConditionHolds(const char* left, const char* right, int64_t weight);
  void SortEmpty();  // each once
  std::vector<Key> empty_;
};

// The slot of a column of the packed row of an input.
Slot SlotOf(const KeyedPlan::Input& input, ColumnId column);

}  // namespace kappa
