// Sessions beside what they are by definition: the rows of a partition in order, cut where the gap is exceeded. Rows come in any order, in epochs of
// any size, with snapshots of the table in between.
#include "exec/runtime/session_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

#include "common/hash.h"
#include "exec/runtime/stage.h"

namespace kappa {
namespace {

constexpr int64_t kGap = 10;

// The states are one count, and its sum with the other's.
void MergeCounts(StateContext*, void* into, StateContext*, const void* from) {
  int64_t a, b;
  std::memcpy(&a, into, 8);
  std::memcpy(&b, from, 8);
  a += b;
  std::memcpy(into, &a, 8);
}

// Key: partition 8 | what else it is grouped by 8 | start 8 | end 8.
RowLayout KeyLayout() {
  const Type int8(TypeId::kInt8), time(TypeId::kTimestamp);
  return RowLayout({{int8, false}, {int8, false}, {time, false}, {time, false}});
}

GroupTableSpec TableSpec(const RowLayout& key, bool sessions) {
  GroupTableSpec spec;
  spec.key_bytes = static_cast<uint32_t>(key.size());
  spec.state_bytes = 8;
  spec.keeps_before = sessions;
  spec.lists_touched = true;
  if (sessions) spec.window_end_offset = static_cast<int32_t>(key.slots()[3].offset);
  return spec;
}

struct Row {
  int64_t partition, other, time;
};

// (partition, other, start, end) -> rows
using Contents = std::map<std::array<int64_t, 4>, int64_t>;

Contents Expected(const std::vector<Row>& rows) {
  std::map<int64_t, std::vector<Row>> partitions;
  for (const Row& row : rows) partitions[row.partition].push_back(row);
  Contents contents;
  for (auto& [partition, list] : partitions) {
    std::sort(list.begin(), list.end(), [](const Row& a, const Row& b) { return a.time < b.time; });
    for (size_t begin = 0; begin < list.size();) {
      size_t end = begin + 1;
      while (end < list.size() && list[end].time - list[end - 1].time <= kGap) ++end;
      for (size_t i = begin; i < end; ++i) ++contents[{partition, list[i].other, list[begin].time, list[end - 1].time + kGap}];
      begin = end;
    }
  }
  return contents;
}

class Sessions {
 public:
  Sessions() : key_(KeyLayout()), table_(TableSpec(key_, true)), panes_(TableSpec(key_, false)), index_(Spec(), &table_, &panes_) {}

  void Add(const Row& row) {
    std::string key(key_.size(), '\0');
    const int64_t values[] = {row.partition, row.other, row.time, row.time};
    for (size_t i = 0; i < 4; ++i) std::memcpy(key.data() + key_.slots()[i].offset, &values[i], 8);
    const uint64_t shard = HashInt(static_cast<uint64_t>(row.partition));
    uint64_t hash = HashBytes(key.data(), key.size());
    constexpr uint64_t kMask = ~uint64_t{0} << (64 - kShardBits);
    hash = (hash & ~kMask) | (shard & kMask);
    char* pane = panes_.FindOrInsertFixed(hash, key.data(), key.size());
    panes_.Touch(pane);
    panes_.AddWeight(pane, 1);
    const int64_t one = 1;
    MergeCounts(nullptr, panes_.States(pane), nullptr, &one);
  }

  // Answers by how much each group has changed, as a flush would.
  Contents EndEpoch(int64_t watermark) {
    index_.Apply();
    panes_.Forget();
    Contents changes;
    for (const GroupTable::Touched& touched : table_.touched()) {
      int64_t before = 0;
      if (touched.before != nullptr) std::memcpy(&before, touched.before + 8, 8);
      const int64_t now = GroupTable::Weight(touched.row) == 0 ? 0 : Count(touched.row);
      if (now != before) changes[KeyOf(touched.row)] += now - before;
    }
    table_.EndEpoch(false);
    index_.Drop(watermark);
    for (char* row : table_.Closed(watermark)) closed_[KeyOf(row)] += Count(row);
    table_.DropClosed(watermark);
    return changes;
  }

  Contents Open() const {
    Contents contents;
    table_.ForEach([&](const char* row) {
      EXPECT_GT(GroupTable::Weight(row), 0);
      EXPECT_EQ(GroupTable::Weight(row), Count(row));
      contents[KeyOf(row)] += Count(row);
    });
    return contents;
  }
  const Contents& closed() const { return closed_; }
  void Rebuild() { index_.Rebuild(); }
  size_t bytes() const { return index_.bytes(); }

 private:
  SessionIndex::Spec Spec() const {
    SessionIndex::Spec spec;
    spec.gap = kGap;
    spec.key = key_;
    spec.start_offset = key_.slots()[2].offset;
    spec.end_offset = key_.slots()[3].offset;
    spec.partition = {0};
    spec.merges = {{0, &MergeCounts, nullptr}};
    return spec;
  }
  int64_t Count(const char* row) const {
    int64_t count;
    std::memcpy(&count, table_.Key(row) + key_.size(), 8);  // the states follow a fixed key
    return count;
  }
  std::array<int64_t, 4> KeyOf(const char* row) const {
    std::array<int64_t, 4> values;
    for (size_t i = 0; i < 4; ++i) std::memcpy(&values[i], table_.Key(row) + key_.slots()[i].offset, 8);
    return values;
  }

