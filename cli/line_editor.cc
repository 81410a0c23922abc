#include "cli/line_editor.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>

#include "parser/redact.h"

namespace kappa::cli {
namespace {

constexpr int kHistoryEntries = 1000;
constexpr int kTickMilliseconds = 100;

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return Lower(a) == Lower(b); });
}

int TerminalColumns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void WriteTerminal(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

std::string EncodeHistoryEntry(std::string_view entry) {
  std::string line;
  for (char c : entry) {
    if (c == '\n')
      line += "\\n";
    else if (c == '\\')
      line += "\\\\";
    else
      line += c;
  }
  return line;
}

std::string DecodeHistoryEntry(std::string_view line) {
  std::string entry;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size())
      entry += line[i];
    else
      entry += line[++i] == 'n' ? '\n' : line[i];
  }
  return entry;
}

std::string CommonCompletion(std::string_view prefix, const std::vector<std::string>& candidates, std::vector<std::string>* matches) {
  matches->clear();
  for (const std::string& candidate : candidates) {
    if (StartsWithIgnoringCase(candidate, prefix)) matches->push_back(candidate);
  }
  if (matches->empty()) return "";
  std::string common = matches->front().substr(prefix.size());
  for (const std::string& match : *matches) {
    const std::string_view rest = std::string_view(match).substr(prefix.size());
    size_t same = 0;
    while (same < common.size() && same < rest.size() && Lower(common[same]) == Lower(rest[same])) ++same;
    common.resize(same);
  }
  return common;
}

LineEditor::LineEditor(os::FileSystem* files, std::string history_path, Hooks hooks)
    : files_(files), history_path_(std::move(history_path)), hooks_(std::move(hooks)), columns_(TerminalColumns()) {
  editor_ = el_init("kappa", stdin, stdout, stderr);
  history_ = history_init();
  HistEvent event;
  history(history_, &event, H_SETSIZE, kHistoryEntries);
  history(history_, &event, H_SETUNIQUE, 1);
  el_set(editor_, EL_CLIENTDATA, this);
  el_set(editor_, EL_PROMPT, &LineEditor::Prompt);
  el_set(editor_, EL_EDITOR, "emacs");
  el_set(editor_, EL_SIGNAL, 0);  // Ctrl-C is ours
  el_set(editor_, EL_HIST, history, history_);
  el_set(editor_, EL_ADDFN, "kappa-complete", "complete a name", &LineEditor::Complete);
  el_set(editor_, EL_BIND, "^I", "kappa-complete", nullptr);
  el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(editor_, EL_GETCFN, &LineEditor::GetCharacter);
  el_source(editor_, nullptr);  // ~/.editrc
  LoadHistory();
}

LineEditor::~LineEditor() {
  history_end(history_);
  el_end(editor_);
}

LineEditor* LineEditor::Of(EditLine* editor) {
  void* self = nullptr;
  el_get(editor, EL_CLIENTDATA, &self);
  return static_cast<LineEditor*>(self);
}

char* LineEditor::Prompt(EditLine* editor) { return Of(editor)->prompt_.data(); }

LineEditor::Outcome LineEditor::Read(const std::string& prompt, std::string* line) {
  prompt_ = prompt;
  interrupted_ = false;
  el_set(editor_, EL_PREP_TERM, 1);  // else a key typed between the prompt and the first read is taken as a cooked terminal would
  int count = 0;
  const char* text = el_gets(editor_, &count);
  if (interrupted_) {
    WriteTerminal("^C\n");
    return Outcome::kInterrupted;
  }
  if (text == nullptr || count <= 0) return Outcome::kEnd;
  line->assign(text, std::strlen(text));
  if (line->ends_with('\n')) line->pop_back();
  return Outcome::kLine;
}

bool LineEditor::WaitForKey() {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  while (true) {
    const bool arrived = poll(&ready, 1, kTickMilliseconds) > 0;
    if (hooks_.interrupted()) return false;
    if (const std::string output = hooks_.pending_output(); !output.empty()) {
      WriteTerminal("\r\x1b[K" + output);
      el_set(editor_, EL_REFRESH);
    }
    if (const int columns = TerminalColumns(); columns != columns_) {
      columns_ = columns;
      el_resize(editor_);
    }
    if (arrived) return true;
  }
}

int LineEditor::GetCharacter(EditLine* editor, wchar_t* character) {
  LineEditor* const self = Of(editor);
  if (!self->WaitForKey()) {
    self->interrupted_ = true;
    return -1;
  }
  unsigned char byte = 0;
  if (read(STDIN_FILENO, &byte, 1) != 1) return 0;
  const int more = byte < 0xC0 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : byte < 0xF8 ? 3 : 0;
  uint32_t value = more == 0 ? byte : byte & (0x3Fu >> more);
  for (int i = 0; i < more; ++i) {
    if (read(STDIN_FILENO, &byte, 1) != 1) return 0;
    value = value << 6 | (byte & 0x3Fu);
  }
  *character = static_cast<wchar_t>(value);
  return 1;
}

unsigned char LineEditor::Complete(EditLine* editor, int) {
  LineEditor* const self = Of(editor);
  const LineInfo* const info = el_line(editor);
  const std::string_view before(info->buffer, static_cast<size_t>(info->cursor - info->buffer));
  if (before.empty() || before.back() == ' ' || before.back() == '\t') {  // indentation; after a word, what may follow is anything
    if (before.find_first_not_of(" \t") == std::string_view::npos) return el_insertstr(editor, "  ") == 0 ? CC_REFRESH : CC_ERROR;
  }
  size_t begin = before.size();
  const std::vector<std::string> candidates = self->hooks_.completions(before, &begin);
  std::vector<std::string> matches;
  std::string rest = CommonCompletion(before.substr(begin), candidates, &matches);
  if (matches.empty()) return CC_REFRESH_BEEP;
  if (matches.size() == 1 && !matches[0].ends_with('/')) rest += ' ';
  if (!rest.empty()) return el_insertstr(editor, rest.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  std::string list = "\n";
  for (size_t i = 0; i < std::min<size_t>(matches.size(), 60); ++i) list += matches[i] + "  ";
  WriteTerminal(list + (matches.size() > 60 ? "...\n" : "\n"));
  return CC_REDISPLAY;
}

void LineEditor::LoadHistory() {
  if (history_path_.empty()) return;
  const StatusOr<std::string> text = files_->ReadAll(history_path_);
  if (!text.ok()) return;
  HistEvent event;
  size_t begin = 0;
  while (begin < text->size()) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    const std::string entry = DecodeHistoryEntry(std::string_view(*text).substr(begin, end - begin));
    if (!entry.empty()) history(history_, &event, H_ENTER, entry.c_str());
    begin = end + 1;
  }
}

void LineEditor::Remember(const std::string& typed) {
  const std::string entry = RedactSecrets(typed);
  HistEvent event;
  history(history_, &event, H_ENTER, entry.c_str());
  if (history_path_.empty()) return;
  auto file = files_->OpenForAppend(history_path_);
  if (file.ok()) (void)(*file)->Append(EncodeHistoryEntry(entry) + "\n");
}

}  // namespace kappa::cli
