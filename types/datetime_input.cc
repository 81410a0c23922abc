#include "types/datetime_input.h"

#include <charconv>
#include <cstring>
#include <limits>

#include "types/datetime_tokens.h"
#include "types/time_zone.h"

namespace kappa {

namespace {

// The parts of a text that were read.
enum Part : uint32_t {
  kYear = 1,
  kMonth = 2,
  kDay = 4,
  kHour = 8,
  kMinute = 16,
  kSecond = 32,
  kFraction = 64,
  kZonePart = 128,
  kDaylightPart = 256,
  kAmPmPart = 512,
  kEraPart = 1024,
  kWeekdayPart = 2048,
  kDayOfYear = 4096,
  kReserved = 8192,
  kSummerZone = 16384,    // an abbreviation of daylight saving
  kChangingZone = 32768,  // one whose meaning changed
  kDatePart = kYear | kMonth | kDay,
  kTimePart = kHour | kMinute | kSecond | kFraction,
};

constexpr int32_t kNoInt = std::numeric_limits<int32_t>::min();

// Digits from `p` on; false: they do not fit 32 bits.
bool ReadDigits(const char** p, int32_t* value) {
  int64_t number = 0;
  for (; IsDigit(**p); ++*p) {
    if (number <= INT32_MAX) number = number * 10 + (**p - '0');
  }
  *value = static_cast<int32_t>(number);
  return number <= INT32_MAX;
}

// ".25" to the end of the text, in micros; false: something else.
bool ReadFraction(const char* p, int64_t* micros) {
  double value = 0;
  const char* const end = p + std::strlen(p);
  const auto read = std::from_chars(p, end, value);
  if (read.ptr != end || p == end || read.ec != std::errc()) return false;
  *micros = static_cast<int64_t>(__builtin_rint(value * 1e6));
  return true;
}

class DatetimeDecoder {
 public:
  enum Outcome { kPlain, kInfinite, kMinusInfinite, kUnixEpoch };

  DatetimeDecoder(const DatetimeInput& input) : input_(input) {}

  // A date with or without a time.
  ParseStatus Decode(DatetimeTokens& tokens);
  // A time; a date beside it tells the zone what its offset is.
  ParseStatus DecodeTime(DatetimeTokens& tokens);

  Outcome outcome() const { return outcome_; }
  int64_t days() const { return DaysFromCivil(year_, month_, day_); }
  bool valid_date() const {  // the range of Julian days
    return year_ > -4713 ? year_ < 5874898 || (year_ == 5874898 && month_ < 6) : year_ == -4713 && month_ >= 11;
  }
  int64_t micros() const { return ((int64_t{hour_} * 60 + minute_) * 60 + second_) * kMicrosPerSecond + fraction_; }
  int64_t offset() const { return offset_; }

 private:
  ParseStatus DateToken(DatetimeToken& token);
  ParseStatus NumberToken(DatetimeToken& token);
  ParseStatus LabelledNumber(DatetimeToken& token);
  ParseStatus WordToken(DatetimeTokens& tokens, int i, bool time_only);
  ParseStatus Clock(DateWord word, bool time_only);
  ParseStatus ThreePartDate(char* text);
  ParseStatus SingleNumber(char* text, bool text_month, uint32_t seen, uint32_t* part);
  ParseStatus RunTogether(char* text, uint32_t seen, uint32_t* part);
  ParseStatus TimeText(const char* text);
  ParseStatus OffsetText(const char* text);
  ParseStatus Validate();
  ParseStatus Halves();
  ParseStatus ResolveZone(bool date_known);
  ParseStatus UnknownZone(std::string_view name) const {
    if (input_.unknown_zone != nullptr) *input_.unknown_zone = name;
    return ParseStatus::kZoneUnknown;
  }
  ParseStatus Seen() {
    if ((part_ & seen_) != 0) return ParseStatus::kSyntax;
    seen_ |= part_;
    return ParseStatus::kOk;
  }
  bool TooLate() const {
    return hour_ < 0 || hour_ > 24 || minute_ < 0 || minute_ > 59 || second_ < 0 || second_ > 60 || fraction_ < 0 || fraction_ > kMicrosPerSecond ||
           micros() > kMicrosPerDay;
  }
  const TimeZone& session_zone() const { return input_.zone != nullptr ? *input_.zone : *UtcZone(); }
  int64_t LocalSeconds() const { return days() * 86400 + (hour_ * 60 + minute_) * 60 + second_; }

