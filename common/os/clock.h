// The only clock. Outside common/os nobody asks the operating system for the time.
#pragma once
#include <cstdint>

namespace kappa::os {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t WallMicros() = 0;      // microseconds since 1970-01-01 UTC; may jump
  virtual int64_t MonotonicNanos() = 0;  // never goes back
  virtual int64_t CpuNanos() = 0;        // user + system time of the process
};

}  // namespace kappa::os
