// Texts to dates and timestamps: the usual form; any other goes to datetime_input.cc.
#include <cstring>

#include "types/datetime.h"
#include "types/datetime_input.h"

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

ParseStatus ParseTimestamp(std::string_view text, Timestamp* out) {
  if (ParseTimestampFast(text.data(), text.size(), &out->micros)) return ParseStatus::kOk;
  return ReadTimestamp(text, {}, out);
}

ParseStatus ParseTimestampTz(std::string_view text, TimestampTz* out) {
  if (ParseTimestampFast(text.data(), text.size(), &out->micros)) return ParseStatus::kOk;
  return ReadTimestampTz(text, {}, out);
}

ParseStatus ParseDate(std::string_view text, Date* out) {
  if (text.size() == 10) {
    char whole[19];
    std::memcpy(whole, text.data(), 10);
    std::memcpy(whole + 10, " 00:00:00", 9);
    int64_t micros = 0;
    if (ParseTimestampFast(whole, sizeof whole, &micros)) {
      out->days = static_cast<int32_t>(FloorDivide(micros, kMicrosPerDay));
      return ParseStatus::kOk;
    }
  }
  return ReadDate(text, {}, out);
}

ParseStatus ParseTime(std::string_view text, Time* out) { return ReadTime(text, {}, out); }

}  // namespace kappa
