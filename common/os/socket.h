// Streams between processes of one machine (unix domain sockets; TCP to a server that has only that). Every wait has a deadline. A path may be longer
// than the 107 bytes that a socket's address holds; its last part may not. Errors: 58P01 no such socket, 42501 not ours to use, 08001 nobody listens,
// 08006 the other end is gone or too slow, 58030 all others; each names the path and the system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa::os {

// One thread at a time. Closed when destroyed.
class LocalStream {
 public:
  virtual ~LocalStream() = default;
  // At least one byte and at most `size`; 0: the other end has closed.
  virtual StatusOr<size_t> Read(char* buffer, size_t size, int64_t nanos) = 0;
  // All of it.
  virtual Status Write(std::string_view bytes, int64_t nanos) = 0;
};

class LocalListener {
 public:
  virtual ~LocalListener() = default;  // removes the socket
  // nullptr: nobody came within `nanos`, or Wake was called. One thread.
  virtual StatusOr<std::unique_ptr<LocalStream>> Accept(int64_t nanos) = 0;
  virtual void Wake() = 0;  // ends the wait of Accept, or of the next; any thread
};

// Makes the socket, for this user alone (mode 0600), in the place of one that a dead process has left there: the caller knows that nobody listens.
StatusOr<std::unique_ptr<LocalListener>> ListenLocal(const std::string& path);

// A TCP connection to a port of this machine (127.0.0.1).
StatusOr<std::unique_ptr<LocalStream>> ConnectLoopback(int port, int64_t nanos);

StatusOr<std::unique_ptr<LocalStream>> ConnectLocal(const std::string& path, int64_t nanos);

}  // namespace kappa::os
