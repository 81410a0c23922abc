// Texts to intervals: PostgreSQL's own form, SQL's, and ISO 8601 durations.
#include <charconv>
#include <cmath>
#include <cstring>

#include "types/datetime_input.h"
#include "types/datetime_tokens.h"

namespace kappa {

namespace {

enum class Unit : uint8_t { kNone, kMicrosecond, kMillisecond, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kYear, kDecade, kCentury, kMillennium };

struct UnitName {
  const char* name;
  Unit unit;
};

// Of a word the first ten letters count.
constexpr UnitName kUnitNames[] = {
    {"us", Unit::kMicrosecond},
    {"usec", Unit::kMicrosecond},
    {"usecs", Unit::kMicrosecond},
    {"useconds", Unit::kMicrosecond},
    {"microsecon", Unit::kMicrosecond},
    {"ms", Unit::kMillisecond},
    {"msec", Unit::kMillisecond},
    {"msecs", Unit::kMillisecond},
    {"mseconds", Unit::kMillisecond},
    {"millisecon", Unit::kMillisecond},
    {"s", Unit::kSecond},
    {"sec", Unit::kSecond},
    {"secs", Unit::kSecond},
    {"second", Unit::kSecond},
    {"seconds", Unit::kSecond},
    {"m", Unit::kMinute},
    {"min", Unit::kMinute},
    {"mins", Unit::kMinute},
    {"minute", Unit::kMinute},
    {"minutes", Unit::kMinute},
    {"h", Unit::kHour},
    {"hr", Unit::kHour},
    {"hrs", Unit::kHour},
    {"hour", Unit::kHour},
    {"hours", Unit::kHour},
    {"d", Unit::kDay},
    {"day", Unit::kDay},
    {"days", Unit::kDay},
    {"w", Unit::kWeek},
    {"week", Unit::kWeek},
    {"weeks", Unit::kWeek},
    {"mon", Unit::kMonth},
    {"mons", Unit::kMonth},
    {"month", Unit::kMonth},
    {"months", Unit::kMonth},
    {"y", Unit::kYear},
    {"yr", Unit::kYear},
    {"yrs", Unit::kYear},
    {"year", Unit::kYear},
    {"years", Unit::kYear},
    {"dec", Unit::kDecade},
    {"decs", Unit::kDecade},
    {"decade", Unit::kDecade},
    {"decades", Unit::kDecade},
    {"c", Unit::kCentury},
    {"cent", Unit::kCentury},
    {"century", Unit::kCentury},
    {"centuries", Unit::kCentury},
    {"mil", Unit::kMillennium},
    {"mils", Unit::kMillennium},
    {"millennium", Unit::kMillennium},
    {"millennia", Unit::kMillennium},
};

Unit FindUnit(std::string_view word) {
  for (const UnitName& entry : kUnitNames) {
    if (EqualsIgnoringCase(word.substr(0, 10), entry.name)) return entry.unit;
  }
  return Unit::kNone;
}

// What was read so far. Years, months and days are of 32 bits each, as PostgreSQL's.
class Sum {
 public:
  void Years(int64_t count, int64_t each) { Accumulate(count, each, &years_); }
  void Months(int64_t count) { Accumulate(count, 1, &months_); }
  void Days(int64_t count, int64_t each) { Accumulate(count, each, &days_); }
  void Micros(int64_t count, int64_t each) {
    int64_t amount;
    if (__builtin_mul_overflow(count, each, &amount) || __builtin_add_overflow(micros_, amount, &micros_)) overflow_ = true;
  }
  // Parts of a unit spill into the next smaller ones; a month is 30 days here.
  void FractionOfMicros(double fraction, int64_t each) {
    const double exact = fraction * static_cast<double>(each);
    auto whole = static_cast<int64_t>(exact);
    const double rest = exact - static_cast<double>(whole);
    if (rest > 0.5) ++whole;
    if (rest < -0.5) --whole;
    Micros(whole, 1);
  }
  void FractionOfDays(double fraction, int each) {
    const double exact = fraction * each;
    const auto whole = static_cast<int64_t>(exact);
    Days(whole, 1);
    FractionOfMicros(exact - static_cast<double>(whole), kMicrosPerDay);
  }
  void FractionOfYears(double fraction, int each) { Months(static_cast<int64_t>(__builtin_rint(fraction * each * 12))); }

