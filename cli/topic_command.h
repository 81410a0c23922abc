// kappa topic create | delete | list | produce | consume
#pragma once

#include "cli/arguments.h"
#include "cli/topic_store.h"
#include "common/os/environment.h"

namespace kappa::cli {

// Answers the exit code; errors go to standard error.
int RunTopicCommand(const TopicArguments& arguments, os::Environment* environment);

}  // namespace kappa::cli
