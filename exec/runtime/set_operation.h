// INTERSECT and EXCEPT: how often each row is in the left and in the right, and from that how often in the result.
//
//   intersect all  min(left, right)          except all  max(left - right, 0)
//   intersect      both have it: once        except      the left has it and the right has not: once
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
  struct Counts {  // in the key's record
    RowStore::Id side[2];
    uint32_t touched;  // in this epoch
  };
  struct Touched {
    KeyTable::Id key;
    int64_t before;  // how often it was in the result
  };
  int64_t Times(const Counts& counts) const;

  const bool except_, all_;
  KeyTable keys_;
  RowStore stores_[2];  // entries without a row: the key is the row
  std::vector<Touched> touched_;
  std::unique_ptr<DurableRowStore> durable_[2];
};

}  // namespace kappa
