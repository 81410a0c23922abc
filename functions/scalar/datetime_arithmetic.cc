// + - * / among dates, timestamps and intervals; now(), to_timestamp and the windows' arithmetic.
#include <charconv>
#include <cmath>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_arithmetic_functions {

bool DatePlusInt(CallContext& c, Date d, int32_t days, Date* out) {
  if (!IsFinite(d)) {
    *out = d;
    return true;
  }
  const int64_t sum = int64_t{d.days} + days;
  out->days = static_cast<int32_t>(sum);
  return KAPPA_LIKELY(IsValidDays(sum)) || FailDate(c);
}
bool IntPlusDate(CallContext& c, int32_t days, Date d, Date* out) { return DatePlusInt(c, d, days, out); }
bool DateMinusInt(CallContext& c, Date d, int32_t days, Date* out) {
  if (!IsFinite(d)) {
    *out = d;
    return true;
  }
  const int64_t difference = int64_t{d.days} - days;
  out->days = static_cast<int32_t>(difference);
  return KAPPA_LIKELY(IsValidDays(difference)) || FailDate(c);
}
bool DateMinusDate(CallContext& c, Date a, Date b, int32_t* out) {
  if (KAPPA_UNLIKELY(!IsFinite(a) || !IsFinite(b))) return c.Fail(sqlstate::kDatetimeFieldOverflow, "cannot subtract infinite dates");
  *out = a.days - b.days;
  return true;
}

// Differences of timestamps come in days of 24 hours, with the sign on all parts.
template <typename Ts>
bool Difference(CallContext& c, Ts a, Ts b, Interval* out) {
  if (KAPPA_UNLIKELY(!IsFiniteMicros(a.micros) || !IsFiniteMicros(b.micros)))
    return c.Fail(sqlstate::kDatetimeFieldOverflow, "cannot subtract infinite timestamps");
  int64_t micros;
  if (KAPPA_UNLIKELY(__builtin_sub_overflow(a.micros, b.micros, &micros))) return FailInterval(c);
  *out = {micros % kMicrosPerDay, static_cast<int32_t>(micros / kMicrosPerDay), 0};
  return true;
}

KAPPA_INLINE bool Negated(const Interval& i, Interval* out) {
  return !__builtin_sub_overflow(int64_t{0}, i.micros, &out->micros) && !__builtin_sub_overflow(0, i.days, &out->days) &&
         !__builtin_sub_overflow(0, i.months, &out->months);
}

template <typename Ts>
bool PlusInterval(CallContext& c, Ts ts, Interval i, Ts* out) {
  if (KAPPA_LIKELY((i.months | i.days) == 0 && ts.micros > kMinTimestamp && !__builtin_add_overflow(ts.micros, i.micros, &out->micros) &&
                   IsValidMicros(out->micros) && IsFiniteMicros(ts.micros)))
    return true;
  return AddInterval(ts.micros, i, &out->micros) || FailTimestamp(c);
}
template <typename Ts>
bool IntervalPlus(CallContext& c, Interval i, Ts ts, Ts* out) {
  return PlusInterval(c, ts, i, out);
}
template <typename Ts>
bool MinusInterval(CallContext& c, Ts ts, Interval i, Ts* out) {
  Interval negative;
  if (KAPPA_UNLIKELY(!Negated(i, &negative))) return FailInterval(c);
  return PlusInterval(c, ts, negative, out);
}

