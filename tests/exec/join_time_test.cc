// Joins in which time matters: interval joins whose rows expire, lookups as of the epoch's end, ASOF joins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/exec/join_harness.h"

namespace kappa {
namespace {

using Kind = JoinOp::Kind;
using Rows = std::vector<std::pair<TestRow, int64_t>>;

void Add(Contents* contents, const std::string& text, int64_t weight) {
  if (((*contents)[text] += weight) == 0) contents->erase(text);
}

constexpr int64_t kBefore = 5, kAfter = 10;
bool IsNear(const TestRow& left, const TestRow& right) { return right.time >= left.time - kBefore && right.time <= left.time + kAfter; }

JoinSetup IntervalJoin(Kind kind, bool on_close) {
  JoinSetup setup;
  setup.join.kind = kind;
  setup.join.keys = {{JoinHarness::kKey[0], JoinHarness::kKey[1], false}};
  setup.join.left_expiry = Expiry{JoinHarness::kTime[0], kAfter};
  setup.join.right_expiry = Expiry{JoinHarness::kTime[1], kBefore};
  setup.join.emit_on_close = on_close;
  setup.append_only[0] = setup.append_only[1] = true;
  return setup;
}

// Of all rows there ever were, as of a watermark.
Contents NaiveInterval(Kind kind, bool on_close, const std::vector<TestRow> (&rows)[2], int64_t watermark) {
  Contents contents;
  const auto matches = [](const TestRow& l, const TestRow& r) { return l.key == r.key && IsNear(l, r); };
  for (const TestRow& l : rows[0]) {
    const auto partners = std::count_if(rows[1].begin(), rows[1].end(), [&](const TestRow& r) { return matches(l, r); });
    if (kind == Kind::kSemi) {
      if (partners > 0) Add(&contents, JoinHarness::Text(l, std::nullopt), 1);
      continue;
    }
    for (const TestRow& r : rows[1]) {
      if (kind != Kind::kAnti && matches(l, r)) Add(&contents, JoinHarness::Text(l, r), 1);
    }
    const bool shown = !on_close || l.time + kAfter < watermark;
    if (kind != Kind::kInner && partners == 0 && shown) Add(&contents, JoinHarness::Text(l, std::nullopt), 1);
  }
  for (const TestRow& r : rows[1]) {
    const bool alone = std::none_of(rows[0].begin(), rows[0].end(), [&](const TestRow& l) { return matches(l, r); });
    if (kind == Kind::kFull && alone && (!on_close || r.time + kBefore < watermark)) Add(&contents, JoinHarness::Text(std::nullopt, r), 1);
  }
  return contents;
}

class IntervalJoinTest : public testing::TestWithParam<std::tuple<Kind, bool, int>> {};

TEST_P(IntervalJoinTest, KeepsWhatMayStillMatch) {
  const auto [kind, on_close, workers] = GetParam();
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    os::SeededRandom random(seed);
    auto join = std::make_unique<JoinHarness>(IntervalJoin(kind, on_close), &IsNear, workers);
    std::vector<TestRow> rows[2];
    Contents contents;
    int64_t watermark = 0, output_rows = 0;
    JoinHarness::Entries entries;
    for (int epoch = 0; epoch < 80 && !HasFailure(); ++epoch) {
      for (int side = 0; side < 2; ++side) {
        Rows deltas;
        for (uint64_t i = random.Below(6); i > 0; --i) {
          TestRow row{static_cast<int64_t>(random.Below(3)), static_cast<int64_t>(random.Below(3)),
                      watermark + static_cast<int64_t>(random.Below(20))};
          rows[side].push_back(row);
          deltas.emplace_back(row, 1);
        }
        join->Apply(side, deltas);
      }
      watermark = epoch == 79 ? kEndOfTime : watermark + static_cast<int64_t>(random.Below(4));
      join->Flush({watermark, 0, epoch == 79});
      join->EndEpoch({watermark, 0, epoch == 79});
      output_rows += join->TakeOutputRows();
      for (const auto& [text, weight] : join->TakeOutput()) Add(&contents, text, weight);
      ASSERT_EQ(contents, NaiveInterval(kind, on_close, rows, watermark)) << "epoch " << epoch;
      join->Freeze();
      ASSERT_TRUE(join->Save(SIZE_MAX / 2, &entries));
      if (random.Below(10) == 0) {
        join = std::make_unique<JoinHarness>(IntervalJoin(kind, on_close), &IsNear, static_cast<int>(random.Below(4)) + 1);
        join->Load(entries);
      }
    }
    EXPECT_TRUE(entries.empty()) << "all rows have expired";
    if (on_close || kind == Kind::kInner || kind == Kind::kSemi) {
      int64_t sum = 0;
      for (const auto& [text, weight] : contents) sum += weight;
      EXPECT_EQ(output_rows, sum) << "what was put out was never taken back";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, IntervalJoinTest,
                         testing::Combine(testing::Values(Kind::kInner, Kind::kLeft, Kind::kFull, Kind::kSemi, Kind::kAnti), testing::Bool(),
                                          testing::Values(1, 3)));

// --- lookups

bool SumIsEven(const TestRow& left, const TestRow& right) { return (left.value + right.value) % 2 == 0; }

TEST(LookupJoinTest, SeesTheRightAsItIsAtTheEpochsEnd) {
  for (const Kind kind : {Kind::kInner, Kind::kLeft}) {
    for (const JoinHarness::Condition condition : {JoinHarness::Condition{nullptr}, &SumIsEven}) {
      os::SeededRandom random(condition == nullptr ? 5 : 6);
      JoinSetup setup;
      setup.join.kind = kind;
      setup.join.keys = {{JoinHarness::kKey[0], JoinHarness::kKey[1], false}};
      setup.join.lookup = true;
      setup.append_only[0] = true;
      auto join = std::make_unique<JoinHarness>(setup, condition, 2);
      Multiset right;
      JoinHarness::Entries entries;
      for (int epoch = 0; epoch < 100; ++epoch) {
        Rows left, changes;
        for (uint64_t i = random.Below(8); i > 0; --i)
          left.emplace_back(TestRow{static_cast<int64_t>(random.Below(5)), static_cast<int64_t>(random.Below(3))}, 1);
        for (uint64_t i = random.Below(8); i > 0; --i) {
          TestRow row{static_cast<int64_t>(random.Below(5)), static_cast<int64_t>(random.Below(3))};
          const int64_t weight = right.contains(row) && random.Below(2) == 0 ? -1 : 1;
          changes.emplace_back(row, weight);
          if ((right[row] += weight) == 0) right.erase(row);
        }
        const size_t half = left.size() / 2;
        join->Apply(0, Rows(left.begin(), left.begin() + static_cast<ptrdiff_t>(half)));
        join->Apply(1, changes);
        join->Apply(0, Rows(left.begin() + static_cast<ptrdiff_t>(half), left.end()));
        EXPECT_TRUE(join->TakeOutput().empty());
        join->Flush({});
        join->EndEpoch({});
        Contents expected;
        for (const auto& [l, weight] : left) {
          bool matched = false;
          for (const auto& [r, right_weight] : right) {
            if (l.key != r.key || (condition != nullptr && !condition(l, r))) continue;
            matched = true;
            Add(&expected, JoinHarness::Text(l, r), right_weight);
          }
          if (!matched && kind == Kind::kLeft) Add(&expected, JoinHarness::Text(l, std::nullopt), 1);
        }
        ASSERT_EQ(join->TakeOutput(), expected) << "epoch " << epoch;
        join->Freeze();
        ASSERT_TRUE(join->Save(SIZE_MAX / 2, &entries));
        if (random.Below(10) != 0) continue;
        join = std::make_unique<JoinHarness>(setup, condition, static_cast<int>(random.Below(4)) + 1);
        join->Load(entries);
      }
    }
  }
}

// --- the closest

class ClosestJoinTest : public testing::TestWithParam<std::tuple<Kind, bool, bool, bool>> {};

Contents NaiveClosest(const std::tuple<Kind, bool, bool, bool>& p, const Multiset& left, const Multiset& right) {
  const auto [kind, forward, or_equal, condition] = p;
  Contents contents;
  for (const auto& [l, weight] : left) {
    std::optional<TestRow> best;
    for (const auto& [r, right_weight] : right) {
      if (l.key != r.key || (condition && !SumIsEven(l, r))) continue;
      if (r.time == l.time ? !or_equal : (r.time > l.time) != forward) continue;
      const auto order = [](const TestRow& row) { return std::pair(row.time, row.value); };  // ties: by the other columns
      if (!best || (forward ? order(r) < order(*best) : order(r) > order(*best))) best = r;
    }
    if (best || kind == Kind::kLeft) Add(&contents, JoinHarness::Text(l, best), weight);
  }
  return contents;
}

TEST_P(ClosestJoinTest, MovesToTheClosestAsTheyComeAndGo) {
  const auto [kind, forward, or_equal, condition] = GetParam();
  JoinSetup setup;
  setup.join.kind = kind;
  setup.join.keys = {{JoinHarness::kKey[0], JoinHarness::kKey[1], false}};
  setup.join.closest = JoinOp::Closest{JoinHarness::kTime[0], JoinHarness::kTime[1], forward, or_equal};
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    os::SeededRandom random(seed);
    const uint64_t times = seed % 2 == 0 ? 8 : 60;
    auto join = std::make_unique<JoinHarness>(setup, condition ? &SumIsEven : nullptr, 2);
    Multiset model[2];
    Contents contents;
    JoinHarness::Entries entries;
    for (int epoch = 0; epoch < 120 && !HasFailure(); ++epoch) {
      for (int side = 0; side < 2; ++side) {
        Rows deltas;
        for (uint64_t i = random.Below(10); i > 0; --i) {
          TestRow row{static_cast<int64_t>(random.Below(3)), static_cast<int64_t>(random.Below(3)), static_cast<int64_t>(random.Below(times))};
          int64_t weight = 1;
          if (!model[side].empty() && random.Below(2) == 0) {
            auto old = model[side].begin();
            std::advance(old, static_cast<ptrdiff_t>(random.Below(model[side].size())));
            row = old->first;
            weight = -1;
          }
          deltas.emplace_back(row, weight);
          if ((model[side][row] += weight) == 0) model[side].erase(row);
        }
        std::reverse(deltas.begin(), deltas.end());  // some are taken back before they come
        join->Apply(side, deltas);
      }
      join->Flush({});
      int64_t sum = 0;
      const Contents output = join->TakeOutput();
      for (const auto& [text, weight] : output) {
        Add(&contents, text, weight);
        sum += std::abs(weight);
      }
      EXPECT_EQ(join->TakeOutputRows(), sum) << "nothing comes and goes within an epoch";
      join->EndEpoch({});
      ASSERT_EQ(contents, NaiveClosest(GetParam(), model[0], model[1])) << "epoch " << epoch;
      join->Freeze();
      ASSERT_TRUE(join->Save(SIZE_MAX / 2, &entries));
      if (random.Below(10) != 0) continue;
      join = std::make_unique<JoinHarness>(setup, condition ? &SumIsEven : nullptr, static_cast<int>(random.Below(4)) + 1);
      join->Load(entries);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ClosestJoinTest,
                         testing::Combine(testing::Values(Kind::kInner, Kind::kLeft), testing::Bool(), testing::Bool(), testing::Bool()));

}  // namespace
}  // namespace kappa
