// The fixed layout of a row in memory, computed once per plan; generated code and C++ agree on it.
//
//   | null bits, one per nullable value (structs: one for the struct and one per nullable field) | slots by descending alignment, in order of
//   declaration |
//
// A slot holds what types/values.h says: bool 1 byte, int2 2, int4/float4/date 4, int8/float8/time/timestamps 8,
// text/bytea/json/jsonb/arrays/interval/uuid 16, numeric 24 bytes. A struct has no slot of its own: its fields have. A set null bit means NULL; the
// slot's content is then zero.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "types/datum.h"
#include "types/type.h"

namespace kappa {

struct TypeDescriptor;  // types/any_value.h

size_t SlotSize(TypeId type);
size_t SlotAlignment(TypeId type);  // at most 8

struct Slot {
  Type type;
  uint32_t offset = 0;                         // bytes from the row's begin; of a struct: unused
  int32_t null_bit = -1;                       // -1: never NULL
  std::vector<Slot> fields;                    // of a struct
  const TypeDescriptor* descriptor = nullptr;  // of structs and arrays
};

class RowLayout {
 public:
  struct Column {
    Type type;
    bool nullable = true;
  };
  RowLayout() = default;
  // `header`: bytes kept free at the row's begin (a multiple of 8). Fields of structs are nullable.
  explicit RowLayout(const std::vector<Column>& columns, uint32_t header = 0);

  size_t size() const { return size_; }                  // a multiple of 8
  uint32_t null_offset() const { return null_offset_; }  // where the null bits begin
  uint32_t null_bytes() const { return null_bytes_; }
  const std::vector<Slot>& slots() const { return slots_; }

  bool IsNull(const char* row, const Slot& slot) const {
    return slot.null_bit >= 0 && ((row[null_offset_ + (slot.null_bit >> 3)] >> (slot.null_bit & 7)) & 1);
  }
  void SetNull(char* row, const Slot& slot, bool null) const {
    if (slot.null_bit < 0) return;
    char& byte = row[null_offset_ + (slot.null_bit >> 3)];
    const char mask = static_cast<char>(1 << (slot.null_bit & 7));
    byte = static_cast<char>(null ? byte | mask : byte & ~mask);
  }
  Datum Load(const char* row, const Slot& slot) const;                // structs too
  void Store(char* row, const Slot& slot, const Datum& value) const;  // texts point into `value`

  // Appends the text form, PostgreSQL's; nothing for NULL.
  void AppendText(const char* row, const Slot& slot, std::string* out) const;
  // Appends an order-preserving, self-delimiting byte form of the value: memcmp of two of them orders as SQL's ascending NULLS LAST does. The
  // canonical row bytes of design section 3.
  void AppendSortKey(const char* row, const Slot& slot, std::string* out) const;

 private:
  std::vector<Slot> slots_;
  uint32_t size_ = 0, null_offset_ = 0, null_bytes_ = 0;
};

}  // namespace kappa
