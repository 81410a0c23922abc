// An array: a self-contained blob behind the handle `Array` (types/values.h). Nothing in it is a pointer, so that it is copied, stored, compared for
// equality of bytes and moved like a text. PostgreSQL's arrays: up to six dimensions, each with a lower bound; an array of arrays is an array of more
// dimensions.
//
//   | element's TypeId 1 | dimensions 1 | has NULLs 1 | version 1 | stride 4 | elements 4 | slots at 4 | variable parts at 4 | 0 4 |
//   | lengths 4 each | lower bounds 4 each | NULL bits, when it has NULLs | padding to 8 | slots, `stride` bytes each | variable parts |
//
// A slot is what types/row_layout.h says of the element's type; of a struct it is a row of its TypeDescriptor's layout. The handle of a text (or of
// whatever else has bytes) holds, instead of a pointer, the offset of its bytes among the variable parts. Unused bytes are zero: arrays that were
// made of the same values have the same bytes. The empty array has no dimensions. All calls: any thread, no allocation but from the arena that is
// given.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include "common/arena.h"
#include "common/runtime.h"
#include "common/status.h"
#include "types/any_value.h"
#include "types/values.h"

namespace kappa {

inline constexpr int kMaxArrayDimensions = 6;
inline constexpr int64_t kMaxArrayElements = 134217727;  // PostgreSQL's
inline constexpr size_t kMaxArrayBytes = 0x3fffffff;

struct AnyRef;  // types/any_ref.h

struct ArrayShape {
  int dimensions = 0;  // 0: empty
  int32_t lengths[kMaxArrayDimensions] = {};
  int32_t lower[kMaxArrayDimensions] = {};
  static ArrayShape Vector(size_t count) {  // one dimension from 1; nothing: the empty array
    ArrayShape shape;
    if (count == 0) return shape;
    shape.dimensions = 1;
    shape.lengths[0] = static_cast<int32_t>(count);
    shape.lower[0] = 1;
    return shape;
  }
  int32_t upper(int dimension) const {
    return static_cast<int32_t>(static_cast<uint32_t>(lower[dimension]) + static_cast<uint32_t>(lengths[dimension]) - 1);
  }
  friend bool operator==(const ArrayShape& a, const ArrayShape& b) = default;
};

// What an element's slot needs when it is taken out: bytes, 8-byte aligned.
inline size_t ElementRoom(const TypeDescriptor* element) { return AnyRoom(element); }

// Reads an array. Holds pointers into it.
class ArrayView {
 public:
  ArrayView(const Array& array, const TypeDescriptor* element) : bytes_(array.data), element_(element) {
    if (array.size != 0) std::memcpy(&head_, bytes_, sizeof head_);
  }
  const TypeDescriptor* element() const { return element_; }
  size_t count() const { return head_.count; }
  int dimensions() const { return head_.dimensions; }
  bool has_nulls() const { return head_.has_nulls != 0; }
  ArrayShape shape() const {
    ArrayShape shape;
    shape.dimensions = head_.dimensions;
    std::memcpy(shape.lengths, bytes_ + sizeof head_, 4 * size_t{head_.dimensions});
    std::memcpy(shape.lower, bytes_ + sizeof head_ + 4 * size_t{head_.dimensions}, 4 * size_t{head_.dimensions});
    return shape;
  }
  bool IsNull(size_t index) const {
    if (head_.has_nulls == 0) return false;
    return (bytes_[sizeof head_ + 8 * size_t{head_.dimensions} + (index >> 3)] >> (index & 7)) & 1;
  }
  // An element of a type without bytes that is not NULL: T as types/values.h.
  template <typename T>
  T Value(size_t index) const {
    T value;
    std::memcpy(&value, raw_slot(index), sizeof value);
    return value;
  }
  Text TextAt(size_t index) const {  // of a type that has bytes; not NULL
    Text text = Value<Text>(index);
    text.data = variable() + reinterpret_cast<uintptr_t>(text.data);
    return text;
  }
  // `room`: ElementRoom(element()) bytes where the element's slot is put; its texts point into the array.
  AnyValue Get(size_t index, char* room) const {
    AnyValue value{element_, room, IsNull(index), nullptr, nullptr};
    if (value.null) return value;
    std::memcpy(room, raw_slot(index), head_.stride);
    if (element_->type.has_bytes() || element_->type.is_struct()) Relocate(room);
    return value;
  }
  // As they lie in the array: handles hold offsets from variable().
  const char* raw_slot(size_t index) const { return bytes_ + head_.slots + index * head_.stride; }
  const char* variable() const { return bytes_ + head_.variable; }

