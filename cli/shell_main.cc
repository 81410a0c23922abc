// kappa shell, put together: engine, terminal or script, history.
#include <algorithm>

#include "cli/exit_code.h"
#include "cli/line_editor.h"
#include "cli/program_commands.h"
#include "cli/shell.h"
#include "common/logging.h"

#ifndef KAPPA_VERSION
#define KAPPA_VERSION "unknown"
#endif

namespace kappa::cli {
namespace {

constexpr char kStatementPrompt[] = "kappa> ";
constexpr char kMorePrompt[] = "    -> ";
constexpr int kPatience = 3;  // Ctrl-Cs for a statement that does not stop

// Words worth completing beside the names of objects.
std::vector<std::string> CompletionWords(const Engine& engine) {
  std::vector<std::string> words = {"CREATE", "SOURCE",   "TABLE",    "VIEW",      "MATERIALIZED", "SINK",   "SELECT",    "FROM",
                                    "WHERE",  "GROUP",    "ORDER",    "HAVING",    "LIMIT",        "WITH",   "FORMAT",    "PLAIN",
                                    "ENCODE", "JSON",     "EMIT",     "WINDOW",    "CLOSE",        "UPDATE", "EXPLAIN",   "DROP",
                                    "INSERT", "VALUES",   "INTERVAL", "WATERMARK", "TUMBLE",       "HOP",    "SHOW",      "SOURCES",
                                    "SINKS",  "DESCRIBE", "BETWEEN",  "DISTINCT",  "CASE",         "BIGINT", "TIMESTAMP", "connector"};
  for (const SettingInfo& setting : Settings()) words.push_back(setting.name);
  for (const std::string& name : engine.ObjectNames()) words.push_back(name);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

std::string HistoryPath(const ShellArguments& arguments) {
  const std::string home = os::EnvironmentVariable("HOME");
  return (home.empty() ? arguments.engine.data : home) + "/.kappa_history";
}

int RunInteractive(const ShellArguments& arguments, Engine* engine, os::Environment* environment, ShellOutput* output, InterruptScope* interrupt,
                   Shell* shell) {
  (void)output->Write("kappa " KAPPA_VERSION ", data in " + arguments.engine.data +
                      "\nStatements end with ';'. \\? lists the shell's commands, \\q leaves.\n");
  LineEditor::Hooks hooks;
  hooks.interrupted = [interrupt] { return interrupt->interrupted(); };
  hooks.pending_output = [output] { return output->TakeKept(); };
  hooks.names = [engine] { return CompletionWords(*engine); };
  LineEditor editor(&environment->files(), HistoryPath(arguments), std::move(hooks));
  std::string line;
  while (true) {
    interrupt->Reset();
    output->SetEditing(true);
    const LineEditor::Outcome outcome = editor.Read(shell->inside_statement() ? kMorePrompt : kStatementPrompt, &line);
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

}  // namespace

int RunShellCommand(const ShellArguments& arguments, os::Environment* environment) {
  StandardInput input;
  StandardOutput standard_output(1), errors(2);
  const bool interactive = input.terminal() && standard_output.terminal();
  ShellOutput output(&standard_output);
  const LogAboveTheLine log(interactive ? &output : nullptr);
  InterruptScope interrupt(environment, interactive ? kPatience : 2, nullptr);
  auto engine = OpenEngine(arguments.engine, environment, [&output](std::string_view lines) { output.WriteBehind(lines); });
  if (!engine.ok()) {
    (void)errors.Write(FormatError(engine.status(), "", ""));
    return kUsage;
  }
  const std::unique_ptr<Session> session = (*engine)->NewSession();
  if (Status status = ApplySettings(arguments.engine, session.get()); !status.ok()) {
    (void)errors.Write(FormatError(status, "", ""));
    return kUsage;
  }
  if (arguments.engine.metrics) (void)errors.Write(MetricsNote(**engine));
  (*engine)->StartBackground();
  Shell shell(arguments, engine->get(), session.get(), environment, &output, &errors, &interrupt, interactive);
  const int code =
      interactive ? RunInteractive(arguments, engine->get(), environment, &output, &interrupt, &shell) : RunScript(&input, &interrupt, &shell);
  return standard_output.closed() ? kDone : code;
}

}  // namespace kappa::cli
