#include "formats/json/convert_number.h"

#include <charconv>
#include <limits>
#include <string>

#include "types/values.h"

namespace kappa::json {
namespace {

bool Fail(Problem* problem, SqlState state, const char* what, const char* where) {
  *problem = {state, what, where};
  return false;
}

template <typename T>
void Put(char* slot, const T& value) {
  std::memcpy(slot, &value, sizeof(T));
}

// Digits, point and exponent of a decimal number.
struct Decimal {
  bool negative = false;
  unsigned __int128 digits = 0;  // without leading zeros
  int count = 0;                 // of digits; over 38: `digits` is not exact
  int64_t scale = 0;             // value = digits / 10^scale; may be negative
};

// JSON's grammar or PostgreSQL's (sign +, spaces around, .5 and 5.); false: not a number.
bool ScanDecimal(const char* p, const char* q, Decimal* out) {
  while (p < q && (IsSpace(*p))) ++p;
  while (q > p && (IsSpace(q[-1]))) --q;
  if (p < q && (*p == '-' || *p == '+')) out->negative = *p++ == '-';
  bool point = false, any = false;
  for (; p < q; ++p) {
    if (*p == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    if (*p < '0' || *p > '9') break;
    any = true;
    if (out->count > 0 || *p != '0') ++out->count;
    if (out->count <= 38) out->digits = out->digits * 10 + static_cast<unsigned>(*p - '0');
    if (point) ++out->scale;
  }
  if (!any) return false;
  if (p == q) return true;
  if (*p != 'e' && *p != 'E') return false;
  ++p;
  bool negative = false;
  if (p < q && (*p == '-' || *p == '+')) negative = *p++ == '-';
  if (p == q) return false;
  int64_t exponent = 0;
  for (; p < q; ++p) {
    if (*p < '0' || *p > '9') return false;
    if (exponent < 1000000) exponent = exponent * 10 + (*p - '0');
  }
  out->scale += negative ? exponent : -exponent;
  return true;
}

unsigned __int128 PowerOfTen(int n) {
  unsigned __int128 result = 1;
  while (n-- > 0) result *= 10;
  return result;
}

void PutInteger(TypeId type, int64_t value, char* slot) {
  if (type == TypeId::kInt8)
    Put(slot, value);
  else if (type == TypeId::kInt4)
    Put(slot, static_cast<int32_t>(value));
  else
    Put(slot, static_cast<int16_t>(value));
}

bool ConvertInteger(TypeId type, const char* p, const char* q, char* slot, Problem* problem) {
  const bool minus = *p == '-';
  const char* digit = p + minus;
  if (q - digit <= 18 && digit < q) {  // plain digits, as nearly always
    int64_t value = 0;
    while (digit < q && *digit >= '0' && *digit <= '9') value = value * 10 + (*digit++ - '0');
    if (minus) value = -value;
    const bool fits = type == TypeId::kInt8 || (type == TypeId::kInt4 ? value == static_cast<int32_t>(value) : value == static_cast<int16_t>(value));
    if (digit == q && fits) return PutInteger(type, value, slot), true;
  }
  Decimal decimal;
  if (!ScanDecimal(p, q, &decimal)) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected an integer", p);
  unsigned __int128 magnitude = decimal.digits;
  const char* const range = type == TypeId::kInt8   ? "out of range for type bigint"
                            : type == TypeId::kInt4 ? "out of range for type integer"
                                                    : "out of range for type smallint";
  if (magnitude != 0) {
    if (decimal.count > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
    if (decimal.scale < 0) {
      if (decimal.count - decimal.scale > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
      magnitude *= PowerOfTen(static_cast<int>(-decimal.scale));
    } else if (decimal.scale > 0) {
      const unsigned __int128 unit = decimal.scale > 38 ? 0 : PowerOfTen(static_cast<int>(decimal.scale));
      if (unit == 0 || magnitude % unit != 0) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected an integer, found a fraction", p);
      magnitude /= unit;
    }
  }
  const int bits = type == TypeId::kInt8 ? 63 : type == TypeId::kInt4 ? 31 : 15;
  const unsigned __int128 limit = (static_cast<unsigned __int128>(1) << bits) - (decimal.negative ? 0 : 1);
  if (magnitude > limit) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
  const auto bits64 = static_cast<uint64_t>(magnitude);
  PutInteger(type, static_cast<int64_t>(decimal.negative ? 0 - bits64 : bits64), slot);
  return true;
}

// NaN, Infinity, -Infinity, in PostgreSQL's spellings. 0: none of them; 1 NaN; 2, 3 the infinities.
int SpecialNumber(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  std::string lower;
  for (char c : text.substr(0, 12)) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  if (lower == "nan") return 1;
  if (lower == "infinity" || lower == "+infinity" || lower == "inf" || lower == "+inf") return 2;
  if (lower == "-infinity" || lower == "-inf") return 3;
  return 0;
}

template <typename Float>
bool ConvertFloat(const char* p, const char* q, char* slot, Problem* problem) {
  const int special = SpecialNumber({p, static_cast<size_t>(q - p)});
  if (special != 0) {
    constexpr Float infinity = std::numeric_limits<Float>::infinity();
    Put(slot, special == 1 ? std::numeric_limits<Float>::quiet_NaN() : special == 2 ? infinity : -infinity);
    return true;
  }
  const char* const begin = p;
  Decimal decimal;
  if (!ScanDecimal(p, q, &decimal)) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected a number", begin);
  while (IsSpace(*p)) ++p;
  if (*p == '+') ++p;
  Float value = 0;
  const auto result = std::from_chars(p, q, value);
  if (result.ec != std::errc()) {
    return Fail(problem, sqlstate::kNumericValueOutOfRange,
                sizeof(Float) == 8 ? "out of range for type double precision" : "out of range for type real", begin);
  }
  Put(slot, value);
  return true;
}

bool ConvertNumeric(const Type& type, const char* p, const char* q, char* slot, Problem* problem) {
  const int special = SpecialNumber({p, static_cast<size_t>(q - p)});
  if (special != 0) {
    Numeric value;
    value.kind = special == 1 ? Numeric::kNaN : special == 2 ? Numeric::kInfinity : Numeric::kMinusInfinity;
    if (special != 1 && type.modifier() >= 0)
      return Fail(problem, sqlstate::kNumericValueOutOfRange, "an infinity does not fit a numeric with a precision", p);
    Put(slot, value);
    return true;
  }
  Decimal d;
  if (!ScanDecimal(p, q, &d)) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected a number", p);
  const char* const range = "out of range for type numeric (38 digits)";
  int64_t scale = d.scale;
  unsigned __int128 mantissa = d.digits;
  if (mantissa == 0 && scale > 38) scale = 38;
  if (mantissa == 0 && scale < 0) scale = 0;
  if (mantissa != 0 && (d.count > 38 || scale > 38)) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
  if (scale < 0) {
    if (d.count - scale > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
    mantissa *= PowerOfTen(static_cast<int>(-scale));
    scale = 0;
  }
  if (type.modifier() >= 0) {  // numeric(p, s): rounded half away from zero, as on any assignment
    const int precision = type.modifier() >> 16, digits = type.modifier() & 0xFFFF;
    if (scale > digits) {
      const unsigned __int128 unit = PowerOfTen(static_cast<int>(scale) - digits);
      mantissa = mantissa / unit + (mantissa % unit >= unit - unit / 2 ? 1 : 0);
    } else {
      int count = 0;
      for (unsigned __int128 rest = mantissa; rest != 0; rest /= 10) ++count;
      if (count + digits - scale > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, "too large for the column's precision", p);
      mantissa *= PowerOfTen(digits - static_cast<int>(scale));
    }
    scale = digits;
    if (mantissa >= PowerOfTen(precision)) return Fail(problem, sqlstate::kNumericValueOutOfRange, "too large for the column's precision", p);
  }
  const auto value = static_cast<__int128>(mantissa);
  Put(slot, Numeric(d.negative ? -value : value, static_cast<int32_t>(scale)));
  return true;
}

}  // namespace

bool ConvertNumber(const Type& type, const char* p, const char* q, char* slot, Problem* problem) {
  switch (type.id()) {
    case TypeId::kFloat4:
      return ConvertFloat<float>(p, q, slot, problem);
    case TypeId::kFloat8:
      return ConvertFloat<double>(p, q, slot, problem);
    case TypeId::kNumeric:
      return ConvertNumeric(type, p, q, slot, problem);
    default:
      return ConvertInteger(type.id(), p, q, slot, problem);
  }
}

}  // namespace kappa::json
