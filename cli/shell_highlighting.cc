// What the shell knows for the colours of a line: the statement that it goes on with, and words.
#include <algorithm>
#include <cctype>

#include "cli/shell.h"

namespace kappa::cli {
namespace {

// Of the language's words keywords are in capitals: the others are functions (and settings, after which no parenthesis follows).
std::unordered_set<std::string> Functions() {
  std::unordered_set<std::string> functions;
  for (const std::string& word : LanguageWords()) {
    if (std::any_of(word.begin(), word.end(), [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; })) functions.insert(word);
  }
  return functions;
}

}  // namespace

// Each line of the statement is looked at once.
const TextState& Shell::StateOfPending() {
  if (vocabulary_.functions.empty()) {
    vocabulary_.functions = Functions();
    vocabulary_.variable = [this](std::string_view name) { return variables_.contains(name); };
    vocabulary_.command = [](std::string_view begin) {
      return std::any_of(Commands().begin(), Commands().end(), [begin](const CommandInfo& info) {
        return (" " + std::string(info.names)).find(" " + std::string(begin)) != std::string::npos;
      });
    };
  }
  if (scanned_ < pending_.size()) {
    (void)Highlight(std::string_view(pending_).substr(scanned_), vocabulary_, &state_);
    scanned_ = pending_.size();
  }
  return state_;
}

std::vector<StyledSpan> Shell::Highlighting(std::string_view line) {
  if (const auto wanted = variables_.find("highlight"); wanted != variables_.end() && wanted->second == "off") return {};
  if (pending_.empty() && (line == "quit" || line == "exit" || line == "help")) return {{0, line.size(), TextStyle::kCommand}};
  TextState state = StateOfPending();
  return Highlight(line, vocabulary_, &state);
}

}  // namespace kappa::cli
