// Dates, times and intervals from their parts: make_*, justify_*.
#include <cmath>
#include <cstdio>
#include <cstring>

#include "functions/function.h"
#include "functions/scalar/errors.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"
#include "types/time_zone.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace datetime_make_functions {

// Years before Christ are negative; there is no year 0. False: no such day.
bool CivilDays(int32_t year, int32_t month, int32_t day, int64_t* days) {
  if (year == 0 || year == INT32_MIN || month < 1 || month > 12 || day < 1 || day > 31) return false;
  const int64_t astronomical = year < 0 ? int64_t{year} + 1 : year;
  if (day > DaysInMonth(astronomical, month)) return false;
  *days = DaysFromCivil(astronomical, month, day);
  return true;
}

KAPPA_COLD bool FailDateParts(CallContext& c, const char* what, int32_t year, int32_t month, int32_t day) {
  char message[96];
  std::snprintf(message, sizeof message, "%s out of range: %d-%02d-%02d", what, year, month, day);
  return c.Fail(sqlstate::kDatetimeFieldOverflow, message);
}
// PostgreSQL tells a date's year as it has read it by then: without its sign when that was what was wrong.
KAPPA_COLD bool FailMakeDate(CallContext& c, int32_t year, int32_t month, int32_t day) {
  return FailDateParts(c, "date field value", year < 0 && year != INT32_MIN ? year + 1 : year, month, day);
}

bool MakeDate(CallContext& c, int32_t year, int32_t month, int32_t day, Date* out) {
  int64_t days = 0;
  if (KAPPA_UNLIKELY(year == INT32_MIN || !CivilDays(year, month, day, &days))) return FailMakeDate(c, year, month, day);
  if (KAPPA_UNLIKELY(!IsValidDays(days))) return FailDateParts(c, "date", year < 0 ? year + 1 : year, month, day);
  out->days = static_cast<int32_t>(days);
  return true;
}

// False: no time of day.
bool ClockMicros(int32_t hour, int32_t minute, double second, int64_t* micros) {
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || !std::isfinite(second)) return false;
  const double rounded = std::rint(second * 1e6);
  if (rounded < 0 || rounded > 60e6) return false;
  *micros = (int64_t{hour} * 60 + minute) * kMicrosPerMinute + static_cast<int64_t>(rounded);
  return *micros <= kMicrosPerDay;
}
KAPPA_COLD bool FailClock(CallContext& c, int32_t hour, int32_t minute, double second) {
  char message[96];
  int size = std::snprintf(message, sizeof message, "time field value out of range: %d:%02d:", hour, minute);
  if (std::isfinite(second))
    std::snprintf(message + size, sizeof message - static_cast<size_t>(size), "%02g", second);
  else
    std::snprintf(message + size, sizeof message - static_cast<size_t>(size), "%s",
                  std::isnan(second) ? "NaN"
                  : second < 0       ? "-Infinity"
                                     : "Infinity");
  return c.Fail(sqlstate::kDatetimeFieldOverflow, message);
}
bool MakeTime(CallContext& c, int32_t hour, int32_t minute, double second, Time* out) {
  return KAPPA_LIKELY(ClockMicros(hour, minute, second, &out->micros)) || FailClock(c, hour, minute, second);
}

bool MakeTimestamp(CallContext& c, int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute, double second, Timestamp* out) {
  int64_t days = 0, micros = 0;
  if (KAPPA_UNLIKELY(!CivilDays(year, month, day, &days))) return FailDateParts(c, "date field value", year, month, day);
  if (KAPPA_UNLIKELY(days < kMinDate || days >= kEndDate + 152)) return FailDateParts(c, "date", year, month, day);  // Julian days end in May 5874898
  if (KAPPA_UNLIKELY(!ClockMicros(hour, minute, second, &micros))) return FailClock(c, hour, minute, second);
  if (KAPPA_LIKELY(!__builtin_mul_overflow(days, kMicrosPerDay, &out->micros) && !__builtin_add_overflow(out->micros, micros, &out->micros) &&
                   IsValidMicros(out->micros)))
    return true;
  char message[128];
  std::snprintf(message, sizeof message, "timestamp out of range: %d-%02d-%02d %d:%02d:%02g", year, month, day, hour, minute, second);
  return c.Fail(sqlstate::kDatetimeFieldOverflow, message);
}

