#include "common/os/standard_streams.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kappa::os {
namespace {

Status WriteAll(int descriptor, std::string_view bytes, const char* name) {
  // Once for the process: `kappa ... | head` must end with an error that can be told, not with a signal.
  static const bool ignored = signal(SIGPIPE, SIG_IGN) != SIG_ERR;
  (void)ignored;
  while (!bytes.empty()) {
    const ssize_t n = write(descriptor, bytes.data(), bytes.size());
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      pollfd waited{descriptor, POLLOUT, 0};
      poll(&waited, 1, 1000);
    } else if (n < 0 && errno != EINTR) {
      return SqlError(sqlstate::kIoError) << "could not write to the standard " << name << ": " << std::strerror(errno);
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::optional<size_t>> ReadStandardInput(char* buffer, size_t size, int64_t nanos) {
  pollfd waited{STDIN_FILENO, POLLIN, 0};
  const int ready = poll(&waited, 1, static_cast<int>(std::min<int64_t>(nanos / 1'000'000, 60'000)));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return std::optional<size_t>();
  const ssize_t got = read(STDIN_FILENO, buffer, size);
  if (got >= 0) return std::optional<size_t>(static_cast<size_t>(got));
  if (errno == EINTR || errno == EAGAIN) return std::optional<size_t>();
  return SqlError(sqlstate::kIoError) << "could not read the standard input: " << std::strerror(errno);
}

Status WriteStandardOutput(std::string_view bytes) { return WriteAll(STDOUT_FILENO, bytes, "output"); }
Status WriteStandardError(std::string_view bytes) { return WriteAll(STDERR_FILENO, bytes, "error output"); }

}  // namespace kappa::os
