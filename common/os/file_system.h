// The only door to files. A fault-injecting or in-memory file system can take its place.
// Errors: 58P01 no such file, 53100 disk full, 42501-like refusals and all others 58030, each naming the path and the system's reason.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.h"

namespace kappa::os {

// Positioned reads; any thread.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  // Reads up to `size` bytes at `offset`; fewer only at the end of the file.
  virtual StatusOr<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) = 0;
  virtual StatusOr<uint64_t> Size() = 0;
};

// One writer, appends.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  virtual Status Sync() = 0;  // data and size are on the disk when it returns
  virtual Status Truncate(uint64_t size) = 0;
  virtual uint64_t size() const = 0;
};

// Held until destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct FileStat {
  uint64_t size = 0;
  int64_t modified_micros = 0;
  bool directory = false;
  uint64_t identity = 0;  // the same as long as it is the same file, under whatever name; 0: cannot tell
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) = 0;
  // Creates it when missing, appends at its end.
  virtual StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) = 0;
  virtual StatusOr<FileStat> Stat(const std::string& path) = 0;
  virtual bool Exists(const std::string& path) = 0;
  virtual StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;  // names, sorted
  virtual StatusOr<std::vector<std::string>> Glob(const std::string& pattern) = 0;    // paths, sorted
  // Makes what is missing of it, durably: each new name is synced into its parent.
  virtual Status CreateDirectories(const std::string& path) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // Exclusive; 55006 when another process holds it.
  virtual StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;

  // Conveniences over the above.
  StatusOr<std::string> ReadAll(const std::string& path);
  Status WriteAtomically(const std::string& path, std::string_view bytes);  // temporary file, sync, rename, sync of the directory
};

}  // namespace kappa::os