// In the zone's local time: months first, then days, then what is left in absolute time.
KAPPA_COLD bool AddCalendar(CallContext& c, int64_t utc, const Interval& i, const Text& zone, int64_t* out) {
  int64_t local, offset;
  *out = utc;
  for (const Interval& part : {Interval{0, 0, i.months}, Interval{0, i.days, 0}}) {
    if (part.months == 0 && part.days == 0) continue;
    if (!LocalOf(c, zone, *out, &local, &offset)) return false;
    if (!AddInterval(local, part, &local)) return FailTimestamp(c);
    if (!UtcOf(c, zone, local, out)) return false;
  }
  return (!__builtin_add_overflow(*out, i.micros, out) && IsValidMicros(*out)) || FailTimestamp(c);
}
bool TzPlusInterval(CallContext& c, TimestampTz ts, Interval i, Text zone, TimestampTz* out) {
  if (KAPPA_LIKELY((i.months | i.days) == 0 && ts.micros > kMinTimestamp && !__builtin_add_overflow(ts.micros, i.micros, &out->micros) &&
                   IsValidMicros(out->micros) && IsFiniteMicros(ts.micros)))
    return true;
  *out = ts;
  return !IsFiniteMicros(ts.micros) || AddCalendar(c, ts.micros, i, zone, &out->micros);
}
bool IntervalPlusTz(CallContext& c, Interval i, TimestampTz ts, Text zone, TimestampTz* out) { return TzPlusInterval(c, ts, i, zone, out); }
bool TzMinusInterval(CallContext& c, TimestampTz ts, Interval i, Text zone, TimestampTz* out) {
  Interval negative;
  if (KAPPA_UNLIKELY(!Negated(i, &negative))) return FailInterval(c);
  return TzPlusInterval(c, ts, negative, zone, out);
}

// ---- times of day go round

KAPPA_INLINE int64_t WithinDay(int64_t micros) { return micros - FloorDivide(micros, kMicrosPerDay) * kMicrosPerDay; }
Time TimePlusInterval(CallContext&, Time t, Interval i) { return Time{WithinDay(t.micros + i.micros % kMicrosPerDay)}; }
Time IntervalPlusTime(CallContext& c, Interval i, Time t) { return TimePlusInterval(c, t, i); }
Time TimeMinusInterval(CallContext&, Time t, Interval i) { return Time{WithinDay(t.micros - i.micros % kMicrosPerDay)}; }
Interval TimeMinusTime(CallContext&, Time a, Time b) { return Interval{a.micros - b.micros, 0, 0}; }

bool MidnightOf(CallContext& c, Date d, Timestamp* out) {
  if (KAPPA_UNLIKELY(!IsFinite(d))) {
    out->micros = d.days > 0 ? kInfinity64 : kMinusInfinity64;
    return true;
  }
  if (KAPPA_LIKELY(!__builtin_mul_overflow(int64_t{d.days}, kMicrosPerDay, &out->micros))) return true;
  return c.Fail(sqlstate::kDatetimeFieldOverflow, "date out of range for timestamp");
}
bool DatePlusInterval(CallContext& c, Date d, Interval i, Timestamp* out) {
  Timestamp midnight;
  return MidnightOf(c, d, &midnight) && PlusInterval(c, midnight, i, out);
}
bool IntervalPlusDate(CallContext& c, Interval i, Date d, Timestamp* out) { return DatePlusInterval(c, d, i, out); }
bool DateMinusInterval(CallContext& c, Date d, Interval i, Timestamp* out) {
  Timestamp midnight;
  return MidnightOf(c, d, &midnight) && MinusInterval(c, midnight, i, out);
}

bool DatePlusTime(CallContext& c, Date d, Time t, Timestamp* out) {
  if (!MidnightOf(c, d, out)) return false;
  if (KAPPA_UNLIKELY(!IsFiniteMicros(out->micros))) return true;
  return (KAPPA_LIKELY(!__builtin_add_overflow(out->micros, t.micros, &out->micros) && IsValidMicros(out->micros))) || FailTimestamp(c);
}
bool TimePlusDate(CallContext& c, Time t, Date d, Timestamp* out) { return DatePlusTime(c, d, t, out); }

bool IntervalSum(CallContext& c, Interval a, Interval b, Interval* out) {
  const bool overflow = __builtin_add_overflow(a.micros, b.micros, &out->micros) || __builtin_add_overflow(a.days, b.days, &out->days) ||
                        __builtin_add_overflow(a.months, b.months, &out->months);
  return KAPPA_LIKELY(!overflow) || FailInterval(c);
}
bool IntervalDifference(CallContext& c, Interval a, Interval b, Interval* out) {
  const bool overflow = __builtin_sub_overflow(a.micros, b.micros, &out->micros) || __builtin_sub_overflow(a.days, b.days, &out->days) ||
                        __builtin_sub_overflow(a.months, b.months, &out->months);
  return KAPPA_LIKELY(!overflow) || FailInterval(c);
}
bool IntervalNegate(CallContext& c, Interval i, Interval* out) { return KAPPA_LIKELY(Negated(i, out)) || FailInterval(c); }