  bool Add(Unit unit, int64_t value, double fraction) {
    switch (unit) {
      case Unit::kMicrosecond:
        return AddMicros(value, fraction, 1);
      case Unit::kMillisecond:
        return AddMicros(value, fraction, 1000);
      case Unit::kSecond:
        return AddMicros(value, fraction, kMicrosPerSecond);
      case Unit::kMinute:
        return AddMicros(value, fraction, kMicrosPerMinute);
      case Unit::kHour:
        return AddMicros(value, fraction, kMicrosPerHour);
      case Unit::kDay:
        Days(value, 1);
        FractionOfMicros(fraction, kMicrosPerDay);
        return true;
      case Unit::kWeek:
        Days(value, 7);
        FractionOfDays(fraction, 7);
        return true;
      case Unit::kMonth:
        Months(value);
        FractionOfDays(fraction, 30);
        return true;
      case Unit::kYear:
        return AddYears(value, fraction, 1);
      case Unit::kDecade:
        return AddYears(value, fraction, 10);
      case Unit::kCentury:
        return AddYears(value, fraction, 100);
      case Unit::kMillennium:
        return AddYears(value, fraction, 1000);
      case Unit::kNone:
        break;
    }
    return false;
  }
  void Negate() {
    overflow_ = overflow_ || micros_ == INT64_MIN || years_ == INT32_MIN || months_ == INT32_MIN || days_ == INT32_MIN;
    if (overflow_) return;
    micros_ = -micros_;
    years_ = -years_;
    months_ = -months_;
    days_ = -days_;
  }
  ParseStatus Finish(Interval* out) const {
    if (overflow_) return ParseStatus::kIntervalRange;
    const int64_t months = years_ * 12 + months_;
    if (months < INT32_MIN || months > INT32_MAX) return ParseStatus::kRange;
    *out = {micros_, static_cast<int32_t>(days_), static_cast<int32_t>(months)};
    return ParseStatus::kOk;
  }
  void Overflow() { overflow_ = true; }
  bool overflow() const { return overflow_; }

 private:
  bool AddMicros(int64_t value, double fraction, int64_t each) {
    Micros(value, each);
    FractionOfMicros(fraction, each);
    return true;
  }
  bool AddYears(int64_t value, double fraction, int each) {
    Years(value, each);
    FractionOfYears(fraction, each);
    return true;
  }
  void Accumulate(int64_t count, int64_t each, int64_t* total) {
    if (count < INT32_MIN || count > INT32_MAX) {
      overflow_ = true;
      return;
    }
    *total += count * each;
    if (count * each < INT32_MIN || count * each > INT32_MAX || *total < INT32_MIN || *total > INT32_MAX) overflow_ = true;
  }
  int64_t years_ = 0, months_ = 0, days_ = 0, micros_ = 0;
  bool overflow_ = false;
};

bool ReadWhole(const char** p, int64_t* value) {
  bool ok = true;
  *value = 0;
  for (; IsDigit(**p); ++*p)
    ok = ok && !__builtin_mul_overflow(*value, int64_t{10}, value) && !__builtin_add_overflow(*value, int64_t{**p - '0'}, value);
  return ok;
}

// ".25" to the end of the text.
bool ReadFraction(const char* p, double* value) {
  *value = 0;
  if (p[1] == '\0') return true;
  const char* const end = p + std::strlen(p);
  return std::from_chars(p, end, *value).ptr == end;
}

// PostgreSQL's and SQL's forms, read from the right: what a number counts is said behind it.
class IntervalFields {
 public:
  IntervalFields(int32_t fields, Sum* sum) : fields_(fields), sum_(*sum) {}

  ParseStatus Read(DatetimeTokens& tokens) {
    bool ago = false;
    for (int i = tokens.count() - 1; i >= 0; --i) {
      DatetimeToken& token = tokens[i];
      ParseStatus status = ParseStatus::kOk;
      part_ = 0;
      if (token.kind == DatetimeToken::kWord || token.kind == DatetimeToken::kSpecial) {
        if (token.view() == "ago") {
          ago = true;
          unit_ = Unit::kNone;
          named_ = true;
        } else {
          unit_ = FindUnit(token.view());
          named_ = true;
          if (unit_ == Unit::kNone) return ParseStatus::kSyntax;
        }
        continue;
      }
      if (token.kind == DatetimeToken::kTime)
        status = Clock(token.text, false);
      else if (token.kind == DatetimeToken::kZone && std::strchr(token.text + 1, ':') != nullptr && IsClock(token.text + 1))
        status = Clock(token.text + 1, *token.text == '-');
      else
        status = Number(token.text);
      if (status != ParseStatus::kOk) return status;
      if (sum_.overflow()) return ParseStatus::kIntervalRange;
      if ((part_ & seen_) != 0) return ParseStatus::kSyntax;
      seen_ |= part_;
    }
    if (seen_ == 0) return ParseStatus::kSyntax;
    if (ago) sum_.Negate();
    return ParseStatus::kOk;
  }

