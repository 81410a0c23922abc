// Arithmetic on real and double precision. A finite argument never makes an infinity or loses everything to zero silently: 22003, as PostgreSQL.
#include <cmath>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace float_functions {

template <typename F>
KAPPA_INLINE bool IsInf(F v) {
  return __builtin_isinf(v);
}

template <typename F>
KAPPA_INLINE bool Check(CallContext& c, F value, bool infinity_allowed, bool zero_allowed, F* out) {
  if (KAPPA_UNLIKELY(IsInf(value) && !infinity_allowed)) return FailFloatOverflow(c);
  if (KAPPA_UNLIKELY(value == 0 && !zero_allowed)) return FailFloatUnderflow(c);
  *out = value;
  return true;
}

template <typename A, typename B>
using Wider = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;

template <typename A, typename B>
bool Plus(CallContext& c, A a, B b, Wider<A, B>* out) {
  return Check<Wider<A, B>>(c, a + b, IsInf(a) || IsInf(b), true, out);
}
template <typename A, typename B>
bool Minus(CallContext& c, A a, B b, Wider<A, B>* out) {
  return Check<Wider<A, B>>(c, a - b, IsInf(a) || IsInf(b), true, out);
}
template <typename A, typename B>
bool Times(CallContext& c, A a, B b, Wider<A, B>* out) {
  return Check<Wider<A, B>>(c, a * b, IsInf(a) || IsInf(b), a == 0 || b == 0, out);
}
template <typename A, typename B>
bool DividedBy(CallContext& c, A a, B b, Wider<A, B>* out) {
  if (KAPPA_UNLIKELY(b == 0 && a == a)) return FailDivisionByZero(c);
  return Check<Wider<A, B>>(c, a / b, IsInf(a), a == 0 || IsInf(b), out);
}
template <typename F>
F Negate(CallContext&, F a) {
  return -a;
}
template <typename F>
F Identity(CallContext&, F a) {
  return a;
}
template <typename F>
F Absolute(CallContext&, F a) {
  return std::fabs(a);
}

double Ceil(CallContext&, double a) { return std::ceil(a); }
double Floor(CallContext&, double a) { return std::floor(a); }
double Round(CallContext&, double a) { return std::rint(a); }  // half to even, as the processor rounds
double Trunc(CallContext&, double a) { return std::trunc(a); }
double Sign(CallContext&, double a) { return a > 0 ? 1.0 : a < 0 ? -1.0 : 0.0; }

bool Sqrt(CallContext& c, double a, double* out) {
  if (KAPPA_UNLIKELY(a < 0)) return c.Fail(sqlstate::kInvalidArgumentForPowerFunction, "cannot take square root of a negative number");
  *out = std::sqrt(a);
  return true;
}

KAPPA_COLD bool FailPower(CallContext& c, double base) {
  return c.Fail(sqlstate::kInvalidArgumentForPowerFunction, base == 0 ? "zero raised to a negative power is undefined"
                                                                      : "a negative number raised to a non-integer power yields a complex result");
}

// The special cases are those of POSIX's pow, with NaN ^ 0 = 1 and 1 ^ NaN = 1.
bool Power(CallContext& c, double a, double b, double* out) {
  if (b == 0 || a == 1) {
    *out = 1;
    return true;
  }
  if (a != a || b != b) {
    *out = __builtin_nan("");
    return true;
  }
  if (KAPPA_UNLIKELY((a == 0 && b < 0) || (a < 0 && !IsInf(a) && !IsInf(b) && std::floor(b) != b) ||
                     (a < 0 && IsInf(a) && !IsInf(b) && std::floor(b) != b)))
    return FailPower(c, a);
  const double value = std::pow(a, b);
  return Check(c, value, IsInf(a) || IsInf(b), a == 0 || IsInf(a) || IsInf(b), out);
}

bool Exp(CallContext& c, double a, double* out) { return Check(c, std::exp(a), IsInf(a), IsInf(a), out); }
bool Ln(CallContext& c, double a, double* out) {
  if (KAPPA_UNLIKELY(a <= 0))
    return c.Fail(sqlstate::kInvalidArgumentForLogarithm, a == 0 ? "cannot take logarithm of zero" : "cannot take logarithm of a negative number");
  *out = std::log(a);
  return true;
}
bool Log10(CallContext& c, double a, double* out) {
  if (KAPPA_UNLIKELY(a <= 0))
    return c.Fail(sqlstate::kInvalidArgumentForLogarithm, a == 0 ? "cannot take logarithm of zero" : "cannot take logarithm of a negative number");
  *out = std::log10(a);
  return true;
}

