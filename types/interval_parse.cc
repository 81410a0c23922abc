// Texts to intervals: PostgreSQL's own form, SQL's, and ISO 8601 durations.
#include <charconv>
#include <cstring>

#include "types/datetime.h"

namespace kappa {

namespace {

enum class Unit : uint8_t { kNone, kMicrosecond, kMillisecond, kSecond, kMinute, kHour, kDay, kWeek, kMonth, kYear, kDecade, kCentury, kMillennium };

struct UnitName {
  const char* name;
  Unit unit;
};

constexpr UnitName kUnitNames[] = {
    {"us", Unit::kMicrosecond},
    {"usec", Unit::kMicrosecond},
    {"usecs", Unit::kMicrosecond},
    {"useconds", Unit::kMicrosecond},
    {"microsecond", Unit::kMicrosecond},
    {"microseconds", Unit::kMicrosecond},
    {"ms", Unit::kMillisecond},
    {"msec", Unit::kMillisecond},
    {"msecs", Unit::kMillisecond},
    {"mseconds", Unit::kMillisecond},
    {"millisecond", Unit::kMillisecond},
    {"milliseconds", Unit::kMillisecond},
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
    if (EqualsIgnoringCase(word, entry.name)) return entry.unit;
  }
  return Unit::kNone;
}

// What was read so far, wider than an Interval so that only the end decides about its range.
class Sum {
 public:
  void Months(int64_t count, int64_t each) { Accumulate(count, each, &months_); }
  void Days(int64_t count, int64_t each) { Accumulate(count, each, &days_); }
  void Micros(int64_t count, int64_t each) { Accumulate(count, each, &micros_); }
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
  void FractionOfYears(double fraction, int each) { Months(static_cast<int64_t>(__builtin_rint(fraction * each * 12)), 1); }

  bool Add(Unit unit, int64_t value, double fraction) {
    switch (unit) {
      case Unit::kMicrosecond:
        Micros(value + static_cast<int64_t>(__builtin_rint(fraction)), 1);
        return true;
      case Unit::kMillisecond:
        Micros(value, 1000);
        FractionOfMicros(fraction, 1000);
        return true;
      case Unit::kSecond:
        Micros(value, kMicrosPerSecond);
        FractionOfMicros(fraction, kMicrosPerSecond);
        return true;
      case Unit::kMinute:
        Micros(value, kMicrosPerMinute);
        FractionOfMicros(fraction, kMicrosPerMinute);
        return true;
      case Unit::kHour:
        Micros(value, kMicrosPerHour);
        FractionOfMicros(fraction, kMicrosPerHour);
        return true;
      case Unit::kDay:
        Days(value, 1);
        FractionOfMicros(fraction, kMicrosPerDay);
        return true;
      case Unit::kWeek:
        Days(value, 7);
        FractionOfDays(fraction, 7);
        return true;
      case Unit::kMonth:
        Months(value, 1);
        FractionOfDays(fraction, 30);
        return true;
      case Unit::kYear:
        Months(value, 12);
        FractionOfYears(fraction, 1);
        return true;
      case Unit::kDecade:
        Months(value, 120);
        FractionOfYears(fraction, 10);
        return true;
      case Unit::kCentury:
        Months(value, 1200);
        FractionOfYears(fraction, 100);
        return true;
      case Unit::kMillennium:
        Months(value, 12000);
        FractionOfYears(fraction, 1000);
        return true;
      case Unit::kNone:
        break;
    }
    return false;
  }
  void Negate() {
    months_ = -months_;
    days_ = -days_;
    if (micros_ == INT64_MIN)
      overflow_ = true;
    else
      micros_ = -micros_;
  }
  ParseStatus Finish(Interval* out) const {
    if (overflow_ || months_ < INT32_MIN || months_ > INT32_MAX || days_ < INT32_MIN || days_ > INT32_MAX) return ParseStatus::kIntervalRange;
    *out = {micros_, static_cast<int32_t>(days_), static_cast<int32_t>(months_)};
    return ParseStatus::kOk;
  }
  void Overflow() { overflow_ = true; }

