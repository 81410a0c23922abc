// Functions of text and bytea. Positions count characters (UTF-8); letters outside ASCII have no case (collation C).
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/text_search.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace text_functions {

Text Join(CallContext& c, Text a, Text b) {
  const size_t size = size_t{a.size} + b.size;
  char* bytes = c.Allocate(size);
  if (a.size != 0) std::memcpy(bytes, a.data, a.size);
  if (b.size != 0) std::memcpy(bytes + a.size, b.data, b.size);
  return Text(bytes, size);
}

// Letters from kFirst to its alphabet's end change their case.
template <char kFirst>
Text ConvertCase(CallContext& c, Text a) {
  char* const bytes = c.Allocate(a.size);
  uint32_t i = 0;
#if defined(__SSE2__)
  const auto convert = [&](uint32_t at) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a.data + at));
    // Signed: the 26 letters are the least of all bytes once the first is moved to -128.
    const __m128i moved = _mm_sub_epi8(text, _mm_set1_epi8(static_cast<char>(kFirst + 128)));
    const __m128i letters = _mm_cmplt_epi8(moved, _mm_set1_epi8(-128 + 26));
    const __m128i changed = _mm_xor_si128(text, _mm_and_si128(letters, _mm_set1_epi8(32)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes + at), changed);
  };
  for (; i + 16 <= a.size; i += 16) convert(i);
  if (i != 0) {
    if (i != a.size) convert(a.size - 16);  // some bytes for the second time
    return Text(bytes, a.size);
  }
#endif
  for (; i < a.size; ++i) bytes[i] = static_cast<char>(a.data[i] >= kFirst && a.data[i] <= kFirst + 25 ? a.data[i] ^ 32 : a.data[i]);
  return Text(bytes, a.size);
}

Text InitCap(CallContext& c, Text a) {
  char* bytes = c.Allocate(a.size);
  bool inside = false;
  for (uint32_t i = 0; i < a.size; ++i) {
    bytes[i] = inside ? AsciiLower(a.data[i]) : AsciiUpper(a.data[i]);
    inside = IsAlpha(a.data[i]) || IsDigit(a.data[i]);
  }
  return Text(bytes, a.size);
}

int32_t Length(CallContext&, Text a) { return CountCharacters(a); }
int32_t OctetLength(CallContext&, Text a) { return static_cast<int32_t>(a.size); }

KAPPA_COLD Text SliceWide(Text a, int64_t from, int64_t to) {
  if (from < 0) from = 0;
  if (to <= from || from >= a.size) return Text();
  const uint32_t begin = BytesOfCharacters(a, from);
  const Text rest(a.data + begin, a.size - begin);
  return Text(rest.data, BytesOfCharacters(rest, to - from));
}
// The characters [from, to) of a, 0-based, both clamped to the text. Where all up to `to` are bytes, which a few words tell, nothing is counted.
KAPPA_INLINE Text Slice(const Text& a, int64_t from, int64_t to) {
  if (from >= 0 && from < to && to <= 64 && to >= 8 && to <= a.size) {
    uint64_t bits = 0, word;
    for (int64_t at = 0; at + 8 <= to; at += 8) {
      std::memcpy(&word, a.data + at, 8);
      bits |= word;
    }
    std::memcpy(&word, a.data + to - 8, 8);
    if (KAPPA_LIKELY(((bits | word) & 0x8080808080808080) == 0)) return Text(a.data + from, static_cast<size_t>(to - from));
  }
  return SliceWide(a, from, to);
}

Text SubstringFrom(CallContext&, Text a, int32_t start) { return Slice(a, int64_t{start} - 1, INT32_MAX); }
KAPPA_INLINE bool SubstringFor(CallContext& c, Text a, int32_t start, int32_t count, Text* out) {
  if (KAPPA_UNLIKELY(count < 0)) return c.Fail(sqlstate::kSubstringError, "negative substring length not allowed");
  *out = Slice(a, int64_t{start} - 1, int64_t{start} - 1 + count);
  return true;
}
KAPPA_INLINE Bytea SliceBytes(const Bytea& a, int64_t from, int64_t to) {
  if (from < 0) from = 0;
  if (to > a.size) to = a.size;
  return to <= from ? Bytea() : Bytea(a.data + from, static_cast<size_t>(to - from));
}
Bytea ByteaSubstringFrom(CallContext&, Bytea a, int32_t start) { return SliceBytes(a, int64_t{start} - 1, INT32_MAX); }
bool ByteaSubstringFor(CallContext& c, Bytea a, int32_t start, int32_t count, Bytea* out) {
  if (KAPPA_UNLIKELY(count < 0)) return c.Fail(sqlstate::kSubstringError, "negative substring length not allowed");
  *out = SliceBytes(a, int64_t{start} - 1, int64_t{start} - 1 + count);
  return true;
}

