// The words and numbers of a date, time or interval text.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/text_format.h"

namespace kappa {

struct DatetimeToken {
  enum Kind : uint8_t {
    kNumber,   // 20, 20.5
    kWord,     // january, pst
    kDate,     // 2024-01-02, jan-02-2024, america/new_york
    kTime,     // 12:30:00.5
    kZone,     // +02:30
    kSpecial,  // -infinity
  };
  Kind kind = kNumber;
  char* text = nullptr;  // zero terminated, words in lower case; may be changed
  std::string_view view() const { return text; }
};

class DatetimeTokens {
 public:
  static constexpr int kMost = 25;
  // kSyntax: what is no part of any such text, or too much of it (`limit` bytes, up to 256).
  ParseStatus Read(std::string_view text, size_t limit);
  int count() const { return count_; }
  DatetimeToken& operator[](int i) { return tokens_[i]; }

 private:
  DatetimeToken tokens_[kMost];
  int count_ = 0;
  char buffer_[256 + 2 * kMost];
};

// What a word of a date stands for.
enum class DateWord : uint8_t {
  kUnknown,
  kIgnored,   // at, on
  kMonth,     // value: 1..12
  kWeekday,   // value: 0..6
  kAmPm,      // value: 1 for pm
  kEra,       // value: 1 for BC
  kUnit,      // what the next number is; value: the word's first letter, 'n' for minutes, 'x' for units that numbers do not have
  kIsoTime,   // t
  kDaylight,  // dst
  kNow,       // now and those below: a whole text
  kToday,
  kTomorrow,
  kYesterday,
  kAllBalls,  // 00:00:00 UTC
  kEpoch,
  kInfinity,
  kMinusInfinity,
};
DateWord FindDateWord(std::string_view lower, int* value);

}  // namespace kappa
