// A materialized view's contents: a single-writer multi-version index. Rows carry the epochs between which they are there; a reader pins an epoch and
// sees its contents whole, while later epochs are applied. What no pin can see any more is reclaimed (design section 7).
//
//   version:  row (fixed part, then its texts' bytes, texts by offset) | weight | begin epoch | end epoch (exclusive; kForever while it is there)
//
// Snapshots (snapshot_store.h): a Freeze pins its epoch, so that what has ended since is still there when it is saved. Of what changed before it,
// versions that are live at the Freeze are put, keys that went away are deleted; a version that ends and begins again in between is only put.
//
//   entry: key = the row's canonical bytes, value = weight 8 | row (as versions hold it)
//
// Writes, Freeze, Save and Load come from the epoch driver's thread (Load from several, too); Pin and reads from any thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "common/sink.h"
#include "common/state_arena.h"
#include "exec/epoch/dataflow_run.h"
#include "exec/state/run_queue.h"
#include "exec/state/snapshot_store.h"
#include "types/change_batch.h"

namespace kappa {

class VersionedView final : public Sink, public std::enable_shared_from_this<VersionedView> {
 public:
  VersionedView(std::string name, RowSchema schema);

  Status Write(Epoch epoch, const ChangeBatch& changes) override;
  Status Commit(const EpochCommit& commit) override;
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{committed_, ""}; }
  Guarantee guarantee() const override { return Guarantee::kExactlyOnce; }

  // The contents as of the last committed epoch, for as long as the reader lives.
  std::shared_ptr<const ViewReader> Pin();
  // Looks rows up by the columns at these positions from now on; made by itself when first asked for.
  void EnsureIndex(const std::vector<int>& columns);
  const RowSchema& schema() const { return schema_; }
  size_t bytes() const;
  int64_t rows() const { return live_rows_; }

  // As a DurableTable (MakeDurable wraps it): changes are noted from Track on, entries bear its `id`. Whatever the view holds then counts as changed.
  // Load is for an empty view; Commit says then of which epoch it is.
  void Track(uint32_t id);
  void Freeze();
  bool Save(StateRun* run, size_t bytes);
  Status Load(uint64_t hash, std::string_view key, std::string_view value);

 private:
  static constexpr Epoch kForever = INT64_MAX;
  struct Version {
    StateArena::Ref row = 0;
    uint32_t size = 0;
    bool persisted = false;  // a snapshot may hold the row, perhaps with another weight
    uint8_t listed = 0;      // the mark of the list that names this place: changed_ or frozen_; outlives the version
    int64_t weight = 0;
    Epoch begin = 0, end = kForever;
  };
  // All versions by the hash of their values in some columns.
  struct Index {
    std::vector<int> columns;
    absl::flat_hash_map<uint64_t, absl::InlinedVector<uint32_t, 2>> versions;
  };
  class Reader;
  Index* IndexOn(const std::vector<int>& columns);
  void AddToIndex(Index* index, uint32_t version);
  void CollectTexts(const std::vector<Slot>& slots);
  uint32_t Add(const char* row, int64_t weight, Epoch epoch);
  void Free(uint32_t version);
  void Reclaim();
  uint32_t Place(const Version& version);
  void NoteChanged(uint32_t version);
  // The row as readers know it: itself, or in `buffer`. Its texts lie in the arena.
  const char* Readable(const char* stored, std::string* buffer) const;
  const char* Materialize(const Version& version, std::string* buffer) const { return Readable(arena_.At(version.row), buffer); }
  void KeyOf(const char* row, std::string* key) const;
  Epoch OldestPin() const;

  const std::string name_;
  const RowSchema schema_;
  std::vector<const Slot*> texts_;
  mutable std::mutex mutex_;
  StateArena arena_;
  std::vector<Version> versions_;
  std::vector<uint32_t> free_;
  absl::flat_hash_map<uint64_t, std::vector<uint32_t>> live_;  // by the hash of the row's canonical bytes
  std::vector<std::unique_ptr<Index>> indexes_;                // of versions_ that are not free
  std::deque<uint32_t> dead_;                                  // ended, perhaps still pinned; in order of their ends
  std::map<Epoch, int> pins_;
  Epoch committed_ = -1;
  int64_t live_rows_ = 0;

  bool tracked_ = false;
  uint32_t id_ = 0;
  Epoch frozen_epoch_ = -1;                 // of the last Freeze
  bool frozen_pinned_ = false;              // it is being saved
  std::vector<uint32_t> changed_, frozen_;  // versions that began
  size_t next_ = 0;                         // of frozen_, for Save
  uint8_t changed_mark_ = 1, frozen_mark_ = 2;
  RunQueue deleted_, frozen_deleted_;
};

}  // namespace kappa
