// The hash kind of StateTable: groups by key, rows of fixed layout in slabs, one writer. Linear probing over 8-byte slots (32 bits of the hash, 32
// bits of the row's index), so that a probe reads one cache line of slots and, on a match of the hash bits, the row.
//
//   row: | hash 8 | stamp 4 (count of epochs at the last touch) | flags 4 | rows 8 (weight of the group) | key | aggregate states |
//   key: fixed: `key_bytes` inline.  variable: StateArena reference 8, size 8.
//
// Keys are equal when their bytes are. Texts in a variable key are (size, prefix, offset from the key's begin), their bytes follow the fixed part.
// Before-images: the first touch of a group in an epoch keeps its states as they were. With windows, groups are also listed by the end of their
// window. A snapshot's view of the table is exec/state/durable_group_table.h: it hears of first touches and erasures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "common/page_pool.h"
#include "common/runtime.h"
#include "functions/general_aggregate.h"

namespace kappa {

class DurableGroupTable;

struct GroupTableSpec {
  uint32_t key_bytes = 0;  // of a fixed key (a multiple of 8), or 16 for a variable one
  bool variable_key = false;
  uint32_t state_bytes = 0;        // of all aggregates
  bool keeps_before = false;       // before-images are wanted (updating output)
  bool lists_touched = true;       // touched() is wanted; else a touch is only for snapshots
  int32_t window_end_offset = -1;  // where in the key's fixed part the window's end lies; -1: no window
  int64_t window_end_add = 0;      // added to it (a key that holds the window's start)
  // Per state that holds arena blocks: its offset in the states, and how to free and copy it.
  struct OwnedState {
    uint32_t offset = 0;
    void (*release)(StateContext*, void*) = nullptr;
    void (*copy)(StateContext*, const void*, StateContext*, void*) = nullptr;
    uint32_t size = 0;
    std::shared_ptr<const GeneralAggregate> general;  // instead of the functions; a before-image keeps its result
    bool in_before = true;                            // false: results do not need it, a before-image has it empty
    void Release(StateContext* context, void* state) const { general ? general->Release(*context, state) : release(context, state); }
    void Copy(StateContext* from, const void* state, StateContext* to, void* out) const {
      general ? general->Copy(*from, state, *to, out) : copy(from, state, to, out);
    }
    void CopyBefore(StateContext* from, const void* state, StateContext* to, void* out) const {
      if (!in_before) {
        std::memset(out, 0, size);
        return;
      }
      general ? general->KeepResult(*from, state, *to, out) : copy(from, state, to, out);
    }
  };
  std::vector<OwnedState> owned;
  uint64_t layout_tag = 0;  // not 0: snapshots hold it with each row, so that states of another layout are not taken for these
};

class GroupTable {
 public:
  static constexpr uint32_t kHeader = 24;
  // flags. What snapshots keep in them: kPersisted, kListed.
  static constexpr uint32_t kCreatedThisEpoch = 1;  // did not exist when the epoch began
  static constexpr uint32_t kLive = 2;              // not of a free row
  static constexpr uint32_t kPersisted = 4;         // a snapshot may hold it
  static constexpr uint32_t kListed = 0x300;        // in which of the two lists of changed rows it is: 0 none, 0x100, 0x200
  static constexpr uint32_t kSlabRows = 1024;

  struct Touched {
    char* row;
    char* before;  // states and weight before the epoch; nullptr: the group did not exist
  };

  explicit GroupTable(GroupTableSpec spec);

