// A durable program over the embedded log, in process, in a simulation: what it wrote, and what it writes when the disk fails it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/os/simulated_environment.h"

namespace kappa::simulation {

// The contents of a program's sinks, as a reader finds them: each sink's rows sorted, of an updating one the last row of each key.
struct Contents {
  std::vector<std::string> rows;  // "sink: row"
  friend bool operator==(const Contents& a, const Contents& b) { return a.rows == b.rows; }
};

// Records that come while the program runs, once its watermark has come to `after`.
struct Stage {
  int64_t after = 0;                                     // seconds after 2024 began
  std::vector<std::pair<int32_t, std::string>> records;  // each with its partition
};

// A program with its input. Its sinks: topics "log_*" (updating when the name ends with _upsert: keys count), folders "out/*".
struct Scenario {
  std::string name;
  std::string text;                  // the statements
  std::vector<std::string> records;  // of topic e, dealt to its partitions in turn
  int32_t partitions = 2;
  int32_t workers = 1;
  int64_t epoch_records = 6;  // an epoch ends after so many
  std::vector<Stage> stages;  // after `records`
};

// What ends with ON WINDOW CLOSE, and what updates: small programs over small inputs, for a run has to be made once for every boundary.
Scenario AppendingScenario();
Scenario UpdatingScenario();
Scenario WindowScenario();
// Partitions fall silent in turn, the others' time goes on without them, and they come back.
Scenario SilenceScenario();

// A disk that holds the input, durably.
std::unique_ptr<os::MemoryFileSystem> DiskWithInput(const Scenario& scenario);
std::unique_ptr<os::MemoryFileSystem> CopyOf(const os::MemoryFileSystem& durable);  // of what is durable
// Opens an engine on the environment's disk and runs the program to the end of its input. `rebuild`: its state is made again from the log.
Status RunProgram(const Scenario& scenario, os::SimulatedEnvironment* environment, bool rebuild = false);
StatusOr<Contents> ReadSinks(os::SimulatedEnvironment* environment);

// How many seeds a test should try: KAPPA_SIMULATION_SEEDS, else 1.
uint64_t Seeds();

}  // namespace kappa::simulation
