#include "common/os/fault_file_system.h"

namespace kappa::os {
namespace {

const char* NameOf(WriteKind kind) {
  switch (kind) {
    case WriteKind::kCreate:
      return "create";
    case WriteKind::kAppend:
      return "append";
    case WriteKind::kSync:
      return "sync";
    case WriteKind::kTruncate:
      return "truncate";
    case WriteKind::kRename:
      return "rename";
    case WriteKind::kRemove:
      return "remove";
    case WriteKind::kMakeDirectory:
      return "make directory";
    case WriteKind::kSyncDirectory:
      return "sync directory";
  }
  return "";
}

Status PowerLost(const std::string& path) { return SqlError(sqlstate::kIoError) << "power lost (injected): \"" << path << "\""; }

}  // namespace

void FaultFileSystem::Fail(Fault fault) {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_.push_back(std::move(fault));
}
void FaultFileSystem::FailAt(int64_t boundary, SqlState error) {
  std::lock_guard<std::mutex> lock(mutex_);
  fail_at_ = boundary;
  fail_with_ = error;
}
void FaultFileSystem::Repair() {
  std::lock_guard<std::mutex> lock(mutex_);
  faults_.clear();
  fail_at_ = INT64_MAX;
}
void FaultFileSystem::LosePowerAt(int64_t boundary) {
  std::lock_guard<std::mutex> lock(mutex_);
  power_until_ = boundary;
}
bool FaultFileSystem::power_lost() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return power_lost_;
}
int64_t FaultFileSystem::boundaries() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return boundaries_;
}
int64_t FaultFileSystem::failed() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return failed_;
}
std::string FaultFileSystem::failed_at() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return failed_at_;
}

FaultFileSystem::Ruling FaultFileSystem::Rule(WriteKind kind, const std::string& path) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (power_lost_) return {Verdict::kDead, PowerLost(path)};
  if (++boundaries_ >= power_until_) {
    power_lost_ = true;
    failed_at_ = std::string(NameOf(kind)) + " " + path;
    return {Verdict::kCutShort, PowerLost(path)};
  }
  for (Fault& fault : faults_) {
    if (fault.kind != kind || fault.times == 0 || path.find(fault.path_part) == std::string::npos) continue;
    if (fault.after > 0) {
      --fault.after;
      continue;
    }
    --fault.times;
    return Failed(kind, path, fault.error);
  }
  return boundaries_ == fail_at_ ? Failed(kind, path, fail_with_) : Ruling();
}

FaultFileSystem::Ruling FaultFileSystem::Failed(WriteKind kind, const std::string& path, SqlState error) {
  ++failed_;
  failed_at_ = std::string(NameOf(kind)) + " " + path;
  return {Verdict::kFail, SqlError(error) << "could not " << NameOf(kind) << " \"" << path << "\": injected"};
}

Status FaultFileSystem::CheckPower(const std::string& path) const { return power_lost() ? PowerLost(path) : OkStatus(); }

template <typename Operation>
Status FaultFileSystem::Pass(WriteKind kind, const std::string& path, const Operation& operation) {
  const Ruling ruling = Rule(kind, path);
  // Cut short: what changes names is left to the disk's choice, by being done and not durable; what makes durable is not done, which leaves the same
  // choice.
  const bool makes_durable = kind == WriteKind::kSyncDirectory || kind == WriteKind::kMakeDirectory;
  if (ruling.verdict == Verdict::kPass) return operation();
  if (ruling.verdict == Verdict::kCutShort && !makes_durable) (void)operation();
  return ruling.error;
}

class FaultFileSystem::Reader final : public ReadableFile {
 public:
  Reader(FaultFileSystem* files, std::string path, std::unique_ptr<ReadableFile> file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  StatusOr<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    RETURN_IF_ERROR(files_->CheckPower(path_));
    return file_->ReadAt(offset, buffer, size);
  }
  StatusOr<uint64_t> Size() override {
    RETURN_IF_ERROR(files_->CheckPower(path_));
    return file_->Size();
  }

 private:
  FaultFileSystem* files_;
  const std::string path_;
  std::unique_ptr<ReadableFile> file_;
};

