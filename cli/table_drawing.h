// The lines that a table is made of: psql's aligned form, boxes, Markdown; and the expanded form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/results.h"

namespace kappa::cli {

struct TableCell {
  std::string text;  // printable
  size_t width = 0;  // terminal columns it takes
  bool null = false;
};
struct TableColumn {
  TableCell name;
  bool right = false;  // numbers
  size_t width = 0;
};

class TableDrawing {
 public:
  // `format`: kTable, kBox, kMarkdown. `columns` must outlive the drawing; widths may change until Head.
  TableDrawing(OutputFormat format, bool colour, std::vector<TableColumn>* columns) : format_(format), colour_(colour), columns_(*columns) {}

  size_t Width() const;  // of a line
  // Narrows the widest columns until a line takes at most `width`. False: not without leaving less than a dozen characters of one.
  bool Fit(size_t width);
  void AppendHead(std::string* out) const;
  void AppendRow(const std::vector<TableCell>& cells, std::string* out) const;
  void AppendFoot(std::string* out) const;
  void AppendExpanded(const std::vector<TableCell>& cells, int64_t number, std::string* out) const;

 private:
  void AppendRule(const char* left, const char* middle, const char* right, std::string* out) const;
  void AppendCell(const TableCell& cell, std::string* out) const;
  void AppendPadded(const TableCell& cell, const TableColumn& column, bool last, std::string* out) const;

  const OutputFormat format_;
  const bool colour_;
  std::vector<TableColumn>& columns_;
};

}  // namespace kappa::cli
