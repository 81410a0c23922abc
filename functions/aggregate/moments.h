// What variances and regressions are made of: exact sums, and from them the centered products n * sum(xy) - sum(x) * sum(y), exact too. Host code.
#pragma once

#include "types/big_integer.h"
#include "types/exact_sum.h"

namespace kappa {

// A signed integer.
struct SignedBig {
  BigInteger magnitude;
  bool negative = false;
};

// a - b
SignedBig Difference(const SignedBig& a, const SignedBig& b);

// (count * sum(xy) - sum(x) * sum(y)) / (first * second), rounded once; infinite when beyond the range. `xy` is a sum of products.
double CenteredRatio(const StateArena& arena, const ExactSum& xy, const ExactSum& x, const ExactSum& y, int64_t count, uint64_t first,
                     uint64_t second);

}  // namespace kappa
