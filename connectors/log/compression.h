// The codecs of record batches: LZ4 (frame format), zstd, gzip and snappy (plain, or in the Java client's framing). Functions are thread safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/status.h"

namespace kappa::log {

enum class Compression { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };  // Kafka's numbers

std::string_view CompressionName(Compression compression);
// 'none', 'gzip', 'snappy', 'lz4', 'zstd'; 22023 for others.
StatusOr<Compression> CompressionNamed(std::string_view name);

// Appends to `out`.
Status Compress(Compression compression, std::string_view input, std::string* out);

inline constexpr size_t kMaxInflatedBytes = size_t{512} << 20;  // a batch that claims to be larger is an attack or damage

enum class Inflated { kDone, kTooSmall, kCorrupt };
// Writes at most `capacity` bytes. kTooSmall: call again with more room.
Inflated Decompress(Compression compression, std::string_view input, char* out, size_t capacity, size_t* produced);

}  // namespace kappa::log
