// Snapshots of a program's state: what changed since the one before, written beside the running flow, tagged by epoch (design section 7).
//
//   at an epoch's end   every DurableTable::Freeze()                      no data is touched: nobody waits
//   between rounds      DurableTable::Save -> StateRun -> SnapshotWriter  a few milliseconds at a time; rows about to change are saved before they do
//   in the background   each run sorted by (table, hash, key) and written as one RocksDB table file; at last the manifest, renamed into place
//
//   DIR/000017.sst        a run: key = table 4 | hash 8 (its top 8 bits: the shard) | key bytes, numbers big-endian;
//                         value = what the table saved, then one byte: 0, 1 for a deletion, 2: the value is packed
//   DIR/EPOCH.manifest    JSON: version, epoch, build, the files of this snapshot oldest first with their sizes and checksums, closed windows, the
//                         program's own JSON; then a line with the CRC-32C of all before it
//
// A snapshot is its manifest's files, oldest first, later entries over earlier ones, without what its closed windows name. It exists when its
// manifest does. Files that no manifest names are removed when the next one is written. Runs are merged when their number, or what is superseded in
// them, has grown. Shards are ranges of keys, so the number of workers may differ between writing and loading.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/environment.h"
#include "common/sink.h"
#include "common/status.h"

namespace kappa {

// Entries as saved, in any order; of several with one (table, hash, key) the last counts. Not thread safe; movable.
class StateRun {
 public:
  // Before each key lie its table and hash, big-endian: together they are the key in a run's file; before these the sizes of key and value. Behind
  // each value lies one byte, its mark.
  static constexpr size_t kPrefix = 12, kHeader = kPrefix + 8;
  static constexpr char kPut = 0, kDeleted = 1, kPacked = 2;

  StateRun() = default;
  StateRun(StateRun&& other) noexcept { *this = std::move(other); }
  StateRun& operator=(StateRun&& other) noexcept;

  void Put(uint32_t table, uint64_t hash, std::string_view key, std::string_view value);
  // The same for a value that the caller writes: answers where, valid until the next call.
  char* Put(uint32_t table, uint64_t hash, std::string_view key, size_t value_bytes);
  // The same for 8-byte words that are mostly small numbers, `first` and those at `rest`: they are kept packed (packed_words.h) and loaded as given.
  void PutWords(uint32_t table, uint64_t hash, std::string_view key, uint64_t first, const char* rest, size_t rest_bytes);
  void Delete(uint32_t table, uint64_t hash, std::string_view key);
  size_t bytes() const { return bytes_; }
  size_t entries() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  void MoveTo(StateRun* other);  // appends everything to `other`; no bytes are copied

  struct Entry {
    const char* key;  // its value follows
    uint64_t hash;
    uint32_t table;
    bool deleted;
    std::string_view Key() const { return {key, KeyBytes(key)}; }
    std::string Value() const;  // as given
  };
  static uint32_t KeyBytes(const char* key) { return Size(key - kHeader); }
  static uint32_t ValueBytes(const char* key) { return Size(key - kHeader + 4); }  // as kept, without the mark
  const std::vector<Entry>& list() const { return entries_; }

