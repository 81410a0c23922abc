#include "cli/table_drawing.h"

#include <algorithm>

#include "cli/display_text.h"

namespace kappa::cli {
namespace {

constexpr std::string_view kDim = "\x1b[2m", kPlain = "\x1b[0m";
constexpr size_t kLeastWidth = 12;  // that a column is narrowed to

}  // namespace

size_t TableDrawing::Width() const {
  size_t width = format_ == OutputFormat::kTable ? 0 : 1;
  for (const TableColumn& column : columns_) width += column.width + 3;
  return width;
}

bool TableDrawing::Fit(size_t width) {
  size_t over = Width() > width ? Width() - width : 0;
  while (over > 0) {
    size_t widest = 0, second = kLeastWidth, count = 0;
    for (const TableColumn& column : columns_) {
      if (column.width > widest) {
        second = std::max(second, widest);
        widest = column.width;
        count = 1;
      } else if (column.width == widest) {
        ++count;
      } else {
        second = std::max(second, column.width);
      }
    }
    if (widest <= kLeastWidth) return false;
    // All of the widest at once, down to the next width or as far as needed.
    const size_t less = std::min(widest - second, (over + count - 1) / count);
    for (TableColumn& column : columns_) {
      if (column.width == widest) column.width -= less;
    }
    over -= std::min(over, less * count);
  }
  return true;
}

void TableDrawing::AppendRule(const char* left, const char* middle, const char* right, std::string* out) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    out->append(i == 0 ? left : middle);
    for (size_t n = 0; n < columns_[i].width + 2; ++n) out->append("─");
  }
  out->append(right).push_back('\n');
}

void TableDrawing::AppendCell(const TableCell& cell, std::string* out) const {
  if (cell.null && colour_)
    out->append(kDim).append(cell.text).append(kPlain);
  else
    out->append(cell.text);
}

// A cell that is wider than its column: cut in a box, whole in the other forms, where it pushes the rest of its row aside.
void TableDrawing::AppendPadded(const TableCell& cell, const TableColumn& column, bool last, std::string* out) const {
  if (format_ == OutputFormat::kBox && cell.width > column.width) {
    size_t width = 0;
    out->append(CutPrintable(cell.text, column.width - 1, &width)).append("…").append(column.width - 1 - width, ' ');
    return;
  }
  const size_t pad = column.width > cell.width ? column.width - cell.width : 0;
  if (column.right) out->append(pad, ' ');
  AppendCell(cell, out);
  if (!column.right && !last) out->append(pad, ' ');
}

void TableDrawing::AppendHead(std::string* out) const {
  if (format_ == OutputFormat::kBox) AppendRule("┌", "┬", "┐", out);
  const bool framed = format_ != OutputFormat::kTable;
  const char* bar = format_ == OutputFormat::kBox ? "│" : "|";
  for (size_t i = 0; i < columns_.size(); ++i) {
    const TableColumn& column = columns_[i];
    const size_t pad = column.width > column.name.width ? column.width - column.name.width : 0;
    const bool last = i + 1 == columns_.size();
    out->append(framed || i > 0 ? bar : "").append(" ");
    if (format_ == OutputFormat::kMarkdown) {
      AppendPadded(column.name, column, false, out);
    } else {
      out->append(pad / 2, ' ');
      if (framed && column.name.width > column.width)
        AppendPadded(column.name, column, false, out);
      else
        out->append(column.name.text);
      if (framed || !last) out->append(pad - pad / 2, ' ');
    }
    if (framed || !last) out->push_back(' ');
  }
  out->append(framed ? bar : "").push_back('\n');
  if (format_ == OutputFormat::kBox) return AppendRule("├", "┼", "┤", out);
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (format_ == OutputFormat::kMarkdown)
      out->append("|").append(columns_[i].width + 1, '-').append(columns_[i].right ? ":" : "-");
    else
      out->append(i == 0 ? "" : "+").append(columns_[i].width + 2, '-');
  }
  out->append(format_ == OutputFormat::kMarkdown ? "|\n" : "\n");
}

void TableDrawing::AppendRow(const std::vector<TableCell>& cells, std::string* out) const {
  const bool framed = format_ != OutputFormat::kTable;
  const char* bar = format_ == OutputFormat::kBox ? "│" : "|";
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool last = !framed && i + 1 == cells.size();
    out->append(framed || i > 0 ? bar : "").append(" ");
    AppendPadded(cells[i], columns_[i], last, out);
    if (!last) out->push_back(' ');
  }
  out->append(framed ? bar : "").push_back('\n');
}

void TableDrawing::AppendFoot(std::string* out) const {
  if (format_ == OutputFormat::kBox) AppendRule("└", "┴", "┘", out);
}

void TableDrawing::AppendExpanded(const std::vector<TableCell>& cells, int64_t number, std::string* out) const {
  size_t width = 0;
  for (const TableColumn& column : columns_) width = std::max(width, column.name.width);
  std::string head = "-[ RECORD " + std::to_string(number) + " ]";
  head.append(head.size() < width + 1 ? width + 1 - head.size() : 0, '-');
  head.append(head.size() == width + 1 ? "+-----" : "-----");
  out->append(head).push_back('\n');
  for (size_t i = 0; i < cells.size(); ++i) {
    out->append(columns_[i].name.text).append(width - columns_[i].name.width, ' ').append(" | ");
    AppendCell(cells[i], out);
    out->push_back('\n');
  }
}

}  // namespace kappa::cli
