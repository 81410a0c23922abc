// The disk fails once, at every write boundary of a short run in turn: full (53100), or broken (58030; a sync that fails loses what it should have
// kept). The run goes on, or ends with that error; then the power goes, and the run that comes after finishes what it began.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/simulation/engine_simulation.h"

namespace kappa::simulation {
namespace {

struct Case {
  Scenario (*scenario)();
  SqlState error;
};

class StorageFaults : public testing::TestWithParam<Case> {};

TEST_P(StorageFaults, OneAtEveryBoundaryLosesNothing) {
  const Scenario scenario = GetParam().scenario();
  const auto input = DiskWithInput(scenario);
  ASSERT_NE(input, nullptr);
  constexpr uint64_t kSeed = 77;
  Contents wanted;
  {
    os::SimulatedEnvironment environment(kSeed, CopyOf(*input));
    ASSERT_TRUE(RunProgram(scenario, &environment).ok());
    wanted = ReadSinks(&environment).value();
  }
  int64_t boundary = 1, survived = 0;
  for (;; ++boundary) {
    os::SimulatedEnvironment environment(kSeed, CopyOf(*input));
    environment.files().FailAt(boundary, GetParam().error);
    const Status ran = RunProgram(scenario, &environment);
    if (environment.files().failed() == 0) break;
    const std::string what = scenario.name + ": boundary " + std::to_string(boundary) + " (" + environment.files().failed_at() + ")";
    survived += ran.ok();
    // A full disk is waited for, but where it leaves open what the disk holds: then the run ends.
    if (!ran.ok()) EXPECT_TRUE(SqlStateOf(ran) == GetParam().error || SqlStateOf(ran) == sqlstate::kIoError) << what << ": " << ran;
    if (ran.ok()) ASSERT_EQ(ReadSinks(&environment)->rows, wanted.rows) << what << ": what went on wrote something else";
    auto disk = environment.files().Surviving(static_cast<uint64_t>(boundary));
    {
      os::SimulatedEnvironment next(kSeed + 1, std::move(disk));
      const Status finished = RunProgram(scenario, &next);
      ASSERT_TRUE(finished.ok()) << what << ", then: " << finished;
      const auto contents = ReadSinks(&next);
      ASSERT_TRUE(contents.ok()) << what << ": " << contents.status();
      ASSERT_EQ(contents->rows, wanted.rows) << what;
    }
  }
  std::cout << scenario.name << ", " << GetParam().error.view() << ": " << boundary - 1 << " boundaries failed once, " << survived
            << " runs went on, none lost anything\n";
  EXPECT_GT(boundary, 1);
}

INSTANTIATE_TEST_SUITE_P(Faults, StorageFaults,
                         testing::Values(Case{&AppendingScenario, sqlstate::kDiskFull}, Case{&AppendingScenario, sqlstate::kIoError},
                                         Case{&UpdatingScenario, sqlstate::kDiskFull}, Case{&UpdatingScenario, sqlstate::kIoError}),
                         [](const auto& info) {
                           return info.param.scenario().name + (info.param.error == sqlstate::kDiskFull ? "_full" : "_broken");
                         });

}  // namespace
}  // namespace kappa::simulation
