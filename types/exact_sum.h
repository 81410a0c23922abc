// A sum of doubles without rounding: order-free and invertible, rounded once when it is read (design section 3).
//
// A superaccumulator (U. Kulisch, "Computer Arithmetic and Validity", and R. Neal, "Fast exact summation using small and large superaccumulators",
// 2015): the sum is an integer in units of 2^-1074, kept as digits of 32 bits in 64-bit words, so that an addition touches three words and carries
// are settled only every 2^30 additions. Only the words between the exponents seen are kept, in a block of the StateArena; an ordinary column of
// prices needs five.
#pragma once

#include <cstdint>

#include "common/runtime.h"
#include "common/state_arena.h"

namespace kappa {

// All zero: the empty sum. Relocatable; what it holds in the arena is freed by ExactSumRelease.
struct ExactSum {
  StateArena::Ref block = 0;
  int16_t first = 0;     // index of the block's first digit: digit i counts 2^(32 i - 1074)
  int16_t count = 0;     // digits in the block
  uint32_t pending = 0;  // additions since carries were settled
};

// value * weight; value must be finite.
void ExactSumAdd(StateArena& arena, ExactSum* sum, double value, int64_t weight);
// x * y * weight, exactly, into a sum of products: its digits count 2^(32 i - 2148). Both must be finite.
void ExactSumAddProduct(StateArena& arena, ExactSum* sum, double x, double y, int64_t weight);
void ExactSumMerge(StateArena& arena, ExactSum* sum, const StateArena& from, const ExactSum& other);
void ExactSumRelease(StateArena& arena, ExactSum* sum);
void ExactSumCopy(const StateArena& from, const ExactSum& sum, StateArena& to, ExactSum* out);
// The sum divided by `divisor` (1: the sum itself), rounded once, half to even; infinite when beyond the range. divisor > 0.
double ExactSumRound(const StateArena& arena, const ExactSum& sum, uint64_t divisor);

inline constexpr int kMaxExactDigits = 144;
// The magnitude's digits of 32 bits from the lowest unit on (2^-1074, of products 2^-2148), and their number.
int ExactSumDigits(const StateArena& arena, const ExactSum& sum, uint32_t* digits, bool* negative);
// The double nearest to a magnitude whose digit i counts 2^(32 i + base - 1074), half to even; `sticky`: something lies below the last digit.
double RoundFixedPoint(const uint32_t* digits, int count, int base, bool sticky);

}  // namespace kappa
