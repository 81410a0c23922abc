#include "exec/state/row_store.h"

#include <bit>
#include <utility>

#include "common/hash.h"

namespace kappa {

RowStore::RowStore(const RowStoreSpec& spec, KeyTable* keys)
    : spec_(spec), row_offset_((spec.user_bytes + (spec.weighted ? 16 : 12) + 7) & ~7u), keys_(keys) {}

RowStore::Id RowStore::NewEntry(KeyTable::Id key, const char* row, size_t bytes, int64_t weight, uint32_t sequence) {
  if (bytes > kMaxRowBytes) return 0;
  const Id id = blocks_.Allocate(row_offset_ + bytes);
  if (id == 0) return 0;
  char* at = blocks_.At(id);
  std::memset(at, 0, spec_.user_bytes);
  at += spec_.user_bytes;
  const auto size = static_cast<uint32_t>(bytes);
  std::memcpy(at, &key, 4);
  std::memcpy(at + 4, &size, 4);
  if (spec_.weighted) {
    std::memcpy(at + 8, &weight, 8);
  } else {
    std::memcpy(at + 8, &sequence, 4);
  }
  if (bytes != 0) std::memcpy(blocks_.At(id) + row_offset_, row, bytes);
  ++entries_;
  return id;
}

RowStore::Id RowStore::Add(KeyTable::Id key, const char* row, size_t bytes, int64_t weight) {
  const Id id = NewEntry(key, row, bytes, weight, sequence_);
  if (id == 0) return 0;
  ++sequence_;
  Touch(id);
  return id;
}

void RowStore::Erase(Id id) {
  if (durable_ != nullptr) durable_->OnErase(id);
  blocks_.Free(id, row_offset_ + RowBytes(id));
  --entries_;
}

void RowStore::Clear() {
  blocks_.Clear();
  entries_ = 0;
}

size_t RowStore::bytes() const { return blocks_.bytes() + (durable_ == nullptr ? 0 : durable_->bytes()); }

// --- bitmaps

void DurableRowStore::Bitmap::Set(uint32_t id) {
  const uint32_t chunk = id >> BlockArena::kChunkShift, bit = id & ((1u << BlockArena::kChunkShift) - 1);
  if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
  std::vector<uint64_t>& words = chunks_[chunk].words;
  if (bit / 64 >= words.size()) {
    bytes_ -= words.capacity() * 8;
    words.resize(bit / 64 + 1);
    bytes_ += words.capacity() * 8;
  }
  words[bit / 64] |= uint64_t{1} << (bit % 64);
  ++chunks_[chunk].count;
  ++count_;
}

void DurableRowStore::Bitmap::Clear(uint32_t id) {
  Chunk& chunk = chunks_[id >> BlockArena::kChunkShift];
  const uint32_t bit = id & ((1u << BlockArena::kChunkShift) - 1);
  chunk.words[bit / 64] &= ~(uint64_t{1} << (bit % 64));
  --chunk.count;
  --count_;
}

uint32_t DurableRowStore::Bitmap::Next(uint32_t id) const {
  if (count_ == 0) return 0;
  uint32_t bit = id & ((1u << BlockArena::kChunkShift) - 1);
  for (size_t chunk = id >> BlockArena::kChunkShift; chunk < chunks_.size(); ++chunk, bit = 0) {
    if (chunks_[chunk].count == 0) continue;
    const std::vector<uint64_t>& words = chunks_[chunk].words;
    for (size_t word = bit / 64; word < words.size(); ++word) {
      const uint64_t left = word == bit / 64 ? words[word] & (~uint64_t{0} << (bit % 64)) : words[word];
      if (left != 0) return static_cast<uint32_t>(chunk << BlockArena::kChunkShift | (word * 64 + static_cast<size_t>(std::countr_zero(left))));
    }
  }
  return 0;
}

// --- snapshots

DurableRowStore::DurableRowStore(uint32_t id, RowStore* store, std::function<void(RowStore::Id)> on_load)
    : id_(id), store_(store), on_load_(std::move(on_load)) {
  store_->durable_ = this;
}

DurableRowStore::~DurableRowStore() { store_->durable_ = nullptr; }

void DurableRowStore::OnChange(RowStore::Id id) {
  const uint32_t word = store_->SizeAndFlags(id);
  if ((word & RowStore::kLists) == frozen_list_) {
    Write(id, saved_.Tail());
    frozen_.Clear(id);
  }
  store_->SetFlags(id, (store_->SizeAndFlags(id) & ~RowStore::kLists) | changed_list_);
  changed_.Set(id);
}

void DurableRowStore::OnErase(RowStore::Id id) {
  const uint32_t list = store_->SizeAndFlags(id) & RowStore::kLists;
  if (list == frozen_list_) {
    Write(id, saved_.Tail());
    frozen_.Clear(id);
  } else if (list == changed_list_) {
    changed_.Clear(id);
  }
  if ((store_->SizeAndFlags(id) & RowStore::kPersisted) != 0) deleted_.Tail()->Delete(id_, HashOf(id), KeyOf(id));
}

void DurableRowStore::Freeze() {
  std::swap(changed_, frozen_);
  std::swap(changed_list_, frozen_list_);
  next_ = 0;
  saved_ = std::move(deleted_);
}

bool DurableRowStore::Save(StateRun* run, size_t bytes) {
  const size_t enough = run->bytes() + bytes;
  if (!saved_.MoveTo(run, enough)) return false;
  while (run->bytes() < enough) {
    const uint32_t id = frozen_.Next(next_);
    if (id == 0) return true;
    next_ = id + 1;
    Write(id, run);
    frozen_.Clear(id);
    store_->SetFlags(id, store_->SizeAndFlags(id) & ~RowStore::kLists);
  }
  return frozen_.empty();
}

uint64_t DurableRowStore::HashOf(RowStore::Id id) const {
  return store_->spec_.hash_row ? HashBytes(store_->Row(id), store_->RowBytes(id)) : store_->keys_->Hash(store_->Key(id));
}

std::string_view DurableRowStore::KeyOf(RowStore::Id id) {
  const std::string_view key = store_->keys_->Key(store_->Key(id));
  key_.clear();
  if (store_->keys_->spec().variable) {
    const auto size = static_cast<uint32_t>(key.size());
    key_.append(reinterpret_cast<const char*>(&size), 4);
  }
  key_.append(key);
  if (store_->spec_.weighted) {
    key_.append(store_->Row(id), store_->RowBytes(id));
  } else {
    key_.append(store_->Header(id) + 8, 4);
  }
  return key_;
}

// Its list's bitmap still names it.
void DurableRowStore::Write(RowStore::Id id, StateRun* run) {
  const RowStoreSpec& spec = store_->spec_;
  const size_t row = spec.weighted ? 0 : store_->RowBytes(id);
  char* value = run->Put(id_, HashOf(id), KeyOf(id), (spec.weighted ? 8 : 0) + spec.saved_bytes + row);
  if (spec.weighted) {
    std::memcpy(value, store_->Header(id) + 8, 8);
    value += 8;
  }
  if (spec.saved_bytes != 0) std::memcpy(value, store_->User(id), spec.saved_bytes);
  if (row != 0) std::memcpy(value + spec.saved_bytes, store_->Row(id), row);
  store_->SetFlags(id, store_->SizeAndFlags(id) | RowStore::kPersisted);
}

Status DurableRowStore::Damaged(const char* what) const {
  return SqlError(sqlstate::kDataCorrupted) << "state of operator " << id_ << " is damaged: " << what;
}

void DurableRowStore::BeginLoad(uint64_t entries) { store_->keys_->Reserve(entries / 4); }

Status DurableRowStore::Load(uint64_t hash, std::string_view key, std::string_view value) {
  const RowStoreSpec& spec = store_->spec_;
  const KeyTableSpec& keys = store_->keys_->spec();
  size_t key_bytes = keys.key_bytes;
  if (keys.variable) {
    uint32_t size;
    if (key.size() < 4) return Damaged("a key's size");
    std::memcpy(&size, key.data(), 4);
    key_bytes = size;
    key.remove_prefix(4);
  }
  if (key.size() < key_bytes || (!spec.weighted && key.size() != key_bytes + 4)) return Damaged("a key's size");
  const size_t fixed = (spec.weighted ? 8 : 0) + spec.saved_bytes;
  if (spec.weighted ? value.size() != fixed : value.size() < fixed) return Damaged("a value's size");
  // A copy: keys and rows are read as words.
  const std::string_view row = spec.weighted ? key.substr(key_bytes) : value.substr(fixed);
  int64_t weight = 1;
  uint32_t sequence = 0;
  if (spec.weighted) {
    std::memcpy(&weight, value.data(), 8);
  } else {
    std::memcpy(&sequence, key.data() + key_bytes, 4);
    store_->sequence_ = std::max(store_->sequence_, sequence + 1);
  }
  const KeyTable::Id owner =
      store_->keys_->FindOrInsert(spec.hash_row ? PackedKeyHash(key.data(), key_bytes, keys.variable) : hash, key.data(), key_bytes);
  const RowStore::Id id = owner == 0 ? 0 : store_->NewEntry(owner, row.data(), row.size(), weight, sequence);
  if (id == 0) return SqlError(sqlstate::kOutOfMemory) << "the state of operator " << id_ << " has more than one worker can hold";
  store_->SetFlags(id, store_->SizeAndFlags(id) | RowStore::kPersisted);
  if (spec.saved_bytes != 0) std::memcpy(store_->User(id), value.data() + (spec.weighted ? 8 : 0), spec.saved_bytes);
  if (on_load_) on_load_(id);
  return OkStatus();
}

size_t DurableRowStore::bytes() const { return changed_.bytes() + frozen_.bytes() + deleted_.bytes() + saved_.bytes(); }

}  // namespace kappa
