#include "exec/state/key_table.h"

#include <algorithm>
#include <bit>

#include "common/hash.h"
#include "types/row_layout.h"

namespace kappa {
namespace {
constexpr uint64_t kFirstSlots = 16;

// Part of the slots that are taken at most.
bool TooFull(uint64_t keys, uint64_t slots) { return keys * 4 > slots * 3; }

bool HoldsBytes(const Slot& slot) {
  return slot.type.is_struct() ? std::any_of(slot.fields.begin(), slot.fields.end(), HoldsBytes) : slot.type.has_bytes();
}
}  // namespace

KeyTableSpec MakeKeyTableSpec(const RowLayout& key, uint32_t user_bytes) {
  return {user_bytes, static_cast<uint32_t>(key.size()), std::any_of(key.slots().begin(), key.slots().end(), HoldsBytes)};
}

uint64_t PackedKeyHash(const char* key, size_t bytes, bool variable) {
  if (variable) return HashBytes(key, bytes);
  uint64_t hash = 0;
  for (size_t at = 0; at < bytes; at += 8) {
    uint64_t word;
    std::memcpy(&word, key + at, 8);
    hash = at == 0 ? HashInt(word) : HashCombine(hash, word);
  }
  return hash;
}

KeyTable::KeyTable(const KeyTableSpec& spec) : spec_(spec), key_offset_((spec.user_bytes + (spec.variable ? 4 : 0) + 7) & ~7u) { Clear(); }

void KeyTable::Clear() {
  records_.Clear();
  slots_ = ZeroedArray<Slot>(kFirstSlots);
  mask_ = kFirstSlots - 1;
  keys_ = 0;
}

void KeyTable::FindAll(const KeyedRow* rows, int64_t count, Id* ids) const {
  for (int64_t i = 0; i < count; ++i) Prefetch(rows[i].hash);
  for (int64_t i = 0; i < count; ++i) PrefetchRecord(rows[i].hash);
  for (int64_t i = 0; i < count; ++i) ids[i] = Find(rows[i].hash, rows[i].key, rows[i].key_bytes);
}

void KeyTable::FindOrInsertAll(const KeyedRow* rows, int64_t count, Id* ids) {
  for (int64_t i = 0; i < count; ++i) Prefetch(rows[i].hash);
  for (int64_t i = 0; i < count; ++i) PrefetchRecord(rows[i].hash);
  for (int64_t i = 0; i < count; ++i) ids[i] = FindOrInsert(rows[i].hash, rows[i].key, rows[i].key_bytes);
}

KeyTable::Id KeyTable::Insert(uint64_t hash, const char* key, size_t bytes) {
  if (TooFull(keys_ + 1, mask_ + 1)) Resize((mask_ + 1) * 2);
  const Id id = records_.Allocate(key_offset_ + bytes);
  if (id == 0) return 0;
  char* record = records_.At(id);
  std::memset(record, 0, key_offset_);
  if (spec_.variable) {
    const auto size = static_cast<uint32_t>(bytes);
    std::memcpy(record + spec_.user_bytes, &size, 4);
  }
  if (bytes != 0) std::memcpy(record + key_offset_, key, bytes);
  uint64_t at = hash & mask_;
  while (slots_[at].record != 0) at = (at + 1) & mask_;
  slots_[at] = {static_cast<uint32_t>(hash), id};
  ++keys_;
  return id;
}

void KeyTable::Erase(Id id) {
  uint64_t hole = Hash(id) & mask_;
  while (slots_[hole].record != id) hole = (hole + 1) & mask_;
  records_.Free(id, key_offset_ + KeySize(id));
  // What was pushed past the hole moves back into it.
  for (uint64_t at = (hole + 1) & mask_; slots_[at].record != 0; at = (at + 1) & mask_) {
    const uint64_t home = slots_[at].tag & mask_;
    if (((at - home) & mask_) < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  --keys_;
}

void KeyTable::Reserve(uint64_t keys) {
  uint64_t slots = mask_ + 1;
  while (TooFull(keys, slots) && slots < uint64_t{1} << 31) slots *= 2;
  if (slots > mask_ + 1) Resize(slots);
}

void KeyTable::Resize(uint64_t slots) {
  const ZeroedArray<Slot> old = std::move(slots_);
  const uint64_t old_slots = mask_ + 1;
  slots_ = ZeroedArray<Slot>(slots);
  mask_ = slots - 1;
  for (uint64_t i = 0; i < old_slots; ++i) {
    if (old[i].record == 0) continue;
    uint64_t at = old[i].tag & mask_;
    while (slots_[at].record != 0) at = (at + 1) & mask_;
    slots_[at] = old[i];
  }
}

}  // namespace kappa
