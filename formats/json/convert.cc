#include "formats/json/convert.h"

#include <string>

#include "common/hex.h"
#include "formats/json/convert_number.h"
#include "types/array_value.h"
#include "types/datetime.h"
#include "types/json_text.h"

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
  if (type.id() == TypeId::kArray) {  // its bytes lie in an arena
    const Status status = ParseAny(DescribeType(type), text, &call->scratch, slot);
    if (status.ok()) return true;
    const std::string message = MessageOf(status);
    char* copy = call->Allocate(message.size() + 1);
    std::memcpy(copy, message.c_str(), message.size() + 1);
    return Fail(problem, SqlStateOf(status), copy, p);
  }
  auto datum = Datum::Parse(type, text);
  if (!datum.ok()) {
    const SqlState state = SqlStateOf(datum.status());
    const std::string message = MessageOf(datum.status());
    char* copy = call->Allocate(message.size() + 1);
    std::memcpy(copy, message.c_str(), message.size() + 1);
    return Fail(problem, state, copy, p);
  }
  if (type.has_bytes()) {
    const std::string& bytes = datum->as_bytes();
    char* copy = call->Allocate(bytes.size() + 1);
    std::memcpy(copy, bytes.data(), bytes.size());
    Put(slot, Text(copy, bytes.size()));
    return true;
  }
  datum->Store(type, slot);
  return true;
}

// A value of any kind, as it stands or in jsonb's form.
bool ConvertJson(const Type& type, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem) {
  const std::string_view text(p, static_cast<size_t>(q - p));
  JsonProblem wrong;
  if (strings == Strings::kUnchecked && !IsUtf8(p, text.size())) return Fail(problem, sqlstate::kCharacterNotInRepertoire, "not valid UTF-8", p);
  if (type.id() == TypeId::kJson) {
    if (strings == Strings::kUnchecked && !CheckJson(text, &wrong)) return Fail(problem, wrong.state, wrong.reason, p);
    Put(slot, JsonText(p, text.size()));
    return true;
  }
  Jsonb value;
  if (!ParseJsonb(text, &call->scratch, &value, &wrong)) return Fail(problem, wrong.state, wrong.reason, p);
  Put(slot, value);
  return true;
}

bool ConvertString(const Type& type, std::string_view text, bool has_nul, const char* p, CallContext* call, char* slot, Problem* problem) {
  if (type.is_numeric()) return ConvertNumber(type, text.data(), text.data() + text.size(), slot, problem);
  int64_t micros;
  switch (type.id()) {
    case TypeId::kText:
      return ConvertText(type, text, has_nul, p, slot, problem);
    case TypeId::kBytea:
      return ConvertBytea(text, p, call, slot, problem);
    case TypeId::kJson:
    case TypeId::kJsonb:  // a field of CSV
      return ConvertJson(type, text.data(), text.data() + text.size(), Strings::kUnchecked, call, slot, problem);
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

// 0, 12, -7: by the grammar, whoever has or has not checked it.
bool IsWholeNumber(const char* p, const char* q) {
  if (*p == '-' && (++p == q || *p == '0')) return false;
  if (*p == '0') return q - p == 1;
  for (; p < q; ++p) {
    if (*p < '0' || *p > '9') return false;
  }
  return true;
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
    result += int64_t{sign} * (hours * 60 + minutes) * 60000000;
  } else {
    character('Z');
  }
  *micros = result;
  return p == end;
}

bool ConvertInput(const Type& type, std::string_view text, CallContext* call, char* slot, Problem* problem) {
  const bool converted = type.id() == TypeId::kBool ? ConvertByParse(type, text, text.data(), call, slot, problem)
                                                    : ConvertString(type, text, false, text.data(), call, slot, problem);
  if (!converted) problem->where = text.data();
  return converted;
}

bool ConvertValue(const Type& type, const char* p, const char* q, Strings strings, CallContext* call, char* slot, Problem* problem) {
  if (type.id() == TypeId::kJsonb || type.id() == TypeId::kJson) return ConvertJson(type, p, q, strings, call, slot, problem);
  if (*p == '"') {
    std::string_view text;
    bool has_nul;
    if (!StringOf(p, q, strings, call, &text, &has_nul, problem)) return false;
    const bool converted = ConvertString(type, text, has_nul, p, call, slot, problem);
    if (!converted) problem->where = p;
    return converted;
  }
  const bool number = *p == '-' || (*p >= '0' && *p <= '9');
  if (number && type.is_numeric()) return ConvertNumber(type, p, q, slot, problem);
  switch (type.id()) {
    case TypeId::kText:
      if (type.modifier() == kJsonbTextModifier && number && (strings == Strings::kChecked || IsWholeNumber(p, q))) {
        std::string_view digits;  // as written, unless it has an exponent
        if (CanonicalJsonNumber({p, static_cast<size_t>(q - p)}, &call->scratch, &digits) != JsonNumberStatus::kOk)
          return Fail(problem, sqlstate::kNumericValueOutOfRange, "a number does not fit", p);
        Put(slot, Text(digits));
        return true;
      }
      if (type.modifier() == kJsonbTextModifier && *p != 't' && *p != 'f') {
        Jsonb value;
        if (!ConvertJson(TypeId::kJsonb, p, q, strings, call, reinterpret_cast<char*>(&value), problem)) return false;
        Put(slot, JsonbToText(JsonbView(value), &call->scratch));
        return true;
      }
      if (strings == Strings::kUnchecked && !IsUtf8(p, static_cast<size_t>(q - p)))
        return Fail(problem, sqlstate::kCharacterNotInRepertoire, "not valid UTF-8", p);
      return ConvertText(type, {p, static_cast<size_t>(q - p)}, false, p, slot, problem);
    case TypeId::kBool:
      if (*p != 't' && *p != 'f') break;
      Put(slot, static_cast<uint8_t>(*p == 't'));
      return true;
    default:
      break;
  }
  return Fail(problem, sqlstate::kInvalidTextRepresentation, Expected(type.id()), p);
}

}  // namespace kappa::json
