// Fixed-point numbers of a chosen number of fractional digits, for functions of numeric that have no exact result. Base 10^9: what comes from
// decimals and goes to decimals is shifted by digits, never converted. Magnitudes below 10^45; the caller keeps results within that.
#pragma once

#include <cstdint>

#include "types/wide_integer.h"

namespace kappa {

class FixedPoint {
 public:
  static constexpr int kIntegerLimbs = 5;
  static constexpr int kMaxFractionLimbs = 16;
  static constexpr uint32_t kBase = 1000000000;

  explicit FixedPoint(int fraction_limbs) : fraction_(fraction_limbs) {}
  // mantissa / 10^scale.
  static FixedPoint FromDecimal(UInt128 mantissa, int scale, int fraction_limbs);
  static FixedPoint FromInt(uint32_t value, int fraction_limbs);
  // ln 2.
  static FixedPoint Ln2(int fraction_limbs);

  int fraction_limbs() const { return fraction_; }
  bool IsZero() const;
  int Compare(const FixedPoint& other) const;
  // Rounded half up to `scale` digits after the point; false: the digits pass 38.
  bool ToDecimal(int scale, UInt128* mantissa) const;
  double ToDouble() const;

  FixedPoint Plus(const FixedPoint& other) const;
  FixedPoint Minus(const FixedPoint& other) const;  // other <= *this
  FixedPoint Times(const FixedPoint& other) const;  // cut
  FixedPoint TimesInt(uint32_t factor) const;
  FixedPoint DividedByInt(uint32_t divisor) const;
  FixedPoint DividedBy(const FixedPoint& other) const;  // cut; other != 0

 private:
  int limbs() const { return fraction_ + kIntegerLimbs; }
  int fraction_;
  uint32_t limb_[kIntegerLimbs + kMaxFractionLimbs] = {};  // little-endian
};

}  // namespace kappa
