// Packed rows: relocatable, comparable as bytes. The fixed part is as a RowLayout says; the handle of a text (or whatever else has bytes) there
// holds, instead of a pointer, the offset of its bytes from the row's begin; they follow the fixed part in order of their slots. What is NULL is
// zero. Generated code packs and reads them too: exec/operators/packed_row.h.
#pragma once

#include <string>
#include <vector>

#include "types/any_value.h"
#include "types/row_layout.h"

namespace kappa {

bool HoldsBytes(const Slot& slot);
bool HoldBytes(const std::vector<Slot>& slots);

// `out` has the layout's size at least; bytes are appended.
void PackValue(const AnyValue& value, const RowLayout& layout, const Slot& slot, std::string* out);
void PackRow(const AnyValue* values, const RowLayout& layout, std::string* out);

// A column of packed rows, as values.
class PackedColumn {
 public:
  PackedColumn() = default;
  PackedColumn(const RowLayout* layout, size_t index);
  bool IsNull(const char* row) const { return layout_->IsNull(row, *slot_); }
  // Bytes of the room that Read needs, 8-byte aligned; 0: none.
  size_t room() const { return !bytes_ ? 0 : slot_->type.is_struct() ? layout_->size() : 16; }
  // Valid as long as the row and the room.
  AnyValue Read(const char* row, char* room) const;
  const TypeDescriptor* type() const { return type_; }
  const Slot& slot() const { return *slot_; }

 private:
  const RowLayout* layout_ = nullptr;
  const Slot* slot_ = nullptr;
  const TypeDescriptor* type_ = nullptr;
  bool bytes_ = false;
};

// The values of all columns; `room`: layout.size() bytes, used when the row holds texts.
void UnpackRow(const RowLayout& layout, const std::vector<const TypeDescriptor*>& types, const char* packed, char* room, AnyValue* values);

}  // namespace kappa