 private:
  static uint32_t Bit(Unit unit) { return 1u << static_cast<int>(unit); }
  static uint32_t SecondBits() { return Bit(Unit::kSecond) | Bit(Unit::kMillisecond) | Bit(Unit::kMicrosecond); }

  static bool ReadClock(const char* text, int32_t fields, int64_t* hour, int64_t* minute, int64_t* second, double* fraction) {
    const char* p = text;
    *second = 0;
    *fraction = 0;
    if (!ReadWhole(&p, hour) || *p != ':') return false;
    ++p;
    if (!ReadWhole(&p, minute)) return false;
    if (*p == '.' || (*p == '\0' && fields == (kMinuteField | kSecondField))) {  // MM:SS.f
      if (*p == '.' && (p[1] == '\0' || !ReadFraction(p, fraction))) return false;
      *second = *minute;
      *minute = *hour;
      *hour = 0;
      return true;
    }
    if (*p == '\0') return true;
    if (*p != ':') return false;
    ++p;
    if (!ReadWhole(&p, second)) return false;
    return *p == '\0' || (*p == '.' && p[1] != '\0' && ReadFraction(p, fraction));
  }
  bool IsClock(const char* text) const {
    int64_t hour, minute, second;
    double fraction;
    return ReadClock(text, fields_, &hour, &minute, &second, &fraction) && minute <= 59 && second <= 60;
  }
  ParseStatus Clock(const char* text, bool negative) {
    int64_t hour, minute, second;
    double fraction;
    if (!ReadClock(text, fields_, &hour, &minute, &second, &fraction)) return ParseStatus::kSyntax;
    if (minute > 59 || second > 60) return ParseStatus::kIntervalRange;
    const int64_t sign = negative ? -1 : 1;
    sum_.Micros(sign * hour, kMicrosPerHour);
    sum_.Micros(sign * minute, kMicrosPerMinute);
    sum_.Micros(sign * second, kMicrosPerSecond);
    sum_.Micros(sign * static_cast<int64_t>(__builtin_rint(fraction * 1e6)), 1);
    part_ = Bit(Unit::kHour) | Bit(Unit::kMinute) | SecondBits();
    unit_ = Unit::kDay;
    named_ = true;
    return ParseStatus::kOk;
  }

  // Of a number at the end, without a unit: the last of the fields that the type names.
  Unit LastField() const {
    switch (fields_) {
      case kYearField:
        return Unit::kYear;
      case kMonthField:
      case kYearField | kMonthField:
        return Unit::kMonth;
      case kDayField:
        return Unit::kDay;
      case kHourField:
      case kDayField | kHourField:
        return Unit::kHour;
      case kMinuteField:
      case kHourField | kMinuteField:
      case kDayField | kHourField | kMinuteField:
        return Unit::kMinute;
      default:
        return Unit::kSecond;
    }
  }

  ParseStatus Number(const char* text) {
    if (!named_) unit_ = LastField();
    named_ = true;
    const bool negative = *text == '-';
    const char* p = text + (negative || *text == '+');
    int64_t value = 0;
    double fraction = 0;
    bool fits = true;
    for (; IsDigit(*p); ++p)
      fits = fits && !__builtin_mul_overflow(value, int64_t{10}, &value) && !__builtin_sub_overflow(value, int64_t{*p - '0'}, &value);
    if (!negative) fits = fits && !__builtin_sub_overflow(int64_t{0}, value, &value);
    if (!fits) return ParseStatus::kIntervalRange;
    if (*p == '-') {  // years-months
      int64_t months = 0;
      ++p;
      if (!ReadWhole(&p, &months) || months > 11) return ParseStatus::kIntervalRange;
      if (*p != '\0') return ParseStatus::kSyntax;
      if (__builtin_mul_overflow(value, int64_t{12}, &value) || __builtin_add_overflow(value, negative ? -months : months, &value))
        return ParseStatus::kIntervalRange;
      unit_ = Unit::kMonth;
    } else if (*p == '.') {
      if (!ReadFraction(p, &fraction)) return ParseStatus::kSyntax;
      if (negative) fraction = -fraction;
    } else if (*p != '\0') {
      return ParseStatus::kSyntax;
    }
    if (!sum_.Add(unit_, value, fraction)) return ParseStatus::kSyntax;
    part_ = unit_ == Unit::kSecond && fraction != 0 ? SecondBits() : Bit(unit_);
    if (unit_ == Unit::kHour) unit_ = Unit::kDay;  // '1 2' HOUR: the number before hours counts days
    return ParseStatus::kOk;
  }

