// age, date_bin, OVERLAPS, isfinite, timezone(): functions over two times, and over a time and a zone.
#include <utility>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"
#include "types/time_zone.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_range_functions {

// ---- age: years, months and days by the calendar

// From b to a, which are local; `negative`: a is before b. (PostgreSQL's manual, 9.9: fields are subtracted one by one; a day that is missing is
// borrowed from the month of the earlier.)
Interval CalendarDifference(int64_t a, int64_t b, bool negative) {
  if (negative) std::swap(a, b);
  const CivilTime to = CivilFromMicros(a), from = CivilFromMicros(b);
  int64_t micros = to.micros - from.micros;
  int64_t days = to.date.day - from.date.day;
  int64_t months = (to.date.year - from.date.year) * 12 + to.date.month - from.date.month;
  if (micros < 0) {
    micros += kMicrosPerDay;
    --days;
  }
  while (days < 0) {
    days += DaysInMonth(from.date.year, from.date.month);
    --months;
  }
  // Clocks that were set back may leave less than nothing: the years lend it.
  if (negative) return {-micros, static_cast<int32_t>(-days), static_cast<int32_t>(-months)};
  return {micros, static_cast<int32_t>(days), static_cast<int32_t>(months)};
}

bool AgeTimestamp(CallContext& c, Timestamp a, Timestamp b, Interval* out) {
  if (KAPPA_UNLIKELY(!IsFiniteMicros(a.micros) || !IsFiniteMicros(b.micros))) return FailTimestamp(c);
  *out = CalendarDifference(a.micros, b.micros, a.micros < b.micros);
  return true;
}
bool AgeTz(CallContext& c, TimestampTz a, TimestampTz b, Text zone, Interval* out) {
  if (KAPPA_UNLIKELY(!IsFiniteMicros(a.micros) || !IsFiniteMicros(b.micros))) return FailTimestamp(c);
  int64_t local_a, local_b, offset;
  if (!LocalOf(c, zone, a.micros, &local_a, &offset) || !LocalOf(c, zone, b.micros, &local_b, &offset)) return false;
  *out = CalendarDifference(local_a, local_b, a.micros < b.micros);
  return true;
}

// ---- date_bin

template <typename Ts>
bool DateBin(CallContext& c, Interval stride, Ts ts, Ts origin, Ts* out) {
  *out = ts;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return true;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(origin.micros))) return c.Fail(sqlstate::kDatetimeFieldOverflow, "origin out of range");
  if (KAPPA_UNLIKELY(stride.months != 0))
    return c.Fail(sqlstate::kFeatureNotSupported, "timestamps cannot be binned into intervals containing months or years");
  int64_t size, since;
  if (KAPPA_UNLIKELY(__builtin_mul_overflow(int64_t{stride.days}, kMicrosPerDay, &size) || __builtin_add_overflow(size, stride.micros, &size)))
    return FailInterval(c);
  if (KAPPA_UNLIKELY(size <= 0)) return c.Fail(sqlstate::kDatetimeFieldOverflow, "stride must be greater than zero");
  if (KAPPA_UNLIKELY(__builtin_sub_overflow(ts.micros, origin.micros, &since))) return FailInterval(c);
  const int64_t rest = since % size;
  out->micros = ts.micros - rest;
  if (rest >= 0) return true;
  return (!__builtin_sub_overflow(out->micros, size, &out->micros) && IsValidMicros(out->micros)) || FailTimestamp(c);
}

// ---- OVERLAPS: half-open ranges, given by their ends in any order

KAPPA_INLINE int64_t OrderOf(Time t) { return t.micros; }
KAPPA_INLINE int64_t OrderOf(Timestamp t) { return t.micros; }
KAPPA_INLINE int64_t OrderOf(TimestampTz t) { return t.micros; }

