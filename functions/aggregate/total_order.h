// Orders equal values that print differently (1.0 and 1.00, '1 mon' and '30 days') too, so that a choice among them does not depend on the order of
// rows: fewer digits first, -0 before 0, fewer months and then days first.
#pragma once

#include "types/compare.h"

namespace kappa {

template <typename T>
KAPPA_INLINE int TotalOrder(const T& a, const T& b) {
  const int order = CompareValues(a, b);
  if constexpr (std::is_same_v<T, Numeric>) {
    return order != 0 ? order : CompareValues(a.scale, b.scale);
  } else if constexpr (std::is_floating_point_v<T>) {
    return order != 0 ? order : __builtin_signbit(b) - __builtin_signbit(a);
  } else if constexpr (std::is_same_v<T, Interval>) {
    if (order != 0) return order;
    return a.months != b.months ? CompareValues(a.months, b.months) : CompareValues(a.days, b.days);
  } else {
    return order;
  }
}

}  // namespace kappa
