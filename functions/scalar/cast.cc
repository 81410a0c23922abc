// Casts, each in the context PostgreSQL's pg_cast gives it; from and to text are its I/O conversions (explicit, and on assignment to text).
#include <cmath>
#include <cstring>
#include <limits>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/type_of.h"
#include "functions/tables.h"
#include "types/numeric.h"
#include "types/text_format.h"
#include "types/uuid.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace cast_functions {

// ---- among numbers

template <typename From, typename To>
To Convert(CallContext&, From v) {
  return static_cast<To>(v);
}

template <typename From, typename To>
bool Narrow(CallContext& c, From v, To* out) {
  *out = static_cast<To>(v);
  return KAPPA_LIKELY(*out == v) || FailInt<To>(c);
}

// Rounded half to even; what does not fit after rounding, and NaN, fails.
template <typename From, typename To>
bool FloatToInt(CallContext& c, From v, To* out) {
  const double rounded = std::rint(static_cast<double>(v));
  constexpr double kLimit = static_cast<double>(uint64_t{1} << (8 * sizeof(To) - 1));
  if (KAPPA_UNLIKELY(!(rounded >= -kLimit && rounded < kLimit))) return FailInt<To>(c);
  *out = static_cast<To>(rounded);
  return true;
}

bool Float8ToFloat4(CallContext& c, double v, float* out) {
  *out = static_cast<float>(v);
  if (KAPPA_UNLIKELY(__builtin_isinf(*out) && !__builtin_isinf(v))) return FailFloatOverflow(c);
  if (KAPPA_UNLIKELY(*out == 0 && v != 0)) return FailFloatUnderflow(c);
  return true;
}

template <typename From>
Numeric IntToNumeric(CallContext&, From v) {
  return NumericFromInt(v);
}
bool Float8ToNumeric(CallContext& c, double v, Numeric* out) { return CheckNumeric(c, NumericFromFloat8(v, out)); }
bool Float4ToNumeric(CallContext& c, float v, Numeric* out) { return CheckNumeric(c, NumericFromFloat4(v, out)); }
double NumericToDouble(CallContext&, Numeric v) { return NumericToFloat8(v); }
bool NumericToFloat4(CallContext& c, Numeric v, float* out) {
  // Of more than 53 bits the way over double could round twice: the text decides there.
  char text[kMaxNumericText];
  char* end = FormatNumeric(v, text);
  const ParseStatus status = ParseFloat4({text, static_cast<size_t>(end - text)}, out);
  return status == ParseStatus::kOk || FailParse(c, TypeId::kFloat4, status, Text(text, static_cast<size_t>(end - text)));
}

template <typename To>
KAPPA_COLD bool FailNumericToInt(CallContext& c, const Numeric& v) {
  const char* type = sizeof(To) == 2 ? "smallint" : sizeof(To) == 4 ? "integer" : "bigint";
  if (v.kind == Numeric::kFinite) return FailInt<To>(c);
  return c.Fail(sqlstate::kFeatureNotSupported, v.kind == Numeric::kNaN ? "cannot convert NaN to %s" : "cannot convert infinity to %s", type,
                std::strlen(type));
}
template <typename To>
bool NumericToInt(CallContext& c, Numeric v, To* out) {
  int64_t wide = 0;
  if (KAPPA_UNLIKELY(!NumericToInt8(v, &wide))) return FailNumericToInt<To>(c, v);
  *out = static_cast<To>(wide);
  return KAPPA_LIKELY(*out == wide) || FailNumericToInt<To>(c, v);
}

int32_t BoolToInt4(CallContext&, bool v) { return v; }
bool Int4ToBool(CallContext&, int32_t v) { return v != 0; }
Text BoolToText(CallContext&, bool v) { return v ? Text("true", 4) : Text("false", 5); }

// ---- text out

template <typename T>
char* FormatAny(const T& v, char* out);
template <>
char* FormatAny(const int16_t& v, char* out) {
  return FormatInt(v, out);
}
template <>
char* FormatAny(const int32_t& v, char* out) {
  return FormatInt(v, out);
}
template <>
char* FormatAny(const int64_t& v, char* out) {
  return FormatInt(v, out);
}
template <>
char* FormatAny(const float& v, char* out) {
  return FormatFloat4(v, out);
}
template <>
char* FormatAny(const double& v, char* out) {
  return FormatFloat8(v, out);
}
template <>
char* FormatAny(const Numeric& v, char* out) {
  return FormatNumeric(v, out);
}
template <>
char* FormatAny(const Uuid& v, char* out) {
  return FormatUuid(v, out);
}

