// The real environment, until its owner ends as a killed process does: what was written stays, and nothing is written any more. So an engine can be
// dropped in this process without a graceful stop: its last words go nowhere. (Table files of snapshots are written by RocksDB itself; one that no
// manifest names is as if it were not there.)
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/os/environment.h"

namespace kappa::slt {

class KillableEnvironment final : public os::Environment {
 public:
  KillableEnvironment() : files_(&killed_) {}
  // Any thread; for good.
  void Kill() { killed_ = true; }

  os::Clock& clock() override { return os::RealEnvironment().clock(); }
  os::FileSystem& files() override { return files_; }
  os::Random& random() override { return os::RealEnvironment().random(); }
  os::Threads& threads() override { return os::RealEnvironment().threads(); }

 private:
  class Files final : public os::FileSystem {
   public:
    explicit Files(std::atomic<bool>* killed) : killed_(killed) {}
    StatusOr<std::unique_ptr<os::ReadableFile>> OpenForRead(const std::string& path) override { return real_.OpenForRead(path); }
    StatusOr<std::unique_ptr<os::WritableFile>> OpenForAppend(const std::string& path) override;
    StatusOr<os::FileStat> Stat(const std::string& path) override { return real_.Stat(path); }
    bool Exists(const std::string& path) override { return real_.Exists(path); }
    StatusOr<std::vector<std::string>> List(const std::string& directory) override { return real_.List(directory); }
    StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override { return real_.Glob(pattern); }
    Status CreateDirectories(const std::string& path) override;
    Status Rename(const std::string& from, const std::string& to) override;
    Status Remove(const std::string& path) override;
    Status SyncDirectory(const std::string& path) override;
    StatusOr<std::unique_ptr<os::FileLock>> Lock(const std::string& path) override { return real_.Lock(path); }

   private:
    os::FileSystem& real_ = os::RealEnvironment().files();
    std::atomic<bool>* const killed_;
  };

  std::atomic<bool> killed_{false};
  Files files_;
};

}  // namespace kappa::slt
