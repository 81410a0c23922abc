// Sums and sums of squares of numerics, exact, and the variances made of them: numerics with PostgreSQL's scales and rounding.
//
// A state keeps the sums of the first scale it meets; others, and how many NaN and infinities there are, go to a block of the arena, as in
// numeric_sum.cc.
#pragma once

#include "functions/aggregate.h"
#include "types/numeric.h"

namespace kappa {

enum class VarianceMeasure : uint8_t { kVarPop, kVarSamp, kStddevPop, kStddevSamp };

struct Moments {        // of values of one scale
  uint64_t sum[3];      // two's complement
  uint64_t squares[5];  // likewise: a difference may be negative
  int64_t count;
};
struct OtherMoments {
  Moments scale[kMaxNumericDigits + 1];
  int64_t special;
};
struct NumericMoments {
  Moments first;
  StateArena::Ref others;  // OtherMoments
  int64_t scale_plus_one;  // of `first`; 0: none yet
};

inline OtherMoments* OthersOf(const StateArena& arena, const NumericMoments& s) {
  return s.others == 0 ? nullptr : reinterpret_cast<OtherMoments*>(arena.At(s.others));
}
inline bool IsEmpty(const Moments& m) {
  return m.count == 0 && (m.sum[0] | m.sum[1] | m.sum[2]) == 0 && (m.squares[0] | m.squares[1] | m.squares[2] | m.squares[3] | m.squares[4]) == 0;
}

// NULL of too few values; 22003 when it needs more than 38 digits. Host code.
bool NumericVariance(const StateArena& arena, CallContext& c, const NumericMoments& s, VarianceMeasure measure, Nullable<Numeric>* out);

}  // namespace kappa
