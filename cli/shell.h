// kappa shell: statements over several lines, typed or from a script, and the shell's own commands (\?).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/highlighting.h"
#include "cli/interrupt.h"
#include "cli/result_output.h"
#include "cli/results.h"
#include "cli/standard_streams.h"
#include "cli/statement_text.h"
#include "common/os/environment.h"
#include "engine/engine.h"

namespace kappa::cli {

// What is shown. While a line is edited, output of running programs is kept for the editor to show above it. Any thread.
class ShellOutput final : public TextOutput {
 public:
  explicit ShellOutput(TextOutput* output) : output_(output) {}
  Status Write(std::string_view text) override;  // now
  void WriteBehind(std::string_view text);       // now, or when the editor asks
  std::string TakeKept();
  void SetEditing(bool editing);  // leaving shows what was kept

 private:
  TextOutput* const output_;
  std::mutex mutex_;
  bool editing_ = false;
  std::string kept_;
};

class Shell {
 public:
  // All that is pointed to must outlive it. `errors`: where errors and notices go.
  Shell(const ShellArguments& arguments, Engine* engine, Session* session, os::Environment* environment, ShellOutput* output, TextOutput* errors,
        InterruptScope* interrupt, bool interactive);

  // A line of input, without its newline. `name`: of the text it is from, for errors; "": typed. False: the shell is to end.
  bool Line(const std::string& line, const std::string& name = "");
  // The text's end: runs a last statement that has no semicolon.
  bool End(const std::string& name = "");
  // Forgets what was typed of a statement.
  void Discard();
  bool inside_statement() const { return !pending_.empty(); }
  // What is open in the statement that is typed (statement_text.h).
  char open() { return OpenIn(StateOfPending()); }
  // The spans of a line that is being typed, for their colours; none where the user wants none.
  std::vector<StyledSpan> Highlighting(std::string_view line);
  // Words that may stand at the end of `line`, and where the last one begins: keywords, names, columns of the statement's tables; the shell's
  // commands; files. For the Tab key.
  std::vector<std::string> Completions(std::string_view line, size_t* begin);
  // Statements that finished since the last call, as they were typed: for the history.
  std::string TakeFinished();
  int exit_code() const { return exit_code_; }

 private:
  bool RunPending(bool at_end, const std::string& name);
  bool Execute(TextRange range, const std::string& name);
  void ReportError(const Status& status, TextRange range, const std::string& name);
  // One of the shell's own commands, as it was typed: its name without the backslash, and what follows, variables put in.
  struct Call {
    std::string name;
    std::string rest;                // of the line, trimmed
    std::vector<std::string> words;  // of the rest; quotes taken off
  };
  struct CommandInfo {
    const char* names;      // separated by spaces
    const char* arguments;  // as the help shows them
    const char* help;
    bool (Shell::*run)(const Call& call);  // false: the shell is to end
    bool inside_statement = false;         // acts on the statement that is typed
    const char* heading = nullptr;         // in the help, above it
  };
  static const std::vector<CommandInfo>& Commands();
  static const CommandInfo* FindCommandInfo(std::string_view name);
  static std::string NearestCommand(const std::string& name);  // "": none is near

  bool Command(std::string_view line);
  bool Quit(const Call& call);
  bool Help(const Call& call);
  bool Reset(const Call& call);
  bool ShowPending(const Call& call);
  bool Go(const Call& call);
  bool Watch(const Call& call);
  bool Edit(const Call& call);
  bool IncludeFile(const Call& call);
  bool OutputTo(const Call& call);
  bool Echo(const Call& call);
  bool SetVariable(const Call& call);
  bool UnsetVariable(const Call& call);
  bool Copy(const Call& call);
  bool DescribeNamed(const Call& call);
  bool List(const Call& call);
  bool ListData(const Call& call);
  bool Timing(const Call& call);
  bool SetExpanded(const Call& call);
  bool SetPrinting(const Call& call);

  bool Include(const std::string& path);
  bool Fail(const std::string& message);
  bool ExecuteText(const std::string& statement);
  bool RunStatement(const std::string& statement, Status* status);
  void SetFormat(OutputFormat format);
  std::vector<std::string> ColumnsInScope(std::string_view statement);
  const TextState& StateOfPending();

  const ShellArguments& arguments_;
  Engine* const engine_;
  Session* const session_;
  os::Environment* const environment_;
  ShellOutput* const output_;
  TextOutput* const errors_;
  InterruptScope* const interrupt_;
  const bool interactive_;
  ResultOutput result_output_;
  OutputFormat format_;
  TableStyle style_;
  std::unique_ptr<ShownResults> results_;

  std::string pending_;      // lines of the statement being read, and of finished ones on the same lines
  size_t done_ = 0;          // of pending_: executed
  size_t line_number_ = 0;   // of the last line read
  size_t pending_line_ = 0;  // of pending_'s first
  TextState state_;          // of pending_'s first scanned_ bytes
  size_t scanned_ = 0;
  Vocabulary vocabulary_;  // made when it is needed first
  std::string finished_;
  std::string directory_;  // of the included file; for \ir
  std::string last_;       // statement executed: for \g, \watch, \e
  Variables variables_;
  bool timing_ = false, pager_ = true;
  int depth_ = 0;  // of \i
  int exit_code_ = 0;
};

// The whole command: an engine, a terminal or a script. Answers the exit code.
int RunShellCommand(const ShellArguments& arguments, os::Environment* environment);

}  // namespace kappa::cli
