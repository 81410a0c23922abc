#include "functions/scalar/number_template.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "functions/scalar/errors.h"
#include "types/numeric.h"
#include "types/text_format.h"

namespace kappa {

namespace {

enum class Mark : uint8_t {
  kNine,
  kZero,
  kPoint,
  kComma,
  kGroup,
  kCurrency,
  kBlank,
  kFill,
  kMinus,
  kPlus,
  kSign,
  kAnchoredSign,
  kBrackets,
  kRoman,
  kOrdinal,
  kScale,
  kScientific,
  kNothing,
  kLiteral
};

struct MarkName {
  std::string_view text;
  Mark mark;
};
// Each as it stands or all in lower case; of those that begin alike the longer first.
constexpr MarkName kMarks[] = {{",", Mark::kComma},    {".", Mark::kPoint},        {"0", Mark::kZero},     {"9", Mark::kNine},
                               {"B", Mark::kBlank},    {"C", Mark::kNothing},      {"D", Mark::kPoint},    {"EEEE", Mark::kScientific},
                               {"FM", Mark::kFill},    {"G", Mark::kGroup},        {"L", Mark::kCurrency}, {"MI", Mark::kMinus},
                               {"PL", Mark::kPlus},    {"PR", Mark::kBrackets},    {"RN", Mark::kRoman},   {"SG", Mark::kSign},
                               {"SP", Mark::kNothing}, {"S", Mark::kAnchoredSign}, {"TH", Mark::kOrdinal}, {"V", Mark::kScale}};

struct Node {
  Mark mark = Mark::kLiteral;
  bool lower = false;
  uint8_t size = 1;  // of a literal character
  const char* text = nullptr;
};

// A template, and what it says about the number as a whole.
struct Template {
  Node* nodes = nullptr;
  size_t count = 0;
  int before = 0, after = 0;  // digits before and after the point
  int shift = 0;              // digits behind V
  int zero_start = 0, zero_end = 0;
  int sign_at = 0;  // digits before the sign S
  enum { kNone, kBefore, kBehind } anchored = kNone;
  bool point = false, zero = false, blank = false, fill = false, sign = false, minus = false, plus = false, brackets = false, roman = false,
       scale = false, scientific = false;
};

bool Fail(CallContext& c, const char* message) { return c.Fail(sqlstate::kSyntaxError, message); }

// Takes one mark into account; false: it contradicts those before.
bool Count(CallContext& c, Mark mark, Template* t) {
  if (t->scientific && mark != Mark::kScientific) return Fail(c, "\"EEEE\" must be the last pattern used");
  switch (mark) {
    case Mark::kNine:
      if (t->brackets) return Fail(c, "\"9\" must be ahead of \"PR\"");
      if (t->scale)
        ++t->shift;
      else
        ++(t->point ? t->after : t->before);
      return true;
    case Mark::kZero:
      if (t->brackets) return Fail(c, "\"0\" must be ahead of \"PR\"");
      if (!t->zero && !t->point) {
        t->zero = true;
        t->zero_start = t->before + 1;
      }
      ++(t->point ? t->after : t->before);
      t->zero_end = t->before + t->after;
      return true;
    case Mark::kBlank:
      if (t->before == 0 && t->after == 0 && !t->zero) t->blank = true;
      return true;
    case Mark::kPoint:
      if (t->point) return Fail(c, "multiple decimal points");
      if (t->scale) return Fail(c, "cannot use \"V\" and decimal point together");
      t->point = true;
      return true;
    case Mark::kFill:
      t->fill = true;
      return true;
    case Mark::kAnchoredSign:
      if (t->sign) return Fail(c, "cannot use \"S\" twice");
      if (t->plus || t->minus || t->brackets) return Fail(c, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
      if (!t->point) {
        t->anchored = Template::kBefore;
        t->sign_at = t->before;
        t->sign = true;
      } else if (t->anchored == Template::kNone) {
        t->anchored = Template::kBehind;
        t->sign = true;
      }
      return true;
    case Mark::kMinus:
      if (t->sign) return Fail(c, "cannot use \"S\" and \"MI\" together");
      t->minus = true;
      return true;
    case Mark::kPlus:
      if (t->sign) return Fail(c, "cannot use \"S\" and \"PL\" together");
      t->plus = true;
      return true;
    case Mark::kSign:
      if (t->sign) return Fail(c, "cannot use \"S\" and \"SG\" together");
      t->minus = t->plus = true;
      return true;
    case Mark::kBrackets:
      if (t->sign || t->plus || t->minus) return Fail(c, "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
      t->brackets = true;
      return true;
    case Mark::kRoman:
      t->roman = true;
      return true;
    case Mark::kScale:
      if (t->point) return Fail(c, "cannot use \"V\" and decimal point together");
      t->scale = true;
      return true;
    case Mark::kScientific:
      if (t->scientific) return Fail(c, "cannot use \"EEEE\" twice");
      if (t->blank || t->fill || t->sign || t->brackets || t->minus || t->plus || t->roman || t->scale)
        return Fail(c, "\"EEEE\" is incompatible with other formats");
      t->scientific = true;
      return true;
    default:
      return true;
  }
}

const MarkName* FindMark(const char* p, const char* end, bool* lower) {
  for (const MarkName& mark : kMarks) {
    const size_t size = mark.text.size();
    if (static_cast<size_t>(end - p) < size) continue;
    bool same = true, folded = true;
    for (size_t i = 0; i < size; ++i) {
      same = same && p[i] == mark.text[i];
      folded = folded && p[i] == AsciiLower(mark.text[i]);
    }
    *lower = !same;
    if (same || folded) return &mark;
  }
  return nullptr;
}

bool ReadTemplate(CallContext& c, const Text& format, Template* t) {
  t->nodes = reinterpret_cast<Node*>(c.Allocate(sizeof(Node) * (size_t{format.size} + 1) + alignof(Node)));
  t->nodes = reinterpret_cast<Node*>((reinterpret_cast<uintptr_t>(t->nodes) + alignof(Node) - 1) / alignof(Node) * alignof(Node));
  const char* p = format.data;
  const char* const end = p + format.size;
  const auto literal = [&] {
    const size_t size = std::min<size_t>(Utf8Length(*p), static_cast<size_t>(end - p));
    t->nodes[t->count++] = {Mark::kLiteral, false, static_cast<uint8_t>(size), p};
    p += size;
  };
  while (p < end) {
    bool lower = false;
    if (const MarkName* mark = FindMark(p, end, &lower); mark != nullptr) {
      t->nodes[t->count++] = {mark->mark, lower, 0, p};
      p += mark->text.size();
      if (!Count(c, mark->mark, t)) return false;
    } else if (*p == '"') {
      for (++p; p < end && *p != '"';) {
        if (*p == '\\' && p + 1 < end) ++p;
        literal();
      }
      if (p < end) ++p;
    } else {
      if (*p == '\\' && p + 1 < end && p[1] == '"') ++p;
      literal();
    }
  }
  return true;
}

// The digits of a number that is to be written.
struct Digits {
  const char* text = "";  // without a sign, zero terminated
  char sign = '+';
  int spaces = 0;  // places of the template before its first digit
};

const char* OrdinalSuffix(const char* number) {
  const size_t size = std::strlen(number);
  const char last = size > 1 && number[size - 2] == '1' ? '0' : number[size - 1];
  return last == '1' ? "ST" : last == '2' ? "ND" : last == '3' ? "RD" : "TH";
}

class NumberWriter {
 public:
  NumberWriter(Template* t, const Digits& digits, char* out)
      : t_(*t), sign_(digits.sign), spaces_(digits.spaces), number_(digits.text), p_(digits.text), begin_(out), out_(out) {}

  // Was an ordinal asked for where there are no digits?
  bool no_number() const { return no_number_; }

  Text Write() {
    if (t_.zero_start > 0) --t_.zero_start;
    if (t_.scientific) {
      Put(number_);
      return Result();
    }
    if (t_.roman) {
      const bool fill = t_.fill;
      Node* const nodes = t_.nodes;
      const size_t count = t_.count;
      t_ = Template();
      t_.nodes = nodes;
      t_.count = count;
      t_.fill = fill;
      t_.roman = true;
      spaces_ = 0;
      sign_ = 0;
    }
    Prepare();
    for (size_t i = 0; i < t_.count; ++i) WriteNode(t_.nodes[i]);
    return Result();
  }

 private:
  Text Result() const { return Text(begin_, static_cast<size_t>((cut_ != nullptr ? cut_ : out_) - begin_)); }
  // A place beyond the number's digits ends the text.
  void Cut() {
    if (cut_ == nullptr) cut_ = out_;
  }
  void Put(const char* text) {
    while (*text != '\0') *out_++ = *text++;
  }

  void Prepare() {
    if (t_.plus || t_.minus) {  // PL, MI, SG write the sign themselves; PL alone leaves a minus to the number
      sign_written_ = !(t_.plus && !t_.minus);
    } else {
      if (sign_ != '-' && t_.fill) t_.brackets = false;
      sign_written_ = sign_ == '+' && t_.fill && !t_.sign;
      if (t_.anchored == Template::kBefore && t_.before == t_.sign_at) t_.anchored = Template::kBehind;
    }
    places_ = t_.after + t_.before - 1;
    if (t_.fill && t_.point) {  // the last digit behind the point that is not a zero, or is asked for by a 0
      if (const char* const point = std::strchr(number_, '.'); point != nullptr) {
        last_ = point;
        for (const char* q = point + 1; *q != '\0'; ++q) {
          if (*q != '0') last_ = q;
        }
        if (t_.zero_end > spaces_) {
          const auto end = static_cast<ptrdiff_t>(std::strlen(number_)) - 1;
          last_ = std::max(last_, number_ + std::min<ptrdiff_t>(end, t_.zero_end - spaces_));
        }
      }
    }
    if (!sign_written_ && spaces_ == 0) ++places_;
  }

  void WriteNode(const Node& node) {
    switch (node.mark) {
      case Mark::kNine:
      case Mark::kZero:
      case Mark::kPoint:
        if (!t_.roman) WritePlace(node.mark);
        return;
      case Mark::kComma:
      case Mark::kGroup:
        if (inside_)
          *out_++ = ',';
        else if (!t_.fill)
          *out_++ = ' ';
        return;
      case Mark::kCurrency:
        *out_++ = ' ';
        return;
      case Mark::kRoman:
        for (int i = static_cast<int>(std::strlen(p_)); !t_.fill && i < 15; ++i) *out_++ = ' ';
        for (const char* q = p_; *q != '\0'; ++q) *out_++ = node.lower ? AsciiLower(*q) : *q;
        return;
      case Mark::kOrdinal:
        if (t_.roman || *number_ == '#' || sign_ == '-' || t_.point) return;
        if (*number_ == '\0' || !IsDigit(number_[std::strlen(number_) - 1])) {
          no_number_ = true;
          return;
        }
        for (const char* q = OrdinalSuffix(number_); *q != '\0'; ++q) *out_++ = node.lower ? AsciiLower(*q) : *q;
        return;
      case Mark::kMinus:
        WriteSignOr('-');
        return;
      case Mark::kPlus:
        WriteSignOr('+');
        return;
      case Mark::kSign:
        if (sign_ != 0)
          *out_++ = sign_;
        else
          Cut();
        return;
      case Mark::kLiteral:
        std::memcpy(out_, node.text, node.size);
        out_ += node.size;
        return;
      default:
        return;
    }
  }
  void WriteSignOr(char sign) {
    if (sign_ == sign)
      *out_++ = sign;
    else if (!t_.fill)
      *out_++ = ' ';
  }

  // A zero before the point is written as a space: 0.1 by 9.9.
  bool ZeroBeforePoint() const { return !t_.zero && p_ == number_ && *number_ == '0' && t_.after != 0; }

  void WriteSign() {
    const bool reached = at_ >= spaces_ || (t_.zero && t_.zero_start == at_);
    if (sign_written_ || !reached || (ZeroBeforePoint() && !(last_ != nullptr && *last_ == '.'))) return;
    if (t_.sign) {
      if (t_.anchored == Template::kBefore) {
        *out_++ = sign_ == '-' ? '-' : '+';
        sign_written_ = true;
      }
    } else if (t_.brackets) {
      *out_++ = sign_ == '+' ? ' ' : '<';
      sign_written_ = true;
    } else if (sign_ == '+') {
      if (!t_.fill) *out_++ = ' ';
      sign_written_ = true;
    } else if (sign_ == '-') {
      *out_++ = '-';
      sign_written_ = true;
    }
  }

  void WriteDigit(Mark mark) {
    const bool ends_at_point = last_ != nullptr && *last_ == '.';
    if (*p_ == '.') {
      if (!ends_at_point || t_.fill) *out_++ = '.';
    } else if (last_ != nullptr && p_ > last_ && mark != Mark::kZero) {
      // zeros that FM leaves out
    } else if (ZeroBeforePoint()) {
      if (!t_.fill)
        *out_++ = ' ';
      else if (ends_at_point)
        *out_++ = '0';
    } else {
      if (*p_ != '\0')
        *out_++ = *p_;
      else
        Cut();
      inside_ = true;
    }
    if (*p_ != '\0') ++p_;
  }

  void WritePlace(Mark mark) {
    inside_ = false;
    WriteSign();
    if (at_ < spaces_ && (t_.zero_start > at_ || !t_.zero)) {
      if (!t_.fill) *out_++ = ' ';
    } else if (t_.zero && at_ < spaces_ && t_.zero_start <= at_) {
      *out_++ = '0';
      inside_ = true;
    } else {
      WriteDigit(mark);
    }
    int end = places_ + (spaces_ != 0 ? 1 : 0) + (t_.point ? 1 : 0);
    if (last_ != nullptr && last_ == p_) end = at_;
    if (at_ + 1 == end) {
      if (sign_written_ && t_.brackets)
        *out_++ = sign_ == '+' ? ' ' : '>';
      else if (t_.sign && t_.anchored == Template::kBehind)
        *out_++ = sign_ == '-' ? '-' : '+';
    }
    ++at_;
  }

  Template& t_;
  char sign_;
  int spaces_;
  const char* const number_;
  const char* p_;
  char* const begin_;
  char* out_;
  const char* last_ = nullptr;  // the last digit to be written, of FM behind a point
  const char* cut_ = nullptr;   // where the text ends
  bool sign_written_ = false;
  bool no_number_ = false;
  bool inside_ = false;  // among the digits
  int places_ = 0, at_ = 0;
};

const char* Roman(CallContext& c, int64_t value) {
  static constexpr const char* kOnes[] = {"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"};
  static constexpr const char* kTens[] = {"", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"};
  static constexpr const char* kHundreds[] = {"", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"};
  static constexpr const char* kThousands[] = {"", "M", "MM", "MMM"};
  if (value < 1 || value > 3999) return "###############";
  char* text = c.Allocate(20);
  std::snprintf(text, 20, "%s%s%s%s", kThousands[value / 1000], kHundreds[value / 100 % 10], kTens[value / 10 % 10], kOnes[value % 10]);
  return text;
}

// Where there is nothing to show: " #.####".
const char* Hashes(CallContext& c, int before, int size, bool space) {
  char* text = c.Allocate(static_cast<size_t>(size) + 2);
  std::memset(text, '#', static_cast<size_t>(size));
  text[size] = '\0';
  if (space) text[0] = ' ';
  text[before + (space ? 1 : 0)] = '.';
  return text;
}

// `text` is a plain number with its sign.
Digits Arrange(CallContext& c, const Template& t, const char* text) {
  Digits digits;
  digits.sign = *text == '-' ? '-' : '+';
  digits.text = *text == '-' ? text + 1 : text;
  const char* const point = std::strchr(digits.text, '.');
  const int before = static_cast<int>(point != nullptr ? point - digits.text : static_cast<ptrdiff_t>(std::strlen(digits.text)));
  if (before < t.before)
    digits.spaces = t.before - before;
  else if (before > t.before)
    digits.text = Hashes(c, t.before, t.before + t.after + 1, false);
  return digits;
}

bool Finish(CallContext& c, Template* t, const Digits& digits, const Text& format, Text* result) {
  // A place writes two characters at most; the longest text for one mark is a Roman number's.
  char* out = c.Allocate(size_t{format.size} * 8 + std::strlen(digits.text) + 64);
  NumberWriter writer(t, digits, out);
  *result = writer.Write();
  return !writer.no_number() || c.Fail(sqlstate::kInvalidTextRepresentation, "\"%s\" is not a number", digits.text, std::strlen(digits.text));
}

// Whole numbers: `after` zeros stand behind the point.
Digits ArrangeWhole(CallContext& c, const Template& t, int64_t value) {
  char* text = c.Allocate(32 + static_cast<size_t>(t.after));
  char* end = FormatInt(value, text);
  if (t.after > 0) {
    *end++ = '.';
    std::memset(end, '0', static_cast<size_t>(t.after));
    end += t.after;
  }
  *end = '\0';
  return Arrange(c, t, text);
}

// d.ddde+xx of a decimal, rounded half away from zero; 9.99 by 9.9EEEE is 10.0e+00, as PostgreSQL has it.
const char* ScientificNumeric(CallContext& c, const Numeric& value, int after) {
  char plain[kMaxNumericText + 1];
  *FormatNumeric(value, plain) = '\0';
  const bool negative = *plain == '-';
  char digits[kMaxNumericText + 2];
  int count = 0, exponent = 0;
  bool point = false, leading = true;
  int before = 0;
  for (const char* p = plain + negative; *p != '\0'; ++p) {
    if (*p == '.') {
      point = true;
      continue;
    }
    if (leading && *p == '0') {
      if (point) --exponent;
      continue;
    }
    if (leading) leading = false;
    digits[count++] = *p;
    if (!point) ++before;
  }
  exponent = before > 0 ? before - 1 : exponent - 1;
  if (count == 0) exponent = 0;  // zero
  char* text = c.Allocate(static_cast<size_t>(after) + 32);
  const auto digit = [&](int i) { return i < count ? digits[i] : '0'; };
  char* rounded = c.Allocate(static_cast<size_t>(after) + 2);
  for (int i = 0; i <= after; ++i) rounded[i] = digit(i);
  bool carried = false;
  if (digit(after + 1) >= '5') {
    int i = after;
    while (i >= 0 && rounded[i] == '9') rounded[i--] = '0';
    if (i >= 0)
      ++rounded[i];
    else
      carried = true;
  }
  char* out = text;
  *out++ = negative ? '-' : ' ';
  if (carried) *out++ = '1';
  *out++ = rounded[0];
  if (after > 0) {
    *out++ = '.';
    std::memcpy(out, rounded + 1, static_cast<size_t>(after));
    out += after;
  }
  std::snprintf(out, 16, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
  return text;
}

bool PowerOfTen(int exponent, Numeric* out) {
  *out = NumericFromInt(1);
  const Numeric ten = NumericFromInt(10);
  for (int i = 0; i < exponent; ++i) {
    if (NumericMultiply(*out, ten, out) != NumericStatus::kOk) return false;
  }
  return true;
}

}  // namespace

bool FormatNumberInt4(CallContext& c, int32_t value, const Text& format, Text* out) {
  if (format.size == 0) return true;
  Template t;
  if (!ReadTemplate(c, format, &t)) return false;
  Digits digits;
  if (t.roman) {
    digits.text = Roman(c, value);
  } else if (t.scientific) {
    char* text = c.Allocate(64 + static_cast<size_t>(t.after));
    std::snprintf(text, 64 + static_cast<size_t>(t.after), "%+.*e", t.after, static_cast<double>(value));
    if (*text == '+') *text = ' ';
    digits.text = text;
  } else {
    int64_t scaled = value;
    for (int i = 0; i < t.shift; ++i) {
      scaled *= 10;
      if (scaled > INT32_MAX || scaled < INT32_MIN || i > 10) return FailInt4(c);
    }
    t.before += t.shift;
    digits = ArrangeWhole(c, t, scaled);
  }
  return Finish(c, &t, digits, format, out);
}

bool FormatNumberInt8(CallContext& c, int64_t value, const Text& format, Text* out) {
  if (format.size == 0) return true;
  Template t;
  if (!ReadTemplate(c, format, &t)) return false;
  Digits digits;
  if (t.roman) {
    if (value > INT32_MAX || value < INT32_MIN) return FailInt4(c);
    digits.text = Roman(c, value);
  } else if (t.scientific) {
    digits.text = ScientificNumeric(c, NumericFromInt(value), t.after);
  } else {
    int64_t scaled = value;
    for (int i = 0; i < t.shift; ++i) {
      if (__builtin_mul_overflow(scaled, int64_t{10}, &scaled)) return FailInt8(c);
    }
    t.before += t.shift;
    digits = ArrangeWhole(c, t, scaled);
  }
  return Finish(c, &t, digits, format, out);
}

bool FormatNumberNumeric(CallContext& c, const Numeric& value, const Text& format, Text* out) {
  if (format.size == 0) return true;
  Template t;
  if (!ReadTemplate(c, format, &t)) return false;
  Digits digits;
  if (t.roman) {
    int64_t whole = 0;
    if (value.kind != Numeric::kFinite) {
      return c.Fail(sqlstate::kFeatureNotSupported,
                    value.kind == Numeric::kNaN ? "cannot convert NaN to integer" : "cannot convert infinity to integer");
    }
    if (!NumericToInt8(value, &whole) || whole > INT32_MAX || whole < INT32_MIN) return FailInt4(c);
    digits.text = Roman(c, whole);
  } else if (t.scientific) {
    digits.text = value.kind == Numeric::kFinite ? ScientificNumeric(c, value, t.after) : Hashes(c, t.before, t.before + t.after + 6, true);
  } else {
    Numeric scaled = value;
    if (t.scale && t.shift > 0) {
      Numeric power;
      if (!PowerOfTen(t.shift, &power)) return FailNumeric(c, NumericStatus::kOverflow);
      if (!CheckNumeric(c, NumericMultiply(value, power, &scaled))) return false;
      t.before += t.shift;
    }
    if (!CheckNumeric(c, NumericRound(scaled, t.after, &scaled))) return false;
    char* text = c.Allocate(kMaxNumericText + 2 + static_cast<size_t>(t.after));
    char* end = FormatNumeric(scaled, text);
    *end = '\0';
    if (scaled.kind == Numeric::kFinite && t.after > scaled.scale) {  // more digits behind the point than a numeric holds
      if (scaled.scale == 0) *end++ = '.';
      std::memset(end, '0', static_cast<size_t>(t.after - scaled.scale));
      end += t.after - scaled.scale;
      *end = '\0';
    }
    digits = Arrange(c, t, text);
  }
  return Finish(c, &t, digits, format, out);
}

namespace {

// Of a double or a float, which show 15 and 6 digits at most.
bool FormatFloat(CallContext& c, double value, int most_digits, const Text& format, Text* out) {
  if (format.size == 0) return true;
  Template t;
  if (!ReadTemplate(c, format, &t)) return false;
  Digits digits;
  constexpr size_t kRoom = 400;
  if (t.roman) {
    const double rounded = std::rint(value);
    digits.text = Roman(c, rounded >= 1 && rounded <= 3999 ? static_cast<int64_t>(rounded) : 0);
  } else if (t.scientific) {
    if (!std::isfinite(value)) {
      digits.text = Hashes(c, t.before, t.before + t.after + 6, true);
    } else {
      char* text = c.Allocate(64 + static_cast<size_t>(t.after));
      std::snprintf(text, 64 + static_cast<size_t>(t.after), "%+.*e", t.after, value);
      if (*text == '+') *text = ' ';
      digits.text = text;
    }
  } else {
    if (t.scale) {
      value *= std::pow(10, t.shift);
      if (most_digits == 6) value = static_cast<float>(value);
      t.before += t.shift;
    }
    const auto print = [&](int after, double shown) {
      if (std::isnan(shown)) return "NaN";
      if (std::isinf(shown)) return shown < 0 ? "-Infinity" : "Infinity";
      char* text = c.Allocate(kRoom + static_cast<size_t>(after));
      std::snprintf(text, kRoom + static_cast<size_t>(after), "%.*f", after, shown);
      return static_cast<const char*>(text);
    };
    const int before = static_cast<int>(std::strlen(print(0, std::fabs(value))));
    if (before >= most_digits)
      t.after = 0;
    else if (before + t.after > most_digits)
      t.after = most_digits - before;
    digits = Arrange(c, t, print(t.after, value));
  }
  return Finish(c, &t, digits, format, out);
}

}  // namespace

bool FormatNumberFloat4(CallContext& c, float value, const Text& format, Text* out) { return FormatFloat(c, value, 6, format, out); }
bool FormatNumberFloat8(CallContext& c, double value, const Text& format, Text* out) { return FormatFloat(c, value, 15, format, out); }

namespace {

class NumberReader {
 public:
  // `number` has room for every byte of the text, a sign and a point.
  NumberReader(const Template& t, const Text& text, char* number)
      : t_(t), p_(text.data), end_(text.data + text.size), number_(number), out_(number + 1) {
    *number_ = ' ';
  }

  void Read() {
    for (size_t i = 0; i < t_.count && p_ < end_; ++i) ReadNode(t_.nodes[i]);
    if (out_[-1] == '.') --out_;
    *out_ = '\0';
  }
  int read_after() const { return after_; }

 private:
  bool AtEnd() const { return p_ >= end_; }
  void SkipCharacter() { p_ = std::min(end_, p_ + Utf8Length(*p_)); }
  void SkipOthers(int count) {  // what cannot belong to a number
    for (; count > 0 && !AtEnd() && std::strchr("0123456789.,+-", *p_) == nullptr; --count) SkipCharacter();
  }

  void ReadNode(const Node& node) {
    switch (node.mark) {
      case Mark::kNine:
      case Mark::kZero:
      case Mark::kPoint:
        ReadPlace(node.mark);
        ++p_;
        return;
      case Mark::kComma:
      case Mark::kGroup:
        if ((inside_ || !t_.fill) && *p_ == ',') ++p_;
        return;
      case Mark::kCurrency:
        SkipOthers(1);
        return;
      case Mark::kOrdinal:
        if (t_.roman || *number_ == '#' || t_.point) return;
        SkipOthers(2);
        return;
      case Mark::kMinus:
        ReadSign("-");
        return;
      case Mark::kPlus:
        ReadSign("+");
        return;
      case Mark::kSign:
        ReadSign("-+");
        return;
      case Mark::kLiteral:
        SkipCharacter();
        return;
      default:
        return;
    }
  }
  void ReadSign(const char* signs) {
    if (std::strchr(signs, *p_) != nullptr && *p_ != '\0')
      *number_ = *p_++;
    else
      SkipOthers(1);
  }

  // Leaves p_ before what the caller then steps over.
  void ReadPlace(Mark mark) {
    bool read = false;
    if (*p_ == ' ') ++p_;
    if (AtEnd()) return;
    if (*number_ == ' ' && mark != Mark::kPoint && before_ + after_ == 0) {
      if (t_.sign && t_.anchored == Template::kBefore) {
        if (*p_ == '-' || *p_ == '+') *number_ = *p_++;
      } else if (*p_ == '-' || (t_.brackets && *p_ == '<')) {
        *number_ = '-';
        ++p_;
      } else if (*p_ == '+') {
        *number_ = '+';
        ++p_;
      }
    }
    if (AtEnd()) return;
    if (IsDigit(*p_)) {
      if (point_ && after_ == t_.after) return;
      *out_++ = *p_;
      ++(point_ ? after_ : before_);
      read = true;
    } else if (t_.point && !point_ && *p_ == '.') {
      *out_++ = '.';
      point_ = true;
      read = true;
    }
    if (AtEnd() || *number_ != ' ' || before_ + after_ == 0) return;
    if (t_.sign && read && p_ + 1 < end_ && !IsDigit(p_[1])) {  // S stands right behind the last digit
      if (p_[1] == '-' || p_[1] == '+') *number_ = *++p_;
    } else if (!read && !t_.sign && (t_.plus || t_.minus)) {
      if (*p_ == '-' || *p_ == '+') *number_ = *p_;
    }
  }

  const Template& t_;
  const char* p_;
  const char* end_;
  char* const number_;
  char* out_;
  int before_ = 0, after_ = 0;
  bool point_ = false;
  bool inside_ = false;
};

}  // namespace

namespace {

int DigitsBeforePoint(const Numeric& value) {
  char text[kMaxNumericText];
  const char* const end = FormatNumeric(value, text);
  const char* p = text + (*text == '-');
  while (p < end && *p == '0') ++p;
  const char* const digits = p;
  while (p < end && IsDigit(*p)) ++p;
  return static_cast<int>(p - digits);
}

}  // namespace

bool ReadNumber(CallContext& c, const Text& text, const Text& format, Numeric* out, bool* null) {
  *null = format.size == 0;
  if (*null) return true;
  Template t;
  if (!ReadTemplate(c, format, &t)) return false;
  if (t.scientific) return c.Fail(sqlstate::kFeatureNotSupported, "\"EEEE\" not supported for input");
  if (t.roman) return c.Fail(sqlstate::kFeatureNotSupported, "\"RN\" not supported for input");
  char* number = c.Allocate(size_t{text.size} + format.size + 4);
  NumberReader reader(t, text, number);
  reader.Read();
  const std::string_view digits(number);
  ParseStatus status = ParseNumeric(digits, out);
  if (status != ParseStatus::kOk) return FailParse(c, TypeId::kNumeric, status, Text(digits));
  if (!CheckNumeric(c, NumericRound(*out, reader.read_after(), out))) return false;
  if (DigitsBeforePoint(*out) > t.before + t.shift) return c.Fail(sqlstate::kNumericValueOutOfRange, "numeric field overflow");
  if (!t.scale) return true;
  constexpr int kDigits = 16;  // behind the point, as PostgreSQL's powers have at least
  if (t.shift > 38) return FailNumeric(c, NumericStatus::kOverflow);
  Numeric power;
  if (!PowerOfTen(t.shift < kDigits ? kDigits - t.shift : 0, &power)) return FailNumeric(c, NumericStatus::kOverflow);
  power.scale = t.shift < kDigits ? kDigits : t.shift;
  return CheckNumeric(c, NumericMultiply(*out, power, out));
}

}  // namespace kappa
