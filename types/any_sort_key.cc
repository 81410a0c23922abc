// Values of any type as bytes that order: what types/sort_key.h says, for structs and arrays. Two passes: what orders as SQL does, then what tells
// equal values apart. One pass would order (1.00, 1) above (1.0, 2).
#include <cstring>

#include "types/any_ref.h"
#include "types/array_value.h"
#include "types/canonical_key.h"
#include "types/sort_key.h"

namespace kappa {

namespace {

enum class Pass { kOrder, kDistinction };

void AppendInt(int32_t value, std::string* out) {
  char slot[4];
  std::memcpy(slot, &value, 4);
  AppendValueSortKey(TypeId::kInt4, slot, out);
}

template <typename T>
void AppendCanonical(const AnyRef& value, std::string* out) {
  const T canonical = CanonicalKey(value.Value<T>());
  AppendValueSortKey(value.type->type.id(), reinterpret_cast<const char*>(&canonical), out);
}

void AppendRef(const AnyRef& value, Pass pass, std::string* out);

void AppendPart(const AnyRef& value, Pass pass, std::string* out) {
  out->push_back(value.null ? '\2' : '\1');  // NULLs above all
  if (!value.null) AppendRef(value, pass, out);
}

void AppendArray(const ArrayView& array, Pass pass, std::string* out) {
  for (size_t i = 0; i < array.count(); ++i) AppendPart(AnyRef::Element(array, i), pass, out);
  out->push_back('\0');  // an end is below all elements
  const ArrayShape shape = array.shape();
  out->push_back(static_cast<char>(shape.dimensions));
  for (int d = 0; d < shape.dimensions; ++d) AppendInt(shape.lengths[d], out);
  for (int d = 0; d < shape.dimensions; ++d) AppendInt(shape.lower[d], out);
}

void AppendRef(const AnyRef& value, Pass pass, std::string* out) {
  const TypeId type = value.type->type.id();
  if (type == TypeId::kArray) return AppendArray(ArrayView(value.ArrayBytes(), value.type->element), pass, out);
  if (type == TypeId::kStruct) {
    for (size_t i = 0; i < value.fields(); ++i) AppendPart(value.Field(i), pass, out);
    return;
  }
  if (value.type->type.has_bytes()) {
    const Text bytes = value.Bytes();
    return AppendValueSortKey(type, reinterpret_cast<const char*>(&bytes), out);
  }
  if (pass == Pass::kOrder) {
    switch (type) {
      case TypeId::kFloat4:
        return AppendCanonical<float>(value, out);
      case TypeId::kFloat8:
        return AppendCanonical<double>(value, out);
      case TypeId::kNumeric:
        return AppendCanonical<Numeric>(value, out);
      case TypeId::kInterval:
        return AppendCanonical<Interval>(value, out);
      default:
        break;
    }
  }
  alignas(8) char slot[24];  // aligned, which it may not be in an array
  std::memcpy(slot, value.slot, SlotSize(type));
  AppendValueSortKey(type, slot, out);
}

void AppendBoth(const AnyRef& value, std::string* out) {
  AppendRef(value, Pass::kOrder, out);
  if (HasCanonicalForm(*value.type)) AppendRef(value, Pass::kDistinction, out);
}

}  // namespace

void AppendAnySortKey(const AnyValue& value, std::string* out) {
  if (!value.type->type.is_struct() && value.type->type.id() != TypeId::kArray) return AppendValueSortKey(value.type->type.id(), value.slot, out);
  AppendBoth(AnyRef::Of(value), out);
}

void AppendArraySortKey(const Array& array, const TypeDescriptor* element, std::string* out) {
  AppendArray(ArrayView(array, element), Pass::kOrder, out);
  if (HasCanonicalForm(*element)) AppendArray(ArrayView(array, element), Pass::kDistinction, out);
}

}  // namespace kappa
