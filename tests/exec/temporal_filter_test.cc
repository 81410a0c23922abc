// Rows by the clock, by themselves: after every epoch those are shown whose time it is.
#include <gtest/gtest.h>

#include "tests/exec/ordered_harness.h"

namespace kappa {
namespace {

std::string TimeText(const std::optional<int64_t>& micros) {
  return micros ? Datum::Int(*micros).ToText(Type(TypeId::kTimestampTz)) : std::string("NULL");
}

TextWeights Naive(const TemporalFilterOp& op, const RowWeights& contents, int64_t clock) {
  TextWeights result;
  for (const auto& [row, weight] : contents) {
    if (op.from != kNoColumn && (!row.v || *row.v > clock)) continue;
    if (op.until != kNoColumn && (!row.w || *row.w <= clock)) continue;
    result[TimeText(row.p) + "|" + TimeText(row.v) + "|" + TimeText(row.w) + "|" + row.s.value_or("NULL")] += weight;
  }
  return result;
}

TEST(TemporalFilterTest, ShowsTheRowsWhoseTimeItIs) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    os::SeededRandom random(seed);
    TemporalFilterOp op;
    if (seed % 3 != 0) op.from = kV;
    if (seed % 3 != 1) op.until = kW;
    int workers = 1 + static_cast<int>(seed / 3 % 3);
    auto harness = std::make_unique<OrderedHarness>(op, std::vector<Column>{}, false, workers, 1, TypeId::kTimestampTz);
    OrderedHarness::Entries saved;
    RowWeights contents;
    TextWeights shown;
    ChurnOptions options;
    options.values = 60;
    int64_t clock = 0;
    for (int epoch = 0; epoch < 40; ++epoch) {
      if (random.Below(3) != 0) harness->Apply(0, RandomChanges(&random, options, &contents));
      clock += static_cast<int64_t>(random.Below(5));
      harness->Flush({.clock_micros = clock});
      AddTo(&shown, harness->TakeOutput());
      ASSERT_EQ(shown, Naive(op, contents, clock)) << "epoch " << epoch << " seed " << seed;
      if (epoch % 9 != 4) continue;
      harness->Freeze();
      while (!harness->Save(200, &saved)) {}
      if (random.Below(2) == 0) continue;
      workers = workers % 3 + 1;
      harness = std::make_unique<OrderedHarness>(op, std::vector<Column>{}, false, workers, 1, TypeId::kTimestampTz);
      harness->Load(saved, clock);
    }
  }
}

// What the clock can change no more is not kept; an epoch in which nothing is due gives nothing.
TEST(TemporalFilterTest, KeepsWhatTheClockCanStillChange) {
  TemporalFilterOp op;
  op.from = kV;
  op.until = kW;
  OrderedHarness harness(op, {}, false, 1, 1, TypeId::kTimestampTz);
  std::vector<OrderedDelta> rows;
  for (int64_t i = 0; i < 1000; ++i) rows.emplace_back(OrderedRow{i, 10 + i, 20 + i, std::nullopt}, 1);
  harness.Apply(0, rows);
  harness.Flush({.clock_micros = 5});
  EXPECT_EQ(harness.TakeOutputRows(), 0);
  harness.Flush({.clock_micros = 12});
  EXPECT_EQ(harness.TakeOutputRows(), 3);  // 10, 11 and 12 have come
  harness.Flush({.clock_micros = 13});
  EXPECT_EQ(harness.TakeOutputRows(), 1);
  harness.Flush({.clock_micros = 5000});
  EXPECT_EQ(harness.TakeOutputRows(), 4);
  EXPECT_EQ(harness.TakeOutput(), TextWeights{});
  OrderedHarness::Entries saved;
  harness.Freeze();
  while (!harness.Save(1 << 20, &saved)) {}
  EXPECT_TRUE(saved.empty());
}

}  // namespace
}  // namespace kappa
