// A value of a type that is known when a query is planned, not when a function is compiled: what functions over "any", anyelement and anyarray get
// (FunctionBuilder::Raw, functions/function.h), and what arrays and JSON are built from.
#pragma once

#include <string>
#include <vector>

#include "types/row_layout.h"
#include "types/type.h"

namespace kappa {

// A type with what is computed from it once. Interned: equal types have one descriptor, which lives as long as the process.
struct TypeDescriptor {
  Type type;
  std::string name;                           // PostgreSQL's, without modifiers
  RowLayout layout;                           // of a struct: its fields are the columns
  Slot place;                                 // of a struct: all of `layout` as one slot
  std::vector<const TypeDescriptor*> fields;  // of a struct
  const TypeDescriptor* element = nullptr;    // of an array
};

// Any thread. Types that differ in a modifier or in a field's name have different descriptors.
const TypeDescriptor* DescribeType(const Type& type);

struct AnyValue {
  const TypeDescriptor* type = nullptr;
  const char* slot = nullptr;  // as types/row_layout.h lays it out; of a struct: the row that its fields are slots of
  bool null = true;
  // Of a struct inside of another, whose fields lie in the other's row; nullptr: type->layout and type->place.
  const RowLayout* layout = nullptr;
  const Slot* place = nullptr;
};
static_assert(sizeof(AnyValue) == 40);

// Field `index` of a struct that is not NULL.
inline AnyValue FieldOf(const AnyValue& value, size_t index) {
  const RowLayout& layout = value.layout != nullptr ? *value.layout : value.type->layout;
  const Slot& slot = (value.place != nullptr ? *value.place : value.type->place).fields[index];
  const bool null = layout.IsNull(value.slot, slot);
  if (slot.type.is_struct()) return {value.type->fields[index], value.slot, null, &layout, &slot};
  return {value.type->fields[index], value.slot + slot.offset, null, nullptr, nullptr};
}

// A column of a row, or a field of one: NULL or not.
inline AnyValue ValueAt(const RowLayout& layout, const char* row, const Slot& slot, const TypeDescriptor* type) {
  const bool null = layout.IsNull(row, slot);
  if (slot.type.is_struct()) return {type, row, null, &layout, &slot};
  return {type, row + slot.offset, null, nullptr, nullptr};
}
inline AnyValue ValueAt(const RowLayout& layout, const char* row, const Slot& slot) {  // of a struct or an array
  return ValueAt(layout, row, slot, slot.descriptor);
}

// Boxed, off the row path. FromDatum: a slot of the type (of a struct: a row of its layout), whose texts point into the datum; not NULL.
Datum ToDatum(const AnyValue& value);
void FromDatum(const Datum& datum, const TypeDescriptor* type, char* slot);
inline size_t AnyRoom(const TypeDescriptor* type) {  // bytes of such a slot
  return type->type.is_struct() && type->layout.size() > 24 ? type->layout.size() : 24;
}

}  // namespace kappa