  const DatetimeInput& input_;
  Outcome outcome_ = kPlain;
  uint32_t seen_ = 0, part_ = 0;
  int label_ = 0;  // what the token before said of the next number: a unit's letter, 't' for a time
  int32_t year_ = 0, month_ = 0, day_ = 0, day_of_year_ = 0;
  int32_t hour_ = 0, minute_ = 0, second_ = 0;
  int64_t fraction_ = 0;
  int64_t offset_ = 0;  // seconds east of UTC
  int half_ = -1;       // 0: am, 1: pm
  bool bc_ = false, two_digits_ = false, text_month_ = false, julian_ = false;
  const TimeZone* zone_ = nullptr;
  ZoneAbbreviation abbreviation_;
  std::string abbreviation_name_;
};

ParseStatus DatetimeDecoder::OffsetText(const char* text) {
  const bool negative = *text == '-';
  const char* p = text + 1;
  int32_t hour = 0, minute = 0, second = 0;
  if (*p == '-' && IsDigit(p[1])) return ParseStatus::kZoneRange;  // less than no hours
  if (!ReadDigits(&p, &hour)) return ParseStatus::kZoneRange;
  if (*p == ':') {
    ++p;
    if (!ReadDigits(&p, &minute)) return ParseStatus::kZoneRange;
    if (*p == ':') {
      ++p;
      if (!ReadDigits(&p, &second)) return ParseStatus::kZoneRange;
    }
  } else if (*p == '\0' && std::strlen(text) > 3) {
    minute = hour % 100;
    hour /= 100;
  }
  if (hour > 15 || minute > 59 || second > 59) return ParseStatus::kZoneRange;
  offset_ = (hour * 60 + minute) * 60 + second;
  if (negative) offset_ = -offset_;
  return *p == '\0' ? ParseStatus::kOk : ParseStatus::kSyntax;
}

// HH:MM[:SS[.f]], or MM:SS.f
ParseStatus DatetimeDecoder::TimeText(const char* text) {
  const char* p = text;
  part_ = kTimePart;
  if (!ReadDigits(&p, &hour_)) return ParseStatus::kFieldRange;
  if (*p != ':') return ParseStatus::kSyntax;
  ++p;
  if (!ReadDigits(&p, &minute_)) return ParseStatus::kFieldRange;
  second_ = 0;
  fraction_ = 0;
  if (*p == '.') {
    if (!ReadFraction(p, &fraction_)) return ParseStatus::kSyntax;
    second_ = minute_;
    minute_ = hour_;
    hour_ = 0;
  } else if (*p == ':') {
    ++p;
    if (!ReadDigits(&p, &second_)) return ParseStatus::kFieldRange;
    if (*p == '.' ? !ReadFraction(p, &fraction_) : *p != '\0') return ParseStatus::kSyntax;
  } else if (*p != '\0') {
    return ParseStatus::kSyntax;
  }
  if (minute_ > 59 || second_ > 60 || fraction_ > kMicrosPerSecond) return ParseStatus::kFieldRange;
  return ParseStatus::kOk;
}

int32_t DigitsAt(const char* begin, const char* end) {
  int64_t value = 0;
  for (const char* p = begin; p < end && IsDigit(*p); ++p) value = value > INT32_MAX ? value : value * 10 + (*p - '0');
  return value > INT32_MAX ? kNoInt : static_cast<int32_t>(value);
}

// YYYYMMDD, YYMMDD, HHMMSS[.f], HHMM[.f]
ParseStatus DatetimeDecoder::RunTogether(char* text, uint32_t seen, uint32_t* part) {
  char* end = text + std::strlen(text);
  if (char* point = std::strchr(text, '.'); point != nullptr) {
    double value = 0;
    std::from_chars(point, end, value);
    fraction_ = static_cast<int64_t>(__builtin_rint(value * 1e6));
    *point = '\0';
    end = point;
  } else if ((seen & kDatePart) != kDatePart && end - text >= 6) {
    *part = kDatePart;
    day_ = DigitsAt(end - 2, end);
    month_ = DigitsAt(end - 4, end - 2);
    year_ = DigitsAt(text, end - 4);
    if (end - text == 6) two_digits_ = true;
    return ParseStatus::kOk;
  }
  if ((seen & kTimePart) != kTimePart && (end - text == 6 || end - text == 4)) {
    *part = kTimePart;
    hour_ = DigitsAt(text, text + 2);
    minute_ = DigitsAt(text + 2, text + 4);
    second_ = end - text == 6 ? DigitsAt(text + 4, end) : 0;
    return ParseStatus::kOk;
  }
  return ParseStatus::kSyntax;
}

// A number by itself, or between the separators of a date: what is it?
ParseStatus DatetimeDecoder::SingleNumber(char* text, bool text_month, uint32_t seen, uint32_t* part) {
  *part = 0;
  const char* p = text;
  int32_t value = 0;
  if (!ReadDigits(&p, &value)) return ParseStatus::kFieldRange;
  if (p == text) return ParseStatus::kSyntax;
  const size_t size = std::strlen(text);
  if (*p == '.') {
    if (p - text > 2) return RunTogether(text, seen | kDatePart, part);
    if (!ReadFraction(p, &fraction_)) return ParseStatus::kSyntax;
  } else if (*p != '\0') {
    return ParseStatus::kSyntax;
  }
  if (size == 3 && (seen & kDatePart) == kYear && value >= 1 && value <= 366) {
    *part = kDayOfYear | kMonth | kDay;
    day_of_year_ = value;
    return ParseStatus::kOk;
  }
  const auto take = [&](uint32_t which, int32_t* where) {
    *part = which;
    *where = value;
  };
  switch (seen & kDatePart) {
    case 0:  // a year is known by its digits; else it is month, day, year
      take(size >= 3 ? kYear : kMonth, size >= 3 ? &year_ : &month_);
      break;
    case kYear:
    case kDay:
      take(kMonth, &month_);
      break;
    case kMonth:
      if (text_month && size >= 3)
        take(kYear, &year_);
      else
        take(kDay, &day_);
      break;
    case kYear | kMonth:
      if (text_month && size >= 3 && two_digits_) {  // what was taken for a year was the day
        *part = kDay;
        day_ = year_;
        year_ = value;
        two_digits_ = false;
      } else {
        take(kDay, &day_);
      }
      break;
    case kMonth | kDay:
      take(kYear, &year_);
      break;
    case kDatePart:
      return RunTogether(text, seen, part);
    default:
      return ParseStatus::kSyntax;
  }
  if (*part == kYear) two_digits_ = size <= 2;
  return ParseStatus::kOk;
}

// 2024-01-02, 1/8/1999, jan-02-2024
ParseStatus DatetimeDecoder::ThreePartDate(char* text) {
  char* fields[DatetimeTokens::kMost];
  int count = 0;
  uint32_t seen = seen_;
  bool text_month = false;
  part_ = 0;
  for (char* p = text; *p != '\0' && count < DatetimeTokens::kMost;) {
    while (*p != '\0' && !IsDigit(*p) && !IsAlpha(*p)) ++p;
    if (*p == '\0') return ParseStatus::kSyntax;
    fields[count++] = p;
    if (IsDigit(*p)) {
      while (IsDigit(*p)) ++p;
    } else {
      while (IsAlpha(*p)) ++p;
    }
    if (*p != '\0') *p++ = '\0';
  }
  for (int i = 0; i < count; ++i) {  // names first: there is no doubt about them
    if (!IsAlpha(*fields[i])) continue;
    int value = 0;
    const DateWord word = FindDateWord(fields[i], &value);
    fields[i] = nullptr;
    if (word != DateWord::kMonth || (seen & kMonth) != 0) return ParseStatus::kSyntax;
    month_ = value;
    text_month = true;
    seen |= kMonth;
    part_ |= kMonth;
  }
  for (int i = 0; i < count; ++i) {
    if (fields[i] == nullptr) continue;
    uint32_t part = 0;
    const ParseStatus status = SingleNumber(fields[i], text_month, seen, &part);
    if (status != ParseStatus::kOk) return status;
    if ((seen & part) != 0) return ParseStatus::kSyntax;
    seen |= part;
    part_ |= part;
  }
  return (seen & ~(kDayOfYear | kZonePart)) == kDatePart ? ParseStatus::kOk : ParseStatus::kSyntax;
}

ParseStatus DatetimeDecoder::DateToken(DatetimeToken& token) {
  char* text = token.text;
  if (label_ == 'j') {  // a Julian day with an offset behind it
    const char* p = text;
    int32_t value = 0;
    if (!ReadDigits(&p, &value)) return ParseStatus::kFieldRange;
    const CivilDate date = CivilFromDays(int64_t{value} - kUnixEpochJulian);
    year_ = static_cast<int32_t>(date.year);
    month_ = date.month;
    day_ = date.day;
    julian_ = true;
    label_ = 0;
    part_ = kDatePart | kTimePart | kZonePart;
    return *p == '+' || *p == '-' ? OffsetText(p) : ParseStatus::kSyntax;
  }
  if (label_ == 0 && (seen_ & (kMonth | kDay)) != (kMonth | kDay)) return ThreePartDate(text);
  // Behind a date it is a zone's name, or a time run together with an offset.
  if (!IsDigit(*text) && label_ == 0) {
    zone_ = FindTimeZone(text);
    part_ = kZonePart;
    return zone_ == nullptr ? UnknownZone(text) : ParseStatus::kOk;
  }
  if (label_ != 0 && label_ != 't') return ParseStatus::kSyntax;
  label_ = 0;
  char* sign = std::strchr(text, '-');
  if ((seen_ & kTimePart) == kTimePart || sign == nullptr) return ParseStatus::kSyntax;
  ParseStatus status = OffsetText(sign);
  if (status != ParseStatus::kOk) return status;
  *sign = '\0';
  status = RunTogether(text, seen_, &part_);
  part_ |= kZonePart;
  return status;
}

// A number behind a word that says what it is: y2001 m12 d27, j2451187, t040506.
ParseStatus DatetimeDecoder::LabelledNumber(DatetimeToken& token) {
  const char* p = token.text;
  int32_t value = 0;
  if (!ReadDigits(&p, &value)) return ParseStatus::kFieldRange;
  if (*p != '.' && *p != '\0') return ParseStatus::kSyntax;
  const bool fraction = *p == '.';
  ParseStatus status = ParseStatus::kOk;
  switch (label_) {
    case 'y':
      year_ = value;
      part_ = kYear;
      break;
    case 'm':
      if ((seen_ & kMonth) != 0 && (seen_ & kHour) != 0) {
        minute_ = value;
        part_ = kMinute;
      } else {
        month_ = value;
        part_ = kMonth;
      }
      break;
    case 'd':
      day_ = value;
      part_ = kDay;
      break;
    case 'h':
      hour_ = value;
      part_ = kHour;
      break;
    case 'n':
      minute_ = value;
      part_ = kMinute;
      break;
    case 's':
      second_ = value;
      part_ = kSecond;
      if (fraction) {
        part_ |= kFraction;
        if (!ReadFraction(p, &fraction_)) return ParseStatus::kSyntax;
      }
      break;
    case 'j': {
      const CivilDate date = CivilFromDays(int64_t{value} - kUnixEpochJulian);
      year_ = static_cast<int32_t>(date.year);
      month_ = date.month;
      day_ = date.day;
      julian_ = true;
      part_ = kDatePart;
      if (fraction) {
        double rest = 0;
        const char* const end = p + std::strlen(p);
        if (std::from_chars(p, end, rest).ptr != end) return ParseStatus::kSyntax;
        const auto micros = static_cast<int64_t>(rest * static_cast<double>(kMicrosPerDay));
        hour_ = static_cast<int32_t>(micros / kMicrosPerHour);
        minute_ = static_cast<int32_t>(micros / kMicrosPerMinute % 60);
        second_ = static_cast<int32_t>(micros / kMicrosPerSecond % 60);
        fraction_ = micros % kMicrosPerSecond;
        part_ |= kTimePart;
      }
      break;
    }
    case 't':
      status = RunTogether(token.text, seen_ | kDatePart, &part_);
      if (status == ParseStatus::kOk && part_ != kTimePart) status = ParseStatus::kSyntax;
      break;
    default:
      return ParseStatus::kSyntax;
  }
  if (fraction && label_ != 's' && label_ != 'j' && label_ != 't') return ParseStatus::kSyntax;
  label_ = 0;
  outcome_ = kPlain;
  return status;
}

ParseStatus DatetimeDecoder::NumberToken(DatetimeToken& token) {
  if (label_ != 0) return LabelledNumber(token);
  const size_t size = std::strlen(token.text);
  const char* const point = std::strchr(token.text, '.');
  if (point != nullptr && (seen_ & kDatePart) == 0) return ThreePartDate(token.text);
  if (point != nullptr && point - token.text > 2) return RunTogether(token.text, seen_, &part_);
  if (size >= 6 && ((seen_ & kDatePart) == 0 || (seen_ & kTimePart) == 0)) return RunTogether(token.text, seen_, &part_);
  return SingleNumber(token.text, text_month_, seen_, &part_);
}

// now, today and the like.
ParseStatus DatetimeDecoder::Clock(DateWord word, bool time_only) {
  if (!input_.now) return ParseStatus::kNeedsClock;
  const int64_t seconds = FloorDivide(*input_.now, kMicrosPerSecond);
  const int64_t offset = session_zone().At(seconds).offset;
  int64_t local = *input_.now + offset * kMicrosPerSecond;
  outcome_ = kPlain;
  if (word == DateWord::kTomorrow) local += kMicrosPerDay;
  if (word == DateWord::kYesterday) local -= kMicrosPerDay;
  const CivilTime civil = CivilFromMicros(local);
  if (word == DateWord::kNow) {
    hour_ = civil.hour();
    minute_ = civil.minute();
    second_ = civil.second();
    fraction_ = civil.fraction();
    offset_ = offset;
    part_ = time_only ? kTimePart : kDatePart | kTimePart | kZonePart;
    if (time_only) return ParseStatus::kOk;
  } else {
    part_ = kDatePart;
  }
  year_ = static_cast<int32_t>(civil.date.year);
  month_ = civil.date.month;
  day_ = civil.date.day;
  return ParseStatus::kOk;
}

ParseStatus DatetimeDecoder::WordToken(DatetimeTokens& tokens, int i, bool time_only) {
  const std::string_view text = tokens[i].view();
  int value = 0;
  if (ZoneAbbreviation abbreviation; FindZoneAbbreviation(text.substr(0, 10), &abbreviation)) {  // these come before other words
    part_ = kZonePart;
    if (abbreviation.zone == nullptr) {
      if (abbreviation.dst) part_ |= kSummerZone;
      offset_ = abbreviation.offset;
    } else {
      part_ |= kChangingZone;
      abbreviation_ = abbreviation;
      abbreviation_name_ = text;
    }
    return ParseStatus::kOk;
  }
  const DateWord word = FindDateWord(text, &value);
  part_ = 0;
  switch (word) {
    case DateWord::kIgnored:
      return ParseStatus::kOk;
    case DateWord::kNow:
      return Clock(word, time_only);
    case DateWord::kToday:
    case DateWord::kTomorrow:
    case DateWord::kYesterday:
      return time_only ? ParseStatus::kSyntax : Clock(word, false);
    case DateWord::kAllBalls:
      part_ = kTimePart | kZonePart;
      outcome_ = kPlain;
      hour_ = minute_ = second_ = 0;
      offset_ = 0;
      return ParseStatus::kOk;
    case DateWord::kEpoch:
    case DateWord::kInfinity:
    case DateWord::kMinusInfinity:
      if (time_only) return ParseStatus::kSyntax;
      part_ = kReserved;
      outcome_ = word == DateWord::kEpoch ? kUnixEpoch : word == DateWord::kInfinity ? kInfinite : kMinusInfinite;
      return ParseStatus::kOk;
    case DateWord::kMonth:
      if (time_only) return ParseStatus::kSyntax;
      part_ = kMonth;
      if ((seen_ & kMonth) != 0 && !text_month_ && (seen_ & kDay) == 0 && month_ >= 1 && month_ <= 31) {  // that number was the day
        day_ = month_;
        part_ = kDay;
      }
      text_month_ = true;
      month_ = value;
      return ParseStatus::kOk;
    case DateWord::kWeekday:
      part_ = kWeekdayPart;
      return time_only ? ParseStatus::kSyntax : ParseStatus::kOk;
    case DateWord::kDaylight:
      part_ = kDaylightPart | kSummerZone;
      offset_ += 3600;
      return ParseStatus::kOk;
    case DateWord::kAmPm:
      part_ = kAmPmPart;
      half_ = value;
      return ParseStatus::kOk;
    case DateWord::kEra:
      part_ = kEraPart;
      bc_ = value == 1;
      return ParseStatus::kOk;
    case DateWord::kUnit:
      label_ = value;
      return ParseStatus::kOk;
    case DateWord::kIsoTime: {
      if (!time_only && (seen_ & kDatePart) != kDatePart) return ParseStatus::kSyntax;
      if (i + 1 >= tokens.count()) return ParseStatus::kSyntax;
      const DatetimeToken::Kind next = tokens[i + 1].kind;
      if (next != DatetimeToken::kNumber && next != DatetimeToken::kTime && next != DatetimeToken::kDate) return ParseStatus::kSyntax;
      label_ = 't';
      return ParseStatus::kOk;
    }
    case DateWord::kUnknown:
      zone_ = FindTimeZone(text);
      part_ = kZonePart;
      return zone_ == nullptr ? ParseStatus::kSyntax : ParseStatus::kOk;
  }
  return ParseStatus::kSyntax;
}

// The year as it was meant, a day of the year as month and day; then what a calendar has not is refused.
ParseStatus DatetimeDecoder::Validate() {
  if ((seen_ & kYear) != 0 && !julian_) {
    if (bc_) {
      if (year_ <= 0) return ParseStatus::kFieldRange;
      year_ = 1 - year_;
    } else if (two_digits_) {
      if (year_ < 0) return ParseStatus::kFieldRange;
      if (year_ < 100) year_ += year_ < 70 ? 2000 : 1900;
    } else if (year_ <= 0) {
      return ParseStatus::kFieldRange;
    }
  }
  if ((seen_ & kDayOfYear) != 0) {
    const CivilDate date = CivilFromDays(DaysFromCivil(year_, 1, 1) + day_of_year_ - 1);
    year_ = static_cast<int32_t>(date.year);
    month_ = date.month;
    day_ = date.day;
  }
  if ((seen_ & kMonth) != 0 && (month_ < 1 || month_ > 12)) return ParseStatus::kFieldRange;
  if ((seen_ & kDay) != 0 && (day_ < 1 || day_ > 31)) return ParseStatus::kFieldRange;
  if ((seen_ & kDatePart) == kDatePart && day_ > DaysInMonth(year_, month_)) return ParseStatus::kFieldRange;
  return ParseStatus::kOk;
}

ParseStatus DatetimeDecoder::Halves() {
  if (half_ < 0) return ParseStatus::kOk;
  if (hour_ > 12) return ParseStatus::kFieldRange;
  if (half_ == 0 && hour_ == 12) hour_ = 0;
  if (half_ == 1 && hour_ != 12) hour_ += 12;
  return ParseStatus::kOk;
}

ParseStatus DatetimeDecoder::ResolveZone(bool date_known) {
  const bool daylight = (seen_ & kDaylightPart) != 0;
  if (zone_ != nullptr) {
    if (daylight) return ParseStatus::kSyntax;
    int32_t fixed = 0;
    if (!date_known && !zone_->IsFixed(&fixed)) return ParseStatus::kSyntax;
    offset_ = date_known ? zone_->OffsetOfLocal(LocalSeconds()) : fixed;
  } else if (!abbreviation_name_.empty()) {
    if (daylight) return ParseStatus::kSyntax;
    if (date_known) offset_ = AbbreviationOffset(abbreviation_, abbreviation_name_, LocalSeconds());
  } else if ((seen_ & kZonePart) == 0) {
    if (daylight) return ParseStatus::kSyntax;
    if (date_known) offset_ = session_zone().OffsetOfLocal(LocalSeconds());
  }
  return ParseStatus::kOk;
}

ParseStatus DatetimeDecoder::Decode(DatetimeTokens& tokens) {
  for (int i = 0; i < tokens.count(); ++i) {
    DatetimeToken& token = tokens[i];
    ParseStatus status = ParseStatus::kOk;
    part_ = 0;
    switch (token.kind) {
      case DatetimeToken::kDate:
        status = DateToken(token);
        break;
      case DatetimeToken::kTime:
        if (label_ != 0 && label_ != 't') return ParseStatus::kSyntax;
        label_ = 0;
        status = TimeText(token.text);
        if (status == ParseStatus::kOk && TooLate()) status = ParseStatus::kFieldRange;
        break;
      case DatetimeToken::kZone:
        part_ = kZonePart;
        status = OffsetText(token.text);
        break;
      case DatetimeToken::kNumber:
        status = NumberToken(token);
        break;
      case DatetimeToken::kWord:
      case DatetimeToken::kSpecial:
        status = WordToken(tokens, i, false);
        break;
    }
    if (status == ParseStatus::kOk) status = Seen();
    if (status != ParseStatus::kOk) return status;
  }
  ParseStatus status = Validate();
  if (status == ParseStatus::kOk) status = Halves();
  if (status != ParseStatus::kOk || outcome_ != kPlain) return status;
  if ((seen_ & kDatePart) != kDatePart) return ParseStatus::kSyntax;
  return ResolveZone(true);
}

ParseStatus DatetimeDecoder::DecodeTime(DatetimeTokens& tokens) {
  const int count = tokens.count();
  for (int i = 0; i < count; ++i) {
    DatetimeToken& token = tokens[i];
    ParseStatus status = ParseStatus::kOk;
    const bool date_first = i == 0 && count >= 2;  // a date is taken where it comes first, and passed over
    part_ = 0;
    switch (token.kind) {
      case DatetimeToken::kDate:
        if (date_first && (tokens[count - 1].kind == DatetimeToken::kDate || tokens[1].kind == DatetimeToken::kTime)) {
          status = ThreePartDate(token.text);
        } else if (IsDigit(*token.text)) {
          char* sign = std::strchr(token.text, '-');
          if ((seen_ & kTimePart) == kTimePart || sign == nullptr) return ParseStatus::kSyntax;
          status = OffsetText(sign);
          if (status != ParseStatus::kOk) return status;
          *sign = '\0';
          status = RunTogether(token.text, seen_ | kDatePart, &part_);
          part_ |= kZonePart;
        } else {
          zone_ = FindTimeZone(token.text);
          part_ = kZonePart;
          if (zone_ == nullptr) status = UnknownZone(token.text);
        }
        break;
      case DatetimeToken::kTime:
        status = TimeText(token.text);
        break;
      case DatetimeToken::kZone:
        part_ = kZonePart;
        status = OffsetText(token.text);
        break;
      case DatetimeToken::kNumber: {
        const char* const point = std::strchr(token.text, '.');
        if (label_ != 0) {
          status = LabelledNumber(token);
        } else if (point != nullptr) {
          if (date_first && tokens[count - 1].kind == DatetimeToken::kDate)
            status = ThreePartDate(token.text);
          else if (point - token.text > 2)
            status = RunTogether(token.text, seen_ | kDatePart, &part_);
          else
            return ParseStatus::kSyntax;
        } else if (std::strlen(token.text) > 4) {
          status = RunTogether(token.text, seen_ | kDatePart, &part_);
        } else {
          status = SingleNumber(token.text, false, seen_ | kDatePart, &part_);
        }
        break;
      }
      case DatetimeToken::kWord:
      case DatetimeToken::kSpecial:
        status = WordToken(tokens, i, true);
        break;
    }
    if (status == ParseStatus::kOk) status = Seen();
    if (status != ParseStatus::kOk) return status;
  }
  ParseStatus status = Validate();
  if (status == ParseStatus::kOk) status = Halves();
  if (status != ParseStatus::kOk) return status;
  if (TooLate()) return ParseStatus::kFieldRange;
  if ((seen_ & kTimePart) != kTimePart) return ParseStatus::kSyntax;
  return ResolveZone((seen_ & kDatePart) == kDatePart);
}

ParseStatus ReadMicros(std::string_view text, const DatetimeInput& input, bool apply_zone, int64_t* out) {
  DatetimeTokens tokens;
  ParseStatus status = tokens.Read(text, 152);
  DatetimeDecoder decoder(input);
  if (status == ParseStatus::kOk) status = decoder.Decode(tokens);
  if (status != ParseStatus::kOk) return status;
  switch (decoder.outcome()) {
    case DatetimeDecoder::kInfinite:
      *out = kInfinity64;
      return ParseStatus::kOk;
    case DatetimeDecoder::kMinusInfinite:
      *out = kMinusInfinity64;
      return ParseStatus::kOk;
    case DatetimeDecoder::kUnixEpoch:
      *out = 0;
      return ParseStatus::kOk;
    case DatetimeDecoder::kPlain:
      break;
  }
  const int64_t rest = decoder.micros() - (apply_zone ? decoder.offset() * kMicrosPerSecond : 0);
  if (!decoder.valid_date() || __builtin_mul_overflow(decoder.days(), kMicrosPerDay, out) || __builtin_add_overflow(*out, rest, out) ||
      !IsValidMicros(*out))
    return ParseStatus::kRange;
  return ParseStatus::kOk;
}

}  // namespace

ParseStatus ReadTimestamp(std::string_view text, const DatetimeInput& input, Timestamp* out) { return ReadMicros(text, input, false, &out->micros); }
ParseStatus ReadTimestampTz(std::string_view text, const DatetimeInput& input, TimestampTz* out) {
  return ReadMicros(text, input, true, &out->micros);
}

ParseStatus ReadDate(std::string_view text, const DatetimeInput& input, Date* out) {
  DatetimeTokens tokens;
  ParseStatus status = tokens.Read(text, 152);
  DatetimeDecoder decoder(input);
  if (status == ParseStatus::kOk) status = decoder.Decode(tokens);
  if (status != ParseStatus::kOk) return status;
  switch (decoder.outcome()) {
    case DatetimeDecoder::kInfinite:
      out->days = kInfinity32;
      return ParseStatus::kOk;
    case DatetimeDecoder::kMinusInfinite:
      out->days = kMinusInfinity32;
      return ParseStatus::kOk;
    case DatetimeDecoder::kUnixEpoch:
      out->days = 0;
      return ParseStatus::kOk;
    case DatetimeDecoder::kPlain:
      break;
  }
  if (!decoder.valid_date() || !IsValidDays(decoder.days())) return ParseStatus::kRange;
  out->days = static_cast<int32_t>(decoder.days());
  return ParseStatus::kOk;
}

ParseStatus ReadTime(std::string_view text, const DatetimeInput& input, Time* out) {
  DatetimeTokens tokens;
  ParseStatus status = tokens.Read(text, 152);
  DatetimeDecoder decoder(input);
  if (status == ParseStatus::kOk) status = decoder.DecodeTime(tokens);
  if (status != ParseStatus::kOk) return status;
  out->micros = decoder.micros();
  return ParseStatus::kOk;
}

bool NeedsClock(std::string_view text) {
  DatetimeTokens tokens;
  if (tokens.Read(text, 152) != ParseStatus::kOk) return false;
  for (int i = 0; i < tokens.count(); ++i) {
    int value = 0;
    if (tokens[i].kind != DatetimeToken::kWord) continue;
    const DateWord word = FindDateWord(tokens[i].view(), &value);
    if (word == DateWord::kNow || word == DateWord::kToday || word == DateWord::kTomorrow || word == DateWord::kYesterday) return true;
  }
  return false;
}

}  // namespace kappa