template <typename T>
KAPPA_INLINE T Argument(const AnyValue& value) {
  T out;
  std::memcpy(&out, value.slot, sizeof out);
  return out;
}

// +HH[:MM[:SS]], an abbreviation, or a zone. False: failed.
bool OffsetOfZone(CallContext& c, const Text& zone, int64_t local, int64_t* utc) {
  const std::string_view text = zone.view();
  if (!text.empty() && IsDigit(text[0]))
    return c.Fail(sqlstate::kInvalidParameterValue, "invalid input syntax for type numeric time zone: \"%s\"", zone.data, zone.size);
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return UtcOf(c, zone, local, utc);
  int64_t parts[3] = {0, 0, 0};
  size_t at = 1, count = 0;
  for (; at < text.size() && (IsDigit(text[at]) || (text[at] == ':' && count < 2)); ++at) {
    if (text[at] == ':')
      ++count;
    else if (parts[count] < 100000000)
      parts[count] = parts[count] * 10 + (text[at] - '0');
  }
  if (at == text.size() && count == 0 && text.size() > 3) {
    parts[1] = parts[0] % 100;
    parts[0] /= 100;
  }
  if (parts[0] > 15 || parts[1] > 59 || parts[2] > 59)
    return c.Fail(sqlstate::kInvalidParameterValue, "numeric time zone \"%s\" out of range", zone.data, zone.size);
  if (at != text.size()) return UtcOf(c, zone, local, utc);  // a POSIX specification
  int64_t offset = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * kMicrosPerSecond;
  if (text[0] == '-') offset = -offset;
  return (!__builtin_sub_overflow(local, offset, utc) && IsValidMicros(*utc)) || FailTimestamp(c);
}

// The parts and the time zone.
bool MakeTimestampTz(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  Timestamp local;
  if (!MakeTimestamp(c, Argument<int32_t>(args[0]), Argument<int32_t>(args[1]), Argument<int32_t>(args[2]), Argument<int32_t>(args[3]),
                     Argument<int32_t>(args[4]), Argument<double>(args[5]), &local))
    return false;
  TimestampTz result;
  if (!OffsetOfZone(c, Argument<Text>(args[6]), local.micros, &result.micros)) return false;
  std::memcpy(out, &result, sizeof result);
  return true;
}

// years, months, weeks, days, hours, minutes, seconds
bool MakeInterval(CallContext& c, const AnyValue* args, uint32_t, const TypeDescriptor*, void* out, bool*) {
  int64_t part[6];
  for (int i = 0; i < 6; ++i) part[i] = Argument<int32_t>(args[i]);
  const double micros = std::rint(Argument<double>(args[6]) * 1e6);
  const int64_t months = part[0] * 12 + part[1], days = part[2] * 7 + part[3];
  Interval result;
  result.months = static_cast<int32_t>(months);
  result.days = static_cast<int32_t>(days);
  result.micros = part[4] * kMicrosPerHour + part[5] * kMicrosPerMinute;
  if (!(micros >= -9223372036854775808.0 && micros < 9223372036854775808.0) || result.months != months || result.days != days ||
      __builtin_add_overflow(result.micros, static_cast<int64_t>(micros), &result.micros))
    return FailInterval(c);
  std::memcpy(out, &result, sizeof result);
  return true;
}

// ---- justify_*: 24 hours are a day, 30 days a month, and all parts have one sign

KAPPA_INLINE void AlignDaysToMonths(Interval* i) {
  if (i->months > 0 && i->days < 0) {
    i->days += 30;
    --i->months;
  } else if (i->months < 0 && i->days > 0) {
    i->days -= 30;
    ++i->months;
  }
}
KAPPA_INLINE void AlignMicrosToDays(Interval* i) {
  if (i->days > 0 && i->micros < 0) {
    i->micros += kMicrosPerDay;
    --i->days;
  } else if (i->days < 0 && i->micros > 0) {
    i->micros -= kMicrosPerDay;
    ++i->days;
  }
}
KAPPA_INLINE bool CarryDays(Interval* i) {
  const int32_t whole = i->days / 30;
  i->days -= whole * 30;
  return !__builtin_add_overflow(i->months, whole, &i->months);
}
KAPPA_INLINE bool CarryMicros(Interval* i) {
  const auto whole = static_cast<int32_t>(i->micros / kMicrosPerDay);
  i->micros -= whole * kMicrosPerDay;
  return !__builtin_add_overflow(i->days, whole, &i->days);
}

