#include "cli/line_painting.h"

#include <wchar.h>
#include <wctype.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace kappa::cli {
namespace {

constexpr size_t kTabStop = 8;

// The basic colours, and of those the four that can be read on black and on white; weight and underlines where more is to be told apart.
const char* SequenceOf(TextStyle style) {
  switch (style) {
    case TextStyle::kPlain:
      return "\x1b[0m";
    case TextStyle::kKeyword:
      return "\x1b[0;1;35m";
    case TextStyle::kType:
      return "\x1b[0;35m";
    case TextStyle::kFunction:
      return "\x1b[0;36m";
    case TextStyle::kString:
      return "\x1b[0;32m";
    case TextStyle::kOpenString:
      return "\x1b[0;4;32m";
    case TextStyle::kNumber:
      return "\x1b[0;36m";
    case TextStyle::kComment:
      return "\x1b[0;2m";
    case TextStyle::kQuotedName:
      return "\x1b[0;1m";
    case TextStyle::kOpenQuotedName:
      return "\x1b[0;1;4m";
    case TextStyle::kParameter:
    case TextStyle::kCommand:
      return "\x1b[0;1;36m";
    case TextStyle::kMistake:
      return "\x1b[0;1;31m";
  }
  return "";
}

void AppendUtf8(wchar_t character, std::string* out) {
  const auto value = static_cast<uint32_t>(character);
  const size_t more = value < 0x80 ? 0 : value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
  constexpr uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
  *out += static_cast<char>(kLead[more] | value >> (6 * more));
  for (size_t i = more; i-- > 0;) *out += static_cast<char>(0x80 | (value >> (6 * i) & 0x3F));
}

std::string Up(size_t rows) { return rows == 0 ? "" : "\x1b[" + std::to_string(rows) + "A"; }

std::string Down(size_t rows) { return rows == 0 ? "" : "\x1b[" + std::to_string(rows) + "B"; }

// libedit's drawing cursor.
class Pen {
 public:
  Pen(LineLayout* layout, size_t columns, size_t column) : layout_(*layout), columns_(columns), column_(column) {}

  // `width`: wcwidth's. False: not known where it goes.
  bool Put(wchar_t character, size_t index, int width) {
    if (character == L'\n') {
      NextRow();
      return true;
    }
    if (character == L'\t') {
      if (column_ / kTabStop * kTabStop + kTabStop >= columns_) return false;
      do { Cell(index, 1); } while (column_ % kTabStop != 0);
      return true;
    }
    if (width <= 0 || iswprint(static_cast<wint_t>(character)) == 0 || !Fits(static_cast<size_t>(width))) return false;
    Cell(index, static_cast<size_t>(width));
    return true;
  }
  void SetCursor() {
    layout_.cursor_row = row_;
    layout_.cursor_column = column_;
  }
  void NextRow() {
    column_ = 0;
    ++row_;
  }
  bool Fits(size_t width) const { return column_ + width <= columns_; }
  size_t row() const { return row_; }

 private:
  void Cell(size_t index, size_t width) {
    layout_.cells.push_back({row_, column_, index, width});
    column_ += width;
    if (column_ >= columns_) NextRow();
  }

  LineLayout& layout_;
  const size_t columns_;
  size_t row_ = 0, column_;
};

}  // namespace

LineLayout LayOut(std::string_view prompt, std::wstring_view text, size_t cursor, size_t columns, size_t rows) {
  LineLayout layout;
  if (prompt.size() >= columns || text.size() > columns * rows) return layout;
  Pen pen(&layout, columns, prompt.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const int width = wcwidth(text[i]);
    if (width > 1 && !pen.Fits(static_cast<size_t>(width))) pen.NextRow();  // the cells it leaves stay blank
    if (i == cursor) pen.SetCursor();
    if (!pen.Put(text[i], i, width)) return layout;
  }
  if (cursor >= text.size()) pen.SetCursor();
  layout.columns = columns;
  layout.rows = pen.row() + 1;
  layout.known = layout.rows <= rows;
  return layout;
}

std::vector<std::string> PaintedRows(const LineLayout& layout, std::string_view prompt, std::wstring_view text,
                                     const std::vector<TextStyle>& styles) {
  std::vector<std::string> rows;
  if (!layout.known) return rows;
  auto cell = layout.cells.begin();
  for (size_t row = 0; row < layout.rows; ++row) {
    TextStyle style = TextStyle::kPlain;
    std::string out = SequenceOf(style) + (row == 0 ? std::string(prompt) : "");
    size_t column = row == 0 ? prompt.size() : 0;
    for (; cell != layout.cells.end() && cell->row == row; ++cell) {
      if (styles[cell->character] != style) out += SequenceOf(style = styles[cell->character]);
      AppendUtf8(text[cell->character] == L'\t' ? L' ' : text[cell->character], &out);
      column += cell->width;
    }
    // Not at the end of a full row, where the last character would go. The last row is none.
    if (column < layout.columns) out += row + 1 < layout.rows ? "\x1b[K" : "\x1b[J";
    rows.push_back(std::move(out));
  }
  return rows;
}

std::string Painting(const LineLayout& layout, const std::vector<std::string>& rows, const std::vector<std::string>& before, size_t cursor_before) {
  if (rows.empty()) return "";
  std::string out = "\r";
  size_t at = layout.cursor_row;
  bool changed = false;
  for (size_t row = 0; row < rows.size(); ++row) {
    const bool after_changed = std::exchange(changed, row >= before.size() || rows[row] != before[row]);
    if (!changed && !after_changed && row != layout.cursor_row && row != cursor_before) continue;
    out += row < at ? Up(at - row) : Down(row - at);
    out += "\r" + rows[row];
    at = row;
  }
  out += "\x1b[0m\r" + (layout.cursor_row < at ? Up(at - layout.cursor_row) : Down(layout.cursor_row - at));
  if (layout.cursor_column > 0) out += "\x1b[" + std::to_string(layout.cursor_column) + "C";
  return out;
}

std::string ToUtf8(std::wstring_view text) {
  std::string out;
  out.reserve(text.size());
  for (const wchar_t c : text) AppendUtf8(c, &out);
  return out;
}

std::vector<TextStyle> StylesOf(std::wstring_view text, const std::vector<StyledSpan>& spans) {
  std::vector<TextStyle> styles(text.size(), TextStyle::kPlain);
  std::string one;
  size_t byte = 0, span = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    while (span < spans.size() && spans[span].end <= byte) ++span;
    if (span < spans.size() && spans[span].begin <= byte) styles[i] = spans[span].style;
    one.clear();
    AppendUtf8(text[i], &one);
    byte += one.size();
  }
  return styles;
}

bool ColoursWanted(const std::string& no_color, const std::string& term) {
  return no_color.empty() && !term.empty() && term != "dumb" && term != "unknown";
}

}  // namespace kappa::cli
