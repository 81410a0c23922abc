// The index by rank against a sorted vector: inserts, weights of either sign, heads of groups, removals, and the version in which the epoch began.
#include "exec/state/ordered_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/os/seeded_random.h"

namespace kappa {
namespace {

using Version = OrderedIndex::Version;
constexpr auto kBefore = OrderedIndex::kBefore, kNow = OrderedIndex::kNow;

// Entries are numbers from 1; those that are equal when divided by 4 are peers. The prefix says little, so that ids decide too.
struct Model {
  std::map<uint32_t, std::pair<int64_t, int64_t>> weights;  // before, now
};
uint64_t PrefixOf(uint32_t id) { return id / 16; }
bool ArePeers(uint32_t a, uint32_t b) { return a / 4 == b / 4; }

OrderedIndex::Position Find(const OrderedIndex& index, uint32_t id) {
  return index.FirstNot([&](uint64_t prefix, uint32_t other) { return prefix != PrefixOf(id) ? prefix < PrefixOf(id) : other < id; });
}

void CheckVersion(const OrderedIndex& index, const Model& model, Version version) {
  int64_t slot = 0, row = 0, heads = 0;
  uint32_t last = 0;
  OrderedIndex::Position at = index.First();
  for (const auto& [id, weights] : model.weights) {
    const int64_t rows = std::max<int64_t>(0, version == kBefore ? weights.first : weights.second);
    ASSERT_TRUE(at);
    ASSERT_EQ(at.id(), id);
    ASSERT_EQ(at.rows(version), rows);
    ASSERT_EQ(index.EntriesBefore(at), slot);
    ASSERT_EQ(index.RowsBefore(at, version), row);
    ASSERT_EQ(index.HeadsBefore(at, version), heads);
    ASSERT_EQ(index.AtSlot(slot), at);
    const bool head = rows > 0 && (last == 0 || !ArePeers(last, id));
    ASSERT_EQ(at.head(version), head) << id;
    if (head) { ASSERT_EQ(index.AtHead(heads++, version), at); }
    if (rows > 0) {
      int64_t offset = -1;
      ASSERT_EQ(index.AtRow(row + rows - 1, version, &offset), at);
      ASSERT_EQ(offset, rows - 1);
      last = id;
    }
    if (heads > 0) {
      const OrderedIndex::Position own = index.HeadOf(at, version);
      ASSERT_TRUE(own);
      ASSERT_EQ(index.HeadsBefore(own, version), heads - 1);
      const OrderedIndex::Position next = index.NextHead(at, version);
      ASSERT_EQ(index.HeadsBefore(next, version), heads);
    }
    row += rows;
    ++slot;
    const OrderedIndex::Position following = OrderedIndex::Next(at);
    if (following) { ASSERT_EQ(OrderedIndex::Previous(following), at); }
    at = following;
  }
  ASSERT_FALSE(at);
  ASSERT_EQ(index.entries(), slot);
  ASSERT_EQ(index.rows(version), row);
  ASSERT_EQ(index.heads(version), heads);
  ASSERT_FALSE(index.AtRow(row, version, nullptr));
}

TEST(OrderedIndexTest, AgreesWithASortedMap) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    os::SeededRandom random(seed);
    OrderedIndex::Pool pool;
    {
      OrderedIndex index(&pool);
      Model model;
      const uint32_t ids = seed % 3 == 0 ? 40 : 6000;
      for (int epoch = 0; epoch < 40; ++epoch) {
        const bool shrinking = epoch / 10 % 2 == 1;
        const uint64_t changes = ids < 100 ? 20 : 1500;
        for (uint64_t i = 0; i < changes; ++i) {
          const auto id = static_cast<uint32_t>(seed % 4 == 1 && !shrinking ? epoch * 100 + static_cast<int>(i) % 150 : 1 + random.Below(ids));
          if (id == 0) continue;
          OrderedIndex::Position at = Find(index, id);
          auto& weights = model.weights;
          if (weights.count(id) == 0) {
            if (shrinking && random.Below(4) != 0) continue;
            at = index.Insert(at, PrefixOf(id), id);
            ASSERT_EQ(at.id(), id);
            weights[id] = {0, 0};
          }
          const int64_t by = shrinking ? -weights[id].second : static_cast<int64_t>(random.Below(5)) - 1;
          if (by == 0 && weights[id].second != 0) continue;
          index.AddWeight(at, by, ArePeers);
          weights[id].second += by;
          if (random.Below(8) == 0) {  // those that never were may go at once
            at = Find(index, id);
            index.AddWeight(at, -weights[id].second, ArePeers);
            weights[id].second = 0;
            if (weights[id].first == 0) {
              index.Remove(Find(index, id));
              weights.erase(id);
            }
          }
        }
        CheckVersion(index, model, kBefore);
        CheckVersion(index, model, kNow);
        ASSERT_FALSE(HasFatalFailure()) << "epoch " << epoch << " seed " << seed;
        std::vector<OrderedIndex::Change> changed;
        index.CollectChanges(&changed);
        for (const OrderedIndex::Change& change : changed) {
          ASSERT_EQ(change.slot, index.EntriesBefore(change.at));
          for (const auto version : {kBefore, kNow}) { ASSERT_EQ(change.rows_before[version], index.RowsBefore(change.at, version)); }
        }
        const auto known = [&](uint32_t id) {
          return std::any_of(changed.begin(), changed.end(), [&](const OrderedIndex::Change& change) { return change.at.id() == id; });
        };
        if (ids < 100) {
          for (const auto& [id, weights] : model.weights) { ASSERT_TRUE(weights.first == weights.second || known(id)); }
        }
        std::vector<uint32_t> gone, expected;
        index.Settle(&gone);
        for (auto it = model.weights.begin(); it != model.weights.end();) {
          it->second.first = it->second.second;
          if (it->second.first != 0) {
            ++it;
            continue;
          }
          expected.push_back(it->first);
          it = model.weights.erase(it);
        }
        std::sort(gone.begin(), gone.end());
        ASSERT_EQ(gone, expected);
        CheckVersion(index, model, kBefore);
        CheckVersion(index, model, kNow);
        ASSERT_FALSE(HasFatalFailure()) << "settled, epoch " << epoch << " seed " << seed;
      }
    }
    EXPECT_EQ(pool.bytes, 0u);
  }
}

}  // namespace
}  // namespace kappa
