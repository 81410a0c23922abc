// Arithmetic on smallint, integer and bigint, in PostgreSQL's mixed forms: the result has the wider type.
#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"
#include "types/text_format.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace integer_functions {

template <typename A, typename B>
using Wider = std::conditional_t<(sizeof(A) > sizeof(B)), A, B>;

template <typename A, typename B>
bool Plus(CallContext& c, A a, B b, Wider<A, B>* out) {
  return KAPPA_LIKELY(!__builtin_add_overflow(a, b, out)) || FailInt<Wider<A, B>>(c);
}
template <typename A, typename B>
bool Minus(CallContext& c, A a, B b, Wider<A, B>* out) {
  return KAPPA_LIKELY(!__builtin_sub_overflow(a, b, out)) || FailInt<Wider<A, B>>(c);
}
template <typename A, typename B>
bool Times(CallContext& c, A a, B b, Wider<A, B>* out) {
  return KAPPA_LIKELY(!__builtin_mul_overflow(a, b, out)) || FailInt<Wider<A, B>>(c);
}
// Truncates towards zero.
template <typename A, typename B>
bool DividedBy(CallContext& c, A a, B b, Wider<A, B>* out) {
  using W = Wider<A, B>;
  if (KAPPA_UNLIKELY(b == 0)) return FailDivisionByZero(c);
  if (KAPPA_UNLIKELY(b == -1)) return KAPPA_LIKELY(!__builtin_sub_overflow(W{0}, static_cast<W>(a), out)) || FailInt<W>(c);
  *out = static_cast<W>(static_cast<W>(a) / static_cast<W>(b));
  return true;
}
// The sign of the dividend.
template <typename A, typename B>
bool Modulo(CallContext& c, A a, B b, Wider<A, B>* out) {
  using W = Wider<A, B>;
  if (KAPPA_UNLIKELY(b == 0)) return FailDivisionByZero(c);
  *out = KAPPA_UNLIKELY(b == -1) ? W{0} : static_cast<W>(static_cast<W>(a) % static_cast<W>(b));
  return true;
}
template <typename A>
bool Negate(CallContext& c, A a, A* out) {
  return KAPPA_LIKELY(!__builtin_sub_overflow(A{0}, a, out)) || FailInt<A>(c);
}
template <typename A>
bool Absolute(CallContext& c, A a, A* out) {
  if (a < 0) return Negate<A>(c, a, out);
  *out = a;
  return true;
}
template <typename A>
A Identity(CallContext&, A a) {
  return a;
}
template <typename A>
A BitAnd(CallContext&, A a, A b) {
  return static_cast<A>(a & b);
}
template <typename A>
A BitOr(CallContext&, A a, A b) {
  return static_cast<A>(a | b);
}
template <typename A>
A BitXor(CallContext&, A a, A b) {
  return static_cast<A>(a ^ b);
}
template <typename A>
A BitNot(CallContext&, A a) {
  return static_cast<A>(~a);
}

// The processor's shifts: the count is taken modulo the width of the type they are done in, 32 bits of smallint.
template <typename A>
A ShiftLeft(CallContext&, A a, int32_t count) {
  using W = std::conditional_t<sizeof(A) == 8, uint64_t, uint32_t>;
  return static_cast<A>(static_cast<W>(a) << (count & (sizeof(W) * 8 - 1)));
}
template <typename A>
A ShiftRight(CallContext&, A a, int32_t count) {
  using W = std::conditional_t<sizeof(A) == 8, int64_t, int32_t>;
  return static_cast<A>(static_cast<W>(a) >> (count & (sizeof(W) * 8 - 1)));
}

