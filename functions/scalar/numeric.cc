// Arithmetic on numeric: types/numeric.h with its failures turned into SQL's.
#include "types/numeric.h"

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace numeric_functions {

// The usual case in a few instructions: finite values of one scale that fit 64 bits. The others are calls, so that this is small enough to be
// inlined.
KAPPA_INLINE bool Usual(const Numeric& a, const Numeric& b) { return (a.kind | b.kind) == 0 && FitsInt64(a) && FitsInt64(b); }
KAPPA_COLD bool PlusSlow(CallContext& c, const Numeric& a, const Numeric& b, Numeric* out) { return CheckNumeric(c, NumericAdd(a, b, out)); }
KAPPA_COLD bool MinusSlow(CallContext& c, const Numeric& a, const Numeric& b, Numeric* out) { return CheckNumeric(c, NumericSubtract(a, b, out)); }
KAPPA_COLD bool TimesSlow(CallContext& c, const Numeric& a, const Numeric& b, Numeric* out) { return CheckNumeric(c, NumericMultiply(a, b, out)); }

// By copies: an operand whose address went to a call would have to lie in memory, in every row.
template <bool (*kSlow)(CallContext&, const Numeric&, const Numeric&, Numeric*)>
KAPPA_INLINE bool Unusual(CallContext& c, const Numeric& a, const Numeric& b, Numeric* out) {
  const Numeric x = a, y = b;
  Numeric made;
  const bool ok = kSlow(c, x, y, &made);
  *out = made;
  return ok;
}

KAPPA_INLINE Int128 Narrow(const Numeric& a) { return static_cast<int64_t>(a.low); }

bool Plus(CallContext& c, Numeric a, Numeric b, Numeric* out) {
  if (KAPPA_UNLIKELY(!Usual(a, b) || a.scale != b.scale)) return Unusual<&PlusSlow>(c, a, b, out);
  *out = Numeric(Narrow(a) + Narrow(b), a.scale);
  return true;
}
bool Minus(CallContext& c, Numeric a, Numeric b, Numeric* out) {
  if (KAPPA_UNLIKELY(!Usual(a, b) || a.scale != b.scale)) return Unusual<&MinusSlow>(c, a, b, out);
  *out = Numeric(Narrow(a) - Narrow(b), a.scale);
  return true;
}
bool Times(CallContext& c, Numeric a, Numeric b, Numeric* out) {
  if (KAPPA_UNLIKELY(!Usual(a, b) || a.scale + b.scale > kMaxNumericDigits)) return Unusual<&TimesSlow>(c, a, b, out);
  *out = Numeric(Narrow(a) * Narrow(b), a.scale + b.scale);  // at most 2^126 < 10^38
  return true;
}
bool DividedBy(CallContext& c, Numeric a, Numeric b, Numeric* out) { return CheckNumeric(c, NumericDivide(a, b, out)); }
bool Modulo(CallContext& c, Numeric a, Numeric b, Numeric* out) { return CheckNumeric(c, NumericRemainder(a, b, out)); }
Numeric Negate(CallContext&, Numeric a) { return NumericNegate(a); }
Numeric Identity(CallContext&, Numeric a) { return a; }
Numeric Absolute(CallContext&, Numeric a) {
  return a.kind == Numeric::kMinusInfinity || (a.kind == Numeric::kFinite && a.high < 0) ? NumericNegate(a) : a;
}
Numeric Sign(CallContext&, Numeric a) {
  if (a.kind == Numeric::kNaN) return a;
  return NumericFromInt(NumericCompare(a, Numeric()));
}
bool Ceil(CallContext& c, Numeric a, Numeric* out) { return CheckNumeric(c, NumericCeil(a, out)); }
bool Floor(CallContext& c, Numeric a, Numeric* out) { return CheckNumeric(c, NumericFloor(a, out)); }
bool Sqrt(CallContext& c, Numeric a, Numeric* out) { return CheckNumeric(c, NumericSqrt(a, out)); }
bool Round(CallContext& c, Numeric a, Numeric* out) { return CheckNumeric(c, NumericRound(a, 0, out)); }
bool Trunc(CallContext& c, Numeric a, Numeric* out) { return CheckNumeric(c, NumericTruncate(a, 0, out)); }
bool RoundTo(CallContext& c, Numeric a, int32_t scale, Numeric* out) { return CheckNumeric(c, NumericRound(a, scale, out)); }
bool TruncTo(CallContext& c, Numeric a, int32_t scale, Numeric* out) { return CheckNumeric(c, NumericTruncate(a, scale, out)); }

}  // namespace numeric_functions

