#include "connectors/log/log_connector.h"

#include <algorithm>
#include <map>

#include "connectors/log/log_sink.h"
#include "connectors/options.h"
#include "types/datetime.h"

namespace kappa {
namespace {

using log::LogDirectory;
using log::TopicSpec;

struct StartPosition {
  enum class Kind { kEarliest, kLatest, kOffsets, kTimestamp } kind = Kind::kEarliest;
  std::map<int32_t, Offset> offsets;  // a partition that is not listed starts at the earliest
  int64_t timestamp_ms = 0;
};

// '0:120,1:98'
StatusOr<std::map<int32_t, Offset>> ParseOffsets(const std::string& text) {
  const auto malformed = [&] {
    return SqlError(sqlstate::kInvalidParameterValue)
           << "'" << text << "' is no list of offsets" << Hint("write partition:offset,... as in '0:120,1:98'");
  };
  std::map<int32_t, Offset> offsets;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const size_t colon = item.find(':');
    if (colon == std::string_view::npos) return malformed();
    const std::optional<int64_t> partition = ParseInteger(item.substr(0, colon)), offset = ParseInteger(item.substr(colon + 1));
    if (!partition || !offset || *partition < 0 || *partition > INT32_MAX || *offset < 0) return malformed();
    if (!offsets.emplace(static_cast<int32_t>(*partition), *offset).second) return malformed();
  }
  if (offsets.empty()) return malformed();
  return offsets;
}

// Milliseconds since 1970, or a timestamp as SQL writes it (UTC unless it names a zone).
StatusOr<int64_t> ParseStartTime(const OptionValues& values) {
  const std::string text = values.text(values.has("scan.startup.timestamp") ? "scan.startup.timestamp" : "scan.startup.timestamp.millis");
  if (const std::optional<int64_t> millis = ParseInteger(text); millis.has_value()) return *millis;
  TimestampTz timestamp;
  if (ParseTimestampTz(text, &timestamp) == ParseStatus::kOk) {
    return timestamp.micros / 1000 + (timestamp.micros % 1000 > 0 ? 1 : 0);  // records have milliseconds: none before it
  }
  return SqlError(sqlstate::kInvalidParameterValue)
         << "'" << text << "' is no time to start from" << Hint("scan.startup.timestamp = '2024-05-06 07:08:09', or milliseconds since 1970");
}

StatusOr<StartPosition> ParseStart(const OptionValues& values) {
  const std::string mode = values.text("scan.startup.mode");
  StartPosition start;
  if (mode == "earliest") return start;
  start.kind = StartPosition::Kind::kLatest;
  if (mode == "latest") return start;
  if (mode == "timestamp") {
    start.kind = StartPosition::Kind::kTimestamp;
    ASSIGN_OR_RETURN(start.timestamp_ms, ParseStartTime(values));
    return start;
  }
  start.kind = StartPosition::Kind::kOffsets;
  if (mode == "offsets" || mode.find(':') != std::string::npos) {
    ASSIGN_OR_RETURN(start.offsets, ParseOffsets(mode == "offsets" ? values.text("scan.startup.offsets") : mode));
    return start;
  }
  return SqlError(sqlstate::kInvalidParameterValue)
         << "scan.startup.mode '" << mode << "' is not known" << Hint("'earliest', 'latest', 'timestamp', or offsets as in '0:120,1:98'");
}

class LogSource final : public Source {
 public:
  LogSource(std::shared_ptr<LogDirectory> directory, std::string topic, StartPosition start, bool bounded)
      : directory_(std::move(directory)), topic_(std::move(topic)), start_(std::move(start)), bounded_(bounded) {}
  std::string name() const override { return topic_; }
  StatusOr<std::vector<int32_t>> Partitions() override {
    ASSIGN_OR_RETURN(const TopicSpec spec, directory_->Describe(topic_));
    std::vector<int32_t> partitions(static_cast<size_t>(spec.partitions));
    for (size_t p = 0; p < partitions.size(); ++p) partitions[p] = static_cast<int32_t>(p);
    return partitions;
  }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds& needs) override {
    ASSIGN_OR_RETURN(std::unique_ptr<PartitionReader> reader, directory_->Reader(topic_, partition, needs));
    ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
    Offset position = start_.kind == StartPosition::Kind::kLatest ? range.end : range.begin;
    if (const auto listed = start_.offsets.find(partition); listed != start_.offsets.end()) position = listed->second;
    if (start_.kind == StartPosition::Kind::kTimestamp) { ASSIGN_OR_RETURN(position, reader->PositionAt(start_.timestamp_ms)); }
    RETURN_IF_ERROR(reader->Seek(position));
    return reader;
  }
  bool bounded() const override { return bounded_; }
  StatusOr<std::string> Identity() override {
    ASSIGN_OR_RETURN(TopicSpec spec, directory_->Describe(topic_));
    return std::move(spec.id);
  }
  void OnArrival(std::function<void()> wake) override { ticket_ = directory_->Subscribe(topic_, std::move(wake)); }

 private:
  const std::shared_ptr<LogDirectory> directory_;
  const std::string topic_;
  const StartPosition start_;
  const bool bounded_;
  std::shared_ptr<void> ticket_;
};

