#include "connectors/generator/datagen_fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "connectors/options.h"
#include "types/datum.h"
#include "types/value_text.h"

namespace kappa::datagen {
namespace {

constexpr size_t kMaxLength = 1 << 16;

uint64_t Mix(uint64_t z) {  // SplitMix64 (Steele, Lea, Flood, 2014)
  z += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

bool IsTemporal(TypeId type) { return type == TypeId::kDate || type == TypeId::kTime || type == TypeId::kTimestamp || type == TypeId::kTimestampTz; }
bool IsFloat(TypeId type) { return type == TypeId::kFloat4 || type == TypeId::kFloat8; }

struct Limits {
  int64_t low, high;
};
Limits DefaultsOf(const Type& type) {
  switch (type.id()) {
    case TypeId::kInt2:
      return {0, 32767};
    case TypeId::kDate:
      return {19723, 20088};  // 2024
    case TypeId::kTime:
      return {0, int64_t{86'400'000'000} - 1};
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return {1'704'067'200'000'000, 1'704'067'200'000'000 + int64_t{366} * 86'400'000'000 - 1};
    default:
      return {0, 1'000'000};
  }
}

// Of one field: its options, by what follows the name.
class FieldParser {
 public:
  FieldParser(Field* field, std::string name) : field_(field), name_(std::move(name)) {}

  Status Apply(const std::string& option, const std::string& value) {
    const TypeId type = field_->type.id();
    const bool ranged = field_->type.is_numeric() || IsTemporal(type);
    if (option == "kind") {
      if (value != "sequence" && value != "random") return Bad(option, "'sequence' or 'random'", value);
      if (value == "sequence" && !ranged) return NotOf(option);
      field_->kind = value == "sequence" ? Kind::kSequence : Kind::kRandom;
      return OkStatus();
    }
    if (option == "min" || option == "start") return ranged ? Bound(option, value, &field_->low, &field_->low_float) : NotOf(option);
    if (option == "max" || option == "end") {
      ended_ = true;
      return ranged ? Bound(option, value, &field_->high, &field_->high_float) : NotOf(option);
    }
    if (option == "step") return ranged ? Step(value) : NotOf(option);
    if (option == "length") {
      const auto length = ParseInteger(value);
      if (!field_->type.is_text_like()) return NotOf(option);
      if (!length || *length < 0 || *length > static_cast<int64_t>(kMaxLength)) return Bad(option, "0 to 65536", value);
      field_->length = static_cast<size_t>(*length);
      return OkStatus();
    }
    if (option == "choices") return Choices(value);
    if (option == "null_rate") {
      double rate = -1;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), rate);
      if (error != std::errc() || end != value.data() + value.size() || !(rate >= 0 && rate <= 1))
        return Bad(option, "a fraction from 0 to 1", value);
      field_->null_rate = rate;
      return OkStatus();
    }
    return SqlError(sqlstate::kUndefinedObject) << "a field of connector 'datagen' has no option \"" << option << "\""
                                                << DidYouMean(option,
                                                              {"kind", "start", "end", "step", "min", "max", "length", "choices", "null_rate"});
  }

  Status Finish() {
    if (field_->kind == Kind::kSequence) {
      if (!ended_) field_->high = field_->low;
      if (field_->high < field_->low) return SqlError(sqlstate::kInvalidParameterValue) << "fields." << name_ << ": end is before start";
      return OkStatus();
    }
    if (field_->low > field_->high || field_->low_float > field_->high_float)
      return SqlError(sqlstate::kInvalidParameterValue) << "fields." << name_ << ": min is above max";
    return OkStatus();
  }

 private:
  Status Bad(const std::string& option, std::string_view wanted, const std::string& value) const {
    return SqlError(sqlstate::kInvalidParameterValue)
           << "option \"fields." << name_ << "." << option << "\" must be " << wanted << ", not \"" << value << "\"";
  }
  Status NotOf(const std::string& option) const {
    return SqlError(sqlstate::kInvalidParameterValue)
           << "option \"fields." << name_ << "." << option << "\" is not for a column of type " << field_->type.ToString();
  }
  Status Bound(const std::string& option, const std::string& value, int64_t* integer, double* real) const {
    const TypeId type = field_->type.id();
    if (IsFloat(type)) {
      const StatusOr<Datum> datum = Datum::Parse(TypeId::kFloat8, value);
      if (!datum.ok() || !std::isfinite(datum->as_float())) return Bad(option, "a number", value);
      *real = datum->as_float();
      *integer = static_cast<int64_t>(std::clamp(*real, -9e15, 9e15));
      return OkStatus();
    }
    if (type == TypeId::kNumeric) {
      const StatusOr<Datum> datum = Datum::Parse(TypeId::kFloat8, value);
      if (!datum.ok() || !(std::abs(datum->as_float()) < 1e12)) return Bad(option, "a number below 10^12", value);
      *integer = static_cast<int64_t>(std::llround(datum->as_float() * std::pow(10, field_->scale)));
      return OkStatus();
    }
    const StatusOr<Datum> datum = Datum::Parse(field_->type, value);
    if (!datum.ok()) return Bad(option, "a value of type " + field_->type.ToString(), value);
    *integer = datum->as_int();
    return OkStatus();
  }
  Status Step(const std::string& value) {
    const TypeId type = field_->type.id();
    std::optional<int64_t> step;
    if (type == TypeId::kDate || field_->type.is_integer())
      step = ParseInteger(value);
    else if (IsTemporal(type))
      step = ParseDurationMicros(value);
    else {
      double unused = 0;
      int64_t integer = 0;
      RETURN_IF_ERROR(Bound("step", value, &integer, &unused));
      step = integer;
    }
    if (!step || *step <= 0) return Bad("step", IsTemporal(type) && type != TypeId::kDate ? "a duration such as '1 s'" : "a number above 0", value);
    field_->step = *step;
    return OkStatus();
  }
  Status Choices(const std::string& value) {
    field_->kind = Kind::kChoice;
    for (size_t at = 0; at <= value.size();) {
      const size_t end = std::min(value.find(',', at), value.size());
      const std::string choice = value.substr(at, end - at);
      if (!Datum::Parse(field_->type, choice).ok()) return Bad("choices", "a list of values of type " + field_->type.ToString(), value);
      std::string json = field_->type.is_numeric() ? choice : "\"";
      for (size_t i = 0; json[0] == '"' && i < choice.size(); ++i) {
        if (choice[i] == '"' || choice[i] == '\\') json += '\\';
        json += choice[i];
      }
      if (json[0] == '"') json += '"';
      if (field_->type.id() == TypeId::kBool) json = Datum::Parse(field_->type, choice)->as_bool() ? "true" : "false";
      field_->choices.push_back(std::move(json));
      at = end + 1;
    }
    return OkStatus();
  }

  Field* const field_;
  const std::string name_;
  bool ended_ = false;
};

bool Makes(const Type& type) {
  switch (type.id()) {
    case TypeId::kBool:
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kUuid:
      return true;
    default:
      return type.is_numeric() || IsTemporal(type.id());
  }
}

void AppendInt(int64_t value, std::string* out) {
  char buffer[24];
  out->append(buffer, static_cast<size_t>(std::to_chars(buffer, buffer + sizeof buffer, value).ptr - buffer));
}

void AppendDecimal(int64_t units, int scale, std::string* out) {
  const bool negative = units < 0;
  std::string digits = std::to_string(negative ? 0 - static_cast<uint64_t>(units) : static_cast<uint64_t>(units));
  if (digits.size() <= static_cast<size_t>(scale)) digits.insert(0, static_cast<size_t>(scale) + 1 - digits.size(), '0');
  if (negative) out->push_back('-');
  out->append(digits, 0, digits.size() - static_cast<size_t>(scale));
  if (scale > 0) out->append(".").append(digits, digits.size() - static_cast<size_t>(scale));
}

void AppendTemporal(const Type& type, int64_t value, std::string* out) {
  alignas(8) char slot[8];
  if (type.id() == TypeId::kDate) {
    const auto days = static_cast<int32_t>(value);
    std::memcpy(slot, &days, sizeof days);
  } else {
    std::memcpy(slot, &value, sizeof value);
  }
  out->push_back('"');
  AppendValueText(type.id(), slot, out);
  out->push_back('"');
}

void AppendText(const Field& field, uint64_t random, std::string* out) {
  static constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789", kHex[] = "0123456789abcdef";
  const bool bytes = field.type.id() == TypeId::kBytea;
  out->append(bytes ? "\"\\\\x" : "\"");
  for (size_t i = 0; i < field.length * (bytes ? 2 : 1); ++i) {
    if (i % 8 == 0) random = Mix(random + i);
    out->push_back(bytes ? kHex[(random >> (8 * (i % 8))) & 15] : kLetters[((random >> (8 * (i % 8))) & 255) % 36]);
  }
  out->push_back('"');
}

void AppendUuid(uint64_t random, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const uint64_t more = Mix(random + 1);
  out->push_back('"');
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out->push_back('-');
    unsigned digit = static_cast<unsigned>((i < 16 ? random : more) >> (4 * (i % 16))) & 15;
    if (i == 12) digit = 4;
    if (i == 16) digit = 8 | (digit & 3);
    out->push_back(kHex[digit]);
  }
  out->push_back('"');
}

void AppendValue(const Field& field, uint64_t random, int64_t row, std::string* out) {
  if (field.kind == Kind::kChoice) {
    out->append(field.choices[random % field.choices.size()]);
    return;
  }
  const TypeId type = field.type.id();
  if (IsFloat(type) && field.kind == Kind::kRandom) {
    const double unit = static_cast<double>(random >> 11) * 0x1p-53;
    char buffer[40];
    const double value = field.low_float + unit * (field.high_float - field.low_float);
    out->append(buffer, static_cast<size_t>((type == TypeId::kFloat4 ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value))
                                                                     : std::to_chars(buffer, buffer + sizeof buffer, value))
                                                .ptr -
                                            buffer));
    return;
  }
  if (type == TypeId::kBool) {
    out->append((random & 1) != 0 ? "true" : "false");
    return;
  }
  if (field.type.is_text_like()) return AppendText(field, random, out);
  if (type == TypeId::kUuid) return AppendUuid(random, out);
  const uint64_t width = static_cast<uint64_t>(field.high) - static_cast<uint64_t>(field.low);
  uint64_t away;
  if (field.kind == Kind::kRandom) {
    away = width == UINT64_MAX ? random : random % (width + 1);
  } else {
    const uint64_t steps = width / static_cast<uint64_t>(field.step) + 1;  // until it begins again; one: it never does
    away = static_cast<uint64_t>(steps > 1 ? static_cast<uint64_t>(row) % steps : static_cast<uint64_t>(row)) * static_cast<uint64_t>(field.step);
  }
  const auto value = static_cast<int64_t>(static_cast<uint64_t>(field.low) + away);
  if (IsTemporal(type)) return AppendTemporal(field.type, value, out);
  if (type == TypeId::kNumeric) return AppendDecimal(value, field.scale, out);
  AppendInt(value, out);
}

}  // namespace

