// Powers, logarithms and number theory of numeric: types/numeric_math.h with its failures turned into SQL's.
#include "types/numeric_math.h"

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace numeric_math_functions {

KAPPA_COLD bool FailMath(CallContext& c, NumericMathStatus status) {
  switch (status) {
    case NumericMathStatus::kDivisionByZero:
      return FailDivisionByZero(c);
    case NumericMathStatus::kLogarithmOfZero:
      return c.Fail(sqlstate::kInvalidArgumentForLogarithm, "cannot take logarithm of zero");
    case NumericMathStatus::kLogarithmOfNegative:
      return c.Fail(sqlstate::kInvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
    case NumericMathStatus::kZeroToNegativePower:
      return c.Fail(sqlstate::kInvalidArgumentForPowerFunction, "zero raised to a negative power is undefined");
    case NumericMathStatus::kComplexPower:
      return c.Fail(sqlstate::kInvalidArgumentForPowerFunction, "a negative number raised to a non-integer power yields a complex result");
    case NumericMathStatus::kNegativeFactorial:
      return c.Fail(sqlstate::kNumericValueOutOfRange, "factorial of a negative number is undefined");
    case NumericMathStatus::kOk:
    case NumericMathStatus::kOverflow:
      break;
  }
  return c.Fail(sqlstate::kNumericValueOutOfRange, "value overflows numeric format");
}
KAPPA_INLINE bool Check(CallContext& c, NumericMathStatus status) { return KAPPA_LIKELY(status == NumericMathStatus::kOk) || FailMath(c, status); }

bool Exp(CallContext& c, Numeric x, Numeric* out) { return Check(c, NumericExp(x, out)); }
bool Ln(CallContext& c, Numeric x, Numeric* out) { return Check(c, NumericLn(x, out)); }
bool Log10(CallContext& c, Numeric x, Numeric* out) { return Check(c, NumericLog(NumericFromInt(10), x, out)); }
bool Log(CallContext& c, Numeric base, Numeric x, Numeric* out) { return Check(c, NumericLog(base, x, out)); }
bool Power(CallContext& c, Numeric base, Numeric exponent, Numeric* out) { return Check(c, NumericPower(base, exponent, out)); }
bool Factorial(CallContext& c, int64_t n, Numeric* out) { return Check(c, NumericFactorial(n, out)); }
bool Div(CallContext& c, Numeric a, Numeric b, Numeric* out) { return CheckNumeric(c, NumericDivideTruncated(a, b, out)); }
bool Gcd(CallContext& c, Numeric a, Numeric b, Numeric* out) { return CheckNumeric(c, NumericGcd(a, b, out)); }
bool Lcm(CallContext& c, Numeric a, Numeric b, Numeric* out) { return CheckNumeric(c, NumericLcm(a, b, out)); }

Nullable<int32_t> Scale(CallContext&, Numeric a) { return a.kind == Numeric::kFinite ? Nullable<int32_t>(a.scale) : Nullable<int32_t>(); }
Nullable<int32_t> MinScale(CallContext&, Numeric a) {
  return a.kind == Numeric::kFinite ? Nullable<int32_t>(NumericMinScale(a)) : Nullable<int32_t>();
}
Numeric TrimScale(CallContext&, Numeric a) { return NumericNormalize(a); }

KAPPA_COLD bool FailBucket(CallContext& c, const char* message) { return c.Fail(sqlstate::kInvalidArgumentForWidthBucket, message); }

bool CountPlusOne(CallContext& c, int32_t count, int32_t* out) { return KAPPA_LIKELY(!__builtin_add_overflow(count, 1, out)) || FailInt4(c); }

bool NumericWidthBucket(CallContext& c, Numeric x, Numeric low, Numeric high, int32_t count, int32_t* out) {
  if (count <= 0) return FailBucket(c, "count must be greater than zero");
  if (x.kind == Numeric::kNaN || low.kind == Numeric::kNaN || high.kind == Numeric::kNaN)
    return FailBucket(c, "operand, lower bound, and upper bound cannot be NaN");
  if (low.kind != Numeric::kFinite || high.kind != Numeric::kFinite) return FailBucket(c, "lower and upper bounds must be finite");
  const int order = NumericCompare(low, high);
  if (order == 0) return FailBucket(c, "lower bound cannot equal upper bound");
  if (order > 0) {  // counted from above: the same with every sign turned
    low = NumericNegate(low);
    high = NumericNegate(high);
    x = NumericNegate(x);
  }
  *out = 0;
  if (NumericCompare(x, low) < 0) return true;
  if (NumericCompare(x, high) >= 0) return CountPlusOne(c, count, out);
  if (!NumericBucket(x, low, high, count, out)) return FailNumeric(c, NumericStatus::kOverflow);
  ++*out;
  return true;
}

bool FloatWidthBucket(CallContext& c, double x, double low, double high, int32_t count, int32_t* out) {
  if (count <= 0) return FailBucket(c, "count must be greater than zero");
  if (x != x || low != low || high != high) return FailBucket(c, "operand, lower bound, and upper bound cannot be NaN");
  if (__builtin_isinf(low) || __builtin_isinf(high)) return FailBucket(c, "lower and upper bounds must be finite");
  if (low == high) return FailBucket(c, "lower bound cannot equal upper bound");
  if (low > high) {
    low = -low;
    high = -high;
    x = -x;
  }
  *out = 0;
  if (x < low) return true;
  if (x >= high) return CountPlusOne(c, count, out);
  const bool wide = __builtin_isinf(high - low);  // finite bounds: halves of them are near enough
  const double place = wide ? (x / 2 - low / 2) / (high / 2 - low / 2) : (x - low) / (high - low);
  *out = static_cast<int32_t>(count * place);
  if (*out >= count) *out = count - 1;  // the quotient may round to 1
  ++*out;
  return true;
}

}  // namespace numeric_math_functions

using namespace numeric_math_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> NumericMathFunctions() {
  constexpr TypeId kNumeric = TypeId::kNumeric;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Mathematics")); };
  add(Scalar("exp", {kNumeric}, kNumeric).Native<&Exp>().Doc("e raised to the argument.").Example("exp(1.0)", "2.7182818284590452"));
  add(Scalar("ln", {kNumeric}, kNumeric)
          .Native<&Ln>()
          .Doc("Natural logarithm.")
          .Example("ln(2.0)", "0.6931471805599453")
          .Example("ln(-1.0)", "ERROR 2201E"));
  for (const char* name : {"log", "log10"})
    add(Scalar(name, {kNumeric}, kNumeric).Native<&Log10>().Doc("Logarithm to the base 10.").Example("log(100.0)", "2.0000000000000000"));
  add(Scalar("log", {kNumeric, kNumeric}, kNumeric)
          .Native<&Log>()
          .Doc("Logarithm of the second argument to the base of the first.")
          .Example("log(2.0, 64.0)", "6.0000000000000000"));
  for (const char* name : {"power", "pow"})
    add(Scalar(name, {kNumeric, kNumeric}, kNumeric)
            .Native<&Power>()
            .Doc("The first argument raised to the second.")
            .Example("power(9.0, 3.0)", "729.0000000000000000"));
  add(Operator("^", {kNumeric, kNumeric}, kNumeric)
          .Native<&Power>()
          .Doc("The first operand raised to the second.")
          .Example("2.0 ^ 0.5", "1.4142135623730950"));
  add(Scalar("factorial", {TypeId::kInt8}, kNumeric)
          .Native<&Factorial>()
          .Doc("The product of 1 to n.")
          .Example("factorial(5)", "120")
          .Example("factorial(-1)", "ERROR 22003"));
  add(Scalar("div", {kNumeric, kNumeric}, kNumeric)
          .Native<&Div>()
          .Doc("The integer part of the quotient.")
          .Example("div(9, 4)", "2")
          .Example("div(-9, 4)", "-2"));
  add(Scalar("gcd", {kNumeric, kNumeric}, kNumeric).Native<&Gcd>().Doc("Greatest common divisor.").Example("gcd(10.5, 4.2)", "2.1"));
  add(Scalar("lcm", {kNumeric, kNumeric}, kNumeric).Native<&Lcm>().Doc("Least common multiple.").Example("lcm(1.5, 2.0)", "6.0"));
  add(Scalar("scale", {kNumeric}, TypeId::kInt4).Native<&Scale>().Doc("Digits after the decimal point.").Example("scale(8.4100)", "4"));
  add(Scalar("min_scale", {kNumeric}, TypeId::kInt4)
          .Native<&MinScale>()
          .Doc("Digits after the decimal point that the value needs.")
          .Example("min_scale(8.4100)", "2"));
  add(Scalar("trim_scale", {kNumeric}, kNumeric)
          .Native<&TrimScale>()
          .Doc("The same value without zeros at the end of its fraction.")
          .Example("trim_scale(8.4100)", "8.41"));
  add(Scalar("width_bucket", {kNumeric, kNumeric, kNumeric, TypeId::kInt4}, TypeId::kInt4)
          .Native<&NumericWidthBucket>()
          .Doc("Which of so many equal buckets between the bounds the value falls into; 0 below them, one more than the count above.")
          .Example("width_bucket(5.35, 0.024, 10.06, 5)", "3"));
  add(Scalar("width_bucket", {TypeId::kFloat8, TypeId::kFloat8, TypeId::kFloat8, TypeId::kInt4}, TypeId::kInt4)
          .Native<&FloatWidthBucket>()
          .Doc("Which of so many equal buckets between the bounds the value falls into; 0 below them, one more than the count above.")
          .Example("width_bucket(5.35, 0.024, 10.06, 5)", "3"));
  return table;
}

}  // namespace kappa
