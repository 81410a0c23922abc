#include "types/packed_row.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace kappa {
namespace {

template <typename T>
T LoadAs(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

void Relocate(const RowLayout& layout, const Slot& slot, const char* packed, char* row) {
  if (slot.type.is_struct()) {
    for (const Slot& field : slot.fields) Relocate(layout, field, packed, row);
  } else if (slot.type.has_bytes() && !layout.IsNull(row, slot)) {
    const char* bytes = packed + LoadAs<uint64_t>(packed + slot.offset + offsetof(Text, data));
    std::memcpy(row + slot.offset + offsetof(Text, data), &bytes, 8);
  }
}

}  // namespace

bool HoldsBytes(const Slot& slot) { return slot.type.is_struct() ? HoldBytes(slot.fields) : slot.type.has_bytes(); }
bool HoldBytes(const std::vector<Slot>& slots) { return std::any_of(slots.begin(), slots.end(), HoldsBytes); }

void PackValue(const AnyValue& value, const RowLayout& layout, const Slot& slot, std::string* out) {
  layout.SetNull(out->data(), slot, value.null);
  if (value.null) return;
  if (slot.type.is_struct()) {
    for (size_t i = 0; i < slot.fields.size(); ++i) PackValue(FieldOf(value, i), layout, slot.fields[i], out);
    return;
  }
  std::memcpy(out->data() + slot.offset, value.slot, SlotSize(slot.type.id()));
  if (!slot.type.has_bytes()) return;
  const auto text = LoadAs<Text>(value.slot);
  const uint64_t offset = out->size();
  std::memcpy(out->data() + slot.offset + offsetof(Text, data), &offset, 8);
  out->append(text.data == nullptr ? "" : text.data, text.size);
}

void PackRow(const AnyValue* values, const RowLayout& layout, std::string* out) {
  out->assign(layout.size(), '\0');
  for (size_t i = 0; i < layout.slots().size(); ++i) PackValue(values[i], layout, layout.slots()[i], out);
}

PackedColumn::PackedColumn(const RowLayout* layout, size_t index)
    : layout_(layout), slot_(&layout->slots()[index]), type_(DescribeType(slot_->type)), bytes_(HoldsBytes(*slot_)) {}

AnyValue PackedColumn::Read(const char* row, char* room) const {
  const bool null = layout_->IsNull(row, *slot_);
  if (slot_->type.is_struct()) {
    if (null || !bytes_) return {type_, row, null, layout_, slot_};
    std::memcpy(room, row, layout_->size());
    Relocate(*layout_, *slot_, row, room);
    return {type_, room, false, layout_, slot_};
  }
  const char* at = row + slot_->offset;
  if (null || !bytes_) return {type_, at, null, nullptr, nullptr};
  auto text = LoadAs<Text>(at);
  text.data = row + LoadAs<uint64_t>(at + offsetof(Text, data));
  std::memcpy(room, &text, sizeof text);
  return {type_, room, false, nullptr, nullptr};
}

void UnpackRow(const RowLayout& layout, const std::vector<const TypeDescriptor*>& types, const char* packed, char* room, AnyValue* values) {
  const char* row = packed;
  if (HoldBytes(layout.slots())) {
    std::memcpy(room, packed, layout.size());
    for (const Slot& slot : layout.slots()) Relocate(layout, slot, packed, room);
    row = room;
  }
  for (size_t i = 0; i < layout.slots().size(); ++i) values[i] = ValueAt(layout, row, layout.slots()[i], types[i]);
}

}  // namespace kappa
