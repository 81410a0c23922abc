// Walking over JSON text without looking at what it means (RFC 8259). None of these reads a byte at or past `end`.
// Each answers the first byte after what it walked over, or nullptr with `problem` filled.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "common/runtime.h"
#include "common/sqlstate.h"

namespace kappa::json {

inline constexpr int kMaxDepth = 512;  // objects and arrays within each other

struct Problem {
  SqlState state = sqlstate::kOk;
  const char* what = nullptr;   // a literal
  const char* where = nullptr;  // into the record
};

KAPPA_INLINE bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
// What must follow a number or a word.
KAPPA_INLINE bool IsDelimiter(char c) { return c == ',' || c == '}' || c == ']' || IsSpace(c); }
KAPPA_INLINE const char* SkipSpace(const char* p, const char* end) {
  while (p < end && IsSpace(*p)) ++p;
  return p;
}

// From an opening quote to behind the closing one.
//   SkipString     escapes are stepped over, nothing is checked
//   CheckString    control characters, escapes (a surrogate needs its partner) and UTF-8 are checked; *escaped: has a backslash
const char* SkipString(const char* p, const char* end, Problem* problem);
const char* CheckString(const char* p, const char* end, bool* escaped, Problem* problem);
// CheckString for the many strings (names above all) that are plain ASCII and end within 16 bytes: one comparison.
KAPPA_INLINE const char* CheckShortString(const char* p, const char* end, bool* escaped, Problem* problem) {
#if defined(__SSE2__)
  if (KAPPA_LIKELY(end - p > 16)) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 1));
    const __m128i quotes = _mm_cmpeq_epi8(v, _mm_set1_epi8('"'));
    const __m128i others =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')), _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));  // signed: control and non-ASCII
    const auto quote = static_cast<unsigned>(_mm_movemask_epi8(quotes));
    const auto other = static_cast<unsigned>(_mm_movemask_epi8(others));
    if (KAPPA_LIKELY(quote != 0 && (other & ((quote & -quote) - 1)) == 0)) {
      *escaped = false;
      return p + 2 + __builtin_ctz(quote);
    }
  }
#endif
  return CheckString(p, end, escaped, problem);
}
// A number by the grammar, followed by a delimiter.
const char* CheckNumber(const char* p, const char* end, Problem* problem);
// From an opening bracket to behind its partner: only strings and the balance of brackets are looked at.
const char* SkipContainer(const char* p, const char* end, Problem* problem);
// Any value. `full`: everything is checked; `depth`: how many objects and arrays it lies in.
const char* SkipValue(const char* p, const char* end, bool full, int depth, Problem* problem);

// Writes what the string between the quotes stands for to `out` (which has room for as many bytes as it takes in). Escapes have been checked.
// Answers the end of what was written.
char* Unescape(const char* p, const char* end, char* out, bool* has_nul);

bool IsUtf8(const char* p, size_t size);

}  // namespace kappa::json
