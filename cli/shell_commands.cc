// What the shell's own commands do.
#include <fmt/format.h>

#include <algorithm>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/shell.h"
#include "parser/redact.h"

namespace kappa::cli {
namespace {

constexpr int kDeepestInclude = 16;
constexpr int64_t kWatchStepNanos = 50'000'000;

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// Words between spaces; '...' is one word.
std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
      continue;
    }
    const bool quoted = text[at] == '\'';
    const size_t begin = quoted ? at + 1 : at;
    const size_t end = std::min(text.find_first_of(quoted ? "'" : " \t", begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    at = end + (quoted ? 1 : 0);
  }
  return words;
}

std::string Literal(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

// psql's patterns: * is any text, ? any character.
std::string LikePattern(std::string_view pattern) {
  std::string like;
  for (char c : pattern) like += c == '*' ? "%" : c == '?' ? "_" : c == '_' || c == '%' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return like;
}

bool OnOff(const std::string& word, bool* value) {
  if (word.empty()) *value = !*value;
  if (word == "on" || word == "true" || word == "1") *value = true;
  if (word == "off" || word == "false" || word == "0") *value = false;
  return word.empty() || word == "on" || word == "off" || word == "true" || word == "false" || word == "1" || word == "0";
}

}  // namespace

bool Shell::Command(std::string_view line) {
  while (!line.empty() && (line.back() == ';' || line.back() == ' ' || line.back() == '\n')) line.remove_suffix(1);  // a habit
  const size_t space = std::min(line.find_first_of(" \t"), line.size());
  Call call;
  call.name = std::string(line.substr(1, space - 1));
  call.rest = Substitute(Trim(line.substr(space)), variables_);
  call.words = SplitWords(call.rest);
  if (const CommandInfo* info = FindCommandInfo(call.name)) return (this->*info->run)(call);
  const std::string nearest = NearestCommand(call.name);
  return Fail("there is no command \\" + call.name + (nearest.empty() ? "" : ", did you mean \\" + nearest + "?") + "; \\? lists them");
}

bool Shell::Quit(const Call&) { return false; }

bool Shell::Reset(const Call&) {
  Discard();
  return true;
}

bool Shell::ShowPending(const Call&) {
  const std::string_view text = Trim(pending_.empty() ? last_ : pending_);
  (void)output_->Write(text.empty() ? "Nothing has been typed yet.\n" : std::string(text) + "\n");
  return true;
}

// The statement typed so far, without a semicolon, or the last one.
bool Shell::Go(const Call& call) {
  const std::string typed(Trim(std::string_view(pending_).substr(std::min(done_, pending_.size()))));
  Discard();
  const std::string statement = typed.empty() ? last_ : typed;
  if (statement.empty()) return Fail("\\" + call.name + " needs a statement: there has been none yet");
  const bool redirect = !call.words.empty();
  if (redirect) {
    if (Status status = result_output_.ToFile(call.words[0]); !status.ok()) return Fail(MessageOf(status));
  }
  const Expanded before = style_.expanded;
  if (call.name == "gx") style_.expanded = Expanded::kOn;
  const bool ok = ExecuteText(statement);
  style_.expanded = before;
  last_ = statement;
  if (redirect) (void)result_output_.ToFile("");
  return ok || interactive_ || arguments_.continue_on_error;
}

bool Shell::Watch(const Call& call) {
  double seconds = 2;
  if (!call.words.empty()) {
    char* end = nullptr;
    seconds = std::strtod(call.words[0].c_str(), &end);
    if (*end != '\0' || !(seconds > 0)) return Fail("\\watch takes a number of seconds");
  }
  const std::string typed(Trim(std::string_view(pending_).substr(std::min(done_, pending_.size()))));
  Discard();
  if (!typed.empty()) last_ = typed;
  if (last_.empty()) return Fail("\\watch needs a statement: there has been none yet");
  const bool paged = std::exchange(pager_, false);
  while (true) {
    if (interactive_)
      (void)output_->Write(fmt::format("\x1b[H\x1b[2Jevery {} s, Ctrl-C ends: {}\n\n", seconds, PrintableLines(RedactSecrets(last_))));
    interrupt_->Reset();
    if (!ExecuteText(last_) || interrupt_->interrupted()) break;
    const int64_t until = environment_->clock().MonotonicNanos() + static_cast<int64_t>(seconds * 1e9);
    while (environment_->clock().MonotonicNanos() < until && !interrupt_->interrupted()) os::SleepNanos(kWatchStepNanos);
    if (interrupt_->interrupted()) break;
  }
  pager_ = paged;
  if (interactive_) interrupt_->Reset();
  return interactive_ || exit_code_ == kDone;
}

bool Shell::Edit(const Call& call) {
  if (!interactive_) return Fail("\\e needs a terminal");
  const bool scratch = call.words.empty();
  const std::string path = scratch ? engine_->data_directory() + "/edit.sql" : call.words[0];
  std::string text = pending_.empty() ? last_ + (last_.empty() ? "" : ";\n") : pending_;
  if (!scratch) {
    const StatusOr<std::string> file = environment_->files().ReadAll(path);
    if (!file.ok()) return Fail(MessageOf(file.status()));
    text = *file;
  }
  const StatusOr<std::string> edited = EditText(text, &environment_->files(), engine_->data_directory() + "/edit.sql");
  if (!edited.ok()) return Fail(MessageOf(edited.status()));
  Discard();
  (void)output_->Write(PrintableLines(RedactSecrets(*edited)));
  pending_line_ = line_number_;
  pending_ = *edited;
  return RunPending(false, "");
}

bool Shell::IncludeFile(const Call& call) {
  if (call.words.empty()) return Fail("\\" + call.name + " needs the name of a file");
  const bool beside = call.name == "ir" && !directory_.empty() && !call.words[0].starts_with('/');
  return Include(beside ? directory_ + "/" + call.words[0] : call.words[0]);
}

bool Shell::OutputTo(const Call& call) {
  const Status status = result_output_.ToFile(call.words.empty() ? "" : call.words[0]);
  return status.ok() ? true : Fail(MessageOf(status));
}

bool Shell::Echo(const Call& call) { return result_output_.Write(call.rest + "\n").ok(); }

bool Shell::SetVariable(const Call& call) {
  if (call.words.empty()) {
    std::string text;
    for (const auto& [name, value] : variables_) text += name + " = " + Literal(value) + "\n";
    (void)output_->Write(text.empty() ? "No variables are set.\n" : text);
    return true;
  }
  const std::string& name = call.words[0];
  if (!std::all_of(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c < 0; })) {
    return Fail("a variable's name is made of letters, digits and _: \"" + name + "\" is not");
  }
  std::string value;  // the words together, as psql does
  for (size_t i = 1; i < call.words.size(); ++i) value += call.words[i];
  if (bool on = true; name == "highlight" && !value.empty()) {
    if (!OnOff(value, &on)) return Fail("\\set highlight takes on or off");
    value = on ? "on" : "off";
  }
  variables_[name] = value;
  return true;
}

