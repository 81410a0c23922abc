// kappa shell: statements over several lines, typed or from a script, and the shell's own commands (\?).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "cli/arguments.h"
#include "cli/interrupt.h"
#include "cli/results.h"
#include "cli/standard_streams.h"
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
  // Statements that finished since the last call, as they were typed: for the history.
  std::string TakeFinished();
  int exit_code() const { return exit_code_; }

 private:
  bool RunPending(bool at_end, const std::string& name);
  bool Execute(TextRange range, const std::string& name);
  void ReportError(const Status& status, TextRange range, const std::string& name);
  bool Command(std::string_view line);
  bool Include(const std::string& path);
  void ListObjects();
  bool Fail(const std::string& message);
  void SetExpanded(const std::string& value);
  bool ExecuteText(const std::string& statement);

  const ShellArguments& arguments_;
  Engine* const engine_;
  Session* const session_;
  os::Environment* const environment_;
  ShellOutput* const output_;
  TextOutput* const errors_;
  InterruptScope* const interrupt_;
  const bool interactive_;
  TableStyle style_;
  std::unique_ptr<ShownResults> results_;

  std::string pending_;      // lines of the statement being read, and of finished ones on the same lines
  size_t done_ = 0;          // of pending_: executed
  size_t line_number_ = 0;   // of the last line read
  size_t pending_line_ = 0;  // of pending_'s first
  std::string finished_;
  bool timing_ = false;
  int depth_ = 0;  // of \i
  int exit_code_ = 0;
};

// The whole command: an engine, a terminal or a script. Answers the exit code.
int RunShellCommand(const ShellArguments& arguments, os::Environment* environment);

}  // namespace kappa::cli
