// = <> < <= > >= of timestamps with time zone with dates and timestamps, which are of the session's time zone.
#include "functions/function.h"
#include "functions/tables.h"
#include "types/datetime.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_compare_functions {

// Never fails: the binder gives zones that exist, and a local time beyond the range is beyond every timestamp.
KAPPA_INLINE int64_t UtcMicros(CallContext&, TimestampTz ts, const Text&) { return ts.micros; }
KAPPA_INLINE int64_t UtcMicros(CallContext& c, Timestamp ts, const Text& zone) {
  int64_t utc = ts.micros;
  if (KAPPA_LIKELY(IsFiniteMicros(ts.micros))) c.zones.AtLocal(zone, ts.micros, &utc);
  return utc;
}
KAPPA_INLINE int64_t UtcMicros(CallContext& c, Date d, const Text& zone) {
  if (KAPPA_UNLIKELY(!IsFinite(d))) return d.days > 0 ? kInfinity64 : kMinusInfinity64;
  Timestamp midnight;
  if (KAPPA_UNLIKELY(__builtin_mul_overflow(int64_t{d.days}, kMicrosPerDay, &midnight.micros))) return kInfinity64 - 1;
  return UtcMicros(c, midnight, zone);
}

template <typename A, typename B>
bool Equal(CallContext& c, A a, B b, Text zone) {
  return UtcMicros(c, a, zone) == UtcMicros(c, b, zone);
}
template <typename A, typename B>
bool NotEqual(CallContext& c, A a, B b, Text zone) {
  return UtcMicros(c, a, zone) != UtcMicros(c, b, zone);
}
template <typename A, typename B>
bool Less(CallContext& c, A a, B b, Text zone) {
  return UtcMicros(c, a, zone) < UtcMicros(c, b, zone);
}
template <typename A, typename B>
bool LessEqual(CallContext& c, A a, B b, Text zone) {
  return UtcMicros(c, a, zone) <= UtcMicros(c, b, zone);
}
template <typename A, typename B>
bool Greater(CallContext& c, A a, B b, Text zone) {
  return UtcMicros(c, a, zone) > UtcMicros(c, b, zone);
}
template <typename A, typename B>
bool GreaterEqual(CallContext& c, A a, B b, Text zone) {
  return UtcMicros(c, a, zone) >= UtcMicros(c, b, zone);
}

template <typename A, typename B>
KAPPA_HOST_ONLY void AddPair(TypeId a, TypeId b, std::vector<FunctionEntry>* table) {
  const auto add = [&](FunctionBuilder row, std::string_view doc) { table->push_back(row.Zoned().Category("Comparison").Doc(doc)); };
  const auto row = [&](std::string_view symbol) { return Operator(symbol, {a, b, TypeId::kText}, TypeId::kBool); };
  add(row("=").template Native<&Equal<A, B>>(), "Are both the same instant?");
  add(row("<>").template Native<&NotEqual<A, B>>(), "Are they different instants?");
  add(row("<").template Native<&Less<A, B>>(), "Is the first earlier?");
  add(row("<=").template Native<&LessEqual<A, B>>(), "Is the first no later?");
  add(row(">").template Native<&Greater<A, B>>(), "Is the first later?");
  add(row(">=").template Native<&GreaterEqual<A, B>>(), "Is the first no earlier?");
}

}  // namespace datetime_compare_functions

using namespace datetime_compare_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> DatetimeCompareFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  AddPair<Date, TimestampTz>(kDate, kTimestampTz, &table);
  AddPair<TimestampTz, Date>(kTimestampTz, kDate, &table);
  AddPair<Timestamp, TimestampTz>(kTimestamp, kTimestampTz, &table);
  AddPair<TimestampTz, Timestamp>(kTimestampTz, kTimestamp, &table);
  return table;
}

}  // namespace kappa
