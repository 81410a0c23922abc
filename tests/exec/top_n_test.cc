// Top-N by itself: after every epoch of random changes its output is that of a naive evaluation of what there is then.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/exec/ordered_harness.h"

namespace kappa {
namespace {

constexpr ColumnId kRank = 9;

struct Case {
  TopNOp::Ties ties;
  std::optional<int64_t> limit, offset;
  bool shows_rank, append_only, descending, nulls_first, partitioned;
  int workers;
};

TopNOp MakeOp(const Case& c) {
  TopNOp op;
  if (c.partitioned) op.partition = {kP};
  op.order = {{kV, c.descending, c.nulls_first}};
  op.limit = c.limit;
  op.offset = c.offset;
  op.ties = c.ties;
  if (c.shows_rank) op.rank = {kRank, "rank", Type(TypeId::kInt8), false};
  return op;
}

TextWeights Naive(const Case& c, const RowWeights& contents) {
  TextWeights result;
  std::set<std::optional<int64_t>> partitions;
  RowWeights one;  // where there are no partitions, all are of one
  for (const auto& [row, weight] : contents) {
    partitions.insert(c.partitioned ? row.p : std::nullopt);
    one[row] = weight;
  }
  for (const auto& partition : partitions) {
    std::vector<OrderedRow> rows;
    if (c.partitioned) {
      rows = Sorted(one, partition, c.descending, c.nulls_first);
    } else {  // p, the first column, breaks ties before the others
      for (const auto& [row, weight] : one) rows.insert(rows.end(), static_cast<size_t>(std::max<int64_t>(0, weight)), row);
      auto key = [&](const OrderedRow& row) {
        return std::tuple((!row.v) != c.nulls_first, c.descending ? -row.v.value_or(0) : row.v.value_or(0), !row.p, row.p.value_or(0), !row.w,
                          row.w.value_or(0), !row.s, row.s.value_or(""));
      };
      std::sort(rows.begin(), rows.end(), [&](const OrderedRow& a, const OrderedRow& b) { return key(a) < key(b); });
    }
    int64_t rank = 0, dense = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i == 0 || rows[i].v != rows[i - 1].v) {
        rank = static_cast<int64_t>(i) + 1;
        ++dense;
      }
      const int64_t own = c.ties == TopNOp::Ties::kRowNumber ? static_cast<int64_t>(i) + 1 : c.ties == TopNOp::Ties::kRank ? rank : dense;
      const int64_t offset = c.offset.value_or(0);
      if (own <= offset || (c.limit && own > offset + *c.limit)) continue;
      ++result[RowText(rows[i]) + (c.shows_rank ? "|" + std::to_string(own) : "")];
    }
  }
  return result;
}

void Check(const Case& c, uint64_t seed) {
  os::SeededRandom random(seed);
  std::vector<Column> computed;
  if (c.shows_rank) computed.push_back({kRank, "rank", Type(TypeId::kInt8), false});
  auto harness = std::make_unique<OrderedHarness>(MakeOp(c), computed, c.append_only, c.workers);
  OrderedHarness::Entries saved;
  RowWeights contents;
  TextWeights shown;
  ChurnOptions options;
  options.append_only = c.append_only;
  options.values = random.Below(2) == 0 ? 4 : 40;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    harness->Apply(0, RandomChanges(&random, options, &contents));
    harness->Flush({});
    AddTo(&shown, harness->TakeOutput());
    ASSERT_EQ(shown, Naive(c, contents)) << "epoch " << epoch << " seed " << seed;
    if (epoch % 7 == 3) {
      harness->Freeze();
      harness->Save(100, &saved);
    }
    if (epoch % 7 == 5) {
      while (!harness->Save(100, &saved)) {}
      harness->Freeze();
      while (!harness->Save(1 << 20, &saved)) {}
      if (random.Below(2) == 0) {
        harness = std::make_unique<OrderedHarness>(MakeOp(c), computed, c.append_only, c.workers % 3 + 1);
        harness->Load(saved);
        harness->Freeze();  // what was loaded is there already
        while (!harness->Save(1 << 20, &saved)) {}
      }
    }
  }
}

TEST(TopNTest, ItsOutputIsAFunctionOfItsInput) {
  os::SeededRandom random(7);
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Case c;
    c.ties = static_cast<TopNOp::Ties>(random.Below(3));
    if (random.Below(6) != 0) c.limit = static_cast<int64_t>(random.Below(5));
    if (random.Below(3) == 0) c.offset = static_cast<int64_t>(random.Below(4));
    c.shows_rank = random.Below(2) == 0;
    c.append_only = random.Below(2) == 0;
    c.descending = random.Below(2) == 0;
    c.nulls_first = random.Below(2) == 0;
    c.partitioned = random.Below(4) != 0;
    c.workers = 1 + static_cast<int>(random.Below(3));
    Check(c, seed);
    if (HasFatalFailure()) {
      FAIL() << "ties " << static_cast<int>(c.ties) << " limit " << c.limit.value_or(-1) << " offset " << c.offset.value_or(-1) << " rank "
             << c.shows_rank << " append only " << c.append_only << " descending " << c.descending << " nulls first " << c.nulls_first
             << " partitioned " << c.partitioned << " workers " << c.workers;
    }
  }
}

