// What the binder makes of gap_fill in a view (planner/binder/gap_fill.cc).
#include "functions/gap_fill.h"

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/tables.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace gap_fill_functions {

template <typename Ts>
bool GapRowsBetween(CallContext& c, Ts before, Ts after, int64_t step, int64_t* out) {
  const unsigned __int128 rows = GapRows(before.micros, after.micros, step);
  if (KAPPA_UNLIKELY(rows > static_cast<unsigned __int128>(kMaxGapRows)))
    return c.Fail(sqlstate::kStatementTooLong, "gap_fill would add more than 10000000 rows");
  *out = static_cast<int64_t>(rows);
  return true;
}

template <typename Ts>
bool TimeOfRow(CallContext& c, Ts before, int64_t row, int64_t step, Ts* out) {
  *out = before;
  int64_t by;
  if (row == 0) return true;
  return (!__builtin_mul_overflow(row, step, &by) && !__builtin_add_overflow(before.micros, by, &out->micros)) || FailTimestamp(c);
}

template <typename Ts>
bool GapLength(CallContext& c, Ts before, Ts after, int64_t* out) {
  return !__builtin_sub_overflow(after.micros, before.micros, out) || FailInterval(c);
}

// Nothing lies between rows of the same time.
template <typename T>
T InterpolatedInteger(CallContext&, T before, T after, int64_t part, int64_t whole) {
  return whole <= 0 ? before : InterpolateInteger(before, after, part, whole);
}
template <typename T>
T InterpolatedFloat(CallContext&, T before, T after, int64_t part, int64_t whole) {
  return whole <= 0 ? before : InterpolateFloat(before, after, part, whole);
}
bool InterpolatedNumeric(CallContext& c, Numeric before, Numeric after, int64_t part, int64_t whole, Numeric* out) {
  *out = before;
  return whole <= 0 || CheckNumeric(c, InterpolateNumeric(before, after, part, whole, out));
}

}  // namespace gap_fill_functions

using namespace gap_fill_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> GapFillFunctions() {
  constexpr TypeId kInt8 = TypeId::kInt8, kTs = TypeId::kTimestamp, kTz = TypeId::kTimestampTz;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Date and time")); };
  add(Scalar("kappa_gap_rows", {kTs, kTs, kInt8}, kInt8)
          .Native<&GapRowsBetween<Timestamp>>()
          .Doc("How many rows gap_fill adds.")
          .Example("kappa_gap_rows('2024-01-01'::timestamp, '2024-01-01 00:01:00'::timestamp, 20000000::bigint)", "2"));
  add(Scalar("kappa_gap_rows", {kTz, kTz, kInt8}, kInt8).Native<&GapRowsBetween<TimestampTz>>().Doc("How many rows gap_fill adds."));
  add(Scalar("kappa_gap_time", {kTs, kInt8, kInt8}, kTs).Native<&TimeOfRow<Timestamp>>().Doc("The time of a row that gap_fill adds."));
  add(Scalar("kappa_gap_time", {kTz, kInt8, kInt8}, kTz).Native<&TimeOfRow<TimestampTz>>().Doc("The time of a row that gap_fill adds."));
  add(Scalar("kappa_gap_length", {kTs, kTs}, kInt8).Native<&GapLength<Timestamp>>().Doc("Microseconds between two rows."));
  add(Scalar("kappa_gap_length", {kTz, kTz}, kInt8).Native<&GapLength<TimestampTz>>().Doc("Microseconds between two rows."));
  auto interpolate = [](TypeId type) { return Scalar("kappa_interpolate", {type, type, TypeId::kInt8, TypeId::kInt8}, type); };
  constexpr std::string_view kDoc = "A value on the line between two.";
  add(interpolate(TypeId::kInt2).Native<&InterpolatedInteger<int16_t>>().Doc(kDoc));
  add(interpolate(TypeId::kInt4).Native<&InterpolatedInteger<int32_t>>().Doc(kDoc));
  add(interpolate(kInt8).Native<&InterpolatedInteger<int64_t>>().Doc(kDoc));
  add(interpolate(TypeId::kFloat4).Native<&InterpolatedFloat<float>>().Doc(kDoc));
  add(interpolate(TypeId::kFloat8).Native<&InterpolatedFloat<double>>().Doc(kDoc));
  add(interpolate(TypeId::kNumeric).Native<&InterpolatedNumeric>().Doc(kDoc));
  return table;
}

}  // namespace kappa
