// The calendar of timestamps: whole units since the first timestamp there is, and dates by multiplications.
#pragma once

#include <cstdint>

#include "types/datetime.h"

namespace kappa {

// The Monday a week before the first timestamp: a local time is not before it.
inline constexpr int64_t kFirstDay = kMinDate - 7;

// Micros since then, of a finite time: never negative, so that divisions by constants are multiplications.
KAPPA_INLINE uint64_t MicrosSinceFirst(int64_t micros) { return static_cast<uint64_t>(micros) - static_cast<uint64_t>(kFirstDay * kMicrosPerDay); }
KAPPA_INLINE int64_t DayOfTimestamp(int64_t micros) {
  return static_cast<int64_t>(MicrosSinceFirst(micros) / static_cast<uint64_t>(kMicrosPerDay)) + kFirstDay;
}
KAPPA_INLINE int64_t MicrosOfDay(int64_t micros) { return static_cast<int64_t>(MicrosSinceFirst(micros) % static_cast<uint64_t>(kMicrosPerDay)); }
KAPPA_INLINE int DaysSinceMonday(int64_t day) { return static_cast<int>(static_cast<uint32_t>(day - kFirstDay) % 7); }

// The date of a day of a timestamp. (C. Neri, L. Schneider, "Euclidean affine functions and their application to calendar algorithms", 2022.)
KAPPA_INLINE CivilDate DateOfTimestampDay(int64_t day) {
  constexpr uint32_t kEras = 12;  // of 400 years, that the count begins before 1970: the first day is not negative
  const auto n = static_cast<uint32_t>(day + 719468 + 146097 * int64_t{kEras});  // below 2^27
  const uint32_t in_century = 4 * n + 3;
  const uint32_t century = in_century / 146097;
  const uint32_t in_year = in_century % 146097 | 3;
  const uint64_t product = uint64_t{2939745} * in_year;
  const auto year_of_century = static_cast<uint32_t>(product >> 32);
  const uint32_t day_of_year = static_cast<uint32_t>(product) / 2939745 / 4;  // from March 1
  const uint32_t in_month = 2141 * day_of_year + 197913;
  const bool next_year = day_of_year >= 306;
  CivilDate date;
  date.year = static_cast<int64_t>(100 * century + year_of_century) - 400 * int64_t{kEras} + next_year;
  date.month = static_cast<int32_t>((in_month >> 16) - (next_year ? 12 : 0));
  date.day = static_cast<int32_t>((in_month & 0xFFFF) / 2141 + 1);
  return date;
}
// Days since 1970 of January 1.
KAPPA_INLINE int64_t FirstDayOfYear(int64_t year) {
  const auto y = static_cast<uint32_t>(year + 4800 - 1);  // the count begins with a leap year, in March
  return static_cast<int64_t>(365 * y + y / 4 - y / 100 + y / 400) + 306 - 719468 - 146097 * int64_t{12};
}

}  // namespace kappa
