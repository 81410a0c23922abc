// A bit flips in a file that the engine keeps for itself (journal, snapshot, manifest, marks), or the file ends too early: the engine that comes
// after either does without it and writes the right rows, or refuses and says so; a rebuild then makes everything again. Never other rows.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "tests/simulation/engine_simulation.h"

namespace kappa::simulation {
namespace {

// Files below `directory` in which a program or a sink keeps where it stands; not rows, whose checksums are their readers' business.
void Collect(os::FileSystem& files, const std::string& directory, std::vector<std::string>* found) {
  const std::vector<std::string> names = files.List(directory).value();
  for (const std::string& name : names) {
    const std::string path = (directory == "/" ? "" : directory) + "/" + name;
    if (files.Stat(path)->directory) {
      Collect(files, path, found);
      continue;
    }
    const bool kept = path.find("/pipelines/") != std::string::npos || path.find(".writers/") != std::string::npos || path.substr(0, 5) == "/out/";
    const bool rows = name.substr(0, 5) == "part-" || name.find(".tmp") != std::string::npos;
    if (kept && !rows && name.find("lock") == std::string::npos && files.Stat(path)->size > 0) found->push_back(path);
  }
}

void Damage(os::FileSystem& files, const std::string& path, os::SeededRandom* random, std::string* what) {
  std::string bytes = files.ReadAll(path).value();
  const size_t at = random->Below(bytes.size());
  // What is cut off at the end of a sink's marks looks like what was never acknowledged (known gap).
  const bool cut = random->Below(4) == 0 && path.find(".writers/") == std::string::npos;
  *what += (cut ? ", cut at byte " : ", a bit of byte ") + std::to_string(at) + " of " + std::to_string(bytes.size());
  if (cut)
    bytes.resize(at);
  else
    bytes[at] ^= static_cast<char>(1 << random->Below(8));
  auto file = files.OpenForAppend(path).value();
  ASSERT_TRUE(file->Truncate(0).ok());
  ASSERT_TRUE(file->Append(bytes).ok());
  ASSERT_TRUE(file->Sync().ok());
}

class DamageTest : public testing::TestWithParam<Scenario (*)()> {};

TEST_P(DamageTest, IsNoticedOrHarmless) {
  const Scenario scenario = GetParam()();
  const auto input = DiskWithInput(scenario);
  int64_t boundaries = 0;
  Contents wanted;
  {
    os::SimulatedEnvironment environment(5, CopyOf(*input));
    ASSERT_TRUE(RunProgram(scenario, &environment).ok());
    boundaries = environment.files().boundaries();
    wanted = ReadSinks(&environment).value();
  }
  int64_t refused = 0, harmless = 0;
  const uint64_t rounds = 60 * Seeds();
  for (uint64_t seed = 1; seed <= rounds; ++seed) {
    os::SeededRandom random(seed);
    std::unique_ptr<os::MemoryFileSystem> disk;
    {
      os::SimulatedEnvironment environment(random.Next(), CopyOf(*input));
      environment.files().LosePowerAt(boundaries / 3 + static_cast<int64_t>(random.Below(static_cast<uint64_t>(boundaries))));
      (void)RunProgram(scenario, &environment);
      disk = environment.files().Surviving(random.Next());
    }
    std::vector<std::string> files;
    Collect(*disk, "/", &files);
    if (files.empty()) continue;
    const std::string path = files[random.Below(files.size())];
    std::string what = scenario.name + ", seed " + std::to_string(seed) + ", " + path;
    ASSERT_NO_FATAL_FAILURE(Damage(*disk, path, &random, &what));
    os::SimulatedEnvironment environment(random.Next(), std::move(disk));
    const Status ran = RunProgram(scenario, &environment);
    if (ran.ok()) {
      ++harmless;
      ASSERT_EQ(ReadSinks(&environment)->rows, wanted.rows) << what;
      continue;
    }
    ++refused;
    const std::set<std::string_view> damage = {"XX001", "58K01", "0A000"};
    ASSERT_TRUE(damage.count(SqlStateOf(ran).view()) == 1) << what << ": " << ran;
    // A sink's own marks cannot be made again from the log: what it holds must not be written twice.
    const bool marks = path.find(".writers/") != std::string::npos || path.substr(0, 5) == "/out/";
    const Status rebuilt = RunProgram(scenario, &environment, /*rebuild=*/true);
    if (marks && !rebuilt.ok()) continue;
    ASSERT_TRUE(rebuilt.ok()) << what << ": " << ran << ", then " << rebuilt;
    ASSERT_EQ(ReadSinks(&environment)->rows, wanted.rows) << what << ", rebuilt after " << ran;
  }
  std::cout << scenario.name << ": of " << rounds << " damaged files " << refused << " were refused, " << harmless << " were not needed\n";
  EXPECT_GT(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, DamageTest, testing::Values(&AppendingScenario, &UpdatingScenario, &WindowScenario),
                         [](const auto& info) { return info.param().name; });

}  // namespace
}  // namespace kappa::simulation
