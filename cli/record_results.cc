// Results as CSV and JSON, encoded as sinks encode them (formats/encoder.h).
#include <memory>
#include <string>

#include "cli/results.h"
#include "formats/encoder.h"

namespace kappa::cli {
namespace {

class RecordResults : public ShownResults {
 public:
  RecordResults(RecordFormat format, TextOutput* output) : format_(format), output_(output) {}

  Status OnSchema(const std::string& title, const RowSchema& schema) override {
    EncoderOptions options;
    options.format = format_;
    options.retractions = schema.append_only ? RetractionForm::kRefuse : RetractionForm::kOpColumn;
    ASSIGN_OR_RETURN(encoder_, MakeEncoder(&schema, options));
    title_ = title;
    return Begin(schema, options.retractions);
  }

  Status OnRows(const ChangeBatch& rows) override {
    buffer_.clear();
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      RETURN_IF_ERROR(encoder_->Encode(rows, i, &record_));
      const int64_t weight = rows.weight(i);
      for (int64_t left = weight < 0 ? -weight : weight; left > 0; --left) {
        AppendRecord(record_.value, &buffer_);
        if (buffer_.size() >= kFlushBytes) RETURN_IF_ERROR(Flush());
      }
    }
    return Flush();
  }

  Status OnEnd(int64_t) override { return OkStatus(); }

 protected:
  virtual Status Begin(const RowSchema& schema, RetractionForm retractions) = 0;
  virtual void AppendRecord(std::string_view record, std::string* out) { out->append(record).push_back('\n'); }

  TextOutput* output() { return output_; }
  const std::string& title() const { return title_; }

 private:
  static constexpr size_t kFlushBytes = 256 << 10;
  Status Flush() {
    const Status written = output_->Write(buffer_);
    buffer_.clear();
    return written;
  }

  const RecordFormat format_;
  TextOutput* const output_;
  std::unique_ptr<RecordEncoder> encoder_;
  EncodedRecord record_;
  std::string title_, buffer_;
};

class CsvResults final : public RecordResults {
 public:
  explicit CsvResults(TextOutput* output) : RecordResults(RecordFormat::kCsv, output) {}

 private:
  Status Begin(const RowSchema& schema, RetractionForm retractions) override { return output()->Write(CsvHeader(schema, retractions) + "\n"); }
};

class JsonResults final : public RecordResults {
 public:
  explicit JsonResults(TextOutput* output) : RecordResults(RecordFormat::kJson, output) {}

 private:
  Status Begin(const RowSchema&, RetractionForm) override {
    prefix_.clear();
    if (title().empty()) return OkStatus();
    prefix_ = "{\"sink\":";
    AppendJsonString(title(), &prefix_);
    return OkStatus();
  }
  void AppendRecord(std::string_view record, std::string* out) override {
    if (!prefix_.empty()) {
      record.remove_prefix(1);  // its brace: the prefix has one
      out->append(prefix_).append(record == "}" ? "" : ",");
    }
    out->append(record).push_back('\n');
  }
  std::string prefix_;
};

}  // namespace

std::unique_ptr<ShownResults> MakeCsvResults(TextOutput* output) { return std::make_unique<CsvResults>(output); }
std::unique_ptr<ShownResults> MakeJsonResults(TextOutput* output) { return std::make_unique<JsonResults>(output); }

}  // namespace kappa::cli
