// PostgreSQL's numbers of types (its catalog pg_type), as RowDescription and Parse name them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "types/type.h"

namespace kappa {

struct WireType {
  uint32_t oid = 0;
  int16_t size = -1;      // bytes of its binary form; -1: it varies
  int32_t modifier = -1;  // as pg_attribute has it: numeric (p << 16 | s) + 4, varchar n + 4
};

// The types that have numbers of their own, for pg_type.
struct NumberedType {
  TypeId id;
  uint32_t oid, array_oid;
  int16_t size;
  const char* name;   // as pg_type has it: int8
  const char* shown;  // as format_type shows it: bigint
  char category;      // pg_type.typcategory
};
const std::vector<NumberedType>& NumberedTypes();
inline constexpr uint32_t kVarcharOid = 1043, kRecordOid = 2249;

// A struct is a `record`; json and jsonb, arrays of all types have their own.
WireType WireTypeOf(const Type& type);
// kUnknown for 0 and `unknown`: to be inferred. nullopt: a type that is not there.
std::optional<Type> TypeOfOid(uint32_t oid);

}  // namespace kappa
