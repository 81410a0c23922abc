// Results that are open at the same time (the sinks of a replay write in every epoch), each shown by a Results of its own over one output: whose turn
// it is says so where another has spoken in between.
#include <algorithm>
#include <list>
#include <memory>
#include <string>

#include "cli/results.h"
#include "formats/encoder.h"

namespace kappa::cli {
namespace {

class InterleavedResults final : public ShownResults {
 public:
  InterleavedResults(OutputFormat format, const TableStyle* style, TextOutput* output, os::Clock* clock)
      : format_(format), style_(style), output_(output), clock_(clock) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override {
    open_.remove_if([&](const Result& result) { return result.schema == &schema; });
    Result& result = open_.emplace_back();
    result.schema = &schema;
    result.output.owner = this;
    if (format_ != OutputFormat::kCsv && format_ != OutputFormat::kJson) result.output.again = "\n" + title + " (continued):\n";
    if (format_ == OutputFormat::kCsv) {
      result.output.again = "\n" + CsvHeader(schema, schema.append_only ? RetractionForm::kRefuse : RetractionForm::kOpColumn) + "\n";
      if (csv_results_++ > 0) RETURN_IF_ERROR(output_->Write("\n"));
    }
    result.shown = MakeOne(&result.output);
    return result.shown->OnSchema(title, schema);
  }

  Status OnRows(const ChangeBatch& rows) override {
    const auto result = std::find_if(open_.begin(), open_.end(), [&](const Result& open) { return open.schema == rows.schema; });
    if (result == open_.end()) return SqlError(sqlstate::kInternalError) << "rows of a result that was not announced";
    result->rows += static_cast<int64_t>(rows.rows.size());
    return result->shown->OnRows(rows);
  }

  // Which result ends is told by its count: of two with the same count it makes no difference but the order.
  Status OnEnd(int64_t rows) override {
    if (open_.empty()) return SqlError(sqlstate::kInternalError) << "the end of a result that was not announced";
    auto result = std::find_if(open_.begin(), open_.end(), [&](const Result& open) { return open.rows == rows; });
    if (result == open_.end()) result = open_.begin();
    const Status status = result->shown->OnEnd(rows);
    if (last_ == &result->output) last_ = nullptr;
    open_.erase(result);
    return status;
  }

  Status ShowWaiting() override {
    return open_.size() == 1 ? open_.front().shown->ShowWaiting() : OkStatus();
  }  // several are easier to read one by one

  void Abandon() override {
    open_.clear();
    last_ = nullptr;
  }

 private:
  // The output as one result sees it.
  struct TurnOutput final : TextOutput {
    Status Write(std::string_view text) override {
      if (owner->last_ != this && spoken) RETURN_IF_ERROR(owner->output_->Write(again));
      owner->last_ = this;
      spoken = true;
      return owner->output_->Write(text);
    }
    InterleavedResults* owner = nullptr;
    std::string again;  // before it goes on after another
    bool spoken = false;
  };
  struct Result {
    const RowSchema* schema = nullptr;
    TurnOutput output;
    std::unique_ptr<ShownResults> shown;
    int64_t rows = 0;
  };

  std::unique_ptr<ShownResults> MakeOne(TextOutput* output) {
    switch (format_) {
      case OutputFormat::kCsv:
        return MakeCsvResults(output);
      case OutputFormat::kJson:
        return MakeJsonResults(output);
      case OutputFormat::kUnaligned:
        return MakeUnalignedResults(style_, output);
      case OutputFormat::kTable:
      case OutputFormat::kBox:
      case OutputFormat::kMarkdown:
        break;
    }
    return MakeTableResults(format_, style_, output, clock_);
  }

  const OutputFormat format_;
  const TableStyle* const style_;
  TextOutput* const output_;
  os::Clock* const clock_;
  std::list<Result> open_;
  const TextOutput* last_ = nullptr;  // who wrote last
  int csv_results_ = 0;
};

}  // namespace

const std::map<std::string, OutputFormat>& OutputFormats() {
  static const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::kTable},       {"box", OutputFormat::kBox},
                                                              {"markdown", OutputFormat::kMarkdown}, {"unaligned", OutputFormat::kUnaligned},
                                                              {"csv", OutputFormat::kCsv},           {"json", OutputFormat::kJson}};
  return formats;
}

std::unique_ptr<ShownResults> MakeResults(OutputFormat format, const TableStyle* style, TextOutput* output, os::Clock* clock) {
  return std::make_unique<InterleavedResults>(format, style, output, clock);
}

}  // namespace kappa::cli