Text Left(CallContext&, Text a, int32_t n) { return Slice(a, 0, n >= 0 ? n : int64_t{CountCharacters(a)} + n); }
Text Right(CallContext&, Text a, int32_t n) {
  const int64_t length = CountCharacters(a);
  return Slice(a, n >= 0 ? length - n : -int64_t{n}, length);
}

KAPPA_INLINE bool Contains(const Text& set, const char* character, size_t size) {
  for (uint32_t i = 0; i < set.size; i += static_cast<uint32_t>(Utf8Length(set.data[i]))) {
    if (i + size <= set.size && Utf8Length(set.data[i]) == size && std::memcmp(set.data + i, character, size) == 0) return true;
  }
  return false;
}
KAPPA_INLINE Text Trim(const Text& a, const Text& set, bool left, bool right) {
  const char* begin = a.data;
  const char* end = a.data + a.size;
  while (left && begin < end) {
    const size_t size = Utf8Length(*begin);
    if (begin + size > end || !Contains(set, begin, size)) break;
    begin += size;
  }
  while (right && begin < end) {
    const char* last = end - 1;
    while (last > begin && (static_cast<unsigned char>(*last) & 0xC0) == 0x80) --last;
    if (!Contains(set, last, static_cast<size_t>(end - last))) break;
    end = last;
  }
  return Text(begin, static_cast<size_t>(end - begin));
}
template <bool kLeft, bool kRight>
Text TrimSpaces(CallContext&, Text a) {
  return Trim(a, Text(" ", 1), kLeft, kRight);
}
template <bool kLeft, bool kRight>
Text TrimSet(CallContext&, Text a, Text set) {
  return Trim(a, set, kLeft, kRight);
}

// Bytes, not characters.
template <bool kLeft, bool kRight>
Bytea TrimBytes(CallContext&, Bytea a, Bytea set) {
  const char* begin = a.data;
  const char* end = a.data + a.size;
  auto in_set = [&](char byte) { return set.size != 0 && std::memchr(set.data, byte, set.size) != nullptr; };
  while (kLeft && begin < end && in_set(*begin)) ++begin;
  while (kRight && begin < end && in_set(end[-1])) --end;
  return Bytea(begin, static_cast<size_t>(end - begin));
}

Text Replace(CallContext& c, Text a, Text from, Text to) {
  if (from.size == 0 || a.size < from.size) return a;
  size_t matches = 0;
  for (size_t at = FindBytes(a, from, 0); at != kNotFound; at = FindBytes(a, from, at + from.size)) ++matches;
  if (matches == 0) return a;
  const size_t size = a.size - matches * from.size + matches * to.size;
  char* const bytes = c.Allocate(size);
  char* out = bytes;
  size_t begin = 0;
  for (size_t at = FindBytes(a, from, 0); at != kNotFound; at = FindBytes(a, from, begin)) {
    if (at != begin) std::memcpy(out, a.data + begin, at - begin);
    out += at - begin;
    if (to.size != 0) std::memcpy(out, to.data, to.size);
    out += to.size;
    begin = at + from.size;
  }
  if (a.size != begin) std::memcpy(out, a.data + begin, a.size - begin);
  return Text(bytes, size);
}

// 1-based, in characters; 0: not there.
int32_t StrPos(CallContext&, Text a, Text part) {
  const size_t at = FindBytes(a, part, 0);
  return at == kNotFound ? 0 : CountCharacters(Text(a.data, at)) + 1;
}
int32_t ByteaPos(CallContext&, Bytea a, Bytea part) {
  const size_t at = FindBytes(a, part, 0);
  return at == kNotFound ? 0 : static_cast<int32_t>(at) + 1;
}
bool StartsWith(CallContext&, Text a, Text prefix) {
  return a.size >= prefix.size && (prefix.size == 0 || std::memcmp(a.data, prefix.data, prefix.size) == 0);
}

