// Texts to dates and timestamps.
#include <charconv>
#include <cstring>

#include "types/datetime.h"

namespace kappa {

bool ParseTimestampFast(const char* text, size_t size, int64_t* micros) {
  if (size < 19) return false;
  const char* p = text;
  unsigned bad = 0;
  auto digit = [&](int at) {
    const unsigned value = static_cast<unsigned char>(p[at]) - unsigned{'0'};
    bad |= value > 9;
    return static_cast<int>(value);
  };
  const int year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
  const int month = digit(5) * 10 + digit(6);
  const int day = digit(8) * 10 + digit(9);
  const int hour = digit(11) * 10 + digit(12);
  const int minute = digit(14) * 10 + digit(15);
  const int second = digit(17) * 10 + digit(18);
  bad |= (p[4] != '-') | (p[7] != '-') | ((p[10] != ' ') & (p[10] != 'T')) | (p[13] != ':') | (p[16] != ':');
  bad |= (month < 1) | (month > 12) | (day < 1) | (hour > 23) | (minute > 59) | (second > 59) | (year < 1);
  if (KAPPA_UNLIKELY(bad != 0 || (day > 28 && day > DaysInMonth(year, month)))) return false;
  int fraction = 0;
  if (size > 19) {
    size_t at = 19;
    if (p[at] == '.') {
      static constexpr int kScale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
      int digits = 0;
      for (++at; at < size && IsDigit(p[at]); ++at, ++digits) {
        if (digits == 6) return false;
        fraction = fraction * 10 + (p[at] - '0');
      }
      if (digits == 0) return false;
      fraction *= kScale[digits];
    }
    if (at < size && p[at] == 'Z') ++at;
    if (at != size) return false;
  }
  const int64_t days = DaysFromCivil(year, month, day);
  *micros = days * kMicrosPerDay + (int64_t{hour} * 3600 + minute * 60 + second) * kMicrosPerSecond + fraction;
  return true;
}

namespace {

struct ParsedDatetime {
  enum Kind { kPlain, kInfinity, kMinusInfinity, kEpoch } kind = kPlain;
  CivilDate date;
  int64_t micros = 0;         // of the day; may be a whole day (24:00:00)
  int64_t zone_seconds = 0;   // east of UTC
};

class DatetimeReader {
 public:
  explicit DatetimeReader(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  ParseStatus Read(ParsedDatetime* out) {
    bool has_date = false, has_time = false, bc = false, has_era = false, has_zone = false;
    ParseStatus status = ReadDate(out);
    if (status != ParseStatus::kOk) return status;
    has_date = true;
    for (;;) {
      const bool spaced = SkipSpace();
      if (p_ == end_) break;
      if (!has_time && (spaced || *p_ == 'T' || *p_ == 't') && TimeAhead()) {
        if (*p_ == 'T' || *p_ == 't') ++p_;
        status = ReadTime(&out->micros);
        if (status != ParseStatus::kOk) return status;
        has_time = true;
        continue;
      }
      if (has_time && !has_zone && (*p_ == '+' || *p_ == '-')) {
        status = ReadOffset(&out->zone_seconds);
        if (status != ParseStatus::kOk) return status;
        has_zone = true;
        continue;
      }
      const std::string_view word = ReadWord();
      if (word.empty()) return ParseStatus::kSyntax;
      if (!has_era && (EqualsIgnoringCase(word, "bc") || EqualsIgnoringCase(word, "ad"))) {
        bc = AsciiLower(word[0]) == 'b';
        has_era = true;
      } else if (has_time && !has_zone && (EqualsIgnoringCase(word, "am") || EqualsIgnoringCase(word, "pm"))) {
        const bool pm = AsciiLower(word[0]) == 'p';
        if (out->micros >= 13 * kMicrosPerHour) return ParseStatus::kFieldRange;
        const bool noon = out->micros >= 12 * kMicrosPerHour;
        if (pm != noon) out->micros += pm ? 12 * kMicrosPerHour : -12 * kMicrosPerHour;
      } else if (!has_zone && (EqualsIgnoringCase(word, "z") || EqualsIgnoringCase(word, "utc") || EqualsIgnoringCase(word, "gmt") || EqualsIgnoringCase(word, "zulu") || EqualsIgnoringCase(word, "uct"))) {
        has_zone = true;
      } else {
        return !has_zone && has_time && word.find('/') != std::string_view::npos ? ParseStatus::kZoneUnknown : ParseStatus::kSyntax;
      }
    }
    return Check(has_date, bc, out);
  }

 private:
  bool SkipSpace() {
    const char* const before = p_;
    while (p_ < end_ && IsSpace(*p_)) ++p_;
    return p_ != before;
  }
  bool TimeAhead() const {
    const char* q = p_ + (*p_ == 'T' || *p_ == 't');
    return q < end_ && IsDigit(*q);
  }
  std::string_view ReadWord() {
    const char* const begin = p_;
    while (p_ < end_ && (IsAlpha(*p_) || *p_ == '/' || *p_ == '_')) ++p_;
    return {begin, static_cast<size_t>(p_ - begin)};
  }
  // Up to 9 digits; answers how many there were.
  int ReadDigits(int64_t* value) {
    int count = 0;
    *value = 0;
    for (; p_ < end_ && IsDigit(*p_); ++p_, ++count) {
      if (count < 9) *value = *value * 10 + (*p_ - '0');
    }
    return count;
  }
  ParseStatus ReadDate(ParsedDatetime* out) {
    int64_t first = 0, second = 0, third = 0;
    const int digits = ReadDigits(&first);
    if (digits == 0) return ParseStatus::kSyntax;
    if (p_ == end_ || (*p_ != '-' && *p_ != '/' && *p_ != '.')) {
      if (digits != 8 || (p_ < end_ && !IsSpace(*p_) && *p_ != 'T' && *p_ != 't')) return ParseStatus::kSyntax;
      out->date = {first / 10000, static_cast<int32_t>(first / 100 % 100), static_cast<int32_t>(first % 100)};
      return ParseStatus::kOk;
    }
    const char separator = *p_++;
    const int second_digits = ReadDigits(&second);
    if (second_digits == 0 || p_ == end_ || *p_ != separator) return ParseStatus::kSyntax;
    ++p_;
    const int third_digits = ReadDigits(&third);
    if (third_digits == 0) return ParseStatus::kSyntax;
    if (digits > 9 || third_digits > 9) return ParseStatus::kFieldRange;
    if (digits >= 3) {
      if (third_digits > 2 || second_digits > 2) return ParseStatus::kFieldRange;
      out->date = {first, static_cast<int32_t>(second), static_cast<int32_t>(third)};
    } else {   // month, day, year
      if (third_digits <= 2) third += third < 70 ? 2000 : 1900;
      out->date = {third, static_cast<int32_t>(first), static_cast<int32_t>(second)};
    }
    return ParseStatus::kOk;
  }
  ParseStatus ReadTime(int64_t* micros) {
    int64_t hour = 0, minute = 0, second = 0, fraction = 0;
    const int digits = ReadDigits(&hour);
    if (p_ < end_ && *p_ == ':') {
      ++p_;
      if (ReadDigits(&minute) == 0) return ParseStatus::kSyntax;
      if (p_ < end_ && *p_ == ':') {
        ++p_;
        if (ReadDigits(&second) == 0) return ParseStatus::kSyntax;
      }
    } else if (digits == 6 || digits == 4) {   // HHMMSS, HHMM
      if (digits == 6) {
        second = hour % 100;
        hour /= 100;
      }
      minute = hour % 100;
      hour /= 100;
    } else {
      return ParseStatus::kSyntax;
    }
    if (p_ < end_ && *p_ == '.') fraction = ReadFraction();
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute > 0 || second > 0 || fraction > 0)) || (second == 60 && fraction > 0)) return ParseStatus::kFieldRange;
    *micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
    return ParseStatus::kOk;
  }
  // ".digits" in micros, rounded to the nearest.
  int64_t ReadFraction() {
    const char* const begin = p_++;
    int64_t value = 0;
    int count = 0;
    for (; p_ < end_ && IsDigit(*p_); ++p_, ++count) {
      if (count < 6) value = value * 10 + (*p_ - '0');
    }
    for (int i = count; i < 6; ++i) value *= 10;
    if (count > 6) {
      double exact = 0;
      std::from_chars(begin, p_, exact);
      value = static_cast<int64_t>(__builtin_rint(exact * 1e6));
    }
    return value;
  }
  ParseStatus ReadOffset(int64_t* seconds) {
    const bool negative = *p_++ == '-';
    int64_t hour = 0, minute = 0, second = 0;
    const int digits = ReadDigits(&hour);
    if (digits == 0) return ParseStatus::kSyntax;
    if (p_ < end_ && *p_ == ':') {
      ++p_;
      if (ReadDigits(&minute) == 0) return ParseStatus::kSyntax;
      if (p_ < end_ && *p_ == ':') {
        ++p_;
        if (ReadDigits(&second) == 0) return ParseStatus::kSyntax;
      }
    } else if (digits > 2) {
      minute = hour % 100;
      hour /= 100;
    }
    if (hour > 15 || minute > 59 || second > 59) return ParseStatus::kZoneRange;
    *seconds = hour * 3600 + minute * 60 + second;
    if (negative) *seconds = -*seconds;
    return ParseStatus::kOk;
  }
  static ParseStatus Check(bool has_date, bool bc, ParsedDatetime* out) {
    CivilDate& date = out->date;
    if (!has_date || date.year == 0) return ParseStatus::kFieldRange;
    if (bc) date.year = 1 - date.year;
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > DaysInMonth(date.year, date.month)) return ParseStatus::kFieldRange;
    return ParseStatus::kOk;
  }

  const char* p_;
  const char* end_;
};

