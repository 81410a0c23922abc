// Ctrl-C and SIGTERM. The first asks politely, the last ends the process at once.
#pragma once

#include <memory>

#include "common/os/environment.h"
#include "engine/engine.h"

namespace kappa::cli {

// Handles SIGINT and SIGTERM while it lives; SIGPIPE is ignored (writes tell). At most one in a process at a time.
class InterruptScope {
 public:
  // `patience`: this many signals in a row, without Reset between them, and the process exits with 130 at once.
  // `note`: written to standard error at the first signal; must outlive the scope; nullptr: nothing.
  InterruptScope(os::Environment* environment, int patience, const char* note);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

  // From now on a signal cancels what `session` executes; nullptr: signals are only counted.
  void Watch(Session* session);
  bool interrupted() const;
  void Reset();

 private:
  std::unique_ptr<os::Thread> canceller_;  // a signal handler may not take locks, which Session::Cancel may do
};

}  // namespace kappa::cli
