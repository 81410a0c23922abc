#include "types/numeric.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace kappa {

namespace {

bool IsFinite(const Numeric& n) { return n.kind == Numeric::kFinite; }
bool IsNaN(const Numeric& n) { return n.kind == Numeric::kNaN; }
// -1, 0, 1; infinities have a sign, NaN is not asked.
int SignOf(const Numeric& n) {
  if (n.kind == Numeric::kInfinity) return 1;
  if (n.kind == Numeric::kMinusInfinity) return -1;
  return n.high < 0 ? -1 : (n.high | static_cast<int64_t>(n.low)) != 0;
}
Numeric SignedInfinity(int sign) { return NumericSpecial(sign < 0 ? Numeric::kMinusInfinity : Numeric::kInfinity); }

// value * 10^digits, if it stays below 10^38.
bool ScaleUp(UInt128 value, int digits, UInt128* out) {
  if (value == 0) {
    *out = 0;
    return true;
  }
  if (digits > kMaxNumericDigits || value >= PowerOfTen(kMaxNumericDigits - digits)) return false;
  *out = value * PowerOfTen(digits);
  return true;
}

// value / 10^digits, rounded half up or cut.
UInt128 ScaleDown(UInt128 value, int digits, bool round) {
  if (digits > kMaxNumericDigits) return 0;
  if (digits == 0) return value;
  UInt128 rest;
  const UInt128 power = PowerOfTen(digits);
  UInt128 quotient = DivideU128(value, power, &rest);
  if (round && rest >= power - rest) ++quotient;
  return quotient;
}

NumericStatus Make(UInt128 magnitude, bool negative, int scale, Numeric* out) {
  if (magnitude >= PowerOfTen(kMaxNumericDigits)) return NumericStatus::kOverflow;
  *out = Numeric(WithSign(magnitude, negative), scale);
  return NumericStatus::kOk;
}

// Where PostgreSQL's base-10000 representation has its first digit, and that digit: its result scales depend on them.
struct LeadingDigit {
  int weight = 0;
  int digit = 0;
};

LeadingDigit LeadingDigitOf(const Numeric& n) {
  const UInt128 magnitude = Magnitude(n.mantissa());
  if (magnitude == 0) return {};
  const int exponent = CountDigits(magnitude) - n.scale - 1;  // of the first decimal digit
  const int weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  const int cut = n.scale + 4 * weight;  // magnitude / 10^cut is the first base-10000 digit
  const UInt128 digit = cut >= 0 ? ScaleDown(magnitude, cut, false) : magnitude * PowerOfTen(-cut);
  return {weight, static_cast<int>(digit)};
}

int DivisionScale(const Numeric& a, const Numeric& b) {
  const LeadingDigit x = LeadingDigitOf(a), y = LeadingDigitOf(b);
  int weight = x.weight - y.weight;
  if (x.digit <= y.digit) --weight;
  int scale = 16 - weight * 4;
  scale = scale > a.scale ? scale : a.scale;
  scale = scale > b.scale ? scale : b.scale;
  return scale > 0 ? scale : 0;
}

}  // namespace

