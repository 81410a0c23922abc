// Words of 8 bytes that are mostly small numbers (counts, sums, times), without their leading zero bytes: about a third of their size in snapshots.
//
//   | size in bytes, LEB128 | a byte for each two words: how many bytes each has, the first one's in the low half | those bytes | the last size % 8 |
//
// Any bytes can be packed; what is not numbers grows by a sixteenth. Little-endian only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kappa {

// Room that PackWords may write to, for `bytes` bytes.
inline size_t PackedBound(size_t bytes) { return bytes + bytes / 16 + 20; }

// Writes `first` and then the `bytes` at `rest`; answers the end.
char* PackWords(uint64_t first, const char* rest, size_t bytes, char* out);

// False: not what PackWords wrote.
[[nodiscard]] bool UnpackWords(std::string_view packed, std::string* out);

}  // namespace kappa
