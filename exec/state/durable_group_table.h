// A GroupTable as snapshots see it: which rows have changed since the last Freeze, their bytes as they were then, what was erased. One thread: the
// table's.
//
//   Freeze     the list of changed rows becomes the frozen one: nothing else happens, no row is looked at
//   OnTouch    a row is about to change: when it is frozen and not saved yet, it is saved now (its bytes are still those of the Freeze); then it is
//              listed as changed
//   OnErase    likewise; and a deletion is noted when a snapshot may hold the row
//   OnClose    likewise, of rows whose window has closed; no deletion is noted: closed() tells for all of them
//   Save       what OnTouch and OnErase have saved, then the rest of the frozen list
//
// A row is in at most one list, which its flags name; rows that left the frozen list meanwhile (saved, erased) are passed over by Save. A free row
// keeps its place in the list of changed rows for the group that reuses it: a list is never longer than the table.
//
//   entry: key = the group's key bytes; value = weight 8 | states | [layout tag 8] | with states that own arena blocks: a dump of an arena that holds
//   only theirs
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "exec/runtime/group_table.h"
#include "exec/state/run_queue.h"
#include "exec/state/snapshot_store.h"

namespace kappa {

class DurableGroupTable final : public DurableTable {
 public:
  // Whatever the table holds counts as changed. It outlives this.
  DurableGroupTable(uint32_t id, GroupTable* table);
  ~DurableGroupTable() override;
  void Freeze() override;
  std::optional<ClosedWindows> closed() const override;
  bool Save(StateRun* run, size_t bytes) override;
  void BeginLoad(uint64_t entries) override;
  Status EndLoad() override;
  // The first one empties the table.
  Status Load(uint64_t hash, std::string_view key, std::string_view value) override;

  size_t bytes() const { return changed_.bytes() + frozen_.bytes() + deleted_.bytes() + saved_.bytes(); }

  // From the table.
  void OnTouch(char* row);  // at the first touch since an epoch's end or a Freeze
  void OnErase(char* row);
  void OnClose(char* row);
  uint32_t ListedOfNewRow(uint32_t listed) const { return listed == changed_listed_ ? listed : 0; }  // of the free row that a new one takes

 private:
  // First in, first out; in chunks, so that growing costs no long copy.
  class Rows {
   public:
    void Push(char* row) {
      if (size_ == chunks_.size() * kChunk) chunks_.emplace_back(new char*[kChunk]);
      chunks_[size_ / kChunk][size_ % kChunk] = row;
      ++size_;
    }
    char* At(size_t index) const { return chunks_[index / kChunk][index % kChunk]; }
    size_t size() const { return size_; }
    void Clear() { size_ = 0; }  // keeps the memory
    size_t bytes() const { return chunks_.size() * kChunk * sizeof(char*); }

   private:
    static constexpr size_t kChunk = 1024;
    std::vector<std::unique_ptr<char*[]>> chunks_;
    size_t size_ = 0;
  };

  std::string_view KeyOf(const char* row) const;
  void Write(char* row, StateRun* run);  // and calls it persisted and clean
  void Free(char* row);
  void WriteOwned(const char* row, std::string_view key, StateRun* run);
  void Empty();  // once
  Status Place(uint32_t row);

  const uint32_t id_;
  GroupTable* const table_;
  Rows changed_, frozen_;
  uint32_t changed_listed_ = 0x100, frozen_listed_ = 0x200;  // the marks of the two lists' rows
  int64_t frozen_closed_ = INT64_MIN;                        // what the table had closed at the last Freeze
  size_t next_ = 0;                                          // of frozen_, for Save
  RunQueue deleted_;                                         // since the Freeze
  RunQueue saved_;                                           // deletions before the Freeze, then rows that had to be saved before they changed
  StateContext scratch_;
  std::unique_ptr<char[]> scratch_states_;
  bool emptied_ = false, loading_ = false;
  uint32_t loaded_ = 0, placed_ = 0;  // rows since BeginLoad; those that slots point to: some rows behind, so that the slots' memory has come
};

}  // namespace kappa