ParseStatus ParseAny(std::string_view text, ParsedDatetime* out) {
  text = TrimSpace(text);
  if (EqualsIgnoringCase(text, "infinity") || EqualsIgnoringCase(text, "+infinity")) out->kind = ParsedDatetime::kInfinity;
  else if (EqualsIgnoringCase(text, "-infinity")) out->kind = ParsedDatetime::kMinusInfinity;
  else if (EqualsIgnoringCase(text, "epoch")) out->kind = ParsedDatetime::kEpoch;
  else return DatetimeReader(text).Read(out);
  return ParseStatus::kOk;
}

ParseStatus ParseMicros(std::string_view text, bool apply_zone, int64_t* out) {
  ParsedDatetime parsed;
  const ParseStatus status = ParseAny(text, &parsed);
  if (status != ParseStatus::kOk) return status;
  switch (parsed.kind) {
    case ParsedDatetime::kInfinity: *out = kInfinity64; return ParseStatus::kOk;
    case ParsedDatetime::kMinusInfinity: *out = kMinusInfinity64; return ParseStatus::kOk;
    case ParsedDatetime::kEpoch: *out = 0; return ParseStatus::kOk;
    case ParsedDatetime::kPlain: break;
  }
  const int64_t rest = parsed.micros - (apply_zone ? parsed.zone_seconds * kMicrosPerSecond : 0);
  const int64_t days = DaysFromCivil(parsed.date.year, parsed.date.month, parsed.date.day);
  if (__builtin_mul_overflow(days, kMicrosPerDay, out) || __builtin_add_overflow(*out, rest, out) || !IsValidMicros(*out)) return ParseStatus::kRange;
  return ParseStatus::kOk;
}

}  // namespace

