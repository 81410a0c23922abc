#include "types/text_format.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "common/hex.h"
#include "common/runtime.h"

namespace kappa {

namespace {

char* Put(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// PostgreSQL writes a float as a plain decimal when its first digit stands at 10^exponent with -4 <= exponent < `plain_limit`, else as d.ddde+xx.
// `scientific` is the shortest form "[-]d[.ddd]e[+-]xx" that std::to_chars makes.
char* LayOutFloat(const char* scientific, const char* end, int plain_limit, char* out) {
  char digits[24];
  int count = 0;
  const char* p = scientific;
  if (*p == '-') *out++ = *p++;
  for (; *p != 'e'; ++p) {
    if (*p != '.') digits[count++] = *p;
  }
  int exponent = 0;
  const char* e = p + 1;
  const bool negative_exponent = *e == '-';
  for (++e; e < end; ++e) exponent = exponent * 10 + (*e - '0');
  if (negative_exponent) exponent = -exponent;

  if (exponent < -4 || exponent >= plain_limit) {
    *out++ = digits[0];
    if (count > 1) {
      *out++ = '.';
      out = Put({digits + 1, static_cast<size_t>(count - 1)}, out);
    }
    return Put({p, static_cast<size_t>(end - p)}, out);  // e[+-]xx: to_chars too writes two digits at least
  }
  if (exponent < 0) {
    out = Put("0.", out);
    for (int i = -1; i > exponent; --i) *out++ = '0';
    return Put({digits, static_cast<size_t>(count)}, out);
  }
  for (int i = 0; i <= exponent; ++i) *out++ = i < count ? digits[i] : '0';
  if (count > exponent + 1) {
    *out++ = '.';
    out = Put({digits + exponent + 1, static_cast<size_t>(count - exponent - 1)}, out);
  }
  return out;
}

template <typename F>
constexpr F kExactIntegers = static_cast<F>(uint64_t{1} << std::numeric_limits<F>::digits);  // below it all have neighbours at whole numbers

int CountDigits(const char* scientific) {
  int count = 0;
  for (; *scientific != 'e'; ++scientific) count += IsDigit(*scientific);
  return count;
}

// Does the decimal in `scientific` lie exactly halfway between `value` and a neighbour? It reads back as `value` only because halves round to even,
// and PostgreSQL does not print such a one. Only integers of more bits than the mantissa has can.
template <typename F>
bool IsHalfway(F value, const char* scientific, const char* end) {
  constexpr int kBits = std::numeric_limits<F>::digits;
  int exponent = 0;
  const F fraction = std::frexp(std::fabs(value), &exponent);
  if (exponent <= kBits) return false;
  const auto mantissa = static_cast<uint64_t>(std::ldexp(fraction, kBits));
  exponent -= kBits;  // |value| = mantissa * 2^exponent
  uint64_t digits = 0;
  int power = 0;  // of ten: the decimal is digits * 10^power
  const char* p = scientific + (*scientific == '-');
  bool point = false;
  for (; *p != 'e'; ++p) {
    if (*p == '.') {
      point = true;
      continue;
    }
    digits = digits * 10 + static_cast<uint64_t>(*p - '0');
    power -= point;
  }
  int tens = 0;
  std::from_chars(p + 2, end, tens);  // the exponent is positive here
  power += tens;
  if (power < 0 || power > 24) return false;
  const int twos = std::countr_zero(digits);
  unsigned __int128 odd = digits >> twos;
  for (int i = 0; i < power && (odd >> 64) == 0; ++i) odd *= 5;
  const int shift = twos + power;  // the decimal is odd * 2^shift
  if (shift == exponent - 1 && (odd == 2 * mantissa + 1 || odd == 2 * mantissa - 1)) return true;
  return mantissa == uint64_t{1} << (kBits - 1) && shift == exponent - 2 && odd == 4 * mantissa - 1;
}

template <typename F>
char* FormatFloat(F value, int plain_limit, char* out) {
  if (std::isnan(value)) return Put("NaN", out);
  if (std::isinf(value)) return Put(value < 0 ? "-Infinity" : "Infinity", out);
  if (value == 0) return Put(std::signbit(value) ? "-0" : "0", out);
  char scientific[40];
  auto made = std::to_chars(scientific, scientific + sizeof scientific, value, std::chars_format::scientific);
  if (KAPPA_UNLIKELY(std::fabs(value) >= kExactIntegers<F>)) {
    if (IsHalfway(value, scientific, made.ptr)) {  // one digit more; if the nearest of those is another value, one more again
      for (int fraction_digits = CountDigits(scientific); fraction_digits < std::numeric_limits<F>::max_digits10; ++fraction_digits) {
        made = std::to_chars(scientific, scientific + sizeof scientific, value, std::chars_format::scientific, fraction_digits);
        F back = 0;
        std::from_chars(scientific, made.ptr, back);
        if (back == value && !IsHalfway(value, scientific, made.ptr)) break;
      }
    }
  }
  return LayOutFloat(scientific, made.ptr, plain_limit, out);
}

template <typename F>
ParseStatus ParseFloat(std::string_view text, F* out) {
  text = TrimSpace(text);
  if (text.empty()) return ParseStatus::kSyntax;
  std::string_view body = text;
  const bool negative = body.front() == '-';
  if (negative || body.front() == '+') body.remove_prefix(1);
  if (body.empty()) return ParseStatus::kSyntax;
  if (IsAlpha(body.front())) {
    if (EqualsIgnoringCase(text, "nan")) {
      *out = std::numeric_limits<F>::quiet_NaN();
      return ParseStatus::kOk;
    }
    if (EqualsIgnoringCase(body, "infinity") || EqualsIgnoringCase(body, "inf")) {
      *out = negative ? -std::numeric_limits<F>::infinity() : std::numeric_limits<F>::infinity();
      return ParseStatus::kOk;
    }
    return ParseStatus::kSyntax;
  }
  if (!IsDigit(body.front()) && body.front() != '.') return ParseStatus::kSyntax;
  F value = 0;
  const auto read = std::from_chars(body.data(), body.data() + body.size(), value);
  if (read.ptr != body.data() + body.size()) return ParseStatus::kSyntax;
  if (read.ec == std::errc::result_out_of_range) return ParseStatus::kRange;
  if (read.ec != std::errc()) return ParseStatus::kSyntax;
  *out = negative ? -value : value;
  return ParseStatus::kOk;
}

ParseStatus ParseHex(std::string_view text, char* out, size_t* size) {
  size_t n = 0;
  for (size_t i = 0; i < text.size();) {
    if (IsSpace(text[i])) {
      ++i;
      continue;
    }
    const int high = HexDigit(text[i]);
    if (high < 0) return ParseStatus::kHexDigit;
    if (i + 1 >= text.size()) return ParseStatus::kHexOdd;
    const int low = HexDigit(text[i + 1]);
    if (low < 0) return ParseStatus::kHexDigit;
    out[n++] = static_cast<char>(high * 16 + low);
    i += 2;
  }
  *size = n;
  return ParseStatus::kOk;
}

}  // namespace

char* FormatInt(int64_t value, char* out) {
  static constexpr char kTwoDigits[] =
      "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
      "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
  static constexpr uint64_t kPowers[] = {0,
                                         10,
                                         100,
                                         1000,
                                         10000,
                                         100000,
                                         1000000,
                                         10000000,
                                         100000000,
                                         1000000000,
                                         10000000000,
                                         100000000000,
                                         1000000000000,
                                         10000000000000,
                                         100000000000000,
                                         1000000000000000,
                                         10000000000000000,
                                         100000000000000000,
                                         1000000000000000000,
                                         10000000000000000000u};
  uint64_t rest = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  if (value < 0) *out++ = '-';
  const int estimate = (static_cast<int>(std::bit_width(rest | 1)) * 1233) >> 12;  // of log10(2): one too few at most
  char* const end = out + estimate + (rest >= kPowers[estimate]);
  char* p = end;
  if (rest >= 10000 && rest <= UINT32_MAX) {  // divisions of 32 bits cost less
    auto small = static_cast<uint32_t>(rest);
    for (; small >= 100; small /= 100) std::memcpy(p -= 2, kTwoDigits + 2 * (small % 100), 2);
    rest = small;
  }
  for (; rest >= 100; rest /= 100) std::memcpy(p -= 2, kTwoDigits + 2 * (rest % 100), 2);
  if (rest >= 10)
    std::memcpy(p - 2, kTwoDigits + 2 * rest, 2);
  else
    p[-1] = static_cast<char>('0' + rest);
  return end;
}

char* FormatFloat8(double value, char* out) { return FormatFloat(value, 15, out); }
char* FormatFloat4(float value, char* out) { return FormatFloat(value, 6, out); }

char* FormatBytea(std::string_view bytes, char* out) {
  *out++ = '\\';
  *out++ = 'x';
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *out++ = "0123456789abcdef"[byte >> 4];
    *out++ = "0123456789abcdef"[byte & 15];
  }
  return out;
}

ParseStatus ParseInt(std::string_view text, int64_t min, int64_t max, int64_t* out) {
  if (text.size() - 1 < 18) {  // digits alone, which cannot pass 64 bits
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text.size(); ++i) {
      const auto digit = static_cast<unsigned char>(text[i] - '0');
      if (digit > 9) break;
      value = value * 10 + digit;
    }
    if (KAPPA_LIKELY(i == text.size())) {
      if (static_cast<int64_t>(value) > max) return ParseStatus::kRange;
      *out = static_cast<int64_t>(value);
      return ParseStatus::kOk;
    }
  }
  text = TrimSpace(text);
  if (text.empty()) return ParseStatus::kSyntax;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty()) return ParseStatus::kSyntax;
  int64_t value = 0;  // kept negative: its range is the larger one
  bool overflow = false;
  for (char c : text) {
    if (!IsDigit(c)) return ParseStatus::kSyntax;
    overflow = overflow || __builtin_mul_overflow(value, int64_t{10}, &value) || __builtin_sub_overflow(value, int64_t{c - '0'}, &value);
  }
  if (!negative) overflow = overflow || __builtin_sub_overflow(int64_t{0}, value, &value);
  if (overflow || value < min || value > max) return ParseStatus::kRange;
  *out = value;
  return ParseStatus::kOk;
}

