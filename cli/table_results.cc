// Results as psql shows them. The first 1,000 rows (or 4 MB, or half a second) are held to find the columns' widths, later ones are written as they
// come: a later cell that is wider than its column pushes the rest of its row aside.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/display_text.h"
#include "cli/human_text.h"
#include "cli/results.h"

namespace kappa::cli {
namespace {

constexpr size_t kHeldRows = 1000;
constexpr size_t kHeldBytes = 4 << 20;
constexpr int64_t kHeldNanos = 500'000'000;
constexpr std::string_view kDim = "\x1b[2m", kPlain = "\x1b[0m";

struct Cell {
  std::string text;
  size_t width = 0;
  bool null = false;
};

class TableResults final : public ShownResults {
 public:
  TableResults(const TableStyle* style, TextOutput* output, os::Clock* clock) : style_(style), output_(output), clock_(clock) {}

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
      const std::vector<Cell> cells = MakeCells(rows.rows[i], weight);
      for (int64_t left = weight < 0 ? -weight : weight; left > 0; --left) RETURN_IF_ERROR(Add(cells));
    }
    RETURN_IF_ERROR(ShowWaiting());
    return Flush();
  }

  Status ShowWaiting() override { return begun_ || held_.empty() || clock_->MonotonicNanos() - held_since_ < kHeldNanos ? OkStatus() : Begin(); }

  Status OnEnd(int64_t) override {
    if (!begun_) RETURN_IF_ERROR(Begin());
    buffer_.append("(").append(Plural(rows_, "row")).append(")\n\n");
    schema_ = nullptr;
    return Flush();
  }

 private:
  struct Column {
    Cell name;
    bool right = false;
    size_t width = 0;
  };

  void AddColumn(const std::string& name, bool right) {
    Column column;
    column.name.width = AppendPrintable(name, &column.name.text);
    column.right = right;
    column.width = column.name.width;
    columns_.push_back(std::move(column));
  }

  std::vector<Cell> MakeCells(const char* row, int64_t weight) {
    std::vector<Cell> cells;
    cells.reserve(columns_.size());
    if (!schema_->append_only) cells.push_back({weight < 0 ? "-" : "+", 1, false});
    for (const Slot& slot : schema_->layout.slots()) {
      Cell& cell = cells.emplace_back();
      cell.null = schema_->layout.IsNull(row, slot);
      scratch_.clear();
      if (cell.null)
        scratch_ = "NULL";
      else
        schema_->layout.AppendText(row, slot, &scratch_);
      cell.width = AppendPrintable(scratch_, &cell.text);
    }
    return cells;
  }

  Status Add(const std::vector<Cell>& cells) {
    ++rows_;
    if (begun_) {
      AppendRow(cells, rows_);
      return buffer_.size() < kHeldBytes ? OkStatus() : Flush();
    }
    if (held_.empty()) held_since_ = clock_->MonotonicNanos();
    for (size_t i = 0; i < cells.size(); ++i) {
      columns_[i].width = std::max(columns_[i].width, cells[i].width);
      held_bytes_ += cells[i].text.size() + sizeof(Cell);
    }
    held_.push_back(cells);
    return held_.size() < kHeldRows && held_bytes_ < kHeldBytes ? OkStatus() : Begin();
  }

  // The head, and the rows held until now.
  Status Begin() {
    begun_ = true;
    size_t width = 0;
    for (const Column& column : columns_) width += column.width + 3;
    expanded_ = style_->expanded == Expanded::kOn ||
                (style_->expanded == Expanded::kAuto && style_->terminal_columns > 0 && width > static_cast<size_t>(style_->terminal_columns) + 1);
    if (!title_.empty()) buffer_.append(title_).append(":\n");
    if (!expanded_) AppendHead();
    int64_t number = rows_ - static_cast<int64_t>(held_.size());
    for (const std::vector<Cell>& cells : held_) AppendRow(cells, ++number);
    held_.clear();
    held_.shrink_to_fit();
    return Flush();
  }

  void AppendHead() {
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Column& column = columns_[i];
      const size_t pad = column.width - column.name.width;
      buffer_.append(i == 0 ? " " : "| ").append(pad / 2, ' ').append(column.name.text);
      if (i + 1 < columns_.size()) buffer_.append(pad - pad / 2 + 1, ' ');
    }
    buffer_.push_back('\n');
    for (size_t i = 0; i < columns_.size(); ++i) buffer_.append(i == 0 ? "" : "+").append(columns_[i].width + 2, '-');
    buffer_.push_back('\n');
  }

  void AppendText(const Cell& cell) {
    if (cell.null && style_->colour)
      buffer_.append(kDim).append(cell.text).append(kPlain);
    else
      buffer_.append(cell.text);
  }

  void AppendRow(const std::vector<Cell>& cells, int64_t number) {
    if (expanded_) return AppendExpanded(cells, number);
    for (size_t i = 0; i < cells.size(); ++i) {
      const size_t pad = columns_[i].width > cells[i].width ? columns_[i].width - cells[i].width : 0;
      buffer_.append(i == 0 ? " " : "| ");
      if (columns_[i].right) buffer_.append(pad, ' ');
      AppendText(cells[i]);
      if (i + 1 < cells.size()) buffer_.append((columns_[i].right ? 0 : pad) + 1, ' ');
    }
    buffer_.push_back('\n');
  }

  void AppendExpanded(const std::vector<Cell>& cells, int64_t number) {
    size_t width = 0;
    for (const Column& column : columns_) width = std::max(width, column.name.width);
    std::string head = "-[ RECORD " + std::to_string(number) + " ]";
    head.append(head.size() < width + 1 ? width + 1 - head.size() : 0, '-');
    head.append(head.size() == width + 1 ? "+-----" : "-----");
    buffer_.append(head).push_back('\n');
    for (size_t i = 0; i < cells.size(); ++i) {
      buffer_.append(columns_[i].name.text).append(width - columns_[i].name.width, ' ').append(" | ");
      AppendText(cells[i]);
      buffer_.push_back('\n');
    }
  }

  Status Flush() {
    if (buffer_.empty()) return OkStatus();
    const Status written = output_->Write(buffer_);
    buffer_.clear();
    return written;
  }

  const TableStyle* const style_;
  TextOutput* const output_;
  os::Clock* const clock_;
  const RowSchema* schema_ = nullptr;
  std::string title_, buffer_, scratch_;
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> held_;
  size_t held_bytes_ = 0;
  int64_t held_since_ = 0;
  int64_t rows_ = 0;
  bool begun_ = false, expanded_ = false;
};

}  // namespace

std::unique_ptr<ShownResults> MakeTableResults(const TableStyle* style, TextOutput* output, os::Clock* clock) {
  return std::make_unique<TableResults>(style, output, clock);
}

}  // namespace kappa::cli