using namespace numeric_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> NumericFunctions() {
  constexpr TypeId kNumeric = TypeId::kNumeric;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Mathematics")); };
  add(Operator("+", {kNumeric, kNumeric}, kNumeric).Native<&Plus>().Doc("Sum.").Example("1.50 + 2.5", "4.00"));
  add(Operator("-", {kNumeric, kNumeric}, kNumeric).Native<&Minus>().Doc("Difference.").Example("1.50 - 2.5", "-1.00"));
  add(Operator("*", {kNumeric, kNumeric}, kNumeric)
          .Native<&Times>()
          .Doc("Product: as many fractional digits as both have together.")
          .Example("1.50 * 2.5", "3.750"));
  add(Operator("/", {kNumeric, kNumeric}, kNumeric)
          .Native<&DividedBy>()
          .Doc("Quotient, with at least 16 significant digits.")
          .Example("1.0 / 3", "0.33333333333333333333")
          .Example("1.0 / 0", "ERROR 22012"));
  add(Operator("%", {kNumeric, kNumeric}, kNumeric).Native<&Modulo>().Doc("Remainder, with the sign of the dividend.").Example("-7.5 % 2", "-1.5"));
  add(Scalar("mod", {kNumeric, kNumeric}, kNumeric)
          .Native<&Modulo>()
          .Doc("Remainder, with the sign of the dividend.")
          .Example("mod(-7.5, 2.0)", "-1.5"));
  add(Operator("-", {kNumeric}, kNumeric).Native<&Negate>().Doc("Negation.").Example("-(2.50)", "-2.50"));
  add(Operator("+", {kNumeric}, kNumeric).Native<&Identity>().Doc("The value itself.").Example("+(2.50)", "2.50"));
  add(Scalar("abs", {kNumeric}, kNumeric).Native<&Absolute>().Doc("Absolute value.").Example("abs(-2.50)", "2.50"));
  add(Operator("@", {kNumeric}, kNumeric).Native<&Absolute>().Doc("Absolute value.").Example("@ (-2.50)", "2.50"));
  add(Scalar("sign", {kNumeric}, kNumeric).Native<&Sign>().Doc("-1, 0 or 1.").Example("sign(-2.50)", "-1"));
  for (const char* name : {"ceil", "ceiling"})
    add(Scalar(name, {kNumeric}, kNumeric).Native<&Ceil>().Doc("The nearest integer that is not less.").Example("ceil(-1.5)", "-1"));
  add(Scalar("floor", {kNumeric}, kNumeric).Native<&Floor>().Doc("The nearest integer that is not greater.").Example("floor(-1.5)", "-2"));
  add(Scalar("round", {kNumeric}, kNumeric).Native<&Round>().Doc("The nearest integer; half goes away from zero.").Example("round(2.5)", "3"));
  add(Scalar("round", {kNumeric, TypeId::kInt4}, kNumeric)
          .Native<&RoundTo>()
          .Doc("Rounded to so many fractional digits; negative: to tens, hundreds...")
          .Example("round(42.4382, 2)", "42.44")
          .Example("round(1234.56, -1)", "1230"));
  add(Scalar("trunc", {kNumeric}, kNumeric).Native<&Trunc>().Doc("The integer part.").Example("trunc(-1.5)", "-1"));
  add(Scalar("trunc", {kNumeric, TypeId::kInt4}, kNumeric)
          .Native<&TruncTo>()
          .Doc("Cut after so many fractional digits.")
          .Example("trunc(42.4382, 2)", "42.43"));
  add(Scalar("sqrt", {kNumeric}, kNumeric)
          .Native<&Sqrt>()
          .Doc("Square root.")
          .Example("sqrt(2.0)", "1.414213562373095")
          .Example("sqrt(-1.0)", "ERROR 2201F"));
  return table;
}

}  // namespace kappa
