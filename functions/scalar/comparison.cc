// = <> < <= > >= and IS [NOT] DISTINCT FROM, over every pair of types that PostgreSQL compares without a cast between them (those that need a time
// zone: datetime_compare.cc).
#include "functions/function.h"
#include "functions/tables.h"
#include "types/compare.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace comparison_functions {

// Dates compare with timestamps by their midnight; a date beyond the timestamps' range is beyond them all.
KAPPA_INLINE int64_t MicrosOf(Date d) {
  if (KAPPA_UNLIKELY(!IsFinite(d))) return d.days > 0 ? kInfinity64 : kMinusInfinity64;
  int64_t micros;
  return KAPPA_UNLIKELY(__builtin_mul_overflow(int64_t{d.days}, kMicrosPerDay, &micros)) ? kInfinity64 - 1 : micros;
}
KAPPA_INLINE int64_t MicrosOf(Timestamp t) { return t.micros; }
KAPPA_INLINE int64_t MicrosOf(TimestampTz t) { return t.micros; }
template <typename T>
concept Temporal = std::is_same_v<T, Date> || std::is_same_v<T, Timestamp> || std::is_same_v<T, TimestampTz>;
template <typename T>
concept Integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;
template <typename T>
concept Float = std::is_floating_point_v<T>;

// Copies go to the slow path: an operand whose address went to a call would have to lie in memory, in every row.
KAPPA_INLINE int OrderNumerics(const Numeric& a, const Numeric& b) {
  if (KAPPA_LIKELY(((a.kind | b.kind) | (a.scale ^ b.scale)) == 0)) return a.mantissa() < b.mantissa() ? -1 : a.mantissa() > b.mantissa();
  const Numeric x = a, y = b;
  return numeric_internal::CompareSlow(x, y);
}

template <typename A, typename B>
KAPPA_INLINE int Order(const A& a, const B& b) {
  if constexpr (std::is_same_v<A, B> && std::is_same_v<A, Numeric>)
    return OrderNumerics(a, b);
  else if constexpr (std::is_same_v<A, B>)
    return CompareValues(a, b);
  else if constexpr (Integer<A> && Integer<B>)
    return CompareValues(static_cast<int64_t>(a), static_cast<int64_t>(b));
  else if constexpr (Float<A> && Float<B>)
    return CompareValues(static_cast<double>(a), static_cast<double>(b));
  else if constexpr (Temporal<A> && Temporal<B>)
    return CompareValues(MicrosOf(a), MicrosOf(b));
}

template <typename A, typename B>
KAPPA_INLINE bool Same(const A& a, const B& b) {
  if constexpr (std::is_same_v<A, B>)
    return ValuesEqual(a, b);
  else
    return Order(a, b) == 0;
}

template <typename A, typename B>
bool Equal(CallContext&, A a, B b) {
  return Same(a, b);
}
template <typename A, typename B>
bool NotEqual(CallContext&, A a, B b) {
  return !Same(a, b);
}
template <typename A, typename B>
bool Less(CallContext&, A a, B b) {
  return Order(a, b) < 0;
}
template <typename A, typename B>
bool LessEqual(CallContext&, A a, B b) {
  return Order(a, b) <= 0;
}
template <typename A, typename B>
bool Greater(CallContext&, A a, B b) {
  return Order(a, b) > 0;
}
template <typename A, typename B>
bool GreaterEqual(CallContext&, A a, B b) {
  return Order(a, b) >= 0;
}
template <typename A, typename B>
bool Distinct(CallContext&, Nullable<A> a, Nullable<B> b) {
  if (a.null || b.null) return a.null != b.null;
  return !Same(a.value, b.value);
}

KAPPA_HOST_ONLY FunctionEntry Row(FunctionBuilder row, std::string_view doc, std::string_view call, std::string_view result) {
  row.Doc(doc).Category("Comparison");
  const FunctionEntry entry = row;
  return entry.arguments[0] == TypeId::kInt4 && entry.arguments[1] == TypeId::kInt4 ? row.Example(call, result) : row;  // once is enough
}