bool JustifyDays(CallContext& c, Interval i, Interval* out) {
  *out = i;
  if (KAPPA_UNLIKELY(!CarryDays(out))) return FailInterval(c);
  AlignDaysToMonths(out);
  return true;
}
bool JustifyHours(CallContext& c, Interval i, Interval* out) {
  *out = i;
  if (KAPPA_UNLIKELY(!CarryMicros(out))) return FailInterval(c);
  AlignMicrosToDays(out);
  return true;
}
bool JustifyInterval(CallContext& c, Interval i, Interval* out) {
  *out = i;
  if ((i.days > 0 && i.micros > 0) || (i.days < 0 && i.micros < 0)) {  // so that the days cannot overflow
    if (KAPPA_UNLIKELY(!CarryDays(out))) return FailInterval(c);
  }
  if (KAPPA_UNLIKELY(!CarryMicros(out) || !CarryDays(out))) return FailInterval(c);
  if (out->months > 0 && (out->days < 0 || (out->days == 0 && out->micros < 0))) {
    out->days += 30;
    --out->months;
  } else if (out->months < 0 && (out->days > 0 || (out->days == 0 && out->micros > 0))) {
    out->days -= 30;
    ++out->months;
  }
  AlignMicrosToDays(out);
  return true;
}

}  // namespace datetime_make_functions

using namespace datetime_make_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> DatetimeMakeFunctions() {
  using enum TypeId;
  std::vector<FunctionEntry> table;
  const auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Date and time")); };
  add(Scalar("make_date", {kInt4, kInt4, kInt4}, kDate)
          .Native<&MakeDate>()
          .Doc("The date of year, month and day; years before Christ are negative.")
          .Example("make_date(2024, 2, 29)", "2024-02-29")
          .Example("make_date(2023, 2, 29)", "ERROR 22008"));
  add(Scalar("make_time", {kInt4, kInt4, kFloat8}, kTime)
          .Native<&MakeTime>()
          .Doc("The time of hour, minute and seconds.")
          .Example("make_time(8, 15, 23.5)", "08:15:23.5"));
  add(Scalar("make_timestamp", {kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8}, kTimestamp)
          .Native<&MakeTimestamp>()
          .Doc("The timestamp of year, month, day, hour, minute and seconds.")
          .Example("make_timestamp(2024, 7, 15, 8, 15, 23.5)", "2024-07-15 08:15:23.5"));
  add(Scalar("make_timestamptz", {kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8, kText}, kTimestampTz)
          .Zoned()
          .Raw<&MakeTimestampTz>()
          .Doc("The same, in the session's time zone.")
          .Example("make_timestamptz(2024, 7, 15, 8, 15, 23.5)", "2024-07-15 08:15:23.5+00"));
  add(Scalar("make_timestamptz", {kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8, kText}, kTimestampTz)
          .Raw<&MakeTimestampTz>()
          .Doc("The same, in a time zone: its name, an abbreviation, or hours and minutes east of UTC.")
          .Example("make_timestamptz(2024, 7, 15, 8, 15, 23.5, 'America/New_York')", "2024-07-15 12:15:23.5+00"));
  add(Scalar("make_interval", {kInt4, kInt4, kInt4, kInt4, kInt4, kInt4, kFloat8}, kInterval)
          .Raw<&MakeInterval>()
          .Doc("The interval of years, months, weeks, days, hours, mins and secs; those that are left out are 0.")
          .Example("make_interval(0, 0, 1, 2, 3, 4, 5.5)", "9 days 03:04:05.5"));
  add(Scalar("justify_days", {kInterval}, kInterval)
          .Native<&JustifyDays>()
          .Doc("30 days become a month.")
          .Example("justify_days('35 days'::interval)", "1 mon 5 days"));
  add(Scalar("justify_hours", {kInterval}, kInterval)
          .Native<&JustifyHours>()
          .Doc("24 hours become a day.")
          .Example("justify_hours('27 hours'::interval)", "1 day 03:00:00"));
  add(Scalar("justify_interval", {kInterval}, kInterval)
          .Native<&JustifyInterval>()
          .Doc("24 hours become a day, 30 days a month, and the parts get one sign.")
          .Example("justify_interval('1 mon -1 hour'::interval)", "29 days 23:00:00"));
  return table;
}

}  // namespace kappa
