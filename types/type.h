// SQL types.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kappa {

enum class TypeId : uint8_t {
  kUnknown = 0,  // an untyped NULL or string literal, before the binder gives it a type
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kFloat4,
  kFloat8,
  kNumeric,
  kText,
  kBytea,
  kDate,
  kTime,
  kTimestamp,
  kTimestampTz,
  kInterval,
  kUuid,
  kJsonb,
  kArray,
  kStruct,
  kAny,  // in function signatures only: any type
  kJson,
  // In function signatures only: of all arguments the element type is one (their common type), and so is the result's.
  kAnyElement,
  kAnyArray,
};

struct StructField;

// A value type, cheap to copy.
class Type {
 public:
  Type() = default;
  Type(TypeId id, int32_t modifier = -1) : id_(id), modifier_(modifier) {}  // NOLINT: TypeId is a Type
  static Type Struct(std::vector<StructField> fields);
  static Type Array(const Type& element);
  static Type Numeric(int precision, int scale);  // numeric(p, s)
  static Type Varchar(int length);                // text with a limit

  TypeId id() const { return id_; }
  // numeric: (precision << 16 | scale); text: varchar's limit; timestamps, time: digits of seconds; -1: none
  int32_t modifier() const { return modifier_; }
  const std::vector<StructField>& fields() const;  // of a struct
  const Type& element() const;                     // of an array

  bool is_struct() const { return id_ == TypeId::kStruct; }
  bool is_integer() const { return id_ == TypeId::kInt2 || id_ == TypeId::kInt4 || id_ == TypeId::kInt8; }
  bool is_numeric() const { return is_integer() || id_ == TypeId::kFloat4 || id_ == TypeId::kFloat8 || id_ == TypeId::kNumeric; }
  bool is_text_like() const { return id_ == TypeId::kText || id_ == TypeId::kBytea; }
  // A slot holds a handle (types/values.h Text) to bytes that lie elsewhere and have no pointers in them.
  bool has_bytes() const {
    return is_text_like() || id_ == TypeId::kJsonb || id_ == TypeId::kJson || id_ == TypeId::kArray || id_ == TypeId::kUnknown;
  }
  bool is_temporal() const { return id_ == TypeId::kDate || id_ == TypeId::kTimestamp || id_ == TypeId::kTimestampTz; }

  // PostgreSQL's name with modifiers: bigint, numeric(10,2), timestamp without time zone, struct<name text, ...>.
  std::string ToString() const;
  friend bool operator==(const Type& a, const Type& b);  // modifiers count
  bool SameId(const Type& other) const;                  // modifiers do not (recursively)

 private:
  TypeId id_ = TypeId::kUnknown;
  int32_t modifier_ = -1;
  std::shared_ptr<const std::vector<StructField>> fields_;  // an array keeps its element in the first
};

struct StructField {
  std::string name;
  Type type;
};

}  // namespace kappa
