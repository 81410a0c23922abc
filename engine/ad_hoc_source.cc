#include "engine/ad_hoc_source.h"

#include <algorithm>

#include "common/os/environment.h"
#include "common/os/thread.h"
#include "formats/infer.h"

namespace kappa {
namespace {

constexpr size_t kSampleRecords = 1000;
constexpr size_t kSampleBytes = 8 << 20;
constexpr size_t kMostPartitions = 8;
constexpr int64_t kPatienceNanos = 5'000'000'000;  // for a broker's first records
constexpr int64_t kPauseNanos = 5'000'000;

bool EndsWith(std::string_view path, std::string_view suffix) {
  for (std::string_view compressed : {".gz", ".zst"})
    if (path.ends_with(compressed)) path.remove_suffix(compressed.size());
  return path.ends_with(suffix);
}

// `most_partitions`: how many of them are looked into at most.
StatusOr<std::vector<std::string>> Sample(const ConnectorDescriptor& connector, const Options& options, const ConnectorContext& context,
                                          size_t most_partitions) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Source> source, connector.make_source(options, context));
  ASSIGN_OR_RETURN(std::vector<int32_t> partitions, source->Partitions());
  if (partitions.size() > most_partitions) partitions.resize(most_partitions);
  std::vector<std::string> records;
  size_t bytes = 0;
  for (size_t p = 0; p < partitions.size() && records.size() < kSampleRecords && bytes < kSampleBytes; ++p) {
    ASSIGN_OR_RETURN(const std::unique_ptr<PartitionReader> reader, source->Open(partitions[p], {}));
    OffsetRange range{0, INT64_MAX};
    if (!source->bounded()) { ASSIGN_OR_RETURN(range, reader->Range()); }
    const int64_t deadline = context.environment->clock().MonotonicNanos() + kPatienceNanos;
    const size_t most = records.size() + std::max<size_t>(kSampleRecords / partitions.size(), 20);
    while (records.size() < most && bytes < kSampleBytes && reader->position() < range.end) {
      BatchLimit limit;
      limit.records = most - records.size();
      limit.end = range.end;
      ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll(limit));
      for (const Record& record : batch.records) {
        if (record.value == nullptr) continue;
        records.emplace_back(record.value, record.value_size);
        bytes += record.value_size;
      }
      if (!batch.empty()) continue;
      if (source->bounded() || context.environment->clock().MonotonicNanos() > deadline) break;
      os::SleepNanos(kPauseNanos);
    }
  }
  return records;
}

StatusOr<std::vector<CatalogColumn>> Columns(const std::vector<InferredColumn>& inferred) {
  std::vector<CatalogColumn> columns;
  for (const InferredColumn& found : inferred) {
    CatalogColumn column;
    column.name = found.name;
    column.quoted = found.quoted;
    column.type = found.type;
    columns.push_back(std::move(column));
  }
  return columns;
}

Status Prefixed(const Status& status, const std::string& name) {
  return SqlError(SqlStateOf(status)) << "\"" << name << "\": " << MessageOf(status) << Hint(HintOf(status));
}

Status InferCsvSource(const ConnectorDescriptor& connector, const ConnectorContext& context, const std::string& path, SourceObject* source) {
  source->encoding = "csv";
  const auto option = [&](const char* name, const char* otherwise) {
    const auto found = source->format_options.find(name);
    return found == source->format_options.end() ? std::string(otherwise) : found->second;
  };
  if (EndsWith(path, ".tsv") && source->format_options.count("delimiter") == 0) source->format_options["delimiter"] = "\t";
  const StatusOr<CsvFormat> given = ParseCsvFormat(source->format_options);
  if (!given.ok()) return given.status();
  // Splitting needs the quote alone as long as nobody knows the delimiter: one that quotes may follow.
  const auto form = [&](char delimiter) {
    std::string text(1, delimiter);
    if (given->quote != '\0') text += {given->quote, given->escape};
    return text;
  };
  source->options["record.csv"] = form(given->delimiter);
  source->options["record.header"] = "false";
  source->options["record.blank"] = "false";
  ASSIGN_OR_RETURN(const std::vector<std::string> records, Sample(connector, source->options, context, 1));  // each file has a header line
  StatusOr<InferredCsv> inferred = InferCsv(records, source->format_options);
  if (!inferred.ok()) return Prefixed(inferred.status(), path);
  source->format_options = inferred->options;
  ASSIGN_OR_RETURN(source->columns, Columns(inferred->columns));
  source->format_options["fields"] = std::to_string(source->columns.size());
  source->options["record.csv"] = form(ParseCsvFormat(source->format_options)->delimiter);
  source->options["record.header"] = option("header", "false");
  source->options["record.blank"] = source->columns.size() == 1 ? "true" : "false";
  return OkStatus();
}

}  // namespace

StatusOr<SourceObject> InferSource(const ConnectorRegistry& connectors, const ConnectorContext& context, const AdHocSource& wanted) {
  SourceObject source;
  source.connector = wanted.function == "kafka" ? "kafka" : "file";
  const ConnectorDescriptor* connector = connectors.Find(source.connector);
  if (connector == nullptr || !connector->make_source)
    return SqlError(sqlstate::kFeatureNotSupported) << "this build of kappa has no connector \"" << source.connector << "\"";
  source.options = wanted.options;
  source.format_options = wanted.format_options;
  const bool kafka = source.connector == "kafka";
  const std::string& path = wanted.arguments.back();
  if (kafka) {
    source.options["properties.bootstrap.server"] = wanted.arguments[0];
    source.options["topic"] = path;
    source.until_latest = true;
  } else {
    source.options["path"] = path;
  }
  const bool csv = wanted.function == "read_csv" || (wanted.function.empty() && (EndsWith(path, ".csv") || EndsWith(path, ".tsv")));
  if (csv) {
    RETURN_IF_ERROR(InferCsvSource(*connector, context, path, &source));
    return source;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> records, Sample(*connector, source.options, context, kMostPartitions));
  StatusOr<std::vector<InferredColumn>> inferred = InferJson(records);
  if (!inferred.ok() && !kafka && !records.empty()) {  // one document over many lines
    source.options["multiline"] = "true";
    ASSIGN_OR_RETURN(const std::vector<std::string> objects, Sample(*connector, source.options, context, kMostPartitions));
    if (StatusOr<std::vector<InferredColumn>> again = InferJson(objects); again.ok()) inferred = std::move(again);
  }
  if (!inferred.ok()) return Prefixed(inferred.status(), path);
  ASSIGN_OR_RETURN(source.columns, Columns(*inferred));
  return source;
}

}  // namespace kappa
