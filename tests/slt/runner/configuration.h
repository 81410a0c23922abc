// The matrix: the same scripts under every way of running them. A script never says which.
#pragma once

#include <string>
#include <vector>

namespace kappa::slt {

struct Configuration {
  std::string name;                     // workers=2,epoch=7,tier=o2
  std::vector<std::string> statements;  // SET ...
};

// The first is the base configuration: nothing set.
std::vector<Configuration> Matrix();

// `which`: base; all; hash: the base one and the one that the script's name chooses; else the configuration of that name. Empty: there is none of
// that name.
std::vector<Configuration> Choose(const std::string& which, const std::string& script);

}  // namespace kappa::slt
