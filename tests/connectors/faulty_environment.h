// The real environment, but its files fail or wait when a test says so.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "common/os/environment.h"

namespace kappa {

struct Faults {
  std::atomic<int64_t> bytes_left{INT64_MAX};                   // appends past it write what fits, then fail with 53100
  std::function<Status()> on_sync = [] { return OkStatus(); };  // before each sync of a file
};

class FaultyFile final : public os::WritableFile {
 public:
  FaultyFile(std::unique_ptr<os::WritableFile> file, Faults* faults) : file_(std::move(file)), faults_(faults) {}
  Status Append(std::string_view bytes) override {
    const int64_t left = faults_->bytes_left;
    if (static_cast<int64_t>(bytes.size()) <= left) {
      if (left != INT64_MAX) faults_->bytes_left -= static_cast<int64_t>(bytes.size());
      return file_->Append(bytes);
    }
    faults_->bytes_left = 0;
    RETURN_IF_ERROR(file_->Append(bytes.substr(0, static_cast<size_t>(left))));
    return SqlError(sqlstate::kDiskFull) << "disk full (injected)";
  }
  Status Sync() override {
    RETURN_IF_ERROR(faults_->on_sync());
    return file_->Sync();
  }
  Status Truncate(uint64_t size) override { return file_->Truncate(size); }
  uint64_t size() const override { return file_->size(); }

 private:
  std::unique_ptr<os::WritableFile> file_;
  Faults* faults_;
};

class FaultyFileSystem final : public os::FileSystem {
 public:
  explicit FaultyFileSystem(Faults* faults) : faults_(faults) {}
  StatusOr<std::unique_ptr<os::ReadableFile>> OpenForRead(const std::string& path) override { return real_.OpenForRead(path); }
  StatusOr<std::unique_ptr<os::WritableFile>> OpenForAppend(const std::string& path) override {
    ASSIGN_OR_RETURN(std::unique_ptr<os::WritableFile> file, real_.OpenForAppend(path));
    return std::unique_ptr<os::WritableFile>(new FaultyFile(std::move(file), faults_));
  }
  StatusOr<os::FileStat> Stat(const std::string& path) override { return real_.Stat(path); }
  bool Exists(const std::string& path) override { return real_.Exists(path); }
  StatusOr<std::vector<std::string>> List(const std::string& directory) override { return real_.List(directory); }
  StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override { return real_.Glob(pattern); }
  Status CreateDirectories(const std::string& path) override { return real_.CreateDirectories(path); }
  Status Rename(const std::string& from, const std::string& to) override { return real_.Rename(from, to); }
  Status Remove(const std::string& path) override { return real_.Remove(path); }
  Status SyncDirectory(const std::string& path) override { return real_.SyncDirectory(path); }
  StatusOr<std::unique_ptr<os::FileLock>> Lock(const std::string& path) override { return real_.Lock(path); }

 private:
  os::FileSystem& real_ = os::RealEnvironment().files();
  Faults* faults_;
};

class FaultyEnvironment final : public os::Environment {
 public:
  os::Clock& clock() override { return os::RealEnvironment().clock(); }
  os::FileSystem& files() override { return files_; }
  os::Random& random() override { return os::RealEnvironment().random(); }
  os::Threads& threads() override { return os::RealEnvironment().threads(); }
  Faults faults;

 private:
  FaultyFileSystem files_{&faults};
};

}  // namespace kappa
