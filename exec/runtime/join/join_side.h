// The rows of one input of a join: a RowStore whose entries are chained per key, with what is needed to find an equal row, and rows by the time at
// which they expire.
//
//   key's user area    | head 4 of each side | what the join keeps | per retracting side: entries 4 |
//   entry's user area  | what the join saves | next 4 | previous 4 (where entries leave one by one) | touched 4 | next that expires 4 |
//
// Equal rows are found along the chain; the entries of keys with many rows are in a hash table too, so that a change of one row of a million costs
// what it costs of one.
#pragma once

#include <map>
#include <memory>

#include "exec/keyed_plan.h"
#include "exec/state/row_store.h"

namespace kappa {

// Entries by the bytes of their rows. Linear probing; slots hold 32 bits of the hash, which place them too.
class RowIndex {
 public:
  using Id = RowStore::Id;
  static uint32_t TagOf(KeyTable::Id key, const char* row, size_t bytes);
  template <typename Same>  // Same(id)
  Id Find(uint32_t tag, const Same& same) const {
    if (slots_ == nullptr) return 0;
    for (uint64_t at = tag & mask_; slots_[at].entry != 0; at = (at + 1) & mask_) {
      if (slots_[at].tag == tag && same(slots_[at].entry)) return slots_[at].entry;
    }
    return 0;
  }
  void Insert(uint32_t tag, Id entry);
  void Erase(uint32_t tag, Id entry);
  size_t bytes() const { return slots_ == nullptr ? 0 : (mask_ + 1) * sizeof(Slot); }

 private:
  struct Slot {
    uint32_t tag, entry;
  };
  std::unique_ptr<Slot[]> slots_;
  uint64_t mask_ = 0, entries_ = 0;
};

struct JoinSideSpec {
  bool weighted = false;  // equal rows are one entry, rows may be taken back
  bool unlinks = false;   // entries leave one by one
  bool touched = false;
  uint32_t saved_bytes = 0;
  uint32_t head_offset = 0, count_offset = 0;  // in a key's user area; count: of weighted sides
  // Rows expire; the slot of the time in `layout`.
  bool expires = false;
  Slot time;
  int64_t add = 0;  // microseconds
  RowLayout layout;
};

class JoinSide {
 public:
  using Id = RowStore::Id;
  JoinSide(const JoinSideSpec& spec, KeyTable* keys);

  RowStore& store() { return store_; }
  const RowStore& store() const { return store_; }
  const JoinSideSpec& spec() const { return spec_; }
  KAPPA_INLINE Id Head(KeyTable::Id key) const { return *keys_->UserAs<Id>(key, spec_.head_offset); }
  KAPPA_INLINE Id Next(Id id) const { return *At(id, next_offset_); }
  uint32_t& Touched(Id id) { return *At(id, touched_offset_); }  // 0: not touched in this epoch
  int64_t& Saved(Id id) { return *store_.UserAs<int64_t>(id); }  // where saved_bytes is 8

  // The entry that has this row; 0: none. Of weighted sides.
  Id Find(KeyTable::Id key, const char* row, size_t bytes) const;
  Id Add(KeyTable::Id key, const char* row, size_t bytes, int64_t weight);
  void Link(Id id);   // an entry that was loaded
  void Erase(Id id);  // of a side that unlinks

  // Expiry. Visits every entry whose time + add lies before `watermark`.
  template <typename Visit>
  void ForEachExpired(int64_t watermark, const Visit& visit) const {
    for (const auto& [bucket, head] : expiries_) {
      if (bucket != kFirstBucket && bucket << kBucketShift >= watermark) break;
      for (Id id = head; id != 0; id = *At(id, expiry_offset_)) {
        if (IsExpired(id, watermark)) visit(id);
      }
    }
  }
  // Erases them, after `visit`.
  template <typename Visit>
  void DropExpired(int64_t watermark, const Visit& visit) {
    for (auto bucket = expiries_.begin(); bucket != expiries_.end();) {
      if (bucket->first != kFirstBucket && bucket->first << kBucketShift >= watermark) break;
      Id kept = 0;
      for (Id id = bucket->second; id != 0;) {
        const Id next = *At(id, expiry_offset_);
        if (IsExpired(id, watermark)) {
          visit(id);
          Erase(id);
        } else {
          *At(id, expiry_offset_) = kept;
          kept = id;
        }
        id = next;
      }
      bucket->second = kept;
      bucket = kept == 0 ? expiries_.erase(bucket) : std::next(bucket);
    }
  }
  size_t bytes() const { return store_.bytes() + index_.bytes() + expiries_.size() * 48; }

 private:
  static constexpr uint32_t kIndexFrom = 9, kIndexBelow = 5, kIndexed = 1u << 31;  // entries of one key
  static constexpr int kBucketShift = 17;                                          // 131 ms
  static constexpr int64_t kFirstBucket = INT64_MIN;                               // of rows without a time: they expire at once
  KAPPA_INLINE uint32_t* At(Id id, uint32_t offset) const { return reinterpret_cast<uint32_t*>(store_.User(id) + offset); }
  uint32_t& Count(KeyTable::Id key) const { return *keys_->UserAs<uint32_t>(key, spec_.count_offset); }
  uint32_t TagOf(Id id) const { return RowIndex::TagOf(store_.Key(id), store_.Row(id), store_.RowBytes(id)); }
  int64_t ExpiryOf(Id id) const;
  bool IsExpired(Id id, int64_t watermark) const { return watermark == kEndOfTime || ExpiryOf(id) < watermark; }

  const JoinSideSpec spec_;
  uint32_t next_offset_, previous_offset_, touched_offset_, expiry_offset_;
  KeyTable* const keys_;
  RowStore store_;
  RowIndex index_;
  std::map<int64_t, Id> expiries_;  // by the time's upper bits: entries, chained
};

}  // namespace kappa