 private:
  static uint32_t Size(const char* at) {
    uint32_t size;
    std::memcpy(&size, at, sizeof(size));
    return size;
  }
  char* Begin(uint32_t table, uint64_t hash, std::string_view key, size_t value_bound);  // where the value goes
  void End(uint32_t table, uint64_t hash, char* value, char* end, size_t key_bytes, char mark);
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<char[]>> chunks_;  // they never move: growing costs the same at any size
  char* next_ = nullptr;                         // in the open chunk
  size_t left_ = 0;                              // of it
  size_t bytes_ = 0;
};

// Entries of windows that have closed: deleted, all of them, by one number. Those of `table` whose key has at `end_offset` an int64 (little-endian)
// that with `end_add` is at or before `closed`. Such keys never come again.
struct ClosedWindows {
  uint32_t table = 0;
  uint32_t end_offset = 0;
  int64_t end_add = 0, closed = 0;
  bool Covers(std::string_view key) const {
    if (key.size() < end_offset + sizeof(int64_t)) return false;
    int64_t end;
    std::memcpy(&end, key.data() + end_offset, sizeof(end));
    return end + end_add <= closed;
  }
};

// A part of a program's state that snapshots keep: a worker's GroupTable, a view. Used by the thread that owns it.
class DurableTable {
 public:
  virtual ~DurableTable() = default;
  // At an epoch's end, after its groups were dropped (EndEpoch, DropClosed): what has changed since the last Freeze belongs to the snapshot that
  // begins now, what changes from here on to the next one. Only when every frozen entry has been saved.
  virtual void Freeze() = 0;
  // Adds frozen entries to `run`, as they were at the Freeze, until about `bytes` are added. True: none is left. May be called in an epoch's middle,
  // while the owner's generated code does not run. Runs of one table go to the store in the order in which Save filled them.
  virtual bool Save(StateRun* run, size_t bytes) = 0;
  // As of the last Freeze: what it dropped by its time, whose deletions are not among the entries. Nothing: all deletions are.
  virtual std::optional<ClosedWindows> closed() const { return std::nullopt; }
  // Optional, around all Loads: at most about `entries` will come; what was loaded may be looked up after EndLoad only. Faster.
  virtual void BeginLoad(uint64_t entries) {}
  virtual Status EndLoad() { return OkStatus(); }
  // Of an empty table: an entry of a snapshot. Deletions and closed windows never come here. XX001: not what Save wrote.
  virtual Status Load(uint64_t hash, std::string_view key, std::string_view value) = 0;
};

struct SnapshotInfo {
  Epoch epoch = -1;
  int64_t created_micros = 0;  // since 1970 UTC
  uint64_t entries = 0;        // put or deleted over all files
  uint64_t bytes = 0;          // of all files
  int32_t files = 0;
  std::string build;  // of the engine that wrote it
  std::string meta;   // the program's own JSON
};

struct SnapshotOptions {
  int32_t keep = 3;               // snapshots; older ones go when a new one is there
  size_t merge_after_files = 32;  // more: they are merged in the background into few
  // Newer files than the oldest snapshot's: once they have more bytes than these, and than its, all are merged. What is superseded is read by a
  // recovery in a second or two; merging it again and again would cost more than writing it did.
  uint64_t merge_above_bytes = 1 << 30;
  size_t collect_bytes = 32 << 20;  // runs are collected up to this, and become one file
  bool read_only = false;           // beside a running program: nothing is made or removed
  std::string build;                // named in manifests
};

class SnapshotStore {
 public:
  // Makes the directory. Removes what a crash has left unfinished. One store a directory (the caller holds the program's lock) that is not read only.
  static StatusOr<std::unique_ptr<SnapshotStore>> Open(os::Environment& environment, const std::string& directory,
                                                       const SnapshotOptions& options = {});
  virtual ~SnapshotStore() = default;

  // Newest first; only those whose manifest is whole. A damaged manifest is named in `damaged` (may be null).
  virtual StatusOr<std::vector<SnapshotInfo>> List(std::vector<std::string>* damaged = nullptr) = 0;
  // Reads every file of it and checks every checksum. XX001 names the file.
  virtual Status Verify(Epoch epoch) = 0;
  // Calls `load(table, hash, key, value)` for every live entry, in any order; memory valid during the call. XX001: damaged (before or while loading).
  using Loader = std::function<Status(uint32_t table, uint64_t hash, std::string_view key, std::string_view value)>;
  Status Load(Epoch epoch, const Loader& load) { return LoadParts(epoch, {load}); }
  // In parallel: part i of n is called from one thread (part 0 from the caller's), with the entries of the shards that worker i of n owns.
  virtual Status LoadParts(Epoch epoch, const std::vector<Loader>& parts) = 0;
  // The snapshots after `epoch` are forgotten (recovery has chosen an older one); -1: all.
  virtual Status DropAfter(Epoch epoch) = 0;

  // Writing one. One at a time, by the driver's thread. It adds to the newest snapshot there is: that one was loaded (or everything dropped) before
  // the first Begin, else XX000.
  virtual Status Begin(Epoch epoch) = 0;
  // Never blocks: sorted and written in the background. After a failure runs may still come: they are kept for the next snapshot.
  virtual void Add(StateRun run) = 0;
  // Handed over and not yet written (of which the last collect_bytes wait for company until Finish): the driver saves no more while this is large,
  // say more than three times collect_bytes.
  virtual size_t backlog_bytes() const = 0;
  // No more runs. `closed`: what the tables answered to closed(); it stays closed in the snapshots that follow.
  virtual void Finish(std::string meta, std::vector<ClosedWindows> closed = {}) = 0;
  enum class Progress { kNone, kRunning, kDone };  // kDone is told once
  // An error (told once) ends this snapshot, not the flow: its runs are kept and become part of the next one. To try again without freezing anew:
  // Begin with the same epoch, the runs that were not added yet, Finish with the same meta.
  virtual StatusOr<Progress> Poll() = 0;
  // Merges of files in the background. One that failed leaves the files as they were, and is tried again after the next snapshot.
  struct MergeFailures {
    int64_t count = 0;
    std::string error;  // of the last merge; "": it did not fail
  };
  virtual MergeFailures merge_failures() const = 0;
  // Until the one that is being written is there (Poll still tells kDone), or has failed (Poll does not tell it again). At once when Finish was not
  // called.
  virtual Status Wait() = 0;
};

}  // namespace kappa
