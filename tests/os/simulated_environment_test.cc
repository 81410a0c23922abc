// A run in a simulation is a function of its seed.
#include "common/os/simulated_environment.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace kappa::os {
namespace {

// The order in which three bodies and their starter do something.
std::string Interleaving(uint64_t seed) {
  SimulatedEnvironment environment(seed);
  std::string order;
  std::vector<std::unique_ptr<Thread>> threads;
  for (const char name : {'a', 'b', 'c'}) {
    threads.push_back(environment.threads().Start(std::string(1, name), [&order, name] { order += name; }));
    order += '.';
    environment.Yield();
  }
  for (auto& thread : threads) thread->Join();
  return order;
}

TEST(SimulatedEnvironment, TheSeedDecidesTheOrder) {
  std::set<std::string> orders;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    orders.insert(Interleaving(seed));
    EXPECT_EQ(Interleaving(seed), Interleaving(seed)) << seed;
  }
  EXPECT_GT(orders.size(), 10u);
  for (const std::string& order : orders) EXPECT_EQ(order.size(), 6u) << "each ran once";
}

TEST(SimulatedEnvironment, AJoinedThreadHasRun) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedEnvironment environment(seed);
    int runs = 0;
    const auto thread = environment.threads().Start("t", [&] { ++runs; });
    thread->Join();
    EXPECT_EQ(runs, 1);
  }
}

TEST(SimulatedEnvironment, AWaitRunsWhatItWaitsForAndTakesNoTime) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimulatedEnvironment environment(seed);
    Event done;
    const auto thread = environment.threads().Start("t", [&] { done.Set(); });
    EXPECT_TRUE(done.WaitFor(INT64_MAX)) << "or this test never ends";
    const int64_t before = environment.clock().MonotonicNanos();
    EXPECT_FALSE(done.WaitFor(3'600'000'000'000));
    SleepNanos(3'600'000'000'000);
    EXPECT_GE(environment.clock().MonotonicNanos() - before, 7'200'000'000'000);
  }
}

TEST(SimulatedEnvironment, TimeAndChanceAreFunctionsOfTheSeed) {
  auto trace = [](uint64_t seed) {
    SimulatedEnvironment environment(seed);
    std::vector<uint64_t> trace;
    for (int i = 0; i < 1000; ++i) trace.push_back(static_cast<uint64_t>(environment.clock().MonotonicNanos()) ^ environment.random().Next());
    return trace;
  };
  EXPECT_EQ(trace(1), trace(1));
  EXPECT_NE(trace(1), trace(2));
}

TEST(SimulatedEnvironment, WallTimeCanBeSetBackMonotonicTimeCannot) {
  SimulatedEnvironment environment(1);
  const int64_t wall = environment.clock().WallMicros(), monotonic = environment.clock().MonotonicNanos();
  environment.clock().SetWallBack(3'600'000'000);
  EXPECT_LT(environment.clock().WallMicros(), wall);
  EXPECT_GT(environment.clock().MonotonicNanos(), monotonic);
}

}  // namespace
}  // namespace kappa::os
