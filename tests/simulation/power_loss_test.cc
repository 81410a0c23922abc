// The power goes at every write boundary of a short run; the engine that comes after finds what the disk has kept, and finishes the run: its sinks
// hold what those of an undisturbed run hold, whatever was lost.
//
// A failure names the boundary and the seed; KAPPA_SIMULATION_BOUNDARY and KAPPA_SIMULATION_SEED run that one alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "tests/simulation/engine_simulation.h"

namespace kappa::simulation {
namespace {

// Rows that only one of the two has; both are sorted.
std::vector<std::string> Difference(const std::vector<std::string>& got, const std::vector<std::string>& wanted) {
  std::vector<std::string> surplus, missing;
  std::set_difference(got.begin(), got.end(), wanted.begin(), wanted.end(), std::back_inserter(surplus));
  std::set_difference(wanted.begin(), wanted.end(), got.begin(), got.end(), std::back_inserter(missing));
  for (std::string& row : surplus) row = "too much: " + row;
  for (const std::string& row : missing) surplus.push_back("missing: " + row);
  return surplus;
}

int64_t Asked(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? -1 : std::atoll(text);
}

class PowerLoss : public testing::TestWithParam<Scenario (*)()> {
 protected:
  void SetUp() override {
    scenario_ = GetParam()();
    input_ = DiskWithInput(scenario_);
    ASSERT_NE(input_, nullptr);
    os::SimulatedEnvironment environment(kFirstSeed, CopyOf(*input_));
    const Status ran = RunProgram(scenario_, &environment);
    ASSERT_TRUE(ran.ok()) << ran;
    boundaries_ = environment.files().boundaries();
    wanted_ = ReadSinks(&environment).value();
    ASSERT_GT(wanted_.rows.size(), 4u);
  }

  // What a program that was begun on `disk` leaves when it has been finished.
  void ExpectFinished(std::unique_ptr<os::MemoryFileSystem> disk, uint64_t seed, const std::string& what) {
    os::SimulatedEnvironment environment(seed, std::move(disk));
    const Status ran = RunProgram(scenario_, &environment);
    ASSERT_TRUE(ran.ok()) << what << ": " << ran;
    const auto contents = ReadSinks(&environment);
    ASSERT_TRUE(contents.ok()) << what << ": " << contents.status();
    ASSERT_EQ(Difference(contents->rows, wanted_.rows), std::vector<std::string>()) << what;
  }

  static constexpr uint64_t kFirstSeed = 1000;
  Scenario scenario_;
  std::unique_ptr<os::MemoryFileSystem> input_;
  int64_t boundaries_ = 0;
  Contents wanted_;
};

TEST_P(PowerLoss, ARunIsAFunctionOfItsSeed) {
  os::SimulatedEnvironment again(kFirstSeed, CopyOf(*input_));
  ASSERT_TRUE(RunProgram(scenario_, &again).ok());
  EXPECT_EQ(again.files().boundaries(), boundaries_);
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    os::SimulatedEnvironment other(seed, CopyOf(*input_));
    ASSERT_TRUE(RunProgram(scenario_, &other).ok()) << seed;
    EXPECT_EQ(ReadSinks(&other)->rows, wanted_.rows) << seed;
  }
}

TEST_P(PowerLoss, EveryWriteBoundaryRecovers) {
  const int64_t only = Asked("KAPPA_SIMULATION_BOUNDARY"), only_seed = Asked("KAPPA_SIMULATION_SEED");
  int64_t tried = 0;
  for (uint64_t seed = kFirstSeed; seed < kFirstSeed + Seeds(); ++seed) {
    if (only_seed >= 0 && seed != static_cast<uint64_t>(only_seed)) continue;
    for (int64_t boundary = 1;; ++boundary) {
      if (only >= 0 && boundary != only) {
        if (boundary > only) break;
        continue;
      }
      os::SimulatedEnvironment environment(seed, CopyOf(*input_));
      environment.files().LosePowerAt(boundary);
      const Status ran = RunProgram(scenario_, &environment);
      if (!environment.files().power_lost()) {
        ASSERT_TRUE(ran.ok()) << ran;
        break;  // it has come to its end before
      }
      ++tried;
      const std::string what = scenario_.name + ": power lost at boundary " + std::to_string(boundary) + " (" + environment.files().failed_at() +
                               "), KAPPA_SIMULATION_SEED=" + std::to_string(seed) + " KAPPA_SIMULATION_BOUNDARY=" + std::to_string(boundary);
      auto disk = environment.files().Surviving(seed * 7919 + static_cast<uint64_t>(boundary));
      {
        SCOPED_TRACE(what);
        ASSERT_NO_FATAL_FAILURE(ExpectFinished(std::move(disk), seed + 1, what));
      }
    }
  }
  std::cout << scenario_.name << ": " << boundaries_ << " write boundaries; power lost " << tried << " times, all recovered\n";
  EXPECT_GT(tried, 0);
}

// Once more while it recovers, and once more then.
TEST_P(PowerLoss, RecoveryRecoversToo) {
  constexpr int kRounds = 40, kLosses = 3;
  int64_t lost = 0;
  for (uint64_t seed = 1; seed <= kRounds * Seeds(); ++seed) {
    os::SeededRandom random(seed);
    auto disk = CopyOf(*input_);
    std::string what = scenario_.name + ", seed " + std::to_string(seed) + ": power lost at";
    for (int loss = 0; loss < kLosses; ++loss) {
      os::SimulatedEnvironment environment(random.Next(), std::move(disk));
      environment.files().LosePowerAt(1 + static_cast<int64_t>(random.Below(static_cast<uint64_t>(boundaries_))));
      (void)RunProgram(scenario_, &environment);
      if (environment.files().power_lost()) what += " " + environment.files().failed_at() + ",";
      lost += environment.files().power_lost();
      disk = environment.files().Surviving(random.Next());
    }
    ASSERT_NO_FATAL_FAILURE(ExpectFinished(std::move(disk), seed, what));
  }
  std::cout << scenario_.name << ": power lost " << lost << " times in " << kRounds * Seeds() << " runs of up to " << kLosses << " recoveries\n";
}

INSTANTIATE_TEST_SUITE_P(Scenarios, PowerLoss, testing::Values(&AppendingScenario, &UpdatingScenario, &WindowScenario, &SilenceScenario),
                         [](const auto& info) { return info.param().name; });

}  // namespace
}  // namespace kappa::simulation
