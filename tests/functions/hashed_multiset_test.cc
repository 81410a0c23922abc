// The hashed multiset against std::map, of short and of long values: weights, contents, copies, memory.
#include "functions/hashed_multiset.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace kappa {
namespace {

using Model = std::map<std::string, int64_t>;

std::string Bytes(uint64_t value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); }

void Compare(const StateArena& arena, const HashedMultiset& set, bool long_values, const Model& model) {
  Model seen;
  HashedForEach(arena, set, long_values, [&](std::string_view value, int64_t weight) { seen[std::string(value)] = weight; });
  EXPECT_EQ(seen, model);
  EXPECT_EQ(set.used, model.size());
}

class HashedMultisetTest : public testing::TestWithParam<bool> {};

TEST_P(HashedMultisetTest, IsAMapOfWeights) {
  const bool long_values = GetParam();
  std::mt19937_64 random(5);
  for (int life = 0; life < 40; ++life) {
    StateArena arena, other;
    HashedMultiset set{};
    Model model;
    const uint64_t keys = 1 + random() % 300;
    for (int step = 0; step < 3000; ++step) {
      const uint64_t number = random() % keys * (life % 2 == 0 ? 1 : uint64_t{1} << 40);  // of the second kind the low bits are all zero
      const std::string key = long_values ? std::string(number % 50, 'x') + std::to_string(number) : Bytes(number);
      const int64_t now = model.count(key) ? model[key] : 0;
      const int64_t weight = random() % 2 == 0 ? -now : static_cast<int64_t>(random() % 7) - 3;
      const int64_t answer = long_values ? HashedAdd(arena, &set, key, weight) : HashedAdd(arena, &set, number, weight);
      EXPECT_EQ(answer, now + weight);
      model[key] = now + weight;
      if (model[key] == 0) model.erase(key);
    }
    Compare(arena, set, long_values, model);
    HashedMultiset copy{};
    HashedCopy(arena, set, other, &copy, long_values);
    Compare(other, copy, long_values, model);
    HashedRelease(arena, &set, long_values);
    Compare(arena, set, long_values, {});
    Compare(other, copy, long_values, model);
  }
}

TEST_P(HashedMultisetTest, MarksBits) {
  const bool long_values = GetParam();
  std::mt19937_64 random(6);
  StateArena arena, other;
  HashedMultiset set{};
  Model model;
  for (int step = 0; step < 20000; ++step) {
    const uint64_t number = random() % 3000;
    const std::string key = long_values ? std::string(number % 50, 'x') + std::to_string(number) : Bytes(number);
    const uint64_t bits = uint64_t{1} << (random() % 64) | uint64_t{1} << (random() % 3);
    const uint64_t fresh = long_values ? HashedMark(arena, &set, key, bits) : HashedMark(arena, &set, number, bits);
    const auto before = static_cast<uint64_t>(model[key]);
    EXPECT_EQ(fresh, bits & ~before);
    model[key] = static_cast<int64_t>(before | bits);
  }
  Compare(arena, set, long_values, model);
  HashedMultiset copy{};
  HashedCopy(arena, set, other, &copy, long_values);
  HashedRelease(arena, &set, long_values);
  Compare(other, copy, long_values, model);
}

TEST_P(HashedMultisetTest, GivesItsMemoryBack) {
  const bool long_values = GetParam();
  StateArena arena;
  size_t reserved = 0;
  for (int round = 0; round < 50; ++round) {
    HashedMultiset set{};
    for (uint64_t i = 0; i < 2000; ++i) long_values ? HashedAdd(arena, &set, "value " + std::to_string(i), 1) : HashedAdd(arena, &set, i, 1);
    HashedRelease(arena, &set, long_values);
    if (round == 0) reserved = arena.bytes_reserved();
  }
  EXPECT_EQ(arena.bytes_reserved(), reserved);
}

INSTANTIATE_TEST_SUITE_P(Kinds, HashedMultisetTest, testing::Bool(), [](const auto& kind) { return kind.param ? "Long" : "Short"; });

}  // namespace
}  // namespace kappa
