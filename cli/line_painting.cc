#include "cli/line_painting.h"

#include <wchar.h>
#include <wctype.h>

#include <algorithm>
#include <cstdint>

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

// libedit's drawing cursor.
class Pen {
 public:
  Pen(LineLayout* layout, size_t columns) : layout_(*layout), columns_(columns) {}

  // False: not known where it goes.
  bool Put(wchar_t character, size_t index) {
    if (character == L'\n') {
      NextRow();
      return true;
    }
    if (character == L'\t') {
      if (column_ / kTabStop * kTabStop + kTabStop >= columns_) return false;
      do { Cell(index, 1); } while (column_ % kTabStop != 0);
      return true;
    }
    const int width = iswprint(static_cast<wint_t>(character)) == 0 ? 0 : wcwidth(character);
    if (width <= 0) return false;
    const auto columns = static_cast<size_t>(width);
    if (columns > columns_) return false;
    if (!Fits(columns)) NextRow();  // the cells it leaves stay blank
    Cell(index, columns);
    return true;
  }
  bool Fits(size_t width) const { return column_ + width <= columns_; }
  size_t row() const { return row_; }

 private:
  void NextRow() {
    column_ = 0;
    ++row_;
  }
  void Cell(size_t index, size_t width) {
    if (index != SIZE_MAX) layout_.cells.push_back({row_, column_, index, width});
    column_ += width;
    if (column_ >= columns_) NextRow();
  }

  LineLayout& layout_;
  const size_t columns_;
  size_t row_ = 0, column_ = 0;
};

}  // namespace

LineLayout LayOut(std::string_view prompt, std::wstring_view text, size_t cursor, size_t columns, size_t rows) {
  LineLayout layout;
  if (columns == 0 || text.size() > columns * rows) return layout;
  Pen pen(&layout, columns);
  for (const char c : prompt) {
    if (static_cast<unsigned char>(c) >= 0x80 || !pen.Put(static_cast<wchar_t>(c), SIZE_MAX)) return layout;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    // Before a wide character that does not fit into the row the cursor stands on the next.
    if (i == cursor) layout.cursor_row = pen.row() + (text[i] > 0x7F && !pen.Fits(static_cast<size_t>(std::max(1, wcwidth(text[i])))) ? 1 : 0);
    if (!pen.Put(text[i], i)) return layout;
  }
  if (cursor >= text.size()) layout.cursor_row = pen.row();
  layout.columns = columns;
  layout.rows = pen.row() + 1;
  layout.known = layout.rows <= rows;
  return layout;
}

std::string Painting(const LineLayout& layout, std::wstring_view text, const std::vector<TextStyle>& styles) {
  if (!layout.known || layout.cells.empty()) return "";
  std::string out = "\x1b\x37";
  const size_t first = layout.cells.front().row;
  if (layout.cursor_row > first) out += "\x1b[" + std::to_string(layout.cursor_row - first) + "A";
  if (layout.cursor_row < first) out += "\x1b[" + std::to_string(first - layout.cursor_row) + "B";
  TextStyle style = TextStyle::kPlain;
  out += SequenceOf(style);
  auto cell = layout.cells.begin();
  for (size_t row = first; row < layout.rows; ++row) {
    size_t column = row == first ? cell->column : 0;
    out += row == first ? "\r" : "\x1b[B\r";
    if (column > 0) out += "\x1b[" + std::to_string(column) + "C";
    for (; cell != layout.cells.end() && cell->row == row; ++cell) {
      if (styles[cell->character] != style) out += SequenceOf(style = styles[cell->character]);
      AppendUtf8(text[cell->character] == L'\t' ? L' ' : text[cell->character], &out);
      column += cell->width;
    }
    // Not at the end of a full row, where the last character would go. The last row is none.
    if (column < layout.columns) out += row + 1 < layout.rows ? "\x1b[K" : "\x1b[J";
  }
  return out + "\x1b[0m\x1b\x38";
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
