// The matrix: the same scripts under every way of running them. A script never says which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kappa::slt {

// What is done with the engine before each record.
enum class Reopening : uint8_t {
  kNever,
  kRecover,  // it ends as if killed, and is opened again over its data directory with another number of workers
  kRebuild,  // besides, the state of its views and programs is removed: they are made again from the log
};

struct Configuration {
  std::string name;                     // workers=2,epoch=7,tier=o2
  std::vector<std::string> statements;  // SET ...
  Reopening reopening = Reopening::kNever;
};

// The first is the base configuration: nothing set.
std::vector<Configuration> Matrix();

// `which`: base; all; hash: the base one and the one that the script's name chooses; else the configuration of that name. Empty: there is none of
// that name.
std::vector<Configuration> Choose(const std::string& which, const std::string& script);

}  // namespace kappa::slt
