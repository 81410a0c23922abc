// Positions in a log as people write them: earliest, latest, an offset for each partition, or a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa::cli {

struct LogPosition {
  enum class Kind { kEarliest, kLatest, kOffsets, kTime };
  Kind kind = Kind::kEarliest;
  std::map<int32_t, int64_t> offsets;  // by partition; kOffsets only, and never empty then
  std::optional<int64_t> time_ms;      // kTime only: each partition's first record at or after it; since 1970 UTC
};

// 'earliest', 'latest', '0:120,1:98' (partition:offset, spaces allowed), '2026-01-01 00:00:00' (UTC unless it names a zone). 22023: anything else,
// saying which part and what would fit.
StatusOr<LogPosition> ParseLogPosition(std::string_view text);

}  // namespace kappa::cli
