// The files of snapshots: entries in order of (table, hash, key), each key once, as RocksDB tables of the block-based format (blocks of 16 KiB, each
// with a checksum of its own), which table_file_writer.h writes and RocksDB reads. Any thread; an object by one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/file_system.h"
#include "exec/state/snapshot_store.h"

namespace rocksdb {
class Env;
}

namespace kappa {

struct RunFile {
  uint64_t number = 0;
  uint64_t bytes = 0;
  uint64_t entries = 0;
  uint32_t crc = 0;  // CRC-32C of the file
  Epoch epoch = -1;  // of the snapshot that it was written for; of a merged one, the last of its inputs
};

// An entry of a merged view over several files; memory valid until the next one.
struct RunEntry {
  uint32_t table = 0;
  uint64_t hash = 0;
  std::string_view key, value;
  bool deleted = false;
  bool packed = false;  // the value, by PackWords
};

// Is the entry one of a closed window?
bool Covers(const std::vector<ClosedWindows>& closed, const RunEntry& entry);

class RunFiles {
 public:
  RunFiles(os::FileSystem* files, std::string directory);
  ~RunFiles();
  std::string PathOf(uint64_t number) const;

  // Sorts what the runs hold, of equal keys the last, and writes it durably. After an error a part of the file may be there.
  StatusOr<RunFile> Write(uint64_t number, Epoch epoch, const std::vector<const StateRun*>& runs) const;

  // Visits every key once in order, with its newest entry; `inputs` oldest first. Hashes from `first` to `last` of each table only.
  using Visitor = std::function<Status(const RunEntry&)>;
  Status Merge(const std::vector<RunFile>& inputs, uint64_t first, uint64_t last, const Visitor& visit) const;

  // Merges into one file, without what `closed` covers. `full`: nothing is older than the inputs, deletions are dropped. `pause` is called now and
  // then; false: give up (57014).
  StatusOr<RunFile> MergeInto(uint64_t number, const std::vector<RunFile>& inputs, bool full, const std::vector<ClosedWindows>& closed,
                              const std::function<bool()>& pause) const;

  // Size and checksum as written? XX001 names the file.
  Status Verify(const RunFile& file) const;

 private:
  struct Settings;
  os::FileSystem* const files_;
  const std::string directory_;
  const std::unique_ptr<Settings> settings_;
};

}  // namespace kappa
