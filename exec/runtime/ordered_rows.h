// The rows of a top-N or an OVER: by partition, each in order (exec/state/ordered_index.h), durable by way of a RowStore.
//
//   Apply     a row's weight is added to its entry, found by its place in the order; the partition is listed
//   touched   the partitions that changed in this epoch: each index knows what, and how it was
//   Settle    the epoch is over: entries and partitions without rows go
//   Expire    so do partitions that the watermark has passed, with all their rows
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "exec/runtime/keyed_operator.h"
#include "exec/runtime/partition_expiry.h"
#include "exec/runtime/row_order.h"
#include "exec/state/ordered_index.h"
#include "exec/state/row_store.h"

namespace kappa {

class OrderedRows {
 public:
  struct Partition {  // in the key's record
    OrderedIndex index;
    std::vector<OrderedIndex>* present;  // per column of `present`: the rows where it is not NULL; nullptr: nobody asks
    RowStore::Id last_kept;              // of a top-N that drops what comes behind; 0: none yet
    uint32_t expiry;                     // PartitionExpiry's
    bool listed;
  };

  // `keeps_peers`: heads of groups are kept. The first `peer_keys` of `order` say who are peers. `present`: columns of the rows; those where one is
  // not NULL have an index of their own.
  OrderedRows(const KeyedPlan::Input& input, const std::vector<SortOp::Key>& order, size_t peer_keys, bool keeps_peers,
              const std::optional<Expiry>& expiry, std::vector<PackedColumn> present = {});
  ~OrderedRows();
  OrderedRows(const OrderedRows&) = delete;
  OrderedRows& operator=(const OrderedRows&) = delete;

  // Keys of rows that come together, at most kBatch; made when they are new.
  static constexpr int64_t kBatch = 512;
  void FindPartitions(const KeyedRow* rows, int64_t count, KeyTable::Id* ids) { keys_.FindOrInsertAll(rows, count, ids); }
  // False: there is no more room.
  [[nodiscard]] bool Add(KeyTable::Id key, const KeyedRow& row);
  Partition* partition(KeyTable::Id key) { return keys_.UserAs<Partition>(key); }
  // A partition whose record is new has no index yet.
  Partition* Open(KeyTable::Id key);

  const std::vector<KeyTable::Id>& touched() const { return touched_; }
  // Takes away all rows of an entry; the entry itself at once when it had none as the epoch began.
  void Drop(Partition* partition, OrderedIndex::Position at);
  // `cut`: how many entries at the beginning of a partition that changed nobody will ask about again; they go too. nullptr: none.
  void Settle(const std::function<int64_t(const Partition&)>& cut = nullptr);
  void Expire(int64_t watermark);  // once it is settled

  // Where an entry stands in its partition's index, or in one of `present` if it is there; else the first one behind its place.
  OrderedIndex::Position Locate(const OrderedIndex& index, RowStore::Id id) const;
  bool ArePeers(RowStore::Id a, RowStore::Id b) const { return order_.ComparePeers(store_.Row(a), store_.Row(b)) == 0; }
  const RowOrder& order() const { return order_; }
  const KeyTable& keys() const { return keys_; }
  const char* Row(RowStore::Id id) const { return store_.Row(id); }
  size_t RowBytes(RowStore::Id id) const { return store_.RowBytes(id); }
  OrderedIndex::Pool* pool() { return &pool_; }
  int64_t compared() const { return compared_; }  // entries that searches have looked at

  size_t bytes() const { return store_.bytes() + keys_.bytes() + pool_.bytes + present_pool_.bytes + expiry_.bytes(); }
  std::vector<DurableTable*> MakeDurable(uint32_t id);
  Status AfterLoad();

 private:
  struct IsPeer {
    const OrderedRows* rows;
    bool operator()(RowStore::Id a, RowStore::Id b) const { return rows->ArePeers(a, b); }
  };
  // The first entry that is not before the row.
  OrderedIndex::Position Find(const OrderedIndex& index, uint64_t prefix, const char* row, size_t bytes) const;
  void AddWeight(OrderedIndex* index, OrderedIndex::Position at, int64_t weight);
  void AddPresent(Partition* partition, uint64_t prefix, RowStore::Id id, int64_t weight);
  void SettlePresent(Partition* partition);
  void DropFirst(Partition* partition, int64_t entries);
  void Erase(KeyTable::Id key);
  void Load(RowStore::Id id);

  OrderedIndex::Pool pool_, present_pool_;
  KeyTable keys_;
  RowStore store_;
  const RowLayout layout_;
  const RowOrder order_;
  const bool keeps_peers_;
  const std::vector<PackedColumn> present_;
  PartitionExpiry expiry_;
  std::vector<KeyTable::Id> touched_;
  std::vector<RowStore::Id> gone_;
  std::unique_ptr<DurableRowStore> durable_;
  mutable int64_t compared_ = 0;
};

}  // namespace kappa
