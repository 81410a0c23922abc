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
  Scenario scenario = GetParam().scenario();
  if (Seeds() == 1) scenario.records.resize(12);  // two epochs are enough by day
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

// Disk full for a while in the middle of the run: nothing fails, everything is there once there is space again.
TEST(FullDisk, IsWaitedForAndForgotten) {
  for (const char* place : {"/journal/", "/log/log_", "/out/", "/snapshots/", "/"}) {
    for (const auto scenario : {&AppendingScenario, &UpdatingScenario}) {
      const Scenario program = scenario();
      const auto input = DiskWithInput(program);
      os::SimulatedEnvironment undisturbed(7, CopyOf(*input));
      ASSERT_TRUE(RunProgram(program, &undisturbed).ok());
      os::SimulatedEnvironment environment(8, CopyOf(*input));
      // After what makes the program's files, which refuses to begin on a full disk.
      const int64_t first = std::string_view(place) == "/" ? 10 : std::string_view(place) == "/snapshots/" ? 0 : 2;
      environment.files().Fail({.kind = os::WriteKind::kAppend, .path_part = place, .after = first, .times = 20, .error = sqlstate::kDiskFull});
      const Status ran = RunProgram(program, &environment);
      EXPECT_GT(environment.files().failed(), 0) << place;
      if (std::string_view(place) != "/snapshots/" && ran.ok()) EXPECT_EQ(environment.files().failed(), 20) << place;
      EXPECT_TRUE(ran.ok()) << place << ": " << ran;
      EXPECT_EQ(ReadSinks(&environment)->rows, ReadSinks(&undisturbed)->rows) << place;
    }
  }
}

// Wall time is not what results depend on.
TEST(WallClock, MayJumpBack) {
  const Scenario program = WindowScenario();
  const auto input = DiskWithInput(program);
  os::SimulatedEnvironment undisturbed(7, CopyOf(*input));
  ASSERT_TRUE(RunProgram(program, &undisturbed).ok());
  const int64_t boundaries = undisturbed.files().boundaries();
  for (int64_t boundary = boundaries / 3; boundary < boundaries; boundary += 10) {
    os::SimulatedEnvironment environment(8, CopyOf(*input));
    environment.files().LosePowerAt(boundary);
    (void)RunProgram(program, &environment);
    os::SimulatedEnvironment next(9, environment.files().Surviving(static_cast<uint64_t>(boundary)));
    next.clock().SetWallBack(int64_t{86'400} * 1'000'000);
    const Status ran = RunProgram(program, &next);
    ASSERT_TRUE(ran.ok()) << boundary << ": " << ran;
    EXPECT_EQ(ReadSinks(&next)->rows, ReadSinks(&undisturbed)->rows) << boundary;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, StorageFaults,
                         testing::Values(Case{&AppendingScenario, sqlstate::kDiskFull}, Case{&AppendingScenario, sqlstate::kIoError},
                                         Case{&UpdatingScenario, sqlstate::kDiskFull}, Case{&UpdatingScenario, sqlstate::kIoError}),
                         [](const auto& info) {
                           return info.param.scenario().name + (info.param.error == sqlstate::kDiskFull ? "_full" : "_broken");
                         });

}  // namespace
}  // namespace kappa::simulation
