// Rows -> record bytes, for sinks and for results that people see (common/sink.h: RecordEncoder).
//
//   kJson   {"auction":1,"price":1.50,"at":"2015-07-15 00:00:00.123","item":{"name":"vase"}}   numbers as numbers; NaN and infinities, times, uuid as
//   texts;
//           bytea '\x..'; jsonb as it is; NULL is null.   One object, no newline.
//   kCsv    RFC 4180 (csv/format.h): a field is quoted where it holds a delimiter, a quote or a line break; NULL is empty, the empty text is "".
//           No newline.
//   kText   the one column as its bytes; NULL is a record without a value.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/sink.h"
#include "formats/csv/format.h"
#include "types/change_batch.h"

namespace kappa {

enum class RecordFormat : uint8_t { kJson, kCsv, kText };

// What becomes of a retraction (weight below zero).
enum class RetractionForm : uint8_t {
  kRefuse,     // FORMAT PLAIN: 0A000 with the hint to use UPSERT
  kTombstone,  // FORMAT UPSERT: the key without a value
  kEnvelope,   // FORMAT DEBEZIUM: {"before":{..},"after":{..},"op":"u"}, c for create, d for delete; kJson only
  kOpColumn,   // print, stdout: a first member or field "op", insert or delete
};

struct EncoderOptions {
  RecordFormat format = RecordFormat::kJson;
  RetractionForm retractions = RetractionForm::kRefuse;
  // Columns of the record's key; empty: no key. Encoded as kJson: one object; kCsv: one line; kText: exactly one column.
  std::vector<int> key;
  RecordFormat key_format = RecordFormat::kJson;
  CsvFormat csv{};  // of kCsv
};

// For rows of `schema` only, which must outlive the encoder. Each change is one record whatever its weight: who writes repeats it.
// 0A000: what the format cannot say (kText with several columns, tombstones without a key).
StatusOr<std::unique_ptr<RecordEncoder>> MakeEncoder(const RowSchema* schema, const EncoderOptions& options);

// The header line of a CSV file, as Encode would write names; no newline.
std::string CsvHeader(const RowSchema& schema, RetractionForm retractions, const CsvFormat& csv = {});

// Appends a JSON string with its quotes. `text` is UTF-8.
void AppendJsonString(std::string_view text, std::string* out);
// Appends a field of plain CSV.
void AppendCsvField(std::string_view text, std::string* out);

}  // namespace kappa
