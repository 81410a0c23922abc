// The multiset against std::map: contents, ranks, modes, bounds, memory.
#include "functions/ordered_multiset.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace kappa {
namespace {

using Model = std::map<std::string, int64_t>;

void Compare(const StateArena& arena, const OrderedMultiset& set, const Model& model) {
  auto expected = model.begin();
  int64_t rows = 0, peak = 0;
  std::string mode;
  MultisetForEach(arena, set.root, [&](const MultisetElement& element) {
    EXPECT_NE(expected, model.end());
    if (expected == model.end()) return false;
    EXPECT_EQ(element.key, expected->first);
    EXPECT_EQ(element.weight, expected->second);
    EXPECT_EQ(std::string_view(element.payload, element.payload_size), "payload of " + expected->first);
    for (int64_t rank : {rows, rows + element.weight - 1}) {
      MultisetElement at;
      EXPECT_TRUE(MultisetAt(arena, set, rank, &at));
      EXPECT_EQ(at.key, element.key);
    }
    rows += element.weight;
    if (element.weight > peak) {
      peak = element.weight;
      mode = expected->first;
    }
    ++expected;
    return true;
  });
  EXPECT_EQ(expected, model.end());
  EXPECT_EQ(set.rows, rows);
  MultisetElement element;
  EXPECT_FALSE(MultisetAt(arena, set, rows, &element));
  EXPECT_FALSE(MultisetAt(arena, set, -1, &element));
  EXPECT_EQ(MultisetMode(arena, set, &element), peak > 0);
  if (peak > 0) { EXPECT_EQ(element.key, mode); }
}

TEST(OrderedMultiset, IsAMapOfWeights) {
  std::mt19937_64 random(3);
  for (int life = 0; life < 20; ++life) {
    StateArena arena;
    OrderedMultiset set{};
    Model model;
    const uint64_t keys = 1 + random() % 200;
    for (int step = 0; step < 2000; ++step) {
      std::string key = std::to_string(random() % keys);
      if (random() % 4 == 0) key += std::string(random() % 40, 'x');
      const int64_t now = model[key];
      const int64_t weight = now > 0 && random() % 2 == 0 ? -now : 1 + static_cast<int64_t>(random() % 3);
      model[key] += weight;
      EXPECT_EQ(MultisetAdd(arena, &set, key, 1, "payload of " + key, weight), model[key]);
      if (model[key] == 0) model.erase(key);
      if (step % 100 == 99) Compare(arena, set, model);
      const auto bound = model.lower_bound(key);
      MultisetElement element;
      ASSERT_EQ(MultisetLowerBound(arena, set, key, &element), bound != model.end());
      if (bound != model.end()) { ASSERT_EQ(element.key, bound->first); }
    }
    StateArena other;
    OrderedMultiset copy{};
    MultisetCopy(arena, set, other, &copy);
    Compare(other, copy, model);
    MultisetRelease(arena, &set);
    Compare(arena, set, {});
  }
}

// The shape depends on the set alone, so that snapshots of equal groups are equal; and what is freed is used again.
TEST(OrderedMultiset, DoesNotGrowWhenElementsComeAndGo) {
  StateArena arena;
  OrderedMultiset set{};
  for (int i = 0; i < 1000; ++i) MultisetAdd(arena, &set, "key" + std::to_string(i), 3, "p", 1);
  const size_t reserved = arena.bytes_reserved();
  for (int turn = 0; turn < 50; ++turn) {
    for (int i = 0; i < 1000; ++i) MultisetAdd(arena, &set, "key" + std::to_string(i), 3, "p", -1);
    EXPECT_EQ(set.root, 0u);
    for (int i = 999; i >= 0; --i) MultisetAdd(arena, &set, "key" + std::to_string(i), 3, "p", 1);
  }
  EXPECT_EQ(arena.bytes_reserved(), reserved);
}

}  // namespace
}  // namespace kappa
