// kappa_last_change(partition, offset, deleted, row): what the last record of a key says, by its place in the log. Planned for sources of FORMAT
// UPSERT and keyed FORMAT DEBEZIUM (planner/binder/source_format.h); NULL where that record deletes.
#include <cstring>

#include "functions/aggregate.h"
#include "functions/tables.h"

namespace kappa {
namespace last_change_aggregates {

// A row's values one after another: a byte that says whether it is NULL, then the slot, or size and bytes.
size_t PackedSize(const AnyValue& value) {
  if (value.null) return 1;
  size_t size = 1;
  if (value.type->type.is_struct()) {
    for (size_t i = 0; i < value.type->fields.size(); ++i) size += PackedSize(FieldOf(value, i));
    return size;
  }
  if (!value.type->type.has_bytes()) return size + SlotSize(value.type->type.id());
  Text text;
  std::memcpy(&text, value.slot, sizeof text);
  return size + sizeof text.size + text.size;
}

char* Pack(const AnyValue& value, char* out) {
  *out++ = value.null ? '\1' : '\0';
  if (value.null) return out;
  if (value.type->type.is_struct()) {
    for (size_t i = 0; i < value.type->fields.size(); ++i) out = Pack(FieldOf(value, i), out);
    return out;
  }
  if (!value.type->type.has_bytes()) {
    const size_t size = SlotSize(value.type->type.id());
    std::memcpy(out, value.slot, size);
    return out + size;
  }
  Text text;
  std::memcpy(&text, value.slot, sizeof text);
  std::memcpy(out, &text.size, sizeof text.size);
  if (text.size != 0) std::memcpy(out + sizeof text.size, text.data, text.size);
  return out + sizeof text.size + text.size;
}

// With all that lies in it.
void SetNull(const RowLayout& layout, const Slot& slot, char* row) {
  layout.SetNull(row, slot, true);
  for (const Slot& field : slot.fields) SetNull(layout, field, row);
}

const char* Unpack(const char* p, const RowLayout& layout, const Slot& slot, CallContext& c, char* row) {
  const bool null = *p++ != '\0';
  if (null) {
    SetNull(layout, slot, row);
    return p;
  }
  layout.SetNull(row, slot, false);
  if (slot.type.is_struct()) {
    for (const Slot& field : slot.fields) p = Unpack(p, layout, field, c, row);
    return p;
  }
  if (!slot.type.has_bytes()) {
    const size_t size = SlotSize(slot.type.id());
    std::memcpy(row + slot.offset, p, size);
    return p + size;
  }
  uint32_t size;
  std::memcpy(&size, p, sizeof size);
  p += sizeof size;
  char* bytes = c.Allocate(size + 1);  // the state may move
  std::memcpy(bytes, p, size);
  const Text text(bytes, size);
  std::memcpy(row + slot.offset, &text, sizeof text);
  return p + size;
}

struct LastChange {
  struct State {
    int64_t offset;
    StateArena::Ref block;
    uint32_t size;
    uint32_t capacity;
    int32_t partition;
    uint8_t seen;
    uint8_t deleted;
  };
  static constexpr bool kInvertible = false;

  static bool Newer(const State& s, int32_t partition, int64_t offset) {
    return s.seen == 0 || partition > s.partition || (partition == s.partition && offset >= s.offset);
  }
  static void Add(StateContext& context, State* s, const AnyValue* args, uint32_t, int64_t) {
    int32_t partition;
    int64_t offset;
    std::memcpy(&partition, args[0].slot, sizeof partition);
    std::memcpy(&offset, args[1].slot, sizeof offset);
    if (!Newer(*s, partition, offset)) return;
    s->partition = partition;
    s->offset = offset;
    s->seen = 1;
    s->deleted = *args[2].slot != 0 ? 1 : 0;
    if (s->deleted != 0) {
      Release(context, s, false);
      return;
    }
    Reserve(context, s, static_cast<uint32_t>(PackedSize(args[3])));
    Pack(args[3], context.arena.At(s->block));
  }
  static void Reserve(StateContext& context, State* s, uint32_t size) {
    if (size > s->capacity) {
      const uint32_t capacity = size + size / 4;
      const StateArena::Ref block = context.arena.Allocate(capacity);
      if (s->capacity != 0) context.arena.Free(s->block, s->capacity);
      s->block = block;
      s->capacity = capacity;
    }
    s->size = size;
  }
  static void Merge(StateContext& context, State* s, StateContext& from, const State& other) {
    if (other.seen == 0 || !Newer(*s, other.partition, other.offset)) return;
    s->partition = other.partition;
    s->offset = other.offset;
    s->seen = 1;
    s->deleted = other.deleted;
    if (other.deleted != 0) {
      Release(context, s, false);
      return;
    }
    Reserve(context, s, other.size);
    std::memcpy(context.arena.At(s->block), from.arena.At(other.block), other.size);
  }
  static bool Result(StateContext& context, CallContext& c, const State& s, const TypeDescriptor* result, void* out, bool* out_null) {
    *out_null = s.seen == 0 || s.deleted != 0;
    if (*out_null) return true;
    const char* p = context.arena.At(s.block) + 1;  // the row itself is not NULL
    for (const Slot& slot : result->layout.slots()) p = Unpack(p, result->layout, slot, c, static_cast<char*>(out));
    return true;
  }
  static void Release(StateContext& context, State* s) { Release(context, s, true); }
  static void Release(StateContext& context, State* s, bool all) {
    if (s->capacity != 0) context.arena.Free(s->block, s->capacity);
    if (all) {
      *s = State{};
    } else {
      s->block = {};
      s->size = s->capacity = 0;
    }
  }
  static void Copy(StateContext& from, const State& s, StateContext& to, State* out) {
    *out = s;
    if (s.capacity == 0) return;
    out->block = to.arena.Allocate(s.capacity);
    std::memcpy(to.arena.At(out->block), from.arena.At(s.block), s.size);
  }
};

}  // namespace last_change_aggregates

using namespace last_change_aggregates;  // NOLINT: of this file only

KAPPA_HOST_ONLY std::vector<AggregateEntry> LastChangeAggregates() {
  using enum TypeId;
  return {Aggregate("kappa_last_change", {kInt4, kInt8, kBool, kAny}, kAny)
              .Raw<LastChange>()
              .Strict(0)
              .Doc("What the last record of a key says, by its place in the log.")};
}

}  // namespace kappa