KAPPA_INLINE double RoundToMicros(double seconds) { return std::rint(seconds * 1e6) / 1e6; }

// Each part is scaled by itself; what is left of months spills into days (30 a month), of days into the time of day.
// `months`, `days` and `micros` are the exact scaled parts.
bool FromScaledParts(CallContext& c, double months, double days, double micros, Interval* out) {
  constexpr double kLeast = -2147483648.0, kEnd = 2147483648.0;
  if (!(months >= kLeast && months < kEnd) || !(days >= kLeast && days < kEnd)) return FailInterval(c);
  const auto whole_months = static_cast<int32_t>(months);
  auto whole_days = static_cast<int32_t>(days);
  const double spilled_days = RoundToMicros((months - whole_months) * 30);
  double seconds = RoundToMicros((days - whole_days + spilled_days - static_cast<int>(spilled_days)) * 86400.0);
  if (std::fabs(seconds) >= 86400.0) {
    const int extra = static_cast<int>(seconds / 86400.0);
    whole_days += extra;
    seconds -= extra * 86400.0;
  }
  whole_days += static_cast<int32_t>(spilled_days);
  const double total = std::rint(micros + seconds * 1e6);
  if (!(total >= -9223372036854775808.0 && total < 9223372036854775808.0)) return FailInterval(c);
  *out = {static_cast<int64_t>(total), whole_days, whole_months};
  return true;
}
bool IntervalTimes(CallContext& c, Interval i, double factor, Interval* out) {
  return FromScaledParts(c, i.months * factor, i.days * factor, static_cast<double>(i.micros) * factor, out);
}
bool TimesInterval(CallContext& c, double factor, Interval i, Interval* out) { return IntervalTimes(c, i, factor, out); }
bool IntervalDividedBy(CallContext& c, Interval i, double divisor, Interval* out) {
  if (KAPPA_UNLIKELY(divisor == 0)) return FailDivisionByZero(c);
  return FromScaledParts(c, i.months / divisor, i.days / divisor, static_cast<double>(i.micros) / divisor, out);
}

TimestampTz Now(CallContext& c) { return TimestampTz{c.epoch_micros}; }

bool ToTimestamp(CallContext& c, double seconds, TimestampTz* out) {
  if (KAPPA_UNLIKELY(seconds != seconds)) return c.Fail(sqlstate::kDatetimeFieldOverflow, "timestamp cannot be NaN");
  if (KAPPA_UNLIKELY(__builtin_isinf(seconds))) {
    out->micros = seconds > 0 ? kInfinity64 : kMinusInfinity64;
    return true;
  }
  // PostgreSQL counts from 2000 when it rounds.
  constexpr double kSecondsTo2000 = 946684800.0;
  const double micros = std::rint((seconds - kSecondsTo2000) * 1e6);
  if (seconds < -210866803200.0 || !(micros < 9222425352054775807.0)) {
    char text[32];
    char* end = std::to_chars(text, text + sizeof text, seconds, std::chars_format::general, 6).ptr;
    return c.Fail(sqlstate::kDatetimeFieldOverflow, "timestamp out of range: \"%s\"", text, static_cast<size_t>(end - text));
  }
  out->micros = static_cast<int64_t>(micros) + int64_t{946684800} * kMicrosPerSecond;
  return true;
}

// The begin of the window of `size` micros, aligned to `offset`, that holds ts. size > 0. The infinities stay what they are.
Timestamp WindowStart(CallContext&, Timestamp ts, int64_t size, int64_t offset) {
  if (KAPPA_UNLIKELY(!IsFiniteMicros(ts.micros))) return ts;
  int64_t rest = (ts.micros - offset) % size;
  rest += rest < 0 ? size : 0;
  return Timestamp{ts.micros - rest};
}
TimestampTz WindowStartTz(CallContext& c, TimestampTz ts, int64_t size, int64_t offset) {
  return TimestampTz{WindowStart(c, Timestamp{ts.micros}, size, offset).micros};
}

}  // namespace datetime_arithmetic_functions

