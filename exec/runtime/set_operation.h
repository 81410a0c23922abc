// INTERSECT and EXCEPT: how often each row is in the left and in the right, and from that how often in the result.
//
//   intersect all  min(left, right)          except all  max(left - right, 0)
//   intersect      both have it: once        except      the left has it and the right has not: once
//
// Rows are the same when they are equal as keys. Where such rows may print differently (1.5, 1.50) the left keeps each form with its weight, in a
// list per key, and the first of them that is there is shown: of fewer digits, of an interval of fewer months, then of fewer days.
#pragma once

#include <memory>
#include <vector>

#include "exec/keyed_plan.h"
#include "exec/runtime/keyed_operator.h"
#include "exec/state/row_store.h"

namespace kappa {

class SetOperation final : public KeyedOperator {
 public:
  SetOperation(WorkerContext* context, OperatorId id, const SetOperationOp& op, const KeyedPlan& plan);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override;
  size_t bytes() const override { return keys_.bytes() + stores_[0].bytes() + stores_[1].bytes() + touched_.capacity() * sizeof(Touched); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override;

 private:
  struct Counts {          // in the key's record
    RowStore::Id side[2];  // the left's first form; without forms its one entry
    uint32_t touched;      // in this epoch
  };
  struct Touched {
    KeyTable::Id key;
    int64_t before;  // how often it was in the result
    RowStore::Id before_shown;
  };
  struct Link {
    RowStore::Id next;
  };
  int64_t Times(const Counts& counts) const;
  RowStore::Id Shown(const Counts& counts) const;  // of the left; 0: it is not there
  RowStore::Id* Next(RowStore::Id id) { return &stores_[0].UserAs<Link>(id)->next; }
  RowStore::Id Find(const Counts& counts, int side, const KeyedRow& row);
  void Change(Counts* counts, KeyTable::Id key, int side, const KeyedRow& row);
  const char* RowOf(KeyTable::Id key, RowStore::Id shown) const;

  const bool except_, all_, forms_;
  const RowLayout layout_;
  KeyTable keys_;
  RowStore stores_[2];  // entries without a row: the key is the row
  std::vector<Touched> touched_;
  std::unique_ptr<DurableRowStore> durable_[2];
};

}  // namespace kappa