template <typename A>
std::make_unsigned_t<A> Unsigned(A a) {
  const auto u = static_cast<std::make_unsigned_t<A>>(a);
  return a < 0 ? static_cast<std::make_unsigned_t<A>>(0 - u) : u;
}
template <typename A>
std::make_unsigned_t<A> GreatestDivisor(A a, A b) {
  auto x = Unsigned(a), y = Unsigned(b);
  while (y != 0) {
    const auto rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
template <typename A>
bool Gcd(CallContext& c, A a, A b, A* out) {
  *out = static_cast<A>(GreatestDivisor(a, b));
  return KAPPA_LIKELY(*out >= 0) || FailInt<A>(c);
}
template <typename A>
bool Lcm(CallContext& c, A a, A b, A* out) {
  *out = 0;
  if (a == 0 || b == 0) return true;
  std::make_unsigned_t<A> product;
  if (KAPPA_UNLIKELY(__builtin_mul_overflow(Unsigned(a) / GreatestDivisor(a, b), Unsigned(b), &product))) return FailInt<A>(c);
  *out = static_cast<A>(product);
  return KAPPA_LIKELY(*out >= 0) || FailInt<A>(c);
}

// The two's complement of the argument's width in hexadecimal digits.
template <typename A>
Text ToHex(CallContext& c, A a) {
  auto value = static_cast<std::make_unsigned_t<A>>(a);
  char reversed[16];
  int count = 0;
  do {
    reversed[count++] = "0123456789abcdef"[value & 15];
    value = static_cast<std::make_unsigned_t<A>>(value >> 4);
  } while (value != 0);
  char* text = c.Allocate(16);
  for (int i = 0; i < count; ++i) text[i] = reversed[count - 1 - i];
  return Text(text, static_cast<size_t>(count));
}

template <typename A, typename B>
KAPPA_HOST_ONLY void AddPair(TypeId a, TypeId b, std::vector<FunctionEntry>* table) {
  const TypeId wider = sizeof(A) > sizeof(B) ? a : b;
  table->push_back(Operator("+", {a, b}, wider).Native<&Plus<A, B>>().Category("Mathematics").Doc("Sum.").Example("2 + 3", "5"));
  table->push_back(Operator("-", {a, b}, wider).Native<&Minus<A, B>>().Category("Mathematics").Doc("Difference.").Example("2 - 3", "-1"));
  table->push_back(Operator("*", {a, b}, wider).Native<&Times<A, B>>().Category("Mathematics").Doc("Product.").Example("2 * 3", "6"));
  table->push_back(Operator("/", {a, b}, wider)
                       .Native<&DividedBy<A, B>>()
                       .Category("Mathematics")
                       .Doc("Quotient; of integers it is truncated towards zero.")
                       .Example("-7 / 2", "-3")
                       .Example("1 / 0", "ERROR 22012"));
}

template <typename A>
KAPPA_HOST_ONLY void AddOne(TypeId t, std::vector<FunctionEntry>* table) {
  AddPair<A, A>(t, t, table);
  table->push_back(Operator("%", {t, t}, t)
                       .Native<&Modulo<A, A>>()
                       .Category("Mathematics")
                       .Doc("Remainder, with the sign of the dividend.")
                       .Example("-7 % 2", "-1"));
  table->push_back(Scalar("mod", {t, t}, t)
                       .Native<&Modulo<A, A>>()
                       .Category("Mathematics")
                       .Doc("Remainder, with the sign of the dividend.")
                       .Example("mod(-7, 2)", "-1"));
  table->push_back(Operator("-", {t}, t).Native<&Negate<A>>().Category("Mathematics").Doc("Negation.").Example("-(2)", "-2"));
  table->push_back(Operator("+", {t}, t).Native<&Identity<A>>().Category("Mathematics").Doc("The value itself.").Example("+(2)", "2"));
  table->push_back(Scalar("abs", {t}, t).Native<&Absolute<A>>().Category("Mathematics").Doc("Absolute value.").Example("abs(-2)", "2"));
  table->push_back(Operator("&", {t, t}, t).Native<&BitAnd<A>>().Category("Mathematics").Doc("Bitwise and.").Example("91 & 15", "11"));
  table->push_back(Operator("|", {t, t}, t).Native<&BitOr<A>>().Category("Mathematics").Doc("Bitwise or.").Example("32 | 3", "35"));
  table->push_back(Operator("#", {t, t}, t).Native<&BitXor<A>>().Category("Mathematics").Doc("Bitwise exclusive or.").Example("17 # 5", "20"));
  table->push_back(
      Operator("<<", {t, TypeId::kInt4}, t).Native<&ShiftLeft<A>>().Category("Mathematics").Doc("Bits shifted left.").Example("1 << 4", "16"));
  table->push_back(
      Operator(">>", {t, TypeId::kInt4}, t).Native<&ShiftRight<A>>().Category("Mathematics").Doc("Bits shifted right.").Example("8 >> 2", "2"));
  table->push_back(Operator("@", {t}, t).Native<&Absolute<A>>().Category("Mathematics").Doc("Absolute value.").Example("@ -5", "5"));
  if constexpr (sizeof(A) > 2) {
    table->push_back(
        Scalar("gcd", {t, t}, t).Native<&Gcd<A>>().Category("Mathematics").Doc("Greatest common divisor.").Example("gcd(1071, 462)", "21"));
    table->push_back(
        Scalar("lcm", {t, t}, t).Native<&Lcm<A>>().Category("Mathematics").Doc("Least common multiple.").Example("lcm(1071, 462)", "23562"));
  }
  table->push_back(Operator("~", {t}, t).Native<&BitNot<A>>().Category("Mathematics").Doc("Bitwise not.").Example("~1", "-2"));
}

}  // namespace integer_functions

using namespace integer_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> IntegerFunctions() {
  std::vector<FunctionEntry> table;
  AddOne<int16_t>(TypeId::kInt2, &table);
  AddOne<int32_t>(TypeId::kInt4, &table);
  AddOne<int64_t>(TypeId::kInt8, &table);
  AddPair<int16_t, int32_t>(TypeId::kInt2, TypeId::kInt4, &table);
  AddPair<int16_t, int64_t>(TypeId::kInt2, TypeId::kInt8, &table);
  AddPair<int32_t, int16_t>(TypeId::kInt4, TypeId::kInt2, &table);
  AddPair<int32_t, int64_t>(TypeId::kInt4, TypeId::kInt8, &table);
  AddPair<int64_t, int16_t>(TypeId::kInt8, TypeId::kInt2, &table);
  AddPair<int64_t, int32_t>(TypeId::kInt8, TypeId::kInt4, &table);
  table.push_back(Scalar("to_hex", {TypeId::kInt4}, TypeId::kText)
                      .Native<&ToHex<int32_t>>()
                      .Category("String")
                      .Doc("Hexadecimal digits; of a negative number, of its two's complement.")
                      .Example("to_hex(255)", "ff"));
  table.push_back(Scalar("to_hex", {TypeId::kInt8}, TypeId::kText)
                      .Native<&ToHex<int64_t>>()
                      .Category("String")
                      .Doc("Hexadecimal digits; of a negative number, of its two's complement.")
                      .Example("to_hex(255::bigint)", "ff"));
  return table;
}

}  // namespace kappa
