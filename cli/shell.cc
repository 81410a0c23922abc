#include "cli/shell.h"

#include <fmt/format.h>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "parser/redact.h"
#include "parser/splitter.h"

namespace kappa::cli {
namespace {

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The same error about a range `shift` bytes further on.
Status Shifted(const Status& status, size_t shift) {
  TextRange range = RangeOf(status);
  if (range.known()) {
    range.begin += static_cast<uint32_t>(shift);
    range.end += static_cast<uint32_t>(shift);
  }
  return SqlError(SqlStateOf(status), range) << MessageOf(status) << Hint(HintOf(status));
}

}  // namespace

Status ShellOutput::Write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  return output_->Write(text);
}

void ShellOutput::WriteBehind(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (editing_)
    kept_ += text;
  else
    (void)output_->Write(text);
}

std::string ShellOutput::TakeKept() {
  const std::lock_guard lock(mutex_);
  return std::exchange(kept_, "");
}

void ShellOutput::SetEditing(bool editing) {
  const std::lock_guard lock(mutex_);
  editing_ = editing;
  if (!editing && !kept_.empty()) (void)output_->Write(std::exchange(kept_, ""));
}

Shell::Shell(const ShellArguments& arguments, Engine* engine, Session* session, os::Environment* environment, ShellOutput* output, TextOutput* errors,
             InterruptScope* interrupt, bool interactive)
    : arguments_(arguments),
      engine_(engine),
      session_(session),
      environment_(environment),
      output_(output),
      errors_(errors),
      interrupt_(interrupt),
      interactive_(interactive),
      result_output_(output, &environment->files()),
      format_(arguments.format) {
  style_.colour = interactive;
  style_.expanded = interactive ? Expanded::kAuto : Expanded::kOff;
  SetFormat(interactive && arguments.format == OutputFormat::kTable ? OutputFormat::kBox : arguments.format);
}

void Shell::SetFormat(OutputFormat format) {
  format_ = format;
  results_ = MakeResults(format, &style_, &result_output_, &environment_->clock());
  results_->on_tag = [this](std::string_view tag) {
    if (format_ != OutputFormat::kCsv && format_ != OutputFormat::kJson) (void)output_->Write(std::string(tag) + "\n");
  };
  results_->on_notice = [this](std::string_view text) { (void)errors_->Write("note: " + std::string(text) + "\n"); };
}

bool Shell::Line(const std::string& line, const std::string& name) {
  ++line_number_;
  if (pending_.empty()) {
    const std::string_view word = Trim(line);
    if (word.starts_with('\\')) {
      finished_ = std::string(word);
      return Command(word);
    }
    if (interactive_ && (word == "quit" || word == "exit")) return false;
    if (interactive_ && word == "help") return Command("\\?");
    pending_line_ = line_number_;
  } else if (interactive_ && (Trim(line) == "\\q" || Trim(line) == "\\r")) {  // ways out of a statement or quote one is lost in
    return Command(Trim(line));
  }
  // A command in or after a statement, as in SELECT 1 \gx.
  if (line.find('\\') != std::string::npos) {
    const std::string text = pending_ + line;
    const size_t at = FindCommand(text);
    if (at != std::string::npos && at >= pending_.size()) {
      pending_ = text.substr(0, at) + "\n";
      if (!RunPending(false, name)) return false;
      const bool go_on = Command(std::string_view(text).substr(at));
      finished_ = std::string(Trim(text));
      return go_on;
    }
  }
  const bool may_end = pending_.empty() || line.find(';') != std::string::npos || line.find("*/") != std::string::npos;
  pending_ += line;
  pending_ += '\n';
  return !may_end || RunPending(false, name);  // looking only where something can end keeps long statements linear
}

bool Shell::End(const std::string& name) {
  const bool go_on = pending_.empty() || RunPending(true, name);
  Discard();
  return go_on;
}

void Shell::Discard() {
  pending_.clear();
  done_ = 0;
  state_ = TextState();
  scanned_ = 0;
}

std::string Shell::TakeFinished() { return std::exchange(finished_, ""); }

// Executes the statements that are complete, and forgets the text once all are.
bool Shell::RunPending(bool at_end, const std::string& name) {
  const std::string_view rest = std::string_view(pending_).substr(done_);
  const bool inside = EndsInsideStatement(rest);
  std::vector<TextRange> ranges = SplitStatements(rest);
  if (inside && !at_end && !ranges.empty()) ranges.pop_back();
  const size_t base = done_;
  bool broken_off = false;
  for (TextRange range : ranges) {
    range.begin += static_cast<uint32_t>(base);
    range.end += static_cast<uint32_t>(base);
    done_ = std::min(range.end + size_t{1}, pending_.size());  // with its semicolon
    if (!Execute(range, name)) {
      if (!interactive_ && !arguments_.continue_on_error) return false;
      broken_off = interactive_;  // what follows on the line may build on it
      if (broken_off) break;
    }
  }
  if (inside && !at_end && !broken_off) return true;
  finished_ = std::string(Trim(pending_));
  Discard();
  return true;
}

bool Shell::Execute(TextRange range, const std::string& name) {
  const std::string typed = pending_.substr(range.begin, range.end - range.begin);
  last_ = typed;
  const std::string statement = variables_.empty() ? typed : Substitute(typed, variables_);
  Status status;
  if (RunStatement(statement, &status)) return true;
  if (statement != typed) {  // positions are of the text with its variables put in
    pending_.replace(range.begin, range.end - range.begin, statement);
    done_ += statement.size() - typed.size();
    range.end = range.begin + static_cast<uint32_t>(statement.size());
  }
  ReportError(status, range, name);
  return false;
}

// Shows the results; the error is the caller's to report.
bool Shell::RunStatement(const std::string& statement, Status* status) {
  const int64_t begin = environment_->clock().MonotonicNanos();
  const StandardOutput terminal(1);
  style_.terminal_columns = interactive_ ? terminal.columns() : 0;
  result_output_.BeginPaging(interactive_ && pager_ && !result_output_.to_file() ? terminal.rows() - 1 : 0, PagerCommand());
  if (interactive_) interrupt_->Reset();
  interrupt_->Watch(session_);
  *status = session_->Execute(statement, results_.get());
  interrupt_->Watch(nullptr);
  result_output_.EndPaging();
  const double milliseconds = static_cast<double>(environment_->clock().MonotonicNanos() - begin) / 1e6;
  if (!status->ok()) results_->Abandon();
  if (timing_) (void)output_->Write(fmt::format("Time: {:.3f} ms\n", milliseconds));
  return status->ok();
}

void Shell::ReportError(const Status& status, TextRange range, const std::string& name) {
  exit_code_ = ExitCodeOf(status, interrupt_->interrupted());
  if (exit_code_ == kInterrupted) {
    (void)errors_->Write("cancelled\n");
    if (interactive_) interrupt_->Reset();
  } else if (name.empty()) {
    (void)errors_->Write(PrintableLines(FormatError(status, "", RedactSecrets(pending_.substr(range.begin, range.end - range.begin)))));
  } else {  // the lines before are empty, for their numbers
    const size_t before = pending_line_ - 1;
    (void)errors_->Write(
        PrintableLines(FormatError(Shifted(status, before + range.begin), name, std::string(before, '\n') + RedactSecrets(pending_))));
  }
  if (interactive_) exit_code_ = kDone;
}

}  // namespace kappa::cli
