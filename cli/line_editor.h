// Lines typed at a terminal, on libedit: editing, history, completion. One in a process at a time; one thread.
#pragma once

#include <histedit.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/highlighting.h"
#include "cli/line_painting.h"
#include "common/os/file_system.h"

namespace kappa::cli {

// Entries as they lie in the history file: one a line, line breaks and backslashes escaped.
std::string EncodeHistoryEntry(std::string_view entry);
std::string DecodeHistoryEntry(std::string_view line);

class LineEditor {
 public:
  struct Hooks {
    std::function<bool()> interrupted;            // whether Ctrl-C came; asked while waiting for a key
    std::function<std::string()> pending_output;  // what others want shown above the line; "": nothing
    // What may stand where the cursor is: words for the end of `line`, of which the last begins at *begin.
    std::function<std::vector<std::string>(std::string_view line, size_t* begin)> completions;
    // The spans of `line`, UTF-8, for their colours. Not set: none.
    std::function<std::vector<StyledSpan>(std::string_view line)> highlighting;
  };
  enum class Outcome { kLine, kEnd, kInterrupted };

  // `history_path`: read now, appended to by Remember; "": none. A history that cannot be read or written is done without.
  LineEditor(os::FileSystem* files, std::string history_path, Hooks hooks);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // The line without its newline. kInterrupted: Ctrl-C; what was typed is gone. A recalled entry may have several lines.
  Outcome Read(const std::string& prompt, std::string* line);
  void Remember(const std::string& entry);

 private:
  static LineEditor* Of(EditLine* editor);
  static char* Prompt(EditLine* editor);
  static int GetCharacter(EditLine* editor, wchar_t* character);
  static unsigned char Complete(EditLine* editor, int key);
  void LoadHistory();
  bool WaitForKey();                      // false: interrupted
  LineLayout Layout();                    // of what libedit has drawn
  void Paint();                           // it again, in colours (line_painting.h)
  void StartOver(std::string_view text);  // shows `text` in the line's place, and the line below it
  void GoToLastRow();                     // of the line
  void FollowSize();                      // of the terminal

  os::FileSystem* const files_;
  const std::string history_path_;
  const Hooks hooks_;
  std::string prompt_;
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
  bool interrupted_ = false;
  bool painted_ = false;       // since the last key
  bool painted_text_ = false;  // what is on the screen is not the prompt alone
  bool paints_ = false;        // the terminal's margins are those of LineLayout
  size_t columns_ = 0, rows_ = 0;
  std::vector<std::string> shown_rows_;  // as painted last; empty: not known
  size_t shown_cursor_row_ = 0;
};

// The longest word that can be appended to `prefix` so that all candidates which begin with it (case does not matter) still do; `matches`: those
// candidates.
std::string CommonCompletion(std::string_view prefix, const std::vector<std::string>& candidates, std::vector<std::string>* matches);

}  // namespace kappa::cli
