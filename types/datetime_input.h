// Date and time texts in every form that PostgreSQL takes (its manual, appendix B.1, with DateStyle ISO, MDY): the way for whatever is not written
// in the usual form, which types/datetime.h reads quickly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/datetime.h"

namespace kappa {

class TimeZone;  // types/time_zone.h

struct DatetimeInput {
  const TimeZone* zone = nullptr;       // where a text names none; nullptr: UTC
  std::string* unknown_zone = nullptr;  // gets the name that kZoneUnknown is about; nullptr: nobody asks
  std::optional<int64_t> now;           // micros since 1970 UTC, for 'now', 'today'...; without it they answer kNeedsClock
};

ParseStatus ReadTimestamp(std::string_view text, const DatetimeInput& input, Timestamp* out);
ParseStatus ReadTimestampTz(std::string_view text, const DatetimeInput& input, TimestampTz* out);
ParseStatus ReadDate(std::string_view text, const DatetimeInput& input, Date* out);
ParseStatus ReadTime(std::string_view text, const DatetimeInput& input, Time* out);

// Does the text hold a word that means another time on another day (now, today, yesterday, tomorrow)?
bool NeedsClock(std::string_view text);

// What an interval's text is restricted to: INTERVAL '3' DAY TO HOUR, INTERVAL(2) '1.234'.
enum IntervalField : int32_t { kYearField = 1, kMonthField = 2, kDayField = 4, kHourField = 8, kMinuteField = 16, kSecondField = 32 };
inline constexpr int32_t kAllIntervalFields = 0x7FFF, kFullIntervalPrecision = 0xFFFF;
// Type::modifier() of interval: the fields in the high half, the digits of seconds in the low one (as PostgreSQL packs them).
constexpr int32_t IntervalModifier(int32_t fields, int32_t precision) { return (fields << 16) | precision; }
// `modifier` -1: none.
ParseStatus ReadInterval(std::string_view text, int32_t modifier, Interval* out);
// Cuts fields below those of the modifier, rounds seconds. False: out of range.
bool ApplyIntervalModifier(int32_t modifier, Interval* interval);

}  // namespace kappa
