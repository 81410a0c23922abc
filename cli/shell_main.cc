// kappa shell, put together: engine, terminal or script, history.
#include "cli/exit_code.h"
#include "cli/line_editor.h"
#include "cli/program_commands.h"
#include "cli/remote_session.h"
#include "cli/shell.h"
#include "common/logging.h"

#ifndef KAPPA_VERSION
#define KAPPA_VERSION "unknown"
#endif

namespace kappa::cli {
namespace {

constexpr char kStatementPrompt[] = "kappa> ";
constexpr int kPatience = 3;  // Ctrl-Cs for a statement that does not stop

// As psql shows it, what is open stands in front: (  '  "  *.
std::string PromptOf(Shell* shell) {
  if (!shell->inside_statement()) return kStatementPrompt;
  const char open = shell->open();
  return std::string("     ") + (open == 0 ? '-' : open) + "> ";
}

std::string HistoryPath(const ShellArguments& arguments) {
  if (const std::string path = os::EnvironmentVariable("KAPPA_HISTORY"); !path.empty()) return path;
  const std::string home = os::EnvironmentVariable("HOME");
  return (home.empty() ? arguments.engine.data : home) + "/.kappa_history";
}

int RunInteractive(const ShellArguments& arguments, os::Environment* environment, ShellOutput* output, InterruptScope* interrupt, Shell* shell) {
  (void)output->Write("kappa " KAPPA_VERSION ", " +
                      (arguments.connect.empty() ? "data in " + arguments.engine.data : "connected to " + arguments.connect) +
                      "\nStatements end with ';'. \\? lists the shell's commands, \\q leaves.\n");
  LineEditor::Hooks hooks;
  hooks.interrupted = [interrupt] { return interrupt->interrupted(); };
  hooks.pending_output = [output] { return output->TakeKept(); };
  hooks.completions = [shell](std::string_view typed, size_t* begin) { return shell->Completions(typed, begin); };
  if (ColoursWanted(os::EnvironmentVariable("NO_COLOR"), os::EnvironmentVariable("TERM"))) {
    hooks.highlighting = [shell](std::string_view typed) { return shell->Highlighting(typed); };
  }
  LineEditor editor(&environment->files(), HistoryPath(arguments), std::move(hooks));
  std::string line;
  while (true) {
    interrupt->Reset();
    output->SetEditing(true);
    const LineEditor::Outcome outcome = editor.Read(PromptOf(shell), &line);
    output->SetEditing(false);
    interrupt->Reset();
    if (outcome == LineEditor::Outcome::kEnd) {
      (void)output->Write("\n");
      return kDone;
    }
    if (outcome == LineEditor::Outcome::kInterrupted) {
      shell->Discard();
      continue;
    }
    const bool go_on = shell->Line(line);
    if (const std::string finished = shell->TakeFinished(); !finished.empty()) editor.Remember(finished);
    if (!go_on) return shell->exit_code();
  }
}

// On a terminal the log's lines appear above the line that is edited.
class LogAboveTheLine {
 public:
  explicit LogAboveTheLine(ShellOutput* output) {
    if (output != nullptr) SetLogWriter([output](std::string_view line) { output->WriteBehind(line); });
  }
  ~LogAboveTheLine() { SetLogWriter(nullptr); }
  LogAboveTheLine(const LogAboveTheLine&) = delete;
  LogAboveTheLine& operator=(const LogAboveTheLine&) = delete;
};

int RunScript(StandardInput* input, InterruptScope* interrupt, Shell* shell) {
  std::string line;
  bool go_on = true;
  while (go_on) {
    const StandardInput::Outcome outcome = input->ReadLine(&line);
    if (outcome == StandardInput::Outcome::kInterrupted) return kInterrupted;
    if (outcome == StandardInput::Outcome::kEnd) break;
    go_on = shell->Line(line, "<stdin>");
    if (interrupt->interrupted()) return kInterrupted;
  }
  if (go_on) shell->End("<stdin>");
  return shell->exit_code();
}

int RunTexts(const ShellArguments& arguments, InterruptScope* interrupt, Shell* shell) {
  bool go_on = true;
  for (const std::string& file : arguments.files) go_on = go_on && shell->Line("\\i '" + file + "'") && !interrupt->interrupted();
  for (const std::string& statement : arguments.statements) {
    go_on = go_on && shell->Line(statement, "-c") && shell->End("-c") && !interrupt->interrupted();
  }
  return interrupt->interrupted() ? kInterrupted : shell->exit_code();
}

}  // namespace

int RunShellCommand(const ShellArguments& arguments, os::Environment* environment) {
  StandardInput input;
  StandardOutput standard_output(1), errors(2);
  const bool texts = !arguments.files.empty() || !arguments.statements.empty();
  const bool interactive = !texts && input.terminal() && standard_output.terminal();
  ShellOutput output(&standard_output);
  const LogAboveTheLine log(interactive ? &output : nullptr);
  InterruptScope interrupt(environment, interactive ? kPatience : 2, nullptr);
  auto engine = !arguments.connect.empty()
                    ? ConnectRemote(arguments.connect)
                    : OpenEngine(arguments.engine, environment, [&output](std::string_view lines) { output.WriteBehind(lines); });
  if (!engine.ok()) {
    (void)errors.Write(FormatError(engine.status(), "", ""));
    return arguments.connect.empty() ? kUsage : kConnectionLost;
  }
  const std::unique_ptr<Session> session = (*engine)->NewSession();
  if (Status status = ApplySettings(arguments.engine, session.get()); !status.ok()) {
    (void)errors.Write(FormatError(status, "", ""));
    return kUsage;
  }
  if (arguments.engine.metrics) (void)errors.Write(MetricsNote(**engine));
  (*engine)->StartBackground();
  Shell shell(arguments, engine->get(), session.get(), environment, &output, &errors, &interrupt, interactive);
  const int code = texts         ? RunTexts(arguments, &interrupt, &shell)
                   : interactive ? RunInteractive(arguments, environment, &output, &interrupt, &shell)
                                 : RunScript(&input, &interrupt, &shell);
  return standard_output.closed() ? kDone : code;
}

}  // namespace kappa::cli
