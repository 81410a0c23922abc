// Positions in an OrderedIndex: neighbours, counts before one, finding by count, and what an epoch changed.
#include "exec/state/ordered_index_words.h"

namespace kappa {

using ordered_index::Below;
using ordered_index::Counted;
using ordered_index::SumUpTo;

OrderedIndex::Position OrderedIndex::First() const {
  if (root_ == nullptr) return {};
  Node* node = root_;
  while (!node->leaf) node = static_cast<Inner*>(node)->child[0];
  return {static_cast<Leaf*>(node), 0};
}

OrderedIndex::Position OrderedIndex::Last() const {
  if (root_ == nullptr || root_->count == 0) return {};
  Node* node = root_;
  while (!node->leaf) node = static_cast<Inner*>(node)->child[node->count - 1];
  return {static_cast<Leaf*>(node), node->count - 1u};
}

OrderedIndex::Position OrderedIndex::Next(Position at) {
  if (at.at + 1 < at.leaf->count) return {at.leaf, at.at + 1};
  Node* node = at.leaf;
  while (node->parent != nullptr && node->slot + 1u == node->parent->count) node = node->parent;
  if (node->parent == nullptr) return {};
  node = node->parent->child[node->slot + 1];
  while (!node->leaf) node = static_cast<Inner*>(node)->child[0];
  return {static_cast<Leaf*>(node), 0};
}

OrderedIndex::Position OrderedIndex::Previous(Position at) {
  if (at.at > 0) return {at.leaf, at.at - 1};
  Node* node = at.leaf;
  while (node->parent != nullptr && node->slot == 0) node = node->parent;
  if (node->parent == nullptr) return {};
  node = node->parent->child[node->slot - 1];
  while (!node->leaf) node = static_cast<Inner*>(node)->child[node->count - 1];
  return {static_cast<Leaf*>(node), node->count - 1u};
}

OrderedIndex::Position OrderedIndex::NextWithRows(Position at, Version version) {
  do { at = Next(at); } while (at && at.rows(version) == 0);
  return at;
}
OrderedIndex::Position OrderedIndex::PreviousWithRows(Position at, Version version) {
  do { at = Previous(at); } while (at && at.rows(version) == 0);
  return at;
}

OrderedIndex::Position OrderedIndex::NextHead(Position at, Version version) const {
  if (!at) return {};
  if (const uint64_t later = at.leaf->heads[version] & ~Below(at.at + 1); later != 0)
    return {at.leaf, static_cast<uint32_t>(std::countr_zero(later))};
  Node* node = at.leaf;
  for (; node->parent != nullptr; node = node->parent) {
    Inner* parent = node->parent;
    uint32_t i = node->slot + 1u;
    while (i < parent->count && parent->heads[version][i] == 0) ++i;
    if (i == parent->count) continue;
    for (node = parent->child[i]; !node->leaf;) {
      auto* inner = static_cast<Inner*>(node);
      i = 0;
      while (inner->heads[version][i] == 0) ++i;
      node = inner->child[i];
    }
    auto* leaf = static_cast<Leaf*>(node);
    return {leaf, static_cast<uint32_t>(std::countr_zero(leaf->heads[version]))};
  }
  return {};
}

OrderedIndex::Position OrderedIndex::HeadOf(Position at, Version version) const {
  auto last = [](uint64_t word) { return static_cast<uint32_t>(63 - std::countl_zero(word)); };
  if (const uint64_t earlier = at.leaf->heads[version] & Below(at.at + 1); earlier != 0) return {at.leaf, last(earlier)};
  Node* node = at.leaf;
  for (; node->parent != nullptr; node = node->parent) {
    Inner* parent = node->parent;
    int i = static_cast<int>(node->slot) - 1;
    while (i >= 0 && parent->heads[version][i] == 0) --i;
    if (i < 0) continue;
    for (node = parent->child[i]; !node->leaf;) {
      auto* inner = static_cast<Inner*>(node);
      i = inner->count - 1;
      while (inner->heads[version][i] == 0) --i;
      node = inner->child[i];
    }
    auto* leaf = static_cast<Leaf*>(node);
    return {leaf, last(leaf->heads[version])};
  }
  return {};
}

int64_t OrderedIndex::EntriesBefore(Position at) const {
  if (!at) return entries();
  int64_t before = at.at;
  for (Node* node = at.leaf; node->parent != nullptr; node = node->parent) before += SumUpTo(node->parent->entries, node->slot);
  return before;
}

int64_t OrderedIndex::RowsBefore(Position at, Version version) const {
  if (!at) return rows(version);
  const int64_t* weights = version == kBefore && at.leaf->before != nullptr ? at.leaf->before : at.leaf->now();
  int64_t before = 0;
  for (uint32_t i = 0; i < at.at; ++i) before += Counted(weights[i]);
  for (Node* node = at.leaf; node->parent != nullptr; node = node->parent) before += SumUpTo(node->parent->rows[version], node->slot);
  return before;
}

int64_t OrderedIndex::HeadsBefore(Position at, Version version) const {
  if (!at) return heads(version);
  int64_t before = std::popcount(at.leaf->heads[version] & Below(at.at));
  for (Node* node = at.leaf; node->parent != nullptr; node = node->parent) before += SumUpTo(node->parent->heads[version], node->slot);
  return before;
}

namespace {

// The child that holds number `*index` when each child holds `counts` of them; *index becomes that in the child.
uint32_t ChildOf(const int64_t* counts, uint32_t children, int64_t* index) {
  uint32_t i = 0;
  while (i + 1 < children && *index >= counts[i]) *index -= counts[i++];
  return i;
}

}  // namespace

OrderedIndex::Position OrderedIndex::AtSlot(int64_t index) const {
  if (root_ == nullptr || index >= entries()) return {};
  Node* node = root_;
  while (!node->leaf) {
    auto* inner = static_cast<Inner*>(node);
    node = inner->child[ChildOf(inner->entries, inner->count, &index)];
  }
  return {static_cast<Leaf*>(node), static_cast<uint32_t>(index)};
}

OrderedIndex::Position OrderedIndex::AtRow(int64_t index, Version version, int64_t* offset) const {
  if (root_ == nullptr) return {};
  Node* node = root_;
  while (!node->leaf) {
    auto* inner = static_cast<Inner*>(node);
    node = inner->child[ChildOf(inner->rows[version], inner->count, &index)];
  }
  auto* leaf = static_cast<Leaf*>(node);
  const int64_t* weights = version == kBefore && leaf->before != nullptr ? leaf->before : leaf->now();
  for (uint32_t i = 0; i < leaf->count; index -= Counted(weights[i]), ++i) {
    if (index >= Counted(weights[i])) continue;
    if (offset != nullptr) *offset = index;
    return {leaf, i};
  }
  return {};
}

OrderedIndex::Position OrderedIndex::AtHead(int64_t index, Version version) const {
  if (root_ == nullptr) return {};
  Node* node = root_;
  while (!node->leaf) {
    auto* inner = static_cast<Inner*>(node);
    node = inner->child[ChildOf(inner->heads[version], inner->count, &index)];
  }
  auto* leaf = static_cast<Leaf*>(node);
  uint64_t heads = leaf->heads[version];
  for (; index > 0 && heads != 0; --index) heads &= heads - 1;
  return heads == 0 ? Position{} : Position{leaf, static_cast<uint32_t>(std::countr_zero(heads))};
}

void OrderedIndex::CollectFrom(Node* node, Change* at, std::vector<Change>* changes) {
  if (node->leaf) {
    auto* leaf = static_cast<Leaf*>(node);
    const int64_t *now = leaf->now(), *before = leaf->before != nullptr ? leaf->before : now;
    for (uint32_t i = 0; i < leaf->count; ++i) {
      if ((leaf->changed >> i) & 1) {
        at->at = {leaf, i};
        changes->push_back(*at);
      }
      ++at->slot;
      at->rows_before[kBefore] += Counted(before[i]);
      at->rows_before[kNow] += Counted(now[i]);
    }
    return;
  }
  auto* inner = static_cast<Inner*>(node);
  for (uint32_t i = 0; i < inner->count; ++i) {
    if (inner->child[i]->touched) {
      CollectFrom(inner->child[i], at, changes);
      continue;
    }
    at->slot += inner->entries[i];
    for (int version = 0; version < 2; ++version) at->rows_before[version] += inner->rows[version][i];
  }
}

void OrderedIndex::CollectChanges(std::vector<Change>* changes) const {
  if (!touched()) return;
  Change at{};
  CollectFrom(root_, &at, changes);
}

}  // namespace kappa
