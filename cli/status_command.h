// kappa status: what the engine of a data directory is doing.
#pragma once

#include "cli/arguments.h"
#include "common/os/environment.h"

namespace kappa::cli {

// Answers the exit code: 0 whether an engine runs or not, 1 no such directory, 2 an engine that does not answer.
int RunStatusCommand(const StatusArguments& arguments, os::Environment* environment);

}  // namespace kappa::cli