ParseStatus ParseFloat8(std::string_view text, double* out) { return ParseFloat(text, out); }
ParseStatus ParseFloat4(std::string_view text, float* out) { return ParseFloat(text, out); }

ParseStatus ParseBool(std::string_view text, bool* out) {
  text = TrimSpace(text);
  const size_t n = text.size();
  if (n == 0) return ParseStatus::kSyntax;
  auto is_prefix_of = [&](std::string_view word) { return n <= word.size() && EqualsIgnoringCase(text, word.substr(0, n)); };
  if (is_prefix_of("true") || is_prefix_of("yes") || EqualsIgnoringCase(text, "on") || text == "1") {
    *out = true;
    return ParseStatus::kOk;
  }
  if (is_prefix_of("false") || is_prefix_of("no") || (n >= 2 && is_prefix_of("off")) || text == "0") {
    *out = false;
    return ParseStatus::kOk;
  }
  return ParseStatus::kSyntax;
}

ParseStatus ParseBytea(std::string_view text, char* out, size_t* size) {
  if (text.size() >= 2 && text[0] == '\\' && text[1] == 'x') return ParseHex(text.substr(2), out, size);
  size_t n = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out[n++] = text[i++];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      out[n++] = '\\';
      i += 2;
    } else {  // \ooo
      auto octal = [&](size_t at, char most) { return at < text.size() && text[at] >= '0' && text[at] <= most; };
      if (!octal(i + 1, '3') || !octal(i + 2, '7') || !octal(i + 3, '7')) return ParseStatus::kSyntax;
      out[n++] = static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
      i += 4;
    }
  }
  *size = n;
  return ParseStatus::kOk;
}

