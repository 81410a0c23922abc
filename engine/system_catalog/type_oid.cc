#include "engine/system_catalog/type_oid.h"

namespace kappa {
namespace {

constexpr uint32_t kVarchar = kVarcharOid, kVarcharArray = 1015, kRecord = kRecordOid, kRecordArray = 2287, kUnknown = 705, kText = 25,
                   kTextArray = 1009;
// Types whose values are texts, or numbers, here: name, regclass, oid...
constexpr uint32_t kName = 19, kBpchar = 1042, kOid = 26;

const NumberedType* Find(TypeId id) {
  for (const NumberedType& row : NumberedTypes()) {
    if (row.id == id) return &row;
  }
  return nullptr;
}

}  // namespace

const std::vector<NumberedType>& NumberedTypes() {
  static const std::vector<NumberedType> types = {
      {TypeId::kBool, 16, 1000, 1, "bool", "boolean", 'B'},
      {TypeId::kBytea, 17, 1001, -1, "bytea", "bytea", 'U'},
      {TypeId::kInt8, 20, 1016, 8, "int8", "bigint", 'N'},
      {TypeId::kInt2, 21, 1005, 2, "int2", "smallint", 'N'},
      {TypeId::kInt4, 23, 1007, 4, "int4", "integer", 'N'},
      {TypeId::kText, 25, 1009, -1, "text", "text", 'S'},
      {TypeId::kJson, 114, 199, -1, "json", "json", 'U'},
      {TypeId::kFloat4, 700, 1021, 4, "float4", "real", 'N'},
      {TypeId::kFloat8, 701, 1022, 8, "float8", "double precision", 'N'},
      {TypeId::kDate, 1082, 1182, 4, "date", "date", 'D'},
      {TypeId::kTime, 1083, 1183, 8, "time", "time without time zone", 'D'},
      {TypeId::kTimestamp, 1114, 1115, 8, "timestamp", "timestamp without time zone", 'D'},
      {TypeId::kTimestampTz, 1184, 1185, 8, "timestamptz", "timestamp with time zone", 'D'},
      {TypeId::kInterval, 1186, 1187, 16, "interval", "interval", 'T'},
      {TypeId::kNumeric, 1700, 1231, -1, "numeric", "numeric", 'N'},
      {TypeId::kUuid, 2950, 2951, 16, "uuid", "uuid", 'U'},
      {TypeId::kJsonb, 3802, 3807, -1, "jsonb", "jsonb", 'U'},
  };
  return types;
}

WireType WireTypeOf(const Type& type) {
  if (type.id() == TypeId::kArray) {
    const Type& element = type.element();
    if (element.is_struct()) return {kRecordArray, -1, -1};
    const WireType one = WireTypeOf(element);
    const NumberedType* row = Find(element.id());
    return {one.oid == kVarchar ? kVarcharArray : row != nullptr ? row->array_oid : kTextArray, -1, one.modifier};
  }
  if (type.is_struct()) return {kRecord, -1, -1};
  const int32_t modifier = type.modifier();
  if (type.id() == TypeId::kText && modifier >= 0) return {kVarchar, -1, modifier + 4};
  const NumberedType* row = Find(type.id());
  if (row == nullptr) return {kText, -1, -1};  // a literal that nothing gave a type is shown as text
  return {row->oid, row->size, modifier >= 0 && type.id() == TypeId::kNumeric ? modifier + 4 : modifier};
}

std::optional<Type> TypeOfOid(uint32_t oid) {
  switch (oid) {
    case 0:
    case kUnknown:
      return Type(TypeId::kUnknown);
    case kVarchar:
    case kName:
    case kBpchar:
      return Type(TypeId::kText);
    case kVarcharArray:
      return Type::Array(TypeId::kText);
    case kOid:
      return Type(TypeId::kInt8);
    default:
      for (const NumberedType& row : NumberedTypes()) {
        if (row.oid == oid) return Type(row.id);
        if (row.array_oid == oid) return Type::Array(row.id);
      }
      return std::nullopt;
  }
}

}  // namespace kappa
