#include "functions/scalar/template_input.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "functions/scalar/errors.h"
#include "types/datetime.h"

namespace kappa {

namespace {

enum class Part : uint8_t {
  kHalf,      // AM
  kHalfDots,  // A.M.
  kEra,
  kEraDots,
  kCentury,
  kDayName,
  kDayShort,
  kMonthName,
  kMonthShort,
  kDayOfYear,
  kDay,
  kDayOfWeek,
  kFraction,
  kFixed,  // FX
  kHour24,
  kHour12,
  kIsoDayOfYear,
  kIsoDayOfWeek,
  kWeek,  // WW and IW
  kYear,
  kYearComma,
  kJulian,
  kMinute,
  kMonth,
  kMillis,
  kQuarter,
  kRoman,
  kSecondOfDay,
  kSecond,
  kZone,
  kZoneHour,
  kZoneMinute,
  kMicros,
  kWeekOfMonth,
  kEnd,
};

// The calendar a pattern belongs to: those of two must not be mixed.
enum class Calendar : uint8_t { kAny, kGregorian, kIsoWeek };

struct Pattern {
  std::string_view text;
  Part part;
  bool digits;  // does it stand for digits?
  Calendar calendar;
  int8_t width;  // digits of years and fractions
};

using enum Part;
constexpr auto kAny = Calendar::kAny, kGregorian = Calendar::kGregorian, kIsoWeek = Calendar::kIsoWeek;

// Each as it stands, or all in lower case; of those that begin alike the longer comes first.
constexpr Pattern kPatterns[] = {
    {"A.D.", kEraDots, false, kAny, 0},
    {"A.M.", kHalfDots, false, kAny, 0},
    {"AD", kEra, false, kAny, 0},
    {"AM", kHalf, false, kAny, 0},
    {"B.C.", kEraDots, false, kAny, 0},
    {"BC", kEra, false, kAny, 0},
    {"CC", kCentury, true, kAny, 0},
    {"DAY", kDayName, false, kAny, 0},
    {"Day", kDayName, false, kAny, 0},
    {"DDD", kDayOfYear, true, kGregorian, 0},
    {"DD", kDay, true, kGregorian, 0},
    {"DY", kDayShort, false, kAny, 0},
    {"Dy", kDayShort, false, kAny, 0},
    {"D", kDayOfWeek, true, kGregorian, 0},
    {"FF1", kFraction, true, kAny, 1},
    {"FF2", kFraction, true, kAny, 2},
    {"FF3", kFraction, true, kAny, 3},
    {"FF4", kFraction, true, kAny, 4},
    {"FF5", kFraction, true, kAny, 5},
    {"FF6", kFraction, true, kAny, 6},
    {"FX", kFixed, false, kAny, 0},
    {"HH24", kHour24, true, kAny, 0},
    {"HH12", kHour12, true, kAny, 0},
    {"HH", kHour12, true, kAny, 0},
    {"IDDD", kIsoDayOfYear, true, kIsoWeek, 0},
    {"ID", kIsoDayOfWeek, true, kIsoWeek, 0},
    {"IW", kWeek, true, kIsoWeek, 0},
    {"IYYY", kYear, true, kIsoWeek, 4},
    {"IYY", kYear, true, kIsoWeek, 3},
    {"IY", kYear, true, kIsoWeek, 2},
    {"I", kYear, true, kIsoWeek, 1},
    {"J", kJulian, true, kAny, 0},
    {"MI", kMinute, true, kAny, 0},
    {"MM", kMonth, true, kGregorian, 0},
    {"MONTH", kMonthName, false, kGregorian, 0},
    {"Month", kMonthName, false, kGregorian, 0},
    {"MON", kMonthShort, false, kGregorian, 0},
    {"Mon", kMonthShort, false, kGregorian, 0},
    {"MS", kMillis, true, kAny, 0},
    {"OF", kZone, false, kAny, 0},
    {"P.M.", kHalfDots, false, kAny, 0},
    {"PM", kHalf, false, kAny, 0},
    {"Q", kQuarter, true, kAny, 0},
    {"RM", kRoman, false, kGregorian, 0},
    {"SSSSS", kSecondOfDay, true, kAny, 0},
    {"SSSS", kSecondOfDay, true, kAny, 0},
    {"SS", kSecond, true, kAny, 0},
    {"TZH", kZoneHour, false, kAny, 0},
    {"TZM", kZoneMinute, true, kAny, 0},
    {"TZ", kZone, false, kAny, 0},
    {"US", kMicros, true, kAny, 0},
    {"WW", kWeek, true, kGregorian, 0},
    {"W", kWeekOfMonth, true, kGregorian, 0},
    {"Y,YYY", kYearComma, true, kGregorian, 4},
    {"YYYY", kYear, true, kGregorian, 4},
    {"YYY", kYear, true, kGregorian, 3},
    {"YY", kYear, true, kGregorian, 2},
    {"Y", kYear, true, kGregorian, 1},
};

constexpr const char* kMonthNames[] = {"january", "february", "march",     "april",   "may",      "june",
                                       "july",    "august",   "september", "october", "november", "december"};
constexpr const char* kMonthShorts[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr const char* kDayNames[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr const char* kDayShorts[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr const char* kRomans[] = {"xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"};
constexpr const char* kHalves[] = {"am", "pm"};
constexpr const char* kHalvesDots[] = {"a.m.", "p.m."};
constexpr const char* kEras[] = {"ad", "bc"};
constexpr const char* kErasDots[] = {"a.d.", "b.c."};

struct Node {
  enum Kind : uint8_t { kPattern, kSeparator, kSpace, kCharacter, kEndOfFormat } kind = kEndOfFormat;
  bool fill = false;     // FM
  bool ordinal = false;  // TH
  const Pattern* pattern = nullptr;
  std::string_view written;  // the pattern as the template has it
  char character = 0;
};

bool IsSeparator(char c) { return c > ' ' && c < 127 && !IsDigit(c) && !IsAlpha(c); }

class TemplateInput {
 public:
  TemplateInput(CallContext& c, const Text& text) : c_(c), text_(text) {
    char* copy = c.Allocate(size_t{text.size} + 1);
    std::memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    s_ = copy;
  }

  bool Read(const Text& format) {
    ReadTemplate(format);
    for (n_ = nodes_; n_->kind != Node::kEndOfFormat && *s_ != '\0'; ++n_) {
      const bool is_fixed = n_->kind == Node::kPattern && n_->pattern->part == kFixed;
      if (!fixed_ && !is_fixed && (n_->kind == Node::kPattern || n_ == nodes_)) SkipSpaces();
      if (n_->kind != Node::kPattern) {
        SkipOne();
        continue;
      }
      if (!UseCalendar(n_->pattern->calendar) || !ReadPattern(*n_->pattern)) return false;
      if (!fixed_) {
        skipped_ = 0;
        SkipSpaces();
      }
    }
    return true;
  }

  bool Resolve(TemplateMoment* out);

 private:
  void ReadTemplate(const Text& format) {
    char* room = c_.Allocate(sizeof(Node) * (size_t{format.size} + 1) + alignof(Node));
    nodes_ = reinterpret_cast<Node*>((reinterpret_cast<uintptr_t>(room) + alignof(Node) - 1) / alignof(Node) * alignof(Node));
    Node* node = nodes_;
    const char* p = format.data;
    const char* const end = p + format.size;
    const auto starts = [&](std::string_view upper) {
      if (static_cast<size_t>(end - p) < upper.size()) return false;
      bool same = true, lower = true;
      for (size_t i = 0; i < upper.size(); ++i) {
        same = same && p[i] == upper[i];
        lower = lower && p[i] == AsciiLower(upper[i]);
      }
      return same || lower;
    };
    const auto character = [&](Node::Kind kind) {
      *node = Node();
      node->kind = kind;
      (node++)->character = *p;
      p += std::min<ptrdiff_t>(static_cast<ptrdiff_t>(Utf8Length(*p)), end - p);
    };
    while (p < end) {
      Node next;
      if (starts("FM") || starts("TM")) {
        next.fill = AsciiLower(*p) == 'f';
        p += 2;
        if (p == end) break;
      }
      const Pattern* const found =
          std::find_if(std::begin(kPatterns), std::end(kPatterns), [&](const Pattern& pattern) { return starts(pattern.text); });
      if (found != std::end(kPatterns)) {
        next.written = std::string_view(p, found->text.size());
        p += found->text.size();
        next.kind = Node::kPattern;
        next.pattern = found;
        if (starts("TH")) {
          next.ordinal = true;
          p += 2;
        } else if (starts("SP")) {
          p += 2;
        }
        *node++ = next;
      } else if (*p == '"') {
        for (++p; p < end && *p != '"';) {
          if (*p == '\\' && p + 1 < end) ++p;
          character(Node::kCharacter);
        }
        if (p < end) ++p;
      } else {
        if (*p == '\\' && p + 1 < end && p[1] == '"') ++p;
        character(IsSeparator(*p) ? Node::kSeparator : IsSpace(*p) ? Node::kSpace : Node::kCharacter);
      }
    }
    *node = Node();
  }

  void SkipSpaces() {
    for (; IsSpace(*s_); ++s_) ++skipped_;
  }
  void SkipCharacter() {
    for (size_t i = Utf8Length(*s_); i > 0 && *s_ != '\0'; --i) ++s_;
  }
  // What is no pattern stands for one character of the text, whichever it is.
  void SkipOne() {
    if (n_->kind == Node::kCharacter) {
      if (!fixed_ && skipped_ > 0)
        --skipped_;  // spaces that were skipped stood for it
      else
        SkipCharacter();
    } else if (fixed_) {
      SkipCharacter();
    } else {
      --skipped_;
      if (IsSpace(*s_) || IsSeparator(*s_)) {
        ++s_;
        ++skipped_;
      }
    }
  }

  bool Fail(SqlState state, const std::string& message) { return c_.Fail(state, message.c_str()); }
  bool Invalid(const std::string& value) { return Fail(sqlstate::kInvalidDatetimeFormat, "invalid value \"" + value + "\" for \"" + Name() + "\""); }
  std::string Name() const { return std::string(n_->written); }

  bool UseCalendar(Calendar calendar) {
    if (calendar == kAny) return true;
    if (calendar_ == kAny) calendar_ = calendar;
    return calendar_ == calendar || Fail(sqlstate::kInvalidDatetimeFormat, "invalid combination of date conventions");
  }

  bool Set(int32_t* where, int32_t value) {
    if (*where != 0 && *where != value)
      return Fail(sqlstate::kInvalidDatetimeFormat, "conflicting values for \"" + Name() + "\" field in formatting string");
    *where = value;
    return true;
  }

  // Does a number end where the digits end, because no digits follow?
  bool NextIsNoDigit() const {
    if (n_->ordinal) return true;
    const Node& next = n_[1];
    if (next.kind == Node::kEndOfFormat) return true;
    if (next.kind == Node::kPattern) return !next.pattern->digits;
    return !IsDigit(next.character);
  }

  // Decimal digits with a sign before them, as strtol reads them; `end` is set behind them.
  static bool ReadLong(const char* p, const char** end, int64_t* value) {
    const char* q = p;
    while (IsSpace(*q)) ++q;
    bool negative = false;
    if (*q == '-' || *q == '+') negative = *q++ == '-';
    const char* const digits = q;
    *value = 0;
    for (; IsDigit(*q); ++q) {
      if (*value < (int64_t{1} << 55)) *value = *value * 10 + (*q - '0');
    }
    *end = q == digits ? p : q;
    if (negative) *value = -*value;
    return *end != p;
  }

  // Answers the number of characters used in *used.
  bool Number(int32_t* where, int length, int* used = nullptr) {
    const char* const begin = s_;
    while (IsSpace(*s_)) ++s_;
    std::string copy;
    int64_t value = 0;
    const char* end = nullptr;
    const size_t left = std::strlen(s_);
    copy.assign(s_, std::min<size_t>(left, static_cast<size_t>(length)));
    if (n_->fill || NextIsNoDigit()) {
      ReadLong(begin, &end, &value);
      s_ = end;
    } else {
      if (copy.size() < static_cast<size_t>(length))
        return Fail(sqlstate::kInvalidDatetimeFormat, "source string too short for \"" + Name() + "\" formatting field");
      ReadLong(copy.c_str(), &end, &value);
      const auto read = static_cast<int>(end - copy.c_str());
      if (read > 0 && read < length) return Invalid(copy);
      s_ += read;
    }
    if (s_ == begin) return Invalid(copy);
    if (value < INT32_MIN || value > INT32_MAX)
      return Fail(sqlstate::kDatetimeFieldOverflow, "value for \"" + Name() + "\" in source string is out of range");
    if (used != nullptr) *used = static_cast<int>(s_ - begin);
    return where == nullptr || Set(where, static_cast<int32_t>(value));
  }
  bool PlainNumber(int32_t* where, int* used = nullptr) { return Number(where, static_cast<int>(n_->pattern->text.size()), used); }

  template <size_t kCount>
  bool Name(const char* const (&names)[kCount], int32_t* index) {
    for (size_t i = 0; i < kCount; ++i) {
      size_t at = 0;
      while (names[i][at] != '\0' && AsciiLower(s_[at]) == names[i][at]) ++at;
      if (names[i][at] != '\0') continue;
      *index = static_cast<int32_t>(i);
      s_ += at;
      return true;
    }
    size_t size = 0;
    while (s_[size] != '\0' && s_[size] != ' ' && s_[size] != '\t' && s_[size] != '\n' && s_[size] != '\r' && s_[size] != '\f') ++size;
    return Invalid(std::string(s_, size));
  }

  void SkipOrdinal() {
    if (!n_->ordinal) return;
    SkipCharacter();
    SkipCharacter();
  }

  bool ReadPattern(const Pattern& pattern);
  bool ReadYear(const Pattern& pattern);
  bool ReadFraction(int32_t* where, int width);
  bool ReadZoneHour();
  bool ResolveClock(TemplateMoment* out);
  void ResolveYear();
  bool ResolveDate(TemplateMoment* out);
  bool FieldOutOfRange() { return c_.Fail(sqlstate::kDatetimeFieldOverflow, "date/time field value out of range: \"%s\"", text_.data, text_.size); }

  CallContext& c_;
  const Text& text_;
  const char* s_ = nullptr;
  Node* nodes_ = nullptr;
  const Node* n_ = nullptr;
  bool fixed_ = false;  // FX
  int skipped_ = 0;     // spaces more than the template had
  Calendar calendar_ = kAny;

  int32_t hour_ = 0, half_ = 0, minute_ = 0, second_ = 0, second_of_day_ = 0, millis_ = 0, micros_ = 0;
  bool twelve_ = false;
  int32_t year_ = 0, era_ = 0, century_ = 0, month_ = 0, day_ = 0, day_of_year_ = 0, day_of_week_ = 0, week_ = 0, week_of_month_ = 0, julian_ = 0;
  int year_size_ = 0, fraction_digits_ = 0;
  int zone_sign_ = 0;
  int32_t zone_hour_ = 0, zone_minute_ = 0;
  bool clock_ok_ = true;

  // While the date is put together.
  int64_t full_year_ = 0;
  int32_t full_month_ = 1, full_day_ = 1;
  bool has_year_ = false, has_month_ = false, has_day_ = false;
};

bool TemplateInput::ReadFraction(int32_t* where, int width) {
  int used = 0;
  if (!Number(where, width, &used)) return false;
  static constexpr int32_t kScale[] = {1, 100000, 10000, 1000, 100, 10};
  if (used >= 1 && used < 6) *where *= kScale[used];
  SkipOrdinal();
  return true;
}

bool TemplateInput::ReadYear(const Pattern& pattern) {
  int used = 0;
  if (!PlainNumber(&year_, &used)) return false;
  if (pattern.width < 4 && used < 4) {  // the year nearest to 2020
    if (year_ < 70)
      year_ += 2000;
    else if (year_ < 100)
      year_ += 1900;
    else if (year_ < 520)
      year_ += 2000;
    else if (year_ < 1000)
      year_ += 1000;
  }
  year_size_ = pattern.width;
  SkipOrdinal();
  return true;
}

bool TemplateInput::ReadZoneHour() {
  if (*s_ == '+' || *s_ == '-' || *s_ == ' ') {
    zone_sign_ = *s_ == '-' ? -1 : 1;
    ++s_;
  } else {
    zone_sign_ = skipped_ > 0 && s_[-1] == '-' ? -1 : 1;  // what was taken for a separator was the sign
  }
  return Number(&zone_hour_, 2);
}

bool TemplateInput::ReadPattern(const Pattern& pattern) {
  int32_t value = 0;
  const auto number = [&](int32_t* where, int length) {
    if (!Number(where, length)) return false;
    SkipOrdinal();
    return true;
  };
  const int length = static_cast<int>(pattern.text.size());
  switch (pattern.part) {
    case kFixed:
      fixed_ = true;
      return true;
    case kHalf:
    case kHalfDots:
      twelve_ = true;
      return (pattern.part == kHalf ? Name(kHalves, &value) : Name(kHalvesDots, &value)) && Set(&half_, value);
    case kEra:
    case kEraDots:
      return (pattern.part == kEra ? Name(kEras, &value) : Name(kErasDots, &value)) && Set(&era_, value);
    case kHour12:
      twelve_ = true;
      return number(&hour_, 2);
    case kHour24:
      return number(&hour_, 2);
    case kMinute:
      return number(&minute_, length);
    case kSecond:
      return number(&second_, length);
    case kSecondOfDay:
      return number(&second_of_day_, length);
    case kMillis: {
      int used = 0;
      if (!Number(&millis_, 3, &used)) return false;
      millis_ *= used == 1 ? 100 : used == 2 ? 10 : 1;
      SkipOrdinal();
      return true;
    }
    case kFraction:
      fraction_digits_ = pattern.width;
      return ReadFraction(&micros_, pattern.width);
    case kMicros:
      return ReadFraction(&micros_, 6);
    case kZone:
      return Fail(sqlstate::kFeatureNotSupported, "formatting field \"" + Name() + "\" is only supported in to_char");
    case kZoneHour:
      return ReadZoneHour();
    case kZoneMinute:
      if (zone_sign_ == 0) zone_sign_ = 1;
      return Number(&zone_minute_, 2);
    case kMonthName:
      return Name(kMonthNames, &value) && Set(&month_, value + 1);
    case kMonthShort:
      return Name(kMonthShorts, &value) && Set(&month_, value + 1);
    case kRoman:
      return Name(kRomans, &value) && Set(&month_, 12 - value);
    case kMonth:
      return number(&month_, length);
    case kDayName:
    case kDayShort:
      if (!(pattern.part == kDayName ? Name(kDayNames, &value) : Name(kDayShorts, &value)) || !Set(&day_of_week_, value)) return false;
      ++day_of_week_;
      return true;
    case kDayOfYear:
      return number(&day_of_year_, length);
    case kIsoDayOfYear:
      return number(&day_of_year_, 3);
    case kDay:
      return number(&day_, length);
    case kDayOfWeek:
      return number(&day_of_week_, length);
    case kIsoDayOfWeek:
      if (!Number(&day_of_week_, 1)) return false;
      if (++day_of_week_ > 7) day_of_week_ = 1;  // counted from Sunday
      SkipOrdinal();
      return true;
    case kWeek:
      return number(&week_, length);
    case kQuarter:  // read, but not used
      return number(nullptr, length);
    case kCentury:
      return number(&century_, length);
    case kYearComma: {
      const char* p = s_;
      const char* end = nullptr;
      int64_t thousands = 0;
      int32_t rest = 0;
      ReadLong(p, &end, &thousands);
      int digits = 0;
      if (end != p && *end == ',') {  // then three characters, of which the first may be a sign
        p = end + 1;
        while (IsSpace(*p)) ++p;
        const char* const limit = p + 3;
        const bool negative = *p == '-';
        if (*p == '-' || *p == '+') ++p;
        for (; p < limit && IsDigit(*p); ++p, ++digits) rest = rest * 10 + (*p - '0');
        if (negative) rest = -rest;
      }
      if (digits == 0) return Fail(sqlstate::kInvalidDatetimeFormat, "invalid input string for \"Y,YYY\"");
      if (!Set(&year_, static_cast<int32_t>(thousands * 1000 + rest))) return false;
      year_size_ = 4;
      s_ = p;
      SkipOrdinal();
      return true;
    }
    case kYear:
      return ReadYear(pattern);
    case kWeekOfMonth:
      return number(&week_of_month_, length);
    case kJulian:
      return number(&julian_, length);
    case kEnd:
      break;
  }
  return true;
}

bool TemplateInput::ResolveClock(TemplateMoment* out) {
  int64_t hour = 0, minute = 0, second = 0;
  if (second_of_day_ != 0) {
    hour = second_of_day_ / 3600;
    minute = second_of_day_ % 3600 / 60;
    second = second_of_day_ % 60;
  }
  if (second_ != 0) second = second_;
  if (minute_ != 0) minute = minute_;
  if (hour_ != 0) hour = hour_;
  if (twelve_) {
    if (hour < 1 || hour > 12)
      return Fail(sqlstate::kInvalidDatetimeFormat, "hour \"" + std::to_string(hour) + "\" is invalid for the 12-hour clock");
    if (half_ != 0 && hour < 12) hour += 12;
    if (half_ == 0 && hour == 12) hour = 0;
  }
  const int64_t fraction = int64_t{millis_} * 1000 + micros_;
  clock_ok_ = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60 && fraction >= 0 && fraction < kMicrosPerSecond;
  out->micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
  return true;
}

// Of a year's last digits and a century; years before Christ.
void TemplateInput::ResolveYear() {
  if (year_ != 0) {
    if (century_ != 0 && year_size_ <= 2) {
      if (era_ != 0) century_ = -century_;
      full_year_ = year_ % 100;
      if (full_year_ != 0)
        full_year_ = century_ >= 0 ? full_year_ + (int64_t{century_} - 1) * 100 : (int64_t{century_} + 1) * 100 - full_year_ + 1;
      else
        full_year_ = int64_t{century_} * 100 + (century_ >= 0 ? 0 : 1);
    } else {
      full_year_ = era_ != 0 ? -int64_t{year_} : year_;
      if (full_year_ < 0) ++full_year_;
    }
    has_year_ = true;
  } else if (century_ != 0) {
    if (era_ != 0) century_ = -century_;
    full_year_ = century_ >= 0 ? (int64_t{century_} - 1) * 100 + 1 : int64_t{century_} * 100 + 1;
    has_year_ = true;
  }
}

bool TemplateInput::ResolveDate(TemplateMoment* out) {
  const auto set_days = [&](int64_t days) {
    const CivilDate date = CivilFromDays(days);
    full_year_ = date.year;
    full_month_ = date.month;
    full_day_ = date.day;
    has_year_ = has_month_ = has_day_ = true;
  };
  // The Monday of an ISO week.
  const auto week_begin = [&](int64_t week) {
    const int64_t fourth = DaysFromCivil(full_year_, 1, 4);
    return fourth - (DayOfWeek(fourth) + 6) % 7 + (week - 1) * 7;
  };
  ResolveYear();
  if (julian_ != 0) set_days(int64_t{julian_} - kUnixEpochJulian);
  if (week_ != 0) {
    if (calendar_ == kIsoWeek)
      set_days(week_begin(week_) + (day_of_week_ == 0 ? 0 : day_of_week_ > 1 ? day_of_week_ - 2 : 6));
    else
      day_of_year_ = (week_ - 1) * 7 + 1;
  }
  if (week_of_month_ != 0) day_ = (week_of_month_ - 1) * 7 + 1;
  if (day_ != 0) {
    full_day_ = day_;
    has_day_ = true;
  }
  if (month_ != 0) {
    full_month_ = month_;
    has_month_ = true;
  }
  if (day_of_year_ != 0 && (full_month_ <= 1 || full_day_ <= 1)) {
    if (full_year_ == 0 && era_ == 0) return Fail(sqlstate::kInvalidDatetimeFormat, "cannot calculate day of year without year information");
    if (calendar_ == kIsoWeek) {
      set_days(week_begin(1) + day_of_year_ - 1);
    } else {
      int month = 1;
      int32_t before = 0;
      while (month <= 12 && day_of_year_ > before + DaysInMonth(full_year_, month)) before += DaysInMonth(full_year_, month++);
      if (full_month_ <= 1) full_month_ = month;
      if (full_day_ <= 1) full_day_ = day_of_year_ - before;
      has_month_ = has_day_ = true;
    }
  }
  out->year = full_year_;
  out->month = full_month_;
  out->day = full_day_;
  if (has_month_ && (full_month_ < 1 || full_month_ > 12)) return FieldOutOfRange();
  if (has_day_ && (full_day_ < 1 || full_day_ > 31)) return FieldOutOfRange();
  if (has_year_ && has_month_ && has_day_ && full_day_ > DaysInMonth(full_year_, full_month_)) return FieldOutOfRange();
  return true;
}

bool TemplateInput::Resolve(TemplateMoment* out) {
  if (!ResolveClock(out) || !ResolveDate(out)) return false;
  if (!clock_ok_) return FieldOutOfRange();
  out->fraction_digits = fraction_digits_;
  out->has_offset = zone_sign_ != 0;
  if (!out->has_offset) return true;
  if (zone_hour_ < 0 || zone_hour_ > 15 || zone_minute_ < 0 || zone_minute_ > 59)
    return c_.Fail(sqlstate::kInvalidTimeZone, "time zone displacement out of range: \"%s\"", text_.data, text_.size);
  out->offset = zone_sign_ * (int64_t{zone_hour_} * 3600 + zone_minute_ * 60);
  return true;
}

}  // namespace

bool ReadByTemplate(CallContext& c, const Text& text, const Text& format, TemplateMoment* out) {
  TemplateInput input(c, text);
  return input.Read(format) && input.Resolve(out);
}

}  // namespace kappa
