#include "cli/standard_streams.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kappa::cli {

Status StandardOutput::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{descriptor_, POLLOUT, 0};
      poll(&ready, 1, 1000);
    } else if (errno != EINTR) {
      closed_ = closed_ || errno == EPIPE;
      return SqlError(sqlstate::kIoError) << "cannot write to standard output: " << std::strerror(errno);
    }
  }
  return OkStatus();
}

bool StandardOutput::terminal() const { return isatty(descriptor_) == 1; }

int StandardOutput::columns() const {
  winsize size{};
  return ioctl(descriptor_, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int StandardOutput::rows() const {
  winsize size{};
  return ioctl(descriptor_, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

StandardInput::Outcome StandardInput::ReadLine(std::string* line) {
  while (true) {
    const size_t newline = buffer_.find('\n', searched_);
    if (newline != std::string::npos || (at_end_ && begin_ < buffer_.size())) {
      const size_t end = newline != std::string::npos ? newline : buffer_.size();
      line->assign(buffer_, begin_, end - begin_);
      begin_ = searched_ = newline != std::string::npos ? end + 1 : end;
      return Outcome::kLine;
    }
    if (at_end_) return Outcome::kEnd;
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched_ = buffer_.size();
    if (!WaitFor(-1)) return Outcome::kInterrupted;
    char bytes[64 << 10];
    const ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0)
      at_end_ = true;
    else
      buffer_.append(bytes, static_cast<size_t>(got));
  }
}

bool StandardInput::WouldWait() { return !at_end_ && buffer_.find('\n', begin_) == std::string::npos && !WaitFor(0); }

bool StandardInput::WaitFor(int milliseconds) {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  return poll(&ready, 1, milliseconds) > 0;  // the end and errors count as arrivals: read tells
}

bool StandardInput::terminal() const { return isatty(STDIN_FILENO) == 1; }

}  // namespace kappa::cli
