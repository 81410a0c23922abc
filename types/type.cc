#include "types/type.h"

#include <utility>

namespace kappa {

namespace {

const std::vector<StructField>& NoFields() {
  static const std::vector<StructField> none;
  return none;
}

const char* BaseName(TypeId id) {
  switch (id) {
    case TypeId::kUnknown:
      return "unknown";
    case TypeId::kBool:
      return "boolean";
    case TypeId::kInt2:
      return "smallint";
    case TypeId::kInt4:
      return "integer";
    case TypeId::kInt8:
      return "bigint";
    case TypeId::kFloat4:
      return "real";
    case TypeId::kFloat8:
      return "double precision";
    case TypeId::kNumeric:
      return "numeric";
    case TypeId::kText:
      return "text";
    case TypeId::kBytea:
      return "bytea";
    case TypeId::kDate:
      return "date";
    case TypeId::kTime:
      return "time without time zone";
    case TypeId::kTimestamp:
      return "timestamp without time zone";
    case TypeId::kTimestampTz:
      return "timestamp with time zone";
    case TypeId::kInterval:
      return "interval";
    case TypeId::kUuid:
      return "uuid";
    case TypeId::kJsonb:
      return "jsonb";
    case TypeId::kArray:
      return "anyarray";
    case TypeId::kStruct:
      return "struct";
    case TypeId::kAny:
      return "any";
    case TypeId::kJson:
      return "json";
    case TypeId::kAnyElement:
      return "anyelement";
    case TypeId::kAnyArray:
      return "anyarray";
  }
  return "unknown";
}

// interval day to second(3); the bits are those of types/datetime_input.h: IntervalField.
std::string IntervalName(int32_t fields, int32_t precision) {
  static constexpr const char* kNames[] = {"year", "month", "day", "hour", "minute", "second"};
  std::string text = "interval";
  if ((fields & 0x7FFF) != 0x7FFF) {
    int first = -1, last = -1;
    for (int i = 0; i < 6; ++i) {
      if ((fields >> i & 1) == 0) continue;
      if (first < 0) first = i;
      last = i;
    }
    if (first >= 0) text += std::string(" ") + kNames[first];
    if (last > first) text += std::string(" to ") + kNames[last];
  }
  if (precision <= 6) text += "(" + std::to_string(precision) + ")";
  return text;
}

// A field's name as it would have to be written.
std::string QuotedName(const std::string& name) {
  bool plain = !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_');
  for (char c : name) plain = plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  if (plain) return name;
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

bool SameFields(const std::vector<StructField>& a, const std::vector<StructField>& b, bool with_names_and_modifiers) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (with_names_and_modifiers ? !(a[i].name == b[i].name && a[i].type == b[i].type) : !a[i].type.SameId(b[i].type)) return false;
  }
  return true;
}

}  // namespace

Type Type::Struct(std::vector<StructField> fields) {
  Type type(TypeId::kStruct);
  type.fields_ = std::make_shared<const std::vector<StructField>>(std::move(fields));
  return type;
}

Type Type::Array(const Type& element) {
  Type type(TypeId::kArray);
  type.fields_ = std::make_shared<const std::vector<StructField>>(std::vector<StructField>{{"", element}});
  return type;
}

Type Type::Numeric(int precision, int scale) { return Type(TypeId::kNumeric, (precision << 16) | (scale & 0xFFFF)); }
Type Type::Varchar(int length) { return Type(TypeId::kText, length); }

const std::vector<StructField>& Type::fields() const { return fields_ == nullptr ? NoFields() : *fields_; }

const Type& Type::element() const {
  static const Type unknown;
  return fields_ == nullptr || fields_->empty() ? unknown : (*fields_)[0].type;
}

std::string Type::ToString() const {
  const std::string modifier = std::to_string(modifier_);
  switch (id_) {
    case TypeId::kNumeric:
      if (modifier_ < 0) break;
      return "numeric(" + std::to_string(modifier_ >> 16) + "," + std::to_string(static_cast<int16_t>(modifier_ & 0xFFFF)) + ")";
    case TypeId::kText:
      if (modifier_ >= 0) return "character varying(" + modifier + ")";
      break;
    case TypeId::kTime:
      if (modifier_ >= 0) return "time(" + modifier + ") without time zone";
      break;
    case TypeId::kTimestamp:
      if (modifier_ >= 0) return "timestamp(" + modifier + ") without time zone";
      break;
    case TypeId::kTimestampTz:
      if (modifier_ >= 0) return "timestamp(" + modifier + ") with time zone";
      break;
    case TypeId::kInterval:
      if (modifier_ >= 0) return IntervalName(modifier_ >> 16, modifier_ & 0xFFFF);
      break;
    case TypeId::kArray:
      if (fields_ != nullptr) return element().ToString() + "[]";
      break;
    case TypeId::kStruct: {
      if (fields_ == nullptr) break;
      std::string text = "struct<";
      for (size_t i = 0; i < fields_->size(); ++i) {
        if (i > 0) text += ", ";
        text += QuotedName((*fields_)[i].name) + " " + (*fields_)[i].type.ToString();
      }
      return text + ">";
    }
    default:
      break;
  }
  return BaseName(id_);
}

bool operator==(const Type& a, const Type& b) {
  return a.id_ == b.id_ && a.modifier_ == b.modifier_ && (a.fields_ == b.fields_ || SameFields(a.fields(), b.fields(), true));
}

bool Type::SameId(const Type& other) const { return id_ == other.id_ && (fields_ == other.fields_ || SameFields(fields(), other.fields(), false)); }

}  // namespace kappa
