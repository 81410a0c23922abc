#include "connectors/kafka/kafka_source.h"

#include <algorithm>

#include "connectors/kafka/kafka_partition_reader.h"

namespace kappa::kafka {

namespace {

// What librdkafka may hold ahead of us, all partitions together and each.
constexpr size_t kQueuedKilobytes = 64 << 10;
constexpr size_t kMaxPartitionKilobytes = 32 << 10;
constexpr size_t kMinPartitionKilobytes = 1 << 10;

StatusOr<std::shared_ptr<KafkaClient>> Connect(const KafkaSettings& settings, os::Environment* environment, size_t partitions) {
  const size_t kilobytes = std::clamp(kQueuedKilobytes / std::max<size_t>(partitions, 1), kMinPartitionKilobytes, kMaxPartitionKilobytes);
  const std::string queued = std::to_string(kilobytes);
  return KafkaClient::Create(RD_KAFKA_CONSUMER, settings, environment,
                             {{"client.id", "kappa"},
                              {"isolation.level", "read_committed"},
                              {"check.crcs", "true"},
                              {"fetch.wait.max.ms", "100"},     // questions about offsets wait behind an idle fetch
                              {"fetch.queue.backoff.ms", "2"},  // a full queue is looked at again at once
                              {"queued.max.messages.kbytes", queued.c_str()},
                              {"reconnect.backoff.max.ms", "1000"},
                              {"topic.metadata.refresh.interval.ms", "60000"}},
                             {{"enable.auto.commit", "false"},  // the journal keeps positions
                              {"enable.auto.offset.store", "false"},
                              {"enable.partition.eof", "true"},  // tells of offsets without records
                              {"auto.offset.reset", "error"},    // lost records are an error, not a jump
                              {"allow.auto.create.topics", "false"}});
}

}  // namespace

StatusOr<std::unique_ptr<Source>> KafkaSource::Open(const KafkaSettings& settings, os::Environment* environment) {
  if (settings.topic.empty()) { return SqlError(sqlstate::kInvalidParameterValue) << "connector 'kafka' needs a topic" << Hint("topic = 'name'"); }
  ASSIGN_OR_RETURN(std::shared_ptr<KafkaClient> client, Connect(settings, environment, 1));
  ASSIGN_OR_RETURN(const TopicInfo info, client->DescribeTopic(settings.topic));
  // The limit is a partition's, and fixed when a client is made: many partitions get a new client with less for each.
  if (info.partitions.size() > kQueuedKilobytes / kMaxPartitionKilobytes) {
    ASSIGN_OR_RETURN(client, Connect(settings, environment, info.partitions.size()));
    RETURN_IF_ERROR(client->DescribeTopic(settings.topic).status());
  }
  return std::unique_ptr<Source>(new KafkaSource(std::move(client)));
}

KafkaSource::~KafkaSource() { arrival_->Set(nullptr); }

StatusOr<std::vector<int32_t>> KafkaSource::Partitions() {
  ASSIGN_OR_RETURN(TopicInfo info, client_->DescribeTopic(name()));
  return std::move(info.partitions);
}

StatusOr<Offset> KafkaSource::StartOffset(int32_t partition, const OffsetRange& range) {
  const StartPosition& start = client_->settings().start;
  switch (start.kind) {
    case StartPosition::Kind::kEarliest:
      break;
    case StartPosition::Kind::kLatest:
      return range.end;
    case StartPosition::Kind::kTimestamp: {
      ASSIGN_OR_RETURN(const Offset offset, client_->OffsetAtTime(name(), partition, start.timestamp_ms));
      return std::min(offset, range.end);  // what is not committed yet comes later
    }
    case StartPosition::Kind::kOffsets: {
      const auto listed = start.offsets.find(partition);
      if (listed != start.offsets.end()) return listed->second;
      break;
    }
  }
  return range.begin;
}

StatusOr<std::unique_ptr<PartitionReader>> KafkaSource::Open(int32_t partition, const RecordNeeds& needs) {
  ASSIGN_OR_RETURN(const OffsetRange range, client_->Range(name(), partition));
  ASSIGN_OR_RETURN(const Offset start, StartOffset(partition, range));
  const Offset end = bounded() ? std::max(range.end, range.begin) : INT64_MAX;
  return std::unique_ptr<PartitionReader>(std::make_unique<KafkaPartitionReader>(client_, arrival_, partition, needs, start, end));
}

}  // namespace kappa::kafka
