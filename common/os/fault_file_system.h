// A file system in memory whose disk fails when a test says so: the power goes at a write boundary, or an operation of some kind is refused.
//
// A write boundary is one operation that changes what a disk may hold: each is counted, from 1 on. LosePowerAt(k): the k-th operation is cut short
// (it may or may not have reached the disk), it and every later one of whatever kind answer 58030 "power lost"; Surviving(seed) is then the disk that
// a new process finds. Fail(fault): operations of one kind fail while the process lives on, and work again later. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/os/memory_file_system.h"

namespace kappa::os {

enum class WriteKind : uint8_t { kCreate, kAppend, kSync, kTruncate, kRename, kRemove, kMakeDirectory, kSyncDirectory };

struct Fault {
  WriteKind kind = WriteKind::kAppend;
  std::string path_part;                // only of paths that contain it
  int64_t after = 0;                    // operations of the kind and path that succeed before
  int64_t times = 1;                    // that fail then
  SqlState error = sqlstate::kIoError;  // or kDiskFull
};

class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(std::unique_ptr<MemoryFileSystem> disk) : disk_(std::move(disk)) {}

  // Takes effect for operations to come. A failed append has written half of its bytes; what a failed sync should have made durable never is, as
  // under Linux, though it stays readable.
  void Fail(Fault fault);
  // The operation at this boundary fails, of whatever kind it is.
  void FailAt(int64_t boundary, SqlState error);
  void Repair();  // no fault any more
  void LosePowerAt(int64_t boundary);
  bool power_lost() const;
  int64_t boundaries() const;  // passed so far
  int64_t failed() const;      // operations that a Fault has failed
  // "append data/log/t-0/0.log": where the power went, or the last operation that a fault has failed.
  std::string failed_at() const;

  // The disk that a new process finds.
  std::unique_ptr<MemoryFileSystem> Surviving(uint64_t seed, Clock* clock = nullptr) const { return disk_->AfterPowerLoss(seed, clock); }
  // The disk as a killed process leaves it: the system has everything that was written.
  std::unique_ptr<MemoryFileSystem> Release() { return std::move(disk_); }
  MemoryFileSystem& disk() { return *disk_; }

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
  StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  class Reader;
  class Writer;
  enum class Verdict : uint8_t { kPass, kCutShort, kFail, kDead };
  struct Ruling {
    Verdict verdict = Verdict::kPass;
    Status error;
  };
  Ruling Rule(WriteKind kind, const std::string& path);
  Ruling Failed(WriteKind kind, const std::string& path, SqlState error);
  Status CheckPower(const std::string& path) const;
  // Rules on an operation without halves, and does it when it is to be done.
  template <typename Operation>
  Status Pass(WriteKind kind, const std::string& path, const Operation& operation);
  Status Create(const std::string& path);  // the boundary of a file that is not there yet

  std::unique_ptr<MemoryFileSystem> disk_;
  mutable std::mutex mutex_;
  std::vector<Fault> faults_;
  int64_t boundaries_ = 0, failed_ = 0, power_until_ = INT64_MAX, fail_at_ = INT64_MAX;
  SqlState fail_with_ = sqlstate::kIoError;
  bool power_lost_ = false;
  std::string failed_at_;
};

}  // namespace kappa::os