namespace {

ParseError DescribeSyntaxError(TypeId type) {
  switch (type) {
    case TypeId::kBool:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type boolean: \"%s\""};
    case TypeId::kInt2:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type smallint: \"%s\""};
    case TypeId::kInt4:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type integer: \"%s\""};
    case TypeId::kInt8:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bigint: \"%s\""};
    case TypeId::kFloat4:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type real: \"%s\""};
    case TypeId::kFloat8:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type double precision: \"%s\""};
    case TypeId::kNumeric:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type numeric: \"%s\""};
    case TypeId::kUuid:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type uuid: \"%s\""};
    case TypeId::kBytea:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax for type bytea"};
    case TypeId::kDate:
      return {sqlstate::kInvalidDatetimeFormat, "invalid input syntax for type date: \"%s\""};
    case TypeId::kTime:
      return {sqlstate::kInvalidDatetimeFormat, "invalid input syntax for type time: \"%s\""};
    case TypeId::kTimestamp:
      return {sqlstate::kInvalidDatetimeFormat, "invalid input syntax for type timestamp: \"%s\""};
    case TypeId::kTimestampTz:
      return {sqlstate::kInvalidDatetimeFormat, "invalid input syntax for type timestamp with time zone: \"%s\""};
    case TypeId::kInterval:
      return {sqlstate::kInvalidDatetimeFormat, "invalid input syntax for type interval: \"%s\""};
    default:
      return {sqlstate::kInvalidTextRepresentation, "invalid input syntax: \"%s\""};
  }
}

