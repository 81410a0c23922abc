#include "types/posix_zone.h"

#include <algorithm>

#include "types/datetime.h"

namespace kappa {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

// When a change happens in each year.
struct YearlyChange {
  enum Kind { kJulian, kDayOfYear, kWeekday } kind = kJulian;
  int32_t day = 0;  // kJulian: 1..365, February 29 not counted; kDayOfYear: 0..365; kWeekday: 0..6, 0 = Sunday
  int32_t week = 0;
  int32_t month = 0;
  int32_t seconds = 2 * 3600;  // after midnight, of the local time before the change

  // Seconds since 1970, were the local time UTC.
  int64_t InYear(int64_t year) const {
    int64_t days = DaysFromCivil(year, 1, 1);
    switch (kind) {
      case kJulian:
        days += day - 1 + (IsLeapYear(year) && day >= 60);
        break;
      case kDayOfYear:
        days += day;
        break;
      case kWeekday: {
        days = DaysFromCivil(year, month, 1);
        const int length = DaysInMonth(year, month);
        int at = (day - DayOfWeek(days) + 7) % 7 + (week - 1) * 7;
        while (at >= length) at -= 7;
        days += at;
        break;
      }
    }
    return days * kSecondsPerDay + seconds;
  }
};

class PosixZone final : public TimeZone {
 public:
  explicit PosixZone(std::string name) : TimeZone(std::move(name)) {}

  ZoneSpan At(int64_t seconds) const override {
    ZoneSpan span;
    span.offset = standard_offset_;
    span.abbreviation = standard_name_;
    if (!has_dst_) return span;
    // The changes of three years; the last before `seconds` is in force.
    struct Change {
      int64_t at;
      bool dst;
    };
    Change changes[6];
    const int64_t year = CivilFromDays(FloorDivide(seconds, kSecondsPerDay)).year;
    for (int i = 0; i < 3; ++i) {
      changes[2 * i] = {begin_.InYear(year - 1 + i) - standard_offset_, true};
      changes[2 * i + 1] = {end_.InYear(year - 1 + i) - dst_offset_, false};
    }
    std::sort(std::begin(changes), std::end(changes), [](const Change& a, const Change& b) { return a.at != b.at ? a.at < b.at : a.dst < b.dst; });
    for (const Change& change : changes) {
      if (change.at > seconds) {
        span.end = change.at;
        break;
      }
      span.begin = change.at;
      span.dst = change.dst;
    }
    if (span.dst) {
      span.offset = dst_offset_;
      span.abbreviation = dst_name_;
    }
    return span;
  }

 private:
  friend class PosixReader;
  std::string standard_name_, dst_name_;
  int32_t standard_offset_ = 0, dst_offset_ = 0;
  bool has_dst_ = false;
  YearlyChange begin_, end_;
};

class PosixReader {
 public:
  explicit PosixReader(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  bool Read(PosixZone* zone) {
    int32_t west = 0;
    if (!ReadName(&zone->standard_name_) || p_ == end_ || !ReadOffset(&west)) return false;
    zone->standard_offset_ = -west;
    if (p_ == end_) return true;
    zone->has_dst_ = true;
    if (!ReadName(&zone->dst_name_) || zone->dst_name_.empty()) return false;
    zone->dst_offset_ = zone->standard_offset_ + 3600;
    if (p_ < end_ && *p_ != ',' && *p_ != ';') {
      if (!ReadOffset(&west)) return false;
      zone->dst_offset_ = -west;
    }
    if (p_ == end_) return PosixReader(",M3.2.0,M11.1.0").ReadRules(zone);
    return ReadRules(zone);
  }

 private:
  bool ReadRules(PosixZone* zone) {
    if (*p_ != ',' && *p_ != ';') return false;
    ++p_;
    if (!ReadChange(&zone->begin_) || p_ == end_ || *p_++ != ',') return false;
    return ReadChange(&zone->end_) && p_ == end_;
  }
  bool ReadName(std::string* name) {
    const char* begin = p_;
    if (p_ < end_ && *p_ == '<') {
      begin = ++p_;
      while (p_ < end_ && *p_ != '>') ++p_;
      if (p_ == end_) return false;
      name->assign(begin, p_++);
      return true;
    }
    while (p_ < end_ && !IsDigit(*p_) && *p_ != ',' && *p_ != '-' && *p_ != '+') ++p_;
    name->assign(begin, p_);
    return true;
  }
  bool ReadNumber(int32_t least, int32_t most, int32_t* value) {
    if (p_ == end_ || !IsDigit(*p_)) return false;
    *value = 0;
    for (; p_ < end_ && IsDigit(*p_); ++p_) {
      *value = *value * 10 + (*p_ - '0');
      if (*value > most) return false;
    }
    return *value >= least;
  }
  // [+-]hh[:mm[:ss]]
  bool ReadOffset(int32_t* seconds) {
    bool negative = false;
    if (p_ < end_ && (*p_ == '-' || *p_ == '+')) negative = *p_++ == '-';
    int32_t hours = 0, minutes = 0, rest = 0;
    if (!ReadNumber(0, 24 * 7 - 1, &hours)) return false;
    if (p_ < end_ && *p_ == ':') {
      ++p_;
      if (!ReadNumber(0, 59, &minutes)) return false;
      if (p_ < end_ && *p_ == ':') {
        ++p_;
        if (!ReadNumber(0, 60, &rest)) return false;
      }
    }
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative) *seconds = -*seconds;
    return true;
  }
  bool ReadChange(YearlyChange* change) {
    if (p_ == end_) return false;
    if (*p_ == 'J') {
      ++p_;
      change->kind = YearlyChange::kJulian;
      if (!ReadNumber(1, 365, &change->day)) return false;
    } else if (*p_ == 'M') {
      ++p_;
      change->kind = YearlyChange::kWeekday;
      if (!ReadNumber(1, 12, &change->month) || p_ == end_ || *p_++ != '.') return false;
      if (!ReadNumber(1, 5, &change->week) || p_ == end_ || *p_++ != '.') return false;
      if (!ReadNumber(0, 6, &change->day)) return false;
    } else {
      change->kind = YearlyChange::kDayOfYear;
      if (!ReadNumber(0, 365, &change->day)) return false;
    }
    if (p_ < end_ && *p_ == '/') {
      ++p_;
      return ReadOffset(&change->seconds);
    }
    return true;
  }

  const char* p_;
  const char* end_;
};

}  // namespace

std::unique_ptr<TimeZone> ParsePosixZone(std::string_view rule) {
  if (rule.size() > 255) return nullptr;
  // PostgreSQL keeps its zones by the upper case of what was asked for.
  std::string name(rule);
  std::transform(name.begin(), name.end(), name.begin(), AsciiUpper);
  auto zone = std::make_unique<PosixZone>(name);
  if (!PosixReader(name).Read(zone.get())) return nullptr;
  return zone;
}

}  // namespace kappa