template <typename T>
Text ToText(CallContext& c, T v) {
  char* text = c.Allocate(kMaxNumericText);
  return Text(text, static_cast<size_t>(FormatAny(v, text) - text));
}
Text ByteaToText(CallContext& c, Bytea v) {
  char* text = c.Allocate(2 + 2 * size_t{v.size});
  return Text(text, static_cast<size_t>(FormatBytea(v.view(), text) - text));
}

// text || anything, anything || text.
KAPPA_INLINE Text Joined(CallContext& c, const Text& a, const Text& b) {
  char* bytes = c.Allocate(size_t{a.size} + b.size);
  if (a.size != 0) std::memcpy(bytes, a.data, a.size);
  if (b.size != 0) std::memcpy(bytes + a.size, b.data, b.size);
  return Text(bytes, size_t{a.size} + b.size);
}
template <typename T>
Text TextThen(CallContext& c, Text a, T b) {
  if constexpr (std::is_same_v<T, bool>)
    return Joined(c, a, BoolToText(c, b));
  else
    return Joined(c, a, ToText<T>(c, b));
}
template <typename T>
Text ThenText(CallContext& c, T a, Text b) {
  if constexpr (std::is_same_v<T, bool>)
    return Joined(c, BoolToText(c, a), b);
  else
    return Joined(c, ToText<T>(c, a), b);
}

// ---- text in

template <typename Int>
ParseStatus ParseAny(std::string_view text, Int* out)
  requires std::is_integral_v<Int>
{
  int64_t wide = 0;
  const ParseStatus status = ParseInt(text, std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max(), &wide);
  *out = static_cast<Int>(wide);
  return status;
}
inline ParseStatus ParseAny(std::string_view text, bool* out) { return ParseBool(text, out); }
inline ParseStatus ParseAny(std::string_view text, float* out) { return ParseFloat4(text, out); }
inline ParseStatus ParseAny(std::string_view text, double* out) { return ParseFloat8(text, out); }
inline ParseStatus ParseAny(std::string_view text, Numeric* out) { return ParseNumeric(text, out); }
inline ParseStatus ParseAny(std::string_view text, Uuid* out) { return ParseUuid(text, out); }

// Of 8 characters, the first in the lowest byte: the number; false: some are no digits. (D. Lemire, "Quickly parsing eight digits", 2018.)
KAPPA_INLINE bool EightDigits(uint64_t text, uint64_t* out) {
  constexpr uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  const bool digits = ((text & kHigh) | (((text + 0x0606060606060606) & kHigh) >> 4)) == 0x3333333333333333;
  text -= 0x3030303030303030;
  text = text * 10 + (text >> 8);
  constexpr uint64_t kPairs = 0x000000FF000000FF;
  *out = static_cast<uint32_t>(((text & kPairs) * 0x000F424000000064 + (text >> 16 & kPairs) * 0x0000271000000001) >> 32);
  return digits;
}
// Nothing but 1 to 16 digits, as most numbers are. False: something else.
KAPPA_INLINE bool ParseDigits(const Text& text, uint64_t* out) {
  constexpr uint64_t kZeros = 0x3030303030303030;
  const uint32_t size = text.size;
  const auto load = [](const char* at, auto word) {
    std::memcpy(&word, at, sizeof word);
    return static_cast<uint64_t>(word);
  };
  if (size == 0 || size > 16) return false;
  if (size < 4) return EightDigits(load(text.prefix, uint32_t{}) << (8 * (8 - size)) | kZeros >> (8 * size), out);
  if (size < 8) {  // the middle ones twice, in the same places
    const uint64_t low = load(text.data, uint32_t{}), high = load(text.data + size - 4, uint32_t{});
    return EightDigits(low << (8 * (8 - size)) | high << 32 | kZeros >> (8 * size), out);
  }
  const bool first = EightDigits(load(text.data, uint64_t{}), out);
  if (!first || size == 8) return first;
  constexpr uint64_t kPowers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  const uint32_t rest = size - 8;
  uint64_t last = load(text.data + size - 8, uint64_t{}), number;
  if (rest < 8) last = (last & ~(~uint64_t{0} >> (8 * rest))) | kZeros >> (8 * rest);
  if (!EightDigits(last, &number)) return false;
  *out = *out * kPowers[rest] + number;
  return true;
}

