#include "types/array_value.h"

#include <algorithm>

#include "types/any_ref.h"
#include "types/canonical_key.h"
#include "types/compare.h"
#include "types/jsonb.h"

namespace kappa {

namespace {

constexpr uint8_t kArrayVersion = 1;

size_t Stride(const TypeDescriptor* element) { return element->type.is_struct() ? element->layout.size() : SlotSize(element->type.id()); }

// Visits the handles of a struct's row that are not NULL.
template <typename Visit>
void ForEachHandle(const RowLayout& layout, const std::vector<Slot>& slots, const char* row, const Visit& visit) {
  for (const Slot& slot : slots) {
    if (layout.IsNull(row, slot)) continue;
    if (slot.type.is_struct())
      ForEachHandle(layout, slot.fields, row, visit);
    else if (slot.type.has_bytes())
      visit(slot);
  }
}

void SetAllNull(const RowLayout& layout, const Slot& slot, char* row) {
  layout.SetNull(row, slot, true);
  for (const Slot& field : slot.fields) SetAllNull(layout, field, row);
}

// Into slot `to` of a row whose bytes are zero.
void CopyLeaves(const AnyRef& from, const RowLayout& layout, const Slot& to, char* row) {
  for (size_t i = 0; i < from.fields(); ++i) {
    const AnyRef field = from.Field(i);
    const Slot& slot = to.fields[i];
    if (field.null) {
      SetAllNull(layout, slot, row);
    } else if (slot.type.is_struct()) {
      CopyLeaves(field, layout, slot, row);
    } else if (slot.type.has_bytes()) {
      const Text text = field.Bytes();
      std::memcpy(row + slot.offset, &text, sizeof text);
    } else {
      std::memcpy(row + slot.offset, field.slot, SlotSize(slot.type.id()));
    }
  }
}

void CopyRef(const AnyRef& from, char* slot) {
  if (from.type->type.is_struct()) {
    CopyLeaves(from, from.type->layout, from.type->place, slot);
  } else if (from.type->type.has_bytes()) {
    const Text text = from.Bytes();
    std::memcpy(slot, &text, sizeof text);
  } else {
    std::memcpy(slot, from.slot, SlotSize(from.type->type.id()));
  }
}

char* Grown(Arena* arena, const char* old, size_t used, size_t capacity) {
  char* memory = arena->Allocate(capacity);
  if (used != 0) std::memcpy(memory, old, used);
  return memory;
}

}  // namespace

void ArrayView::Relocate(char* room) const {
  auto relocate = [&](char* handle) {
    Text text;
    std::memcpy(&text, handle, sizeof text);
    text.data = variable() + reinterpret_cast<uintptr_t>(text.data);
    std::memcpy(handle, &text, sizeof text);
  };
  if (!element_->type.is_struct()) return relocate(room);
  ForEachHandle(element_->layout, element_->layout.slots(), room, [&](const Slot& slot) { relocate(room + slot.offset); });
}

ArrayBuilder::ArrayBuilder(Arena* arena, const TypeDescriptor* element, size_t expected)
    : arena_(arena), element_(element), stride_(Stride(element)), capacity_(std::max<size_t>((expected + 7) & ~size_t{7}, 8)) {
  if (capacity_ > static_cast<size_t>(kMaxArrayElements)) capacity_ = 8;
  slots_ = arena_->Allocate(capacity_ * stride_);
  nulls_ = arena_->Allocate(capacity_ / 8);
  std::memset(nulls_, 0, capacity_ / 8);
}

void ArrayBuilder::Grow() {
  const size_t old = capacity_;
  capacity_ *= 2;
  slots_ = Grown(arena_, slots_, old * stride_, capacity_ * stride_);
  nulls_ = Grown(arena_, nulls_, old / 8, capacity_ / 8);
  std::memset(nulls_ + old / 8, 0, (capacity_ - old) / 8);
}

char* ArrayBuilder::NewSlot() {
  if (count_ == capacity_) {
    if ((count_ + 1) * stride_ > kMaxArrayBytes || count_ >= static_cast<size_t>(kMaxArrayElements)) {
      too_large_ = true;  // what follows overwrites; Finish tells
      count_ = 0;
    } else {
      Grow();
    }
  }
  char* slot = slots_ + count_++ * stride_;
  std::memset(slot, 0, stride_);
  return slot;
}

void ArrayBuilder::Put(Text* handle) {
  const size_t size = handle->size;
  if (variable_size_ + size > variable_capacity_) {
    if (variable_size_ + size > kMaxArrayBytes) {
      too_large_ = true;
      *handle = Text();
      return;
    }
    variable_capacity_ = std::max<size_t>({2 * variable_capacity_, variable_size_ + size, 64});
    variable_ = Grown(arena_, variable_, variable_size_, variable_capacity_);
  }
  if (size != 0) std::memcpy(variable_ + variable_size_, handle->data, size);
  handle->data = reinterpret_cast<const char*>(variable_size_);
  variable_size_ += size;
}

void ArrayBuilder::AddNull() {
  NewSlot();
  nulls_[(count_ - 1) >> 3] = static_cast<char>(nulls_[(count_ - 1) >> 3] | 1 << ((count_ - 1) & 7));
  any_null_ = true;
}

void ArrayBuilder::AddSlot(const char* slot) {
  char* own = NewSlot();
  if (!element_->type.has_bytes()) {
    std::memcpy(own, slot, stride_);
    return;
  }
  Text text;
  std::memcpy(&text, slot, sizeof text);
  Put(&text);
  std::memcpy(own, &text, sizeof text);
}

void ArrayBuilder::AddRef(const AnyRef& value) {
  if (value.null) return AddNull();
  char* own = NewSlot();
  CopyRef(value, own);
  auto put = [&](char* handle) {
    Text text;
    std::memcpy(&text, handle, sizeof text);
    Put(&text);
    std::memcpy(handle, &text, sizeof text);
  };
  if (element_->type.has_bytes()) return put(own);
  if (element_->type.is_struct()) {
    ForEachHandle(element_->layout, element_->layout.slots(), own, [&](const Slot& slot) { put(own + slot.offset); });
  }
}

void ArrayBuilder::Add(const AnyValue& value) { AddRef(AnyRef::Of(value)); }
void ArrayBuilder::AddFrom(const ArrayView& array, size_t index) { AddRef(AnyRef::Element(array, index)); }
void ArrayBuilder::AddFrom(const ArrayView& array) {
  for (size_t i = 0; i < array.count(); ++i) AddFrom(array, i);
}

bool ArrayBuilder::Finish(const ArrayShape& shape, Array* out) {
  ArrayView::Head head;
  head.element = static_cast<uint8_t>(element_->type.id());
  head.version = kArrayVersion;
  if (count_ != 0) head.dimensions = static_cast<uint8_t>(shape.dimensions);
  head.has_nulls = any_null_;
  head.stride = static_cast<uint32_t>(stride_);
  head.count = static_cast<uint32_t>(count_);
  const size_t bounds = sizeof head + 8 * size_t{head.dimensions};
  const size_t nulls = any_null_ ? (count_ + 7) / 8 : 0;
  const size_t slots = (bounds + nulls + 7) & ~size_t{7};
  const size_t variable = slots + count_ * stride_;
  const size_t size = variable + variable_size_;
  if (too_large_ || count_ > static_cast<size_t>(kMaxArrayElements) || size > kMaxArrayBytes) return false;
  head.slots = static_cast<uint32_t>(slots);
  head.variable = static_cast<uint32_t>(variable);
  char* bytes = arena_->Allocate(size);
  std::memcpy(bytes, &head, sizeof head);
  std::memcpy(bytes + sizeof head, shape.lengths, 4 * size_t{head.dimensions});
  std::memcpy(bytes + sizeof head + 4 * size_t{head.dimensions}, shape.lower, 4 * size_t{head.dimensions});
  std::memset(bytes + bounds, 0, slots - bounds);
  std::memcpy(bytes + bounds, nulls_, nulls);
  if (count_ != 0) std::memcpy(bytes + slots, slots_, count_ * stride_);
  if (variable_size_ != 0) std::memcpy(bytes + variable, variable_, variable_size_);
  *out = Array(bytes, size);
  return true;
}

// ---- order and hash

namespace {

int CompareRefs(const AnyRef& a, const AnyRef& b);

// NULLs are equal, and above all values.
int CompareNullable(const AnyRef& a, const AnyRef& b) {
  if (a.null || b.null) return static_cast<int>(a.null) - static_cast<int>(b.null);
  return CompareRefs(a, b);
}

int CompareInts(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

int CompareRefs(const AnyRef& a, const AnyRef& b) {
  switch (a.type->type.id()) {
    case TypeId::kBool:
      return CompareInts(*a.slot, *b.slot);
    case TypeId::kInt2:
      return CompareValues(a.Value<int16_t>(), b.Value<int16_t>());
    case TypeId::kInt4:
    case TypeId::kDate:
      return CompareValues(a.Value<int32_t>(), b.Value<int32_t>());
    case TypeId::kInt8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return CompareValues(a.Value<int64_t>(), b.Value<int64_t>());
    case TypeId::kFloat4:
      return CompareValues(a.Value<float>(), b.Value<float>());
    case TypeId::kFloat8:
      return CompareValues(a.Value<double>(), b.Value<double>());
    case TypeId::kNumeric:
      return CompareValues(a.Value<Numeric>(), b.Value<Numeric>());
    case TypeId::kInterval:
      return CompareValues(a.Value<Interval>(), b.Value<Interval>());
    case TypeId::kUuid:
      return CompareValues(a.Value<Uuid>(), b.Value<Uuid>());
    case TypeId::kJsonb:
      return CompareJsonb(JsonbView(a.Bytes().view()), JsonbView(b.Bytes().view()));
    case TypeId::kArray:
      return CompareArrays(a.ArrayBytes(), b.ArrayBytes(), a.type->element);
    case TypeId::kStruct:
      for (size_t i = 0; i < a.fields() && i < b.fields(); ++i) {
        if (const int order = CompareNullable(a.Field(i), b.Field(i)); order != 0) return order;
      }
      return CompareInts(static_cast<int64_t>(a.fields()), static_cast<int64_t>(b.fields()));
    default:
      return CompareValues(a.Bytes(), b.Bytes());
  }
}

uint64_t HashRef(const AnyRef& v) {
  if (v.null) return 0x9E;
  switch (v.type->type.id()) {
    case TypeId::kBool:
      return HashValue(int64_t{*v.slot});
    case TypeId::kInt2:
      return HashValue(v.Value<int16_t>());
    case TypeId::kInt4:
    case TypeId::kDate:
      return HashValue(v.Value<int32_t>());
    case TypeId::kInt8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return HashValue(v.Value<int64_t>());
    case TypeId::kFloat4:
      return HashValue(v.Value<float>());
    case TypeId::kFloat8:
      return HashValue(v.Value<double>());
    case TypeId::kNumeric:
      return HashValue(v.Value<Numeric>());
    case TypeId::kInterval:
      return HashValue(v.Value<Interval>());
    case TypeId::kUuid:
      return HashValue(v.Value<Uuid>());
    case TypeId::kArray: {
      const ArrayView view(v.ArrayBytes(), v.type->element);
      uint64_t hash = HashInt(view.count());
      for (size_t i = 0; i < view.count(); ++i) hash = HashCombine(hash, HashRef(AnyRef::Element(view, i)));
      return hash;
    }
    case TypeId::kStruct: {
      uint64_t hash = HashInt(v.fields());
      for (size_t i = 0; i < v.fields(); ++i) hash = HashCombine(hash, HashRef(v.Field(i)));
      return hash;
    }
    case TypeId::kJsonb: {
      Arena arena;
      const Text bytes = v.Bytes();
      return HashValue(CanonicalJsonb(Jsonb(bytes.data, bytes.size), &arena));
    }
    default:
      return HashValue(v.Bytes());
  }
}

}  // namespace

int CompareAny(const AnyValue& a, const AnyValue& b) { return CompareRefs(AnyRef::Of(a), AnyRef::Of(b)); }
uint64_t HashAny(const AnyValue& value) { return HashRef(AnyRef::Of(value)); }

int CompareArrays(const Array& a, const Array& b, const TypeDescriptor* element) {
  const ArrayView x(a, element), y(b, element);
  const size_t common = std::min(x.count(), y.count());
  for (size_t i = 0; i < common; ++i) {
    if (const int order = CompareNullable(AnyRef::Element(x, i), AnyRef::Element(y, i)); order != 0) return order;
  }
  if (x.count() != y.count()) return x.count() < y.count() ? -1 : 1;
  if (x.dimensions() != y.dimensions()) return x.dimensions() < y.dimensions() ? -1 : 1;
  const ArrayShape p = x.shape(), q = y.shape();
  for (int d = 0; d < p.dimensions; ++d) {
    if (p.lengths[d] != q.lengths[d]) return p.lengths[d] < q.lengths[d] ? -1 : 1;
  }
  for (int d = 0; d < p.dimensions; ++d) {
    if (p.lower[d] != q.lower[d]) return p.lower[d] < q.lower[d] ? -1 : 1;
  }
  return 0;
}

// ---- canonical form

bool HasCanonicalForm(const TypeDescriptor& type) {
  switch (type.type.id()) {
    case TypeId::kFloat4:
    case TypeId::kFloat8:
    case TypeId::kInterval:
    case TypeId::kJsonb:
      return true;
    case TypeId::kNumeric:
      return type.type.modifier() < 0;
    case TypeId::kArray:
      return HasCanonicalForm(*type.element);
    case TypeId::kStruct:
      return std::any_of(type.fields.begin(), type.fields.end(), [](const TypeDescriptor* field) { return HasCanonicalForm(*field); });
    default:
      return false;
  }
}

void CanonicalSlot(const TypeDescriptor* type, char* slot, Arena* arena) {
  auto replace = [&](auto value) {
    std::memcpy(&value, slot, sizeof value);
    value = CanonicalKey(value);
    std::memcpy(slot, &value, sizeof value);
  };
  switch (type->type.id()) {
    case TypeId::kFloat4:
      return replace(float{});
    case TypeId::kFloat8:
      return replace(double{});
    case TypeId::kNumeric:
      return replace(Numeric());
    case TypeId::kInterval:
      return replace(Interval());
    case TypeId::kJsonb: {
      Jsonb value;
      std::memcpy(&value, slot, sizeof value);
      value = CanonicalJsonb(value, arena);
      std::memcpy(slot, &value, sizeof value);
      return;
    }
    case TypeId::kArray: {
      Array array;
      std::memcpy(&array, slot, sizeof array);
      array = CanonicalArray(array, type->element, arena);
      std::memcpy(slot, &array, sizeof array);
      return;
    }
    default:
      return;
  }
}

namespace {

void CanonicalFields(const TypeDescriptor* type, const RowLayout& layout, const Slot& place, char* row, Arena* arena) {
  for (size_t i = 0; i < place.fields.size(); ++i) {
    const Slot& field = place.fields[i];
    if (layout.IsNull(row, field)) continue;
    if (field.type.is_struct())
      CanonicalFields(type->fields[i], layout, field, row, arena);
    else
      CanonicalSlot(type->fields[i], row + field.offset, arena);
  }
}

}  // namespace

Array CanonicalArray(const Array& array, const TypeDescriptor* element, Arena* arena) {
  if (array.size == 0 || !HasCanonicalForm(*element)) return array;
  const ArrayView view(array, element);
  char* room = arena->Allocate(ElementRoom(element));
  ArrayBuilder builder(arena, element, view.count());
  for (size_t i = 0; i < view.count(); ++i) {
    const AnyValue value = view.Get(i, room);
    if (!value.null) {
      if (element->type.is_struct())
        CanonicalFields(element, element->layout, element->place, room, arena);
      else
        CanonicalSlot(element, room, arena);
    }
    builder.Add(value);
  }
  Array canonical;
  return builder.Finish(view.shape(), &canonical) ? canonical : array;  // no longer than it was
}

// ---- copies

void CopyAny(const AnyValue& value, char* slot) { CopyRef(AnyRef::Of(value), slot); }

void SetField(const TypeDescriptor* type, size_t index, const AnyValue& value, char* row) {
  const Slot& slot = type->place.fields[index];
  if (value.null) return SetAllNull(type->layout, slot, row);
  type->layout.SetNull(row, slot, false);
  if (slot.type.is_struct())
    CopyLeaves(AnyRef::Of(value), type->layout, slot, row);
  else
    CopyRef(AnyRef::Of(value), row + slot.offset);
}

void OwnAny(const TypeDescriptor* type, char* slot, Arena* arena) {
  auto own = [&](char* handle) {
    Text text;
    std::memcpy(&text, handle, sizeof text);
    if (text.size == 0) return;
    char* bytes = arena->Allocate(text.size);
    std::memcpy(bytes, text.data, text.size);
    text.data = bytes;
    std::memcpy(handle, &text, sizeof text);
  };
  if (type->type.has_bytes()) return own(slot);
  if (type->type.is_struct()) {
    ForEachHandle(type->layout, type->layout.slots(), slot, [&](const Slot& leaf) { own(slot + leaf.offset); });
  }
}

}  // namespace kappa