 private:
  friend class ArrayBuilder;
  struct Head {
    uint8_t element = 0, dimensions = 0, has_nulls = 0, version = 0;
    uint32_t stride = 0, count = 0, slots = 0, variable = 0, zero = 0;
  };
  static_assert(sizeof(Head) == 24);
  void Relocate(char* room) const;

  Head head_;
  const char* bytes_;
  const TypeDescriptor* element_;
};

// Makes an array in an arena, element by element; in the order of the last dimension running fastest.
class ArrayBuilder {
 public:
  ArrayBuilder(Arena* arena, const TypeDescriptor* element, size_t expected = 8);
  void Add(const AnyValue& value);  // copies; NULL too. Its type is the element's
  void AddNull();
  void AddSlot(const char* slot);        // a value of a type that is no struct, not NULL
  void AddFrom(const ArrayView& array);  // all elements of an array of the same type
  void AddFrom(const ArrayView& array, size_t index);
  size_t count() const { return count_; }
  // False: larger than an array may be (kMaxArrayElements, kMaxArrayBytes): FailArraySize. `shape` holds count() elements; without: a vector from 1.
  [[nodiscard]] bool Finish(Array* out) { return Finish(ArrayShape::Vector(count_), out); }
  [[nodiscard]] bool Finish(const ArrayShape& shape, Array* out);

 private:
  char* NewSlot();
  void AddRef(const AnyRef& value);
  void Put(Text* handle);  // copies its bytes
  void Grow();

  Arena* arena_;
  const TypeDescriptor* element_;
  size_t stride_;
  char* slots_ = nullptr;
  char* nulls_ = nullptr;
  size_t count_ = 0, capacity_ = 0;
  char* variable_ = nullptr;
  size_t variable_size_ = 0, variable_capacity_ = 0;
  bool any_null_ = false, too_large_ = false;
};

// ---- values of any type; of a, b the types are the same and neither is NULL where nothing else is said

// PostgreSQL's order: -1, 0, 1. Arrays: by elements, then their number, then dimensions and bounds; structs: field by field; NULLs inside are equal,
// and above all others.
int CompareAny(const AnyValue& a, const AnyValue& b);
int CompareArrays(const Array& a, const Array& b, const TypeDescriptor* element);
uint64_t HashAny(const AnyValue& value);  // equal values hash alike

// Does a type have equal values with different bytes (numeric without a scale, floats, intervals, jsonb, and what holds them)?
bool HasCanonicalForm(const TypeDescriptor& type);
// types/canonical_key.h for arrays: of equal arrays one, whose bytes are compared. The array itself when nothing has to change.
Array CanonicalArray(const Array& array, const TypeDescriptor* element, Arena* arena);
void CanonicalSlot(const TypeDescriptor* type, char* slot, Arena* arena);  // of a slot (not a struct's) that is not NULL

// Appends the text form (value_text.h, for every type), and the ordering bytes (sort_key.h).
void AppendAnyText(const AnyValue& value, std::string* out);
Text AnyText(const AnyValue& value, Arena* arena);  // the same in an arena; a text is itself
void AppendAnySortKey(const AnyValue& value, std::string* out);
void AppendArrayText(const Array& array, const TypeDescriptor* element, std::string* out);
void AppendArraySortKey(const Array& array, const TypeDescriptor* element, std::string* out);

// Input of a value of any type: into a slot (of a struct: a row of the descriptor's layout), bytes in the arena. Errors as Datum::Parse.
Status ParseAny(const TypeDescriptor* type, std::string_view text, Arena* arena, char* slot);
Status ParseArray(const TypeDescriptor* element, std::string_view text, Arena* arena, Array* out);

// Copies a value into a slot, or of a struct into a row of its descriptor's layout (zeroed). Its bytes are not copied. Not NULL.
void CopyAny(const AnyValue& value, char* slot);
// Puts field `index` of a struct, NULL or not, into a row of the struct's own layout. Its bytes are not copied.
void SetField(const TypeDescriptor* type, size_t index, const AnyValue& value, char* row);
// A row whose texts are copied into the arena: for values that outlive what they point to.
void OwnAny(const TypeDescriptor* type, char* slot, Arena* arena);

}  // namespace kappa
