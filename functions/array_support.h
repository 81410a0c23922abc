// What functions over arrays share. Errors are PostgreSQL's; all Fail* answer false.
#pragma once

#include <cstring>

#include "functions/call_context.h"
#include "functions/function.h"
#include "types/array_value.h"

namespace kappa {

template <typename T>
KAPPA_INLINE T LoadAs(const AnyValue& value) {
  T loaded;
  std::memcpy(&loaded, value.slot, sizeof loaded);
  return loaded;
}
template <typename T>
KAPPA_INLINE bool Answer(void* out, const T& value) {
  std::memcpy(out, &value, sizeof value);
  return true;
}
KAPPA_INLINE bool AnswerNull(bool* out_null) {
  *out_null = true;
  return true;
}
// The array that an argument holds; not NULL.
KAPPA_INLINE ArrayView ViewOf(const AnyValue& value) { return {LoadAs<Array>(value), value.type->element}; }

// "... (%d) ...", with up to two numbers.
KAPPA_COLD bool FailNumbers(CallContext& c, SqlState state, const char* format, int64_t a, int64_t b = 0);
KAPPA_COLD inline bool FailArraySize(CallContext& c) {
  return FailNumbers(c, sqlstate::kStatementTooLong, "array size exceeds the maximum allowed (%lld)", kMaxArrayElements);
}
KAPPA_COLD inline bool FailArrayDimensions(CallContext& c, int dimensions) {
  return FailNumbers(c, sqlstate::kStatementTooLong, "number of array dimensions (%lld) exceeds the maximum allowed (%lld)", dimensions,
                     kMaxArrayDimensions);
}
KAPPA_INLINE bool Finish(CallContext& c, ArrayBuilder& builder, const ArrayShape& shape, void* out) {
  Array array;
  if (KAPPA_UNLIKELY(!builder.Finish(shape, &array))) return FailArraySize(c);
  return Answer(out, array);
}
KAPPA_INLINE bool Finish(CallContext& c, ArrayBuilder& builder, void* out) { return Finish(c, builder, ArrayShape::Vector(builder.count()), out); }

// For generated code. A handle's elements; an element's slot (true: it is NULL); the canonical form of a slot of a type with bytes, in its place.
int64_t CountElements(const Array* array);
bool LoadElement(const Array* array, int64_t index, const TypeDescriptor* element, char* room);
void CanonicalBytes(CallContext* c, const TypeDescriptor* type, char* slot);

// Text input of a value of any type into a slot of it.
bool InputAny(CallContext& c, const TypeDescriptor* type, const Text& text, void* slot);
// An explicit cast of a value that is not NULL, with the type's modifier; `zone`: the session's. `slot` is zeroed: AnyRoom(to) bytes.
bool CastAny(CallContext& c, const AnyValue& from, const TypeDescriptor* to, const Text& zone, char* slot, bool* null);

}  // namespace kappa
