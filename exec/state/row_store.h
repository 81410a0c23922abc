// Rows with weights, kept by keyed operators: each entry belongs to a key of a KeyTable, has a number of 32 bits and an address that stay while it
// lives, and room for the operator's own (a list's links, a tree's node, counts). How entries of a key are found is the operator's business.
//
//   entry: | user area | key 4 | size and flags 4 | weight 8, or sequence number 4 | row bytes, aligned to 8 |
//
// Durable (exec/state/snapshot_store.h) by way of DurableRowStore, which hears of every change. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "exec/state/block_arena.h"
#include "exec/state/key_table.h"
#include "exec/state/run_queue.h"
#include "exec/state/snapshot_store.h"

namespace kappa {

class DurableRowStore;

struct RowStoreSpec {
  uint32_t user_bytes = 0;   // of each entry, a multiple of 4; zero at first
  uint32_t saved_bytes = 0;  // the first of them are part of what is saved: Touch before they change. The rest is made again while loading
  // Equal rows of one key are one entry with a weight: the operator sees to it. False: entries weigh 1 each, equal ones may be there several times
  // (append-only inputs); 8 bytes less.
  bool weighted = true;
  bool hash_row = false;  // the whole row finds the worker, not its key: KeyedPlan::Input
};

class RowStore {
 public:
  using Id = uint32_t;  // 0: none
  static constexpr size_t kMaxRowBytes = (size_t{1} << 29) - 1;

  RowStore(const RowStoreSpec& spec, KeyTable* keys);
  ~RowStore() = default;
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  // Copies the row. 0: it has more than kMaxRowBytes, or the store is full (32 GB). Not weighted: weight is 1.
  Id Add(KeyTable::Id key, const char* row, size_t bytes, int64_t weight = 1);
  // Weighted stores. An entry of weight 0, or less, stays until it is erased; none of weight 0 may be there at the epoch's end.
  void ChangeWeight(Id id, int64_t by) {
    Touch(id);
    char* at = Header(id) + 8;
    int64_t weight;
    std::memcpy(&weight, at, 8);
    weight += by;
    std::memcpy(at, &weight, 8);
  }
  // Before the saved part of the user area changes. (Add, ChangeWeight and Erase do so themselves.)
  void Touch(Id id) {
    if (durable_ != nullptr) NoteChange(id);
  }
  void Erase(Id id);
  void Clear();  // not of a store that is durable

  KAPPA_INLINE char* User(Id id) const { return blocks_.At(id); }
  template <typename T>
  KAPPA_INLINE T* UserAs(Id id) const {
    return reinterpret_cast<T*>(blocks_.At(id));
  }
  // The entry's first lines: links, weight, and of most rows the columns that conditions ask for.
  KAPPA_INLINE void Prefetch(Id id) const {
    const char* at = blocks_.At(id);
    __builtin_prefetch(at);
    __builtin_prefetch(at + 64);
    __builtin_prefetch(at + 128);
  }
  KAPPA_INLINE const char* Row(Id id) const { return blocks_.At(id) + row_offset_; }
  size_t RowBytes(Id id) const { return SizeAndFlags(id) & kSizeMask; }
  bool RowEquals(Id id, const char* row, size_t bytes) const {
    return RowBytes(id) == bytes && (bytes == 0 || std::memcmp(Row(id), row, bytes) == 0);
  }
  KeyTable::Id Key(Id id) const {
    KeyTable::Id key;
    std::memcpy(&key, Header(id), 4);
    return key;
  }
  int64_t Weight(Id id) const {
    if (!spec_.weighted) return 1;
    int64_t weight;
    std::memcpy(&weight, Header(id) + 8, 8);
    return weight;
  }
  uint64_t size() const { return entries_; }
  size_t bytes() const;
  KeyTable& keys() const { return *keys_; }
  const RowStoreSpec& spec() const { return spec_; }

 private:
  friend class DurableRowStore;
  // Flags above the size. kListA, kListB: the entry is in that list of changed ones; kPersisted: a snapshot may hold it.
  static constexpr uint32_t kListA = 1u << 29, kListB = 1u << 30, kLists = kListA | kListB, kPersisted = 1u << 31, kSizeMask = kListA - 1;
  char* Header(Id id) const { return blocks_.At(id) + spec_.user_bytes; }
  uint32_t SizeAndFlags(Id id) const {
    uint32_t word;
    std::memcpy(&word, Header(id) + 4, 4);
    return word;
  }
  void SetFlags(Id id, uint32_t flags) { std::memcpy(Header(id) + 4, &flags, 4); }
  Id NewEntry(KeyTable::Id key, const char* row, size_t bytes, int64_t weight, uint32_t sequence);
  void NoteChange(Id id);

  const RowStoreSpec spec_;
  const uint32_t row_offset_;
  KeyTable* const keys_;
  BlockArena blocks_;
  uint64_t entries_ = 0;
  uint32_t sequence_ = 0;  // of the next entry that has no weight: tells equal ones apart in snapshots
  DurableRowStore* durable_ = nullptr;
};

// A RowStore as snapshots see it. Which entries have changed is kept in bitmaps over the store's memory, one for those since the last Freeze and one
// for those that are frozen: nothing is left behind by entries that come and go, and saving goes through memory in order. An entry's flags name the
// bitmap it is in, so that only its first change looks there.
//
//   entry: key = [key size 4, of variable keys] | key bytes | row bytes           value = weight 8 | saved part of the user area
//   without weights:     ... | key bytes | sequence number 4                      value = saved part | row bytes
class DurableRowStore final : public DurableTable {
 public:
  // Whatever the store holds counts as changed. The store outlives this. `on_load` is called for each entry that was loaded: links it.
  DurableRowStore(uint32_t id, RowStore* store, std::function<void(RowStore::Id)> on_load);
  ~DurableRowStore() override;
  void Freeze() override;
  bool Save(StateRun* run, size_t bytes) override;
  void BeginLoad(uint64_t entries) override;
  Status Load(uint64_t hash, std::string_view key, std::string_view value) override;
  size_t bytes() const;

  // From the store.
  void OnChange(RowStore::Id id);
  void OnErase(RowStore::Id id);

 private:
  friend class RowStore;
  // A bit per unit of a BlockArena.
  class Bitmap {
   public:
    void Set(uint32_t id);
    void Clear(uint32_t id);
    // The first one at or after `id`; 0: none.
    uint32_t Next(uint32_t id) const;
    bool empty() const { return count_ == 0; }
    size_t bytes() const { return bytes_; }

   private:
    struct Chunk {
      std::vector<uint64_t> words;
      uint32_t count = 0;
    };
    std::vector<Chunk> chunks_;
    uint64_t count_ = 0;
    size_t bytes_ = 0;
  };

  uint64_t HashOf(RowStore::Id id) const;
  std::string_view KeyOf(RowStore::Id id);  // in key_
  void Write(RowStore::Id id, StateRun* run);
  Status Damaged(const char* what) const;

  const uint32_t id_;
  RowStore* const store_;
  const std::function<void(RowStore::Id)> on_load_;
  Bitmap changed_, frozen_;
  uint32_t changed_list_ = RowStore::kListA, frozen_list_ = RowStore::kListB;
  uint32_t next_ = 0;  // of frozen_, for Save
  RunQueue deleted_;   // since the Freeze
  RunQueue saved_;     // deletions before the Freeze, then entries that had to be saved before they changed
  std::string key_;
};

inline void RowStore::NoteChange(Id id) {
  if ((SizeAndFlags(id) & kLists) != durable_->changed_list_) durable_->OnChange(id);
}

}  // namespace kappa
