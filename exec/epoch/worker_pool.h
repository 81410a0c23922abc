// Runs one phase of an epoch on every worker and waits for all: the only place where workers meet. A simulator runs them one after the other in an
// order of its choice.
#pragma once

#include <functional>
#include <memory>

#include "common/os/environment.h"

namespace kappa {

class WorkerPool {
 public:
  virtual ~WorkerPool() = default;
  virtual int32_t workers() const = 0;
  // phase(worker) for each worker; returns when all have returned.
  virtual void RunAll(const std::function<void(int32_t)>& phase) = 0;

  // One worker: the caller's own thread. More: a thread each, the caller being worker 0.
  static std::unique_ptr<WorkerPool> Make(int32_t workers, os::Environment* environment);
};

}  // namespace kappa
