// The values of a group, each with how often it is there, in no order: what DISTINCT needs of aggregates that fold. Like OrderedMultiset (which keeps
// an order, at several times the cost) it lives in a StateArena, so that the state row that refers to it stays relocatable.
//
// A table of 16-byte slots, open addressing with linear probing (D. Knuth, The Art of Computer Programming 3, 6.4), at most 3/4 full; deletion moves
// later slots back, so that there are no marks of what was deleted. A value of at most 8 bytes lies in its slot, a longer one in a block of its own.
// Weights may pass below zero on the way; a value of weight 0 is not there.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "common/hash.h"
#include "common/state_arena.h"

namespace kappa {

struct HashedMultiset {  // all zero: empty
  StateArena::Ref slots;
  uint32_t used, bits;  // of 1 << bits slots; bits 0: there are none
};

namespace hashed_multiset_internal {
struct ValueSlot {
  uint64_t value;  // or the StateArena::Ref of a Block
  int64_t weight;  // 0: empty
};
struct Block {
  uint64_t hash;
  uint64_t size;
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
};
inline ValueSlot* SlotsOf(const StateArena& arena, const HashedMultiset& set) { return reinterpret_cast<ValueSlot*>(arena.At(set.slots)); }
inline Block* BlockOf(const StateArena& arena, const ValueSlot& slot) { return reinterpret_cast<Block*>(arena.At(slot.value)); }
}  // namespace hashed_multiset_internal

// Adds `weight` to the value and answers its weight now. A set holds values of one of the two kinds.
int64_t HashedAdd(StateArena& arena, HashedMultiset* set, uint64_t value, int64_t weight);
int64_t HashedAdd(StateArena& arena, HashedMultiset* set, std::string_view value, int64_t weight);
// Of a set whose weights are bits: sets `bits`, not 0, of the value and answers those that were not set. Nothing leaves such a set.
uint64_t HashedMark(StateArena& arena, HashedMultiset* set, uint64_t value, uint64_t bits);
uint64_t HashedMark(StateArena& arena, HashedMultiset* set, std::string_view value, uint64_t bits);
// Fetches the memory where HashedAdd of the value will look first.
inline void HashedPrefetch(const StateArena& arena, const HashedMultiset& set, uint64_t hash) {
  if (set.bits == 0) return;
  __builtin_prefetch(hashed_multiset_internal::SlotsOf(arena, set) + (hash & ((uint64_t{1} << set.bits) - 1)), 1);
}
inline uint64_t HashedHash(uint64_t value) { return HashInt(value); }
inline uint64_t HashedHash(std::string_view value) { return HashBytes(value.data(), value.size()); }
// `long_values`: of the second kind.
void HashedRelease(StateArena& arena, HashedMultiset* set, bool long_values);
void HashedCopy(const StateArena& from, const HashedMultiset& set, StateArena& to, HashedMultiset* out, bool long_values);

// fn(std::string_view value, int64_t weight) for every value, in no order; a short one as its 8 bytes.
template <typename Fn>
void HashedForEach(const StateArena& arena, const HashedMultiset& set, bool long_values, const Fn& fn) {
  using namespace hashed_multiset_internal;  // NOLINT: its own
  if (set.bits == 0) return;
  const ValueSlot* slots = SlotsOf(arena, set);
  for (uint64_t at = 0; at < uint64_t{1} << set.bits; ++at) {
    if (slots[at].weight == 0) continue;
    if (!long_values) {
      fn(std::string_view(reinterpret_cast<const char*>(&slots[at].value), sizeof slots[at].value), slots[at].weight);
    } else {
      Block* block = BlockOf(arena, slots[at]);
      fn(std::string_view(block->bytes(), block->size), slots[at].weight);
    }
  }
}

}  // namespace kappa
