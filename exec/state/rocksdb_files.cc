#include "exec/state/rocksdb_files.h"

#include "rocksdb/file_system.h"

namespace kappa {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus ToIo(const Status& status) {
  if (status.ok()) return IOStatus::OK();
  const std::string message = MessageOf(status);
  const SqlState state = SqlStateOf(status);
  if (state == sqlstate::kDiskFull) return IOStatus::NoSpace(message);
  if (state == sqlstate::kUndefinedFile) return IOStatus::PathNotFound(message);
  return IOStatus::IOError(message);
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit SequentialFile(std::unique_ptr<os::ReadableFile> file) : file_(std::move(file)) {}
  IOStatus Read(size_t bytes, const IOOptions& options, Slice* result, char* scratch, IODebugContext* debug) override {
    const auto got = file_->ReadAt(at_, scratch, bytes);
    if (!got.ok()) return ToIo(got.status());
    at_ += *got;
    *result = Slice(scratch, *got);
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t bytes) override {
    at_ += bytes;
    return IOStatus::OK();
  }

 private:
  const std::unique_ptr<os::ReadableFile> file_;
  uint64_t at_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit RandomAccessFile(std::unique_ptr<os::ReadableFile> file) : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t bytes, const IOOptions& options, Slice* result, char* scratch, IODebugContext* debug) const override {
    const auto got = file_->ReadAt(offset, scratch, bytes);
    if (!got.ok()) return ToIo(got.status());
    *result = Slice(scratch, *got);
    return IOStatus::OK();
  }

 private:
  const std::unique_ptr<os::ReadableFile> file_;
};

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  explicit WritableFile(std::unique_ptr<os::WritableFile> file) : file_(std::move(file)) {}
  using rocksdb::FSWritableFile::Append;
  IOStatus Append(const Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
    return ToIo(file_->Append(std::string_view(bytes.data(), bytes.size())));
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override { return ToIo(file_->Truncate(size)); }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override { return ToIo(file_->Sync()); }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    file_.reset();
    return IOStatus::OK();
  }
  uint64_t GetFileSize(const IOOptions& options, IODebugContext* debug) override { return file_->size(); }

 private:
  std::unique_ptr<os::WritableFile> file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(os::FileSystem* files, std::string path) : files_(files), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return ToIo(files_->SyncDirectory(path_)); }

 private:
  os::FileSystem* const files_;
  const std::string path_;
};

class Files final : public rocksdb::FileSystem {
 public:
  explicit Files(os::FileSystem* files) : files_(files) {}
  const char* Name() const override { return "kappa"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options, std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* debug) override {
    auto file = files_->OpenForRead(path);
    if (!file.ok()) return ToIo(file.status());
    *result = std::make_unique<SequentialFile>(*std::move(file));
    return IOStatus::OK();
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options, std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext* debug) override {
    auto file = files_->OpenForRead(path);
    if (!file.ok()) return ToIo(file.status());
    *result = std::make_unique<RandomAccessFile>(*std::move(file));
    return IOStatus::OK();
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions& options, std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override {
    auto file = files_->OpenForAppend(path);
    if (!file.ok()) return ToIo(file.status());
    if ((*file)->size() != 0) {
      if (Status status = (*file)->Truncate(0); !status.ok()) return ToIo(status);
    }
    *result = std::make_unique<WritableFile>(*std::move(file));
    return IOStatus::OK();
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options, std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override {
    if (!files_->Exists(path)) return IOStatus::PathNotFound(path);
    *result = std::make_unique<Directory>(files_, path);
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    return files_->Exists(path) ? IOStatus::OK() : IOStatus::NotFound(path);
  }
  IOStatus GetChildren(const std::string& path, const IOOptions& options, std::vector<std::string>* result, IODebugContext* debug) override {
    auto names = files_->List(path);
    if (!names.ok()) return ToIo(names.status());
    *result = *std::move(names);
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) override { return ToIo(files_->Remove(path)); }
  IOStatus CreateDir(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    if (files_->Exists(path)) return IOStatus::IOError(path, "exists");
    return ToIo(files_->CreateDirectories(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    return ToIo(files_->CreateDirectories(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions& options, IODebugContext* debug) override { return ToIo(files_->Remove(path)); }
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, uint64_t* size, IODebugContext* debug) override {
    const auto stat = files_->Stat(path);
    if (!stat.ok()) return ToIo(stat.status());
    *size = stat->size;
    return IOStatus::OK();
  }
  IOStatus GetFileModificationTime(const std::string& path, const IOOptions& options, uint64_t* seconds, IODebugContext* debug) override {
    const auto stat = files_->Stat(path);
    if (!stat.ok()) return ToIo(stat.status());
    *seconds = static_cast<uint64_t>(stat->modified_micros / 1'000'000);
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options, IODebugContext* debug) override {
    return ToIo(files_->Rename(from, to));
  }
  IOStatus LockFile(const std::string& path, const IOOptions& options, rocksdb::FileLock** lock, IODebugContext* debug) override {
    return IOStatus::NotSupported("locks are the engine's");
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options, IODebugContext* debug) override {
    return IOStatus::NotSupported("locks are the engine's");
  }
  IOStatus GetTestDirectory(const IOOptions& options, std::string* path, IODebugContext* debug) override {
    return IOStatus::NotSupported("no test directory");
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions& options, std::string* result, IODebugContext* debug) override {
    *result = path;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions& options, bool* is, IODebugContext* debug) override {
    const auto stat = files_->Stat(path);
    if (!stat.ok()) return ToIo(stat.status());
    *is = stat->directory;
    return IOStatus::OK();
  }

 private:
  os::FileSystem* const files_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> MakeRocksDbEnv(os::FileSystem* files) { return rocksdb::NewCompositeEnv(std::make_shared<Files>(files)); }

Status FromRocksDb(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return OkStatus();
  const char* said = status.getState() == nullptr ? "no reason given" : status.getState();
  if (status.IsNoSpace()) return SqlError(sqlstate::kDiskFull) << said;
  if (status.IsPathNotFound() || status.IsNotFound()) return SqlError(sqlstate::kUndefinedFile) << said;
  if (status.IsIOError()) return SqlError(sqlstate::kIoError) << said;
  if (status.IsCorruption()) return SqlError(sqlstate::kDataCorrupted) << what << " is damaged: " << said;
  return SqlError(sqlstate::kInternalError) << what << ": " << status.ToString();
}

}  // namespace kappa
