// The line that libedit edits, painted over what it has drawn: the same characters into the same cells, so that what libedit believes of the screen
// stays true, with colours; and right where it has gone wrong (it loses text when wide characters or rows are shifted). Where its cells are not known
// for sure nothing is painted.
//
//   kappa> SELECT 'a', 12      up to the first row; \r, the prompt, the text's characters with their colours, the rest of the row
//   ^ row 0       ^            cleared; so for each row that may differ; then to the cursor's cell
//                 cursor
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/highlighting.h"

namespace kappa::cli {

// Where libedit (refresh.c: re_addc, re_putc) puts each character of a prompt and a text, counted from the prompt's first row.
struct LineLayout {
  struct Cell {
    size_t row = 0, column = 0;
    size_t character = 0;  // its index in the text
    size_t width = 0;
  };
  bool known = false;  // false: nothing else holds
  size_t columns = 0;  // of the terminal
  size_t rows = 1;     // of prompt and text, and of the cursor after them
  size_t cursor_row = 0, cursor_column = 0;
  std::vector<Cell> cells;  // what is drawn of the text, row by row without gaps; a tab is several
};

// `prompt`: ASCII. `cursor`: an index in `text`. `columns` and `rows`: of the terminal. Not known: a prompt that fills a row, text taller than the
// terminal, and characters that libedit shows in another form (controls, what cannot be printed) or miscounts (combining marks; tabs that reach the
// right edge). Needs UseUnicode().
LineLayout LayOut(std::string_view prompt, std::wstring_view text, size_t cursor, size_t columns, size_t rows);

// What each row is written as, from its first column: prompt, characters with their colours, the rest cleared. Empty where the layout is not known.
// `styles`: of each character.
std::vector<std::string> PaintedRows(const LineLayout& layout, std::string_view prompt, std::wstring_view text, const std::vector<TextStyle>& styles);

// What to write to the terminal, whose cursor is in the row that `layout` says: the rows that are not as `before`, those after them and those of the
// cursor, now and before (into all of which libedit may have written), then the way to the cursor's cell.
std::string Painting(const LineLayout& layout, const std::vector<std::string>& rows, const std::vector<std::string>& before, size_t cursor_before);

// UTF-8, and the style of each character of `text` in the spans of that UTF-8.
std::string ToUtf8(std::wstring_view text);
std::vector<TextStyle> StylesOf(std::wstring_view text, const std::vector<StyledSpan>& spans);

// Whether to use colours: not where NO_COLOR (https://no-color.org) is set to anything, and not on a terminal that cannot.
bool ColoursWanted(const std::string& no_color, const std::string& term);

}  // namespace kappa::cli
