// kappa serve: an engine that PostgreSQL's clients talk to.
#pragma once

#include "cli/arguments.h"
#include "common/os/environment.h"

namespace kappa::cli {

// Serves until SIGINT or SIGTERM. The address stands on the first line of standard output. Answers the exit code: 0 ended when asked to, 1 an engine
// that does not open or an address that cannot be listened on.
int RunServeCommand(const ServeArguments& arguments, os::Environment* environment);

}  // namespace kappa::cli