template <typename A, typename B>
KAPPA_HOST_ONLY void AddPair(TypeId a, TypeId b, std::vector<FunctionEntry>* table) {
  const TypeId wider = sizeof(A) > sizeof(B) ? a : b;
  table->push_back(Operator("+", {a, b}, wider).Native<&Plus<A, B>>().Category("Mathematics").Doc("Sum.").Example("2.5::float8 + 1", "3.5"));
  table->push_back(Operator("-", {a, b}, wider).Native<&Minus<A, B>>().Category("Mathematics").Doc("Difference.").Example("2.5::float8 - 1", "1.5"));
  table->push_back(Operator("*", {a, b}, wider).Native<&Times<A, B>>().Category("Mathematics").Doc("Product.").Example("2.5::float8 * 2", "5"));
  table->push_back(Operator("/", {a, b}, wider)
                       .Native<&DividedBy<A, B>>()
                       .Category("Mathematics")
                       .Doc("Quotient.")
                       .Example("5::float8 / 2", "2.5")
                       .Example("1::float8 / 0", "ERROR 22012"));
}

template <typename F>
KAPPA_HOST_ONLY void AddOne(TypeId t, std::vector<FunctionEntry>* table) {
  AddPair<F, F>(t, t, table);
  table->push_back(Operator("-", {t}, t).Native<&Negate<F>>().Category("Mathematics").Doc("Negation.").Example("-(2.5::float8)", "-2.5"));
  table->push_back(Operator("+", {t}, t).Native<&Identity<F>>().Category("Mathematics").Doc("The value itself.").Example("+(2.5::float8)", "2.5"));
  table->push_back(Scalar("abs", {t}, t).Native<&Absolute<F>>().Category("Mathematics").Doc("Absolute value.").Example("abs(-2.5::float8)", "2.5"));
  table->push_back(Operator("@", {t}, t).Native<&Absolute<F>>().Category("Mathematics").Doc("Absolute value.").Example("@ (-2.5::float8)", "2.5"));
}

}  // namespace float_functions

using namespace float_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> FloatFunctions() {
  constexpr TypeId kFloat8 = TypeId::kFloat8;
  std::vector<FunctionEntry> table;
  AddOne<float>(TypeId::kFloat4, &table);
  AddOne<double>(kFloat8, &table);
  AddPair<float, double>(TypeId::kFloat4, kFloat8, &table);
  AddPair<double, float>(kFloat8, TypeId::kFloat4, &table);
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Mathematics")); };
  for (const char* name : {"ceil", "ceiling"})
    add(Scalar(name, {kFloat8}, kFloat8).Native<&Ceil>().Doc("The nearest integer that is not less.").Example("ceil(-1.5::float8)", "-1"));
  add(Scalar("floor", {kFloat8}, kFloat8).Native<&Floor>().Doc("The nearest integer that is not greater.").Example("floor(-1.5::float8)", "-2"));
  add(Scalar("round", {kFloat8}, kFloat8)
          .Native<&Round>()
          .Doc("The nearest integer; of two as near, the even one.")
          .Example("round(2.5::float8)", "2"));
  add(Scalar("trunc", {kFloat8}, kFloat8).Native<&Trunc>().Doc("The integer part.").Example("trunc(-1.5::float8)", "-1"));
  add(Scalar("sign", {kFloat8}, kFloat8).Native<&Sign>().Doc("-1, 0 or 1.").Example("sign(-1.5::float8)", "-1"));
  add(Scalar("sqrt", {kFloat8}, kFloat8)
          .Native<&Sqrt>()
          .Doc("Square root.")
          .Example("sqrt(16::float8)", "4")
          .Example("sqrt(-1::float8)", "ERROR 2201F"));
  for (const char* name : {"power", "pow"})
    add(Scalar(name, {kFloat8, kFloat8}, kFloat8)
            .Native<&Power>()
            .Doc("The first argument raised to the second.")
            .Example("power(2::float8, 10)", "1024"));
  add(Operator("^", {kFloat8, kFloat8}, kFloat8).Native<&Power>().Doc("The first operand raised to the second.").Example("2::float8 ^ 10", "1024"));
  add(Scalar("exp", {kFloat8}, kFloat8).Native<&Exp>().Doc("e raised to the argument.").Example("exp(0::float8)", "1"));
  add(Scalar("ln", {kFloat8}, kFloat8).Native<&Ln>().Doc("Natural logarithm.").Example("ln(1::float8)", "0").Example("ln(0::float8)", "ERROR 2201E"));
  for (const char* name : {"log", "log10"})
    add(Scalar(name, {kFloat8}, kFloat8).Native<&Log10>().Doc("Logarithm to the base 10.").Example("log(1000::float8)", "3"));
  return table;
}

}  // namespace kappa
