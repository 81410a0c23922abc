// Counting characters and finding bytes, for the functions of text.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "common/runtime.h"
#include "types/text_format.h"
#include "types/values.h"

namespace kappa {

inline constexpr size_t kNotFound = SIZE_MAX;

// Bytes that do not continue a character.
KAPPA_INLINE int32_t CountCharacters(const Text& a) {
  int32_t count = 0;
  uint32_t i = 0;
#if defined(__SSE2__)
  const __m128i last_continuation = _mm_set1_epi8(-65);  // 0x80 to 0xBF are -128 to -65
  const auto begins = [&](const char* p) {
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpgt_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), last_continuation)));
  };
  for (; i + 16 <= a.size; i += 16) count += __builtin_popcount(begins(a.data + i));
  if (i != 0) return i == a.size ? count : count + __builtin_popcount(begins(a.data + a.size - 16) >> (16 - (a.size - i)));
#endif
  for (; i < a.size; ++i) count += (static_cast<unsigned char>(a.data[i]) & 0xC0) != 0x80;
  return count;
}

// The bytes of the first `count` characters, at most all.
KAPPA_INLINE uint32_t BytesOfCharacters(const Text& a, int64_t count) {
  uint32_t at = 0;
  const auto ascii = [&](auto word) {  // are the next bytes a character each?
    if (count < static_cast<int64_t>(sizeof word) || a.size - at < sizeof word) return false;
    std::memcpy(&word, a.data + at, sizeof word);
    return (word & static_cast<decltype(word)>(0x8080808080808080)) == 0;
  };
  for (; ascii(uint64_t{}); count -= 8) at += 8;
  if (ascii(uint32_t{})) {
    at += 4;
    count -= 4;
  }
  for (; count > 0 && at < a.size; --count) at += static_cast<uint32_t>(Utf8Length(a.data[at]));
  return at < a.size ? at : a.size;
}

// Are `size` bytes the same? Inline: most texts that are compared here are short.
KAPPA_INLINE bool SameBytes(const char* a, const char* b, size_t size) {
  const auto differ8 = [](const char* x, const char* y) {
    uint64_t v, w;
    std::memcpy(&v, x, 8);
    std::memcpy(&w, y, 8);
    return v ^ w;
  };
  if (size >= 8) {
    if (size <= 16) return (differ8(a, b) | differ8(a + size - 8, b + size - 8)) == 0;
    size_t at = 0;
    for (; at + 8 < size; at += 8) {
      if (differ8(a + at, b + at) != 0) return false;
    }
    return differ8(a + size - 8, b + size - 8) == 0;
  }
  if (size >= 4) {
    uint32_t v, w, x, y;
    std::memcpy(&v, a, 4);
    std::memcpy(&w, b, 4);
    std::memcpy(&x, a + size - 4, 4);
    std::memcpy(&y, b + size - 4, 4);
    return ((v ^ w) | (x ^ y)) == 0;
  }
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// Where `part` begins in [begin, begin + size) at or after `from`. An empty part is found at once.
inline size_t FindBytes(const char* begin, size_t size, const char* part, size_t part_size, size_t from) {
  if (part_size == 0) return from <= size ? from : kNotFound;
  if (from + part_size > size) return kNotFound;
  if (part_size > 1 && part_size <= 32 && size <= 4096) {  // memmem prepares tables, which cost more than such a search
    const char* p = begin + from;
    const char* const last = begin + (size - part_size);
#if defined(__SSE2__)
    // Places where the first and the last byte stand, sixteen at a time (W. Mula, "SIMD-friendly algorithms for substring searching", 2016).
    const __m128i first_byte = _mm_set1_epi8(part[0]), last_byte = _mm_set1_epi8(part[part_size - 1]);
    while (last - p >= 15) {
      const __m128i begins = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), first_byte);
      const __m128i ends = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + part_size - 1)), last_byte);
      for (auto both = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(begins, ends))); both != 0; both &= both - 1) {
        const char* const at = p + __builtin_ctz(both);
        if (SameBytes(at, part, part_size)) return static_cast<size_t>(at - begin);
      }
      if (last - p == 15) return kNotFound;
      p = last - p >= 31 ? p + 16 : last - 15;  // the last sixteen places, some of them for the second time
    }
#endif
    for (; p <= last; ++p) {
      if (*p == part[0] && SameBytes(p, part, part_size)) return static_cast<size_t>(p - begin);
    }
    return kNotFound;
  }
  const void* found = part_size == 1 ? std::memchr(begin + from, part[0], size - from) : memmem(begin + from, size - from, part, part_size);
  return found == nullptr ? kNotFound : static_cast<size_t>(static_cast<const char*>(found) - begin);
}
inline size_t FindBytes(const Text& a, const Text& part, size_t from) { return FindBytes(a.data, a.size, part.data, part.size, from); }

}  // namespace kappa
