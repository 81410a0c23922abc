// Dates, timestamps and intervals: the proleptic Gregorian calendar, and PostgreSQL's text forms (DateStyle ISO, IntervalStyle postgres). Dates reach
// from 4714-11-24 BC to 5874897-12-31, timestamps from 4714-11-24 BC to 294247-01-10 04:00:54.775806 (what 64 bits since 1970 hold).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/runtime.h"
#include "types/text_format.h"
#include "types/values.h"

namespace kappa {

inline constexpr int64_t kMicrosPerSecond = 1000000;
inline constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int32_t kUnixEpochJulian = 2440588;  // Julian day of 1970-01-01
inline constexpr int32_t kMinDate = -kUnixEpochJulian;
inline constexpr int32_t kEndDate = 2147483494 - kUnixEpochJulian;  // exclusive: 5874898-01-01
inline constexpr int64_t kMinTimestamp = int64_t{kMinDate} * kMicrosPerDay;
inline constexpr int64_t kInfinity64 = INT64_MAX, kMinusInfinity64 = INT64_MIN;
inline constexpr int32_t kInfinity32 = INT32_MAX, kMinusInfinity32 = INT32_MIN;

KAPPA_INLINE bool IsFinite(Date d) { return d.days != kInfinity32 && d.days != kMinusInfinity32; }
KAPPA_INLINE bool IsFiniteMicros(int64_t micros) { return micros != kInfinity64 && micros != kMinusInfinity64; }
KAPPA_INLINE bool IsValidMicros(int64_t micros) { return micros >= kMinTimestamp && micros != kInfinity64; }
KAPPA_INLINE bool IsValidDays(int64_t days) { return days >= kMinDate && days < kEndDate; }

KAPPA_INLINE int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0)); }

// Astronomical years: 0 is 1 BC.
struct CivilDate {
  int64_t year = 1970;
  int32_t month = 1;  // 1..12
  int32_t day = 1;    // 1..31
};
struct CivilTime {
  CivilDate date;
  int64_t micros = 0;  // of the day
  int hour() const { return static_cast<int>(micros / kMicrosPerHour); }
  int minute() const { return static_cast<int>(micros / kMicrosPerMinute % 60); }
  int second() const { return static_cast<int>(micros / kMicrosPerSecond % 60); }
  int fraction() const { return static_cast<int>(micros % kMicrosPerSecond); }
};

// Days since 1970-01-01. (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days.)
KAPPA_INLINE int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}
KAPPA_INLINE CivilDate CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<uint32_t>(days - era * 146097);
  const uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint32_t shifted = (5 * day_of_year + 2) / 153;  // month from March
  CivilDate date;
  date.day = static_cast<int32_t>(day_of_year - (153 * shifted + 2) / 5 + 1);
  date.month = static_cast<int32_t>(shifted < 10 ? shifted + 3 : shifted - 9);
  date.year = static_cast<int64_t>(year_of_era) + era * 400 + (date.month <= 2);
  return date;
}
KAPPA_INLINE CivilTime CivilFromMicros(int64_t micros) {
  const int64_t days = FloorDivide(micros, kMicrosPerDay);
  return {CivilFromDays(days), micros - days * kMicrosPerDay};
}
KAPPA_INLINE bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
KAPPA_INLINE int DaysInMonth(int64_t year, int month) { return month == 2 ? 28 + IsLeapYear(year) : 30 + ((month + (month > 7)) & 1); }
// 0 = Sunday.
KAPPA_INLINE int DayOfWeek(int64_t days) { return static_cast<int>(((days + 4) % 7 + 7) % 7); }
// ISO 8601: week of the year, and the year it belongs to.
int IsoWeek(const CivilDate& date, int64_t* iso_year);

// micros + months, days and micros of an interval, clamping the day to the month's length. false: beyond the range.
bool AddInterval(int64_t micros, const Interval& interval, int64_t* out);
// Months count 30 days, days 24 hours: what orders intervals.
KAPPA_INLINE __int128 IntervalOrder(const Interval& i) {
  return static_cast<__int128>(i.micros) + static_cast<__int128>(int64_t{i.months} * 30 + i.days) * kMicrosPerDay;
}

// timestamp(p): to `digits` (0..6) of a second; a half goes away from 2000-01-01, from where PostgreSQL counts.
int64_t RoundTimestamp(int64_t micros, int digits);

// "YYYY-MM-DD HH:MM:SS[.f...]", a space or T, up to 6 digits of fraction, an optional Z, years 0001 to 9999: the usual form, read without branches on
// its parts. false: anything else (which may still be a timestamp: ParseTimestamp).
bool ParseTimestampFast(const char* text, size_t size, int64_t* micros);

// Every form (types/datetime_input.h: there with a session's zone and a clock). A zone is ignored by ParseTimestamp and ParseDate (as PostgreSQL
// does), applied by ParseTimestampTz.
ParseStatus ParseTimestamp(std::string_view text, Timestamp* out);
ParseStatus ParseTimestampTz(std::string_view text, TimestampTz* out);
ParseStatus ParseDate(std::string_view text, Date* out);
// "1 day 02:03:04", "10 s", "1-2", "P1DT2H", "... ago".
ParseStatus ParseInterval(std::string_view text, Interval* out);
ParseStatus ParseTime(std::string_view text, Time* out);

inline constexpr size_t kMaxDatetimeText = 48;
inline constexpr size_t kMaxIntervalText = 96;
char* FormatDate(Date date, char* out);  // at most kMaxDatetimeText bytes, so the next
char* FormatTimestamp(Timestamp ts, char* out);
char* FormatTimestampTz(TimestampTz ts, char* out);                  // in UTC: ends in +00
char* FormatTimestampTz(TimestampTz ts, int64_t offset, char* out);  // `offset`: micros east of UTC
char* FormatTime(Time time, char* out);
char* FormatInterval(const Interval& interval, char* out);

}  // namespace kappa