  const int32_t fields_;
  Sum& sum_;
  uint32_t seen_ = 0, part_ = 0;
  Unit unit_ = Unit::kNone;  // of the number before
  bool named_ = false;       // is there such a unit?
};

// ISO 8601: P1Y2M3DT4H5M6S, P0001-02-03T04:05:06, P00010203T040506.
class IsoInterval {
 public:
  IsoInterval(const char* text, Sum* sum) : p_(text), sum_(*sum) {}

  ParseStatus Read() {
    if (p_[0] != 'P' || p_[1] == '\0') return ParseStatus::kSyntax;
    ++p_;
    bool in_time = false;
    any_ = false;
    while (*p_ != '\0') {
      if (*p_ == 'T') {
        in_time = true;
        any_ = false;
        ++p_;
        continue;
      }
      digits_ = Digits(p_);
      ParseStatus status = Number();
      if (status != ParseStatus::kOk) return status;
      bool done = false;
      status = in_time ? TimePart(&done) : DatePart(&in_time, &done);
      if (status != ParseStatus::kOk || done) return status;
    }
    return ParseStatus::kOk;
  }

 private:
  static int Digits(const char* p) {
    if (*p == '-') ++p;
    int count = 0;
    while (IsDigit(p[count])) ++count;
    return count;
  }
  ParseStatus Number() {
    if (!IsDigit(*p_) && *p_ != '-' && *p_ != '.') return ParseStatus::kSyntax;
    double value = 0;
    const char* begin = p_;
    const auto read = std::from_chars(begin, begin + std::strlen(begin), value);
    if (read.ptr == begin || read.ec != std::errc()) return ParseStatus::kSyntax;
    p_ = read.ptr;
    if (std::isnan(value) || value < -1e15 || value > 1e15) return ParseStatus::kIntervalRange;
    value_ = static_cast<int64_t>(value);
    fraction_ = value - static_cast<double>(value_);
    return ParseStatus::kOk;
  }
  ParseStatus Checked() const { return sum_.overflow() ? ParseStatus::kIntervalRange : ParseStatus::kOk; }

