// The shell's own commands: lines that begin with a backslash.
#include <algorithm>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/shell.h"

namespace kappa::cli {
namespace {

constexpr int kDeepestInclude = 16;
constexpr char kHelp[] =
    "statements end with ';' and may take several lines\n"
    "  \\d           list sources, views and sinks      \\d NAME   describe one\n"
    "  \\dt          the same list\n"
    "  \\i FILE      run the statements of a file\n"
    "  \\timing      show how long statements take      \\timing on|off\n"
    "  \\x           a line for each column             \\x on|off|auto (auto: where the table is too wide)\n"
    "  \\r           forget the statement typed so far (as Ctrl-C does)\n"
    "  \\q           leave (as Ctrl-D does)\n"
    "Ctrl-C stops the statement that runs. Tab completes names. Up recalls what was typed.\n";

struct Words {
  std::string command, argument;
};

Words SplitCommand(std::string_view line) {
  const size_t space = std::min(line.find_first_of(" \t"), line.size());
  std::string_view argument = line.substr(space);
  while (!argument.empty() && (argument.front() == ' ' || argument.front() == '\t')) argument.remove_prefix(1);
  while (!argument.empty() && (argument.back() == ';' || argument.back() == ' ')) argument.remove_suffix(1);  // a habit
  std::string_view command = line.substr(0, space);
  while (command.size() > 1 && command.back() == ';') command.remove_suffix(1);
  if (argument.size() >= 2 && argument.front() == '\'' && argument.back() == '\'') argument = argument.substr(1, argument.size() - 2);
  return {std::string(command), std::string(argument)};
}

}  // namespace

bool Shell::Command(std::string_view line) {
  const auto [command, argument] = SplitCommand(line);
  if (command == "\\q" || command == "\\quit") return false;
  if (command == "\\?" || command == "\\h" || command == "\\help") return output_->Write(kHelp).ok();
  if (command == "\\r") {
    Discard();
  } else if (command == "\\timing") {
    if (!argument.empty() && argument != "on" && argument != "off") return Fail("\\timing takes on, off or nothing");
    timing_ = argument.empty() ? !timing_ : argument == "on";
    (void)output_->Write(timing_ ? "Timing is on.\n" : "Timing is off.\n");
  } else if (command == "\\x") {
    if (!argument.empty() && argument != "on" && argument != "off" && argument != "auto") return Fail("\\x takes on, off, auto or nothing");
    SetExpanded(argument);
  } else if (command == "\\i") {
    return argument.empty() ? Fail("\\i needs the name of a file") : Include(argument);
  } else if (command == "\\dt" || (command == "\\d" && argument.empty())) {
    ListObjects();
  } else if (command == "\\d") {
    return ExecuteText("DESCRIBE " + argument) || interactive_ || arguments_.continue_on_error;
  } else {
    return Fail("there is no command " + command + "; \\? lists them");
  }
  return true;
}

bool Shell::Fail(const std::string& message) {
  (void)errors_->Write("error: " + message + "\n");
  if (interactive_) return true;
  exit_code_ = kStatementFailed;
  return arguments_.continue_on_error;
}

void Shell::SetExpanded(const std::string& value) {
  if (value.empty())
    style_.expanded = style_.expanded == Expanded::kOn ? Expanded::kOff : Expanded::kOn;
  else
    style_.expanded = value == "on" ? Expanded::kOn : value == "auto" ? Expanded::kAuto : Expanded::kOff;
  (void)output_->Write(style_.expanded == Expanded::kOn     ? "Expanded display is on.\n"
                       : style_.expanded == Expanded::kAuto ? "Expanded display is used where a table is too wide.\n"
                                                            : "Expanded display is off.\n");
}

void Shell::ListObjects() {
  std::vector<std::string> names = engine_->ObjectNames();
  if (names.empty()) {
    (void)output_->Write("Nothing has been created yet.\n");
    return;
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += "  " + name + "\n";
  (void)output_->Write(text + "\\d NAME describes one.\n");
}

bool Shell::ExecuteText(const std::string& statement) {
  const Status status = session_->Execute(statement, results_.get());
  if (status.ok()) return true;
  results_->Abandon();
  (void)errors_->Write(PrintableLines(FormatError(status, "", statement)));
  if (!interactive_) exit_code_ = ExitCodeOf(status);
  return false;
}

bool Shell::Include(const std::string& path) {
  if (depth_ == kDeepestInclude) return Fail(path + " is included from itself, or too deeply");
  const StatusOr<std::string> text = environment_->files().ReadAll(path);
  if (!text.ok()) return Fail(MessageOf(text.status()));
  // A text of its own: its lines are counted from one, and an error ends it.
  Shell included(arguments_, engine_, session_, environment_, output_, errors_, interrupt_, false);
  included.depth_ = depth_ + 1;
  included.timing_ = timing_;
  included.style_ = style_;
  size_t begin = 0;
  bool go_on = true;
  while (go_on && begin < text->size()) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    go_on = included.Line(text->substr(begin, end - begin), path);
    begin = end + 1;
  }
  if (go_on) included.End(path);
  if (included.exit_code() == kDone || interactive_) return true;
  exit_code_ = included.exit_code();
  return arguments_.continue_on_error;
}

}  // namespace kappa::cli
