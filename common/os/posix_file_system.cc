#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "common/hash.h"
#include "common/os/file_system.h"
#include "common/os/private_files.h"

namespace kappa::os {
namespace {

constexpr SqlState kInsufficientPrivilege{"42501"};

Status SystemError(const char* action, const std::string& path, int error) {
  SqlState state = sqlstate::kIoError;
  if (error == ENOENT || error == ENOTDIR) state = sqlstate::kUndefinedFile;
  if (error == ENOSPC || error == EDQUOT) state = sqlstate::kDiskFull;
  if (error == EACCES || error == EPERM || error == EROFS) state = kInsufficientPrivilege;
  return SqlError(state) << "could not " << action << " \"" << path << "\": " << std::strerror(error);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

int OpenRetrying(const std::string& path, int flags) {
  int fd;
  do { fd = open(path.c_str(), flags | O_CLOEXEC, 0644); } while (fd < 0 && errno == EINTR);
  return fd;
}

class PosixReadableFile final : public ReadableFile {
 public:
  PosixReadableFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  StatusOr<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = pread(fd_.get(), static_cast<char*>(buffer) + done, size - done, static_cast<off_t>(offset + done));
      if (n == 0) break;
      if (n > 0) {
        done += static_cast<size_t>(n);
      } else if (errno != EINTR) {
        return SystemError("read", path_, errno);
      }
    }
    return done;
  }
  StatusOr<uint64_t> Size() override {
    struct stat st;
    if (fstat(fd_.get(), &st) != 0) return SystemError("stat", path_, errno);
    return static_cast<uint64_t>(st.st_size);
  }

 private:
  std::string path_;
  Descriptor fd_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(std::string path, int fd, uint64_t size) : path_(std::move(path)), fd_(fd), size_(size) {}

  Status Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
      if (n > 0) {
        size_ += static_cast<uint64_t>(n);
        bytes.remove_prefix(static_cast<size_t>(n));
      } else if (n < 0 && errno != EINTR) {
        return SystemError("write", path_, errno);
      }
    }
    return OkStatus();
  }
  Status Sync() override { return fdatasync(fd_.get()) == 0 ? OkStatus() : SystemError("sync", path_, errno); }  // the size too, where it changed
  Status Truncate(uint64_t size) override {
    if (ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return SystemError("truncate", path_, errno);
    size_ = size;
    return OkStatus();
  }
  uint64_t size() const override { return size_; }

 private:
  std::string path_;
  Descriptor fd_;
  uint64_t size_;
};

// flock is held by the descriptor: the system releases it when the process dies, so that a lock is never stale.
class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

