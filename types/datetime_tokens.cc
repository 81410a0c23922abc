#include "types/datetime_tokens.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace kappa {

namespace {

bool IsPunctuation(char c) { return c > ' ' && c < 127 && !IsDigit(c) && !IsAlpha(c); }
bool IsAlnum(char c) { return IsDigit(c) || IsAlpha(c); }

struct WordRow {
  std::string_view name;
  DateWord word;
  int value;
};

// Sorted. PostgreSQL looks at the first ten letters of a word.
constexpr WordRow kWords[] = {
    {"+infinity", DateWord::kInfinity, 0},
    {"-infinity", DateWord::kMinusInfinity, 0},
    {"ad", DateWord::kEra, 0},
    {"allballs", DateWord::kAllBalls, 0},
    {"am", DateWord::kAmPm, 0},
    {"apr", DateWord::kMonth, 4},
    {"april", DateWord::kMonth, 4},
    {"at", DateWord::kIgnored, 0},
    {"aug", DateWord::kMonth, 8},
    {"august", DateWord::kMonth, 8},
    {"bc", DateWord::kEra, 1},
    {"d", DateWord::kUnit, 'd'},
    {"dec", DateWord::kMonth, 12},
    {"december", DateWord::kMonth, 12},
    {"dow", DateWord::kUnit, 'x'},
    {"doy", DateWord::kUnit, 'x'},
    {"dst", DateWord::kDaylight, 0},
    {"epoch", DateWord::kEpoch, 0},
    {"feb", DateWord::kMonth, 2},
    {"february", DateWord::kMonth, 2},
    {"fri", DateWord::kWeekday, 5},
    {"friday", DateWord::kWeekday, 5},
    {"h", DateWord::kUnit, 'h'},
    {"infinity", DateWord::kInfinity, 0},
    {"isodow", DateWord::kUnit, 'x'},
    {"isoyear", DateWord::kUnit, 'x'},
    {"j", DateWord::kUnit, 'j'},
    {"jan", DateWord::kMonth, 1},
    {"january", DateWord::kMonth, 1},
    {"jd", DateWord::kUnit, 'j'},
    {"jul", DateWord::kMonth, 7},
    {"julian", DateWord::kUnit, 'j'},
    {"july", DateWord::kMonth, 7},
    {"jun", DateWord::kMonth, 6},
    {"june", DateWord::kMonth, 6},
    {"m", DateWord::kUnit, 'm'},
    {"mar", DateWord::kMonth, 3},
    {"march", DateWord::kMonth, 3},
    {"may", DateWord::kMonth, 5},
    {"mm", DateWord::kUnit, 'n'},
    {"mon", DateWord::kWeekday, 1},
    {"monday", DateWord::kWeekday, 1},
    {"nov", DateWord::kMonth, 11},
    {"november", DateWord::kMonth, 11},
    {"now", DateWord::kNow, 0},
    {"oct", DateWord::kMonth, 10},
    {"october", DateWord::kMonth, 10},
    {"on", DateWord::kIgnored, 0},
    {"pm", DateWord::kAmPm, 1},
    {"s", DateWord::kUnit, 's'},
    {"sat", DateWord::kWeekday, 6},
    {"saturday", DateWord::kWeekday, 6},
    {"sep", DateWord::kMonth, 9},
    {"sept", DateWord::kMonth, 9},
    {"september", DateWord::kMonth, 9},
    {"sun", DateWord::kWeekday, 0},
    {"sunday", DateWord::kWeekday, 0},
    {"t", DateWord::kIsoTime, 0},
    {"thu", DateWord::kWeekday, 4},
    {"thur", DateWord::kWeekday, 4},
    {"thurs", DateWord::kWeekday, 4},
    {"thursday", DateWord::kWeekday, 4},
    {"today", DateWord::kToday, 0},
    {"tomorrow", DateWord::kTomorrow, 0},
    {"tue", DateWord::kWeekday, 2},
    {"tues", DateWord::kWeekday, 2},
    {"tuesday", DateWord::kWeekday, 2},
    {"wed", DateWord::kWeekday, 3},
    {"wednesday", DateWord::kWeekday, 3},
    {"weds", DateWord::kWeekday, 3},
    {"y", DateWord::kUnit, 'y'},
    {"yesterday", DateWord::kYesterday, 0},
};

}  // namespace

