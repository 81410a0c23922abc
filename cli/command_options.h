// Options that several commands take, and the checks of their values. A check answers "", or what is wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"

namespace kappa::cli {

std::string CheckAssignment(const std::string& text);  // NAME=VALUE
std::string CheckName(const std::string& name);        // of a program
CLI::Validator AtLeast(int64_t least);
// NAME=VALUE, which has been checked.
std::pair<std::string, std::string> SplitAssignment(const std::string& assignment);

// The arguments must outlive the parse.
// --data, which is `default_data` where it is not given. `what` is kept there.
void AddData(CLI::App* app, const std::string& default_data, std::string* data, const std::string& what);
// --data, --workers, --set, and how it logs.
void AddEngine(CLI::App* app, const std::string& default_data, EngineArguments* engine);
void AddMetrics(CLI::App* app, EngineArguments* engine);
// Files, and -e.
void AddTexts(CLI::App* app, std::vector<std::string>* files, std::vector<std::string>* statements);
void AddFormat(CLI::App* app, OutputFormat* format);
// Where in the logs.
void AddPosition(CLI::App* app, const std::string& name, LogPosition* position, const std::string& text);
// Of programs: an end for good, at which windows close, or only a stop.
void AddUntil(CLI::App* app, RunArguments* run);
// Of topics.
void AddUntilLatest(CLI::App* app, bool* until_latest, const std::string& text);

}  // namespace kappa::cli