bool Shell::UnsetVariable(const Call& call) {
  if (call.words.size() != 1) return Fail("\\unset takes the name of a variable");
  variables_.erase(call.words[0]);
  return true;
}

bool Shell::Copy(const Call& call) {
  if (call.rest.empty()) return Fail("\\copy needs what to copy: \\copy (SELECT ...) TO 'file'");
  return ExecuteText("COPY " + call.rest) || interactive_ || arguments_.continue_on_error;
}

bool Shell::DescribeNamed(const Call& call) {
  const bool go_on = interactive_ || arguments_.continue_on_error;
  if (call.words.empty()) return ExecuteText("SHOW TABLES") || go_on;
  if (call.words[0].find_first_of("*?") != std::string::npos) return ExecuteText("SHOW TABLES LIKE " + Literal(LikePattern(call.words[0]))) || go_on;
  const bool file = call.rest.starts_with('\'');
  const bool described = ExecuteText("DESCRIBE " + (file ? Literal(call.words[0]) : call.words[0]));
  if (!described || call.name != "d+" || file) return described || go_on;
  for (const auto& kind : {"SOURCE", "MATERIALIZED VIEW", "VIEW", "SINK", "TABLE"}) {
    Status status;
    const std::string statement = std::string("SHOW CREATE ") + kind + " " + call.words[0];
    if (session_->Check({{"", statement}}).ok() && RunStatement(statement, &status)) break;
  }
  return true;
}

