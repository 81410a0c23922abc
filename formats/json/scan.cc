#include "formats/json/scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <simdjson.h>

#include "common/hex.h"

namespace kappa::json {
namespace {

const char* Fail(Problem* problem, SqlState state, const char* what, const char* where) {
  *problem = {state, what, where};
  return nullptr;
}
const char* Malformed(Problem* problem, const char* what, const char* where) { return Fail(problem, sqlstate::kInvalidJsonText, what, where); }

// The first quote or backslash (or, with kStrict, control or non-ASCII character) at or after p; `end` when there is none.
template <bool kStrict>
KAPPA_INLINE const char* FindSpecial(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, backslash));
    if constexpr (kStrict) hit = _mm_or_si128(hit, _mm_cmplt_epi8(v, space));  // signed: control and non-ASCII alike
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
#endif
  for (; p < end; ++p) {
    if (*p == '"' || *p == '\\') return p;
    if (kStrict && static_cast<signed char>(*p) < 0x20) return p;
  }
  return end;
}

// p at the backslash.
const char* CheckEscape(const char* p, const char* end, Problem* problem) {
  if (end - p < 2) return Malformed(problem, "the record ends within a string", end);
  switch (p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return p + 2;
    case 'u':
      break;
    default:
      return Malformed(problem, "a backslash is followed by a character that cannot be escaped", p);
  }
  const int unit = HexQuad(p + 2, end);
  if (unit < 0) return Malformed(problem, "\\u is not followed by four hexadecimal digits", p);
  if (unit >= 0xDC00 && unit <= 0xDFFF) return Malformed(problem, "a low surrogate has no high one before it", p);
  if (unit < 0xD800 || unit > 0xDBFF) return p + 6;
  const int low = end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? HexQuad(p + 8, end) : -1;
  if (low < 0xDC00 || low > 0xDFFF) return Malformed(problem, "a high surrogate has no low one behind it", p);
  return p + 12;
}

const char* CheckWord(const char* p, const char* end, std::string_view word, Problem* problem) {
  if (static_cast<size_t>(end - p) <= word.size() || std::memcmp(p, word.data(), word.size()) != 0 || !IsDelimiter(p[word.size()])) {
    return Malformed(problem, "expected a value", p);
  }
  return p + word.size();
}

const char* CheckScalar(const char* p, const char* end, Problem* problem) {
  switch (p < end ? *p : '\0') {
    case 't':
      return CheckWord(p, end, "true", problem);
    case 'f':
      return CheckWord(p, end, "false", problem);
    case 'n':
      return CheckWord(p, end, "null", problem);
    default:
      return CheckNumber(p, end, problem);
  }
}

// An object's member up to its value.
const char* CheckKey(const char* p, const char* end, Problem* problem) {
  bool escaped;
  if (p >= end || *p != '"') return Malformed(problem, "expected a member name in quotes", p);
  p = CheckShortString(p, end, &escaped, problem);
  if (p == nullptr) return nullptr;
  p = SkipSpace(p, end);
  if (p >= end || *p != ':') return Malformed(problem, "expected a colon after the member name", p);
  return SkipSpace(p + 1, end);
}

// Everything between a bracket and its partner, by the grammar; a bit a level says whether it is an object.
const char* CheckContainer(const char* p, const char* end, int outer, Problem* problem) {
  uint64_t objects[kMaxDepth / 64 + 1] = {};
  int depth = outer;
  for (;;) {  // p at the beginning of a value
    if (p < end && (*p == '{' || *p == '[')) {
      const bool object = *p == '{';
      if (++depth > kMaxDepth) return Malformed(problem, "nested too deeply (512 levels at most)", p);
      objects[depth / 64] = (objects[depth / 64] & ~(uint64_t{1} << (depth % 64))) | uint64_t{object} << (depth % 64);
      p = SkipSpace(p + 1, end);
      if (p < end && *p == (object ? '}' : ']')) {
        ++p;
        --depth;
      } else {
        if (object && (p = CheckKey(p, end, problem)) == nullptr) return nullptr;
        continue;
      }
    } else if (p < end && *p == '"') {
      bool escaped;
      if ((p = CheckShortString(p, end, &escaped, problem)) == nullptr) return nullptr;
    } else if ((p = CheckScalar(p, end, problem)) == nullptr) {
      return nullptr;
    }
    for (;;) {  // behind a value
      if (depth == outer) return p;
      const bool object = (objects[depth / 64] >> (depth % 64)) & 1;
      p = SkipSpace(p, end);
      if (p < end && *p == (object ? '}' : ']')) {
        ++p;
        --depth;
        continue;
      }
      if (p >= end || *p != ',')
        return Malformed(problem, p >= end ? "the record ends within an object or array" : "expected a comma or a closing bracket", p);
      p = SkipSpace(p + 1, end);
      if (object && (p = CheckKey(p, end, problem)) == nullptr) return nullptr;
      break;
    }
  }
}

}  // namespace

bool IsUtf8(const char* p, size_t size) { return simdjson::validate_utf8(p, size); }

const char* SkipString(const char* p, const char* end, Problem* problem) {
  const char* q = p + 1;
  for (;;) {
    q = FindSpecial<false>(q, end);
    if (q >= end) return Malformed(problem, "the record ends within a string", end);
    if (*q == '"') return q + 1;
    if (end - q < 2) return Malformed(problem, "the record ends within a string", end);
    q += 2;
  }
}

