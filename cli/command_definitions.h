// The commands: their arguments, options, help and examples. Each adds itself to the application and, when it is the one that was given, leaves
// behind how its arguments are made into what was asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/command_line.h"

namespace kappa::cli {

struct CommandLine {
  CLI::App app{"Streaming SQL over a log, compiled to native code."};
  std::string default_data;
  std::function<Command()> chosen;  // called once the arguments have been read
};

// Those with an engine: program_definitions.cc.
void AddRun(CommandLine* line);
void AddReplay(CommandLine* line);
void AddExplain(CommandLine* line);
void AddCheck(CommandLine* line);
void AddShell(CommandLine* line);
void AddServe(CommandLine* line);
// Those about what lies in a data directory, or in Kafka: storage_definitions.cc.
void AddTopic(CommandLine* line);
void AddStatus(CommandLine* line);
void AddSnapshot(CommandLine* line);

}  // namespace kappa::cli
