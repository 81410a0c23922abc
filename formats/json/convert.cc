#include "formats/json/convert.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "types/datetime.h"

namespace kappa::json {
namespace {

bool Fail(Problem* problem, SqlState state, const char* what, const char* where) {
  *problem = {state, what, where};
  return false;
}

template <typename T>
void Put(char* slot, const T& value) {
  std::memcpy(slot, &value, sizeof(T));
}

// Digits, point and exponent of a decimal number.
struct Decimal {
  bool negative = false;
  unsigned __int128 digits = 0;  // without leading zeros
  int count = 0;                 // of digits; over 38: `digits` is not exact
  int64_t scale = 0;             // value = digits / 10^scale; may be negative
};

// JSON's grammar or PostgreSQL's (sign +, spaces around, .5 and 5.); false: not a number.
bool ScanDecimal(const char* p, const char* q, Decimal* out) {
  while (p < q && (IsSpace(*p))) ++p;
  while (q > p && (IsSpace(q[-1]))) --q;
  if (p < q && (*p == '-' || *p == '+')) out->negative = *p++ == '-';
  bool point = false, any = false;
  for (; p < q; ++p) {
    if (*p == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    if (*p < '0' || *p > '9') break;
    any = true;
    if (out->count > 0 || *p != '0') ++out->count;
    if (out->count <= 38) out->digits = out->digits * 10 + static_cast<unsigned>(*p - '0');
    if (point) ++out->scale;
  }
  if (!any) return false;
  if (p == q) return true;
  if (*p != 'e' && *p != 'E') return false;
  ++p;
  bool negative = false;
  if (p < q && (*p == '-' || *p == '+')) negative = *p++ == '-';
  if (p == q) return false;
  int64_t exponent = 0;
  for (; p < q; ++p) {
    if (*p < '0' || *p > '9') return false;
    if (exponent < 1000000) exponent = exponent * 10 + (*p - '0');
  }
  out->scale += negative ? exponent : -exponent;
  return true;
}

unsigned __int128 PowerOfTen(int n) {
  unsigned __int128 result = 1;
  while (n-- > 0) result *= 10;
  return result;
}

void PutInteger(TypeId type, int64_t value, char* slot) {
  if (type == TypeId::kInt8)
    Put(slot, value);
  else if (type == TypeId::kInt4)
    Put(slot, static_cast<int32_t>(value));
  else
    Put(slot, static_cast<int16_t>(value));
}

bool ConvertInteger(TypeId type, const char* p, const char* q, char* slot, Problem* problem) {
  const bool minus = *p == '-';
  const char* digit = p + minus;
  if (q - digit <= 18 && digit < q) {  // plain digits, as nearly always
    int64_t value = 0;
    while (digit < q && *digit >= '0' && *digit <= '9') value = value * 10 + (*digit++ - '0');
    if (minus) value = -value;
    const bool fits = type == TypeId::kInt8 || (type == TypeId::kInt4 ? value == static_cast<int32_t>(value) : value == static_cast<int16_t>(value));
    if (digit == q && fits) return PutInteger(type, value, slot), true;
  }
  Decimal decimal;
  if (!ScanDecimal(p, q, &decimal)) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected an integer", p);
  unsigned __int128 magnitude = decimal.digits;
  const char* const range = type == TypeId::kInt8   ? "out of range for type bigint"
                            : type == TypeId::kInt4 ? "out of range for type integer"
                                                    : "out of range for type smallint";
  if (magnitude != 0) {
    if (decimal.count > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
    if (decimal.scale < 0) {
      if (decimal.count - decimal.scale > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
      magnitude *= PowerOfTen(static_cast<int>(-decimal.scale));
    } else if (decimal.scale > 0) {
      const unsigned __int128 unit = decimal.scale > 38 ? 0 : PowerOfTen(static_cast<int>(decimal.scale));
      if (unit == 0 || magnitude % unit != 0) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected an integer, found a fraction", p);
      magnitude /= unit;
    }
  }
  const int bits = type == TypeId::kInt8 ? 63 : type == TypeId::kInt4 ? 31 : 15;
  const unsigned __int128 limit = (static_cast<unsigned __int128>(1) << bits) - (decimal.negative ? 0 : 1);
  if (magnitude > limit) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
  const auto bits64 = static_cast<uint64_t>(magnitude);
  PutInteger(type, static_cast<int64_t>(decimal.negative ? 0 - bits64 : bits64), slot);
  return true;
}

// NaN, Infinity, -Infinity, in PostgreSQL's spellings. 0: none of them; 1 NaN; 2, 3 the infinities.
int SpecialNumber(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  std::string lower;
  for (char c : text.substr(0, 12)) lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  if (lower == "nan") return 1;
  if (lower == "infinity" || lower == "+infinity" || lower == "inf" || lower == "+inf") return 2;
  if (lower == "-infinity" || lower == "-inf") return 3;
  return 0;
}

template <typename Float>
bool ConvertFloat(const char* p, const char* q, char* slot, Problem* problem) {
  const int special = SpecialNumber({p, static_cast<size_t>(q - p)});
  if (special != 0) {
    constexpr Float infinity = std::numeric_limits<Float>::infinity();
    Put(slot, special == 1 ? std::numeric_limits<Float>::quiet_NaN() : special == 2 ? infinity : -infinity);
    return true;
  }
  const char* const begin = p;
  Decimal decimal;
  if (!ScanDecimal(p, q, &decimal)) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected a number", begin);
  while (IsSpace(*p)) ++p;
  if (*p == '+') ++p;
  Float value = 0;
  const auto result = std::from_chars(p, q, value);
  if (result.ec != std::errc()) {
    return Fail(problem, sqlstate::kNumericValueOutOfRange,
                sizeof(Float) == 8 ? "out of range for type double precision" : "out of range for type real", begin);
  }
  Put(slot, value);
  return true;
}

bool ConvertNumeric(const Type& type, const char* p, const char* q, char* slot, Problem* problem) {
  const int special = SpecialNumber({p, static_cast<size_t>(q - p)});
  if (special != 0) {
    Numeric value;
    value.kind = special == 1 ? Numeric::kNaN : special == 2 ? Numeric::kInfinity : Numeric::kMinusInfinity;
    if (special != 1 && type.modifier() >= 0)
      return Fail(problem, sqlstate::kNumericValueOutOfRange, "an infinity does not fit a numeric with a precision", p);
    Put(slot, value);
    return true;
  }
  Decimal d;
  if (!ScanDecimal(p, q, &d)) return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected a number", p);
  const char* const range = "out of range for type numeric (38 digits)";
  int64_t scale = d.scale;
  unsigned __int128 mantissa = d.digits;
  if (mantissa == 0 && scale > 38) scale = 38;
  if (mantissa == 0 && scale < 0) scale = 0;
  if (mantissa != 0 && (d.count > 38 || scale > 38)) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
  if (scale < 0) {
    if (d.count - scale > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, range, p);
    mantissa *= PowerOfTen(static_cast<int>(-scale));
    scale = 0;
  }
  if (type.modifier() >= 0) {  // numeric(p, s): rounded half away from zero, as on any assignment
    const int precision = type.modifier() >> 16, digits = type.modifier() & 0xFFFF;
    if (scale > digits) {
      const unsigned __int128 unit = PowerOfTen(static_cast<int>(scale) - digits);
      mantissa = mantissa / unit + (mantissa % unit >= unit - unit / 2 ? 1 : 0);
    } else {
      int count = 0;
      for (unsigned __int128 rest = mantissa; rest != 0; rest /= 10) ++count;
      if (count + digits - scale > 38) return Fail(problem, sqlstate::kNumericValueOutOfRange, "too large for the column's precision", p);
      mantissa *= PowerOfTen(digits - static_cast<int>(scale));
    }
    scale = digits;
    if (mantissa >= PowerOfTen(precision)) return Fail(problem, sqlstate::kNumericValueOutOfRange, "too large for the column's precision", p);
  }
  const auto value = static_cast<__int128>(mantissa);
  Put(slot, Numeric(d.negative ? -value : value, static_cast<int32_t>(scale)));
  return true;
}

// What stands between the quotes, unescaped into scratch memory where need be.
bool StringOf(const char* p, const char* q, Strings strings, CallContext* call, std::string_view* out, bool* has_nul, Problem* problem) {
  bool escaped = false;
  if (strings == Strings::kUnchecked) {
    if (CheckString(p, q, &escaped, problem) == nullptr) return false;
  } else {
    escaped = std::memchr(p, '\\', static_cast<size_t>(q - p)) != nullptr;
  }
  ++p;
  --q;
  *has_nul = false;
  *out = {p, static_cast<size_t>(q - p)};
  if (!escaped) return true;
  char* memory = call->Allocate(static_cast<size_t>(q - p) + 1);
  *out = {memory, static_cast<size_t>(Unescape(p, q, memory, has_nul) - memory)};
  return true;
}

bool ConvertText(const Type& type, std::string_view text, bool has_nul, const char* p, char* slot, Problem* problem) {
  if (has_nul) return Fail(problem, sqlstate::kUntranslatableCharacter, "\\u0000 cannot be part of a text", p);
  if (type.modifier() >= 0) {  // varchar(n) counts characters; spaces beyond are cut
    int left = type.modifier();
    size_t keep = 0;
    for (; keep < text.size(); ++keep) {
      if ((static_cast<unsigned char>(text[keep]) & 0xC0) != 0x80 && left-- == 0) break;
    }
    if (text.find_first_not_of(' ', keep) != std::string_view::npos)
      return Fail(problem, sqlstate::kStringDataRightTruncation, "too long for the column", p);
    text = text.substr(0, keep);
  }
  Put(slot, Text(text));
  return true;
}

int HexDigit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

bool ConvertBytea(std::string_view text, const char* p, CallContext* call, char* slot, Problem* problem) {
  if (text.size() >= 2 && text[0] == '\\' && text[1] == 'x') {
    if (text.size() % 2 != 0) return Fail(problem, sqlstate::kInvalidTextRepresentation, "odd number of hexadecimal digits", p);
    const size_t size = text.size() / 2 - 1;
    char* bytes = call->Allocate(size + 1);
    for (size_t i = 0; i < size; ++i) {
      const int high = HexDigit(text[2 + 2 * i]), low = HexDigit(text[3 + 2 * i]);
      if (high < 0 || low < 0) return Fail(problem, sqlstate::kInvalidTextRepresentation, "not a hexadecimal digit", p);
      bytes[i] = static_cast<char>(high << 4 | low);
    }
    text = {bytes, size};
  }
  Put(slot, Text(text));
  return true;
}

// Types whose text form is read by types/: rare in records, allocates.
bool ConvertByParse(const Type& type, std::string_view text, const char* p, CallContext* call, char* slot, Problem* problem) {
  auto datum = Datum::Parse(type, text);
  if (!datum.ok()) {
    const SqlState state = SqlStateOf(datum.status());
    const std::string message = MessageOf(datum.status());
    char* copy = call->Allocate(message.size() + 1);
    std::memcpy(copy, message.c_str(), message.size() + 1);
    return Fail(problem, state, copy, p);
  }
  if (type.id() == TypeId::kJsonb) {  // the only one here with bytes of its own
    const std::string& bytes = datum->as_bytes();
    char* copy = call->Allocate(bytes.size() + 1);
    std::memcpy(copy, bytes.data(), bytes.size());
    Put(slot, Text(copy, bytes.size()));
    return true;
  }
  datum->Store(type, slot);
  return true;
}

bool ConvertString(const Type& type, std::string_view text, bool has_nul, const char* p, CallContext* call, char* slot, Problem* problem) {
  int64_t micros;
  switch (type.id()) {
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
      return ConvertInteger(type.id(), text.data(), text.data() + text.size(), slot, problem);
    case TypeId::kFloat4:
      return ConvertFloat<float>(text.data(), text.data() + text.size(), slot, problem);
    case TypeId::kFloat8:
      return ConvertFloat<double>(text.data(), text.data() + text.size(), slot, problem);
    case TypeId::kNumeric:
      return ConvertNumeric(type, text.data(), text.data() + text.size(), slot, problem);
    case TypeId::kText:
      return ConvertText(type, text, has_nul, p, slot, problem);
    case TypeId::kBytea:
      return ConvertBytea(text, p, call, slot, problem);
    case TypeId::kBool:
      return Fail(problem, sqlstate::kInvalidTextRepresentation, "expected true or false", p);
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      if ((type.modifier() < 0 || type.modifier() == 6) && ParseIsoTimestamp(text, &micros)) {
        Put(slot, micros);
        return true;
      }
      return ConvertByParse(type, text, p, call, slot, problem);
    default:
      return ConvertByParse(type, text, p, call, slot, problem);
  }
}

const char* Expected(TypeId type) {
  switch (type) {
    case TypeId::kBool:
      return "expected true or false";
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
      return "expected an integer";
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kNumeric:
      return "expected a number";
    case TypeId::kDate:
      return "expected a date in quotes";
    case TypeId::kTime:
      return "expected a time in quotes";
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return "expected a timestamp in quotes";
    case TypeId::kInterval:
      return "expected an interval in quotes";
    default:
      return "expected a string";
  }
}

bool ValidDate(int year, int month, int day) {
  static constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

bool ParseIsoTimestamp(std::string_view text, int64_t* micros) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto number = [&](int digits, int* value) {
    *value = 0;
    for (int i = 0; i < digits; ++i, ++p) {
      if (p >= end || *p < '0' || *p > '9') return false;
      *value = *value * 10 + (*p - '0');
    }
    return true;
  };
  const auto character = [&](char c) { return p < end && *p == c ? (++p, true) : false; };
  int year, month, day, hour = 0, minute = 0, second = 0;
  if (!number(4, &year) || !character('-') || !number(2, &month) || !character('-') || !number(2, &day)) return false;
  if (!ValidDate(year, month, day)) return false;
  int64_t result = DaysFromCivil(year, month, day) * 86400000000;
  if (p == end) {
    *micros = result;
    return true;
  }
  if (!character(' ') && !character('T')) return false;
  if (!number(2, &hour) || !character(':') || !number(2, &minute)) return false;
  if (character(':') && !number(2, &second)) return false;
  if (hour > 23 || minute > 59 || second > 59) return false;
  result += ((hour * 60 + minute) * 60 + second) * int64_t{1000000};
  if (character('.')) {
    int64_t fraction = 0;
    int digits = 0, next = 0;
    for (; p < end && *p >= '0' && *p <= '9'; ++p, ++digits) {
      if (digits < 6) fraction = fraction * 10 + (*p - '0');
      if (digits == 6) next = *p - '0';
    }
    if (digits == 0) return false;
    for (int i = digits; i < 6; ++i) fraction *= 10;
    result += fraction + (next >= 5 ? 1 : 0);
  }
  if (p < end && (*p == '+' || *p == '-')) {
    const int sign = *p++ == '-' ? 1 : -1;
    int hours, minutes = 0;
    if (!number(2, &hours)) return false;
    if (p < end && (character(':'), !number(2, &minutes))) return false;
    if (hours > 15 || minutes > 59) return false;
    result += sign * (hours * 60 + minutes) * int64_t{60000000};
  } else {
    character('Z');
  }
  *micros = result;
  return p == end;
}

bool ConvertValue(const Type& type, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem) {
  if (*p == '"' && type.id() != TypeId::kJsonb) {
    std::string_view text;
    bool has_nul;
    if (!StringOf(p, q, strings, call, &text, &has_nul, problem)) return false;
    const bool converted = ConvertString(type, text, has_nul, p, call, slot, problem);
    if (!converted) problem->where = p;
    return converted;
  }
  switch (type.id()) {
    case TypeId::kText:
      if (strings == Strings::kUnchecked && !IsUtf8(p, static_cast<size_t>(q - p)))
        return Fail(problem, sqlstate::kCharacterNotInRepertoire, "not valid UTF-8", p);
      return ConvertText(type, {p, static_cast<size_t>(q - p)}, false, p, slot, problem);
    case TypeId::kJsonb:
      return ConvertByParse(type, {p, static_cast<size_t>(q - p)}, p, call, slot, problem);
    case TypeId::kBool:
      if (*p != 't' && *p != 'f') break;
      Put(slot, static_cast<uint8_t>(*p == 't'));
      return true;
    case TypeId::kInt2:
    case TypeId::kInt4:
    case TypeId::kInt8:
      if (*p != '-' && (*p < '0' || *p > '9')) break;
      return ConvertInteger(type.id(), p, q, slot, problem);
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kNumeric:
      if (*p != '-' && (*p < '0' || *p > '9')) break;
      if (type.id() == TypeId::kNumeric) return ConvertNumeric(type, p, q, slot, problem);
      return type.id() == TypeId::kFloat4 ? ConvertFloat<float>(p, q, slot, problem) : ConvertFloat<double>(p, q, slot, problem);
    default:
      break;
  }
  return Fail(problem, sqlstate::kInvalidTextRepresentation, Expected(type.id()), p);
}

}  // namespace kappa::json
