// The command line: what is accepted, how it is documented, what is said about mistakes.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/arguments.h"

namespace kappa::cli {

// Nothing to run: --help, --version, or a mistake.
struct Answer {
  int exit_code = 0;
  std::string text;  // to standard output when exit_code is 0, else to standard error
};

using Command = std::variant<Answer, RunArguments, ExplainArguments, CheckArguments, ShellArguments, ServeArguments, TopicArguments, StatusArguments,
                             SnapshotArguments>;

// `arguments` without the program's name. `default_data`: $KAPPA_DATA, "" where it is not set.
Command ParseCommandLine(const std::vector<std::string>& arguments, const std::string& default_data);

}  // namespace kappa::cli
