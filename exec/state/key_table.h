// Keys of a keyed operator: a hash table from a key's bytes to its record, which has room for the operator's own (heads of lists, a tree's root,
// counts). Shared by the inputs of one operator. Linear probing over slots of 8 bytes that hold 32 bits of the hash, so that growing and erasing look
// at slots alone. Not durable by itself: keys come and go with the rows of RowStores.
//
//   record: | user area | size 4 (variable keys) | padding to 8 | key bytes |
//
// Hash: as exec/operators/packed_row.h has it of a packed key. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "common/page_pool.h"
#include "exec/runtime/keyed_operator.h"
#include "exec/state/block_arena.h"

namespace kappa {

class RowLayout;

struct KeyTableSpec {
  uint32_t user_bytes = 0;
  uint32_t key_bytes = 0;  // of a fixed key: a multiple of 8, may be 0
  bool variable = false;   // keys hold texts
};
KeyTableSpec MakeKeyTableSpec(const RowLayout& key, uint32_t user_bytes);
// Of a packed key's bytes.
uint64_t PackedKeyHash(const char* key, size_t bytes, bool variable);

class KeyTable {
 public:
  using Id = uint32_t;  // 0: none. It does not change while the key is there
  explicit KeyTable(const KeyTableSpec& spec);

  KAPPA_INLINE void Prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  // Where the key's slot has been fetched: the record it seems to have.
  KAPPA_INLINE void PrefetchRecord(uint64_t hash) const {
    const Slot& slot = slots_[hash & mask_];
    if (slot.tag == static_cast<uint32_t>(hash) && slot.record != 0) __builtin_prefetch(records_.At(slot.record));
  }
  // 0: it is not there.
  Id Find(uint64_t hash, const char* key, size_t bytes) const {
    for (uint64_t at = hash & mask_; slots_[at].record != 0; at = (at + 1) & mask_) {
      if (slots_[at].tag == static_cast<uint32_t>(hash) && Equals(slots_[at].record, key, bytes)) return slots_[at].record;
    }
    return 0;
  }
  // A new one's user area is zero. 0: the table is full (32 GB).
  Id FindOrInsert(uint64_t hash, const char* key, size_t bytes) {
    const Id found = Find(hash, key, bytes);
    return KAPPA_LIKELY(found != 0) ? found : Insert(hash, key, bytes);
  }
  // Of rows that come together, with their memory fetched before its turn; ids[i] of rows[i].
  void FindAll(const KeyedRow* rows, int64_t count, Id* ids) const;
  void FindOrInsertAll(const KeyedRow* rows, int64_t count, Id* ids);
  void Erase(Id id);
  void Reserve(uint64_t keys);
  void Clear();

  KAPPA_INLINE char* User(Id id) const { return records_.At(id); }
  template <typename T>
  KAPPA_INLINE T* UserAs(Id id, uint32_t offset = 0) const {
    return reinterpret_cast<T*>(records_.At(id) + offset);
  }
  const char* KeyBytes(Id id) const { return records_.At(id) + key_offset_; }
  size_t KeySize(Id id) const {
    if (!spec_.variable) return spec_.key_bytes;
    uint32_t size;
    std::memcpy(&size, records_.At(id) + spec_.user_bytes, 4);
    return size;
  }
  std::string_view Key(Id id) const { return {KeyBytes(id), KeySize(id)}; }
  uint64_t Hash(Id id) const { return PackedKeyHash(KeyBytes(id), KeySize(id), spec_.variable); }
  const KeyTableSpec& spec() const { return spec_; }
  uint64_t size() const { return keys_; }
  size_t bytes() const { return records_.bytes() + (mask_ + 1) * sizeof(Slot); }
  // In no order. `visit` may not insert or erase.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (uint64_t at = 0; at <= mask_; ++at) {
      if (slots_[at].record != 0) visit(slots_[at].record);
    }
  }

 private:
  struct Slot {
    uint32_t tag, record;
  };
  bool Equals(Id id, const char* key, size_t bytes) const {
    const char* at = records_.At(id);
    if (!spec_.variable) {
      for (size_t i = 0; i < spec_.key_bytes; i += 8) {
        if (std::memcmp(at + key_offset_ + i, key + i, 8) != 0) return false;
      }
      return true;
    }
    uint32_t size;
    std::memcpy(&size, at + spec_.user_bytes, 4);
    return size == bytes && std::memcmp(at + key_offset_, key, bytes) == 0;
  }
  Id Insert(uint64_t hash, const char* key, size_t bytes);
  void Resize(uint64_t slots);

  const KeyTableSpec spec_;
  const uint32_t key_offset_;
  BlockArena records_;
  ZeroedArray<Slot> slots_;
  uint64_t mask_ = 0, keys_ = 0;
};

}  // namespace kappa
