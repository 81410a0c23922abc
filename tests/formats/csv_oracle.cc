// Splits and decodes CSV documents for csv_oracle.py, which compares with Python's csv module. In: documents, each a line "DELIMITER QUOTE SIZE"
// (codes in decimal), then SIZE bytes and a newline. Out: a line of JSON a document: records as lists of texts, or {"error": "..."} in a record's
// place. Each document is split in one piece and again as if it were read piece by piece; where the two differ, the line says so.
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "connectors/file/record_splitter.h"
#include "formats/encoder.h"
#include "tests/formats/decode_fixture.h"

namespace kappa {
namespace {

constexpr int kColumns = 90;

std::vector<std::string_view> Split(const file::RecordForm& form, std::string_view text, size_t piece) {
  std::vector<std::string_view> records;
  const char* line = text.data();
  const char* const end = line + text.size();
  for (const char* seen = piece == 0 ? end : std::min(line + piece, end);; seen = std::min(seen + piece, end)) {
    file::RecordSplitter splitter(form, line, seen, seen == end);
    while (line < seen) {
      const auto found = splitter.Next(line);
      if (found.end == nullptr) break;
      records.emplace_back(line, static_cast<size_t>(found.end - line));
      line = found.next;
    }
    if (seen == end) return records;
  }
}

std::string Answer(char delimiter, char quote, std::string_view text) {
  const file::RecordForm form{true, delimiter, quote, quote};
  const std::vector<std::string_view> records = Split(form, text, 0);
  for (const size_t piece : {1, 7}) {
    if (Split(form, text, piece) != records) return "\"pieces of " + std::to_string(piece) + " give other records\"";
  }
  std::vector<DecodeColumn> columns;
  for (int i = 0; i < kColumns; ++i) columns.push_back(MakeColumn("c" + std::to_string(i), TypeId::kText));
  DecodeOptions options;
  options.encoding = RecordEncoding::kCsv;
  options.csv.delimiter = delimiter;
  options.csv.quote = options.csv.escape = quote;
  options.csv.null_text = "\x01";
  options.csv.fill = true;
  const auto plan = MakePlan(columns, options);
  DecoderState state(*plan);
  CallContext call;
  std::vector<char> row(plan->layout().size());
  std::string out = "[";
  for (const std::string_view record : records) {
    if (record.empty()) continue;
    if (out.size() > 1) out += ",";
    if (Decode(*plan, state, call, record, row.data()) != DecodeResult::kRow) {
      out += "{\"error\":";
      AppendJsonString(state.error().message, &out);
      out += "}";
      continue;
    }
    out += "[";
    for (int i = 0; i < kColumns; ++i) {
      const Slot& slot = plan->layout().slots()[static_cast<size_t>(i)];
      if (plan->layout().IsNull(row.data(), slot)) break;
      if (i > 0) out += ",";
      Text value;
      std::memcpy(&value, row.data() + slot.offset, sizeof value);
      AppendJsonString(value.view(), &out);
    }
    out += "]";
  }
  return out + "]";
}

}  // namespace
}  // namespace kappa

int main() {
  int delimiter, quote;
  size_t size;
  while (std::cin >> delimiter >> quote >> size) {
    std::string text(size, '\0');
    std::cin.get();
    std::cin.read(text.data(), static_cast<std::streamsize>(size));
    std::puts(kappa::Answer(static_cast<char>(delimiter), static_cast<char>(quote), text).c_str());
  }
  return 0;
}
