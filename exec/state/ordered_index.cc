#include <algorithm>
#include <cstring>
#include <new>

#include "exec/state/ordered_index_words.h"

namespace kappa {

using ordered_index::Below;
using ordered_index::Counted;
using ordered_index::SumUpTo;

namespace {

using Position = OrderedIndex::Position;
constexpr uint32_t kFull = OrderedIndex::kFanout;
constexpr uint32_t kMergeBelow = 48;  // two neighbours that are fewer together become one

uint64_t InsertBit(uint64_t word, uint32_t at) { return (word & Below(at)) | ((word & ~Below(at)) << 1); }
uint64_t RemoveBit(uint64_t word, uint32_t at) { return (word & Below(at)) | ((word >> 1) & ~Below(at)); }

template <typename T>
void InsertAt(T* array, uint32_t count, uint32_t at, T value) {
  std::memmove(array + at + 1, array + at, (count - at) * sizeof(T));
  array[at] = value;
}
template <typename T>
void RemoveAt(T* array, uint32_t count, uint32_t at) {
  std::memmove(array + at, array + at + 1, (count - at - 1) * sizeof(T));
}

size_t LeafBytes(uint32_t capacity) {
  return sizeof(OrderedIndex::Leaf) + ((capacity * (sizeof(uint64_t) + sizeof(int64_t) + sizeof(uint32_t)) + 7) & ~size_t{7});
}

}  // namespace

// --- nodes

OrderedIndex::Leaf* OrderedIndex::NewLeaf(uint32_t capacity) {
  pool_->bytes += LeafBytes(capacity);
  auto* leaf = new (::operator new(LeafBytes(capacity))) Leaf;
  leaf->capacity = static_cast<uint16_t>(capacity);
  return leaf;
}

OrderedIndex::Inner* OrderedIndex::NewInner() {
  pool_->bytes += sizeof(Inner);
  auto* inner = new (::operator new(sizeof(Inner))) Inner;
  inner->capacity = kFull;
  inner->leaf = false;
  return inner;
}

void OrderedIndex::Free(Node* node) {
  if (node->summary != nullptr) pool_->drop_summary(pool_->owner, node->summary);
  if (node->leaf) {
    auto* leaf = static_cast<Leaf*>(node);
    if (leaf->before != nullptr) pool_->bytes -= leaf->capacity * sizeof(int64_t);
    delete[] leaf->before;
    pool_->bytes -= LeafBytes(leaf->capacity);
  } else {
    pool_->bytes -= sizeof(Inner);
  }
  ::operator delete(node);
}

void OrderedIndex::FreeTree(Node* node) {
  if (!node->leaf) {
    auto* inner = static_cast<Inner*>(node);
    for (uint32_t i = 0; i < inner->count; ++i) FreeTree(inner->child[i]);
  }
  Free(node);
}

void OrderedIndex::Clear() {
  if (root_ != nullptr) FreeTree(std::exchange(root_, nullptr));
}

OrderedIndex::Counts OrderedIndex::Count(const Node* node) {
  Counts counts;
  if (node->leaf) {
    auto* leaf = const_cast<Leaf*>(static_cast<const Leaf*>(node));
    counts.entries = leaf->count;
    const int64_t *now = leaf->now(), *before = leaf->before != nullptr ? leaf->before : now;
    for (uint32_t i = 0; i < leaf->count; ++i) {
      counts.rows[kNow] += Counted(now[i]);
      counts.rows[kBefore] += Counted(before[i]);
    }
    for (int version = 0; version < 2; ++version) counts.heads[version] = std::popcount(leaf->heads[version]);
    return counts;
  }
  const auto* inner = static_cast<const Inner*>(node);
  counts.entries = SumUpTo(inner->entries, inner->count);
  for (int version = 0; version < 2; ++version) {
    counts.rows[version] = SumUpTo(inner->rows[version], inner->count);
    counts.heads[version] = SumUpTo(inner->heads[version], inner->count);
  }
  return counts;
}

int64_t OrderedIndex::entries() const {
  if (root_ == nullptr) return 0;
  return root_->leaf ? root_->count : SumUpTo(static_cast<const Inner*>(root_)->entries, root_->count);
}
int64_t OrderedIndex::rows(Version version) const { return root_ == nullptr ? 0 : Count(root_).rows[version]; }
int64_t OrderedIndex::heads(Version version) const { return root_ == nullptr ? 0 : Count(root_).heads[version]; }

std::pair<uint64_t, uint32_t> OrderedIndex::FirstOf(Node* node) {
  if (!node->leaf) return {static_cast<Inner*>(node)->prefix[0], static_cast<Inner*>(node)->id[0]};
  return {static_cast<Leaf*>(node)->prefixes()[0], static_cast<Leaf*>(node)->ids()[0]};
}

void OrderedIndex::SetChild(Inner* parent, uint32_t at, Node* child) {
  const Counts counts = Count(child);
  parent->child[at] = child;
  std::tie(parent->prefix[at], parent->id[at]) = FirstOf(child);
  parent->entries[at] = counts.entries;
  for (int version = 0; version < 2; ++version) {
    parent->rows[version][at] = counts.rows[version];
    parent->heads[version][at] = counts.heads[version];
  }
  child->parent = parent;
  child->slot = static_cast<uint16_t>(at);
}

void OrderedIndex::MoveChild(Inner* from, uint32_t at, Inner* to, uint32_t where) {
  to->child[where] = from->child[at];
  to->prefix[where] = from->prefix[at];
  to->id[where] = from->id[at];
  to->entries[where] = from->entries[at];
  for (int version = 0; version < 2; ++version) {
    to->rows[version][where] = from->rows[version][at];
    to->heads[version][where] = from->heads[version][at];
  }
  to->child[where]->parent = to;
  to->child[where]->slot = static_cast<uint16_t>(where);
}

// The first entry beneath the node has become another one.
void OrderedIndex::FixFirst(Node* node) {
  const auto [prefix, id] = FirstOf(node);
  for (Inner* parent = node->parent; parent != nullptr; parent = parent->parent) {
    parent->prefix[node->slot] = prefix;
    parent->id[node->slot] = id;
    if (node->slot != 0) return;
    node = parent;
  }
}

void OrderedIndex::Replace(Node* old, Node* node) {
  node->parent = old->parent;
  node->slot = old->slot;
  if (old->parent == nullptr)
    root_ = node;
  else
    old->parent->child[old->slot] = node;
}

// --- changes

void OrderedIndex::Touch(Leaf* leaf) {
  if (leaf->before == nullptr) {
    leaf->before = new int64_t[leaf->capacity];
    pool_->bytes += leaf->capacity * sizeof(int64_t);
    std::memcpy(leaf->before, leaf->now(), leaf->count * sizeof(int64_t));
  }
  for (Node* node = leaf; node != nullptr && !(node->touched && node->stale); node = node->parent) node->touched = node->stale = true;
}

void OrderedIndex::SetWeight(Position at, int64_t now) {
  Touch(at.leaf);
  int64_t& weight = at.leaf->now()[at.at];
  const int64_t rows = Counted(now) - Counted(weight);
  weight = now;
  at.leaf->changed |= uint64_t{1} << at.at;
  if (rows == 0) return;
  for (Node* node = at.leaf; node->parent != nullptr; node = node->parent) node->parent->rows[kNow][node->slot] += rows;
}

void OrderedIndex::SetHead(Position at, bool head) {
  if (at.head(kNow) == head) return;
  Touch(at.leaf);
  at.leaf->heads[kNow] ^= uint64_t{1} << at.at;
  for (Node* node = at.leaf; node->parent != nullptr; node = node->parent) node->parent->heads[kNow][node->slot] += head ? 1 : -1;
}

// The same with another capacity.
OrderedIndex::Leaf* OrderedIndex::Resize(Leaf* leaf, uint32_t capacity) {
  Leaf* grown = NewLeaf(capacity);
  std::memcpy(grown->prefixes(), leaf->prefixes(), leaf->count * sizeof(uint64_t));
  std::memcpy(grown->now(), leaf->now(), leaf->count * sizeof(int64_t));
  std::memcpy(grown->ids(), leaf->ids(), leaf->count * sizeof(uint32_t));
  if (leaf->before != nullptr) {
    grown->before = new int64_t[capacity];
    pool_->bytes += capacity * sizeof(int64_t);
    std::memcpy(grown->before, leaf->before, leaf->count * sizeof(int64_t));
  }
  grown->changed = leaf->changed;
  grown->heads[0] = leaf->heads[0];
  grown->heads[1] = leaf->heads[1];
  grown->count = leaf->count;
  grown->touched = leaf->touched;
  grown->summary = std::exchange(leaf->summary, nullptr);
  grown->stale = leaf->stale;
  Replace(leaf, grown);
  Free(leaf);
  return grown;
}

// All but the first `keep` entries go to a new leaf, which is not yet anybody's child.
OrderedIndex::Leaf* OrderedIndex::SplitLeaf(Leaf* leaf, uint32_t keep) {
  Leaf* right = NewLeaf(kFull);
  const uint32_t moved = leaf->count - keep;
  std::memcpy(right->prefixes(), leaf->prefixes() + keep, moved * sizeof(uint64_t));
  std::memcpy(right->now(), leaf->now() + keep, moved * sizeof(int64_t));
  std::memcpy(right->ids(), leaf->ids() + keep, moved * sizeof(uint32_t));
  right->before = new int64_t[kFull];
  pool_->bytes += kFull * sizeof(int64_t);
  std::memcpy(right->before, leaf->before + keep, moved * sizeof(int64_t));
  auto split = [&](uint64_t* from, uint64_t* to) {
    *to = keep == kFull ? 0 : *from >> keep;
    *from &= Below(keep);
  };
  split(&leaf->changed, &right->changed);
  for (int version = 0; version < 2; ++version) split(&leaf->heads[version], &right->heads[version]);
  right->count = static_cast<uint16_t>(moved);
  right->touched = true;
  leaf->count = static_cast<uint16_t>(keep);
  return right;
}

void OrderedIndex::AddChild(Node* left, Node* right) {
  Inner* parent = left->parent;
  if (parent == nullptr) {
    parent = NewInner();
    parent->touched = true;
    parent->count = 1;
    SetChild(parent, 0, left);
    root_ = parent;
  } else if (parent->count == kFull) {
    Inner* sibling = NewInner();
    sibling->touched = true;
    const bool last = left->slot + 1u == kFull && parent->slot + 1u == (parent->parent == nullptr ? 1u : parent->parent->count);
    const uint32_t keep = last ? kFull - 1 : kFull / 2;
    for (uint32_t i = keep; i < kFull; ++i) MoveChild(parent, i, sibling, i - keep);
    sibling->count = static_cast<uint16_t>(kFull - keep);
    parent->count = static_cast<uint16_t>(keep);
    AddChild(parent, sibling);
    parent = left->parent;
  }
  for (uint32_t i = parent->count; i > left->slot + 1u; --i) MoveChild(parent, i - 1, parent, i);
  ++parent->count;
  SetChild(parent, left->slot, left);
  SetChild(parent, left->slot + 1u, right);
  parent->touched = parent->stale = true;
}

OrderedIndex::Position OrderedIndex::Insert(Position at, uint64_t prefix, uint32_t id) {
  if (root_ == nullptr) root_ = NewLeaf(1);
  if (!at) {
    at = Last();
    at = at ? Position{at.leaf, at.leaf->count} : Position{static_cast<Leaf*>(root_), 0};
  }
  Leaf* leaf = at.leaf;
  if (leaf->count == leaf->capacity && leaf->capacity < kFull) leaf = at.leaf = Resize(leaf, std::min(leaf->capacity * 2u, kFull));
  Touch(leaf);
  if (leaf->count == kFull) {
    // What comes in order fills the leaves.
    const bool last = at.at == kFull && Next({leaf, kFull - 1}) == Position{};
    const uint32_t keep = last ? kFull : kFull / 2;
    Leaf* right = SplitLeaf(leaf, keep);
    if (at.at >= keep) at = {right, at.at - keep};
    if (last) {  // a child is never empty
      right->prefixes()[0] = prefix;
      right->now()[0] = right->before[0] = 0;
      right->ids()[0] = id;
      right->count = 1;
      AddChild(leaf, right);
      for (Node* node = right->parent; node->parent != nullptr; node = node->parent) ++node->parent->entries[node->slot];
      return at;
    }
    AddChild(leaf, right);
    leaf = at.leaf;
  }
  InsertAt(leaf->prefixes(), leaf->count, at.at, prefix);
  InsertAt(leaf->now(), leaf->count, at.at, int64_t{0});
  InsertAt(leaf->ids(), leaf->count, at.at, id);
  InsertAt(leaf->before, leaf->count, at.at, int64_t{0});
  leaf->changed = InsertBit(leaf->changed, at.at);
  for (uint64_t& heads : leaf->heads) heads = InsertBit(heads, at.at);
  ++leaf->count;
  for (Node* node = leaf; node->parent != nullptr; node = node->parent) ++node->parent->entries[node->slot];
  if (at.at == 0) FixFirst(leaf);
  return at;
}

void OrderedIndex::Remove(Position at) {
  Leaf* leaf = at.leaf;
  Touch(leaf);
  RemoveAt(leaf->prefixes(), leaf->count, at.at);
  RemoveAt(leaf->now(), leaf->count, at.at);
  RemoveAt(leaf->ids(), leaf->count, at.at);
  RemoveAt(leaf->before, leaf->count, at.at);
  leaf->changed = RemoveBit(leaf->changed, at.at);
  for (uint64_t& heads : leaf->heads) heads = RemoveBit(heads, at.at);
  --leaf->count;
  for (Node* node = leaf; node->parent != nullptr; node = node->parent) --node->parent->entries[node->slot];
  if (leaf->count == 0) {
    RemoveNode(leaf);
  } else if (at.at == 0) {
    FixFirst(leaf);
  }
}

// A node without entries.
void OrderedIndex::RemoveNode(Node* node) {
  Inner* parent = node->parent;
  if (parent == nullptr) {
    root_ = nullptr;
  } else {
    for (uint32_t i = node->slot + 1u; i < parent->count; ++i) MoveChild(parent, i, parent, i - 1);
    if (--parent->count == 0) {
      RemoveNode(parent);
    } else {
      if (node->slot == 0) FixFirst(parent);
      Collapse();
    }
  }
  Free(node);
}

void OrderedIndex::Collapse() {
  while (root_ != nullptr && !root_->leaf && root_->count == 1) {
    Node* old = std::exchange(root_, static_cast<Inner*>(root_)->child[0]);
    root_->parent = nullptr;
    root_->slot = 0;
    Free(old);
  }
}

// --- the epoch's end

OrderedIndex::Node* OrderedIndex::Merge(Node* left, Node* right) {
  const uint32_t first = left->count, added = right->count;
  if (left->leaf != right->leaf || first + added > kMergeBelow) return nullptr;
  if (left->leaf) {
    auto *to = static_cast<Leaf*>(left), *from = static_cast<Leaf*>(right);
    if (first + added > to->capacity) to = Resize(to, kFull);
    std::memcpy(to->prefixes() + first, from->prefixes(), added * sizeof(uint64_t));
    std::memcpy(to->now() + first, from->now(), added * sizeof(int64_t));
    std::memcpy(to->ids() + first, from->ids(), added * sizeof(uint32_t));
    for (int version = 0; version < 2; ++version) to->heads[version] |= from->heads[version] << first;
    left = to;
  } else {
    for (uint32_t i = 0; i < added; ++i) MoveChild(static_cast<Inner*>(right), i, static_cast<Inner*>(left), first + i);
  }
  left->count = static_cast<uint16_t>(first + added);
  left->stale = true;
  Free(right);
  return left;
}

void OrderedIndex::SettleNode(Node* node, std::vector<uint32_t>* gone) {
  node->touched = false;
  if (node->leaf) {
    auto* leaf = static_cast<Leaf*>(node);
    uint32_t kept = 0;
    uint64_t heads = 0;
    for (uint32_t i = 0; i < leaf->count; ++i) {
      if (leaf->now()[i] == 0) {
        gone->push_back(leaf->ids()[i]);
        continue;
      }
      leaf->prefixes()[kept] = leaf->prefixes()[i];
      leaf->now()[kept] = leaf->now()[i];
      leaf->ids()[kept] = leaf->ids()[i];
      heads |= ((leaf->heads[kNow] >> i) & 1) << kept;
      ++kept;
    }
    leaf->count = static_cast<uint16_t>(kept);
    leaf->heads[kBefore] = leaf->heads[kNow] = heads;
    leaf->changed = 0;
    if (leaf->before != nullptr) pool_->bytes -= leaf->capacity * sizeof(int64_t);
    delete[] std::exchange(leaf->before, nullptr);
    return;
  }
  auto* inner = static_cast<Inner*>(node);
  uint32_t kept = 0;
  bool may_merge = false;  // the last one kept has changed
  for (uint32_t i = 0; i < inner->count; ++i) {
    Node* child = inner->child[i];
    const bool touched = child->touched;
    if (touched) SettleNode(child, gone);
    if (child->count == 0) {
      Free(child);
      continue;
    }
    if (kept > 0 && (touched || may_merge)) {
      inner->child[kept - 1]->slot = static_cast<uint16_t>(kept - 1);
      if (Node* merged = Merge(inner->child[kept - 1], child); merged != nullptr) {
        SetChild(inner, kept - 1, merged);
        may_merge = true;
        continue;
      }
    }
    may_merge = touched;
    if (touched)
      SetChild(inner, kept, child);
    else if (kept != i)
      MoveChild(inner, i, inner, kept);
    ++kept;
  }
  inner->count = static_cast<uint16_t>(kept);
}

void OrderedIndex::Settle(std::vector<uint32_t>* gone) {
  if (!touched()) return;
  SettleNode(root_, gone);
  if (root_->count == 0) return Free(std::exchange(root_, nullptr));
  Collapse();
  // There may be many small ones.
  if (const uint32_t fits = std::bit_ceil(static_cast<uint32_t>(root_->count)); root_->leaf && fits * 4 <= root_->capacity) {
    Resize(static_cast<Leaf*>(root_), fits * 2);
  }
}

}  // namespace kappa
