#include "functions/ordered_multiset.h"

#include <algorithm>
#include <cstring>

#include "common/hash.h"

namespace kappa {

using multiset_internal::At;
using multiset_internal::ElementOf;
using multiset_internal::Node;
using Ref = StateArena::Ref;

namespace {

size_t BytesOf(uint32_t key_size, uint32_t payload_size) { return sizeof(Node) + ((payload_size + 7) & ~uint32_t{7}) + key_size; }

int Compare(std::string_view key, Node* node) {
  const size_t size = std::min<size_t>(key.size(), node->key_size);
  const int order = std::memcmp(key.data(), node->key(), size);
  if (order != 0) return order;
  return key.size() < node->key_size ? -1 : key.size() > node->key_size;
}

void Pull(const StateArena& arena, Node* node) {
  node->total = node->peak = node->weight;
  for (Ref child : {node->left, node->right}) {
    if (child == 0) continue;
    node->total += At(arena, child)->total;
    node->peak = std::max(node->peak, At(arena, child)->peak);
  }
}

// What is before `key`, and what is after it: it is not in the tree.
void Split(const StateArena& arena, Ref tree, std::string_view key, Ref* left, Ref* right) {
  if (tree == 0) {
    *left = *right = 0;
    return;
  }
  Node* node = At(arena, tree);
  if (Compare(key, node) < 0) {
    Split(arena, node->left, key, left, &node->left);
    *right = tree;
  } else {
    Split(arena, node->right, key, &node->right, right);
    *left = tree;
  }
  Pull(arena, node);
}

Ref Join(const StateArena& arena, Ref left, Ref right) {
  if (left == 0 || right == 0) return left == 0 ? right : left;
  Node* a = At(arena, left);
  Node* b = At(arena, right);
  if (a->priority >= b->priority) {
    a->right = Join(arena, a->right, right);
    Pull(arena, a);
    return left;
  }
  b->left = Join(arena, left, b->left);
  Pull(arena, b);
  return right;
}

Ref Insert(const StateArena& arena, Ref tree, Ref added) {
  Node* node = At(arena, added);
  if (tree == 0) return added;
  Node* top = At(arena, tree);
  const std::string_view key(node->key(), node->key_size);
  if (node->priority > top->priority) {
    Split(arena, tree, key, &node->left, &node->right);
    Pull(arena, node);
    return added;
  }
  Ref& child = Compare(key, top) < 0 ? top->left : top->right;
  child = Insert(arena, child, added);
  Pull(arena, top);
  return tree;
}

// Adds to the element that is there; false: it is not. An element that becomes 0 is freed.
bool Bump(StateArena& arena, Ref* tree, std::string_view key, int64_t weight, int64_t* now) {
  if (*tree == 0) return false;
  Node* node = At(arena, *tree);
  const int order = Compare(key, node);
  if (order != 0) {
    if (!Bump(arena, order < 0 ? &node->left : &node->right, key, weight, now)) return false;
    Pull(arena, node);
    return true;
  }
  *now = node->weight += weight;
  if (node->weight != 0) {
    Pull(arena, node);
    return true;
  }
  const Ref gone = *tree;
  *tree = Join(arena, node->left, node->right);
  arena.Free(gone, BytesOf(node->key_size, node->payload_size));
  return true;
}

void ReleaseTree(StateArena& arena, Ref tree) {
  if (tree == 0) return;
  Node* node = At(arena, tree);
  ReleaseTree(arena, node->left);
  ReleaseTree(arena, node->right);
  arena.Free(tree, BytesOf(node->key_size, node->payload_size));
}

Ref CopyTree(const StateArena& from, Ref tree, StateArena& to) {
  if (tree == 0) return 0;
  Node* node = At(from, tree);
  const size_t bytes = BytesOf(node->key_size, node->payload_size);
  const Ref copy = to.Allocate(bytes);
  std::memcpy(to.At(copy), node, bytes);
  const Ref left = CopyTree(from, node->left, to), right = CopyTree(from, node->right, to);
  At(to, copy)->left = left;
  At(to, copy)->right = right;
  return copy;
}

}  // namespace

int64_t MultisetAdd(StateArena& arena, OrderedMultiset* set, std::string_view key, uint32_t class_size, std::string_view payload, int64_t weight) {
  int64_t now = 0;
  if (weight == 0) return 0;
  set->rows += weight;
  if (Bump(arena, &set->root, key, weight, &now)) return now;
  const auto key_size = static_cast<uint32_t>(key.size()), payload_size = static_cast<uint32_t>(payload.size());
  const Ref ref = arena.Allocate(BytesOf(key_size, payload_size));
  Node* node = At(arena, ref);
  *node = {0, 0, weight, weight, weight, static_cast<uint32_t>(HashBytes(key.data(), key.size()) >> 32), key_size, class_size, payload_size};
  std::memcpy(node->payload(), payload.data(), payload.size());
  std::memcpy(node->key(), key.data(), key.size());
  set->root = Insert(arena, set->root, ref);
  return weight;
}

void MultisetRelease(StateArena& arena, OrderedMultiset* set) {
  ReleaseTree(arena, set->root);
  *set = OrderedMultiset();
}

void MultisetCopy(const StateArena& from, const OrderedMultiset& set, StateArena& to, OrderedMultiset* out) {
  out->rows = set.rows;
  out->root = CopyTree(from, set.root, to);
}

bool MultisetLowerBound(const StateArena& arena, const OrderedMultiset& set, std::string_view key, MultisetElement* out) {
  Node* best = nullptr;
  for (Ref at = set.root; at != 0;) {
    Node* node = At(arena, at);
    const bool before = Compare(key, node) > 0;
    if (!before) best = node;
    at = before ? node->right : node->left;
  }
  if (best == nullptr) return false;
  *out = ElementOf(best);
  if (best->weight > 0) return true;
  // Only on the way of an epoch: those after it, one by one.
  bool found = false;
  MultisetForEach(arena, set.root, [&](const MultisetElement& element) {
    found = element.weight > 0 && element.key >= key;
    if (found) *out = element;
    return !found;
  });
  return found;
}

bool MultisetAt(const StateArena& arena, const OrderedMultiset& set, int64_t index, MultisetElement* out) {
  for (Ref at = set.root; at != 0;) {
    Node* node = At(arena, at);
    const int64_t before = node->left == 0 ? 0 : At(arena, node->left)->total;
    if (index >= before && index < before + node->weight) {
      *out = ElementOf(node);
      return true;
    }
    if (index < before) {
      at = node->left;
    } else {
      index -= before + node->weight;
      at = node->right;
    }
  }
  return false;
}

bool MultisetMode(const StateArena& arena, const OrderedMultiset& set, MultisetElement* out) {
  if (set.root == 0) return false;
  const int64_t peak = At(arena, set.root)->peak;
  if (peak <= 0) return false;
  for (Ref at = set.root;;) {
    Node* node = At(arena, at);
    if (node->left != 0 && At(arena, node->left)->peak == peak) {
      at = node->left;
    } else if (node->weight == peak) {
      *out = ElementOf(node);
      return true;
    } else {
      at = node->right;
    }
  }
}

}  // namespace kappa
