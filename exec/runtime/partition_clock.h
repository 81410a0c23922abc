// The event time of one partition: the running maximum in offset order less the declared delay (design section 6).
#pragma once

#include <cstdint>

#include "common/runtime.h"

namespace kappa {

inline constexpr int64_t kNoWatermark = INT64_MIN;  // nothing seen yet
inline constexpr int64_t kEndOfTime = INT64_MAX;    // bounded input has ended

struct PartitionClock {
  int64_t watermark = kNoWatermark;  // microseconds
  // Takes in a row's time; answers the watermark at its turn.
  KAPPA_INLINE int64_t Advance(int64_t time, int64_t delay) {
    const int64_t candidate = time - delay;
    if (candidate > watermark && time != INT64_MAX && time != INT64_MIN) watermark = candidate;
    return watermark;
  }
};

}  // namespace kappa
