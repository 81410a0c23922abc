#include "tests/slt/runner/killable_environment.h"

namespace kappa::slt {
namespace {

Status Check(const std::atomic<bool>& killed) {
  return killed ? Status(SqlError(sqlstate::kIoError) << "the process was killed (so the test says)") : OkStatus();
}

class KillableFile final : public os::WritableFile {
 public:
  KillableFile(std::unique_ptr<os::WritableFile> file, const std::atomic<bool>* killed) : file_(std::move(file)), killed_(killed) {}
  Status Append(std::string_view bytes) override {
    RETURN_IF_ERROR(Check(*killed_));
    return file_->Append(bytes);
  }
  Status Sync() override {
    RETURN_IF_ERROR(Check(*killed_));
    return file_->Sync();
  }
  Status Truncate(uint64_t size) override {
    RETURN_IF_ERROR(Check(*killed_));
    return file_->Truncate(size);
  }
  uint64_t size() const override { return file_->size(); }

 private:
  std::unique_ptr<os::WritableFile> file_;
  const std::atomic<bool>* const killed_;
};

}  // namespace

StatusOr<std::unique_ptr<os::WritableFile>> KillableEnvironment::Files::OpenForAppend(const std::string& path) {
  RETURN_IF_ERROR(Check(*killed_));
  ASSIGN_OR_RETURN(std::unique_ptr<os::WritableFile> file, real_.OpenForAppend(path));
  return std::unique_ptr<os::WritableFile>(std::make_unique<KillableFile>(std::move(file), killed_));
}
Status KillableEnvironment::Files::CreateDirectories(const std::string& path) {
  RETURN_IF_ERROR(Check(*killed_));
  return real_.CreateDirectories(path);
}
Status KillableEnvironment::Files::Rename(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Check(*killed_));
  return real_.Rename(from, to);
}
Status KillableEnvironment::Files::Remove(const std::string& path) {
  RETURN_IF_ERROR(Check(*killed_));
  return real_.Remove(path);
}
Status KillableEnvironment::Files::SyncDirectory(const std::string& path) {
  RETURN_IF_ERROR(Check(*killed_));
  return real_.SyncDirectory(path);
}

}  // namespace kappa::slt
