// Sessions of one worker's partitions. A session's aggregates lie in a GroupTable whose key holds the partition, the session's bounds, and whatever
// else it is grouped by; the index knows which sessions each partition has open.
//
//   epoch     rows are added to panes, a pane for each (key, time): generated code, the table `panes`
//   its end   Apply: panes at most `gap` apart make a session; with those it touches, it becomes one whose bounds are theirs and its own: groups
//   whose
//             bounds change move to another key. What moved away has weight 0 until GroupTable::EndEpoch, so that a flush retracts it
//   closing   Drop, then GroupTable::DropClosed, with the same watermark
//
// A time belongs to a session [start, end) when it is not before start - gap and not after end: rows exactly `gap` apart stay together. So sessions
// of a partition are more than `gap` apart, and what they are depends on the set of rows alone. One thread: its worker's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/arena.h"
#include "exec/runtime/group_table.h"
#include "types/row_layout.h"

namespace kappa {

class SessionIndex {
 public:
  struct Spec {
    int64_t gap = 0;  // microseconds
    RowLayout key;    // or the fixed part of a variable one
    bool variable_key = false;
    uint32_t start_offset = 0, end_offset = 0;  // of the bounds in the key; a pane has its time in both
    std::vector<int> partition;                 // positions among the key's columns
    struct Merge {
      uint32_t offset = 0;  // in the states
      void (*merge)(StateContext*, void*, StateContext*, const void*) = nullptr;
      std::shared_ptr<const GeneralAggregate> general;  // instead of the function
    };
    std::vector<Merge> merges;
  };

  // Both tables outlive it. `sessions` lists what is touched.
  SessionIndex(Spec spec, GroupTable* sessions, GroupTable* panes) : spec_(std::move(spec)), sessions_(sessions), panes_(panes) {}
  // Takes in the epoch's panes; the caller forgets them.
  void Apply();
  // Sessions that end at or before `watermark` are not known any more.
  void Drop(int64_t watermark);
  // From the groups of the table, after it was loaded.
  void Rebuild();
  size_t bytes() const;

 private:
  struct Session {
    int64_t start = 0, end = 0;
    std::vector<char*> rows;  // its groups in `sessions_`
  };
  struct BytesHash {
    using is_transparent = void;
    size_t operator()(std::string_view bytes) const;
  };
  struct Pane {
    uint64_t hash = 0;  // of the partition
    std::string_view partition;
    int64_t time = 0;
    char* row = nullptr;
  };
  using Partition = std::vector<Session>;  // by start

  void Collect();
  // One run of panes, each at most `gap` after the one before.
  void Merge(Partition* partition, const Pane* first, const Pane* last);
  // The group that holds `row`'s rest of the key within these bounds, touched.
  char* GroupFor(const GroupTable& from, const char* row, int64_t start, int64_t end);
  void MergeStates(char* into, StateContext* from_context, const char* from_states, int64_t weight);
  std::string_view KeyOf(const GroupTable& table, const char* row) const;
  // The partition's columns of a key, in an unambiguous form.
  void AppendPartition(const char* key, std::string* out) const;
  void AppendSlot(const char* key, const Slot& slot, std::string* out) const;

  const Spec spec_;
  GroupTable* const sessions_;
  GroupTable* const panes_;
  std::unordered_map<std::string, Partition, BytesHash, std::equal_to<>> partitions_;
  size_t open_ = 0, partition_bytes_ = 0;
  std::vector<Pane> collected_;
  Arena arena_;
  std::string scratch_;
};

}  // namespace kappa