bool Shell::List(const Call& call) {
  const std::map<std::string_view, std::string_view> kinds = {
      {"dt", "TABLES"},  {"ds", "SOURCES"},   {"dk", "SINKS"},   {"dv", "VIEWS"},      {"dm", "MATERIALIZED VIEWS"},
      {"di", "INDEXES"}, {"df", "FUNCTIONS"}, {"dn", "SCHEMAS"}, {"dc", "CONNECTIONS"}};
  const std::string like = call.words.empty() ? "" : " LIKE " + Literal(LikePattern(call.words[0]));
  return ExecuteText("SHOW " + std::string(kinds.at(call.name)) + like) || interactive_ || arguments_.continue_on_error;
}

bool Shell::ListData(const Call&) { return output_->Write("kappa keeps its data in " + engine_->data_directory() + "\n").ok(); }

bool Shell::Timing(const Call& call) {
  if (!OnOff(call.rest, &timing_)) return Fail("\\timing takes on, off or nothing");
  (void)output_->Write(timing_ ? "Timing is on.\n" : "Timing is off.\n");
  return true;
}

bool Shell::SetExpanded(const Call& call) {
  bool on = style_.expanded == Expanded::kOn;
  if (call.rest == "auto")
    style_.expanded = Expanded::kAuto;
  else if (OnOff(call.rest, &on))
    style_.expanded = on ? Expanded::kOn : Expanded::kOff;
  else
    return Fail("\\x takes on, off, auto or nothing");
  (void)output_->Write(style_.expanded == Expanded::kOn     ? "Expanded display is on.\n"
                       : style_.expanded == Expanded::kAuto ? "Expanded display is used where a table is too wide.\n"
                                                            : "Expanded display is off.\n");
  return true;
}

bool Shell::SetPrinting(const Call& call) {
  const std::string name = call.words.empty() ? "" : call.words[0];
  const std::string value = call.words.size() < 2 ? "" : call.words[1];
  if (name == "format") {
    const auto format = OutputFormats().find(value == "aligned" ? "table" : value);
    if (format == OutputFormats().end()) return Fail("\\pset format takes table, box, markdown, unaligned, csv or json");
    SetFormat(format->second);
  } else if (name == "null") {
    style_.null_text = value;
  } else if (name == "expanded") {
    return SetExpanded({"x", value, {value}});
  } else if (name == "pager") {
    if (!OnOff(value, &pager_)) return Fail("\\pset pager takes on or off");
  } else if (!name.empty()) {
    return Fail("\\pset sets format, null, expanded or pager: \"" + name + "\" is none of them");
  }
  std::string format;
  for (const auto& [word, known] : OutputFormats()) {
    if (known == format_) format = word;
  }
  (void)output_->Write(fmt::format("format {}, null '{}', expanded {}, pager {}\n", format, style_.null_text,
                                   style_.expanded == Expanded::kOn     ? "on"
                                   : style_.expanded == Expanded::kAuto ? "auto"
                                                                        : "off",
                                   pager_ ? "on" : "off"));
  return true;
}

bool Shell::Fail(const std::string& message) {
  (void)errors_->Write("error: " + message + "\n");
  if (interactive_) return true;
  exit_code_ = kStatementFailed;
  return arguments_.continue_on_error;
}

bool Shell::ExecuteText(const std::string& typed) {
  const std::string statement = Substitute(typed, variables_);
  Status status;
  if (RunStatement(statement, &status)) return true;
  if (ExitCodeOf(status, interrupt_->interrupted()) == kInterrupted)
    (void)errors_->Write("cancelled\n");
  else
    (void)errors_->Write(PrintableLines(FormatError(status, "", RedactSecrets(statement))));
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
  included.variables_ = variables_;
  included.SetFormat(format_);
  if (const size_t slash = path.rfind('/'); slash != std::string::npos) included.directory_ = path.substr(0, slash);
  size_t begin = 0;
  bool go_on = true;
  while (go_on && begin < text->size()) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    go_on = included.Line(text->substr(begin, end - begin), path);
    begin = end + 1;
  }
  if (go_on) included.End(path);
  variables_ = included.variables_;
  if (included.exit_code() == kDone || interactive_) return true;
  exit_code_ = included.exit_code();
  return arguments_.continue_on_error;
}

}  // namespace kappa::cli
