// Roots, powers, exponentials and logarithms of numeric, with PostgreSQL's result scales (its utils/adt/numeric.c is the specification). Computed in
// fixed point with at least 20 digits more than the result shows, then rounded half away from zero. Host code: called, never inlined into queries.
#pragma once

#include "types/numeric.h"

namespace kappa {

enum class NumericMathStatus : uint8_t {
  kOk,
  kOverflow,
  kDivisionByZero,
  kLogarithmOfZero,
  kLogarithmOfNegative,
  kZeroToNegativePower,
  kComplexPower,  // a negative number to a power that is not an integer
  kNegativeFactorial,
};

NumericMathStatus NumericExp(const Numeric& x, Numeric* out);
NumericMathStatus NumericLn(const Numeric& x, Numeric* out);
NumericMathStatus NumericLog(const Numeric& base, const Numeric& x, Numeric* out);
NumericMathStatus NumericPower(const Numeric& base, const Numeric& exponent, Numeric* out);
NumericMathStatus NumericFactorial(int64_t n, Numeric* out);

NumericStatus NumericDivideTruncated(const Numeric& a, const Numeric& b, Numeric* out);  // div(): the integer part of a / b
NumericStatus NumericGcd(const Numeric& a, const Numeric& b, Numeric* out);
NumericStatus NumericLcm(const Numeric& a, const Numeric& b, Numeric* out);
// Digits after the point that are not zeros at the end. Only of a finite value.
int NumericMinScale(const Numeric& n);
// floor((x - low) * count / (high - low)) for low <= x < high, all finite, count > 0; false when it does not fit 256 bits.
bool NumericBucket(const Numeric& x, const Numeric& low, const Numeric& high, int32_t count, int32_t* out);

}  // namespace kappa
