// Arithmetic on Numeric (types/values.h) with PostgreSQL's display scales and rounding (its utils/adt/numeric.c is the specification).
// What needs more than 38 digits, or a scale beyond 38, is an overflow: 22003 "value overflows numeric format".
#pragma once

#include <cstdint>
#include <string_view>

#include "common/runtime.h"
#include "types/text_format.h"
#include "types/values.h"
#include "types/wide_integer.h"

namespace kappa {

inline constexpr int kMaxNumericDigits = 38;
inline constexpr size_t kMaxNumericText = 48;

enum class NumericStatus : uint8_t { kOk, kOverflow, kDivisionByZero, kNegativeRoot };

KAPPA_INLINE bool FitsNumeric(Int128 mantissa) { return Magnitude(mantissa) < PowerOfTen(kMaxNumericDigits); }
KAPPA_INLINE bool FitsInt64(const Numeric& n) { return n.high == static_cast<int64_t>(n.low) >> 63; }
KAPPA_INLINE Numeric NumericFromInt(int64_t value) { return Numeric(static_cast<Int128>(value), 0); }
inline Numeric NumericSpecial(Numeric::Kind kind) {
  Numeric n;
  n.kind = kind;
  return n;
}
// Makes a value of any mantissa; false: more than 38 digits.
inline bool MakeNumeric(Int128 mantissa, int scale, Numeric* out) {
  *out = Numeric(mantissa, scale);
  return FitsNumeric(mantissa);
}

namespace numeric_internal {
// The general cases: scales differ, the operands are wide, or not finite.
NumericStatus AddSlow(const Numeric& a, const Numeric& b, Numeric* out);
NumericStatus MultiplySlow(const Numeric& a, const Numeric& b, Numeric* out);
int CompareSlow(const Numeric& a, const Numeric& b);
}  // namespace numeric_internal

KAPPA_INLINE Numeric NumericNegate(Numeric n) {
  if (KAPPA_UNLIKELY(n.kind != Numeric::kFinite)) {
    if (n.kind != Numeric::kNaN) n.kind = n.kind == Numeric::kInfinity ? Numeric::kMinusInfinity : Numeric::kInfinity;
    return n;
  }
  return Numeric(-n.mantissa(), n.scale);
}

KAPPA_INLINE NumericStatus NumericAdd(const Numeric& a, const Numeric& b, Numeric* out) {
  if (KAPPA_LIKELY(((a.kind | b.kind) | (a.scale ^ b.scale)) == 0)) {
    const auto sum =
        static_cast<Int128>(static_cast<UInt128>(a.mantissa()) + static_cast<UInt128>(b.mantissa()));  // it may wrap, and then does not fit
    *out = Numeric(sum, a.scale);
    if (KAPPA_LIKELY(FitsInt64(a) && FitsInt64(b))) return NumericStatus::kOk;
    const Int128 wrapped = (a.mantissa() ^ sum) & (b.mantissa() ^ sum);
    return wrapped >= 0 && FitsNumeric(sum) ? NumericStatus::kOk : NumericStatus::kOverflow;
  }
  return numeric_internal::AddSlow(a, b, out);
}
KAPPA_INLINE NumericStatus NumericSubtract(const Numeric& a, const Numeric& b, Numeric* out) { return NumericAdd(a, NumericNegate(b), out); }

KAPPA_INLINE NumericStatus NumericMultiply(const Numeric& a, const Numeric& b, Numeric* out) {
  if (KAPPA_LIKELY((a.kind | b.kind) == 0 && a.scale + b.scale <= kMaxNumericDigits && FitsInt64(a) && FitsInt64(b))) {
    *out = Numeric(static_cast<Int128>(static_cast<int64_t>(a.low)) * static_cast<int64_t>(b.low), a.scale + b.scale);  // at most 2^126 < 10^38
    return NumericStatus::kOk;
  }
  return numeric_internal::MultiplySlow(a, b, out);
}

NumericStatus NumericDivide(const Numeric& a, const Numeric& b, Numeric* out);
NumericStatus NumericRemainder(const Numeric& a, const Numeric& b, Numeric* out);  // truncated: the sign of a
NumericStatus NumericSqrt(const Numeric& a, Numeric* out);

// -1, 0, 1. NaN equals NaN and is greater than everything.
KAPPA_INLINE int NumericCompare(const Numeric& a, const Numeric& b) {
  if (KAPPA_LIKELY(((a.kind | b.kind) | (a.scale ^ b.scale)) == 0)) {
    const Int128 x = a.mantissa(), y = b.mantissa();
    return x < y ? -1 : x > y;
  }
  return numeric_internal::CompareSlow(a, b);
}

// To `scale` digits after the point (negative: before it), half away from zero, or towards zero.
NumericStatus NumericRound(const Numeric& n, int scale, Numeric* out);
NumericStatus NumericTruncate(const Numeric& n, int scale, Numeric* out);
NumericStatus NumericFloor(const Numeric& n, Numeric* out);
NumericStatus NumericCeil(const Numeric& n, Numeric* out);
// numeric(precision, scale) as Type::modifier() encodes it; kOverflow: "numeric field overflow".
NumericStatus ApplyNumericModifier(const Numeric& n, int32_t modifier, Numeric* out);
// The same value without zeros at the end of its fraction: equal values become equal bytes.
Numeric NumericNormalize(const Numeric& n);

// Rounded half away from zero; false: not within int64, or not finite.
bool NumericToInt8(const Numeric& n, int64_t* out);
double NumericToFloat8(const Numeric& n);
NumericStatus NumericFromFloat8(double value, Numeric* out);  // 15 significant digits, as PostgreSQL's cast
NumericStatus NumericFromFloat4(float value, Numeric* out);   // 6

char* FormatNumeric(const Numeric& n, char* out);  // at most kMaxNumericText bytes
ParseStatus ParseNumeric(std::string_view text, Numeric* out);

}  // namespace kappa