template <typename A, typename B>
KAPPA_HOST_ONLY void AddPair(TypeId a, TypeId b, std::vector<FunctionEntry>* table) {
  constexpr TypeId kBool = TypeId::kBool;
  table->push_back(Row(Operator("=", {a, b}, kBool).Native<&Equal<A, B>>(), "Equal. NaN equals NaN.", "2 = 2", "t"));
  table->push_back(Row(Operator("<>", {a, b}, kBool).Native<&NotEqual<A, B>>(), "Not equal.", "2 <> 2", "f"));
  table->push_back(
      Row(Operator("<", {a, b}, kBool).Native<&Less<A, B>>(), "Less. Text compares bytewise; NaN is greater than every number.", "1 < 2", "t"));
  table->push_back(Row(Operator("<=", {a, b}, kBool).Native<&LessEqual<A, B>>(), "Less or equal.", "2 <= 2", "t"));
  table->push_back(Row(Operator(">", {a, b}, kBool).Native<&Greater<A, B>>(), "Greater.", "2 > 3", "f"));
  table->push_back(Row(Operator(">=", {a, b}, kBool).Native<&GreaterEqual<A, B>>(), "Greater or equal.", "2 >= 3", "f"));
  table->push_back(Row(Operator("is distinct from", {a, b}, kBool).Native<&Distinct<A, B>>(), "Not equal, where NULL equals NULL.",
                       "NULL IS DISTINCT FROM 1", "t"));
}

}  // namespace comparison_functions

using namespace comparison_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> ComparisonFunctions() {
  std::vector<FunctionEntry> table;
  AddPair<int16_t, int16_t>(TypeId::kInt2, TypeId::kInt2, &table);
  AddPair<int16_t, int32_t>(TypeId::kInt2, TypeId::kInt4, &table);
  AddPair<int16_t, int64_t>(TypeId::kInt2, TypeId::kInt8, &table);
  AddPair<int32_t, int16_t>(TypeId::kInt4, TypeId::kInt2, &table);
  AddPair<int32_t, int32_t>(TypeId::kInt4, TypeId::kInt4, &table);
  AddPair<int32_t, int64_t>(TypeId::kInt4, TypeId::kInt8, &table);
  AddPair<int64_t, int16_t>(TypeId::kInt8, TypeId::kInt2, &table);
  AddPair<int64_t, int32_t>(TypeId::kInt8, TypeId::kInt4, &table);
  AddPair<int64_t, int64_t>(TypeId::kInt8, TypeId::kInt8, &table);
  AddPair<float, float>(TypeId::kFloat4, TypeId::kFloat4, &table);
  AddPair<float, double>(TypeId::kFloat4, TypeId::kFloat8, &table);
  AddPair<double, float>(TypeId::kFloat8, TypeId::kFloat4, &table);
  AddPair<double, double>(TypeId::kFloat8, TypeId::kFloat8, &table);
  AddPair<Numeric, Numeric>(TypeId::kNumeric, TypeId::kNumeric, &table);
  AddPair<Text, Text>(TypeId::kText, TypeId::kText, &table);
  AddPair<Text, Text>(TypeId::kBytea, TypeId::kBytea, &table);
  AddPair<bool, bool>(TypeId::kBool, TypeId::kBool, &table);
  AddPair<Date, Date>(TypeId::kDate, TypeId::kDate, &table);
  AddPair<Date, Timestamp>(TypeId::kDate, TypeId::kTimestamp, &table);
  AddPair<Timestamp, Date>(TypeId::kTimestamp, TypeId::kDate, &table);
  AddPair<Timestamp, Timestamp>(TypeId::kTimestamp, TypeId::kTimestamp, &table);
  AddPair<TimestampTz, TimestampTz>(TypeId::kTimestampTz, TypeId::kTimestampTz, &table);
  AddPair<Time, Time>(TypeId::kTime, TypeId::kTime, &table);
  AddPair<Interval, Interval>(TypeId::kInterval, TypeId::kInterval, &table);
  AddPair<Uuid, Uuid>(TypeId::kUuid, TypeId::kUuid, &table);
  return table;
}

}  // namespace kappa
