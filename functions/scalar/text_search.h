// Counting characters and finding bytes, for the functions of text.
#pragma once

#include <cstdint>
#include <cstring>

#include "common/runtime.h"
#include "types/text_format.h"
#include "types/values.h"

namespace kappa {

inline constexpr size_t kNotFound = SIZE_MAX;

// Bytes that do not continue a character.
KAPPA_INLINE int32_t CountCharacters(const Text& a) {
  int32_t count = 0;
  for (uint32_t i = 0; i < a.size; ++i) count += (static_cast<unsigned char>(a.data[i]) & 0xC0) != 0x80;
  return count;
}

// The bytes of the first `count` characters, at most all.
KAPPA_INLINE uint32_t BytesOfCharacters(const Text& a, int64_t count) {
  uint32_t at = 0;
  for (; count > 0 && at < a.size; --count) at += static_cast<uint32_t>(Utf8Length(a.data[at]));
  return at < a.size ? at : a.size;
}

// Where `part` begins in `a` at or after `from`. An empty part is found at once.
inline size_t FindBytes(const Text& a, const Text& part, size_t from) {
  if (part.size == 0) return from <= a.size ? from : kNotFound;
  if (from + part.size > a.size) return kNotFound;
  if (part.size > 1 && part.size <= 32 && a.size <= 4096) {  // memmem prepares tables, which cost more than such a search
    const char* p = a.data + from;
    const char* const last = a.data + (a.size - part.size);
    while (p <= last) {
      p = static_cast<const char*>(std::memchr(p, part.data[0], static_cast<size_t>(last - p) + 1));
      if (p == nullptr) return kNotFound;
      if (std::memcmp(p, part.data, part.size) == 0) return static_cast<size_t>(p - a.data);
      ++p;
    }
    return kNotFound;
  }
  const void* found =
      part.size == 1 ? std::memchr(a.data + from, part.data[0], a.size - from) : memmem(a.data + from, a.size - from, part.data, part.size);
  return found == nullptr ? kNotFound : static_cast<size_t>(static_cast<const char*>(found) - a.data);
}

}  // namespace kappa