 private:
  void Accumulate(int64_t count, int64_t each, int64_t* total) {
    int64_t amount;
    if (__builtin_mul_overflow(count, each, &amount) || __builtin_add_overflow(*total, amount, total)) overflow_ = true;
  }
  int64_t months_ = 0, days_ = 0, micros_ = 0;
  bool overflow_ = false;
};

struct Number {
  bool negative = false;
  int64_t whole = 0;    // signed
  double fraction = 0;  // signed
  bool has_fraction = false;
  int digits = 0;
};

class IntervalReader {
 public:
  explicit IntervalReader(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  ParseStatus Read(Interval* out) {
    SkipSpace();
    if (p_ < end_ && *p_ == '@') ++p_;
    SkipSpace();
    if (p_ == end_) return ParseStatus::kSyntax;
    const ParseStatus status = AsciiLower(*p_) == 'p' ? ReadIso() : ReadFields();
    if (status != ParseStatus::kOk) return status;
    return sum_.Finish(out);
  }

 private:
  void SkipSpace() {
    while (p_ < end_ && IsSpace(*p_)) ++p_;
  }
  bool ReadNumber(Number* number) {
    *number = {};
    if (p_ < end_ && (*p_ == '-' || *p_ == '+')) number->negative = *p_++ == '-';
    for (; p_ < end_ && IsDigit(*p_); ++p_, ++number->digits) {
      if (__builtin_mul_overflow(number->whole, int64_t{10}, &number->whole) ||
          __builtin_sub_overflow(number->whole, int64_t{*p_ - '0'}, &number->whole))
        sum_.Overflow();
    }
    if (!number->negative && __builtin_sub_overflow(int64_t{0}, number->whole, &number->whole)) sum_.Overflow();
    if (p_ < end_ && *p_ == '.') {
      const char* const begin = p_++;
      while (p_ < end_ && IsDigit(*p_)) ++p_;
      number->has_fraction = true;
      if (p_ - begin > 1)
        std::from_chars(begin, p_, number->fraction);
      else if (number->digits == 0)
        return false;
      if (number->negative) number->fraction = -number->fraction;
    }
    return number->digits > 0 || number->has_fraction;
  }
  // The rest of [H]H:MM[:SS[.f]] or MM:SS.f, after its first number.
  ParseStatus ReadClock(const Number& first) {
    Number minute, second;
    ++p_;
    if (p_ == end_ || !IsDigit(*p_) || !ReadNumber(&minute)) return ParseStatus::kSyntax;
    int64_t hours = first.whole < 0 ? -first.whole : first.whole, minutes = minute.whole, seconds = 0;
    double fraction = 0;
    if (minute.has_fraction) {  // MM:SS.f
      seconds = minute.whole;
      fraction = minute.fraction;
      minutes = hours;
      hours = 0;
    } else if (p_ < end_ && *p_ == ':') {
      ++p_;
      if (p_ == end_ || !IsDigit(*p_) || !ReadNumber(&second)) return ParseStatus::kSyntax;
      seconds = second.whole;
      fraction = second.fraction;
    }
    if (minutes > 59 || seconds > 60) return ParseStatus::kIntervalRange;
    const int64_t sign = first.negative ? -1 : 1;
    sum_.Micros(sign * hours, kMicrosPerHour);
    sum_.Micros(sign * minutes, kMicrosPerMinute);
    sum_.Micros(sign * seconds, kMicrosPerSecond);
    sum_.Micros(sign * static_cast<int64_t>(__builtin_rint(fraction * 1e6)), 1);
    return ParseStatus::kOk;
  }
  ParseStatus ReadFields() {
    uint32_t seen = 0;
    bool any = false;
    for (SkipSpace(); p_ < end_; SkipSpace()) {
      if (IsAlpha(*p_)) {  // only "ago", at the end
        const std::string_view word = ReadWord();
        SkipSpace();
        if (!any || p_ != end_ || !EqualsIgnoringCase(word, "ago")) return ParseStatus::kSyntax;
        sum_.Negate();
        return ParseStatus::kOk;
      }
      Number number;
      if (!ReadNumber(&number)) return ParseStatus::kSyntax;
      any = true;
      Unit unit = Unit::kNone;
      if (p_ < end_ && *p_ == ':' && !number.has_fraction) {
        const ParseStatus status = ReadClock(number);
        if (status != ParseStatus::kOk) return status;
        if (seen & kClockBits) return ParseStatus::kSyntax;
        seen |= kClockBits;
        continue;
      }
      if (p_ + 1 < end_ && *p_ == '-' && IsDigit(p_[1]) && !number.has_fraction) {  // years-months
        ++p_;
        Number months;
        if (!ReadNumber(&months) || months.has_fraction) return ParseStatus::kSyntax;
        if (months.whole > 11) return ParseStatus::kIntervalRange;
        sum_.Months(number.whole, 12);
        sum_.Months(number.negative ? -months.whole : months.whole, 1);
        continue;
      }
      SkipSpace();
      const char* const before = p_;
      if (p_ < end_ && IsAlpha(*p_)) {
        unit = FindUnit(ReadWord());
        if (unit == Unit::kNone) {
          p_ = before;
          if (!EqualsIgnoringCase(std::string_view(p_, static_cast<size_t>(end_ - p_)), "ago")) return ParseStatus::kSyntax;
          unit = Unit::kSecond;
        }
      } else {
        unit = ClockAhead() ? Unit::kDay : Unit::kSecond;  // '1 02:03:04' is a day and a time; '10' are seconds
        if (p_ < end_ && unit == Unit::kSecond) return ParseStatus::kSyntax;
      }
      const uint32_t bit = 1u << static_cast<int>(unit);
      if (seen & bit) return ParseStatus::kSyntax;
      seen |= bit;
      sum_.Add(unit, number.whole, number.fraction);
    }
    return any ? ParseStatus::kOk : ParseStatus::kSyntax;
  }
  bool ClockAhead() const {
    const char* q = p_;
    if (q < end_ && (*q == '-' || *q == '+')) ++q;
    const char* const digits = q;
    while (q < end_ && IsDigit(*q)) ++q;
    return q > digits && q < end_ && *q == ':';
  }
  std::string_view ReadWord() {
    const char* const begin = p_;
    while (p_ < end_ && IsAlpha(*p_)) ++p_;
    return {begin, static_cast<size_t>(p_ - begin)};
  }
  ParseStatus ReadIso() {
    bool in_time = false, any = false;
    for (++p_; p_ < end_;) {
      if (AsciiLower(*p_) == 't' && !in_time) {
        in_time = true;
        ++p_;
        continue;
      }
      Number number;
      if (!ReadNumber(&number) || p_ == end_) return ParseStatus::kSyntax;
      Unit unit = Unit::kNone;
      switch (*p_++) {
        case 'Y':
          unit = in_time ? Unit::kNone : Unit::kYear;
          break;
        case 'M':
          unit = in_time ? Unit::kMinute : Unit::kMonth;
          break;
        case 'W':
          unit = in_time ? Unit::kNone : Unit::kWeek;
          break;
        case 'D':
          unit = in_time ? Unit::kNone : Unit::kDay;
          break;
        case 'H':
          unit = in_time ? Unit::kHour : Unit::kNone;
          break;
        case 'S':
          unit = in_time ? Unit::kSecond : Unit::kNone;
          break;
        default:
          break;
      }
      if (!sum_.Add(unit, number.whole, number.fraction)) return ParseStatus::kSyntax;
      any = true;
    }
    return any ? ParseStatus::kOk : ParseStatus::kSyntax;
  }

  static constexpr uint32_t kClockBits =
      (1u << static_cast<int>(Unit::kSecond)) | (1u << static_cast<int>(Unit::kMinute)) | (1u << static_cast<int>(Unit::kHour));
  const char* p_;
  const char* end_;
  Sum sum_;
};

}  // namespace

ParseStatus ParseInterval(std::string_view text, Interval* out) { return IntervalReader(TrimSpace(text)).Read(out); }

}  // namespace kappa
