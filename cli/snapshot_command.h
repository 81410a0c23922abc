// kappa snapshot list | verify
#pragma once

#include "cli/arguments.h"
#include "common/os/environment.h"

namespace kappa::cli {

// Answers the exit code: 1 where `verify` found damage, or there is no such program or directory.
int RunSnapshotCommand(const SnapshotArguments& arguments, os::Environment* environment);

}  // namespace kappa::cli
