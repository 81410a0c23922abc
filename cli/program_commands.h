// kappa run | replay | explain | check: commands over a program in files.
#pragma once

#include <memory>

#include "cli/arguments.h"
#include "common/os/environment.h"
#include "engine/engine.h"

namespace kappa::cli {

// Each answers the exit code; results go to standard output, everything else to standard error.
int RunRunCommand(const RunArguments& arguments, os::Environment* environment);
int RunExplainCommand(const ExplainArguments& arguments, os::Environment* environment);
int RunCheckCommand(const CheckArguments& arguments, os::Environment* environment);

// An engine on the data directory. `output`: for stdout and print sinks.
StatusOr<std::unique_ptr<Engine>> OpenEngine(const EngineArguments& arguments, os::Environment* environment,
                                             std::function<void(std::string_view)> output);
// --workers and --set.
Status ApplySettings(const EngineArguments& arguments, Session* session);
// Where --metrics are served, for people.
std::string MetricsNote(const Engine& engine);
// The files' texts, then the -e texts. 58P01, 58030: a file that cannot be read.
StatusOr<std::vector<ProgramText>> ReadPrograms(const std::vector<std::string>& files, const std::vector<std::string>& statements,
                                                os::Environment* environment);

}  // namespace kappa::cli