namespace numeric_internal {

NumericStatus AddSlow(const Numeric& a, const Numeric& b, Numeric* out) {
  if (!IsFinite(a) || !IsFinite(b)) {
    if (IsNaN(a) || IsNaN(b) || (!IsFinite(a) && !IsFinite(b) && a.kind != b.kind))
      *out = NumericSpecial(Numeric::kNaN);
    else
      *out = IsFinite(a) ? b : a;
    return NumericStatus::kOk;
  }
  const int scale = a.scale > b.scale ? a.scale : b.scale;
  const bool a_negative = a.high < 0, b_negative = b.high < 0;
  UInt128 x, y;
  if (!ScaleUp(Magnitude(a.mantissa()), scale - a.scale, &x) || !ScaleUp(Magnitude(b.mantissa()), scale - b.scale, &y))
    return NumericStatus::kOverflow;
  if (a_negative == b_negative) return Make(x + y, a_negative, scale, out);
  return x >= y ? Make(x - y, a_negative, scale, out) : Make(y - x, b_negative, scale, out);
}

NumericStatus MultiplySlow(const Numeric& a, const Numeric& b, Numeric* out) {
  if (!IsFinite(a) || !IsFinite(b)) {
    if (IsNaN(a) || IsNaN(b) || SignOf(a) == 0 || SignOf(b) == 0)
      *out = NumericSpecial(Numeric::kNaN);
    else
      *out = SignedInfinity(SignOf(a) * SignOf(b));
    return NumericStatus::kOk;
  }
  const int scale = a.scale + b.scale;
  const UInt256 product = Multiply128(Magnitude(a.mantissa()), Magnitude(b.mantissa()));
  if (scale > kMaxNumericDigits || !product.fits128()) return NumericStatus::kOverflow;
  return Make(product.low128(), (a.high < 0) != (b.high < 0), scale, out);
}

int CompareSlow(const Numeric& a, const Numeric& b) {
  if (!IsFinite(a) || !IsFinite(b)) {
    auto rank = [](const Numeric& n) {
      return n.kind == Numeric::kMinusInfinity ? 0 : n.kind == Numeric::kFinite ? 1 : n.kind == Numeric::kInfinity ? 2 : 3;
    };
    return rank(a) < rank(b) ? -1 : rank(a) > rank(b);
  }
  const int sign = SignOf(a);
  if (sign != SignOf(b)) return sign < SignOf(b) ? -1 : 1;
  UInt128 x = Magnitude(a.mantissa()), y = Magnitude(b.mantissa());
  // What passes 10^38 when brought to the other's scale is larger than anything there.
  if (a.scale < b.scale && !ScaleUp(x, b.scale - a.scale, &x)) return sign;
  if (b.scale < a.scale && !ScaleUp(y, a.scale - b.scale, &y)) return -sign;
  return x == y ? 0 : (x < y ? -sign : sign);
}

}  // namespace numeric_internal

NumericStatus NumericDivide(const Numeric& a, const Numeric& b, Numeric* out) {
  if (IsNaN(a) || IsNaN(b)) {
    *out = NumericSpecial(Numeric::kNaN);
    return NumericStatus::kOk;
  }
  if (SignOf(b) == 0) return NumericStatus::kDivisionByZero;
  if (!IsFinite(a)) {
    *out = IsFinite(b) ? SignedInfinity(SignOf(a) * SignOf(b)) : NumericSpecial(Numeric::kNaN);
    return NumericStatus::kOk;
  }
  if (!IsFinite(b)) {
    *out = Numeric();
    return NumericStatus::kOk;
  }
  const int scale = DivisionScale(a, b);
  const UInt128 divisor = Magnitude(b.mantissa());
  const bool negative = (a.high < 0) != (b.high < 0);
  if (scale > kMaxNumericDigits) {
    if (a.mantissa() != 0) return NumericStatus::kOverflow;
    *out = Numeric(0, kMaxNumericDigits);
    return NumericStatus::kOk;
  }
  UInt128 value, rest;
  const int up = scale + b.scale - a.scale;  // never negative: scale >= a.scale
  if (ScaleUp(Magnitude(a.mantissa()), up, &value)) {
    UInt128 quotient = DivideU128(value, divisor, &rest);
    if (rest >= divisor - rest) ++quotient;
    return Make(quotient, negative, scale, out);
  }
  UInt256 wide = Multiply128(Magnitude(a.mantissa()), PowerOfTen(up > 38 ? 38 : up));
  if (up > 38 && !MultiplyInPlace(&wide, PowerOfTen(up - 38))) return NumericStatus::kOverflow;
  const UInt256 quotient = Divide256(wide, divisor, &rest);
  if (!quotient.fits128()) return NumericStatus::kOverflow;
  const UInt128 rounded = quotient.low128() + (rest >= divisor - rest ? 1 : 0);
  return Make(rounded, negative, scale, out);
}

NumericStatus NumericRemainder(const Numeric& a, const Numeric& b, Numeric* out) {
  if (IsNaN(a) || IsNaN(b)) {
    *out = NumericSpecial(Numeric::kNaN);
    return NumericStatus::kOk;
  }
  if (SignOf(b) == 0) return NumericStatus::kDivisionByZero;
  if (!IsFinite(a)) {
    *out = NumericSpecial(Numeric::kNaN);
    return NumericStatus::kOk;
  }
  if (!IsFinite(b)) {
    *out = a;
    return NumericStatus::kOk;
  }
  const int scale = a.scale > b.scale ? a.scale : b.scale;
  UInt128 x = Magnitude(a.mantissa()), y, rest;
  if (!ScaleUp(Magnitude(b.mantissa()), scale - b.scale, &y)) {  // b is larger than a
    return ScaleUp(x, scale - a.scale, &x) ? Make(x, a.high < 0, scale, out) : NumericStatus::kOverflow;
  }
  Divide256(Multiply128(x, PowerOfTen(scale - a.scale)), y, &rest);
  return Make(rest, a.high < 0, scale, out);
}

