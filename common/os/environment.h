// What a host gives to everything that runs in it.
#pragma once

#include "common/os/clock.h"
#include "common/os/file_system.h"
#include "common/os/random.h"
#include "common/os/thread.h"

namespace kappa::os {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual Clock& clock() = 0;
  virtual FileSystem& files() = 0;
  virtual Random& random() = 0;
  virtual Threads& threads() = 0;
  // True: a simulation, in which threads run one after the other and none may wait for another (simulated_environment.h).
  virtual bool deterministic() const { return false; }
};

// The real one; lives as long as the process.
Environment& RealEnvironment();

// Variables of the process environment; "" when not set.
std::string EnvironmentVariable(const char* name);

}  // namespace kappa::os
