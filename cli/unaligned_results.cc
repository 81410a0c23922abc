// Results as psql -A shows them: a row a line.
#include <memory>
#include <string>

#include "cli/display_text.h"
#include "cli/human_text.h"
#include "cli/results.h"

namespace kappa::cli {
namespace {

class UnalignedResults final : public ShownResults {
 public:
  UnalignedResults(const TableStyle* style, TextOutput* output) : style_(style), output_(output) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override {
    schema_ = &schema;
    rows_ = 0;
    std::string head = title.empty() ? "" : title + ":\n";
    const char* bar = "";
    if (!schema.append_only) head += std::exchange(bar, "|") + std::string("op");
    for (const RowSchema::Column& column : schema.columns) {
      head += std::exchange(bar, "|");
      AppendPrintable(column.name, &head);
    }
    return output_->Write(head + "\n");
  }

  Status OnRows(const ChangeBatch& rows) override {
    std::string lines;
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      const int64_t weight = rows.weight(i);
      const std::string line = Line(rows.rows[i], weight);
      for (int64_t left = weight < 0 ? -weight : weight; left > 0; --left, ++rows_) lines += line;
    }
    return output_->Write(lines);
  }

  Status OnEnd(int64_t) override { return output_->Write("(" + Plural(rows_, "row") + ")\n"); }

 private:
  std::string Line(const char* row, int64_t weight) {
    std::string line;
    const char* bar = "";
    if (!schema_->append_only) line += std::exchange(bar, "|") + std::string(weight < 0 ? "-" : "+");
    for (const Slot& slot : schema_->layout.slots()) {
      line += std::exchange(bar, "|");
      text_.clear();
      if (schema_->layout.IsNull(row, slot))
        text_ = style_->null_text;
      else
        schema_->layout.AppendText(row, slot, &text_);
      AppendPrintable(text_, &line);
    }
    return line + "\n";
  }

  const TableStyle* const style_;
  TextOutput* const output_;
  const RowSchema* schema_ = nullptr;
  std::string text_;
  int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<ShownResults> MakeUnalignedResults(const TableStyle* style, TextOutput* output) {
  return std::make_unique<UnalignedResults>(style, output);
}

}  // namespace kappa::cli
