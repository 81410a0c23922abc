// Results as tables. The first 1,000 rows (or 4 MB, or half a second) are held to find the columns' widths, later ones are written as they
// come: a later cell that is wider than its column is cut (boxes) or pushes the rest of its row aside.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/display_text.h"
#include "cli/human_text.h"
#include "cli/results.h"
#include "cli/table_drawing.h"

namespace kappa::cli {
namespace {

constexpr size_t kHeldRows = 1000;
constexpr size_t kHeldBytes = 4 << 20;
constexpr int64_t kHeldNanos = 500'000'000;
class TableResults final : public ShownResults {
 public:
  TableResults(OutputFormat format, const TableStyle* style, TextOutput* output, os::Clock* clock)
      : format_(format), style_(style), output_(output), clock_(clock), drawing_(format, style->colour, &columns_) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override {
    schema_ = &schema;
    title_ = title;
    columns_.clear();
    if (!schema.append_only) AddColumn("op", false);
    for (const RowSchema::Column& column : schema.columns) AddColumn(column.name, column.type.is_numeric());
    held_.clear();
    held_bytes_ = 0;
    rows_ = 0;
    begun_ = false;
    return OkStatus();
  }

  Status OnRows(const ChangeBatch& rows) override {
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      const int64_t weight = rows.weight(i);
      const std::vector<TableCell> cells = MakeCells(rows.rows[i], weight);
      for (int64_t left = weight < 0 ? -weight : weight; left > 0; --left) RETURN_IF_ERROR(Add(cells));
    }
    RETURN_IF_ERROR(ShowWaiting());
    return Flush();
  }

  Status ShowWaiting() override { return begun_ || held_.empty() || clock_->MonotonicNanos() - held_since_ < kHeldNanos ? OkStatus() : Begin(); }

  Status OnEnd(int64_t) override {
    if (!begun_) RETURN_IF_ERROR(Begin());
    if (!expanded_) drawing_.AppendFoot(&buffer_);
    buffer_.append("(").append(Plural(rows_, "row")).append(")\n\n");
    schema_ = nullptr;
    return Flush();
  }

 private:
  void AddColumn(const std::string& name, bool right) {
    TableColumn column;
    column.name.width = AppendPrintable(name, &column.name.text);
    column.right = right;
    column.width = column.name.width;
    columns_.push_back(std::move(column));
  }

  std::vector<TableCell> MakeCells(const char* row, int64_t weight) {
    std::vector<TableCell> cells;
    cells.reserve(columns_.size());
    if (!schema_->append_only) cells.push_back({weight < 0 ? "-" : "+", 1, false});
    for (const Slot& slot : schema_->layout.slots()) {
      TableCell& cell = cells.emplace_back();
      cell.null = schema_->layout.IsNull(row, slot);
      scratch_.clear();
      if (cell.null)
        scratch_ = style_->null_text;
      else
        schema_->layout.AppendText(row, slot, &scratch_);
      cell.width = AppendPrintable(scratch_, &cell.text);
      if (format_ == OutputFormat::kMarkdown) EscapeBars(&cell);
    }
    return cells;
  }

  Status Add(const std::vector<TableCell>& cells) {
    ++rows_;
    if (begun_) {
      AppendRow(cells, rows_);
      return buffer_.size() < kHeldBytes ? OkStatus() : Flush();
    }
    if (held_.empty()) held_since_ = clock_->MonotonicNanos();
    for (size_t i = 0; i < cells.size(); ++i) {
      columns_[i].width = std::max(columns_[i].width, cells[i].width);
      held_bytes_ += cells[i].text.size() + sizeof(TableCell);
    }
    held_.push_back(cells);
    return held_.size() < kHeldRows && held_bytes_ < kHeldBytes ? OkStatus() : Begin();
  }

  // The head, and the rows held until now.
  Status Begin() {
    begun_ = true;
    expanded_ = style_->expanded == Expanded::kOn && format_ != OutputFormat::kMarkdown;
    if (!expanded_ && style_->terminal_columns > 0 && format_ != OutputFormat::kMarkdown) {
      const auto terminal = static_cast<size_t>(style_->terminal_columns);
      const bool fits = format_ == OutputFormat::kBox ? drawing_.Fit(terminal) : drawing_.Width() <= terminal + 1;
      expanded_ = !fits && style_->expanded == Expanded::kAuto;
    }
    if (!title_.empty()) buffer_.append(title_).append(":\n");
    if (!expanded_) drawing_.AppendHead(&buffer_);
    int64_t number = rows_ - static_cast<int64_t>(held_.size());
    for (const std::vector<TableCell>& cells : held_) AppendRow(cells, ++number);
    held_.clear();
    held_.shrink_to_fit();
    return Flush();
  }

  void AppendRow(const std::vector<TableCell>& cells, int64_t number) {
    if (expanded_)
      drawing_.AppendExpanded(cells, number, &buffer_);
    else
      drawing_.AppendRow(cells, &buffer_);
  }

  static void EscapeBars(TableCell* cell) {
    for (size_t at = cell->text.find('|'); at != std::string::npos; at = cell->text.find('|', at + 2)) {
      cell->text.insert(at, 1, '\\');
      ++cell->width;
    }
  }

  Status Flush() {
    if (buffer_.empty()) return OkStatus();
    const Status written = output_->Write(buffer_);
    buffer_.clear();
    return written;
  }

  const OutputFormat format_;
  const TableStyle* const style_;
  TextOutput* const output_;
  os::Clock* const clock_;
  const RowSchema* schema_ = nullptr;
  std::string title_, buffer_, scratch_;
  std::vector<TableColumn> columns_;
  TableDrawing drawing_;
  std::vector<std::vector<TableCell>> held_;
  size_t held_bytes_ = 0;
  int64_t held_since_ = 0;
  int64_t rows_ = 0;
  bool begun_ = false, expanded_ = false;
};

}  // namespace

std::unique_ptr<ShownResults> MakeTableResults(OutputFormat format, const TableStyle* style, TextOutput* output, os::Clock* clock) {
  return std::make_unique<TableResults>(format, style, output, clock);
}

}  // namespace kappa::cli
