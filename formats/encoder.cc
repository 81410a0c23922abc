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
  Part(const RowSchema* schema, RecordFormat format, const std::vector<int>& columns, const CsvFormat& csv)
      : format_(format), layout_(&schema->layout), columns_(columns), json_(schema, columns), csv_(schema, columns, csv) {}
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

std::string_view SuffixOf(RecordFormat format) { return format == RecordFormat::kCsv ? ".csv" : format == RecordFormat::kText ? ".txt" : ".jsonl"; }

class Encoder final : public RecordEncoder {
 public:
  Encoder(Part value, std::optional<Part> key, RetractionForm retractions, RecordFormat format, std::string preamble)
      : value_(std::move(value)), key_(std::move(key)), retractions_(retractions), format_(format), preamble_(std::move(preamble)) {}

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
  std::string Preamble() const override { return preamble_; }
  std::string_view FileSuffix() const override { return SuffixOf(format_); }

 private:
  Part value_;
  std::optional<Part> key_;
  RetractionForm retractions_;
  RecordFormat format_;
  std::string preamble_;
};

// {"before":null,"after":{..},"op":"c"}: what Debezium's consumers read. It has no time and no source: a record is a function of the row.
class DebeziumEncoder final : public RecordEncoder {
 public:
  DebeziumEncoder(const RowSchema* schema, const std::vector<int>& all, std::optional<Part> key) : row_(schema, all), key_(std::move(key)) {}

  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    const char* row = changes.rows[index];
    return changes.weight(index) < 0 ? Fill(row, nullptr, 'd', record) : Fill(nullptr, row, 'c', record);
  }
  bool pairs_updates() const override { return key_.has_value(); }
  Status EncodeKey(const ChangeBatch& changes, size_t index, std::string* key) override {
    key->clear();
    key_->Append(changes.rows[index], "", key);
    return OkStatus();
  }
  Status EncodeUpdate(const ChangeBatch& changes, size_t before, size_t after, EncodedRecord* record) override {
    return Fill(changes.rows[before], changes.rows[after], 'u', record);
  }

 private:
  Status Fill(const char* before, const char* after, char op, EncodedRecord* record) {
    record->key.clear();
    record->has_value = true;
    record->has_key = key_.has_value() && key_->Append(after != nullptr ? after : before, "", &record->key);
    std::string& out = record->value;
    out.assign("{\"before\":");
    Append(before, &out);
    out.append(",\"after\":");
    Append(after, &out);
    out.append(",\"op\":\"");
    out.push_back(op);
    out.append("\"}");
    return OkStatus();
  }
  void Append(const char* row, std::string* out) const {
    if (row == nullptr)
      out->append("null");
    else
      row_.Append(row, "", out);
  }

  JsonRowWriter row_;
  std::optional<Part> key_;
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
  if (options.retractions == RetractionForm::kEnvelope && options.format != RecordFormat::kJson)
    return SqlError(sqlstate::kFeatureNotSupported) << "FORMAT DEBEZIUM is written as JSON only";
  std::vector<int> all(schema->columns.size());
  std::iota(all.begin(), all.end(), 0);
  std::optional<Part> key;
  if (!options.key.empty()) key.emplace(schema, options.key_format, options.key, options.csv);
  if (options.retractions == RetractionForm::kEnvelope)
    return std::unique_ptr<RecordEncoder>(std::make_unique<DebeziumEncoder>(schema, all, std::move(key)));
  std::string preamble;
  if (options.format == RecordFormat::kCsv && options.csv.header) preamble = CsvHeader(*schema, options.retractions, options.csv);
  return std::unique_ptr<RecordEncoder>(std::make_unique<Encoder>(Part(schema, options.format, all, options.csv), std::move(key), options.retractions,
                                                                  options.format, std::move(preamble)));
}

std::string CsvHeader(const RowSchema& schema, RetractionForm retractions, const CsvFormat& csv) {
  std::string out = retractions == RetractionForm::kOpColumn ? "op" : "";
  for (const RowSchema::Column& column : schema.columns) {
    if (!out.empty()) out.push_back(csv.delimiter);
    AppendCsvField(csv, column.name, &out);
  }
  return out;
}

}  // namespace kappa