class PosixFileSystem final : public FileSystem, public PrivateFiles {
 public:
  Status MakePrivate(const std::string& path) override {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0) return SystemError("open", path, errno);
    const Descriptor held(fd);
    return fchmod(fd, S_IRUSR | S_IWUSR) == 0 ? OkStatus() : SystemError("chmod", path, errno);
  }
  StatusOr<std::unique_ptr<ReadableFile>> OpenForRead(const std::string& path) override {
    const int fd = OpenRetrying(path, O_RDONLY);
    if (fd < 0) return SystemError("open", path, errno);
    return std::unique_ptr<ReadableFile>(new PosixReadableFile(path, fd));
  }

  StatusOr<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path) override {
    const int fd = OpenRetrying(path, O_RDWR | O_CREAT);
    if (fd < 0) return SystemError("open", path, errno);
    struct stat st;
    if (fstat(fd, &st) != 0) {
      const int error = errno;
      close(fd);
      return SystemError("stat", path, error);
    }
    return std::unique_ptr<WritableFile>(new PosixWritableFile(path, fd, static_cast<uint64_t>(st.st_size)));
  }

  StatusOr<FileStat> Stat(const std::string& path) override {
    struct stat st;
    if (stat(path.c_str(), &st) != 0) return SystemError("stat", path, errno);
    FileStat result;
    result.size = static_cast<uint64_t>(st.st_size);
    result.modified_micros = static_cast<int64_t>(st.st_mtim.tv_sec) * 1'000'000 + st.st_mtim.tv_nsec / 1'000;
    result.directory = S_ISDIR(st.st_mode);
    result.identity = HashCombine(HashInt(static_cast<uint64_t>(st.st_dev)), HashInt(static_cast<uint64_t>(st.st_ino)));
#ifdef STATX_BTIME  // the number of a file that is gone is given to another one
    struct statx more;
    if (statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &more) == 0 && (more.stx_mask & STATX_BTIME) != 0) {
      result.identity = HashCombine(result.identity, HashInt(static_cast<uint64_t>(more.stx_btime.tv_sec) * 1'000'000'000 + more.stx_btime.tv_nsec));
    }
#endif
    return result;
  }

  bool Exists(const std::string& path) override { return access(path.c_str(), F_OK) == 0; }

  StatusOr<std::vector<std::string>> List(const std::string& directory) override {
    DIR* stream = opendir(directory.c_str());
    if (stream == nullptr) return SystemError("list", directory, errno);
    std::vector<std::string> names;
    while (const dirent* entry = readdir(stream)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
  }

  StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override {
    glob_t found;
    const int result = glob(pattern.c_str(), 0, nullptr, &found);
    std::vector<std::string> paths;
    if (result == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    if (result != 0 && result != GLOB_NOMATCH) return SystemError("list", pattern, errno == 0 ? EIO : errno);
    std::sort(paths.begin(), paths.end());  // by bytes: glob's own order follows the locale
    return paths;
  }

  Status CreateDirectories(const std::string& path) override {
    for (size_t end = 1; end <= path.size(); ++end) {
      if (end != path.size() && path[end] != '/') continue;
      const std::string prefix = path.substr(0, end);
      if (mkdir(prefix.c_str(), 0755) == 0) {
        const size_t slash = prefix.find_last_of('/', prefix.size() - 2);  // of its parent; prefix may end with one
        RETURN_IF_ERROR(SyncDirectory(prefix.size() < 2 || slash == std::string::npos ? "." : slash == 0 ? "/" : prefix.substr(0, slash)));
        continue;
      }
      const int error = errno;
      struct stat st;
      if (error == EEXIST && stat(prefix.c_str(), &st) == 0 && !S_ISDIR(st.st_mode)) return SystemError("create directory", prefix, ENOTDIR);
      if (error != EEXIST) return SystemError("create directory", prefix, error);
    }
    return OkStatus();
  }

  Status Rename(const std::string& from, const std::string& to) override {
    return rename(from.c_str(), to.c_str()) == 0 ? OkStatus() : SystemError("rename", from, errno);
  }
  Status Remove(const std::string& path) override { return remove(path.c_str()) == 0 ? OkStatus() : SystemError("remove", path, errno); }

  Status SyncDirectory(const std::string& path) override {
    const int fd = OpenRetrying(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return SystemError("open", path, errno);
    const Descriptor descriptor(fd);
    return fsync(fd) == 0 ? OkStatus() : SystemError("sync", path, errno);
  }

  StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    const int fd = OpenRetrying(path, O_RDWR | O_CREAT);
    if (fd < 0) return SystemError("open", path, errno);
    auto lock = std::make_unique<PosixFileLock>(fd);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return std::unique_ptr<FileLock>(std::move(lock));
    if (errno != EWOULDBLOCK) return SystemError("lock", path, errno);
    return SqlError(sqlstate::kObjectInUse) << "\"" << path << "\" is held by another writer"
                                            << Hint("stop the other process, or give this one another data directory");
  }
};

}  // namespace

std::unique_ptr<FileSystem> MakePosixFileSystem() { return std::make_unique<PosixFileSystem>(); }

}  // namespace kappa::os
