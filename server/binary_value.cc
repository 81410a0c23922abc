#include "server/binary_value.h"

#include <cstring>
#include <limits>

#include "server/frontend_message.h"
#include "server/utf8.h"

namespace kappa::server {
namespace {

constexpr SqlState kInvalidBinary{"22P03"};
constexpr int64_t kDaysTo2000 = 10'957, kMicrosTo2000 = kDaysTo2000 * 86'400 * 1'000'000;
constexpr int kBase = 10'000, kDigitsInOne = 4;
constexpr uint16_t kNegative = 0x4000, kNaN = 0xC000, kInfinity = 0xD000, kMinusInfinity = 0xF000;
constexpr size_t kMostElements = 1 << 20;

Status Wrong(std::string_view why = "incorrect binary data format") { return SqlError(kInvalidBinary) << why; }

int64_t Int64(MessageReader* reader) {
  const uint64_t high = reader->Int32();
  return static_cast<int64_t>(high << 32 | reader->Int32());
}

// Digits of base 10000, the first worth 10000^weight, as a text that is then read as any other.
StatusOr<Datum> ReadNumeric(MessageReader reader) {
  const int count = reader.Int16();
  const int weight = static_cast<int16_t>(reader.Int16());
  const uint16_t sign = reader.Int16();
  const int scale = reader.Int16();
  if (reader.failed() || count > std::numeric_limits<int16_t>::max() || weight > 100 || weight < -100 || scale > 16'383) return Wrong();
  if (sign == kNaN) return Datum::Parse(TypeId::kNumeric, "NaN");
  if (sign == kInfinity || sign == kMinusInfinity) return Datum::Parse(TypeId::kNumeric, sign == kInfinity ? "Infinity" : "-Infinity");
  if (sign != 0 && sign != kNegative) return Wrong();
  std::vector<int> digits;
  for (int i = 0; i < count; ++i) digits.push_back(reader.Int16());
  RETURN_IF_ERROR(reader.Finish().ok() ? OkStatus() : Wrong());
  const auto digit = [&](int power) {
    const int at = weight - power;
    return at >= 0 && at < count ? digits[static_cast<size_t>(at)] : 0;
  };
  std::string text = sign == kNegative ? "-" : "";
  for (int power = std::max(weight, 0); power >= 0; --power) {
    if (digit(power) < 0 || digit(power) >= kBase) return Wrong();
    text += std::to_string(kBase + digit(power)).substr(1);
  }
  if (scale > 0) {
    std::string fraction;
    for (int power = -1; -power * kDigitsInOne < scale + kDigitsInOne; --power) fraction += std::to_string(kBase + digit(power)).substr(1);
    text += "." + fraction.substr(0, static_cast<size_t>(scale));
  }
  return Datum::Parse(TypeId::kNumeric, text);
}

// Read element by element, and put together as the text of an array, which is then read as any other.
StatusOr<Datum> ReadArray(const Type& type, MessageReader reader) {
  const uint32_t dimensions = reader.Int32();
  (void)reader.Int32();  // whether there are NULLs
  (void)reader.Int32();  // the type of the elements: the statement knows
  if (reader.failed() || dimensions > 1)
    return dimensions > 1 ? Status(SqlError(sqlstate::kFeatureNotSupported) << "arrays of several dimensions in binary format are not supported")
                          : Wrong();
  if (dimensions == 0) return Datum::Parse(type, "{}");
  const size_t count = reader.Int32();
  (void)reader.Int32();  // the first's number
  if (count > kMostElements) return Wrong();
  std::string text = "{";
  for (size_t i = 0; i < count && !reader.failed(); ++i) {
    if (i > 0) text += ',';
    const uint32_t length = reader.Int32();
    if (length == UINT32_MAX) {
      text += "NULL";
      continue;
    }
    const std::string_view bytes = reader.Bytes(length);
    if (reader.failed()) break;
    ASSIGN_OR_RETURN(const Datum element, ReadBinary(type.element(), bytes));
    text += '"';
    for (const char c : element.ToText(type.element())) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  RETURN_IF_ERROR(reader.Finish().ok() ? OkStatus() : Wrong());
  return Datum::Parse(type, text + "}");
}

StatusOr<Datum> ReadTemporal(TypeId type, MessageReader reader) {
  if (type == TypeId::kDate) {
    const auto days = static_cast<int32_t>(reader.Int32());
    if (!reader.Finish().ok()) return Wrong();
    if (days == std::numeric_limits<int32_t>::max() || days == std::numeric_limits<int32_t>::min())
      return Datum::Parse(type, days > 0 ? "infinity" : "-infinity");
    return Datum::Int(days + kDaysTo2000);
  }
  const int64_t micros = Int64(&reader);
  if (type == TypeId::kInterval) {
    Interval interval{};
    interval.micros = micros;
    interval.days = static_cast<int32_t>(reader.Int32());
    interval.months = static_cast<int32_t>(reader.Int32());
    return reader.Finish().ok() ? StatusOr<Datum>(Datum::Of(interval)) : Wrong();
  }
  if (!reader.Finish().ok()) return Wrong();
  if (type == TypeId::kTime) return Datum::Int(micros);
  if (micros == std::numeric_limits<int64_t>::max() || micros == std::numeric_limits<int64_t>::min())
    return Datum::Parse(type, micros > 0 ? "infinity" : "-infinity");
  return Datum::Int(micros + kMicrosTo2000);
}

}  // namespace

StatusOr<Datum> ReadBinary(const Type& type, std::string_view bytes) {
  MessageReader reader(bytes);
  switch (type.id()) {
    case TypeId::kBool: {
      const bool value = reader.Byte() != 0;
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Bool(value)) : Wrong();
    }
    case TypeId::kInt2: {
      const auto value = static_cast<int16_t>(reader.Int16());
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Int(value)) : Wrong();
    }
    case TypeId::kInt4: {
      const auto value = static_cast<int32_t>(reader.Int32());
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Int(value)) : Wrong();
    }
    case TypeId::kInt8: {
      // An oid comes with four bytes.
      const int64_t value = bytes.size() == sizeof(uint32_t) ? static_cast<int64_t>(reader.Int32()) : Int64(&reader);
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Int(value)) : Wrong();
    }
    case TypeId::kFloat4: {
      const uint32_t bits = reader.Int32();
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Float(value)) : Wrong();
    }
    case TypeId::kFloat8: {
      const int64_t bits = Int64(&reader);
      double value = 0;
      std::memcpy(&value, &bits, sizeof value);
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Float(value)) : Wrong();
    }
    case TypeId::kNumeric:
      return ReadNumeric(reader);
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kInterval:
      return ReadTemporal(type.id(), reader);
    case TypeId::kUuid: {
      Uuid value;
      value.high = static_cast<uint64_t>(Int64(&reader));
      value.low = static_cast<uint64_t>(Int64(&reader));
      return reader.Finish().ok() ? StatusOr<Datum>(Datum::Of(value)) : Wrong();
    }
    case TypeId::kBytea:
      return Datum::Bytes(std::string(bytes));
    case TypeId::kJsonb:
      if (reader.Byte() != 1) return Wrong("unsupported jsonb version number");
      bytes.remove_prefix(1);
      break;
    case TypeId::kArray:
      return ReadArray(type, reader);
    case TypeId::kStruct:
      return SqlError(sqlstate::kFeatureNotSupported) << "records in binary format are not supported";
    default:
      break;
  }
  RETURN_IF_ERROR(CheckUtf8(bytes));
  return Datum::Parse(type.id() == TypeId::kUnknown ? Type(TypeId::kText) : type, bytes);
}

}  // namespace kappa::server