template <typename T>
KAPPA_COLD bool FromTextSlow(CallContext& c, Text text, T* out) {
  const ParseStatus status = ParseAny(text.view(), out);
  return status == ParseStatus::kOk || FailParse(c, kTypeOf<T>, status, text);
}
template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
KAPPA_INLINE bool IntFromText(CallContext& c, Text text, T* out) {
  uint64_t number;
  if (KAPPA_LIKELY(ParseDigits(text, &number) && number <= static_cast<uint64_t>(std::numeric_limits<T>::max()))) {
    *out = static_cast<T>(number);
    return true;
  }
  T slow{};
  const bool ok = FromTextSlow(c, text, &slow);
  *out = slow;
  return ok;
}

template <typename T>
bool FromText(CallContext& c, Text text, T* out) {
  const ParseStatus status = ParseAny(text.view(), out);
  return KAPPA_LIKELY(status == ParseStatus::kOk) || FailParse(c, kTypeOf<T>, status, text);
}
bool TextToBytea(CallContext& c, Text text, Bytea* out) {
  char* bytes = c.Allocate(text.size);
  size_t size = 0;
  const ParseStatus status = ParseBytea(text.view(), bytes, &size);
  if (KAPPA_UNLIKELY(status != ParseStatus::kOk)) return FailParse(c, TypeId::kBytea, status, text);
  *out = Bytea(bytes, size);
  return true;
}

// ---- type modifiers

bool NumericModifier(CallContext& c, Numeric v, int32_t modifier, Numeric* out) {
  return KAPPA_LIKELY(ApplyNumericModifier(v, modifier, out) == NumericStatus::kOk) ||
         c.Fail(sqlstate::kNumericValueOutOfRange, "numeric field overflow");
}

KAPPA_INLINE uint32_t BytesOfCharacters(const Text& v, int32_t count) {
  uint32_t at = 0;
  for (int32_t i = 0; i < count && at < v.size; ++i) at += static_cast<uint32_t>(Utf8Length(v.data[at]));
  return at < v.size ? at : v.size;
}
Text VarcharModifier(CallContext&, Text v, int32_t limit) { return limit < 0 ? v : Text(v.data, BytesOfCharacters(v, limit)); }
// On assignment only spaces may be cut.
bool VarcharAssign(CallContext& c, Text v, int32_t limit, Text* out) {
  *out = VarcharModifier(c, v, limit);
  for (uint32_t i = out->size; i < v.size; ++i) {
    if (v.data[i] == ' ') continue;
    char digits[20];
    char* end = FormatInt(limit, digits);
    return c.Fail(sqlstate::kStringDataRightTruncation, "value too long for type character varying(%s)", digits, static_cast<size_t>(end - digits));
  }
  return true;
}

// ---- the tables

KAPPA_HOST_ONLY void Add(std::vector<FunctionEntry>* table, FunctionBuilder row, std::string_view call, std::string_view result) {
  row.Category("Casts").Doc("Conversion.");
  table->push_back(call.empty() ? row : row.Example(call, result));
}

template <typename T>
KAPPA_HOST_ONLY void AddText(std::vector<FunctionEntry>* table, std::string_view in_call, std::string_view in_result, std::string_view out_call,
                             std::string_view out_result) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
    Add(table, Cast(TypeId::kText, kTypeOf<T>).template Native<&IntFromText<T>>(), in_call, in_result);
  else
    Add(table, Cast(TypeId::kText, kTypeOf<T>).template Native<&FromText<T>>(), in_call, in_result);
  FunctionBuilder text_then = Operator("||", {TypeId::kText, kTypeOf<T>}, TypeId::kText),
                  then_text = Operator("||", {kTypeOf<T>, TypeId::kText}, TypeId::kText);
  table->push_back(text_then.template Native<&TextThen<T>>().Category("String").Doc("The text followed by the text form of the value."));
  table->push_back(then_text.template Native<&ThenText<T>>().Category("String").Doc("The text form of the value followed by the text."));
  if constexpr (!std::is_same_v<T, bool>)
    Add(table, Cast(kTypeOf<T>, TypeId::kText).template Native<&ToText<T>>().Assignment(), out_call, out_result);
}

template <typename T>
KAPPA_HOST_ONLY void AddInteger(std::vector<FunctionEntry>* table) {
  constexpr TypeId t = kTypeOf<T>;
  Add(table, Cast(t, TypeId::kFloat4).Native<&Convert<T, float>>().Implicit(), "1::real", "1");
  Add(table, Cast(t, TypeId::kFloat8).Native<&Convert<T, double>>().Implicit(), "1::float8", "1");
  Add(table, Cast(t, TypeId::kNumeric).Native<&IntToNumeric<T>>().Implicit(), "1::numeric", "1");
  Add(table, Cast(TypeId::kFloat4, t).Native<&FloatToInt<float, T>>().Assignment(), "2.5::real::int", "2");
  Add(table, Cast(TypeId::kFloat8, t).Native<&FloatToInt<double, T>>().Assignment(), "2.5::float8::int", "2");
  Add(table, Cast(TypeId::kNumeric, t).Native<&NumericToInt<T>>().Assignment(), "2.5::int", "3");
}

