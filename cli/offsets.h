// Positions in a log as people write them: earliest, latest, or an offset for each partition.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa::cli {

struct LogPosition {
  enum class Kind { kEarliest, kLatest, kOffsets };
  Kind kind = Kind::kEarliest;
  std::map<int32_t, int64_t> offsets;  // by partition; kOffsets only, and never empty then
};

// 'earliest', 'latest', '0:120,1:98' (partition:offset, spaces allowed). 22023: anything else, saying which part and what would fit.
StatusOr<LogPosition> ParseLogPosition(std::string_view text);

}  // namespace kappa::cli