NumericStatus NumericSqrt(const Numeric& a, Numeric* out) {
  if (IsNaN(a) || a.kind == Numeric::kInfinity) {
    *out = a;
    return NumericStatus::kOk;
  }
  if (SignOf(a) < 0) return NumericStatus::kNegativeRoot;
  const int weight = SignOf(a) == 0 ? 0 : LeadingDigitOf(a).weight;
  const int result_weight = weight >= 0 ? (weight + 1) * 2 - 1 : 1 - (-weight) * 2;  // decimal, of the root
  int scale = 16 - result_weight;
  scale = scale > a.scale ? scale : a.scale;
  scale = scale > 0 ? scale : 0;
  if (scale > kMaxNumericDigits) return NumericStatus::kOverflow;
  // One digit more than asked for, then rounded: the root of mantissa * 10^(2 * (scale + 1) - a.scale).
  const int up = 2 * (scale + 1) - a.scale;
  UInt256 wide = Multiply128(Magnitude(a.mantissa()), PowerOfTen(up > 38 ? 38 : up));
  if (up > 38 && !MultiplyInPlace(&wide, up - 38 > 38 ? PowerOfTen(38) : PowerOfTen(up - 38))) return NumericStatus::kOverflow;
  if (up > 76 && !MultiplyInPlace(&wide, PowerOfTen(up - 76))) return NumericStatus::kOverflow;
  // Newton's iteration from above.
  UInt128 root = ~UInt128{0} >> 1, rest;
  if (wide.fits128() && wide.low128() == 0)
    root = 0;
  else {
    for (;;) {
      const UInt256 quotient = Divide256(wide, root, &rest);
      if (quotient.fits128() && quotient.low128() < root)
        root = root - ((root - quotient.low128() + 1) >> 1);
      else
        break;
    }
  }
  return Make(ScaleDown(root, 1, true), false, scale, out);
}

NumericStatus NumericRound(const Numeric& n, int scale, Numeric* out) {
  if (!IsFinite(n)) {
    *out = n;
    return NumericStatus::kOk;
  }
  UInt128 value = Magnitude(n.mantissa());
  if (scale >= n.scale) {
    if (scale > kMaxNumericDigits || !ScaleUp(value, scale - n.scale, &value)) return NumericStatus::kOverflow;
    return Make(value, n.high < 0, scale, out);
  }
  value = n.scale - scale > 2 * kMaxNumericDigits ? 0 : ScaleDown(value, n.scale - scale, true);
  if (scale >= 0) return Make(value, n.high < 0, scale, out);
  return ScaleUp(value, -scale, &value) ? Make(value, n.high < 0, 0, out) : NumericStatus::kOverflow;
}

NumericStatus NumericTruncate(const Numeric& n, int scale, Numeric* out) {
  if (!IsFinite(n) || scale >= n.scale) return NumericRound(n, scale, out);
  UInt128 value = ScaleDown(Magnitude(n.mantissa()), n.scale - scale > 2 * kMaxNumericDigits ? 2 * kMaxNumericDigits : n.scale - scale, false);
  if (scale < 0 && !ScaleUp(value, -scale, &value)) return NumericStatus::kOverflow;
  return Make(value, n.high < 0, scale < 0 ? 0 : scale, out);
}

namespace {

NumericStatus RoundTowards(const Numeric& n, bool up, Numeric* out) {
  if (!IsFinite(n)) {
    *out = n;
    return NumericStatus::kOk;
  }
  UInt128 rest = 0;
  const bool negative = n.high < 0;
  UInt128 value = DivideU128(Magnitude(n.mantissa()), PowerOfTen(n.scale), &rest);
  if (rest != 0 && negative != up) ++value;
  return Make(value, negative, 0, out);
}

}  // namespace

