// Files in memory, with what POSIX promises about power loss and nothing more:
//
//   file        synced content ── append, truncate ──► content that readers see      Sync: all of it is durable
//   directory   synced names ──── create, rename, remove ──► names that readers see  SyncDirectory: they are durable; a rename within it is whole or
//   not at all
//
// AfterPowerLoss gives what a disk may hold after the power went: of each file the synced content and, as the seed chooses, none of what was done to
// it since, all, or a beginning, the last append torn at any byte; of each directory its synced names and a beginning of the changes since. A synced
// file whose name was not made durable is gone with its name.
//
// CreateDirectories makes durable what it makes. Paths are absolute, or relative to the root. Errors as in file_system.h. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/os/clock.h"
#include "common/os/file_system.h"

namespace kappa::os {

class MemoryFileSystem final : public FileSystem {
 public:
  // `clock`: of modification times; may be null (all are 0).
  explicit MemoryFileSystem(Clock* clock = nullptr);
  ~MemoryFileSystem() override;

  StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override;
  StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override;
  StatusOr<FileStat> Stat(const std::string& path) override;
  bool Exists(const std::string& path) override;
  StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override;
  Status CreateDirectories(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  // Held against every other Lock of this file system.
  StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

  // The disk after the power has gone now. This one stays as it is.
  std::unique_ptr<MemoryFileSystem> AfterPowerLoss(uint64_t seed, Clock* clock = nullptr) const;
  // A sync of the file has failed: what was not durable stays readable, and no later sync makes it so (as Linux drops the pages' dirty mark).
  void LoseUnsynced(const std::string& path);

 private:
  struct Node;
  struct NameChange;
  class Reader;
  class Writer;
  class HeldLock;
  using NodePtr = std::shared_ptr<Node>;
  using Place = std::pair<NodePtr, std::string>;  // a directory and a name in it

  StatusOr<Place> FindPlace(const std::string& path, const char* action) const;
  StatusOr<NodePtr> Find(const std::string& path, const char* action) const;
  StatusOr<NodePtr> FindOrCreateFile(const std::string& path, const char* action);
  void Change(NameChange change);
  void SyncNames(const Node* directory);
  int64_t Now() const { return clock_ == nullptr ? 0 : clock_->WallMicros(); }

  Clock* const clock_;
  mutable std::mutex mutex_;
  NodePtr root_;
  std::vector<NameChange> pending_;  // of names, oldest first
  std::set<const Node*> locked_;
};

}  // namespace kappa::os
