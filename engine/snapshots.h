// The snapshots and journals that a data directory keeps, looked at from outside: nothing is locked, made or removed, beside a running engine too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "common/status.h"

namespace kappa {

struct KeptSnapshot {
  std::string pipeline;
  int64_t epoch = -1;
  int64_t created_micros = 0;  // since 1970 UTC
  uint64_t entries = 0, bytes = 0;
  int32_t files = 0;
  std::string build;                // of the engine that wrote it
  std::vector<std::string> damage;  // what is wrong, a line each, with the file; none: usable, as far as was looked
};

enum class SnapshotCheck {
  kManifests,  // is each manifest whole, is every file that it names there and of its size
  kEverything  // and every byte as it was written
};

// By program, newest first. `name`: of one program; "": of all. A manifest that cannot be read is one with damage and no figures. Snapshots that a
// running engine drops meanwhile are left out. 42704: there is no such program; 58P01: no such directory.
StatusOr<std::vector<KeptSnapshot>> ReadSnapshots(const std::string& data_directory, const std::string& name, SnapshotCheck check,
                                                  os::Environment* environment);

// The journal of one program: the epochs that it runs again after a crash.
struct KeptJournal {
  std::string pipeline;
  int64_t first_epoch = -1, last_epoch = -1;  // -1: it holds none
  int32_t files = 0;
  uint64_t bytes = 0;
  uint64_t unfinished_bytes = 0;    // at an end: of epochs that were never acknowledged, which the next start cuts off
  std::vector<std::string> damage;  // as a snapshot's
};

// Every record of every journal: is it whole, does each epoch follow the one before, does the first follow the newest of `snapshots` at the latest.
// Names and errors as above; beside a running engine its last record may not be whole yet.
StatusOr<std::vector<KeptJournal>> ReadJournals(const std::string& data_directory, const std::string& name,
                                                const std::vector<KeptSnapshot>& snapshots, os::Environment* environment);

}  // namespace kappa