class FaultFileSystem::Writer final : public WritableFile {
 public:
  Writer(FaultFileSystem* files, std::string path, std::unique_ptr<WritableFile> file)
      : files_(files), path_(std::move(path)), file_(std::move(file)) {}
  Status Append(std::string_view bytes) override {
    const Ruling ruling = files_->Rule(WriteKind::kAppend, path_);
    if (ruling.verdict == Verdict::kPass) return file_->Append(bytes);
    if (ruling.verdict == Verdict::kCutShort) (void)file_->Append(bytes);
    if (ruling.verdict == Verdict::kFail) (void)file_->Append(bytes.substr(0, bytes.size() / 2));
    return ruling.error;
  }
  Status Sync() override {
    const Ruling ruling = files_->Rule(WriteKind::kSync, path_);
    if (ruling.verdict == Verdict::kPass) return file_->Sync();
    if (ruling.verdict == Verdict::kFail) files_->disk_->LoseUnsynced(path_);
    return ruling.error;
  }
  Status Truncate(uint64_t size) override {
    return files_->Pass(WriteKind::kTruncate, path_, [&] { return file_->Truncate(size); });
  }
  uint64_t size() const override { return file_->size(); }

 private:
  FaultFileSystem* files_;
  const std::string path_;
  std::unique_ptr<WritableFile> file_;
};

StatusOr<std::unique_ptr<ReadableFile>> FaultFileSystem::OpenForRead(const std::string& path) {
  RETURN_IF_ERROR(CheckPower(path));
  ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, disk_->OpenForRead(path));
  return std::unique_ptr<ReadableFile>(new Reader(this, path, std::move(file)));
}

Status FaultFileSystem::Create(const std::string& path) {
  RETURN_IF_ERROR(CheckPower(path));
  if (disk_->Exists(path)) return OkStatus();
  return Pass(WriteKind::kCreate, path, [&] { return disk_->OpenForAppend(path).status(); });
}

StatusOr<std::unique_ptr<WritableFile>> FaultFileSystem::OpenForAppend(const std::string& path) {
  RETURN_IF_ERROR(Create(path));
  ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, disk_->OpenForAppend(path));
  return std::unique_ptr<WritableFile>(new Writer(this, path, std::move(file)));
}

StatusOr<std::unique_ptr<FileLock>> FaultFileSystem::Lock(const std::string& path) {
  RETURN_IF_ERROR(Create(path));
  return disk_->Lock(path);
}

StatusOr<FileStat> FaultFileSystem::Stat(const std::string& path) {
  RETURN_IF_ERROR(CheckPower(path));
  return disk_->Stat(path);
}
bool FaultFileSystem::Exists(const std::string& path) { return !power_lost() && disk_->Exists(path); }
StatusOr<std::vector<std::string>> FaultFileSystem::List(const std::string& directory) {
  RETURN_IF_ERROR(CheckPower(directory));
  return disk_->List(directory);
}
StatusOr<std::vector<std::string>> FaultFileSystem::Glob(const std::string& pattern) {
  RETURN_IF_ERROR(CheckPower(pattern));
  return disk_->Glob(pattern);
}
Status FaultFileSystem::CreateDirectories(const std::string& path) {
  RETURN_IF_ERROR(CheckPower(path));
  if (disk_->Exists(path)) return disk_->CreateDirectories(path);  // nothing changes, or an error
  return Pass(WriteKind::kMakeDirectory, path, [&] { return disk_->CreateDirectories(path); });
}
Status FaultFileSystem::Rename(const std::string& from, const std::string& to) {
  return Pass(WriteKind::kRename, from, [&] { return disk_->Rename(from, to); });
}
Status FaultFileSystem::Remove(const std::string& path) {
  return Pass(WriteKind::kRemove, path, [&] { return disk_->Remove(path); });
}
Status FaultFileSystem::SyncDirectory(const std::string& path) {
  return Pass(WriteKind::kSyncDirectory, path, [&] { return disk_->SyncDirectory(path); });
}

}  // namespace kappa::os
