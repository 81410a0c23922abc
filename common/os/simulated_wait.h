// Where os::Event and os::SleepNanos ask whether they are in a simulation. Only common/os looks here.
#pragma once

#include <cstdint>

namespace kappa::os::internal {

class SimulatedWait {
 public:
  virtual ~SimulatedWait() = default;
  virtual bool RunOne() = 0;             // of what else there is to run; false: nothing
  virtual void Pass(int64_t nanos) = 0;  // virtual time
};

// Null but in a simulation; set before its threads begin and after they have ended. Waits have no environment at hand, hence process-wide.
extern SimulatedWait* simulated_wait;

}  // namespace kappa::os::internal
