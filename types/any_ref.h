// A value of any type where it lies: in a row, or inside an array, whose handles hold offsets. Of types/ only: others see AnyValue.
#pragma once

#include <cstdint>
#include <cstring>

#include "types/array_value.h"

namespace kappa {

struct AnyRef {
  const TypeDescriptor* type = nullptr;
  const char* slot = nullptr;         // of a struct: the row its fields are slots of
  const RowLayout* layout = nullptr;  // of a struct, never nullptr; so `place`
  const Slot* place = nullptr;
  uintptr_t base = 0;  // added to the pointers of handles
  bool null = true;

  template <typename T>
  T Value() const {
    T value;
    std::memcpy(&value, slot, sizeof value);
    return value;
  }
  Text Bytes() const {
    Text text = Value<Text>();
    text.data = reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(text.data) + base);
    return text;
  }
  Array ArrayBytes() const {
    Array array;
    static_cast<Text&>(array) = Bytes();
    return array;
  }
  size_t fields() const { return place->fields.size(); }
  AnyRef Field(size_t index) const {
    const Slot& field = place->fields[index];
    const bool is_null = layout->IsNull(slot, field);
    if (field.type.is_struct()) return {type->fields[index], slot, layout, &field, base, is_null};
    return {type->fields[index], slot + field.offset, nullptr, nullptr, base, is_null};
  }
  static AnyRef Of(const AnyValue& value) {
    AnyRef ref{value.type, value.slot, value.layout, value.place, 0, value.null};
    if (ref.layout == nullptr) ref.layout = &value.type->layout;
    if (ref.place == nullptr) ref.place = &value.type->place;
    return ref;
  }
  static AnyRef Element(const ArrayView& array, size_t index) {
    const TypeDescriptor* element = array.element();
    return {element, array.raw_slot(index), &element->layout, &element->place, reinterpret_cast<uintptr_t>(array.variable()), array.IsNull(index)};
  }
};

}  // namespace kappa
