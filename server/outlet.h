// Where a session's answers go.
#pragma once

#include <cstddef>
#include <string>

#include "common/status.h"

namespace kappa::server {

// Used by the thread that executes the session's messages.
class Outlet {
 public:
  static constexpr size_t kSendBytes = size_t{64} << 10;     // results are sent on when so much of them waits
  static constexpr size_t kWaitingBytes = size_t{16} << 20;  // what may wait for a slow client before its statement has to...
  static constexpr size_t kMostBytes = size_t{256} << 20;    // ...though all others have to wait too

  virtual ~Outlet() = default;
  virtual std::string* buffer() = 0;  // messages are appended here
  // Sends what the client takes now; while more than kWaitingBytes are left, waits for it. 08006: it is gone, or takes nothing for too long.
  virtual Status Send() = 0;
};

}  // namespace kappa::server
