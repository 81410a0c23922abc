// Specification: numeric_stddev_internal and select_div_scale of PostgreSQL's utils/adt/numeric.c.
#include "functions/aggregate/numeric_moments.h"

#include <algorithm>
#include <string>

#include "functions/aggregate/moments.h"
#include "functions/scalar/errors.h"

namespace kappa {
namespace {

template <int kWords>
SignedBig ToBig(const uint64_t* words) {
  SignedBig out;
  out.negative = (words[kWords - 1] >> 63) != 0;
  uint32_t digits[2 * kWords];
  UInt128 carry = out.negative ? 1 : 0;
  for (int i = 0; i < kWords; ++i) {
    carry += out.negative ? ~words[i] : words[i];
    digits[2 * i] = static_cast<uint32_t>(carry);
    digits[2 * i + 1] = static_cast<uint32_t>(static_cast<uint64_t>(carry) >> 32);
    carry >>= 64;
  }
  out.magnitude = BigInteger::FromDigits(digits, 2 * kWords);
  return out;
}

void Accumulate(SignedBig* to, SignedBig value, int digits) {
  value.magnitude.MultiplyByPowerOfTen(digits);
  value.negative = !value.negative;
  *to = Difference(*to, value);
}

// The first base-10000 digit of value / 10^scale and where it stands (types/numeric.cc does the same for 38 digits).
void LeadingDigit(const std::string& decimal, int scale, int* weight, int* digit) {
  const int exponent = static_cast<int>(decimal.size()) - scale - 1;
  *weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  const int digits = exponent - 4 * *weight + 1;
  *digit = 0;
  for (int i = 0; i < digits; ++i) *digit = *digit * 10 + (i < static_cast<int>(decimal.size()) ? decimal[static_cast<size_t>(i)] - '0' : 0);
}

// Rounds value / 2 half away from zero, where value was computed with one bit more.
BigInteger Halved(BigInteger value) {
  value.Add(BigInteger::FromUnsigned(1));
  value.Divide(2);
  return value;
}

// numerator / 10^scale / (first * second), or its root.
bool Finish(CallContext& c, const BigInteger& numerator, int scale, uint64_t first, uint64_t second, bool root, Numeric* out) {
  BigInteger divisor = BigInteger::FromUnsigned(static_cast<UInt128>(first) * second);
  int weight = 0, digit = 0, divisor_weight = 0, divisor_digit = 0;
  LeadingDigit(numerator.ToDecimal(), scale, &weight, &digit);
  LeadingDigit(divisor.ToDecimal(), 0, &divisor_weight, &divisor_digit);
  const int result_scale = std::max({16 - 4 * (weight - divisor_weight - (digit <= divisor_digit ? 1 : 0)), scale, 0});
  BigInteger quotient = numerator;
  quotient.MultiplyByPowerOfTen(result_scale - scale);
  quotient.ShiftLeft(1);
  quotient.Divide(first);
  quotient.Divide(second);
  quotient = Halved(quotient);
  if (root) {  // one digit more than asked for, then rounded
    quotient.MultiplyByPowerOfTen(result_scale + 2);
    quotient = quotient.SquareRoot();
    quotient.Add(BigInteger::FromUnsigned(5));
    quotient.Divide(10);
  }
  if (!quotient.FitsUnsigned128() || quotient.ToUnsigned128() >= PowerOfTen(kMaxNumericDigits) || result_scale > kMaxNumericDigits)
    return FailNumeric(c, NumericStatus::kOverflow);
  *out = Numeric(static_cast<Int128>(quotient.ToUnsigned128()), result_scale);
  return true;
}

}  // namespace

bool NumericVariance(const StateArena& arena, CallContext& c, const NumericMoments& s, VarianceMeasure measure, Nullable<Numeric>* out) {
  const bool sample = measure == VarianceMeasure::kVarSamp || measure == VarianceMeasure::kStddevSamp;
  const OtherMoments* others = OthersOf(arena, s);
  int64_t count = s.first.count;
  int scale = s.first.count != 0 ? static_cast<int>(s.scale_plus_one) - 1 : 0;
  for (int i = 0; others != nullptr && i <= kMaxNumericDigits; ++i) {
    count += others->scale[i].count;
    if (others->scale[i].count != 0) scale = std::max(scale, i);
  }
  const int64_t special = others == nullptr ? 0 : others->special;
  if (count + special <= (sample ? 1 : 0)) return true;
  if (special != 0) {
    *out = NumericSpecial(Numeric::kNaN);
    return true;
  }
  SignedBig sum, squares;
  auto take = [&](const Moments& m, int at) {
    if (IsEmpty(m)) return;
    Accumulate(&sum, ToBig<3>(m.sum), scale - at);
    Accumulate(&squares, ToBig<5>(m.squares), 2 * (scale - at));
  };
  take(s.first, static_cast<int>(s.scale_plus_one) - 1);
  for (int i = 0; others != nullptr && i <= kMaxNumericDigits; ++i) take(others->scale[i], i);
  squares.magnitude.Multiply(static_cast<uint64_t>(count));
  const SignedBig numerator = Difference(squares, {sum.magnitude.Times(sum.magnitude), false});
  out->null = false;
  if (numerator.magnitude.IsZero()) {
    out->value = Numeric();
    return true;
  }
  const auto n = static_cast<uint64_t>(count);
  const bool root = measure == VarianceMeasure::kStddevPop || measure == VarianceMeasure::kStddevSamp;
  return Finish(c, numerator.magnitude, 2 * scale, n, sample ? n - 1 : n, root, &out->value);
}

}  // namespace kappa