NumericStatus NumericFloor(const Numeric& n, Numeric* out) { return RoundTowards(n, false, out); }
NumericStatus NumericCeil(const Numeric& n, Numeric* out) { return RoundTowards(n, true, out); }

NumericStatus ApplyNumericModifier(const Numeric& n, int32_t modifier, Numeric* out) {
  if (modifier < 0 || IsNaN(n)) {
    *out = n;
    return NumericStatus::kOk;
  }
  if (!IsFinite(n)) return NumericStatus::kOverflow;
  const int precision = modifier >> 16, scale = static_cast<int16_t>(modifier & 0xFFFF);
  const NumericStatus status = NumericRound(n, scale, out);
  if (status != NumericStatus::kOk) return status;
  const int digits = CountDigits(Magnitude(out->mantissa()));  // a value of that many digits is below 10^(digits - its scale)
  return digits == 0 || digits - out->scale <= precision - scale ? NumericStatus::kOk : NumericStatus::kOverflow;
}

Numeric NumericNormalize(const Numeric& n) {
  if (!IsFinite(n) || n.scale == 0) return n;
  UInt128 value = Magnitude(n.mantissa());
  if (value == 0) return Numeric();
  int scale = n.scale;
  while (scale > 0 && (static_cast<uint64_t>(value) & 1) == 0) {  // an odd value has no factor ten
    UInt128 rest;
    const UInt128 quotient = DivideU128(value, 10, &rest);
    if (rest != 0) break;
    value = quotient;
    --scale;
  }
  return Numeric(WithSign(value, n.high < 0), scale);
}

bool NumericToInt8(const Numeric& n, int64_t* out) {
  if (!IsFinite(n)) return false;
  Int128 value = n.mantissa();
  if (n.scale > 0) value = WithSign(ScaleDown(Magnitude(value), n.scale, true), value < 0);
  *out = static_cast<int64_t>(value);
  return value == *out;
}

double NumericToFloat8(const Numeric& n) {
  if (IsNaN(n)) return __builtin_nan("");
  if (!IsFinite(n)) return SignOf(n) < 0 ? -__builtin_inf() : __builtin_inf();
  static constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const UInt128 magnitude = Magnitude(n.mantissa());
  if ((magnitude >> 53) == 0 && n.scale <= 22) {  // both exact: one rounding, by the division
    return static_cast<double>(static_cast<int64_t>(n.mantissa())) / kExactPowers[n.scale];
  }
  char text[kMaxNumericText];
  char* end = FormatNumeric(n, text);
  double value = 0;
  std::from_chars(text, end, value);
  return value;
}

namespace {

// `precision` significant digits of a float, as "%.*g" prints them.
template <typename F>
NumericStatus FromFloat(F value, int precision, Numeric* out) {
  if (std::isnan(value) || std::isinf(value)) {
    *out = std::isnan(value) ? NumericSpecial(Numeric::kNaN) : SignedInfinity(value < 0 ? -1 : 1);
    return NumericStatus::kOk;
  }
  char text[48];
  const auto made = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, precision - 1);
  const char* p = text;
  const bool negative = *p == '-';
  if (negative) ++p;
  int64_t mantissa = 0;
  int digits = 0;
  for (; *p != 'e'; ++p) {
    if (*p == '.') continue;
    mantissa = mantissa * 10 + (*p - '0');
    ++digits;
  }
  int exponent = 0;
  const bool negative_exponent = p[1] == '-';
  for (p += 2; p < made.ptr; ++p) exponent = exponent * 10 + (*p - '0');
  if (mantissa == 0) {
    *out = Numeric();
    return NumericStatus::kOk;
  }
  for (; mantissa % 10 == 0; --digits) mantissa /= 10;
  int scale = digits - 1 - (negative_exponent ? -exponent : exponent);
  UInt128 magnitude = static_cast<UInt128>(mantissa);
  if (scale < 0) {
    if (!ScaleUp(magnitude, -scale, &magnitude)) return NumericStatus::kOverflow;
    scale = 0;
  }
  if (scale > kMaxNumericDigits) return NumericStatus::kOverflow;
  return Make(magnitude, negative, scale, out);
}

}  // namespace

NumericStatus NumericFromFloat8(double value, Numeric* out) { return FromFloat(value, 15, out); }
NumericStatus NumericFromFloat4(float value, Numeric* out) { return FromFloat(value, 6, out); }

}  // namespace kappa