ParseError DescribeRangeError(TypeId type) {
  switch (type) {
    case TypeId::kInt2:
      return {sqlstate::kNumericValueOutOfRange, "value \"%s\" is out of range for type smallint"};
    case TypeId::kInt4:
      return {sqlstate::kNumericValueOutOfRange, "value \"%s\" is out of range for type integer"};
    case TypeId::kInt8:
      return {sqlstate::kNumericValueOutOfRange, "value \"%s\" is out of range for type bigint"};
    case TypeId::kFloat4:
      return {sqlstate::kNumericValueOutOfRange, "\"%s\" is out of range for type real"};
    case TypeId::kFloat8:
      return {sqlstate::kNumericValueOutOfRange, "\"%s\" is out of range for type double precision"};
    case TypeId::kDate:
      return {sqlstate::kDatetimeFieldOverflow, "date out of range: \"%s\""};
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return {sqlstate::kDatetimeFieldOverflow, "timestamp out of range: \"%s\""};
    case TypeId::kInterval:
      return {sqlstate::kDatetimeFieldOverflow, "interval out of range"};
    default:
      return {sqlstate::kNumericValueOutOfRange, "value overflows numeric format"};
  }
}

}  // namespace

std::string_view ParseErrorSubject(ParseStatus status, std::string_view text) {
  if (status == ParseStatus::kZoneUnknown) {
    text = TrimSpace(text);
    const size_t space = text.find_last_of(' ');
    return space == std::string_view::npos ? text : text.substr(space + 1);
  }
  if (status == ParseStatus::kHexDigit) {  // the byte that is no digit
    size_t at = text.substr(0, 2) == "\\x" ? 2 : 0;
    bool high = true;
    for (; at < text.size(); ++at) {
      if (high && IsSpace(text[at])) continue;
      if (HexDigit(text[at]) < 0) return text.substr(at, Utf8Length(text[at]));
      high = !high;
    }
  }
  return text;
}

ParseError DescribeParseError(TypeId type, ParseStatus status) {
  switch (status) {
    case ParseStatus::kOk:
      return {sqlstate::kOk, ""};
    case ParseStatus::kSyntax:
      return DescribeSyntaxError(type);
    case ParseStatus::kRange:
      return DescribeRangeError(type);
    case ParseStatus::kFieldRange:
      return {sqlstate::kDatetimeFieldOverflow, "date/time field value out of range: \"%s\""};
    case ParseStatus::kIntervalRange:
      return {sqlstate::kIntervalFieldOverflow, "interval field value out of range: \"%s\""};
    case ParseStatus::kZoneRange:
      return {sqlstate::kInvalidTimeZone, "time zone displacement out of range: \"%s\""};
    case ParseStatus::kZoneUnknown:
      return {sqlstate::kInvalidParameterValue, "time zone \"%s\" not recognized"};
    case ParseStatus::kNeedsClock:
      return {sqlstate::kFeatureNotSupported, "\"%s\" depends on the clock: only literals of a query may say so"};
    case ParseStatus::kHexDigit:
      return {sqlstate::kInvalidParameterValue, "invalid hexadecimal digit: \"%s\""};
    case ParseStatus::kHexOdd:
      return {sqlstate::kInvalidParameterValue, "invalid hexadecimal data: odd number of digits"};
  }
  return {sqlstate::kInternalError, ""};
}

}  // namespace kappa
