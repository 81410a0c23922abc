// TopN of append-only input with limit 1: the first row of each partition, by rank. One entry a partition is kept, until it expires, and no index.
#pragma once

#include <memory>
#include <vector>

#include "exec/runtime/keyed_operator.h"
#include "exec/runtime/partition_expiry.h"
#include "exec/runtime/row_order.h"
#include "exec/state/row_store.h"

namespace kappa {

class FirstRow final : public KeyedOperator {
 public:
  FirstRow(WorkerContext* context, OperatorId id, const TopNOp& op, const KeyedPlan& plan);
  void Apply(int input, const KeyedRow* rows, int64_t count) override;
  void Flush(const KeyedEpoch& epoch) override;
  void EndEpoch(const KeyedEpoch& epoch) override;
  size_t bytes() const override { return store_.bytes() + keys_.bytes() + expiry_.bytes() + touched_.capacity() * sizeof(Touched); }
  std::vector<DurableTable*> MakeDurable(uint32_t first_id) override;

 private:
  struct Partition {  // in the key's record
    RowStore::Id first;
    uint32_t touched;  // 1 + index into touched_; 0: not in this epoch
    uint32_t expiry;   // PartitionExpiry's; there only where they expire
  };
  struct Touched {
    KeyTable::Id key;
    RowStore::Id before;  // 0: there was none
  };

  KeyTable keys_;
  RowStore store_;
  const RowLayout layout_;
  const RowOrder order_;
  PartitionExpiry expiry_;
  std::string rank_;  // the part that holds rank 1; empty: nobody asks
  std::vector<Touched> touched_;
  std::unique_ptr<DurableRowStore> durable_;
};

}  // namespace kappa