TEST(TopNTest, DeduplicationKeepsTheFirstRow) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (bool shows_rank : {false, true}) Check({TopNOp::Ties::kRowNumber, 1, std::nullopt, shows_rank, true, seed % 2 == 0, false, true, 2}, seed);
  }
}

// What can never matter again is not kept, and what stays in the window is not put out again.
TEST(TopNTest, OfRowsThatOnlyComeFewAreKept) {
  const Case c{TopNOp::Ties::kRowNumber, 10, std::nullopt, false, true, true, false, true, 1};
  OrderedHarness harness(MakeOp(c), {}, true, 1);
  RowWeights contents;
  TextWeights shown;
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    std::vector<OrderedDelta> changes;
    for (int64_t i = 0; i < 1000; ++i) {
      const int64_t v = epoch % 2 == 0 ? epoch * 1000 + i : i;  // better and better, or none that matters
      changes.emplace_back(OrderedRow{1, v, i, std::nullopt}, 1);
      ++contents[changes.back().first];
    }
    harness.Apply(0, changes);
    harness.Flush({});
    EXPECT_LE(harness.TakeOutputRows(), 20);
    AddTo(&shown, harness.TakeOutput());
  }
  EXPECT_EQ(shown, Naive(c, contents));
  OrderedHarness::Entries saved;
  harness.Freeze();
  while (!harness.Save(1 << 20, &saved)) {}
  EXPECT_EQ(saved.size(), 10u);
}

TEST(TopNTest, OnlyWhatChangesIsPutOut) {
  TopNOp op;
  op.order = {{kV, false, false}};
  op.limit = 1000;
  OrderedHarness harness(op, {}, false, 1);
  std::vector<OrderedDelta> changes;
  for (int64_t i = 0; i < 5000; ++i) changes.emplace_back(OrderedRow{1, i, 0, std::nullopt}, 1);
  harness.Apply(0, changes);
  harness.Flush({});
  EXPECT_EQ(harness.TakeOutputRows(), 1000);
  harness.TakeOutput();
  harness.Apply(0, {{OrderedRow{1, 500, 0, std::nullopt}, -1}});
  harness.Flush({});
  EXPECT_EQ(harness.TakeOutputRows(), 2);
  EXPECT_EQ(harness.TakeOutput(), (TextWeights{{"1|500|0|NULL", -1}, {"1|1000|0|NULL", 1}}));
}

// Of partitions that the watermark has passed nothing is kept; what they have put out stays.
TEST(TopNTest, PartitionsExpire) {
  for (const bool append_only : {false, true}) {
    for (const int64_t limit : {1, 3}) {
      TopNOp op;
      op.partition = {kP};
      op.order = {{kV, true, false}, {kW, false, false}};
      op.limit = limit;
      op.expiry = Expiry{kP, -1};
      auto harness = std::make_unique<OrderedHarness>(op, std::vector<Column>{}, append_only, 2);
      OrderedHarness::Entries saved;
      os::SeededRandom random(5);
      RowWeights contents;
      TextWeights shown;
      size_t most = 0;
      for (int64_t epoch = 0; epoch < 300; ++epoch) {
        std::vector<OrderedDelta> changes;
        for (int64_t i = 0; i < 30; ++i) {
          changes.emplace_back(OrderedRow{epoch + i % 3, static_cast<int64_t>(random.Below(1000)), epoch * 30 + i, std::nullopt}, 1);
          ++contents[changes.back().first];
        }
        if (!append_only) {
          changes.emplace_back(changes[4].first, -1);
          contents.erase(changes[4].first);
        }
        harness->Apply(0, changes);
        harness->Flush({.watermark = epoch, .clock_micros = 0, .ended = false});
        AddTo(&shown, harness->TakeOutput());
        if (epoch == 20) most = harness->bytes();
        if (epoch > 20) ASSERT_LE(harness->bytes(), most * 2) << epoch;
        if (epoch % 60 != 59) continue;
        harness->Freeze();
        while (!harness->Save(300, &saved)) {}
        harness = std::make_unique<OrderedHarness>(op, std::vector<Column>{}, append_only, 1 + static_cast<int>(epoch / 60 % 3));
        harness->Load(saved);
      }
      TextWeights expected;
      for (int64_t partition = 0; partition < 302; ++partition) {
        const std::vector<OrderedRow> rows = Sorted(contents, partition, true, false);
        for (size_t i = 0; i < rows.size() && static_cast<int64_t>(i) < limit; ++i) ++expected[RowText(rows[i])];
      }
      EXPECT_EQ(shown, expected) << append_only << " " << limit;
      harness->Flush({.watermark = 1000, .clock_micros = 0, .ended = false});
      EXPECT_EQ(harness->TakeOutputRows(), 0);
      harness->Freeze();
      while (!harness->Save(300, &saved)) {}
      EXPECT_TRUE(saved.empty());
    }
  }
}

}  // namespace
}  // namespace kappa