const char* CheckString(const char* p, const char* end, bool* escaped, Problem* problem) {
  const char* const begin = p + 1;
  const char* q = begin;
  bool ascii = true;
  *escaped = false;
  for (;;) {
    q = FindSpecial<true>(q, end);
    if (q >= end) return Malformed(problem, "the record ends within a string", end);
    if (*q == '"') break;
    if (*q == '\\') {
      *escaped = true;
      if ((q = CheckEscape(q, end, problem)) == nullptr) return nullptr;
    } else if (static_cast<unsigned char>(*q) < 0x20) {
      return Malformed(problem, "a control character in a string has to be escaped", q);
    } else {
      ascii = false;
      while (q < end && static_cast<signed char>(*q) < 0) ++q;
    }
  }
  if (!ascii && !IsUtf8(begin, static_cast<size_t>(q - begin)))
    return Fail(problem, sqlstate::kCharacterNotInRepertoire, "a string is not valid UTF-8", p);
  return q + 1;
}

const char* CheckNumber(const char* p, const char* end, Problem* problem) {
  const char* q = p;
  const auto digits = [&] {
    const char* first = q;
    while (q < end && *q >= '0' && *q <= '9') ++q;
    return q - first;
  };
  if (q < end && *q == '-') ++q;
  const char* integer = q;
  const auto count = digits();
  if (count == 0) return Malformed(problem, q >= end ? "the record ends within a value" : "expected a value", p);
  if (count > 1 && *integer == '0') return Malformed(problem, "a number has a leading zero", p);
  if (q < end && *q == '.') {
    ++q;
    if (digits() == 0) return Malformed(problem, "a number has no digits after its point", p);
  }
  if (q < end && (*q == 'e' || *q == 'E')) {
    ++q;
    if (q < end && (*q == '+' || *q == '-')) ++q;
    if (digits() == 0) return Malformed(problem, "a number has no digits in its exponent", p);
  }
  if (q >= end) return Malformed(problem, "the record ends within a value", end);
  if (!IsDelimiter(*q)) return Malformed(problem, "a number is followed by something else", q);
  return q;
}

const char* SkipContainer(const char* p, const char* end, Problem* problem) {
  uint64_t depth = 0;
  while (p < end) {
#if defined(__SSE2__)
    // Brackets differ from their partners in bits 1 and 2 alone, and [ from { in bit 5: | 0x26 makes one byte of the four, 0x7F (DEL and others share
    // it, and are told apart below).
    const __m128i fold = _mm_set1_epi8(0x26), bracket = _mm_set1_epi8(0x7F), quote = _mm_set1_epi8('"');
    while (end - p >= 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      const auto mask =
          static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(_mm_or_si128(v, fold), bracket))));
      if (mask != 0) {
        p += __builtin_ctz(mask);
        break;
      }
      p += 16;
    }
    if (p >= end) break;
#endif
    switch (*p) {
      case '"':
        if ((p = SkipString(p, end, problem)) == nullptr) return nullptr;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return p + 1;
        break;
      default:
        break;
    }
    ++p;
  }
  return Malformed(problem, "the record ends within an object or array", end);
}

const char* SkipValue(const char* p, const char* end, bool full, int depth, Problem* problem) {
  bool escaped;
  switch (p < end ? *p : '\0') {
    case '"':
      return full ? CheckString(p, end, &escaped, problem) : SkipString(p, end, problem);
    case '{':
    case '[':
      return full ? CheckContainer(p, end, depth, problem) : SkipContainer(p, end, problem);
    default:
      return CheckScalar(p, end, problem);
  }
}

char* Unescape(const char* p, const char* end, char* out, bool* has_nul) {
  while (p < end) {
    const char* q = FindSpecial<false>(p, end);
    std::memcpy(out, p, static_cast<size_t>(q - p));
    out += q - p;
    if (q >= end) break;
    p = q + 2;
    switch (q[1]) {
      case 'b':
        *out++ = '\b';
        continue;
      case 'f':
        *out++ = '\f';
        continue;
      case 'n':
        *out++ = '\n';
        continue;
      case 'r':
        *out++ = '\r';
        continue;
      case 't':
        *out++ = '\t';
        continue;
      case 'u':
        break;
      default:
        *out++ = q[1];
        continue;
    }
    auto point = static_cast<uint32_t>(HexQuad(p, end));
    p += 4;
    if (point >= 0xD800 && point <= 0xDBFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<uint32_t>(HexQuad(p + 2, end)) - 0xDC00);
      p += 6;
    }
    if (point == 0) *has_nul = true;
    if (point < 0x80) {
      *out++ = static_cast<char>(point);
    } else if (point < 0x800) {
      *out++ = static_cast<char>(0xC0 | point >> 6);
      *out++ = static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      *out++ = static_cast<char>(0xE0 | point >> 12);
      *out++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
      *out++ = static_cast<char>(0x80 | (point & 0x3F));
    } else {
      *out++ = static_cast<char>(0xF0 | point >> 18);
      *out++ = static_cast<char>(0x80 | (point >> 12 & 0x3F));
      *out++ = static_cast<char>(0x80 | (point >> 6 & 0x3F));
      *out++ = static_cast<char>(0x80 | (point & 0x3F));
    }
  }
  return out;
}

}  // namespace kappa::json
