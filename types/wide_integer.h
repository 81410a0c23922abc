// 128- and 256-bit integers as decimals and aggregates need them. Divisions are calls that are never inlined: on this width the compiler falls back
// on its own library, which generated code cannot link.
#pragma once

#include <cstdint>

#include "common/runtime.h"

namespace kappa {

using Int128 = __int128;
using UInt128 = unsigned __int128;

namespace wide_internal {
struct PowersOfTen {
  UInt128 value[39];
  constexpr PowersOfTen() : value() {
    UInt128 power = 1;
    for (int i = 0; i < 39; ++i) {
      value[i] = power;
      if (i < 38) power *= 10;
    }
  }
};
inline constexpr PowersOfTen kPowersOfTen;
}  // namespace wide_internal

// 10^exponent, 0 <= exponent <= 38.
KAPPA_INLINE UInt128 PowerOfTen(int exponent) { return wide_internal::kPowersOfTen.value[exponent]; }

KAPPA_INLINE UInt128 Magnitude(Int128 value) { return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value); }
KAPPA_INLINE Int128 WithSign(UInt128 magnitude, bool negative) { return static_cast<Int128>(negative ? UInt128{0} - magnitude : magnitude); }

// Decimal digits of a value; 0 has none.
int CountDigits(UInt128 value);

// value / divisor; the remainder goes to *remainder. divisor != 0.
UInt128 DivideU128(UInt128 value, UInt128 divisor, UInt128* remainder);
double ToDouble(Int128 value);

// Little-endian words.
struct UInt256 {
  uint64_t word[4] = {0, 0, 0, 0};
  bool fits128() const { return (word[2] | word[3]) == 0; }
  UInt128 low128() const { return (static_cast<UInt128>(word[1]) << 64) | word[0]; }
};

UInt256 Multiply128(UInt128 a, UInt128 b);
// value *= factor; false when that passes 256 bits.
bool MultiplyInPlace(UInt256* value, UInt128 factor);
// The quotient, of 256 bits. divisor != 0. (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D, in base 2^32.)
UInt256 Divide256(const UInt256& value, UInt128 divisor, UInt128* remainder);

}  // namespace kappa
