#include "types/row_layout.h"

#include <algorithm>

#include "types/array_value.h"
#include "types/sort_key.h"
#include "types/value_text.h"

namespace kappa {

size_t SlotSize(TypeId type) {
  switch (type) {
    case TypeId::kBool:
      return 1;
    case TypeId::kInt2:
      return 2;
    case TypeId::kInt4:
    case TypeId::kFloat4:
    case TypeId::kDate:
      return 4;
    case TypeId::kInt8:
    case TypeId::kFloat8:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      return 8;
    case TypeId::kNumeric:
      return 24;
    case TypeId::kText:
    case TypeId::kBytea:
    case TypeId::kJsonb:
    case TypeId::kInterval:
    case TypeId::kUuid:
    case TypeId::kUnknown:
    case TypeId::kAny:
    case TypeId::kArray:
    case TypeId::kJson:
    case TypeId::kAnyElement:
    case TypeId::kAnyArray:
      return 16;
    case TypeId::kStruct:
      return 0;
  }
  return 16;
}

size_t SlotAlignment(TypeId type) { return std::clamp<size_t>(SlotSize(type), 1, 8); }

namespace {

Slot MakeSlot(const Type& type, bool nullable, int32_t* bits) {
  Slot slot;
  slot.type = type;
  if (type.is_struct() || type.id() == TypeId::kArray) slot.descriptor = DescribeType(type);
  if (nullable) slot.null_bit = (*bits)++;
  for (const StructField& field : type.is_struct() ? type.fields() : std::vector<StructField>())
    slot.fields.push_back(MakeSlot(field.type, true, bits));
  return slot;
}

void CollectLeaves(Slot* slot, std::vector<Slot*>* leaves) {
  if (!slot->type.is_struct()) leaves->push_back(slot);
  for (Slot& field : slot->fields) CollectLeaves(&field, leaves);
}

}  // namespace

RowLayout::RowLayout(const std::vector<Column>& columns, uint32_t header) : null_offset_(header) {
  int32_t bits = 0;
  for (const Column& column : columns) slots_.push_back(MakeSlot(column.type, column.nullable, &bits));
  null_bytes_ = static_cast<uint32_t>((bits + 7) / 8);
  std::vector<Slot*> leaves;
  for (Slot& slot : slots_) CollectLeaves(&slot, &leaves);
  uint32_t offset = header + null_bytes_;
  for (size_t alignment : {size_t{8}, size_t{4}, size_t{2}, size_t{1}}) {
    for (Slot* leaf : leaves) {
      if (SlotAlignment(leaf->type.id()) != alignment) continue;
      offset = static_cast<uint32_t>((offset + alignment - 1) / alignment * alignment);
      leaf->offset = offset;
      offset += static_cast<uint32_t>(SlotSize(leaf->type.id()));
    }
  }
  size_ = (offset + 7) / 8 * 8;
}

Datum RowLayout::Load(const char* row, const Slot& slot) const {
  if (IsNull(row, slot)) return Datum();
  if (!slot.type.is_struct()) return Datum::Load(slot.type, row + slot.offset);
  std::vector<Datum> fields;
  for (const Slot& field : slot.fields) fields.push_back(Load(row, field));
  return Datum::Struct(std::move(fields));
}

void RowLayout::Store(char* row, const Slot& slot, const Datum& value) const {
  SetNull(row, slot, value.is_null());
  if (!slot.type.is_struct()) {
    if (value.is_null())
      std::fill_n(row + slot.offset, SlotSize(slot.type.id()), char{0});
    else
      value.Store(slot.type, row + slot.offset);
    return;
  }
  const Datum null;  // not a temporary in the choice below: that would make it copy the field, and texts stored would point into the copy
  for (size_t i = 0; i < slot.fields.size(); ++i) Store(row, slot.fields[i], value.is_null() ? null : value.as_struct()[i]);
}

void RowLayout::AppendText(const char* row, const Slot& slot, std::string* out) const {
  if (IsNull(row, slot)) return;
  if (slot.descriptor == nullptr) return AppendValueText(slot.type.id(), row + slot.offset, out);
  AppendAnyText(ValueAt(*this, row, slot), out);
}

void RowLayout::AppendSortKey(const char* row, const Slot& slot, std::string* out) const {
  const bool null = IsNull(row, slot);
  out->push_back(null ? '\2' : '\1');  // NULLS LAST
  if (null) return;
  if (slot.descriptor == nullptr) return AppendValueSortKey(slot.type.id(), row + slot.offset, out);
  AppendAnySortKey(ValueAt(*this, row, slot), out);
}

}  // namespace kappa
