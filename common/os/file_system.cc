#include "common/os/file_system.h"

#include "common/os/private_files.h"

namespace kappa::os {

StatusOr<std::string> FileSystem::ReadAll(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, OpenForRead(path));
  constexpr size_t kStep = 64 << 10;  // the size is not trusted: files of /proc answer 0
  std::string bytes;
  while (true) {
    const size_t before = bytes.size();
    const size_t step = before < kStep ? kStep : before;
    bytes.resize(before + step);
    ASSIGN_OR_RETURN(const size_t got, file->ReadAt(before, bytes.data() + before, step));
    bytes.resize(before + got);
    if (got < step) return bytes;
  }
}

Status FileSystem::WriteAtomically(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + kTemporarySuffix;
  {
    ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, OpenForAppend(temporary));
    RETURN_IF_ERROR(file->Truncate(0));  // a crash may have left one
    RETURN_IF_ERROR(file->Append(bytes));
    RETURN_IF_ERROR(file->Sync());
  }
  RETURN_IF_ERROR(Rename(temporary, path));
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return SyncDirectory(".");
  return SyncDirectory(slash == 0 ? "/" : path.substr(0, slash));
}

}  // namespace kappa::os
