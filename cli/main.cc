// The `kappa` command.
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "cli/display_text.h"
#include "cli/program_commands.h"
#include "cli/serve_command.h"
#include "cli/shell.h"
#include "cli/snapshot_command.h"
#include "cli/standard_streams.h"
#include "cli/status_command.h"
#include "cli/topic_command.h"
#include "common/os/environment.h"

namespace kappa::cli {
namespace {

struct Dispatch {
  os::Environment* environment;
  int operator()(const Answer& answer) const {
    (void)StandardOutput(answer.exit_code == 0 ? 1 : 2).Write(answer.text);
    return answer.exit_code;
  }
  int operator()(const RunArguments& arguments) const { return RunRunCommand(arguments, environment); }
  int operator()(const ExplainArguments& arguments) const { return RunExplainCommand(arguments, environment); }
  int operator()(const CheckArguments& arguments) const { return RunCheckCommand(arguments, environment); }
  int operator()(const ShellArguments& arguments) const { return RunShellCommand(arguments, environment); }
  int operator()(const ServeArguments& arguments) const { return RunServeCommand(arguments, environment); }
  int operator()(const StatusArguments& arguments) const { return RunStatusCommand(arguments, environment); }
  int operator()(const SnapshotArguments& arguments) const { return RunSnapshotCommand(arguments, environment); }
  int operator()(const TopicArguments& arguments) const { return RunTopicCommand(arguments, environment); }
};

}  // namespace
}  // namespace kappa::cli

int main(int argc, char** argv) {
  kappa::cli::UseUnicode();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const kappa::cli::Command command = kappa::cli::ParseCommandLine(arguments, kappa::os::EnvironmentVariable("KAPPA_DATA"));
  return std::visit(kappa::cli::Dispatch{&kappa::os::RealEnvironment()}, command);
}
