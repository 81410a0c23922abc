#include "types/numeric_math.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "types/fixed_point.h"

namespace kappa {
namespace {

using Status = NumericMathStatus;

constexpr int kMinSignificantDigits = 16;
constexpr int kMaxDisplayScale = 1000;
constexpr double kLog10OfE = 0.434294481903252;

bool IsFinite(const Numeric& n) { return n.kind == Numeric::kFinite; }
bool IsNaN(const Numeric& n) { return n.kind == Numeric::kNaN; }
int SignOf(const Numeric& n) {
  if (n.kind == Numeric::kInfinity) return 1;
  if (n.kind == Numeric::kMinusInfinity) return -1;
  return n.high < 0 ? -1 : (n.high | static_cast<int64_t>(n.low)) != 0;
}
bool IsIntegral(const Numeric& n) {
  if (!IsFinite(n)) return !IsNaN(n);
  return NumericMinScale(n) == 0;
}
bool IsOne(const Numeric& n) { return IsFinite(n) && NumericCompare(n, NumericFromInt(1)) == 0; }

// The first base-10000 digits of a value as PostgreSQL holds it: value ~= (first * 10000 + second) * 10000^(weight - 1).
struct Leading {
  int weight = 0;
  int first = 0, second = 0;
  bool has_second = false;
  bool zero = true;
};
Leading LeadingOf(UInt128 magnitude, int scale) {
  Leading leading;
  if (magnitude == 0) return leading;
  leading.zero = false;
  const int exponent = CountDigits(magnitude) - scale - 1;
  leading.weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  const int cut = scale + 4 * leading.weight;  // magnitude / 10^cut is the first digit
  UInt128 rest = 0, second_rest = 0;
  if (cut <= 0) {
    leading.first = static_cast<int>(magnitude * PowerOfTen(-cut));
    return leading;
  }
  leading.first = static_cast<int>(cut > 38 ? 0 : DivideU128(magnitude, PowerOfTen(cut), &rest));
  if (cut >= 4)
    leading.second = static_cast<int>(DivideU128(rest, PowerOfTen(cut - 4), &second_rest));
  else
    leading.second = static_cast<int>(rest * PowerOfTen(4 - cut));
  leading.has_second = rest != 0;
  return leading;
}

// Where the first decimal digit of ln(x) stands, about; x > 0.
int EstimateLnWeight(UInt128 magnitude, int scale) {
  const Numeric x(static_cast<Int128>(magnitude), scale);
  const Numeric low(9, 1), high(11, 1);
  if (NumericCompare(x, low) >= 0 && NumericCompare(x, high) <= 0) {
    const UInt128 one = PowerOfTen(scale);
    const Leading leading = LeadingOf(magnitude > one ? magnitude - one : one - magnitude, scale);
    return leading.zero ? 0 : leading.weight * 4 + static_cast<int>(std::log10(leading.first));
  }
  const Leading leading = LeadingOf(magnitude, scale);
  if (leading.zero) return 0;
  double digits = leading.first;
  int weight = leading.weight * 4;
  if (leading.has_second) {
    digits = digits * 10000 + leading.second;
    weight -= 4;
  }
  return static_cast<int>(std::log10(std::fabs(std::log(digits) + weight * 2.302585092994046)));
}

int ClampScale(int scale) { return std::clamp(scale, 0, kMaxDisplayScale); }
int LimbsFor(int digits) { return std::min((digits + 8) / 9, FixedPoint::kMaxFractionLimbs); }

struct SignedFixed {
  FixedPoint value;
  bool negative = false;
};

// 2 * artanh(z) = ln((1 + z) / (1 - z)), 0 <= z < 1/5.
FixedPoint LnOfRatio(const FixedPoint& z) {
  const FixedPoint square = z.Times(z);
  FixedPoint power = z, sum = z;
  for (uint32_t n = 3;; n += 2) {
    power = power.Times(square);
    const FixedPoint term = power.DividedByInt(n);
    if (term.IsZero()) break;
    sum = sum.Plus(term);
  }
  return sum.TimesInt(2);
}

// ln of mantissa / 10^scale, which is positive.
SignedFixed Ln(UInt128 mantissa, int scale, int limbs) {
  FixedPoint x = FixedPoint::FromDecimal(mantissa, scale, limbs);
  const FixedPoint one = FixedPoint::FromInt(1, limbs);
  // x = m * 2^k, m near 1.
  int k = static_cast<int>(std::lround(std::log2(ToDouble(static_cast<Int128>(mantissa))) - scale * 3.321928094887362));
  for (int left = k; left > 0; left -= 29) x = x.DividedByInt(1u << std::min(left, 29));
  for (int left = -k; left > 0; left -= 29) x = x.TimesInt(1u << std::min(left, 29));
  const bool below = x.Compare(one) < 0;
  const FixedPoint ln_m = LnOfRatio((below ? one.Minus(x) : x.Minus(one)).DividedBy(x.Plus(one)));
  const FixedPoint ln_k = FixedPoint::Ln2(limbs).TimesInt(static_cast<uint32_t>(std::abs(k)));
  if (k == 0) return {ln_m, below};
  if ((k < 0) == below) return {ln_k.Plus(ln_m), k < 0};
  return ln_k.Compare(ln_m) >= 0 ? SignedFixed{ln_k.Minus(ln_m), k < 0} : SignedFixed{ln_m.Minus(ln_k), below};
}

// e^x for 0 <= x < 104: the argument halved until it is small, Taylor's series, squared back.
FixedPoint Exp(FixedPoint x) {
  const int limbs = x.fraction_limbs();
  constexpr int kHalvings = 14;
  x = x.DividedByInt(1u << kHalvings);
  FixedPoint term = FixedPoint::FromInt(1, limbs), sum = term;
  for (uint32_t n = 1;; ++n) {
    term = term.Times(x).DividedByInt(n);
    if (term.IsZero()) break;
    sum = sum.Plus(term);
  }
  for (int i = 0; i < kHalvings; ++i) sum = sum.Times(sum);
  return sum;
}

Status Finish(const FixedPoint& value, bool negative, int scale, Numeric* out) {
  UInt128 mantissa;
  if (scale > kMaxNumericDigits || !value.ToDecimal(scale, &mantissa)) return Status::kOverflow;
  *out = Numeric(WithSign(mantissa, negative), scale);
  return Status::kOk;
}

// e^(+-x) with the scale chosen; |x| has been estimated as `estimate`.
Status FinishExp(const SignedFixed& x, double estimate, int scale, Numeric* out) {
  if (estimate > 88 || scale > kMaxNumericDigits) return Status::kOverflow;
  if (estimate < -100) return Status::kOverflow;
  const FixedPoint value = Exp(x.value);
  return Finish(x.negative ? FixedPoint::FromInt(1, value.fraction_limbs()).DividedBy(value) : value, false, scale, out);
}

Status Set(const Numeric& value, Numeric* out) {
  *out = value;
  return Status::kOk;
}
Status FromNumericStatus(NumericStatus status) {
  return status == NumericStatus::kOk ? Status::kOk : status == NumericStatus::kDivisionByZero ? Status::kDivisionByZero : Status::kOverflow;
}

// What ln and log refuse; a NaN or an infinity is not refused.
Status CheckLogarithm(const Numeric& x) {
  const int sign = SignOf(x);
  return sign < 0 ? Status::kLogarithmOfNegative : sign == 0 ? Status::kLogarithmOfZero : Status::kOk;
}

}  // namespace

NumericMathStatus NumericExp(const Numeric& x, Numeric* out) {
  if (!IsFinite(x)) return Set(x.kind == Numeric::kMinusInfinity ? Numeric() : x, out);
  const double estimate = NumericToFloat8(x);
  const int weight = static_cast<int>(std::clamp(estimate * kLog10OfE, -2000.0, 2000.0));
  const int scale = ClampScale(std::max(kMinSignificantDigits - weight, x.scale));
  if (std::fabs(estimate) > 100) return Status::kOverflow;
  const int limbs = LimbsFor(std::min(scale, kMaxNumericDigits) + 2 * std::abs(weight) + 30);
  return FinishExp({FixedPoint::FromDecimal(Magnitude(x.mantissa()), x.scale, limbs), x.high < 0}, estimate, scale, out);
}

NumericMathStatus NumericLn(const Numeric& x, Numeric* out) {
  if (IsNaN(x)) return Set(x, out);
  if (const Status status = CheckLogarithm(x); status != Status::kOk) return status;
  if (!IsFinite(x)) return Set(x, out);
  const UInt128 mantissa = Magnitude(x.mantissa());
  const int scale = ClampScale(std::max(kMinSignificantDigits - EstimateLnWeight(mantissa, x.scale), x.scale));
  if (scale > kMaxNumericDigits) return Status::kOverflow;
  const SignedFixed ln = Ln(mantissa, x.scale, LimbsFor(scale + x.scale + 27));
  return Finish(ln.value, ln.negative, scale, out);
}

NumericMathStatus NumericLog(const Numeric& base, const Numeric& x, Numeric* out) {
  if (IsNaN(base) || IsNaN(x)) return Set(NumericSpecial(Numeric::kNaN), out);
  if (!IsFinite(base) || !IsFinite(x)) {
    if (SignOf(base) < 0 || SignOf(x) < 0) return Status::kLogarithmOfNegative;
    if (SignOf(base) == 0 || SignOf(x) == 0) return Status::kLogarithmOfZero;
    if (base.kind != Numeric::kInfinity) return Set(x, out);
    return Set(x.kind == Numeric::kInfinity ? NumericSpecial(Numeric::kNaN) : Numeric(), out);
  }
  if (const Status status = CheckLogarithm(base); status != Status::kOk) return status;
  if (const Status status = CheckLogarithm(x); status != Status::kOk) return status;
  if (IsOne(base)) return Status::kDivisionByZero;
  const UInt128 b = Magnitude(base.mantissa()), v = Magnitude(x.mantissa());
  const int weight = EstimateLnWeight(v, x.scale) - EstimateLnWeight(b, base.scale);
  const int scale = ClampScale(std::max({kMinSignificantDigits - weight, base.scale, x.scale}));
  if (scale > kMaxNumericDigits) return Status::kOverflow;
  const int limbs = LimbsFor(scale + base.scale + x.scale + 36);
  const SignedFixed ln_b = Ln(b, base.scale, limbs), ln_x = Ln(v, x.scale, limbs);
  return Finish(ln_x.value.DividedBy(ln_b.value), ln_b.negative != ln_x.negative, scale, out);
}

namespace {

// base^n for whole n by squaring: exact as long as the digits fit. (PostgreSQL 15 gives it 16 digits after the point whatever its size.)
Status IntegerPower(const Numeric& base, int64_t n, Numeric* out) {
  const UInt128 mantissa = Magnitude(base.mantissa());
  const double weight = mantissa == 0 ? 0 : static_cast<double>(n) * (std::log10(ToDouble(static_cast<Int128>(mantissa))) - base.scale);
  if (weight > 131072) return Status::kOverflow;
  const int scale = std::max(kMinSignificantDigits, base.scale);
  if (n == 0) return FromNumericStatus(NumericRound(NumericFromInt(1), scale, out));
  if (n == 1) return FromNumericStatus(NumericRound(base, scale, out));
  if (n == 2 && base.scale * 2 <= scale) {
    Numeric square;
    if (const NumericStatus status = NumericMultiply(base, base, &square); status != NumericStatus::kOk) return FromNumericStatus(status);
    return FromNumericStatus(NumericRound(square, scale, out));
  }
  if (mantissa == 0) return n < 0 ? Status::kDivisionByZero : Set(Numeric(0, scale), out);
  if (weight > 38.5) return Status::kOverflow;
  if (weight + 1 < -scale) return Set(Numeric(0, scale), out);
  const int limbs = LimbsFor(kMaxNumericDigits + 40 + base.scale + static_cast<int>(std::fabs(weight)));
  FixedPoint power = FixedPoint::FromDecimal(mantissa, base.scale, limbs), value = FixedPoint::FromInt(1, limbs);
  uint64_t left = static_cast<uint64_t>(n < 0 ? -n : n);
  // Left to right, so that nothing passes the result.
  for (uint64_t bit = std::bit_floor(left); bit != 0; bit >>= 1) {
    value = value.Times(value);
    if ((left & bit) != 0) value = value.Times(power);
  }
  const bool negative = base.high < 0 && (left & 1) != 0;
  if (n < 0) {
    if (value.IsZero()) return Status::kOverflow;
    value = FixedPoint::FromInt(1, limbs).DividedBy(value);
  }
  return Finish(value, negative, scale, out);
}

// base^exponent where one of them is not finite (POSIX's pow).
Status SpecialPower(const Numeric& base, const Numeric& exponent, Numeric* out) {
  const Numeric one = NumericFromInt(1), nan = NumericSpecial(Numeric::kNaN), infinity = NumericSpecial(Numeric::kInfinity);
  if (IsNaN(base)) return Set(IsFinite(exponent) && SignOf(exponent) == 0 ? one : nan, out);
  if (IsNaN(exponent)) return Set(IsOne(base) ? one : nan, out);
  const int sign = SignOf(base), power_sign = SignOf(exponent);
  if (sign == 0 && power_sign < 0) return Status::kZeroToNegativePower;
  if (sign < 0 && !IsIntegral(exponent)) return Status::kComplexPower;
  if (IsOne(base) || power_sign == 0) return Set(one, out);
  if (sign == 0 && power_sign > 0) return Set(Numeric(), out);
  if (!IsFinite(exponent)) {
    if (IsFinite(base) && NumericCompare(base, NumericFromInt(-1)) == 0) return Set(one, out);
    const bool above_one = !IsFinite(base) || NumericCompare(Numeric(WithSign(Magnitude(base.mantissa()), false), base.scale), one) > 0;
    return Set(above_one == (power_sign > 0) ? infinity : Numeric(), out);
  }
  if (power_sign < 0) return Set(Numeric(), out);
  if (base.kind == Numeric::kInfinity) return Set(infinity, out);
  Numeric rest;
  const bool odd = NumericRemainder(exponent, NumericFromInt(2), &rest) == NumericStatus::kOk && SignOf(rest) != 0;
  return Set(odd ? base : infinity, out);
}

}  // namespace

NumericMathStatus NumericPower(const Numeric& base, const Numeric& exponent, Numeric* out) {
  if (!IsFinite(base) || !IsFinite(exponent)) return SpecialPower(base, exponent, out);
  const int sign = SignOf(base);
  if (sign == 0 && SignOf(exponent) < 0) return Status::kZeroToNegativePower;
  const bool integral = IsIntegral(exponent);
  if (sign < 0 && !integral) return Status::kComplexPower;
  int64_t n = 0;
  if (integral && NumericToInt8(exponent, &n) && n >= INT32_MIN && n <= INT32_MAX) return IntegerPower(base, n, out);
  if (sign == 0) return Set(Numeric(0, kMinSignificantDigits), out);
  Numeric rest;
  const bool odd = sign < 0 && NumericRemainder(exponent, NumericFromInt(2), &rest) == NumericStatus::kOk && SignOf(rest) != 0;
  const UInt128 mantissa = Magnitude(base.mantissa()), power = Magnitude(exponent.mantissa());
  if (IsFinite(base) && mantissa == PowerOfTen(base.scale)) {  // 1: its logarithm is zero
    const int scale = ClampScale(std::max({kMinSignificantDigits, base.scale, exponent.scale}));
    if (scale > kMaxNumericDigits) return Status::kOverflow;
    return Finish(FixedPoint::FromInt(1, 5), odd, scale, out);
  }
  const int power_digits = std::max(0, CountDigits(power) - exponent.scale);
  const int limbs = LimbsFor(kMaxNumericDigits + 50 + power_digits + base.scale);
  const SignedFixed ln = Ln(mantissa, base.scale, limbs);
  const double estimate = NumericToFloat8(exponent) * (ln.negative ? -1 : 1) * ln.value.ToDouble();
  if (estimate > 200 || estimate < -100) return Status::kOverflow;
  const int scale = ClampScale(std::max({kMinSignificantDigits - static_cast<int>(estimate * kLog10OfE), base.scale, exponent.scale}));
  const SignedFixed product{ln.value.Times(FixedPoint::FromDecimal(power, exponent.scale, limbs)), ln.negative != (exponent.high < 0)};
  const Status status = FinishExp(product, estimate, scale, out);
  if (status == Status::kOk && odd) *out = NumericNegate(*out);
  return status;
}

NumericMathStatus NumericFactorial(int64_t n, Numeric* out) {
  if (n < 0) return Status::kNegativeFactorial;
  if (n > 33) return Status::kOverflow;  // 34! has 39 digits
  UInt128 value = 1;
  for (int64_t i = 2; i <= n; ++i) value *= static_cast<UInt128>(i);
  *out = Numeric(static_cast<Int128>(value), 0);
  return Status::kOk;
}

NumericStatus NumericDivideTruncated(const Numeric& a, const Numeric& b, Numeric* out) {
  if (!IsFinite(a) || !IsFinite(b)) return NumericDivide(a, b, out);
  if (SignOf(b) == 0) return NumericStatus::kDivisionByZero;
  // |a| / |b| = (x * 10^up) / (y * 10^down): one of the two shifts is nothing.
  const UInt128 x = Magnitude(a.mantissa()), y = Magnitude(b.mantissa());
  const int up = std::max(b.scale - a.scale, 0), down = std::max(a.scale - b.scale, 0);
  UInt128 rest;
  UInt128 quotient;
  const UInt256 divisor = Multiply128(y, PowerOfTen(down));
  if (!divisor.fits128()) {
    quotient = 0;  // more than 2^128, and x is less
  } else {
    const UInt256 wide = Divide256(Multiply128(x, PowerOfTen(up)), divisor.low128(), &rest);
    if (!wide.fits128() || wide.low128() >= PowerOfTen(kMaxNumericDigits)) return NumericStatus::kOverflow;
    quotient = wide.low128();
  }
  *out = Numeric(WithSign(quotient, (a.high < 0) != (b.high < 0)), 0);
  return NumericStatus::kOk;
}

namespace {

Numeric WithScale(Numeric n, int scale) {
  n.scale = scale;
  return n;
}

// Both as whole numbers of 10^-scale.
NumericStatus SameScale(const Numeric& a, const Numeric& b, UInt128* x, UInt128* y, int* scale) {
  Numeric wide_a, wide_b;
  *scale = std::max(a.scale, b.scale);
  if (NumericRound(a, *scale, &wide_a) != NumericStatus::kOk || NumericRound(b, *scale, &wide_b) != NumericStatus::kOk)
    return NumericStatus::kOverflow;
  *x = Magnitude(wide_a.mantissa());
  *y = Magnitude(wide_b.mantissa());
  return NumericStatus::kOk;
}

UInt128 Gcd(UInt128 x, UInt128 y) {
  while (y != 0) {
    UInt128 rest;
    DivideU128(x, y, &rest);
    x = y;
    y = rest;
  }
  return x;
}

}  // namespace

NumericStatus NumericGcd(const Numeric& a, const Numeric& b, Numeric* out) {
  if (!IsFinite(a) || !IsFinite(b)) {
    *out = NumericSpecial(Numeric::kNaN);
    return NumericStatus::kOk;
  }
  UInt128 x, y;
  int scale;
  if (const NumericStatus status = SameScale(a, b, &x, &y, &scale); status != NumericStatus::kOk) return status;
  *out = WithScale(Numeric(static_cast<Int128>(Gcd(x, y)), 0), scale);
  return NumericStatus::kOk;
}

NumericStatus NumericLcm(const Numeric& a, const Numeric& b, Numeric* out) {
  if (!IsFinite(a) || !IsFinite(b)) {
    *out = NumericSpecial(Numeric::kNaN);
    return NumericStatus::kOk;
  }
  UInt128 x, y, rest;
  int scale;
  if (const NumericStatus status = SameScale(a, b, &x, &y, &scale); status != NumericStatus::kOk) return status;
  if (x == 0 || y == 0) {
    *out = WithScale(Numeric(), scale);
    return NumericStatus::kOk;
  }
  const UInt256 product = Multiply128(DivideU128(x, Gcd(x, y), &rest), y);
  if (!product.fits128() || product.low128() >= PowerOfTen(kMaxNumericDigits)) return NumericStatus::kOverflow;
  *out = Numeric(static_cast<Int128>(product.low128()), scale);
  return NumericStatus::kOk;
}

int NumericMinScale(const Numeric& n) { return NumericNormalize(n).scale; }

bool NumericBucket(const Numeric& x, const Numeric& low, const Numeric& high, int32_t count, int32_t* out) {
  Numeric from, width;
  if (NumericSubtract(x, low, &from) != NumericStatus::kOk || NumericSubtract(high, low, &width) != NumericStatus::kOk) return false;
  UInt128 a, b, rest;
  int scale;
  if (SameScale(from, width, &a, &b, &scale) != NumericStatus::kOk) return false;
  UInt256 product = Multiply128(a, static_cast<UInt128>(count));
  *out = static_cast<int32_t>(Divide256(product, b, &rest).low128());
  return true;
}

}  // namespace kappa
