// The table of the shell's own commands, which begin with a backslash, and what is made from it: \? and "did you mean".
#include <fmt/format.h>

#include <algorithm>

#include "cli/display_text.h"
#include "cli/shell.h"

namespace kappa::cli {
namespace {

constexpr size_t kHelpColumn = 25;

std::vector<std::string> NamesOf(std::string_view names) {
  std::vector<std::string> words;
  for (size_t at = 0; at < names.size();) {
    const size_t end = std::min(names.find(' ', at), names.size());
    words.emplace_back(names.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

size_t Distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

const std::vector<Shell::CommandInfo>& Shell::Commands() {
  static const std::vector<CommandInfo> commands = {
      {"q quit exit", "", "leave (as Ctrl-D does)", &Shell::Quit, true, "The shell"},
      {"? h help", "", "this list", &Shell::Help, false},
      {"g", "[FILE]", "run the statement typed so far, or the last one again; results to FILE", &Shell::Go, true, "Statements"},
      {"gx", "[FILE]", "the same, a line for each column", &Shell::Go, true},
      {"watch", "[SECONDS]", "run it again every 2 (or so many) seconds, until Ctrl-C", &Shell::Watch, true},
      {"e edit", "[FILE]", "change it in your editor ($VISUAL, $EDITOR), then run it; or run an edited FILE", &Shell::Edit, true},
      {"p print", "", "show it", &Shell::ShowPending, true},
      {"r reset", "", "forget the statement typed so far (as Ctrl-C does)", &Shell::Reset, true},
      {"d d+", "[NAME]", "list tables, sources, views and sinks; or describe one (+: with its statement)", &Shell::DescribeNamed, false,
       "What there is"},
      {"dt", "[PATTERN]", "list tables and views", &Shell::List, false},
      {"ds", "[PATTERN]", "list sources", &Shell::List, false},
      {"dk", "[PATTERN]", "list sinks", &Shell::List, false},
      {"dv", "[PATTERN]", "list views", &Shell::List, false},
      {"dm", "[PATTERN]", "list materialized views", &Shell::List, false},
      {"di", "[PATTERN]", "list indexes", &Shell::List, false},
      {"df", "[PATTERN]", "list functions that were created", &Shell::List, false},
      {"dn", "[PATTERN]", "list schemas", &Shell::List, false},
      {"dc", "[PATTERN]", "list connections", &Shell::List, false},
      {"l list", "", "where the data is", &Shell::ListData, false},
      {"i include", "FILE", "run the statements of a file", &Shell::IncludeFile, false, "Files"},
      {"ir", "FILE", "the same, beside the file that says it", &Shell::IncludeFile, false},
      {"o out", "[FILE]", "write results to FILE; without one, to the screen again", &Shell::OutputTo, false},
      {"copy", "(QUERY) TO FILE", "write a query's rows to a file: COPY", &Shell::Copy, false},
      {"echo qecho", "TEXT", "show a text", &Shell::Echo, false, "Variables and texts"},
      {"set", "[NAME [VALUE]]", "set a variable, used as :NAME, :'NAME', :\"NAME\"; or list them", &Shell::SetVariable, false},
      {"unset", "NAME", "forget a variable", &Shell::UnsetVariable, false},
      {"timing", "[on|off]", "show how long statements take", &Shell::Timing, false, "How results are shown"},
      {"x", "[on|off|auto]", "a line for each column (auto: where the table is too wide)", &Shell::SetExpanded, false},
      {"pset", "[NAME VALUE]", "format (table, box, markdown, unaligned, csv, json), null TEXT, expanded, pager on|off", &Shell::SetPrinting, false},
  };
  return commands;
}

const Shell::CommandInfo* Shell::FindCommandInfo(std::string_view name) {
  for (const CommandInfo& info : Commands()) {
    for (const std::string& known : NamesOf(info.names)) {
      if (known == name) return &info;
    }
  }
  return nullptr;
}

std::string Shell::NearestCommand(const std::string& name) {
  std::string nearest;
  for (const CommandInfo& info : Commands()) {
    for (const std::string& known : NamesOf(info.names)) {
      if (Distance(name, known) < (nearest.empty() ? std::max<size_t>(2, name.size() / 2) : Distance(name, nearest))) nearest = known;
    }
  }
  return nearest;
}

bool Shell::Help(const Call&) {
  const StandardOutput terminal(1);
  const auto columns = static_cast<size_t>(interactive_ ? terminal.columns() : 0);
  std::string text = Wrapped("Statements end with ';' and may take several lines. The shell's own commands:", 0, columns);
  for (const CommandInfo& info : Commands()) {
    if (info.heading != nullptr) text += fmt::format("\n{}\n", info.heading);
    const std::vector<std::string> names = NamesOf(info.names);
    const std::string usage = "\\" + names[0] + (names[0] == "d" ? "[+]" : "") + " " + info.arguments;
    text += Wrapped(fmt::format("  {:<{}} {}", usage, kHelpColumn - 3, info.help), kHelpColumn, columns);
  }
  text += Wrapped("\nCtrl-C stops the statement that runs. Tab completes. Up recalls what was typed, Ctrl-R searches it.", 0, columns);
  text += Wrapped("\\set highlight off: no colours for what is typed ($NO_COLOR: never).", 0, columns);
  if (!interactive_ || !pager_ || result_output_.to_file()) return output_->Write(text).ok();
  result_output_.BeginPaging(terminal.rows() - 1, PagerCommand());
  const Status status = result_output_.Write(text);
  result_output_.EndPaging();
  return status.ok();
}

}  // namespace kappa::cli