  // What stands before T.
  ParseStatus DatePart(bool* in_time, bool* done) {
    const char unit = *p_ == '\0' ? '\0' : *p_++;
    switch (unit) {
      case 'Y':
        sum_.Add(Unit::kYear, value_, fraction_);
        break;
      case 'M':
        sum_.Add(Unit::kMonth, value_, fraction_);
        break;
      case 'W':
        sum_.Add(Unit::kWeek, value_, fraction_);
        break;
      case 'D':
        sum_.Add(Unit::kDay, value_, fraction_);
        break;
      case 'T':
      case '\0':
        if (digits_ == 8 && !any_) {  // YYYYMMDD
          sum_.Years(value_ / 10000, 1);
          sum_.Months(value_ / 100 % 100);
          sum_.Days(value_ % 100, 1);
          sum_.FractionOfMicros(fraction_, kMicrosPerDay);
          *done = unit == '\0';
          *in_time = true;
          any_ = false;
          return Checked();
        }
        [[fallthrough]];
      case '-':
        return Dashed(unit, in_time, done);
      default:
        return ParseStatus::kSyntax;
    }
    any_ = true;
    return Checked();
  }
  // YYYY-MM-DD, any of which may be the last.
  ParseStatus Dashed(char unit, bool* in_time, bool* done) {
    if (any_) return ParseStatus::kSyntax;
    sum_.Add(Unit::kYear, value_, fraction_);
    for (Unit next : {Unit::kMonth, Unit::kDay}) {
      if (sum_.overflow()) return ParseStatus::kIntervalRange;
      if (unit == '\0' || unit == 'T') break;
      if (unit != '-') return ParseStatus::kSyntax;
      const ParseStatus status = Number();
      if (status != ParseStatus::kOk) return status;
      sum_.Add(next, value_, fraction_);
      unit = *p_ == '\0' ? '\0' : *p_++;
    }
    if (unit != '\0' && unit != 'T') return ParseStatus::kSyntax;
    *done = unit == '\0';
    *in_time = true;
    any_ = false;
    return Checked();
  }
  ParseStatus TimePart(bool* done) {
    const char unit = *p_ == '\0' ? '\0' : *p_++;
    switch (unit) {
      case 'H':
        sum_.Add(Unit::kHour, value_, fraction_);
        break;
      case 'M':
        sum_.Add(Unit::kMinute, value_, fraction_);
        break;
      case 'S':
        sum_.Add(Unit::kSecond, value_, fraction_);
        break;
      case '\0':
        if (digits_ == 6 && !any_) {  // HHMMSS
          sum_.Micros(value_ / 10000, kMicrosPerHour);
          sum_.Micros(value_ / 100 % 100, kMicrosPerMinute);
          sum_.Micros(value_ % 100, kMicrosPerSecond);
          sum_.FractionOfMicros(fraction_, 1);
          *done = true;
          return Checked();
        }
        [[fallthrough]];
      case ':':
        return Colons(unit, done);
      default:
        return ParseStatus::kSyntax;
    }
    any_ = true;
    return Checked();
  }
  // HH:MM:SS, any of which may be the last.
  ParseStatus Colons(char unit, bool* done) {
    if (any_) return ParseStatus::kSyntax;
    sum_.Add(Unit::kHour, value_, fraction_);
    for (Unit next : {Unit::kMinute, Unit::kSecond}) {
      if (sum_.overflow()) return ParseStatus::kIntervalRange;
      if (unit == '\0') break;
      if (unit != ':') return ParseStatus::kSyntax;
      const ParseStatus status = Number();
      if (status != ParseStatus::kOk) return status;
      sum_.Add(next, value_, fraction_);
      unit = *p_ == '\0' ? '\0' : *p_++;
    }
    if (unit != '\0') return ParseStatus::kSyntax;
    *done = true;
    return Checked();
  }

  const char* p_;
  Sum& sum_;
  int64_t value_ = 0;
  double fraction_ = 0;
  int digits_ = 0;    // of the number's whole part
  bool any_ = false;  // was there a field in this part?
};

}  // namespace

bool ApplyIntervalModifier(int32_t modifier, Interval* i) {
  if (modifier < 0) return true;
  const int32_t fields = (modifier >> 16) & 0x7FFF, precision = modifier & 0xFFFF;
  constexpr int32_t kYearMonth = kYearField | kMonthField;
  if (fields != kAllIntervalFields) {
    if (fields == kYearField) i->months = i->months / 12 * 12;
    if ((fields & ~kYearMonth) == 0) i->days = 0;
    int64_t unit = 1;
    if ((fields & (kHourField | kMinuteField | kSecondField)) == 0)
      i->micros = 0;
    else if ((fields & kSecondField) == 0)
      unit = (fields & kMinuteField) != 0 ? kMicrosPerMinute : kMicrosPerHour;
    i->micros = i->micros / unit * unit;
  }
  if (precision < 6) {
    static constexpr int64_t kUnits[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    const int64_t unit = kUnits[precision], half = unit / 2;
    int64_t sum;
    if (__builtin_add_overflow(i->micros, i->micros >= 0 ? half : -half, &sum)) return false;
    i->micros = sum / unit * unit;
  }
  return true;
}

ParseStatus ReadInterval(std::string_view text, int32_t modifier, Interval* out) {
  Sum sum;
  DatetimeTokens tokens;
  ParseStatus status = tokens.Read(text, 256);
  if (status == ParseStatus::kOk) status = IntervalFields(modifier < 0 ? kAllIntervalFields : (modifier >> 16) & 0x7FFF, &sum).Read(tokens);
  if (status == ParseStatus::kSyntax) {
    sum = Sum();
    char buffer[256];
    if (text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return ParseStatus::kSyntax;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    status = IsoInterval(buffer, &sum).Read();
  }
  if (status != ParseStatus::kOk) return status;
  status = sum.Finish(out);
  if (status == ParseStatus::kOk && !ApplyIntervalModifier(modifier, out)) status = ParseStatus::kRange;
  return status;
}

ParseStatus ParseInterval(std::string_view text, Interval* out) { return ReadInterval(text, -1, out); }

}  // namespace kappa
