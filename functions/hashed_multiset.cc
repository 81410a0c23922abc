#include "functions/hashed_multiset.h"

namespace kappa {
namespace {

using hashed_multiset_internal::Block;
using hashed_multiset_internal::BlockOf;
using hashed_multiset_internal::SlotsOf;
using hashed_multiset_internal::ValueSlot;

constexpr uint32_t kFirstBits = 3;

size_t TableBytes(uint32_t bits) { return sizeof(ValueSlot) << bits; }

struct ShortValues {
  uint64_t value;
  static uint64_t HashOf(const StateArena&, const ValueSlot& slot) { return HashedHash(slot.value); }
  uint64_t Hash() const { return HashedHash(value); }
  bool Is(const StateArena&, const ValueSlot& slot) const { return slot.value == value; }
  uint64_t Store(StateArena&) const { return value; }
  static void Free(StateArena&, const ValueSlot&) {}
};

struct LongValues {
  std::string_view value;
  uint64_t hash;
  static uint64_t HashOf(const StateArena& arena, const ValueSlot& slot) { return BlockOf(arena, slot)->hash; }
  uint64_t Hash() const { return hash; }
  bool Is(const StateArena& arena, const ValueSlot& slot) const {
    Block* block = BlockOf(arena, slot);
    return block->hash == hash && std::string_view(block->bytes(), block->size) == value;
  }
  uint64_t Store(StateArena& arena) const {
    const StateArena::Ref ref = arena.Allocate(sizeof(Block) + value.size());
    auto* block = reinterpret_cast<Block*>(arena.At(ref));
    *block = {hash, value.size()};
    if (!value.empty()) std::memcpy(block->bytes(), value.data(), value.size());
    return ref;
  }
  static void Free(StateArena& arena, const ValueSlot& slot) { arena.Free(slot.value, sizeof(Block) + BlockOf(arena, slot)->size); }
};

template <typename Values>
void Grow(StateArena& arena, HashedMultiset* set) {
  HashedMultiset grown{0, set->used, set->bits == 0 ? kFirstBits : set->bits + 1};
  grown.slots = arena.Allocate(TableBytes(grown.bits));
  ValueSlot* to = SlotsOf(arena, grown);
  std::memset(static_cast<void*>(to), 0, TableBytes(grown.bits));
  if (set->bits != 0) {
    const uint64_t mask = (uint64_t{1} << grown.bits) - 1;
    const ValueSlot* from = SlotsOf(arena, *set);
    for (uint64_t i = 0; i < uint64_t{1} << set->bits; ++i) {
      if (from[i].weight == 0) continue;
      uint64_t at = Values::HashOf(arena, from[i]) & mask;
      while (to[at].weight != 0) at = (at + 1) & mask;
      to[at] = from[i];
    }
    arena.Free(set->slots, TableBytes(set->bits));
  }
  *set = grown;
}

// Empties a slot: those behind it that are not where their hash wants them move up.
template <typename Values>
void Remove(StateArena& arena, HashedMultiset* set, uint64_t at) {
  ValueSlot* slots = SlotsOf(arena, *set);
  const uint64_t mask = (uint64_t{1} << set->bits) - 1;
  Values::Free(arena, slots[at]);
  --set->used;
  for (uint64_t next = (at + 1) & mask; slots[next].weight != 0; next = (next + 1) & mask) {
    const uint64_t wanted = Values::HashOf(arena, slots[next]) & mask;
    if (((next - wanted) & mask) < ((next - at) & mask)) continue;
    slots[at] = slots[next];
    at = next;
  }
  slots[at] = {0, 0};
}

// A value that is not there.
template <typename Values>
void Insert(StateArena& arena, HashedMultiset* set, const Values& value, uint64_t hash, int64_t weight) {
  if (set->bits == 0 || (uint64_t{set->used} + 1) * 4 > (uint64_t{3} << set->bits)) Grow<Values>(arena, set);
  const uint64_t stored = value.Store(arena);
  ValueSlot* slots = SlotsOf(arena, *set);
  const uint64_t mask = (uint64_t{1} << set->bits) - 1;
  uint64_t at = hash & mask;
  while (slots[at].weight != 0) at = (at + 1) & mask;
  slots[at] = {stored, weight};
  ++set->used;
}

template <typename Values>
int64_t Add(StateArena& arena, HashedMultiset* set, const Values& value, int64_t weight) {
  const uint64_t hash = value.Hash();
  if (set->bits != 0) {
    ValueSlot* slots = SlotsOf(arena, *set);
    const uint64_t mask = (uint64_t{1} << set->bits) - 1;
    for (uint64_t at = hash & mask; slots[at].weight != 0; at = (at + 1) & mask) {
      if (!value.Is(arena, slots[at])) continue;
      const int64_t now = slots[at].weight + weight;
      slots[at].weight = now;
      if (now == 0) Remove<Values>(arena, set, at);
      return now;
    }
  }
  if (weight == 0) return 0;
  Insert(arena, set, value, hash, weight);
  return weight;
}

template <typename Values>
uint64_t Mark(StateArena& arena, HashedMultiset* set, const Values& value, uint64_t bits) {
  const uint64_t hash = value.Hash();
  if (set->bits != 0) {
    ValueSlot* slots = SlotsOf(arena, *set);
    const uint64_t mask = (uint64_t{1} << set->bits) - 1;
    for (uint64_t at = hash & mask; slots[at].weight != 0; at = (at + 1) & mask) {
      if (!value.Is(arena, slots[at])) continue;
      const auto before = static_cast<uint64_t>(slots[at].weight);
      slots[at].weight = static_cast<int64_t>(before | bits);
      return bits & ~before;
    }
  }
  Insert(arena, set, value, hash, static_cast<int64_t>(bits));
  return bits;
}

}  // namespace

int64_t HashedAdd(StateArena& arena, HashedMultiset* set, uint64_t value, int64_t weight) { return Add(arena, set, ShortValues{value}, weight); }

int64_t HashedAdd(StateArena& arena, HashedMultiset* set, std::string_view value, int64_t weight) {
  return Add(arena, set, LongValues{value, HashedHash(value)}, weight);
}

uint64_t HashedMark(StateArena& arena, HashedMultiset* set, uint64_t value, uint64_t bits) { return Mark(arena, set, ShortValues{value}, bits); }

uint64_t HashedMark(StateArena& arena, HashedMultiset* set, std::string_view value, uint64_t bits) {
  return Mark(arena, set, LongValues{value, HashedHash(value)}, bits);
}

void HashedRelease(StateArena& arena, HashedMultiset* set, bool long_values) {
  if (set->bits == 0) return;
  ValueSlot* slots = SlotsOf(arena, *set);
  for (uint64_t at = 0; long_values && at < uint64_t{1} << set->bits; ++at) {
    if (slots[at].weight != 0) LongValues::Free(arena, slots[at]);
  }
  arena.Free(set->slots, TableBytes(set->bits));
  *set = {};
}

void HashedCopy(const StateArena& from, const HashedMultiset& set, StateArena& to, HashedMultiset* out, bool long_values) {
  *out = set;
  if (set.bits == 0) return;
  out->slots = to.Allocate(TableBytes(set.bits));
  std::memcpy(static_cast<void*>(SlotsOf(to, *out)), SlotsOf(from, set), TableBytes(set.bits));
  if (!long_values) return;
  for (uint64_t at = 0; at < uint64_t{1} << set.bits; ++at) {
    ValueSlot* slot = SlotsOf(to, *out) + at;
    if (slot->weight == 0) continue;
    Block* block = BlockOf(from, *slot);
    const size_t bytes = sizeof(Block) + block->size;
    const StateArena::Ref copy = to.Allocate(bytes);
    std::memcpy(to.At(copy), block, bytes);
    slot = SlotsOf(to, *out) + at;
    slot->value = copy;
  }
}

}  // namespace kappa
