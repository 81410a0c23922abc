#include "cli/line_editor.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>

#include "cli/display_text.h"
#include "parser/redact.h"

namespace kappa::cli {
namespace {

constexpr int kHistoryEntries = 1000;
constexpr int kTickMilliseconds = 100;
constexpr size_t kMostListed = 60;          // of what Tab offers
constexpr size_t kLongestPainted = 20'000;  // characters: what a key press may cost

char Lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return Lower(a) == Lower(b); });
}

struct TerminalSize {
  size_t columns = 0, rows = 0;  // 0: not known
};

TerminalSize SizeOfTerminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

// The line without what libedit shows below it while the history is searched.
std::wstring_view WithoutSearch(std::wstring_view text) {
  const size_t line_break = text.rfind(L'\n');
  if (line_break == std::wstring_view::npos) return text;
  const std::wstring_view last = text.substr(line_break + 1);
  const bool search = (last.starts_with(L"bck") || last.starts_with(L"fwd")) && last.size() > 3 && (last[3] == L':' || last[3] == L'?');
  return search ? text.substr(0, line_break) : text;
}

std::wstring_view TextOf(EditLine* editor) {
  const LineInfoW* const info = el_wline(editor);
  return {info->buffer, static_cast<size_t>(info->lastchar - info->buffer)};
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
    : files_(files), history_path_(std::move(history_path)), hooks_(std::move(hooks)) {
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
  const char *wraps = "", *waits = "";
  el_get(editor_, EL_GETTC, "am", &wraps);
  el_get(editor_, EL_GETTC, "xn", &waits);  // at the right margin, for the next character, before it wraps
  paints_ = wraps != nullptr && waits != nullptr && std::strcmp(wraps, "yes") == 0 && std::strcmp(waits, "yes") == 0;
  const TerminalSize size = SizeOfTerminal();
  columns_ = size.columns;
  rows_ = size.rows;
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
  painted_text_ = false;
  shown_rows_.clear();
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

LineLayout LineEditor::Layout() {
  const LineInfoW* const info = el_wline(editor_);
  return LayOut(prompt_, TextOf(editor_), static_cast<size_t>(info->cursor - info->buffer), columns_, rows_);
}

void LineEditor::Paint() {
  const std::wstring_view text = TextOf(editor_);
  const LineLayout layout = paints_ && text.size() <= kLongestPainted ? Layout() : LineLayout();
  if (!layout.known || (text.empty() && !painted_text_)) return shown_rows_.clear();
  painted_text_ = !text.empty();
  if (std::any_of(text.begin(), text.end(), [](wchar_t c) { return c > 0x7F; })) shown_rows_.clear();  // among wide characters libedit errs anywhere
  const std::vector<StyledSpan> spans = hooks_.highlighting ? hooks_.highlighting(ToUtf8(WithoutSearch(text))) : std::vector<StyledSpan>();
  std::vector<std::string> rows = PaintedRows(layout, prompt_, text, StylesOf(text, spans));
  WriteTerminal(Painting(layout, rows, shown_rows_, shown_cursor_row_));
  shown_rows_ = std::move(rows);
  shown_cursor_row_ = layout.cursor_row;
}

void LineEditor::StartOver(std::string_view text) {
  const LineLayout layout = Layout();
  const size_t up = layout.known ? layout.cursor_row : 0;
  WriteTerminal((up > 0 ? "\x1b[" + std::to_string(up) + "A" : "") + "\r\x1b[J" + std::string(text));
  shown_rows_.clear();
  el_set(editor_, EL_REFRESH);
}

void LineEditor::GoToLastRow() {
  const LineLayout layout = Layout();
  if (layout.known && layout.rows > layout.cursor_row + 1) WriteTerminal("\x1b[" + std::to_string(layout.rows - layout.cursor_row - 1) + "B");
}

// Most terminals wrap what is on the screen anew, some do not: of the rows above the cursor only those are taken that are ours either way.
void LineEditor::FollowSize() {
  const TerminalSize size = SizeOfTerminal();
  if (size.columns == columns_ && size.rows == rows_) return;
  const LineLayout before = Layout();
  columns_ = size.columns;
  rows_ = size.rows;
  const LineLayout after = Layout();
  const size_t up = before.known && after.known ? std::min(before.cursor_row, after.cursor_row) : 0;
  WriteTerminal((up > 0 ? "\x1b[" + std::to_string(up) + "A" : "") + "\r\x1b[J");
  el_resize(editor_);
  shown_rows_.clear();
  el_set(editor_, EL_REFRESH);
  Paint();
}

bool LineEditor::WaitForKey() {
  pollfd ready{STDIN_FILENO, POLLIN, 0};
  bool arrived = poll(&ready, 1, 0) > 0;
  painted_ = !arrived;
  if (!arrived) Paint();  // what is pasted is painted when all of it is there
  while (true) {
    if (!arrived) arrived = poll(&ready, 1, kTickMilliseconds) > 0;
    if (hooks_.interrupted()) return false;
    if (const std::string output = hooks_.pending_output(); !output.empty()) {
      StartOver(output);
      Paint();
    }
    FollowSize();
    if (arrived) return true;
  }
}

int LineEditor::GetCharacter(EditLine* editor, wchar_t* character) {
  LineEditor* const self = Of(editor);
  if (!self->WaitForKey()) {
    self->interrupted_ = true;
    self->GoToLastRow();
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
  if (value < ' ') self->shown_rows_.clear();                              // a command may draw all of it anew
  if (!self->painted_ && (value == '\r' || value == '\n')) self->Paint();  // the last of what was pasted
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
  const size_t shown = std::min(matches.size(), kMostListed);
  const std::string more = matches.size() > shown ? "and " + std::to_string(matches.size() - shown) + " more\n" : "";
  matches.resize(shown);
  self->GoToLastRow();
  WriteTerminal("\n" + InColumns(matches, self->columns_) + more);
  self->shown_rows_.clear();
  el_set(editor, EL_REFRESH);
  return CC_NORM;
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
