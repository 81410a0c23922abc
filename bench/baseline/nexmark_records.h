// Nexmark records for benchmarks of single pieces: the layout of design section 12, about 334 bytes each, deterministic by seed. (The generator that
// programs read from is connectors/generator.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kappa::bench {

// Records lie one after the other in `bytes`, each followed by a newline, with 64 bytes of padding at the end.
struct RecordFile {
  std::string bytes;
  std::vector<std::string_view> records;
};

inline constexpr size_t kPadding = 64;

// Splits newline-separated records.
RecordFile SplitRecords(std::string bytes);
RecordFile MakeNexmarkRecords(uint64_t count, uint64_t seed);

}  // namespace kappa::bench
