#include "types/datetime.h"

#include <cstring>

namespace kappa {

int IsoWeek(const CivilDate& date, int64_t* iso_year) {
  const int64_t days = DaysFromCivil(date.year, date.month, date.day);
  const int64_t thursday = days + 3 - (DayOfWeek(days) + 6) % 7;  // of the same week: its year is the week's
  *iso_year = CivilFromDays(thursday).year;
  return static_cast<int>((thursday - DaysFromCivil(*iso_year, 1, 1)) / 7) + 1;
}

bool AddInterval(int64_t micros, const Interval& interval, int64_t* out) {
  if (!IsFiniteMicros(micros)) {
    *out = micros;
    return true;
  }
  if (interval.months != 0) {
    const CivilTime civil = CivilFromMicros(micros);
    const int64_t months = civil.date.year * 12 + (civil.date.month - 1) + interval.months;
    const int64_t year = FloorDivide(months, 12);
    const int month = static_cast<int>(months - year * 12) + 1;
    const int last = DaysInMonth(year, month);
    const int64_t days = DaysFromCivil(year, month, civil.date.day < last ? civil.date.day : last);
    if (!IsValidDays(days) || __builtin_mul_overflow(days, kMicrosPerDay, &micros) || __builtin_add_overflow(micros, civil.micros, &micros))
      return false;
    if (!IsValidMicros(micros)) return false;
  }
  if (interval.days != 0) {
    const int64_t julian = FloorDivide(micros, kMicrosPerDay) + kUnixEpochJulian + interval.days;  // of 31 bits, as PostgreSQL's
    if (julian < 0 || julian > INT32_MAX || __builtin_add_overflow(micros, int64_t{interval.days} * kMicrosPerDay, &micros) || !IsValidMicros(micros))
      return false;
  }
  return !__builtin_add_overflow(micros, interval.micros, out) && IsValidMicros(*out);
}

int64_t RoundTimestamp(int64_t micros, int digits) {
  static constexpr int64_t kUnits[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  constexpr int64_t kMicrosTo2000 = int64_t{946684800} * kMicrosPerSecond;
  if (!IsFiniteMicros(micros) || digits < 0 || digits >= 6) return micros;
  const int64_t unit = kUnits[digits];
  const int64_t rest = ((micros - kMicrosTo2000) % unit + unit) % unit;
  const bool up = micros >= kMicrosTo2000 ? rest * 2 >= unit : rest * 2 > unit;
  const int64_t down = micros - rest;
  return up && down <= kInfinity64 - 1 - unit ? down + unit : down;
}

namespace {

char* PutTwo(int value, char* out) {
  *out++ = static_cast<char>('0' + value / 10);
  *out++ = static_cast<char>('0' + value % 10);
  return out;
}

char* PutYear(int64_t year, char* out) {
  for (int64_t limit = 1000; limit > 1 && year < limit; limit /= 10) *out++ = '0';
  return FormatInt(year, out);
}

char* PutDate(const CivilDate& date, char* out) {
  out = PutYear(date.year > 0 ? date.year : 1 - date.year, out);
  *out++ = '-';
  out = PutTwo(date.month, out);
  *out++ = '-';
  return PutTwo(date.day, out);
}

// .ffffff without zeros at the end.
char* PutFraction(int64_t fraction, char* out) {
  if (fraction == 0) return out;
  *out++ = '.';
  int digits = 6;
  while (fraction % 10 == 0) {
    fraction /= 10;
    --digits;
  }
  for (int i = digits - 1; i >= 0; --i, fraction /= 10) out[i] = static_cast<char>('0' + fraction % 10);
  return out + digits;
}

char* PutTime(int64_t hours, int minute, int second, int64_t fraction, char* out) {
  if (hours < 10) *out++ = '0';
  out = FormatInt(hours, out);
  *out++ = ':';
  out = PutTwo(minute, out);
  *out++ = ':';
  return PutFraction(fraction, PutTwo(second, out));
}

char* PutText(const char* text, char* out) {
  const size_t size = std::strlen(text);
  std::memcpy(out, text, size);
  return out + size;
}

// +HH[:MM[:SS]]
char* PutOffset(int64_t seconds, char* out) {
  *out++ = seconds < 0 ? '-' : '+';
  const auto positive = static_cast<int>(seconds < 0 ? -seconds : seconds);
  out = PutTwo(positive / 3600, out);
  if (positive % 3600 != 0) {
    *out++ = ':';
    out = PutTwo(positive / 60 % 60, out);
  }
  if (positive % 60 != 0) {
    *out++ = ':';
    out = PutTwo(positive % 60, out);
  }
  return out;
}

// `local`: without the offset of a zone, which is then written behind it.
char* PutTimestamp(int64_t micros, bool local, int64_t offset, char* out) {
  if (!IsFiniteMicros(micros)) return PutText(micros > 0 ? "infinity" : "-infinity", out);
  const int64_t day = FloorDivide(micros, kMicrosPerDay), rest = micros - day * kMicrosPerDay + offset;  // their sum may not fit
  const int64_t carry = FloorDivide(rest, kMicrosPerDay);
  const CivilTime civil{CivilFromDays(day + carry), rest - carry * kMicrosPerDay};
  out = PutDate(civil.date, out);
  *out++ = ' ';
  out = PutTime(civil.hour(), civil.minute(), civil.second(), civil.fraction(), out);
  if (!local) out = PutOffset(offset / kMicrosPerSecond, out);
  return civil.date.year > 0 ? out : PutText(" BC", out);
}

// Writes "[ ][+]value unit[s]" unless the value is zero; `first` and `negative` speak of what was written before.
char* PutIntervalPart(int32_t value, const char* unit, bool* first, bool* negative, char* out) {
  if (value == 0) return out;
  if (!*first) *out++ = ' ';
  if (*negative && value > 0) *out++ = '+';
  out = FormatInt(value, out);
  *out++ = ' ';
  out = PutText(unit, out);
  if (value != 1) *out++ = 's';
  *negative = value < 0;
  *first = false;
  return out;
}

}  // namespace

char* FormatDate(Date date, char* out) {
  if (!IsFinite(date)) return PutText(date.days > 0 ? "infinity" : "-infinity", out);
  const CivilDate civil = CivilFromDays(date.days);
  out = PutDate(civil, out);
  return civil.year > 0 ? out : PutText(" BC", out);
}

char* FormatTimestamp(Timestamp ts, char* out) { return PutTimestamp(ts.micros, true, 0, out); }
char* FormatTimestampTz(TimestampTz ts, char* out) { return PutTimestamp(ts.micros, false, 0, out); }
char* FormatTimestampTz(TimestampTz ts, int64_t offset, char* out) { return PutTimestamp(ts.micros, false, offset, out); }

char* FormatTime(Time time, char* out) {
  const int64_t m = time.micros;
  return PutTime(m / kMicrosPerHour, static_cast<int>(m / kMicrosPerMinute % 60), static_cast<int>(m / kMicrosPerSecond % 60), m % kMicrosPerSecond,
                 out);
}

char* FormatInterval(const Interval& interval, char* out) {
  bool first = true, negative = false;
  out = PutIntervalPart(interval.months / 12, "year", &first, &negative, out);
  out = PutIntervalPart(interval.months % 12, "mon", &first, &negative, out);
  out = PutIntervalPart(interval.days, "day", &first, &negative, out);
  if (!first && interval.micros == 0) return out;
  if (!first) *out++ = ' ';
  const bool minus = interval.micros < 0;
  if (minus)
    *out++ = '-';
  else if (negative)
    *out++ = '+';
  const uint64_t m = minus ? 0 - static_cast<uint64_t>(interval.micros) : static_cast<uint64_t>(interval.micros);
  return PutTime(static_cast<int64_t>(m / kMicrosPerHour), static_cast<int>(m / kMicrosPerMinute % 60), static_cast<int>(m / kMicrosPerSecond % 60),
                 static_cast<int64_t>(m % kMicrosPerSecond), out);
}

}  // namespace kappa