template <typename T>
Nullable<bool> Overlaps(CallContext&, Nullable<T> begin1, Nullable<T> end1, Nullable<T> begin2, Nullable<T> end2) {
  const auto arrange = [](Nullable<T>* begin, Nullable<T>* end) {  // the earlier first; one that is not NULL before one that is
    if (begin->null || (!end->null && OrderOf(begin->value) > OrderOf(end->value))) std::swap(*begin, *end);
    return !begin->null;
  };
  if (!arrange(&begin1, &end1) || !arrange(&begin2, &end2)) return {};
  const int64_t first = OrderOf(begin1.value), second = OrderOf(begin2.value);
  if (first == second) return end1.null || end2.null ? Nullable<bool>() : Nullable<bool>(true);
  const Nullable<T>& earlier_end = first < second ? end1 : end2;
  const Nullable<T>& later_end = first < second ? end2 : end1;
  if (earlier_end.null) return {};
  if ((first < second ? second : first) < OrderOf(earlier_end.value)) return true;
  return later_end.null ? Nullable<bool>() : Nullable<bool>(false);
}

// ---- isfinite

bool IsFiniteDate(CallContext&, Date d) { return IsFinite(d); }
bool IsFiniteTimestamp(CallContext&, Timestamp ts) { return IsFiniteMicros(ts.micros); }
bool IsFiniteTz(CallContext&, TimestampTz ts) { return IsFiniteMicros(ts.micros); }
bool IsFiniteInterval(CallContext&, Interval) { return true; }

// ---- timezone(zone, time): AT TIME ZONE

bool LocalInZone(CallContext& c, Text zone, TimestampTz ts, Timestamp* out) {
  int64_t offset;
  out->micros = ts.micros;
  return KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros)) || LocalOf(c, zone, ts.micros, &out->micros, &offset);
}
bool UtcFromZone(CallContext& c, Text zone, Timestamp ts, TimestampTz* out) {
  out->micros = ts.micros;
  return KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros)) || UtcOf(c, zone, ts.micros, &out->micros);
}
bool OffsetOfInterval(CallContext& c, const Interval& zone, int64_t* offset) {
  if (KAPPA_UNLIKELY(zone.months != 0 || zone.days != 0)) {
    char text[kMaxIntervalText];
    return c.Fail(sqlstate::kInvalidParameterValue, "interval time zone \"%s\" must not include months or days", text,
                  static_cast<size_t>(FormatInterval(zone, text) - text));
  }
  *offset = zone.micros / kMicrosPerSecond * kMicrosPerSecond;
  return true;
}
bool LocalAtOffset(CallContext& c, Interval zone, TimestampTz ts, Timestamp* out) {
  int64_t offset;
  out->micros = ts.micros;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return true;
  if (!OffsetOfInterval(c, zone, &offset)) return false;
  return (!__builtin_add_overflow(ts.micros, offset, &out->micros) && IsValidMicros(out->micros)) || FailTimestamp(c);
}
bool UtcFromOffset(CallContext& c, Interval zone, Timestamp ts, TimestampTz* out) {
  int64_t offset;
  out->micros = ts.micros;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return true;
  if (!OffsetOfInterval(c, zone, &offset)) return false;
  return (!__builtin_sub_overflow(ts.micros, offset, &out->micros) && IsValidMicros(out->micros)) || FailTimestamp(c);
}

}  // namespace datetime_range_functions