// The topic is there, or is made when `partitions` says how.
Status EnsureTopic(LogDirectory& directory, const std::string& topic, const OptionValues& values, bool sink) {
  const Status described = directory.Describe(topic).status();
  if (described.ok() || SqlStateOf(described) != sqlstate::kUndefinedObject) return described;
  if (!values.has("partitions")) {
    return SqlError(sqlstate::kUndefinedObject) << MessageOf(described)
                                                << Hint(HintOf(described).empty() ? "make it with: kappa topic create " + topic : HintOf(described));
  }
  TopicSpec spec;
  const int64_t partitions = values.integer("partitions");
  spec.partitions = static_cast<int32_t>(std::clamp<int64_t>(partitions, INT32_MIN, INT32_MAX));
  if (sink) { ASSIGN_OR_RETURN(spec.compression, log::CompressionNamed(values.text("compression"))); }
  if (values.has("retention.ms")) spec.retention.ms = values.integer("retention.ms");
  if (values.has("retention.bytes")) spec.retention.bytes = values.size_bytes("retention.bytes");
  const Status created = directory.CreateTopic(topic, spec);
  return SqlStateOf(created) == sqlstate::kDuplicateObject ? OkStatus() : created;  // another process was faster
}

}  // namespace

ConnectorDescriptor LogConnector(const std::shared_ptr<log::LogDirectories>& directories) {
  ConnectorDescriptor descriptor;
  descriptor.name = "log";
  descriptor.documentation = "A topic of the embedded log: files in the data directory, in Kafka's format, no server.";
  const ConnectorOption retention_ms = {"retention.ms", OptionKind::kInteger, false, "", "of a topic that is made: older segments go; -1 keeps all"};
  const ConnectorOption retention_bytes = {"retention.bytes", OptionKind::kSize, false, "",
                                           "of a topic that is made: a partition keeps so much, '1 GB'"};
  descriptor.source_options = {
      {"topic", OptionKind::kText, true, "", "the topic"},
      {"directory", OptionKind::kText, false, "", "read the topic there: the log directory of a stopped Kafka broker, or a copy; nothing is written"},
      {"partitions", OptionKind::kInteger, false, "", "make a missing topic, with so many partitions"},
      {"scan.startup.mode", OptionKind::kText, false, "earliest", "'earliest', 'latest', 'timestamp', 'offsets', or offsets as '0:120,1:98'"},
      {"scan.startup.timestamp", OptionKind::kText, false, "", "for mode 'timestamp': '2024-05-06 07:08:09', or milliseconds since 1970"},
      {"scan.startup.timestamp.millis", OptionKind::kInteger, false, "", "the same, in milliseconds since 1970"},
      {"scan.startup.offsets", OptionKind::kText, false, "", "partition:offset,... for mode 'offsets'; other partitions start at the earliest"},
      {"scan.bounded.mode", OptionKind::kText, false, "unbounded", "'latest': end at the log's end as it is when reading starts"},
      retention_ms,
      retention_bytes,
  };
  descriptor.sink_options = {
      {"topic", OptionKind::kText, true, "", "the topic; made when it is missing"},
      {"partitions", OptionKind::kInteger, false, "1", "of a topic that is made"},
      {"compression", OptionKind::kText, false, "none", "of a topic that is made: 'none', 'lz4', 'zstd'"},
      retention_ms,
      retention_bytes,
  };
  descriptor.make_source = [directories, declared = descriptor.source_options](const Options& options,
                                                                               const ConnectorContext& context) -> StatusOr<std::unique_ptr<Source>> {
    ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("log", declared, false, options));
    ASSIGN_OR_RETURN(StartPosition start, ParseStart(values));
    const std::string bounded = values.text("scan.bounded.mode");
    if (bounded != "latest" && bounded != "unbounded") {
      return SqlError(sqlstate::kInvalidParameterValue) << "scan.bounded.mode '" << bounded << "' is not known" << Hint("'latest' or 'unbounded'");
    }
    std::shared_ptr<LogDirectory> directory;
    if (values.has("directory")) {
      directory = LogDirectory::OpenTopics(*context.environment, values.text("directory"));
      RETURN_IF_ERROR(directory->Describe(values.text("topic")).status());
    } else {
      directory = directories->Get(*context.environment, context.data_directory);
      RETURN_IF_ERROR(EnsureTopic(*directory, values.text("topic"), values, false));
    }
    return std::unique_ptr<Source>(new LogSource(directory, values.text("topic"), std::move(start), bounded == "latest"));
  };
  descriptor.make_sink = [directories, declared = descriptor.sink_options](
                             const Options& options, const ConnectorContext& context,
                             std::unique_ptr<RecordEncoder> encoder) -> StatusOr<std::unique_ptr<Sink>> {
    ASSIGN_OR_RETURN(const OptionValues values, OptionValues::Parse("log", declared, true, options));
    const std::shared_ptr<LogDirectory> directory = directories->Get(*context.environment, context.data_directory);
    RETURN_IF_ERROR(EnsureTopic(*directory, values.text("topic"), values, true));
    return log::OpenLogSink(directory, values.text("topic"), context.writer, std::move(encoder));
  };
  return descriptor;
}

}  // namespace kappa