KAPPA_HOST_ONLY void AddNumbers(std::vector<FunctionEntry>* table) {
  using enum TypeId;
  AddInteger<int16_t>(table);
  AddInteger<int32_t>(table);
  AddInteger<int64_t>(table);
  Add(table, Cast(kInt2, kInt4).Native<&Convert<int16_t, int32_t>>().Implicit(), "1::smallint::int", "1");
  Add(table, Cast(kInt2, kInt8).Native<&Convert<int16_t, int64_t>>().Implicit(), "1::smallint::bigint", "1");
  Add(table, Cast(kInt4, kInt8).Native<&Convert<int32_t, int64_t>>().Implicit(), "1::bigint", "1");
  Add(table, Cast(kInt4, kInt2).Native<&Narrow<int32_t, int16_t>>().Assignment(), "40000::smallint", "ERROR 22003");
  Add(table, Cast(kInt8, kInt2).Native<&Narrow<int64_t, int16_t>>().Assignment(), "1::bigint::smallint", "1");
  Add(table, Cast(kInt8, kInt4).Native<&Narrow<int64_t, int32_t>>().Assignment(), "3000000000::int", "ERROR 22003");
  Add(table, Cast(kFloat4, kFloat8).Native<&Convert<float, double>>().Implicit(), "1.5::real::float8", "1.5");
  Add(table, Cast(kFloat8, kFloat4).Native<&Float8ToFloat4>().Assignment(), "1.5::float8::real", "1.5");
  Add(table, Cast(kFloat8, kNumeric).Native<&Float8ToNumeric>().Assignment(), "1.5::float8::numeric", "1.5");
  Add(table, Cast(kFloat4, kNumeric).Native<&Float4ToNumeric>().Assignment(), "1.5::real::numeric", "1.5");
  Add(table, Cast(kNumeric, kFloat8).Native<&NumericToDouble>().Implicit(), "1.50::float8", "1.5");
  Add(table, Cast(kNumeric, kFloat4).Native<&NumericToFloat4>().Implicit(), "1.50::real", "1.5");
  Add(table, Cast(kBool, kInt4).Native<&BoolToInt4>(), "true::int", "1");
  Add(table, Cast(kInt4, kBool).Native<&Int4ToBool>(), "2::boolean", "t");
  Add(table, Cast(kBool, kText).Native<&BoolToText>().Assignment(), "true::text", "true");
}

}  // namespace cast_functions

using namespace cast_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> CastFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  AddNumbers(&table);
  AddText<bool>(&table, "'yes'::boolean", "t", "", "");
  AddText<int16_t>(&table, "'12'::smallint", "12", "12::smallint::text", "12");
  AddText<int32_t>(&table, "'12'::int", "12", "12::text", "12");
  AddText<int64_t>(&table, "'12x'::bigint", "ERROR 22P02", "12::bigint::text", "12");
  AddText<float>(&table, "'1.5'::real", "1.5", "1.5::real::text", "1.5");
  AddText<double>(&table, "'1e3'::float8", "1000", "0.1::float8::text", "0.1");
  AddText<Numeric>(&table, "'1.50'::numeric", "1.50", "1.50::text", "1.50");
  AddText<Uuid>(&table, "'A0EEBC99-9C0B4EF8-BB6D6BB9-BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "'{a0eebc999c0b4ef8bb6d6bb9bd380a11}'::uuid::text", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  Add(&table, Cast(kText, kBytea).Native<&TextToBytea>(), "'\\x6b61'::bytea", "\\x6b61");
  Add(&table, Cast(kBytea, kText).Native<&ByteaToText>().Assignment(), "'ka'::bytea::text", "\\x6b61");
  auto modifier = [&](std::string_view name, TypeId type) { return FunctionBuilder(FunctionKind::kCast, name, {type, kInt4}, type); };
  Add(&table, modifier("typmod", kNumeric).Native<&NumericModifier>(), "1.256::numeric(10,2)", "1.26");
  Add(&table, modifier("typmod", kText).Native<&VarcharModifier>(), "'kappa'::varchar(2)", "ka");
  // varchar(n) where a value is assigned to a column, not cast: what would be cut must be spaces.
  Add(&table, modifier("typmod_assignment", kText).Native<&VarcharAssign>(), "", "");
  return table;
}

}  // namespace kappa