  KAPPA_INLINE void Prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }
  // Once its slot has arrived: the row it points to.
  KAPPA_INLINE void PrefetchRow(uint64_t hash) const {
    const Slot slot = slots_[hash & mask_];
    if (slot.row != 0) __builtin_prefetch(RowAt(slot.row));
  }
  // The group's row; made (zeroed states) when it is new.
  KAPPA_INLINE char* FindOrInsertFixed(uint64_t hash, const char* key, size_t key_bytes) {
    const uint32_t tag = static_cast<uint32_t>(hash >> 32);
    for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Slot slot = slots_[at];
      if (slot.row == 0) return Insert(hash, key, key_bytes);
      if (slot.tag == tag) {
        char* row = RowAt(slot.row);
        if (KAPPA_LIKELY(std::memcmp(row + kHeader, key, key_bytes) == 0)) return row;
      }
    }
  }
  char* FindOrInsertVariable(uint64_t hash, const char* key, size_t key_bytes);
  // First touch in this epoch: keeps the before-image and lists the group.
  KAPPA_INLINE void Touch(char* row) {
    uint32_t stamp;
    std::memcpy(&stamp, row + 8, 4);
    if (KAPPA_UNLIKELY(stamp != stamp_)) TouchFirst(row);
  }
  KAPPA_INLINE void AddWeight(char* row, int64_t weight) {
    int64_t rows;
    std::memcpy(&rows, row + 16, 8);
    rows += weight;
    std::memcpy(row + 16, &rows, 8);
  }
  static int64_t Weight(const char* row) {
    int64_t rows;
    std::memcpy(&rows, row + 16, 8);
    return rows;
  }
  KAPPA_INLINE char* States(char* row) const { return row + states_offset_; }
  KAPPA_INLINE const char* Key(const char* row) const { return spec_.variable_key ? VariableKey(row) : row + kHeader; }

  std::vector<Touched>& touched() { return touched_; }
  // Forgets the epoch's before-images, drops groups whose weight is zero (unless `keep_empty`), begins the next epoch.
  void EndEpoch(bool keep_empty);
  // Forgets every group; all of them have been touched since the last time. Not of a table that snapshots keep.
  void Forget();
  // Groups of windows that end at or before `watermark`, in order of the windows' ends; they are dropped by DropClosed with the same watermark.
  std::vector<char*> Closed(int64_t watermark);
  void DropClosed(int64_t watermark);

  // Every group, in no order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (uint64_t at = 0; at <= mask_; ++at) {
      if (slots_[at].row != 0) visit(RowAt(slots_[at].row));
    }
  }

  size_t groups() const { return groups_; }
  size_t bytes() const;
  StateContext state_context;   // arena of keys and states
  StateContext before_context;  // arena of before-images' parts

 private:
  friend class DurableGroupTable;
  struct Slot {
    uint32_t tag;
    uint32_t row;  // index + 1; 0: empty
  };
  KAPPA_INLINE char* RowAt(uint32_t reference) const {
    const uint32_t index = reference - 1;
    return slabs_[index / kSlabRows] + static_cast<size_t>(index % kSlabRows) * row_bytes_;
  }
  const char* VariableKey(const char* row) const {
    uint64_t ref;
    std::memcpy(&ref, row + kHeader, 8);
    return state_context.arena.At(ref);
  }
  KAPPA_COLD char* Insert(uint64_t hash, const char* key, size_t key_bytes);
  KAPPA_COLD void TouchFirst(char* row);
  uint32_t NewRow(uint64_t hash, const char* key, size_t key_bytes);  // its index; no slot points to it yet
  void Grow() { Resize((mask_ + 1) * 4); }
  void Resize(uint64_t slots);
  void Erase(char* row);  // and tells what snapshots keep
  void Remove(char* row);
  void PlaceSlot(uint64_t hash, uint32_t reference);
  void ReleaseStates(char* row);
  void Clear();  // forgets everything
  int64_t WindowEnd(const char* row) const;

  GroupTableSpec spec_;
  DurableGroupTable* durable_ = nullptr;  // null: no snapshots
  uint32_t row_bytes_ = 0, states_offset_ = 0;
  uint64_t mask_ = 0;
  ZeroedArray<Slot> slots_;
  std::vector<char*> slabs_;
  PagePool slab_memory_;
  uint32_t next_row_ = 0;
  std::vector<uint32_t> free_rows_;
  size_t groups_ = 0;
  uint32_t stamp_ = 1;
  std::vector<Touched> touched_;
  std::vector<std::unique_ptr<char[]>> before_chunks_;
  size_t before_chunk_ = 0, before_used_ = 0;
  std::map<int64_t, std::vector<char*>> windows_;  // by end
  int64_t closed_ = INT64_MIN;                     // what DropClosed has dropped
  int64_t last_window_end_ = INT64_MIN;
  std::vector<char*>* last_window_ = nullptr;
};

}  // namespace kappa
