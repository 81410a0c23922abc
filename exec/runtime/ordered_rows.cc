#include "exec/runtime/ordered_rows.h"

#include <cstddef>
#include <new>

namespace kappa {

using Position = OrderedIndex::Position;

OrderedRows::OrderedRows(const KeyedPlan::Input& input, const std::vector<SortOp::Key>& order, size_t peer_keys, bool keeps_peers,
                         const std::optional<Expiry>& expiry, std::vector<PackedColumn> present)
    : keys_(MakeKeyTableSpec(input.key, sizeof(Partition))),
      store_(RowStoreSpec{}, &keys_),
      layout_(input.layout),
      order_(input.columns, layout_, order, peer_keys),
      keeps_peers_(keeps_peers),
      present_(std::move(present)),
      expiry_(expiry, input, &keys_, offsetof(Partition, expiry)) {}

OrderedRows::~OrderedRows() {
  keys_.ForEach([&](KeyTable::Id key) {
    partition(key)->index.Clear();
    delete partition(key)->present;
  });
}

OrderedRows::Partition* OrderedRows::Open(KeyTable::Id key) {
  Partition* found = partition(key);
  if (found->index.has_pool()) return found;
  new (found) Partition{OrderedIndex(&pool_), nullptr, 0, 0, false};
  if (!present_.empty()) {
    found->present = new std::vector<OrderedIndex>();
    found->present->reserve(present_.size());
    for (size_t i = 0; i < present_.size(); ++i) found->present->emplace_back(&present_pool_);
  }
  expiry_.Add(key);
  return found;
}

void OrderedRows::Erase(KeyTable::Id key) {
  partition(key)->index.Clear();
  delete partition(key)->present;
  keys_.Erase(key);
}

Position OrderedRows::Locate(const OrderedIndex& index, RowStore::Id id) const {
  const char* row = store_.Row(id);
  return Find(index, order_.Prefix(row), row, store_.RowBytes(id));
}

void OrderedRows::AddPresent(Partition* partition, uint64_t prefix, RowStore::Id id, int64_t weight) {
  const char* row = store_.Row(id);
  for (size_t i = 0; i < present_.size(); ++i) {
    if (present_[i].IsNull(row)) continue;
    OrderedIndex* index = &(*partition->present)[i];
    Position at = Find(*index, prefix, row, store_.RowBytes(id));
    if (!at || at.id() != id) at = index->Insert(at, prefix, id);
    index->AddWeight(at, weight, OrderedIndex::NoPeers{});
  }
}

Position OrderedRows::Find(const OrderedIndex& index, uint64_t prefix, const char* row, size_t bytes) const {
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
  AddPresent(partition, prefix, at.id(), row.weight);
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

void OrderedRows::SettlePresent(Partition* partition) {
  if (partition->present == nullptr) return;
  for (OrderedIndex& index : *partition->present) {
    gone_.clear();
    index.Settle(&gone_);  // the rows are the index's of all
  }
}

void OrderedRows::DropFirst(Partition* partition, int64_t entries) {
  OrderedIndex* index = &partition->index;
  for (Position at = index->First(); entries > 0; --entries, at = OrderedIndex::Next(at)) {
    const int64_t weight = at.weight();
    AddPresent(partition, order_.Prefix(store_.Row(at.id())), at.id(), -weight);
    AddWeight(index, at, -weight);
  }
  SettlePresent(partition);
  gone_.clear();
  index->Settle(&gone_);
  for (RowStore::Id id : gone_) store_.Erase(id);
}

void OrderedRows::Settle(const std::function<int64_t(const Partition&)>& cut) {
  for (KeyTable::Id key : touched_) {
    Partition* touched = partition(key);
    touched->listed = false;
    SettlePresent(touched);
    gone_.clear();
    touched->index.Settle(&gone_);
    for (RowStore::Id id : gone_) store_.Erase(id);
    if (cut != nullptr && touched->index.entries() > 0) {
      if (const int64_t entries = cut(*touched); entries > 0) DropFirst(touched, entries);
    }
    if (touched->index.entries() > 0) continue;
    expiry_.Remove(key);
    Erase(key);
  }
  touched_.clear();
}

void OrderedRows::Expire(int64_t watermark) {
  expiry_.TakeExpired(watermark, [&](KeyTable::Id key) {
    for (Position at = partition(key)->index.First(); at; at = OrderedIndex::Next(at)) store_.Erase(at.id());
    Erase(key);
  });
}

std::vector<DurableTable*> OrderedRows::MakeDurable(uint32_t id) {
  durable_ = std::make_unique<DurableRowStore>(id, &store_, [this](RowStore::Id loaded) { Load(loaded); });
  return {durable_.get()};
}

void OrderedRows::Load(RowStore::Id id) {
  const char* row = store_.Row(id);
  Partition* partition = Open(store_.Key(id));
  OrderedIndex* index = &partition->index;
  const uint64_t prefix = order_.Prefix(row);
  const Position at = index->Insert(Find(*index, prefix, row, store_.RowBytes(id)), prefix, id);
  AddWeight(index, at, store_.Weight(id));
  AddPresent(partition, prefix, id, store_.Weight(id));
}

Status OrderedRows::AfterLoad() {
  keys_.ForEach([&](KeyTable::Id key) { SettlePresent(Open(key)); });
  gone_.clear();
  keys_.ForEach([&](KeyTable::Id key) { Open(key)->index.Settle(&gone_); });
  if (gone_.empty()) return OkStatus();
  return SqlError(sqlstate::kDataCorrupted) << "the state of an operator is damaged: an entry without weight";
}

}  // namespace kappa
