// A materialized view's contents: a single-writer multi-version index. Rows carry the epochs between which they are there; a reader pins an epoch and
// sees its contents whole, while later epochs are applied. What no pin can see any more is reclaimed (design section 7).
//
//   version:  row (fixed part, then its texts' bytes, texts by offset) | weight | begin epoch | end epoch (exclusive; kForever while it is there)
//
// Writes come from the epoch driver's thread; Pin and reads from any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/sink.h"
#include "common/state_arena.h"
#include "exec/epoch/dataflow_run.h"
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
  const RowSchema& schema() const { return schema_; }
  size_t bytes() const;
  int64_t rows() const { return live_rows_; }

 private:
  static constexpr Epoch kForever = INT64_MAX;
  struct Version {
    StateArena::Ref row = 0;
    uint32_t size = 0;
    int64_t weight = 0;
    Epoch begin = 0, end = kForever;
  };
  class Reader;
  void CollectTexts(const std::vector<Slot>& slots);
  uint32_t Add(const char* row, int64_t weight, Epoch epoch);
  void Free(uint32_t version);
  // The row as readers know it, in `buffer`.
  void Materialize(const Version& version, std::string* buffer) const;
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
  std::vector<uint32_t> dead_;                                 // ended, perhaps still pinned
  std::map<Epoch, int> pins_;
  Epoch committed_ = -1;
  int64_t live_rows_ = 0;
};

}  // namespace kappa
