// INTERSECT and EXCEPT by themselves, against counting.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/exec/ordered_harness.h"

namespace kappa {
namespace {

TextWeights Naive(const SetOperationOp& op, const RowWeights& left, const RowWeights& right) {
  TextWeights result;
  for (const auto& [row, weight] : left) {
    const auto found = right.find(row);
    int64_t l = std::max<int64_t>(0, weight), r = found == right.end() ? 0 : std::max<int64_t>(0, found->second);
    if (!op.all) {
      l = std::min<int64_t>(l, 1);
      r = std::min<int64_t>(r, 1);
    }
    const int64_t times = op.kind == SetOperationOp::Kind::kExcept ? std::max<int64_t>(0, l - r) : std::min(l, r);
    if (times != 0) result[RowText(row)] += times;
  }
  return result;
}

TEST(SetOperationTest, ItsOutputIsAFunctionOfItsInputs) {
  for (uint64_t seed = 0; seed < 48; ++seed) {
    os::SeededRandom random(seed);
    SetOperationOp op;
    op.kind = seed % 2 == 0 ? SetOperationOp::Kind::kIntersect : SetOperationOp::Kind::kExcept;
    op.all = seed / 2 % 2 == 0;
    op.inputs = {{kP, kV, kW, kS}, {kP, kV, kW, kS}};
    int workers = 1 + static_cast<int>(seed % 3);
    auto harness = std::make_unique<OrderedHarness>(op, std::vector<Column>{}, false, workers, 2);
    OrderedHarness::Entries saved;
    RowWeights contents[2];
    TextWeights shown;
    ChurnOptions options;
    options.values = 2;
    options.partitions = 2;
    for (int epoch = 0; epoch < 30; ++epoch) {
      for (int side : {0, 1}) harness->Apply(side, RandomChanges(&random, options, &contents[side]));
      harness->Flush({});
      AddTo(&shown, harness->TakeOutput());
      ASSERT_EQ(shown, Naive(op, contents[0], contents[1])) << "epoch " << epoch << " seed " << seed;
      if (epoch % 6 != 4) continue;
      harness->Freeze();
      while (!harness->Save(200, &saved)) {}
      if (random.Below(2) == 0) continue;
      workers = workers % 3 + 1;
      harness = std::make_unique<OrderedHarness>(op, std::vector<Column>{}, false, workers, 2);
      harness->Load(saved);
    }
  }
}

TEST(SetOperationTest, WhatIsGoneTakesNoRoom) {
  SetOperationOp op;
  op.inputs = {{kP, kV, kW, kS}, {kP, kV, kW, kS}};
  OrderedHarness harness(op, {}, false, 1, 2);
  std::vector<OrderedDelta> come, go;
  for (int64_t i = 0; i < 10000; ++i) {
    come.emplace_back(OrderedRow{i, i, i, std::nullopt}, 1);
    go.emplace_back(OrderedRow{i, i, i, std::nullopt}, -1);
  }
  size_t first = 0;
  for (int round = 0; round < 5; ++round) {
    for (int side : {0, 1}) harness.Apply(side, come);
    harness.Flush({});
    for (int side : {0, 1}) harness.Apply(side, go);
    harness.Flush({});
    if (round == 0) first = harness.bytes();
  }
  EXPECT_EQ(harness.bytes(), first);
  EXPECT_EQ(harness.TakeOutput(), TextWeights{});
}

}  // namespace
}  // namespace kappa
