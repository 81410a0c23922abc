#include "functions/aggregate/moments.h"

namespace kappa {
namespace {

SignedBig SumOf(const StateArena& arena, const ExactSum& sum) {
  uint32_t digits[kMaxExactDigits + 1];
  SignedBig out;
  const int count = ExactSumDigits(arena, sum, digits, &out.negative);
  out.magnitude = BigInteger::FromDigits(digits, count);
  return out;
}

}  // namespace

SignedBig Difference(const SignedBig& a, const SignedBig& b) {
  SignedBig out = a;
  if (a.negative != b.negative) {
    out.magnitude.Add(b.magnitude);
  } else if (a.magnitude.Compare(b.magnitude) >= 0) {
    out.magnitude.Subtract(b.magnitude);
  } else {
    out.magnitude = b.magnitude;
    out.magnitude.Subtract(a.magnitude);
    out.negative = !b.negative;
  }
  return out;
}

namespace {

// In units of 2^-2148.
SignedBig CenteredProduct(const StateArena& arena, const ExactSum& xy, const ExactSum& x, const ExactSum& y, int64_t count) {
  SignedBig products = SumOf(arena, xy);
  products.magnitude.Multiply(static_cast<uint64_t>(count));
  const SignedBig a = SumOf(arena, x), b = SumOf(arena, y);
  return Difference(products, {a.magnitude.Times(b.magnitude), a.negative != b.negative});
}

double CenteredQuotient(const SignedBig& value, uint64_t first, uint64_t second) {
  constexpr int kMore = 256;  // bits below the unit: more than two divisors and a double's mantissa have
  BigInteger quotient = value.magnitude;
  quotient.ShiftLeft(kMore);
  bool rest = quotient.Divide(first) != 0;
  rest |= quotient.Divide(second) != 0;
  const double result = RoundFixedPoint(quotient.digits(), quotient.size(), 1074 - 2148 - kMore, rest);
  return value.negative ? -result : result;
}

}  // namespace

double CenteredRatio(const StateArena& arena, const ExactSum& xy, const ExactSum& x, const ExactSum& y, int64_t count, uint64_t first,
                     uint64_t second) {
  return CenteredQuotient(CenteredProduct(arena, xy, x, y, count), first, second);
}

}  // namespace kappa
