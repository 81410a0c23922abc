// The values of a group in order, each with how often it is there, kept in a StateArena so that the state row that refers to it stays relocatable:
// what aggregates use that must look back when a row is retracted (min, max), or that see their rows in order.
//
// A treap with the size of each subtree (C. Aragon and R. Seidel, "Randomized Search Trees", 1989), whose priorities are hashes of the elements: its
// shape is a function of the set and not of the order of changes. A change, and the element of a given rank, cost O(log n).
//
// An element is a key, by whose bytes it is ordered (memcmp; types/sort_key.h), and a payload, which is a function of the key. The first `class_size`
// bytes of a key say which elements SQL calls equal (1.5 and 1.50): they stand side by side. Weights may pass below zero on the way; an element of
// weight 0 is not there.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/state_arena.h"

namespace kappa {

struct OrderedMultiset {  // all zero: empty
  StateArena::Ref root;
  int64_t rows;  // the sum of all weights
};

struct MultisetElement {
  std::string_view key;
  uint32_t class_size = 0;
  const char* payload = nullptr;  // 8-byte aligned, in the arena
  uint32_t payload_size = 0;
  int64_t weight = 0;
  std::string_view equal_class() const { return key.substr(0, class_size); }
};

// Adds `weight` to the element of this key (made when it is new, freed when it is 0 then) and answers its weight now.
int64_t MultisetAdd(StateArena& arena, OrderedMultiset* set, std::string_view key, uint32_t class_size, std::string_view payload, int64_t weight);
void MultisetRelease(StateArena& arena, OrderedMultiset* set);
void MultisetCopy(const StateArena& from, const OrderedMultiset& set, StateArena& to, OrderedMultiset* out);

// The first element whose key is not before `key` and whose weight is positive; false: none.
bool MultisetLowerBound(const StateArena& arena, const OrderedMultiset& set, std::string_view key, MultisetElement* out);
// The element that holds row `index` of 0..rows-1, when every element counts as often as it is there. No weight is negative.
bool MultisetAt(const StateArena& arena, const OrderedMultiset& set, int64_t index, MultisetElement* out);
// The first of the elements of the greatest weight; false: none is positive.
bool MultisetMode(const StateArena& arena, const OrderedMultiset& set, MultisetElement* out);

namespace multiset_internal {
struct Node {
  StateArena::Ref left, right;
  int64_t weight;  // not 0
  int64_t total;   // of the subtree
  int64_t peak;    // the greatest weight in the subtree
  uint32_t priority, key_size, class_size, payload_size;
  char* payload() { return reinterpret_cast<char*>(this + 1); }
  char* key() { return payload() + ((payload_size + 7) & ~uint32_t{7}); }
};
inline Node* At(const StateArena& arena, StateArena::Ref ref) { return reinterpret_cast<Node*>(arena.At(ref)); }
inline MultisetElement ElementOf(Node* node) {
  return {{node->key(), node->key_size}, node->class_size, node->payload(), node->payload_size, node->weight};
}
}  // namespace multiset_internal

// Every element in order, those of negative weight too; `fn` answers false to stop.
template <typename Fn>
bool MultisetForEach(const StateArena& arena, StateArena::Ref root, const Fn& fn) {
  if (root == 0) return true;
  multiset_internal::Node* node = multiset_internal::At(arena, root);
  return MultisetForEach(arena, node->left, fn) && fn(multiset_internal::ElementOf(node)) && MultisetForEach(arena, node->right, fn);
}

}  // namespace kappa
