// Hashes that touch placement or output: fixed and versioned (design section 3). Changing any of them is a new kHashVersion and orphans state.
//
// HashBytes folds 16 bytes a step through a 64x64->128 multiply, the construction of wyhash (Wang Yi, 2019), with constants of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kappa {

inline constexpr int kHashVersion = 1;

inline uint64_t HashMix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t HashInt(uint64_t value) { return HashMix(value ^ 0x9E3779B97F4A7C15u, 0xD6E8FEB86659FD93u); }
inline uint64_t HashCombine(uint64_t seed, uint64_t value) { return HashMix(seed ^ 0xA0761D6478BD642Fu, value ^ 0xE7037ED1A0B428DBu); }

inline uint64_t HashBytes(const void* data, size_t size, uint64_t seed = 0) {
  const char* p = static_cast<const char*>(data);
  uint64_t state = seed ^ 0x8EBC6AF09C88C6E3u ^ size;
  auto load8 = [](const char* q) {
    uint64_t v;
    std::memcpy(&v, q, 8);
    return v;
  };
  auto load4 = [](const char* q) {
    uint32_t v;
    std::memcpy(&v, q, 4);
    return static_cast<uint64_t>(v);
  };
  size_t left = size;
  while (left > 16) {
    state = HashMix(load8(p) ^ 0x589965CC75374CC3u, load8(p + 8) ^ state);
    p += 16;
    left -= 16;
  }
  uint64_t a = 0, b = 0;
  if (left >= 8) {
    a = load8(p);
    b = load8(p + left - 8);
  } else if (left >= 4) {
    a = load4(p);
    b = load4(p + left - 4);
  } else if (left > 0) {
    a = (static_cast<uint64_t>(static_cast<unsigned char>(p[0])) << 16) | (static_cast<uint64_t>(static_cast<unsigned char>(p[left >> 1])) << 8) |
        static_cast<unsigned char>(p[left - 1]);
  }
  return HashMix(a ^ 0x1D8E4E27C47D124Fu, b ^ state);
}

}  // namespace kappa
