// Text in and out of Numeric.
#include <cstring>

#include "types/numeric.h"

namespace kappa {

char* FormatNumeric(const Numeric& n, char* out) {
  if (n.kind != Numeric::kFinite) {
    const char* name = n.kind == Numeric::kNaN ? "NaN" : n.kind == Numeric::kInfinity ? "Infinity" : "-Infinity";
    const size_t size = std::strlen(name);
    std::memcpy(out, name, size);
    return out + size;
  }
  UInt128 value = Magnitude(n.mantissa());
  char reversed[48];
  int count = 0;
  while ((value >> 64) != 0) {  // 18 digits at a time
    UInt128 rest;
    value = DivideU128(value, PowerOfTen(18), &rest);
    auto part = static_cast<uint64_t>(rest);
    for (int i = 0; i < 18; ++i, part /= 10) reversed[count++] = static_cast<char>('0' + part % 10);
  }
  for (auto part = static_cast<uint64_t>(value); part != 0; part /= 10) reversed[count++] = static_cast<char>('0' + part % 10);
  while (count <= n.scale) reversed[count++] = '0';
  if (n.high < 0) *out++ = '-';
  while (count > n.scale) *out++ = reversed[--count];
  if (n.scale > 0) {
    *out++ = '.';
    while (count > 0) *out++ = reversed[--count];
  }
  return out;
}

namespace {

// Reads [+-]digits of an exponent up to the text's end.
bool ParseExponent(const char* p, const char* end, int* exponent) {
  const bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+')) ++p;
  if (p == end) return false;
  int value = 0;
  for (; p < end; ++p) {
    if (!IsDigit(*p)) return false;
    if (value < 100000) value = value * 10 + (*p - '0');
  }
  *exponent = negative ? -value : value;
  return true;
}

ParseStatus ParseSpecial(std::string_view text, std::string_view body, bool negative, Numeric* out) {
  if (EqualsIgnoringCase(text, "nan"))
    *out = NumericSpecial(Numeric::kNaN);
  else if (EqualsIgnoringCase(body, "infinity") || EqualsIgnoringCase(body, "inf"))
    *out = NumericSpecial(negative ? Numeric::kMinusInfinity : Numeric::kInfinity);
  else
    return ParseStatus::kSyntax;
  return ParseStatus::kOk;
}

}  // namespace

ParseStatus ParseNumeric(std::string_view text, Numeric* out) {
  text = TrimSpace(text);
  std::string_view body = text;
  const bool negative = !body.empty() && body.front() == '-';
  if (!body.empty() && (negative || body.front() == '+')) body.remove_prefix(1);
  if (body.empty()) return ParseStatus::kSyntax;
  if (IsAlpha(body.front())) return ParseSpecial(text, body, negative, out);

  const char* p = body.data();
  const char* const end = p + body.size();
  UInt128 mantissa = 0;
  int significant = 0, fraction = 0, seen = 0;
  bool point = false;
  for (; p < end; ++p) {
    if (*p == '.' && !point) {
      point = true;
      continue;
    }
    if (!IsDigit(*p)) break;
    ++seen;
    if (point) ++fraction;
    if (significant > 0 || *p != '0') ++significant;
    if (significant <= kMaxNumericDigits) mantissa = mantissa * 10 + static_cast<unsigned>(*p - '0');
  }
  if (seen == 0) return ParseStatus::kSyntax;
  int exponent = 0;
  if (p < end && ((*p != 'e' && *p != 'E') || !ParseExponent(p + 1, end, &exponent))) return ParseStatus::kSyntax;
  if (significant > kMaxNumericDigits) return ParseStatus::kRange;
  int scale = fraction - exponent;
  if (scale < 0) {
    if (mantissa != 0 && (-scale > kMaxNumericDigits || mantissa >= PowerOfTen(kMaxNumericDigits + scale))) return ParseStatus::kRange;
    if (mantissa != 0) mantissa *= PowerOfTen(-scale);
    scale = 0;
  }
  if (scale > kMaxNumericDigits) return ParseStatus::kRange;
  *out = Numeric(WithSign(mantissa, negative), scale);
  return ParseStatus::kOk;
}

}  // namespace kappa
