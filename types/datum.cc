#include "types/datum.h"

#include <cstring>
#include <limits>

#include "types/array_value.h"
#include "types/datetime.h"
#include "types/json_text.h"
#include "types/numeric.h"
#include "types/row_layout.h"
#include "types/text_format.h"
#include "types/uuid.h"
#include "types/value_text.h"

namespace kappa {

namespace {

template <typename T>
T Read(const char* slot) {
  T value;
  std::memcpy(&value, slot, sizeof value);
  return value;
}

template <typename T>
void Write(const T& value, char* slot) {
  std::memcpy(slot, &value, sizeof value);
}

Status ParseFailure(TypeId type, ParseStatus status, std::string_view text) {
  const ParseError error = DescribeParseError(type, status);
  std::string message = error.message;
  if (const size_t at = message.find("%s"); at != std::string::npos) message.replace(at, 2, ParseErrorSubject(status, text));
  return SqlError(error.state) << message;
}

template <typename T, typename Parser, typename Box>
StatusOr<Datum> ParseAs(TypeId type, std::string_view text, Parser parser, Box box) {
  T value{};
  const ParseStatus status = parser(text, &value);
  if (status != ParseStatus::kOk) return ParseFailure(type, status, text);
  return box(value);
}

template <typename Int>
StatusOr<Datum> ParseInteger(TypeId type, std::string_view text) {
  int64_t value = 0;
  const ParseStatus status = ParseInt(text, std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max(), &value);
  if (status != ParseStatus::kOk) return ParseFailure(type, status, text);
  return Datum::Int(value);
}

Status JsonFailure(const JsonProblem& problem, std::string_view text) {
  return SqlError(problem.state) << problem.message
                                 << Hint(std::string(problem.reason) + " (byte " + std::to_string(problem.where - text.data() + 1) + ")");
}

StatusOr<Datum> ApplyModifier(const Type& type, Datum value) {
  if (type.modifier() < 0) return value;
  if (type.id() == TypeId::kNumeric) {
    Numeric rounded;
    if (ApplyNumericModifier(value.as_numeric(), type.modifier(), &rounded) != NumericStatus::kOk)
      return SqlError(sqlstate::kNumericValueOutOfRange) << "numeric field overflow";
    return Datum::Of(rounded);
  }
  if (type.id() == TypeId::kTimestamp || type.id() == TypeId::kTimestampTz) return Datum::Int(RoundTimestamp(value.as_int(), type.modifier()));
  if (type.id() == TypeId::kText) {
    const std::string& bytes = value.as_bytes();
    size_t at = 0;
    for (int32_t i = 0; i < type.modifier() && at < bytes.size(); ++i) at += Utf8Length(bytes[at]);
    for (size_t i = at; i < bytes.size(); ++i) {
      if (bytes[i] != ' ') return SqlError(sqlstate::kStringDataRightTruncation) << "value too long for type " << type.ToString();
    }
    return Datum::Bytes(bytes.substr(0, at));
  }
  return value;
}

StatusOr<Datum> ParseBase(const Type& type, std::string_view text) {
  switch (type.id()) {
    case TypeId::kBool:
      return ParseAs<bool>(type.id(), text, ParseBool, [](bool v) { return Datum::Bool(v); });
    case TypeId::kInt2:
      return ParseInteger<int16_t>(type.id(), text);
    case TypeId::kInt4:
      return ParseInteger<int32_t>(type.id(), text);
    case TypeId::kInt8:
      return ParseInteger<int64_t>(type.id(), text);
    case TypeId::kFloat4:
      return ParseAs<float>(type.id(), text, ParseFloat4, [](float v) { return Datum::Float(static_cast<double>(v)); });
    case TypeId::kFloat8:
      return ParseAs<double>(type.id(), text, ParseFloat8, [](double v) { return Datum::Float(v); });
    case TypeId::kNumeric:
      return ParseAs<Numeric>(type.id(), text, ParseNumeric, [](const Numeric& v) { return Datum::Of(v); });
    case TypeId::kDate:
      return ParseAs<Date>(type.id(), text, ParseDate, [](Date v) { return Datum::Int(v.days); });
    case TypeId::kTime:
      return ParseAs<Time>(type.id(), text, ParseTime, [](Time v) { return Datum::Int(v.micros); });
    case TypeId::kTimestamp:
      return ParseAs<Timestamp>(type.id(), text, ParseTimestamp, [](Timestamp v) { return Datum::Int(v.micros); });
    case TypeId::kTimestampTz:
      return ParseAs<TimestampTz>(type.id(), text, ParseTimestampTz, [](TimestampTz v) { return Datum::Int(v.micros); });
    case TypeId::kInterval:
      return ParseAs<Interval>(type.id(), text, ParseInterval, [](const Interval& v) { return Datum::Of(v); });
    case TypeId::kUuid:
      return ParseAs<Uuid>(type.id(), text, ParseUuid, [](const Uuid& v) { return Datum::Of(v); });
    case TypeId::kBytea: {
      std::string bytes(text.size(), '\0');
      size_t size = 0;
      const ParseStatus status = ParseBytea(text, bytes.data(), &size);
      if (status != ParseStatus::kOk) return ParseFailure(type.id(), status, text);
      bytes.resize(size);
      return Datum::Bytes(std::move(bytes));
    }
    case TypeId::kJsonb: {
      Arena arena;
      Jsonb value;
      JsonProblem problem;
      if (!ParseJsonb(text, &arena, &value, &problem)) return JsonFailure(problem, text);
      return Datum::Bytes(std::string(value.view()));
    }
    case TypeId::kJson: {
      JsonProblem problem;
      if (!CheckJson(text, &problem)) return JsonFailure(problem, text);
      return Datum::Bytes(std::string(text));
    }
    case TypeId::kText:
    case TypeId::kUnknown:
      return Datum::Bytes(std::string(text));
    case TypeId::kArray:
    case TypeId::kStruct: {
      const TypeDescriptor* descriptor = DescribeType(type);
      Arena arena;
      std::vector<char> slot(AnyRoom(descriptor));
      RETURN_IF_ERROR(ParseAny(descriptor, text, &arena, slot.data()));
      return ToDatum({descriptor, slot.data(), false, nullptr, nullptr});
    }
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      break;
  }
  return SqlError(sqlstate::kFeatureNotSupported) << "input of a value of type " << type.ToString() << " is not supported";
}

}  // namespace

Datum Datum::Load(const Type& type, const char* slot) {
  switch (type.id()) {
    case TypeId::kBool:
      return Bool(*slot != 0);
    case TypeId::kInt2:
      return Int(Read<int16_t>(slot));
    case TypeId::kInt4:
    case TypeId::kDate:
      return Int(Read<int32_t>(slot));
    case TypeId::kInt8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return Int(Read<int64_t>(slot));
    case TypeId::kFloat4:
      return Float(static_cast<double>(Read<float>(slot)));
    case TypeId::kFloat8:
      return Float(Read<double>(slot));
    case TypeId::kNumeric:
      return Of(Read<Numeric>(slot));
    case TypeId::kInterval:
      return Of(Read<Interval>(slot));
    case TypeId::kUuid:
      return Of(Read<Uuid>(slot));
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kArray:
    case TypeId::kUnknown:
      return Bytes(std::string(Read<Text>(slot).view()));
    case TypeId::kStruct:
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      break;
  }
  return Datum();
}

void Datum::Store(const Type& type, char* slot) const {
  switch (type.id()) {
    case TypeId::kBool:
      *slot = as_bool() ? 1 : 0;
      return;
    case TypeId::kInt2:
      Write(static_cast<int16_t>(as_int()), slot);
      return;
    case TypeId::kInt4:
    case TypeId::kDate:
      Write(static_cast<int32_t>(as_int()), slot);
      return;
    case TypeId::kInt8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      Write(as_int(), slot);
      return;
    case TypeId::kFloat4:
      Write(static_cast<float>(as_float()), slot);
      return;
    case TypeId::kFloat8:
      Write(as_float(), slot);
      return;
    case TypeId::kNumeric:
      Write(as_numeric(), slot);
      return;
    case TypeId::kInterval:
      Write(as_interval(), slot);
      return;
    case TypeId::kUuid:
      Write(as_uuid(), slot);
      return;
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJsonb:
    case TypeId::kJson:
    case TypeId::kArray:
    case TypeId::kUnknown:
      Write(Text(std::string_view(as_bytes())), slot);
      return;
    case TypeId::kStruct:
    case TypeId::kAny:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      return;
  }
}

std::string Datum::ToText(const Type& type) const {
  std::string text;
  if (is_null()) return text;
  if (type.is_struct() || type.id() == TypeId::kArray) {
    const TypeDescriptor* descriptor = DescribeType(type);
    std::vector<char> value(AnyRoom(descriptor));
    FromDatum(*this, descriptor, value.data());
    AppendAnyText({descriptor, value.data(), false, nullptr, nullptr}, &text);
    return text;
  }
  alignas(8) char slot[24];
  Store(type, slot);
  AppendValueText(type.id(), slot, &text);
  return text;
}

StatusOr<Datum> Datum::Parse(const Type& type, std::string_view text) {
  ASSIGN_OR_RETURN(Datum value, ParseBase(type, text));
  return ApplyModifier(type, std::move(value));
}

std::string Datum::ToSqlLiteral(const Type& type) const {
  if (is_null()) return type.id() == TypeId::kUnknown ? "NULL" : "NULL::" + type.ToString();
  if (type.is_struct()) {
    std::string text = "ROW(";
    for (size_t i = 0; i < as_struct().size(); ++i) {
      if (i > 0) text += ", ";
      text += as_struct()[i].ToSqlLiteral(type.fields()[i].type);
    }
    return text + ")";
  }
  if (type.id() == TypeId::kBool) return as_bool() ? "true" : "false";
  const std::string plain = ToText(type);
  // A minus would bind less tightly than ::, and NaN is a word.
  if (type.is_numeric() && !plain.empty() && IsDigit(plain[0])) return plain + "::" + type.ToString();
  std::string text = plain.find('\\') == std::string::npos ? "'" : "E'";
  for (char c : plain) {
    if (c == '\'' || c == '\\') text += c;
    text += c;
  }
  text += '\'';
  return type.id() == TypeId::kUnknown ? text : text + "::" + type.ToString();
}

}  // namespace kappa
