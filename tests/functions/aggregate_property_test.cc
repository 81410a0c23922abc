// Every aggregate in every form: whatever came, went, was merged and copied, it answers what it answers over the rows that are there, added from
// scratch in another order. Texts of floats are shortest: equal texts are equal bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/functions/aggregate_run.h"

namespace kappa {
namespace {

void Shuffle(std::vector<TextRow>* rows, Random* random) {
  for (size_t i = rows->size(); i > 1; --i) std::swap((*rows)[i - 1], (*rows)[random->Below(i)]);
}

std::string FromScratch(const AggregateShape& shape, std::vector<TextRow> rows, Random* random) {
  Shuffle(&rows, random);
  AggregateRun run(shape);
  for (const TextRow& row : rows) run.Add(row, 1);
  return run.Result();
}

TEST(Aggregates, AnswerAsFromScratchAfterEveryChange) {
  Random random{2024};
  const std::vector<AggregateShape> shapes = AllAggregateShapes();
  size_t compared = 0, errors = 0;
  for (const AggregateShape& shape : shapes) {
    for (int round = 0; round < 6; ++round) {
      AggregateRun left(shape), right(shape);
      std::vector<TextRow> present;
      for (int step = 0; step < 40; ++step) {
        const bool goes = shape.takes_retractions && !present.empty() && random.Chance(40);
        TextRow row;
        if (goes) {
          std::swap(present[random.Below(present.size())], present.back());
          row = present.back();
          present.pop_back();
        } else {
          row = RandomRow(shape, step, &random);
          present.push_back(row);
        }
        // A partial state may hold what another takes away: only together they are a set.
        (random.Chance(70) ? left : right).Add(row, goes ? -1 : 1);
        if (step % 8 != 7) continue;
        AggregateRun merged(shape);
        left.CopyTo(&merged);
        merged.Merge(right);
        const std::string expected = FromScratch(shape, present, &random);
        ASSERT_EQ(merged.Result(), expected) << shape.Name() << " after " << step + 1 << " changes";
        if (shape.general) { ASSERT_EQ(merged.KeptResult(), expected) << shape.Name() << " as a before-image"; }
        errors += expected[0] == '!';
        ++compared;
      }
      if (!shape.takes_retractions) continue;
      left.Merge(right);
      Shuffle(&present, &random);
      for (const TextRow& row : present) left.Add(row, -1);
      ASSERT_EQ(left.Result(), FromScratch(shape, {}, &random)) << shape.Name() << " when all are gone";
      EXPECT_TRUE(left.Release()) << shape.Name();
    }
  }
  std::printf("%zu forms of aggregates, %zu comparisons, %zu of them errors\n", shapes.size(), compared, errors);
  EXPECT_GT(shapes.size(), 150u);
  EXPECT_LT(errors * 4, compared);
}

// Weights other than 1: n rows at once are n rows.
TEST(Aggregates, CountARowAsOftenAsItsWeightSays) {
  Random random{7};
  for (const AggregateShape& shape : AllAggregateShapes()) {
    if (!shape.takes_retractions) continue;
    AggregateRun once(shape), often(shape);
    for (int i = 0; i < 6; ++i) {
      const TextRow row = RandomRow(shape, i, &random);
      const auto weight = static_cast<int64_t>(1 + random.Below(4));
      often.Add(row, weight);
      for (int64_t j = 0; j < weight; ++j) once.Add(row, 1);
    }
    EXPECT_EQ(often.Result(), once.Result()) << shape.Name();
  }
}

AggregateShape Shape(std::string_view name, size_t arguments) {
  for (const AggregateShape& shape : AllAggregateShapes()) {
    if (shape.entry->name == name && shape.entry->arguments.size() == arguments) return shape;
  }
  ADD_FAILURE() << name;
  std::abort();
}

TEST(Sketches, CountWithinTheirErrorWhateverTheOrder) {
  const AggregateShape shape = Shape("approx_count_distinct", 1);
  for (const int64_t distinct : {1, 100, 2048, 2049, 10000, 200000}) {
    AggregateRun forward(shape), first(shape), second(shape);
    for (int64_t i = 0; i < distinct; ++i) {
      forward.Add({std::to_string(i)}, 1);
      forward.Add({std::to_string(i)}, 1);
      const int64_t backward = distinct - 1 - i;
      (backward % 3 == 0 ? first : second).Add({std::to_string(backward)}, 1);
    }
    first.Merge(second);
    EXPECT_EQ(first.Result(), forward.Result());
    const auto estimate = static_cast<double>(std::stoll(forward.Result())), exact = static_cast<double>(distinct);
    if (distinct <= 2048)
      EXPECT_EQ(estimate, exact);
    else
      EXPECT_NEAR(estimate, exact, 0.03 * exact) << "four standard errors";
  }
}

TEST(Sketches, PercentilesAreWithinTheRelativeError) {
  for (const char* fraction : {"0", "0.01", "0.5", "0.9", "1"}) {
    AggregateShape sketch = Shape("approx_percentile", 3);
    sketch.direct = {{TypeId::kFloat8, fraction}, {TypeId::kFloat8, "0.01"}};
    AggregateShape exact = Shape("percentile_disc", 2);
    exact.columns[0] = exact.result = TypeId::kFloat8;
    exact.direct = {{TypeId::kFloat8, fraction}};
    exact.order = {{0, false, false}};
    AggregateRun about(sketch), precise(exact);
    Random random{5};
    for (int i = 0; i < 5000; ++i) {
      const double value = (static_cast<double>(random.Below(2000000)) - 500000.0) / 1000.0;
      about.Add({std::to_string(value)}, 1);
      precise.Add({std::to_string(value)}, 1);
    }
    const double expected = std::stod(precise.Result());
    EXPECT_NEAR(std::stod(about.Result()), expected, 0.0101 * std::abs(expected)) << fraction;
  }
}

}  // namespace
}  // namespace kappa
