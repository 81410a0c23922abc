// What gap_fill means, for what runs once (exec/epoch/gap_fill.cc) and for views (planner/binder/gap_fill.cc): between two rows of a partition a row
// for every step since the earlier one, before the later one. Times in microseconds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "types/numeric.h"

namespace kappa {

inline constexpr int64_t kMaxGapRows = 10'000'000;

// How many rows are added between two times; none at infinity. Up to 2^64: it is the caller's who checks kMaxGapRows.
inline unsigned __int128 GapRows(int64_t before, int64_t after, int64_t step) {
  if (after <= before || after == INT64_MAX || before == INT64_MIN || step <= 0) return 0;
  return static_cast<unsigned __int128>(static_cast<__int128>(after) - before - 1) / static_cast<unsigned __int128>(step);
}

// before + (after - before) * part / whole with 0 <= part <= whole > 0, in the type's own arithmetic: integers are rounded to the nearest, halves
// away from `before`; numerics have six digits more than their neighbours.
template <typename T>
T InterpolateInteger(T before, T after, int64_t part, int64_t whole) {
  // Of unsigned parts, so that neither the difference nor its product overflows: |after - before| < 2^64, part < 2^63.
  const bool down = after < before;
  const __int128 signed_distance = down ? static_cast<__int128>(before) - after : static_cast<__int128>(after) - before;
  const auto distance = static_cast<unsigned __int128>(signed_distance), all = static_cast<unsigned __int128>(whole);
  const auto by = static_cast<__int128>((distance * static_cast<unsigned __int128>(part) + all / 2) / all);
  return static_cast<T>(down ? before - by : before + by);
}

template <typename T>
T InterpolateFloat(T before, T after, int64_t part, int64_t whole) {
  const double from = before;
  return static_cast<T>(from + (static_cast<double>(after) - from) * (static_cast<double>(part) / static_cast<double>(whole)));
}

inline NumericStatus InterpolateNumeric(const Numeric& before, const Numeric& after, int64_t part, int64_t whole, Numeric* out) {
  Numeric by;
  NumericStatus status = NumericSubtract(after, before, &by);
  if (status == NumericStatus::kOk) status = NumericMultiply(by, NumericFromInt(part), &by);
  if (status == NumericStatus::kOk) status = NumericDivide(by, NumericFromInt(whole), &by);
  if (status == NumericStatus::kOk) status = NumericAdd(before, by, &by);
  if (status == NumericStatus::kOk) status = NumericRound(by, std::max(before.scale, after.scale) + 6, out);
  return status;
}

}  // namespace kappa
