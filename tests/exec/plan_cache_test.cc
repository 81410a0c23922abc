// What one-shot statements leave behind for the next like them.
#include "exec/epoch/plan_cache.h"

#include <gtest/gtest.h>

#include "exec/epoch/dataflow_run_state.h"

namespace kappa {
namespace {

std::shared_ptr<const CompiledPlan> Plan() { return std::make_shared<const CompiledPlan>(); }

TEST(PlanCache, KeepsWhatWasAskedForLast) {
  PlanCache cache(2);
  const auto a = Plan(), b = Plan(), c = Plan();
  cache.Keep("a", a);
  cache.Keep("b", b);
  EXPECT_EQ(cache.Find("a"), a);
  cache.Keep("c", c);  // b was not asked for
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_EQ(cache.Find("a"), a);
  EXPECT_EQ(cache.Find("c"), c);
}

TEST(PlanCache, ABetterPlanTakesThePlaceOfTheOneBefore) {
  PlanCache cache(2);
  cache.Keep("a", Plan());
  const auto better = Plan();
  cache.Keep("a", better);
  EXPECT_EQ(cache.Find("a"), better);
  cache.Keep("b", Plan());
  EXPECT_NE(cache.Find("a"), nullptr);
  EXPECT_NE(cache.Find("b"), nullptr);
}

TEST(PlanCache, APlanInUseOutlivesItsPlace) {
  PlanCache cache(1);
  cache.Keep("a", Plan());
  const auto used = cache.Find("a");
  cache.Keep("b", Plan());
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_EQ(used.use_count(), 1);
}

}  // namespace
}  // namespace kappa
