#include "exec/runtime/ordered_rows.h"

#include <new>

namespace kappa {

using Position = OrderedIndex::Position;

OrderedRows::OrderedRows(const KeyedPlan::Input& input, const std::vector<SortOp::Key>& order, size_t peer_keys, bool keeps_peers)
    : keys_(MakeKeyTableSpec(input.key, sizeof(Partition))),
      store_(RowStoreSpec{}, &keys_),
      layout_(input.layout),
      order_(input.columns, layout_, order, peer_keys),
      keeps_peers_(keeps_peers) {}

OrderedRows::~OrderedRows() {
  keys_.ForEach([&](KeyTable::Id key) { partition(key)->index.Clear(); });
}

OrderedRows::Partition* OrderedRows::Open(KeyTable::Id key) {
  Partition* found = partition(key);
  if (!found->index.has_pool()) new (found) Partition{OrderedIndex(&pool_), 0, false};
  return found;
}

Position OrderedRows::Find(const OrderedIndex& index, uint64_t prefix, const char* row, size_t bytes) {
  return index.FirstNot([&](uint64_t other, RowStore::Id id) {
    ++compared_;
    if (other != prefix) return other < prefix;
    return order_.Compare(store_.Row(id), store_.RowBytes(id), row, bytes) < 0;
  });
}

void OrderedRows::AddWeight(OrderedIndex* index, Position at, int64_t weight) {
  if (keeps_peers_)
    index->AddWeight(at, weight, IsPeer{this});
  else
    index->AddWeight(at, weight, OrderedIndex::NoPeers{});
}

bool OrderedRows::Add(KeyTable::Id key, const KeyedRow& row) {
  if (key == 0) return false;
  Partition* partition = Open(key);
  const uint64_t prefix = order_.Prefix(row.row);
  Position at = Find(partition->index, prefix, row.row, row.row_bytes);
  if (at && at.leaf->prefixes()[at.at] == prefix && store_.RowEquals(at.id(), row.row, row.row_bytes)) {
    store_.ChangeWeight(at.id(), row.weight);
  } else {
    const RowStore::Id id = store_.Add(key, row.row, row.row_bytes, row.weight);
    if (id == 0) return false;
    at = partition->index.Insert(at, prefix, id);
  }
  AddWeight(&partition->index, at, row.weight);
  if (!partition->listed) {
    partition->listed = true;
    touched_.push_back(key);
  }
  return true;
}

void OrderedRows::Drop(Partition* partition, Position at) {
  const RowStore::Id id = at.id();
  const int64_t weight = at.weight();
  const bool was_there = at.weight(OrderedIndex::kBefore) != 0;
  AddWeight(&partition->index, at, -weight);
  if (was_there) return store_.ChangeWeight(id, -weight);
  partition->index.Remove(at);
  store_.Erase(id);
}

void OrderedRows::Settle() {
  for (KeyTable::Id key : touched_) {
    Partition* touched = partition(key);
    touched->listed = false;
    gone_.clear();
    touched->index.Settle(&gone_);
    for (RowStore::Id id : gone_) store_.Erase(id);
    if (touched->index.entries() == 0) {
      touched->index.Clear();
      keys_.Erase(key);
    }
  }
  touched_.clear();
}

std::vector<DurableTable*> OrderedRows::MakeDurable(uint32_t id) {
  durable_ = std::make_unique<DurableRowStore>(id, &store_, [this](RowStore::Id loaded) { Load(loaded); });
  return {durable_.get()};
}

void OrderedRows::Load(RowStore::Id id) {
  const char* row = store_.Row(id);
  OrderedIndex* index = &Open(store_.Key(id))->index;
  const uint64_t prefix = order_.Prefix(row);
  const Position at = index->Insert(Find(*index, prefix, row, store_.RowBytes(id)), prefix, id);
  AddWeight(index, at, store_.Weight(id));
}

Status OrderedRows::AfterLoad() {
  gone_.clear();
  keys_.ForEach([&](KeyTable::Id key) { Open(key)->index.Settle(&gone_); });
  if (gone_.empty()) return OkStatus();
  return SqlError(sqlstate::kDataCorrupted) << "the state of an operator is damaged: an entry without weight";
}

}  // namespace kappa