// The nth field between bytes.
Text FieldBetween(const Text& a, char separator, int32_t n) {
  const char* begin = a.data;
  const char* p = begin;
  const char* const end = begin + a.size;
#if defined(__SSE2__)
  for (const __m128i wanted = _mm_set1_epi8(separator); end - p >= 16; p += 16) {
    auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), wanted)));
    for (; found != 0; found &= found - 1) {
      const char* const stop = p + __builtin_ctz(found);
      if (--n == 0) return Text(begin, static_cast<size_t>(stop - begin));
      begin = stop + 1;
    }
  }
#endif
  for (; p < end; ++p) {
    if (*p != separator) continue;
    if (--n == 0) return Text(begin, static_cast<size_t>(p - begin));
    begin = p + 1;
  }
  return n == 1 ? Text(begin, static_cast<size_t>(end - begin)) : Text();
}

Text FieldFromLeft(const Text& a, const Text& separator, int32_t n) {
  size_t begin = 0;
  if (separator.size == 1) return FieldBetween(a, separator.data[0], n);
  for (;;) {
    const size_t at = FindBytes(a, separator, begin);
    const size_t end = at == kNotFound ? a.size : at;
    if (--n == 0) return Text(a.data + begin, end - begin);
    if (at == kNotFound) return Text();
    begin = at + separator.size;
  }
}
bool SplitPart(CallContext& c, Text a, Text separator, int32_t n, Text* out) {
  if (KAPPA_UNLIKELY(n == 0)) return c.Fail(sqlstate::kInvalidParameterValue, "field position must not be zero");
  if (a.size == 0) {
    *out = Text();
  } else if (separator.size == 0) {
    *out = n == 1 || n == -1 ? a : Text();
  } else if (n > 0) {
    *out = FieldFromLeft(a, separator, n);
  } else {
    int64_t fields = 1;
    for (size_t at = FindBytes(a, separator, 0); at != kNotFound; at = FindBytes(a, separator, at + separator.size)) ++fields;
    const int64_t from_left = fields + n + 1;
    *out = from_left > 0 ? FieldFromLeft(a, separator, static_cast<int32_t>(from_left)) : Text();
  }
  return true;
}

Text Reverse(CallContext& c, Text a) {
  char* bytes = c.Allocate(a.size);
  uint32_t out = a.size;
  for (uint32_t i = 0; i < a.size;) {
    uint32_t size = static_cast<uint32_t>(Utf8Length(a.data[i]));
    if (size > a.size - i) size = a.size - i;
    out -= size;
    std::memcpy(bytes + out, a.data + i, size);
    i += size;
  }
  return Text(bytes, a.size);
}

bool Repeat(CallContext& c, Text a, int32_t n, Text* out) {
  if (n <= 0 || a.size == 0) {
    *out = Text();
    return true;
  }
  const int64_t size = int64_t{a.size} * n;
  if (KAPPA_UNLIKELY(size > (1 << 30) - 5)) return c.Fail(sqlstate::kStatementTooLong, "requested length too large");
  char* bytes = c.Allocate(static_cast<size_t>(size));
  for (int32_t i = 0; i < n; ++i) std::memcpy(bytes + size_t{a.size} * i, a.data, a.size);
  *out = Text(bytes, static_cast<size_t>(size));
  return true;
}

KAPPA_COLD bool FailCode(CallContext& c, int32_t code) {
  if (code < 0) return c.Fail(sqlstate::kInvalidParameterValue, "character number must be positive");
  if (code == 0) return c.Fail(sqlstate::kStatementTooLong, "null character not permitted");
  char digits[20];
  const auto size = static_cast<size_t>(FormatInt(code, digits) - digits);
  return c.Fail(sqlstate::kStatementTooLong,
                code > 0x10FFFF ? "requested character too large for encoding: %s" : "requested character not valid for encoding: %s", digits, size);
}
bool Chr(CallContext& c, int32_t code, Text* out) {
  if (KAPPA_UNLIKELY(code <= 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))) return FailCode(c, code);
  char* p = c.Allocate(4);
  auto put = [&](int at, int bits) { p[at] = static_cast<char>(bits); };
  size_t size = 1;
  if (code < 0x80) {
    put(0, code);
  } else if (code < 0x800) {
    put(0, 0xC0 | code >> 6), put(1, 0x80 | (code & 63));
    size = 2;
  } else if (code < 0x10000) {
    put(0, 0xE0 | code >> 12), put(1, 0x80 | ((code >> 6) & 63)), put(2, 0x80 | (code & 63));
    size = 3;
  } else {
    put(0, 0xF0 | code >> 18), put(1, 0x80 | ((code >> 12) & 63)), put(2, 0x80 | ((code >> 6) & 63)), put(3, 0x80 | (code & 63));
    size = 4;
  }
  *out = Text(p, size);
  return true;
}
int32_t Ascii(CallContext&, Text a) {
  if (a.size == 0) return 0;
  auto byte = [&](uint32_t i) { return i < a.size ? static_cast<unsigned char>(a.data[i]) & 63 : 0; };
  const int lead = static_cast<unsigned char>(a.data[0]);
  switch (Utf8Length(a.data[0])) {
    case 2:
      return (lead & 31) << 6 | byte(1);
    case 3:
      return (lead & 15) << 12 | byte(1) << 6 | byte(2);
    case 4:
      return (lead & 7) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3);
    default:
      return lead;
  }
}

}  // namespace text_functions

