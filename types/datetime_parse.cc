// Texts to dates and timestamps.
#include <charconv>
#include <cstring>

#include "types/datetime.h"

namespace kappa {

namespace {

KAPPA_INLINE uint64_t Load8(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
constexpr uint64_t Word(const char (&text)[9]) {
  uint64_t word = 0;
  for (int i = 7; i >= 0; --i) word = (word << 8) | static_cast<unsigned char>(text[i]);
  return word;
}
// Per byte of a pattern of '0' (any digit) and separators: what makes its high bit show when a digit is above 9, or a separator differs.
constexpr uint64_t Limits(uint64_t pattern) {
  uint64_t limits = 0;
  for (int i = 0; i < 64; i += 8) limits |= static_cast<uint64_t>(((pattern >> i) & 0xFF) == '0' ? 0x76 : 0x7F) << i;
  return limits;
}
// Digits of `text` as numbers (separators 0); bits of *bad are set where the text does not fit the pattern.
template <uint64_t kPattern>
KAPPA_INLINE uint64_t Digits(uint64_t text, uint64_t* bad) {
  const uint64_t digits = text ^ kPattern;
  *bad |= (digits | (digits + Limits(kPattern))) & 0x8080808080808080u;
  return digits;
}
// The two digits that begin at byte `at`.
KAPPA_INLINE uint32_t Pair(uint64_t pairs, int at) { return static_cast<uint32_t>(pairs >> (8 * at)) & 0xFF; }

// ".f" to ".ffffff" and "Z" from `p` on, as micros; -1: something else.
int ParseFractionFast(const char* p, const char* end) {
  static constexpr int kScale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  int fraction = 0;
  if (*p == '.') {
    int digits = 0;
    for (++p; p < end && IsDigit(*p); ++p, ++digits) {
      if (digits == 6) return -1;
      fraction = fraction * 10 + (*p - '0');
    }
    if (digits == 0) return -1;
    fraction *= kScale[digits];
  }
  if (p < end && *p == 'Z') ++p;
  return p == end ? fraction : -1;
}

}  // namespace

// Eight bytes at a time: all digits and separators are checked by two additions, and neighbours become numbers by one multiplication.
bool ParseTimestampFast(const char* text, size_t size, int64_t* micros) {
  if (size < 19) return false;
  uint64_t bad = 0;
  const uint64_t date = Digits<Word("0000-00-")>(Load8(text), &bad);
  const uint64_t clock = Digits<Word("00:00:00")>(Load8(text + 11), &bad);
  const uint32_t day_tens = static_cast<unsigned char>(text[8]) - uint32_t{'0'}, day_ones = static_cast<unsigned char>(text[9]) - uint32_t{'0'};
  const uint64_t date_pairs = date * 10 + (date >> 8), clock_pairs = clock * 10 + (clock >> 8);
  const uint32_t year = Pair(date_pairs, 0) * 100 + Pair(date_pairs, 2), month = Pair(date_pairs, 5), day = day_tens * 10 + day_ones;
  const uint32_t hour = Pair(clock_pairs, 0), minute = Pair(clock_pairs, 3), second = Pair(clock_pairs, 6);
  bad |= (day_tens > 3) | (day_ones > 9) | ((text[10] != ' ') & (text[10] != 'T'));
  bad |= (month - 1 > 11) | (day - 1 > 30) | (hour > 23) | (minute > 59) | (second > 59) | (year == 0);
  if (KAPPA_UNLIKELY(bad != 0 || (day > 28 && static_cast<int>(day) > DaysInMonth(year, static_cast<int>(month))))) return false;
  int fraction = 0;
  if (size > 19) {
    fraction = ParseFractionFast(text + 19, text + size);
    if (KAPPA_UNLIKELY(fraction < 0)) return false;
  }
  // DaysFromCivil for years from 0 on, in 32 bits.
  const uint32_t y = year - (month <= 2), shifted = month > 2 ? month - 3 : month + 9;
  const uint32_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1;
  *micros =
      (static_cast<int64_t>(days) - 719468) * kMicrosPerDay + static_cast<int64_t>((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
  return true;
}

namespace {

struct ParsedDatetime {
  enum Kind { kPlain, kInfinity, kMinusInfinity, kEpoch } kind = kPlain;
  CivilDate date;
  int64_t micros = 0;        // of the day; may be a whole day (24:00:00)
  int64_t zone_seconds = 0;  // east of UTC
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
      } else if (!has_zone && (EqualsIgnoringCase(word, "z") || EqualsIgnoringCase(word, "utc") || EqualsIgnoringCase(word, "gmt") ||
                               EqualsIgnoringCase(word, "zulu") || EqualsIgnoringCase(word, "uct"))) {
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
    } else {  // month, day, year
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
    } else if (digits == 6 || digits == 4) {  // HHMMSS, HHMM
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
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute > 0 || second > 0 || fraction > 0)) || (second == 60 && fraction > 0))
      return ParseStatus::kFieldRange;
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
  if (EqualsIgnoringCase(text, "infinity") || EqualsIgnoringCase(text, "+infinity"))
    out->kind = ParsedDatetime::kInfinity;
  else if (EqualsIgnoringCase(text, "-infinity"))
    out->kind = ParsedDatetime::kMinusInfinity;
  else if (EqualsIgnoringCase(text, "epoch"))
    out->kind = ParsedDatetime::kEpoch;
  else
    return DatetimeReader(text).Read(out);
  return ParseStatus::kOk;
}

ParseStatus ParseMicros(std::string_view text, bool apply_zone, int64_t* out) {
  ParsedDatetime parsed;
  const ParseStatus status = ParseAny(text, &parsed);
  if (status != ParseStatus::kOk) return status;
  switch (parsed.kind) {
    case ParsedDatetime::kInfinity:
      *out = kInfinity64;
      return ParseStatus::kOk;
    case ParsedDatetime::kMinusInfinity:
      *out = kMinusInfinity64;
      return ParseStatus::kOk;
    case ParsedDatetime::kEpoch:
      *out = 0;
      return ParseStatus::kOk;
    case ParsedDatetime::kPlain:
      break;
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
    case ParsedDatetime::kInfinity:
      out->days = kInfinity32;
      return ParseStatus::kOk;
    case ParsedDatetime::kMinusInfinity:
      out->days = kMinusInfinity32;
      return ParseStatus::kOk;
    case ParsedDatetime::kEpoch:
      out->days = 0;
      return ParseStatus::kOk;
    case ParsedDatetime::kPlain:
      break;
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