using namespace datetime_range_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> DatetimeRangeFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  const auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Date and time")); };
  constexpr std::string_view kAge = "The time between two timestamps in years, months, days and less, by the calendar.",
                             kBin = "The begin of the bin of that size that holds the timestamp, bins being aligned to the origin.",
                             kOverlaps = "(begin, end) OVERLAPS (begin, end): have two half-open ranges a time in common?",
                             kFinite = "Is it neither infinity nor -infinity?", kZone = "AT TIME ZONE: between UTC and the local time of a zone.";
  add(Scalar("age", {kTimestamp, kTimestamp}, kInterval)
          .Native<&AgeTimestamp>()
          .Doc(kAge)
          .Example("age('2001-04-10'::timestamp, '1957-06-13'::timestamp)", "43 years 9 mons 27 days"));
  add(Scalar("age", {kTimestampTz, kTimestampTz, kText}, kInterval)
          .Native<&AgeTz>()
          .Zoned()
          .Doc(kAge)
          .Example("age('2001-04-10Z'::timestamptz, '1957-06-13Z'::timestamptz)", "43 years 9 mons 27 days"));
  add(Scalar("date_bin", {kInterval, kTimestamp, kTimestamp}, kTimestamp)
          .Native<&DateBin<Timestamp>>()
          .Doc(kBin)
          .Example("date_bin('15 minutes'::interval, '2020-02-11 15:44:17'::timestamp, '2001-01-01 00:02:30'::timestamp)", "2020-02-11 15:32:30"));
  add(Scalar("date_bin", {kInterval, kTimestampTz, kTimestampTz}, kTimestampTz)
          .Native<&DateBin<TimestampTz>>()
          .Doc(kBin)
          .Example("date_bin('15 minutes'::interval, '2020-02-11 15:44:17Z'::timestamptz, '2001-01-01Z'::timestamptz)", "2020-02-11 15:30:00+00"));
  add(Scalar("overlaps", {kTime, kTime, kTime, kTime}, kBool)
          .Native<&Overlaps<Time>>()
          .Doc(kOverlaps)
          .Example("overlaps('12:00'::time, '13:00'::time, '12:30'::time, '14:00'::time)", "t"));
  add(Scalar("overlaps", {kTimestamp, kTimestamp, kTimestamp, kTimestamp}, kBool)
          .Native<&Overlaps<Timestamp>>()
          .Doc(kOverlaps)
          .Example("overlaps('2001-02-16'::timestamp, '2001-12-21'::timestamp, '2001-10-30'::timestamp, '2002-10-30'::timestamp)", "t"));
  add(Scalar("overlaps", {kTimestampTz, kTimestampTz, kTimestampTz, kTimestampTz}, kBool)
          .Native<&Overlaps<TimestampTz>>()
          .Doc(kOverlaps)
          .Example("overlaps('2001-02-16Z'::timestamptz, '2001-10-29Z'::timestamptz, '2001-10-30Z'::timestamptz, '2001-10-31Z'::timestamptz)", "f"));
  add(Scalar("isfinite", {kDate}, kBool).Native<&IsFiniteDate>().Doc(kFinite).Example("isfinite('infinity'::date)", "f"));
  add(Scalar("isfinite", {kTimestamp}, kBool).Native<&IsFiniteTimestamp>().Doc(kFinite).Example("isfinite('2001-02-16'::timestamp)", "t"));
  add(Scalar("isfinite", {kTimestampTz}, kBool).Native<&IsFiniteTz>().Doc(kFinite).Example("isfinite('-infinity'::timestamptz)", "f"));
  add(Scalar("isfinite", {kInterval}, kBool).Native<&IsFiniteInterval>().Doc(kFinite).Example("isfinite('4 hours'::interval)", "t"));
  add(Scalar("timezone", {kText, kTimestampTz}, kTimestamp)
          .Native<&LocalInZone>()
          .Doc(kZone)
          .Example("timezone('America/Denver', '2001-02-16 20:38:40Z'::timestamptz)", "2001-02-16 13:38:40"));
  add(Scalar("timezone", {kText, kTimestamp}, kTimestampTz)
          .Native<&UtcFromZone>()
          .Doc(kZone)
          .Example("timezone('America/Denver', '2001-02-16 20:38:40'::timestamp)", "2001-02-17 03:38:40+00"));
  add(Scalar("timezone", {kInterval, kTimestampTz}, kTimestamp)
          .Native<&LocalAtOffset>()
          .Doc(kZone)
          .Example("timezone('-08:00'::interval, '2001-02-16 20:38:40Z'::timestamptz)", "2001-02-16 12:38:40"));
  add(Scalar("timezone", {kInterval, kTimestamp}, kTimestampTz)
          .Native<&UtcFromOffset>()
          .Doc(kZone)
          .Example("timezone('-08:00'::interval, '2001-02-16 20:38:40'::timestamp)", "2001-02-17 04:38:40+00"));
  return table;
}

}  // namespace kappa
