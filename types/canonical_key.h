// What GROUP BY, DISTINCT and keys of state call equal: of all values that are equal in SQL, one is canonical, and only its bytes are compared,
// hashed and stored. This is the one place that decides it; compare.h's order agrees (equal there, one form here).
//
//   float4, float8   -0 is 0, every NaN is one
//   numeric          without zeros at the end of the fraction: 1.50 is 1.5
//   interval         months of 30 days and days of 24 hours: '1 mon' is '30 days', '24:00:00' is '1 day'
//   all others       themselves
//
// Which of the equal values a query shows is another matter: see AggregateOp::keys.
#pragma once

#include <cstdint>

#include "common/runtime.h"
#include "types/compare.h"

namespace kappa {

KAPPA_INLINE double CanonicalKey(double v) { return CanonicalFloat(v); }
KAPPA_INLINE float CanonicalKey(float v) { return CanonicalFloat(v); }
KAPPA_INLINE Numeric CanonicalKey(const Numeric& v) { return NumericNormalize(v); }
// Whole days, and what is left of one with the same sign; days too many for 32 bits (5.8 million years) as months, then as micros.
KAPPA_INLINE Interval CanonicalKey(const Interval& v) {
  int64_t days = int64_t{v.months} * 30 + v.days + v.micros / kMicrosPerDay;
  int64_t rest = v.micros % kMicrosPerDay;
  if (rest < 0 && days > 0) {
    --days;
    rest += kMicrosPerDay;
  } else if (rest > 0 && days < 0) {
    ++days;
    rest -= kMicrosPerDay;
  }
  auto clamp = [](int64_t n) { return static_cast<int32_t>(n > INT32_MAX ? INT32_MAX : n < INT32_MIN ? INT32_MIN : n); };
  Interval result;
  result.days = clamp(days);
  days -= result.days;
  result.months = clamp(days / 30);
  days -= int64_t{result.months} * 30;
  result.micros = rest + days * kMicrosPerDay;
  return result;
}

}  // namespace kappa