DateWord FindDateWord(std::string_view lower, int* value) {
  lower = lower.substr(0, 10);
  const WordRow* row = std::lower_bound(std::begin(kWords), std::end(kWords), lower, [](const WordRow& a, std::string_view b) { return a.name < b; });
  if (row == std::end(kWords) || row->name != lower) return DateWord::kUnknown;
  *value = row->value;
  return row->word;
}

ParseStatus DatetimeTokens::Read(std::string_view text, size_t limit) {
  const char* p = text.data();
  const char* const end = p + text.size();
  char* out = buffer_;
  char* const out_end = buffer_ + std::min(limit, sizeof buffer_ - 2);
  const auto at = [&](char c) { return p < end && *p == c; };
  const auto digit = [&] { return p < end && IsDigit(*p); };
  const auto alpha = [&] { return p < end && IsAlpha(*p); };
  bool full = false;
  const auto put = [&] {
    if (out >= out_end)
      full = true;
    else
      *out++ = AsciiLower(*p);
    ++p;
  };
  count_ = 0;
  while (p < end) {
    if (IsSpace(*p)) {
      ++p;
      continue;
    }
    if (IsPunctuation(*p) && *p != '.' && *p != '+' && *p != '-') {  // of no meaning here
      ++p;
      continue;
    }
    DatetimeToken token;
    token.text = out;
    if (digit()) {
      while (digit()) put();
      if (at(':')) {
        token.kind = DatetimeToken::kTime;
        while (p < end && (IsDigit(*p) || *p == ':' || *p == '.')) put();
      } else if (at('-') || at('/') || at('.')) {
        const char separator = *p;
        put();
        if (digit()) {  // no name of a month inside
          token.kind = separator == '.' ? DatetimeToken::kNumber : DatetimeToken::kDate;
          while (digit()) put();
          if (at(separator)) {
            token.kind = DatetimeToken::kDate;
            while (p < end && (IsDigit(*p) || *p == separator)) put();
          }
        } else {
          token.kind = DatetimeToken::kDate;
          while (p < end && (IsAlnum(*p) || *p == separator)) put();
        }
      }
    } else if (at('.')) {
      put();
      while (digit()) put();
    } else if (alpha()) {
      token.kind = DatetimeToken::kWord;
      while (alpha()) put();
      bool is_date = at('-') || at('/') || at('.');
      int value = 0;
      if ((at('+') || digit()) && FindDateWord({token.text, static_cast<size_t>(out - token.text)}, &value) == DateWord::kUnknown) is_date = true;
      if (is_date) {
        token.kind = DatetimeToken::kDate;
        while (p < end && (IsAlnum(*p) || *p == '+' || *p == '-' || *p == '/' || *p == '_' || *p == '.' || *p == ':')) put();
      }
    } else if (at('+') || at('-')) {
      put();
      while (p < end && IsSpace(*p)) ++p;
      if (digit()) {
        token.kind = DatetimeToken::kZone;
        while (p < end && (IsDigit(*p) || *p == ':' || *p == '.' || *p == '-')) put();
      } else if (alpha()) {
        token.kind = DatetimeToken::kSpecial;
        while (alpha()) put();
      } else {
        return ParseStatus::kSyntax;
      }
    } else {
      return ParseStatus::kSyntax;
    }
    if (out >= out_end || full || count_ >= kMost) return ParseStatus::kSyntax;
    *out++ = '\0';
    tokens_[count_++] = token;
  }
  return ParseStatus::kOk;
}

}  // namespace kappa