using namespace text_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> TextFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("String")); };
  add(Operator("||", {kText, kText}, kText).Native<&Join>().Doc("Concatenation.").Example("'kap' || 'pa'", "kappa"));
  add(Operator("||", {kBytea, kBytea}, kBytea).Native<&Join>().Doc("Concatenation.").Example("'\\x01'::bytea || '\\x02'::bytea", "\\x0102"));
  add(Scalar("lower", {kText}, kText).Native<&ConvertCase<'A'>>().Doc("Letters of ASCII in lower case.").Example("lower('KappA')", "kappa"));
  add(Scalar("upper", {kText}, kText).Native<&ConvertCase<'a'>>().Doc("Letters of ASCII in upper case.").Example("upper('KappA')", "KAPPA"));
  add(Scalar("initcap", {kText}, kText)
          .Native<&InitCap>()
          .Doc("The first letter of each word in upper case, the rest in lower.")
          .Example("initcap('hi THOMAS')", "Hi Thomas"));
  for (const char* name : {"length", "char_length", "character_length"})
    add(Scalar(name, {kText}, kInt4).Native<&Length>().Doc("The number of characters.").Example("length('jos\xC3\xA9')", "4"));
  add(Scalar("length", {kBytea}, kInt4).Native<&OctetLength>().Doc("The number of bytes.").Example("length('\\x0102'::bytea)", "2"));
  add(Scalar("octet_length", {kText}, kInt4).Native<&OctetLength>().Doc("The number of bytes.").Example("octet_length('jos\xC3\xA9')", "5"));
  add(Scalar("octet_length", {kBytea}, kInt4).Native<&OctetLength>().Doc("The number of bytes.").Example("octet_length('\\x0102'::bytea)", "2"));
  for (const char* name : {"substr", "substring"}) {
    add(Scalar(name, {kText, kInt4}, kText).Native<&SubstringFrom>().Doc("From the given character on.").Example("substr('kappa', 3)", "ppa"));
    add(Scalar(name, {kText, kInt4, kInt4}, kText)
            .Native<&SubstringFor>()
            .Doc("So many characters from the given one on.")
            .Example("substr('kappa', 2, 3)", "app")
            .Example("substr('kappa', 1, -1)", "ERROR 22011"));
    add(Scalar(name, {kBytea, kInt4}, kBytea)
            .Native<&ByteaSubstringFrom>()
            .Doc("From the given byte on.")
            .Example("substr('\\x010203'::bytea, 2)", "\\x0203"));
    add(Scalar(name, {kBytea, kInt4, kInt4}, kBytea)
            .Native<&ByteaSubstringFor>()
            .Doc("So many bytes from the given one on.")
            .Example("substr('\\x010203'::bytea, 2, 1)", "\\x02"));
  }
  add(Scalar("left", {kText, kInt4}, kText)
          .Native<&Left>()
          .Doc("The first n characters; a negative n leaves out the last |n|.")
          .Example("left('kappa', 2)", "ka")
          .Example("left('kappa', -2)", "kap"));
  add(Scalar("right", {kText, kInt4}, kText)
          .Native<&Right>()
          .Doc("The last n characters; a negative n leaves out the first |n|.")
          .Example("right('kappa', 2)", "pa")
          .Example("right('kappa', -2)", "ppa"));
  add(Scalar("btrim", {kText}, kText).Native<&TrimSpaces<true, true>>().Doc("Without spaces at both ends.").Example("btrim('  ka ')", "ka"));
  add(Scalar("ltrim", {kText}, kText).Native<&TrimSpaces<true, false>>().Doc("Without spaces at the begin.").Example("ltrim('  ka')", "ka"));
  add(Scalar("rtrim", {kText}, kText).Native<&TrimSpaces<false, true>>().Doc("Without spaces at the end.").Example("rtrim('ka  ')", "ka"));
  add(Scalar("btrim", {kText, kText}, kText)
          .Native<&TrimSet<true, true>>()
          .Doc("Without any of the given characters at both ends.")
          .Example("btrim('xyxtrimyyx', 'xyz')", "trim"));
  add(Scalar("ltrim", {kText, kText}, kText)
          .Native<&TrimSet<true, false>>()
          .Doc("Without any of the given characters at the begin.")
          .Example("ltrim('zzzytest', 'xyz')", "test"));
  add(Scalar("rtrim", {kText, kText}, kText)
          .Native<&TrimSet<false, true>>()
          .Doc("Without any of the given characters at the end.")
          .Example("rtrim('testxxzx', 'xyz')", "test"));
  add(Scalar("btrim", {kBytea, kBytea}, kBytea)
          .Native<&TrimBytes<true, true>>()
          .Doc("Without any of the given bytes at both ends.")
          .Example("btrim('\\x010203'::bytea, '\\x0103'::bytea)", "\\x02"));
  add(Scalar("ltrim", {kBytea, kBytea}, kBytea)
          .Native<&TrimBytes<true, false>>()
          .Doc("Without any of the given bytes at the begin.")
          .Example("ltrim('\\x010203'::bytea, '\\x01'::bytea)", "\\x0203"));
  add(Scalar("rtrim", {kBytea, kBytea}, kBytea)
          .Native<&TrimBytes<false, true>>()
          .Doc("Without any of the given bytes at the end.")
          .Example("rtrim('\\x010203'::bytea, '\\x03'::bytea)", "\\x0102"));
  add(Scalar("replace", {kText, kText, kText}, kText)
          .Native<&Replace>()
          .Doc("Every occurrence of the second argument replaced by the third.")
          .Example("replace('abcdefabcdef', 'cd', 'XX')", "abXXefabXXef"));
  for (const char* name : {"strpos", "position"})
    add(Scalar(name, {kText, kText}, kInt4)
            .Native<&StrPos>()
            .Doc("Where the second argument begins in the first, from 1; 0: nowhere. POSITION(b IN a) is position(a, b).")
            .Example("strpos('high', 'ig')", "2"));
  add(Scalar("position", {kBytea, kBytea}, kInt4)
          .Native<&ByteaPos>()
          .Doc("Where the second argument begins in the first, from 1; 0: nowhere.")
          .Example("position('\\x010203'::bytea, '\\x02'::bytea)", "2"));
  add(Scalar("starts_with", {kText, kText}, kBool)
          .Native<&StartsWith>()
          .Doc("Does the first argument begin with the second?")
          .Example("starts_with('alphabet', 'alph')", "t"));
  add(Operator("^@", {kText, kText}, kBool)
          .Native<&StartsWith>()
          .Doc("Does the first operand begin with the second?")
          .Example("'alphabet' ^@ 'alph'", "t"));
  add(Scalar("split_part", {kText, kText, kInt4}, kText)
          .Native<&SplitPart>()
          .Doc("The nth field between separators; a negative n counts from the end.")
          .Example("split_part('abc,def,ghi', ',', 2)", "def")
          .Example("split_part('abc', ',', 0)", "ERROR 22023"));
  add(Scalar("reverse", {kText}, kText).Native<&Reverse>().Doc("The characters in reverse order.").Example("reverse('kap')", "pak"));
  add(Scalar("repeat", {kText, kInt4}, kText).Native<&Repeat>().Doc("So many times the text.").Example("repeat('ka', 2)", "kaka"));
  add(Scalar("chr", {kInt4}, kText).Native<&Chr>().Doc("The character of that code point.").Example("chr(233)", "\xC3\xA9"));
  add(Scalar("ascii", {kText}, kInt4).Native<&Ascii>().Doc("The code point of the first character.").Example("ascii('x')", "120"));
  return table;
}

}  // namespace kappa