StatusOr<std::vector<Field>> ParseFields(const std::vector<std::pair<std::string, Type>>& columns, const Options& options) {
  std::vector<Field> fields;
  std::vector<std::string> names;
  for (const auto& [name, type] : columns) {
    if (!Makes(type)) return SqlError(sqlstate::kFeatureNotSupported) << "connector 'datagen' makes no values of type " << type.ToString();
    Field field;
    field.name = name;
    field.type = type;
    field.scale = type.id() != TypeId::kNumeric ? 0 : type.modifier() < 0 ? 2 : type.modifier() & 0xFFFF;
    const Limits limits = DefaultsOf(type);
    const int64_t unit = static_cast<int64_t>(std::llround(std::pow(10, field.scale)));
    field.low = limits.low;
    field.high = type.id() == TypeId::kNumeric ? std::min<int64_t>(limits.high, 1000) * unit : limits.high;
    field.step = type.id() == TypeId::kNumeric ? unit : type.id() == TypeId::kDate || type.is_integer() || IsFloat(type.id()) ? 1 : 1'000'000;
    fields.push_back(std::move(field));
    names.push_back(name);
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    FieldParser parser(&fields[i], names[i]);
    const std::string prefix = "fields." + names[i] + ".";
    for (const auto& [option, value] : options)
      if (option.starts_with(prefix)) RETURN_IF_ERROR(parser.Apply(option.substr(prefix.size()), value));
    RETURN_IF_ERROR(parser.Finish());
  }
  for (const auto& [option, value] : options) {
    if (!option.starts_with("fields.")) continue;
    const std::string rest = option.substr(7);
    const bool known = std::any_of(names.begin(), names.end(), [&](const std::string& name) { return rest.starts_with(name + "."); });
    if (!known) {
      const std::string name = rest.substr(0, rest.rfind('.'));
      return SqlError(sqlstate::kUndefinedColumn) << "option \"" << option << "\": there is no column \"" << name << "\"" << DidYouMean(name, names);
    }
  }
  return fields;
}

void AppendRow(const std::vector<Field>& fields, uint64_t seed, int64_t row, std::string* out) {
  char before = '{';
  for (size_t i = 0; i < fields.size(); ++i) {
    const uint64_t random = Mix(Mix(seed * 0xD6E8FEB86659FD93u + i) ^ static_cast<uint64_t>(row));
    out->push_back(before);
    out->append("\"").append(fields[i].name).append("\":");
    before = ',';
    if (fields[i].null_rate > 0 && static_cast<double>(Mix(random ^ 0x5555) >> 11) * 0x1p-53 < fields[i].null_rate)
      out->append("null");
    else
      AppendValue(fields[i], random, row, out);
  }
  out->append(before == '{' ? "{}" : "}");
}

}  // namespace kappa::datagen