ParseStatus ParseTimestamp(std::string_view text, Timestamp* out) {
  if (ParseTimestampFast(text.data(), text.size(), &out->micros)) return ParseStatus::kOk;
  return ParseMicros(text, false, &out->micros);
}

ParseStatus ParseTimestampTz(std::string_view text, TimestampTz* out) {
  if (ParseTimestampFast(text.data(), text.size(), &out->micros)) return ParseStatus::kOk;
  return ParseMicros(text, true, &out->micros);
}

ParseStatus ParseDate(std::string_view text, Date* out) {
  ParsedDatetime parsed;
  const ParseStatus status = ParseAny(text, &parsed);
  if (status != ParseStatus::kOk) return status;
  switch (parsed.kind) {
    case ParsedDatetime::kInfinity: out->days = kInfinity32; return ParseStatus::kOk;
    case ParsedDatetime::kMinusInfinity: out->days = kMinusInfinity32; return ParseStatus::kOk;
    case ParsedDatetime::kEpoch: out->days = 0; return ParseStatus::kOk;
    case ParsedDatetime::kPlain: break;
  }
  const int64_t days = DaysFromCivil(parsed.date.year, parsed.date.month, parsed.date.day);
  if (!IsValidDays(days)) return ParseStatus::kRange;
  out->days = static_cast<int32_t>(days);
  return ParseStatus::kOk;
}

ParseStatus ParseTime(std::string_view text, Time* out) {
  // The date's reader reads a time behind any date.
  text = TrimSpace(text);
  char buffer[64] = "1970-01-01 ";
  if (text.empty() || text.size() > sizeof buffer - 12 || !IsDigit(text.front())) return ParseStatus::kSyntax;
  std::memcpy(buffer + 11, text.data(), text.size());
  ParsedDatetime parsed;
  const ParseStatus status = DatetimeReader({buffer, 11 + text.size()}).Read(&parsed);
  if (status == ParseStatus::kOk) out->micros = parsed.micros;
  return status;
}

}  // namespace kappa
