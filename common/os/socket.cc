#include "common/os/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/os/thread.h"

namespace kappa::os {
namespace {

constexpr SqlState kInsufficientPrivilege{"42501"};
constexpr int64_t kRetryNanos = 5'000'000;  // a full queue of a listener

Status SocketError(const char* action, const std::string& path, int error) {
  SqlState state = sqlstate::kIoError;
  if (error == ENOENT || error == ENOTDIR) state = sqlstate::kUndefinedFile;
  if (error == EACCES || error == EPERM || error == EROFS) state = kInsufficientPrivilege;
  if (error == ECONNREFUSED || error == EAGAIN) state = sqlstate::kCannotConnect;
  if (error == ECONNRESET || error == EPIPE || error == ETIMEDOUT) state = sqlstate::kConnectionFailure;
  return SqlError(state) << "could not " << action << " \"" << path << "\": " << std::strerror(error);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// The time by which something has to be done.
class Deadline {
 public:
  explicit Deadline(int64_t nanos) : end_(Now() + std::max<int64_t>(nanos, 0)) {}
  int64_t left() const { return std::max<int64_t>(end_ - Now(), 0); }
  int milliseconds() const { return static_cast<int>(std::min<int64_t>((left() + 999'999) / 1'000'000, 1'000'000'000)); }

 private:
  static int64_t Now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
  const int64_t end_;
};

// Waits until `fd` can be read or written. False: the deadline has passed.
StatusOr<bool> WaitUntilReady(int fd, short events, const Deadline& deadline, const std::string& path) {
  for (;;) {
    pollfd wait{fd, events, 0};
    const int ready = poll(&wait, 1, deadline.milliseconds());
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return SocketError("wait for", path, errno);
    if (deadline.left() == 0) return false;
  }
}

class PosixLocalStream final : public LocalStream {
 public:
  PosixLocalStream(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  StatusOr<size_t> Read(char* buffer, size_t size, int64_t nanos) override {
    const Deadline deadline(nanos);
    for (;;) {
      const ssize_t n = recv(fd_.get(), buffer, size, 0);
      if (n >= 0) return static_cast<size_t>(n);
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return SocketError("read from", path_, errno);
      ASSIGN_OR_RETURN(const bool ready, WaitUntilReady(fd_.get(), POLLIN, deadline, path_));
      if (!ready) return SocketError("read from", path_, ETIMEDOUT);
    }
  }

  Status Write(std::string_view bytes, int64_t nanos) override {
    const Deadline deadline(nanos);
    while (!bytes.empty()) {
      const ssize_t n = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n >= 0) {
        bytes.remove_prefix(static_cast<size_t>(n));
      } else if (errno == EAGAIN) {
        ASSIGN_OR_RETURN(const bool ready, WaitUntilReady(fd_.get(), POLLOUT, deadline, path_));
        if (!ready) return SocketError("write to", path_, ETIMEDOUT);
      } else if (errno != EINTR) {
        return SocketError("write to", path_, errno);
      }
    }
    return OkStatus();
  }

 private:
  const std::string path_;
  const Descriptor fd_;
};

// A socket's address holds 107 bytes of path. The folder is named by a descriptor instead, so that it may be as deep as it likes.
class LocalAddress {
 public:
  static StatusOr<std::unique_ptr<LocalAddress>> Of(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, std::max<size_t>(slash, 1));
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    const int fd = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return SocketError("reach", path, errno);
    auto address = std::unique_ptr<LocalAddress>(new LocalAddress(fd));
    const std::string route = "/proc/self/fd/" + std::to_string(fd) + "/" + name;
    const std::string& shown = path.size() < sizeof(address->address_.sun_path) ? path : route;
    if (shown.size() >= sizeof(address->address_.sun_path)) return SocketError("reach", path, ENAMETOOLONG);
    std::memcpy(address->address_.sun_path, shown.c_str(), shown.size() + 1);
    return address;
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t kSize = sizeof(sockaddr_un);

 private:
  explicit LocalAddress(int folder) : folder_(folder) { address_.sun_family = AF_UNIX; }
  const Descriptor folder_;
  sockaddr_un address_{};
};

int NewSocket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

class PosixLocalListener final : public LocalListener {
 public:
  PosixLocalListener(std::string path, int fd, int wake) : path_(std::move(path)), fd_(fd), wake_(wake) {}
  ~PosixLocalListener() override { unlink(path_.c_str()); }

  StatusOr<std::unique_ptr<LocalStream>> Accept(int64_t nanos) override {
    const Deadline deadline(nanos);
    for (;;) {
      const int accepted = accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) return std::unique_ptr<LocalStream>(new PosixLocalStream(path_, accepted));
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) return SocketError("accept on", path_, errno);
      pollfd waits[] = {{fd_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
      const int ready = poll(waits, 2, deadline.milliseconds());
      if (ready < 0 && errno != EINTR) return SocketError("accept on", path_, errno);
      if (ready > 0 && waits[1].revents != 0) {
        uint64_t count;
        (void)!read(wake_.get(), &count, sizeof(count));
        return std::unique_ptr<LocalStream>();
      }
      if (ready <= 0 && deadline.left() == 0) return std::unique_ptr<LocalStream>();
    }
  }

  void Wake() override {
    const uint64_t one = 1;
    (void)!write(wake_.get(), &one, sizeof(one));
  }

 private:
  const std::string path_;
  const Descriptor fd_, wake_;
};

}  // namespace

StatusOr<std::unique_ptr<LocalListener>> ListenLocal(const std::string& path) {
  ASSIGN_OR_RETURN(const auto address, LocalAddress::Of(path));
  Descriptor fd(NewSocket());
  Descriptor wake(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (fd.get() < 0 || wake.get() < 0) return SocketError("make", path, errno);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return SocketError("make", path, errno);
  // The socket's own mode is that of the file it is bound to (Linux): nobody else can use it even for a moment.
  if (fchmod(fd.get(), 0600) != 0) return SocketError("make", path, errno);
  if (bind(fd.get(), address->get(), LocalAddress::kSize) != 0) return SocketError("make", path, errno);
  if (chmod(path.c_str(), 0600) != 0 || listen(fd.get(), 16) != 0) {
    const int error = errno;
    unlink(path.c_str());
    return SocketError("make", path, error);
  }
  return std::unique_ptr<LocalListener>(new PosixLocalListener(path, fd.release(), wake.release()));
}

StatusOr<std::unique_ptr<LocalStream>> ConnectLoopback(int port, int64_t nanos) {
  const Deadline deadline(nanos);
  const std::string name = "127.0.0.1:" + std::to_string(port);
  Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return SocketError("connect to", name, errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) return SocketError("connect to", name, errno);
    ASSIGN_OR_RETURN(const bool ready, WaitUntilReady(fd.get(), POLLOUT, deadline, name));
    int error = 0;
    socklen_t size = sizeof(error);
    if (ready) getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (!ready || error != 0) return SocketError("connect to", name, ready ? error : ETIMEDOUT);
  }
  return std::unique_ptr<LocalStream>(new PosixLocalStream(name, fd.release()));
}

StatusOr<std::unique_ptr<LocalStream>> ConnectLocal(const std::string& path, int64_t nanos) {
  const Deadline deadline(nanos);
  ASSIGN_OR_RETURN(const auto address, LocalAddress::Of(path));
  for (;;) {
    Descriptor fd(NewSocket());
    if (fd.get() < 0) return SocketError("connect to", path, errno);
    if (connect(fd.get(), address->get(), LocalAddress::kSize) == 0) return std::unique_ptr<LocalStream>(new PosixLocalStream(path, fd.release()));
    if (errno != EAGAIN && errno != EINTR) return SocketError("connect to", path, errno);
    if (deadline.left() == 0) return SocketError("connect to", path, EAGAIN);
    SleepNanos(std::min(kRetryNanos, deadline.left()));
  }
}

}  // namespace kappa::os