using namespace datetime_arithmetic_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> DatetimeArithmeticFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Date and time")); };
  add(Operator("+", {kDate, kInt4}, kDate).Native<&DatePlusInt>().Doc("So many days later.").Example("'2024-02-28'::date + 2", "2024-03-01"));
  add(Operator("+", {kInt4, kDate}, kDate).Native<&IntPlusDate>().Doc("So many days later.").Example("2 + '2024-02-28'::date", "2024-03-01"));
  add(Operator("-", {kDate, kInt4}, kDate).Native<&DateMinusInt>().Doc("So many days earlier.").Example("'2024-03-01'::date - 2", "2024-02-28"));
  add(Operator("-", {kDate, kDate}, kInt4).Native<&DateMinusDate>().Doc("The days between.").Example("'2024-03-01'::date - '2024-02-28'::date", "2"));
  add(Operator("-", {kTimestamp, kTimestamp}, kInterval)
          .Native<&Difference<Timestamp>>()
          .Doc("The time between, in days and less.")
          .Example("'2024-03-01 12:00'::timestamp - '2024-02-28'::timestamp", "2 days 12:00:00"));
  add(Operator("-", {kTimestampTz, kTimestampTz}, kInterval)
          .Native<&Difference<TimestampTz>>()
          .Doc("The time between, in days and less.")
          .Example("'2024-03-01 12:00Z'::timestamptz - '2024-02-28Z'::timestamptz", "2 days 12:00:00"));
  add(Operator("+", {kDate, kInterval}, kTimestamp)
          .Native<&DatePlusInterval>()
          .Doc("So much later.")
          .Example("'2024-01-31'::date + '1 mon'::interval", "2024-02-29 00:00:00"));
  add(Operator("+", {kInterval, kDate}, kTimestamp)
          .Native<&IntervalPlusDate>()
          .Doc("So much later.")
          .Example("'1 mon'::interval + '2024-01-31'::date", "2024-02-29 00:00:00"));
  add(Operator("-", {kDate, kInterval}, kTimestamp)
          .Native<&DateMinusInterval>()
          .Doc("So much earlier.")
          .Example("'2024-03-31'::date - '1 mon'::interval", "2024-02-29 00:00:00"));
  add(Operator("+", {kTimestamp, kInterval}, kTimestamp)
          .Native<&PlusInterval<Timestamp>>()
          .Doc("So much later; months first, then days, then the rest.")
          .Example("'2024-01-31 10:00'::timestamp + '1 mon 1 day'::interval", "2024-03-01 10:00:00"));
  add(Operator("+", {kInterval, kTimestamp}, kTimestamp)
          .Native<&IntervalPlus<Timestamp>>()
          .Doc("So much later.")
          .Example("'1 hour'::interval + '2024-01-31 10:00'::timestamp", "2024-01-31 11:00:00"));
  add(Operator("-", {kTimestamp, kInterval}, kTimestamp)
          .Native<&MinusInterval<Timestamp>>()
          .Doc("So much earlier.")
          .Example("'2024-01-31 10:00'::timestamp - '4 seconds'::interval", "2024-01-31 09:59:56"));
  add(Operator("+", {kTimestampTz, kInterval, kText}, kTimestampTz)
          .Native<&TzPlusInterval>()
          .Zoned()
          .Doc("So much later; months first, then days, by the calendar of the session's time zone, then the rest.")
          .Example("'2024-01-31 10:00Z'::timestamptz + '1 mon'::interval", "2024-02-29 10:00:00+00"));
  add(Operator("+", {kInterval, kTimestampTz, kText}, kTimestampTz)
          .Native<&IntervalPlusTz>()
          .Zoned()
          .Doc("So much later.")
          .Example("'1 hour'::interval + '2024-01-31 10:00Z'::timestamptz", "2024-01-31 11:00:00+00"));
  add(Operator("-", {kTimestampTz, kInterval, kText}, kTimestampTz)
          .Native<&TzMinusInterval>()
          .Zoned()
          .Doc("So much earlier.")
          .Example("'2024-01-31 10:00Z'::timestamptz - '1 hour'::interval", "2024-01-31 09:00:00+00"));
  add(Operator("+", {kInterval, kInterval}, kInterval)
          .Native<&IntervalSum>()
          .Doc("Sum, part by part.")
          .Example("'1 day'::interval + '36:00'::interval", "1 day 36:00:00"));
  add(Operator("-", {kInterval, kInterval}, kInterval)
          .Native<&IntervalDifference>()
          .Doc("Difference, part by part.")
          .Example("'1 day'::interval - '1 hour'::interval", "1 day -01:00:00"));
  add(Operator("-", {kInterval}, kInterval).Native<&IntervalNegate>().Doc("Negation.").Example("-('1 day'::interval)", "-1 days"));
  add(Operator("*", {kInterval, kFloat8}, kInterval)
          .Native<&IntervalTimes>()
          .Doc("So many times as long.")
          .Example("'1 mon'::interval * 1.5::float8", "1 mon 15 days"));
  add(Operator("*", {kFloat8, kInterval}, kInterval)
          .Native<&TimesInterval>()
          .Doc("So many times as long.")
          .Example("2::float8 * '1 hour'::interval", "02:00:00"));
  add(Operator("/", {kInterval, kFloat8}, kInterval)
          .Native<&IntervalDividedBy>()
          .Doc("A part of it.")
          .Example("'1 day'::interval / 2::float8", "12:00:00"));
  add(Operator("+", {kDate, kTime}, kTimestamp)
          .Native<&DatePlusTime>()
          .Doc("The time on that day.")
          .Example("'2024-02-28'::date + '12:30'::time", "2024-02-28 12:30:00"));
  add(Operator("+", {kTime, kDate}, kTimestamp)
          .Native<&TimePlusDate>()
          .Doc("The time on that day.")
          .Example("'12:30'::time + '2024-02-28'::date", "2024-02-28 12:30:00"));
  add(Operator("+", {kTime, kInterval}, kTime)
          .Native<&TimePlusInterval>()
          .Doc("So much later; midnight is passed over.")
          .Example("'23:00'::time + '2 hours'::interval", "01:00:00"));
  add(Operator("+", {kInterval, kTime}, kTime)
          .Native<&IntervalPlusTime>()
          .Doc("So much later; midnight is passed over.")
          .Example("'2 hours'::interval + '23:00'::time", "01:00:00"));
  add(Operator("-", {kTime, kInterval}, kTime)
          .Native<&TimeMinusInterval>()
          .Doc("So much earlier; midnight is passed over.")
          .Example("'01:00'::time - '2 hours'::interval", "23:00:00"));
  add(Operator("-", {kTime, kTime}, kInterval)
          .Native<&TimeMinusTime>()
          .Doc("The time between.")
          .Example("'12:30'::time - '13:00'::time", "-00:30:00"));
  for (const char* name : {"now", "current_timestamp", "proctime", "transaction_timestamp"}) {
    add(Scalar(name, {}, kTimestampTz).Native<&Now>().Stable().Doc("The time of the epoch: the same for every row of it, and when it is replayed."));
  }
  add(Scalar("to_timestamp", {kFloat8}, kTimestampTz)
          .Native<&ToTimestamp>()
          .Doc("Seconds since 1970-01-01 00:00:00 UTC.")
          .Example("to_timestamp(1436918400.25::float8)", "2015-07-15 00:00:00.25+00"));
  add(Scalar("kappa_window_start", {kTimestamp, kInt8, kInt8}, kTimestamp)
          .Native<&WindowStart>()
          .Doc("The begin of the window of so many microseconds that holds the timestamp, windows being aligned to the offset.")
          .Example("kappa_window_start('1969-12-31 23:59:59'::timestamp, 10000000::bigint, 0::bigint)", "1969-12-31 23:59:50"));
  add(Scalar("kappa_window_start", {kTimestampTz, kInt8, kInt8}, kTimestampTz)
          .Native<&WindowStartTz>()
          .Doc("The same for timestamps with time zone.")
          .Example("kappa_window_start('2024-01-01 00:00:07Z'::timestamptz, 5000000::bigint, 1000000::bigint)", "2024-01-01 00:00:06+00"));
  return table;
}

}  // namespace kappa
