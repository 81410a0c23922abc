#include "formats/encoder.h"

#include <numeric>
#include <optional>
#include <utility>

#include "formats/json_encoder.h"
#include "formats/text_encoder.h"

namespace kappa {
namespace {

// Some columns of a row in one format.
class Part {
 public:
  Part(const RowSchema* schema, RecordFormat format, const std::vector<int>& columns)
      : format_(format), layout_(&schema->layout), columns_(columns), json_(schema, columns), csv_(schema, columns) {}
  // False: NULL, in a format where that is no value at all.
  bool Append(const char* row, std::string_view op, std::string* out) {
    switch (format_) {
      case RecordFormat::kJson:
        json_.Append(row, op, out);
        return true;
      case RecordFormat::kCsv:
        csv_.Append(row, op, out);
        return true;
      case RecordFormat::kText:
        break;
    }
    return AppendRawColumn(*layout_, row, columns_[0], out);
  }

 private:
  RecordFormat format_;
  const RowLayout* layout_;
  std::vector<int> columns_;
  JsonRowWriter json_;
  CsvRowWriter csv_;
};

class Encoder final : public RecordEncoder {
 public:
  Encoder(Part value, std::optional<Part> key, RetractionForm retractions)
      : value_(std::move(value)), key_(std::move(key)), retractions_(retractions) {}

  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    record->value.clear();
    record->key.clear();
    const bool retraction = changes.weight(index) < 0;
    if (retraction && retractions_ == RetractionForm::kRefuse) {
      return SqlError(sqlstate::kFeatureNotSupported)
             << "the sink's FORMAT PLAIN has no way to take a row back" << Hint("use FORMAT UPSERT with a primary_key, or FORMAT DEBEZIUM");
    }
    const char* row = changes.rows[index];
    record->has_key = key_.has_value() && key_->Append(row, "", &record->key);
    record->has_value = !(retraction && retractions_ == RetractionForm::kTombstone);
    if (!record->has_value) return OkStatus();
    const std::string_view op = retractions_ != RetractionForm::kOpColumn ? "" : retraction ? "delete" : "insert";
    record->has_value = value_.Append(row, op, &record->value);
    return OkStatus();
  }

 private:
  Part value_;
  std::optional<Part> key_;
  RetractionForm retractions_;
};

}  // namespace

StatusOr<std::unique_ptr<RecordEncoder>> MakeEncoder(const RowSchema* schema, const EncoderOptions& options) {
  if (options.format == RecordFormat::kText && schema->columns.size() != 1) {
    return SqlError(sqlstate::kFeatureNotSupported) << "ENCODE BYTES writes exactly one column, not " << schema->columns.size();
  }
  if (options.format == RecordFormat::kText && options.retractions == RetractionForm::kOpColumn) {
    return SqlError(sqlstate::kFeatureNotSupported) << "ENCODE BYTES has no place for the op column of an updating result";
  }
  if (options.key_format == RecordFormat::kText && options.key.size() > 1) {
    return SqlError(sqlstate::kFeatureNotSupported)
           << "a key of " << options.key.size() << " columns cannot be written as bytes" << Hint("use a JSON key");
  }
  if (options.retractions == RetractionForm::kTombstone && options.key.empty()) {
    return SqlError(sqlstate::kInvalidTableDefinition) << "FORMAT UPSERT needs a key" << Hint("say primary_key = '...' in WITH (...)");
  }
  for (int column : options.key) {
    if (column < 0 || static_cast<size_t>(column) >= schema->columns.size())
      return SqlError(sqlstate::kInternalError) << "encoder: no key column " << column;
  }
  std::vector<int> all(schema->columns.size());
  std::iota(all.begin(), all.end(), 0);
  std::optional<Part> key;
  if (!options.key.empty()) key.emplace(schema, options.key_format, options.key);
  return std::unique_ptr<RecordEncoder>(std::make_unique<Encoder>(Part(schema, options.format, all), std::move(key), options.retractions));
}

std::string CsvHeader(const RowSchema& schema, RetractionForm retractions) {
  std::string out = retractions == RetractionForm::kOpColumn ? "op" : "";
  for (const RowSchema::Column& column : schema.columns) {
    if (!out.empty()) out.push_back(',');
    AppendCsvField(column.name, &out);
  }
  return out;
}

}  // namespace kappa