  RowLayout key_;
  GroupTable table_, panes_;
  SessionIndex index_;
  Contents closed_;
};

TEST(SessionIndexTest, RowsAGapApartStayTogether) {
  Sessions sessions;
  sessions.Add({1, 0, 100});
  sessions.Add({1, 0, 121});
  EXPECT_EQ(sessions.EndEpoch(INT64_MIN), (Contents{{{1, 0, 100, 110}, 1}, {{1, 0, 121, 131}, 1}}));
  sessions.Add({1, 0, 110});  // touches the first only
  EXPECT_EQ(sessions.EndEpoch(INT64_MIN), (Contents{{{1, 0, 100, 110}, -1}, {{1, 0, 100, 120}, 2}}));
  sessions.Add({1, 0, 111});  // joins them
  EXPECT_EQ(sessions.EndEpoch(INT64_MIN), (Contents{{{1, 0, 100, 120}, -2}, {{1, 0, 121, 131}, -1}, {{1, 0, 100, 131}, 4}}));
  sessions.Add({1, 0, 105});  // changes no bounds
  EXPECT_EQ(sessions.EndEpoch(INT64_MIN), (Contents{{{1, 0, 100, 131}, 1}}));
}

TEST(SessionIndexTest, GroupsOfASessionMoveTogether) {
  Sessions sessions;
  sessions.Add({1, 7, 100});
  sessions.Add({1, 8, 105});
  sessions.Add({2, 7, 100});
  EXPECT_EQ(sessions.EndEpoch(INT64_MIN), (Contents{{{1, 7, 100, 115}, 1}, {{1, 8, 100, 115}, 1}, {{2, 7, 100, 110}, 1}}));
  sessions.Add({1, 7, 95});
  EXPECT_EQ(sessions.EndEpoch(INT64_MIN), (Contents{{{1, 7, 100, 115}, -1}, {{1, 8, 100, 115}, -1}, {{1, 7, 95, 115}, 2}, {{1, 8, 95, 115}, 1}}));
}

TEST(SessionIndexTest, WhatIsClosedIsForgotten) {
  Sessions sessions;
  sessions.Add({1, 0, 100});
  sessions.Add({1, 0, 200});
  sessions.EndEpoch(110);
  EXPECT_EQ(sessions.closed(), (Contents{{{1, 0, 100, 110}, 1}}));
  sessions.Add({1, 0, 105});  // would be late; begins anew
  sessions.EndEpoch(INT64_MIN);
  EXPECT_EQ(sessions.Open(), (Contents{{{1, 0, 105, 115}, 1}, {{1, 0, 200, 210}, 1}}));
}

// Whatever the order, the epochs and the restarts: open sessions are those of the rows, and changes add up to them.
TEST(SessionIndexTest, IsAFunctionOfTheRows) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    auto below = [&](uint32_t n) { return static_cast<int64_t>(random() % n); };
    Sessions sessions;
    std::vector<Row> rows;
    Contents shown;
    const int64_t span = 20 + below(2000), partitions = 1 + below(5), others = 1 + below(3);
    for (int epoch = 0; epoch < 30; ++epoch) {
      for (int64_t i = below(12); i > 0; --i) {
        rows.push_back(
            {below(static_cast<uint32_t>(partitions)), below(static_cast<uint32_t>(others)), below(static_cast<uint32_t>(span)) - span / 2});
        sessions.Add(rows.back());
      }
      for (const auto& [key, change] : sessions.EndEpoch(INT64_MIN)) {
        if ((shown[key] += change) == 0) shown.erase(key);
      }
      const Contents expected = Expected(rows);
      ASSERT_EQ(sessions.Open(), expected) << "seed " << seed << " epoch " << epoch;
      ASSERT_EQ(shown, expected) << "seed " << seed << " epoch " << epoch;
      if (below(4) == 0) sessions.Rebuild();
    }
  }
}

// With a watermark: rows that are not behind it, and sessions that no row can join any more are put out once.
TEST(SessionIndexTest, ClosesEverySessionOnce) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    Sessions sessions;
    std::vector<Row> rows;
    int64_t watermark = 0;
    for (int epoch = 0; epoch < 50; ++epoch) {
      for (uint32_t i = random() % 8; i > 0; --i) {
        rows.push_back({static_cast<int64_t>(random() % 3), 0, watermark + static_cast<int64_t>(random() % 40)});
        sessions.Add(rows.back());
      }
      watermark += static_cast<int64_t>(random() % 20);
      sessions.EndEpoch(watermark - 1);  // one that ends at the watermark may still be joined
      if (random() % 5 == 0) sessions.Rebuild();
    }
    sessions.EndEpoch(INT64_MAX);
    EXPECT_EQ(sessions.closed(), Expected(rows)) << "seed " << seed;
    EXPECT_TRUE(sessions.Open().empty());
  }
}

}  // namespace
}  // namespace kappa
