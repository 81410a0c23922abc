// to_char of timestamps and intervals, by PostgreSQL's template patterns.
#include <array>
#include <cstring>
#include <iterator>

#include "functions/function.h"
#include "functions/scalar/zone.h"
#include "functions/tables.h"
#include "types/datetime.h"

namespace kappa {

// Named, not anonymous: generated code finds these by their symbols.
namespace to_char_functions {

enum class Pattern : uint8_t {
  kAmPm,
  kAmPmDots,
  kEra,
  kEraDots,
  kCentury,
  kDayName,
  kDayOfYear,
  kDay,
  kDayShort,
  kDayOfWeek,
  kFraction,
  kHour24,
  kHour12,
  kIsoDayOfYear,
  kIsoDayOfWeek,
  kIsoWeek,
  kIsoYear,
  kJulian,
  kMinute,
  kMonth,
  kMonthName,
  kMonthShort,
  kMillis,
  kOffset,
  kQuarter,
  kRoman,
  kSecondOfDay,
  kSecond,
  kZone,
  kZoneHour,
  kZoneMinute,
  kMicros,
  kWeekOfYear,
  kWeekOfMonth,
  kYearComma,
  kYear,
  kIgnored,
};

struct Keyword {
  std::string_view text;
  Pattern pattern;
  int8_t width;  // digits of years and fractions
};

// The longest of those that begin alike comes first. Each matches as it stands, or all in lower case.
constexpr Keyword kKeywords[] = {
    {"A.D.", Pattern::kEraDots, 0},      {"A.M.", Pattern::kAmPmDots, 0},    {"AD", Pattern::kEra, 0},          {"AM", Pattern::kAmPm, 0},
    {"B.C.", Pattern::kEraDots, 0},      {"BC", Pattern::kEra, 0},           {"CC", Pattern::kCentury, 0},      {"DAY", Pattern::kDayName, 0},
    {"Day", Pattern::kDayName, 0},       {"DDD", Pattern::kDayOfYear, 0},    {"DD", Pattern::kDay, 0},          {"DY", Pattern::kDayShort, 0},
    {"Dy", Pattern::kDayShort, 0},       {"D", Pattern::kDayOfWeek, 0},      {"FF1", Pattern::kFraction, 1},    {"FF2", Pattern::kFraction, 2},
    {"FF3", Pattern::kFraction, 3},      {"FF4", Pattern::kFraction, 4},     {"FF5", Pattern::kFraction, 5},    {"FF6", Pattern::kFraction, 6},
    {"FX", Pattern::kIgnored, 0},        {"HH24", Pattern::kHour24, 0},      {"HH12", Pattern::kHour12, 0},     {"HH", Pattern::kHour12, 0},
    {"IDDD", Pattern::kIsoDayOfYear, 0}, {"ID", Pattern::kIsoDayOfWeek, 0},  {"IW", Pattern::kIsoWeek, 0},      {"IYYY", Pattern::kIsoYear, 4},
    {"IYY", Pattern::kIsoYear, 3},       {"IY", Pattern::kIsoYear, 2},       {"I", Pattern::kIsoYear, 1},       {"J", Pattern::kJulian, 0},
    {"MI", Pattern::kMinute, 0},         {"MM", Pattern::kMonth, 0},         {"MONTH", Pattern::kMonthName, 0}, {"Month", Pattern::kMonthName, 0},
    {"MON", Pattern::kMonthShort, 0},    {"Mon", Pattern::kMonthShort, 0},   {"MS", Pattern::kMillis, 0},       {"OF", Pattern::kOffset, 0},
    {"P.M.", Pattern::kAmPmDots, 0},     {"PM", Pattern::kAmPm, 0},          {"Q", Pattern::kQuarter, 0},       {"RM", Pattern::kRoman, 0},
    {"SSSSS", Pattern::kSecondOfDay, 0}, {"SSSS", Pattern::kSecondOfDay, 0}, {"SS", Pattern::kSecond, 0},       {"TZH", Pattern::kZoneHour, 0},
    {"TZM", Pattern::kZoneMinute, 0},    {"TZ", Pattern::kZone, 0},          {"US", Pattern::kMicros, 0},       {"WW", Pattern::kWeekOfYear, 0},
    {"W", Pattern::kWeekOfMonth, 0},     {"Y,YYY", Pattern::kYearComma, 0},  {"YYYY", Pattern::kYear, 4},       {"YYY", Pattern::kYear, 3},
    {"YY", Pattern::kYear, 2},           {"Y", Pattern::kYear, 1},
};

// Where the keywords of each letter begin in kKeywords.
constexpr auto kKeywordsOf = [] {
  std::array<uint8_t, 27> first{};
  size_t next = 0;
  for (size_t letter = 0; letter < 26; ++letter) {
    first[letter] = static_cast<uint8_t>(next);
    while (next < std::size(kKeywords) && kKeywords[next].text[0] == static_cast<char>('A' + letter)) ++next;
  }
  first[26] = static_cast<uint8_t>(next);
  return first;
}();
static_assert(kKeywordsOf[26] == std::size(kKeywords));  // in the order of their letters

constexpr const char* kMonthNames[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kDayNames[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr const char* kRomanNames[] = {"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};

// What a template shows: a moment of the calendar, or an interval's parts.
struct TemplateValue {
  int64_t year = 0;  // astronomical; of an interval its years
  int32_t month = 0, day = 0;
  int64_t year_day = 0;  // 1 is January 1
  int64_t hour = 0;      // an interval's may be any
  int32_t minute = 0, second = 0, fraction = 0;
  int64_t days = 0;  // since 1970
  bool interval = false;
  const char* zone = "";  // its abbreviation
  int64_t offset = 0;     // seconds east of UTC
};

class TemplateWriter {
 public:
  TemplateWriter(const TemplateValue& value, char* out) : v_(value), begin_(out), out_(out) {}

  // Julian days as PostgreSQL counts them, of months that are none too.
  static int64_t JulianOf(int64_t year, int64_t month, int64_t day) {
    year += month > 2 ? 4800 : 4799;
    month += month > 2 ? 1 : 13;
    const int64_t century = year / 100;
    return year * 365 - 32167 + year / 4 - century + century / 4 + 7834 * month / 256 + day;
  }
  // Did a template ask for what an interval has not?
  bool invalid() const { return invalid_; }

  Text Write(const Text& format) {
    const char* p = format.data;
    const char* const end = p + format.size;
    while (p < end) {
      if (!IsLetter(*p) && *p != '"' && *p != '\\') {  // between patterns: as it stands
        *out_++ = *p++;
        continue;
      }
      if (*p == '"') {
        for (++p; p < end && *p != '"'; ++p) {
          if (*p == '\\' && p + 1 < end) ++p;
          *out_++ = *p;
        }
        if (p < end) ++p;
        continue;
      }
      if (*p == '\\' && p + 1 < end && p[1] == '"') {
        *out_++ = '"';
        p += 2;
        continue;
      }
      if (WriteCommon(&p, end)) continue;
      const char* q = p;
      fill_ = true;
      translated_ = false;
      if (Starts(q, end, "FM") || Starts(q, end, "fm") || Starts(q, end, "TM") || Starts(q, end, "tm")) {
        if (AsciiLower(*q) == 'f')
          fill_ = false;
        else
          translated_ = true;
        q += 2;
      }
      const Keyword* keyword = q < end ? FindKeyword(q, end) : nullptr;
      if (keyword == nullptr) {
        p = q;  // a prefix of nothing is dropped
        if (p < end && *p != '"' && *p != '\\') *out_++ = *p++;
        continue;
      }
      word_ = q;
      lower_ = IsLower(q, keyword->text);
      p = q + keyword->text.size();
      char* const before = out_;
      WritePattern(*keyword);
      if (Starts(p, end, "TH") || Starts(p, end, "th")) {
        const bool zone = keyword->pattern >= Pattern::kZone && keyword->pattern <= Pattern::kZoneMinute;
        if (!zone && keyword->pattern != Pattern::kOffset && out_ > before && IsDigit(out_[-1])) WriteOrdinal(before, *p == 'T');
        p += 2;
      } else if (Starts(p, end, "SP") || Starts(p, end, "sp")) {
        p += 2;
      }
    }
    return Text(begin_, static_cast<size_t>(out_ - begin_));
  }

 private:
  // The numbers of dates and times that most templates are made of, of a moment; the general path writes the same.
  bool WriteCommon(const char** at, const char* end) {
    const char* p = *at;
    if (v_.interval || end - p < 2) return false;
    const auto two = [p](char a, char b) { return p[0] == a && p[1] == b; };
    int value;
    size_t size = 2;
    if (two('Y', 'Y')) {
      if (end - p < 4 || p[2] != 'Y' || p[3] != 'Y' || v_.year < 1 || v_.year > 9999) return false;
      value = static_cast<int>(v_.year);
      size = 4;
    } else if (two('H', 'H')) {
      if (end - p < 4 || p[2] != '2' || p[3] != '4') return false;
      value = static_cast<int>(v_.hour);
      size = 4;
    } else if (two('M', 'M')) {
      value = v_.month;
    } else if (two('D', 'D')) {
      value = v_.day;
    } else if (two('M', 'I')) {
      value = v_.minute;
    } else if (two('S', 'S')) {
      value = v_.second;
    } else {
      return false;
    }
    if (p + size < end) {
      const char next = AsciiUpper(p[size]);  // DDD, SSSS, TH and SP say something else
      if (next == 'D' || next == 'S' || next == 'T') return false;
    }
    if (*p == 'Y') {
      Put2(value / 100);
      value %= 100;
    }
    Put2(value);
    *at = p + size;
    return true;
  }
  void Put2(int value) {
    *out_++ = static_cast<char>('0' + value / 10);
    *out_++ = static_cast<char>('0' + value % 10);
  }

  static bool Starts(const char* p, const char* end, std::string_view text) {
    return static_cast<size_t>(end - p) >= text.size() && std::memcmp(p, text.data(), text.size()) == 0;
  }
  static bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
  static bool IsLower(const char* p, std::string_view keyword) {
    for (size_t i = 0; i < keyword.size(); ++i) {
      if (p[i] >= 'A' && p[i] <= 'Z') return false;
    }
    return true;
  }
  static const Keyword* FindKeyword(const char* p, const char* end) {
    const auto letter = static_cast<size_t>(AsciiUpper(*p) - 'A');
    if (letter >= 26) return nullptr;
    for (size_t k = kKeywordsOf[letter]; k < kKeywordsOf[letter + 1]; ++k) {
      const Keyword& keyword = kKeywords[k];
      const size_t size = keyword.text.size();
      if (static_cast<size_t>(end - p) < size) continue;
      bool same = true, lower = true;
      for (size_t i = 0; i < size; ++i) {
        same = same && p[i] == keyword.text[i];
        lower = lower && p[i] == AsciiLower(keyword.text[i]);
      }
      if (same || lower) return &keyword;
    }
    return nullptr;
  }

  void Put(const char* text) {
    while (*text != '\0') *out_++ = *text++;
  }
  // In the case of the keyword's word: all upper, all lower, or as names are written.
  void PutName(const char* name, size_t size, size_t width) {
    const bool upper = !lower_ && word_[1] >= 'A' && word_[1] <= 'Z';
    size_t i = 0;
    for (; i < size && name[i] != '\0'; ++i) *out_++ = lower_ ? AsciiLower(name[i]) : upper ? AsciiUpper(name[i]) : name[i];
    for (; fill_ && i < width; ++i) *out_++ = ' ';
  }
  void PutMark(const char* upper) {
    for (; *upper != '\0'; ++upper) *out_++ = lower_ ? AsciiLower(*upper) : *upper;
  }
  void PutNumber(int64_t value, int width) {
    if (KAPPA_LIKELY(width == 2 && fill_ && value >= 0 && value < 100)) {
      Put2(static_cast<int>(value));
      return;
    }
    char digits[20];
    char* end = FormatInt(value < 0 ? -value : value, digits);
    int count = static_cast<int>(end - digits);
    if (value < 0) *out_++ = '-';
    for (; fill_ && count < width; ++count) *out_++ = '0';
    std::memcpy(out_, digits, static_cast<size_t>(end - digits));
    out_ += end - digits;
  }
  void WriteOrdinal(const char* number, bool upper) {
    const char last = out_[-1];
    const bool teen = out_ - number >= 2 && out_[-2] == '1';
    const char* suffix = teen ? "TH" : last == '1' ? "ST" : last == '2' ? "ND" : last == '3' ? "RD" : "TH";
    for (; *suffix != '\0'; ++suffix) *out_++ = upper ? *suffix : AsciiLower(*suffix);
  }
  // A minus sign is one of the digits.
  void PutPadded(int64_t value, int width) { PutNumber(value, value < 0 ? width - 1 : width); }
  void PutIsoYear(int64_t year, int width) {
    static constexpr int kModulus[] = {1, 10, 100, 1000};
    const int places = width + (v_.interval && v_.year < 0 && width > 1 ? 1 : 0);  // by the sign of the year, as PostgreSQL has it
    PutPadded(width == 4 ? Common(year) : Common(year) % kModulus[width], places);
  }
  // A year as people count, its last digits.
  void PutYear(int64_t year, int width) {
    static constexpr int kModulus[] = {1, 10, 100, 1000};
    const int64_t common = Common(year);
    PutSigned(width == 4 ? common : common % kModulus[width], width, common < 0 && width > 1);
  }
  int64_t Common(int64_t year) const { return v_.interval || year > 0 ? year : 1 - year; }
  // Digits, of which a minus sign is not one.
  void PutSigned(int64_t value, int width, bool negative) {
    if (value < 0) {
      PutNumber(value, width);
    } else {
      PutNumber(value, negative ? width + 1 : width);
    }
  }
  // Fractions of a second keep their digits, whatever FM says.
  void PutFraction(int digits) {
    static constexpr int kPowers[] = {1, 10, 100, 1000, 10000, 100000};
    int value = v_.fraction;
    for (int i = digits; i < 6; ++i) value /= 10;
    if (value < 0) {  // the sign takes the place of a digit
      *out_++ = '-';
      value = -value;
      if (value < kPowers[digits - 1]) --digits;
    }
    for (int i = digits - 1; i >= 0; --i, value /= 10) out_[i] = static_cast<char>('0' + value % 10);
    out_ += digits;
  }
  // The week that an interval's parts would have as a date; its months may be negative, so that it is none.
  static int64_t FirstMonday(int64_t year) {
    const int64_t fourth = JulianOf(year, 1, 4);
    return fourth - (fourth % 7 + 7) % 7;
  }
  int IsoWeekOfInterval(int64_t* year) const {
    const int64_t day = JulianOf(v_.year, v_.month, v_.day);
    *year = v_.year;
    int64_t monday = FirstMonday(*year);
    if (day < monday) monday = FirstMonday(--*year);
    auto week = static_cast<int>((day - monday) / 7 + 1);
    if (week < 52) return week;
    const int64_t next = FirstMonday(v_.year + 1);
    if (day >= next) {
      week = static_cast<int>((day - next) / 7 + 1);
      *year = v_.year + 1;
    }
    return week;
  }
  // An interval is not tied to a calendar.
  static bool OfCalendarOnly(Pattern pattern) {
    switch (pattern) {
      case Pattern::kEra:
      case Pattern::kEraDots:
      case Pattern::kDayName:
      case Pattern::kDayShort:
      case Pattern::kDayOfWeek:
      case Pattern::kIsoDayOfWeek:
      case Pattern::kMonthName:
      case Pattern::kMonthShort:
      case Pattern::kZone:
      case Pattern::kZoneHour:
      case Pattern::kZoneMinute:
      case Pattern::kOffset:
        return true;
      default:
        return false;
    }
  }
  void PutMonthOfRomans() {
    int month = v_.month;
    if (v_.interval) {
      if (month == 0 && v_.year == 0) return;
      if (month == 0)
        month = v_.year >= 0 ? 12 : 1;
      else if (month < 0)
        month = 13 + month;
    }
    PutName(kRomanNames[month - 1], 4, 4);
  }

  void WritePattern(const Keyword& keyword) {
    if (v_.interval && OfCalendarOnly(keyword.pattern)) {
      invalid_ = true;
      return;
    }
    const CivilDate date{v_.year, v_.month, v_.day};
    int64_t iso_year = 0;
    const auto iso_week = [&] { return v_.interval ? IsoWeekOfInterval(&iso_year) : IsoWeek(date, &iso_year); };
    const auto iso_year_of = [&] { return iso_week(), iso_year; };
    const auto day_of_year_of = [&] { return v_.year_day; };
    const auto day_of_week_of = [&] { return DayOfWeek(v_.days); };
    const int64_t hour = v_.hour, hour12 = hour % 12 == 0 ? 12 : hour % 12;
    switch (keyword.pattern) {
      case Pattern::kAmPm:
        PutMark(hour % 24 >= 12 ? "PM" : "AM");
        break;
      case Pattern::kAmPmDots:
        PutMark(hour % 24 >= 12 ? "P.M." : "A.M.");
        break;
      case Pattern::kEra:
        PutMark(date.year > 0 ? "AD" : "BC");
        break;
      case Pattern::kEraDots:
        PutMark(date.year > 0 ? "A.D." : "B.C.");
        break;
      case Pattern::kCentury:
        PutNumber(v_.interval ? date.year / 100 : date.year > 0 ? (date.year - 1) / 100 + 1 : date.year / 100 - 1, 2);
        break;
      case Pattern::kDayName:
        PutName(kDayNames[day_of_week_of()], 9, translated_ ? 0 : 9);
        break;
      case Pattern::kDayShort:
        PutName(kDayNames[day_of_week_of()], 3, 3);
        break;
      case Pattern::kMonthName:
        PutName(kMonthNames[date.month - 1], 9, translated_ ? 0 : 9);
        break;
      case Pattern::kMonthShort:
        PutName(kMonthNames[date.month - 1], 3, 3);
        break;
      case Pattern::kRoman:
        PutMonthOfRomans();
        break;
      case Pattern::kDayOfYear:
        PutPadded(day_of_year_of(), 3);
        break;
      case Pattern::kIsoDayOfYear:
        if (v_.interval)
          PutPadded(JulianOf(v_.year, v_.month, v_.day) - FirstMonday(iso_year_of()) + 1, 3);
        else
          PutPadded((iso_week() - 1) * 7 + (day_of_week_of() + 6) % 7 + 1, 3);
        break;
      case Pattern::kDay:
        PutPadded(date.day, 2);
        break;
      case Pattern::kDayOfWeek:
        PutNumber(day_of_week_of() + 1, 1);
        break;
      case Pattern::kIsoDayOfWeek:
        PutNumber((day_of_week_of() + 6) % 7 + 1, 1);
        break;
      case Pattern::kFraction:
        PutFraction(keyword.width);
        break;
      case Pattern::kMillis:
        PutFraction(3);
        break;
      case Pattern::kMicros:
        PutFraction(6);
        break;
      case Pattern::kHour24:
        PutNumber(hour, 2);
        break;
      case Pattern::kHour12:
        PutSigned(hour12, 2, hour < 0);
        break;
      case Pattern::kMinute:
        PutNumber(v_.minute, 2);
        break;
      case Pattern::kSecond:
        PutNumber(v_.second, 2);
        break;
      case Pattern::kSecondOfDay:
        PutNumber(hour * 3600 + v_.minute * 60 + v_.second, 1);
        break;
      case Pattern::kIsoWeek:
        PutPadded(iso_week(), 2);
        break;
      case Pattern::kIsoYear:
        PutIsoYear(iso_year_of(), keyword.width);
        break;
      case Pattern::kYear:
        PutYear(date.year, keyword.width);
        break;
      case Pattern::kYearComma:
        WriteYearComma(Common(date.year));
        break;
      case Pattern::kJulian:
        PutNumber(v_.days + kUnixEpochJulian, 1);
        break;
      case Pattern::kMonth:
        PutNumber(date.month, 2);
        break;
      case Pattern::kQuarter:
        if (date.month != 0) PutNumber((date.month - 1) / 3 + 1, 1);
        break;
      case Pattern::kWeekOfYear:
        PutPadded((day_of_year_of() - 1) / 7 + 1, 2);
        break;
      case Pattern::kWeekOfMonth:
        PutNumber((date.day - 1) / 7 + 1, 1);
        break;
      case Pattern::kZone:
        PutMark(v_.zone);
        break;
      case Pattern::kOffset:
        *out_++ = v_.offset < 0 ? '-' : '+';
        PutNumber(OffsetMinutes() / 60, 2);
        if (OffsetMinutes() % 60 != 0) {
          *out_++ = ':';
          PutTwoDigits(OffsetMinutes() % 60);
        }
        break;
      case Pattern::kZoneHour:
        *out_++ = v_.offset < 0 ? '-' : '+';
        PutTwoDigits(OffsetMinutes() / 60);
        break;
      case Pattern::kZoneMinute:
        PutTwoDigits(OffsetMinutes() % 60);
        break;
      case Pattern::kIgnored:
        break;
    }
  }
  int64_t OffsetMinutes() const { return (v_.offset < 0 ? -v_.offset : v_.offset) / 60; }
  void PutTwoDigits(int64_t value) {
    *out_++ = static_cast<char>('0' + value / 10);
    *out_++ = static_cast<char>('0' + value % 10);
  }
  void WriteYearComma(int64_t year) {
    out_ = FormatInt(year / 1000, out_);
    *out_++ = ',';
    const bool fill = fill_;
    fill_ = true;
    PutPadded(year % 1000, 3);
    fill_ = fill;
  }

  const TemplateValue& v_;
  char* const begin_;
  char* out_;
  const char* word_ = nullptr;  // the keyword as it stands in the template
  bool fill_ = true;            // no FM
  bool lower_ = false;
  bool translated_ = false;  // TM: names without padding
  bool invalid_ = false;
};

// The template most used, without reading it pattern by pattern. False: not that template, or a year that is not of four digits.
inline bool WriteIsoDay(int64_t micros, const Text& format, char* out) {
  if (format.size != 10 || std::memcmp(format.data, "YYYY-MM-DD", 10) != 0) return false;
  const CivilDate date = CivilFromMicros(micros).date;
  if (date.year < 1 || date.year > 9999) return false;
  const int year = static_cast<int>(date.year);
  const auto put = [out](int at, int two_digits) {
    out[at] = static_cast<char>('0' + two_digits / 10);
    out[at + 1] = static_cast<char>('0' + two_digits % 10);
  };
  put(0, year / 100);
  put(2, year % 100);
  out[4] = out[7] = '-';
  put(5, date.month);
  put(8, date.day);
  return true;
}

TemplateValue ValueOf(int64_t local) {
  TemplateValue value;
  value.days = FloorDivide(local, kMicrosPerDay);
  const CivilTime civil{CivilFromDays(value.days), local - value.days * kMicrosPerDay};
  value.year = civil.date.year;
  value.month = civil.date.month;
  value.day = civil.date.day;
  value.year_day = value.days - DaysFromCivil(civil.date.year, 1, 1) + 1;
  value.hour = civil.hour();
  value.minute = civil.minute();
  value.second = civil.second();
  value.fraction = civil.fraction();
  return value;
}
TemplateValue ValueOf(const Interval& i) {
  TemplateValue value;
  value.interval = true;
  value.year = i.months / 12;
  value.month = i.months % 12;
  value.day = i.days;
  value.year_day = int64_t{i.months} * 30 + i.days;
  value.hour = i.micros / kMicrosPerHour;
  value.minute = static_cast<int32_t>(i.micros / kMicrosPerMinute % 60);
  value.second = static_cast<int32_t>(i.micros / kMicrosPerSecond % 60);
  value.fraction = static_cast<int32_t>(i.micros % kMicrosPerSecond);
  value.days = TemplateWriter::JulianOf(value.year, value.month, value.day) - kUnixEpochJulian;
  return value;
}

// No pattern makes more than 11 bytes of one (a name of D, of I...), and none of the short ones more than 20.
KAPPA_INLINE char* RoomFor(CallContext& c, const Text& format) { return c.Allocate(size_t{format.size} * 12 + 32); }

Nullable<Text> ToChar(CallContext& c, Timestamp ts, Text format) {
  if (format.size == 0 || !IsFiniteMicros(ts.micros)) return {};
  if (char* day = c.Allocate(10); WriteIsoDay(ts.micros, format, day)) return Text(day, 10);
  const TemplateValue value = ValueOf(ts.micros);
  return TemplateWriter(value, RoomFor(c, format)).Write(format);
}

bool ToCharZone(CallContext& c, TimestampTz ts, Text format, Text zone, Nullable<Text>* out) {
  if (format.size == 0 || !IsFiniteMicros(ts.micros)) return true;
  int64_t local, offset;
  if (!LocalOf(c, zone, ts.micros, &local, &offset)) return false;
  if (char* day = c.Allocate(10); WriteIsoDay(local, format, day)) {
    *out = Text(day, 10);
    return true;
  }
  TemplateValue value = ValueOf(local);
  const ZoneCache::Entry* entry = c.zones.AtUtc(zone, ts.micros);
  value.zone = entry->abbreviation;
  value.offset = offset / kMicrosPerSecond;
  *out = TemplateWriter(value, RoomFor(c, format)).Write(format);
  return true;
}

bool ToCharInterval(CallContext& c, Interval i, Text format, Nullable<Text>* out) {
  if (format.size == 0) return true;
  const TemplateValue value = ValueOf(i);
  TemplateWriter writer(value, RoomFor(c, format));
  *out = writer.Write(format);
  return !writer.invalid() || c.Fail(sqlstate::kInvalidDatetimeFormat, "invalid format specification for an interval value");
}

}  // namespace to_char_functions

using namespace to_char_functions;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<FunctionEntry> ToCharFunctions() {
  using enum TypeId;
  constexpr std::string_view kDoc =
      "The timestamp as text by a template: YYYY MM DD HH24 HH12 MI SS MS US AM Mon Month Dy Day D DDD IYYY IW WW W Q J CC TZ ..., FM before a "
      "pattern takes its padding away, \"...\" stands for itself.";
  std::vector<FunctionEntry> table;
  const auto add = [&](FunctionBuilder row) { table.push_back(row.Category("Formatting")); };
  add(Scalar("to_char", {kTimestamp, kText}, kText)
          .Native<&ToChar>()
          .Doc(kDoc)
          .Example("to_char('2001-02-16 20:38:40'::timestamp, 'Dy DD Mon YYYY HH12:MI:SS AM')", "Fri 16 Feb 2001 08:38:40 PM"));
  add(Scalar("to_char", {kTimestampTz, kText, kText}, kText)
          .Native<&ToCharZone>()
          .Zoned()
          .Doc(kDoc)
          .Example("to_char('2001-02-16 20:38:40Z'::timestamptz, 'YYYY-MM-DD\"T\"HH24:MI TZ')", "2001-02-16T20:38 UTC"));
  add(Scalar("to_char", {kInterval, kText}, kText)
          .Native<&ToCharInterval>()
          .Doc("The interval as text by a template; patterns of the calendar (Day, Mon, AD, TZ...) are refused.")
          .Example("to_char('15:02:12'::interval, 'HH24:MI:SS')", "15:02:12"));
  return table;
}

}  // namespace kappa
