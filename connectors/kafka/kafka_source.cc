#include "connectors/kafka/kafka_source.h"

#include <algorithm>

#include "connectors/kafka/kafka_partition_reader.h"

namespace kappa::kafka {

StatusOr<std::unique_ptr<Source>> KafkaSource::Open(const KafkaSettings& settings, os::Environment* environment) {
  ASSIGN_OR_RETURN(std::shared_ptr<KafkaTopic> topic, KafkaTopic::Open(settings, environment));
  return std::unique_ptr<Source>(new KafkaSource(std::move(topic)));
}

KafkaSource::~KafkaSource() { arrival_->Set(nullptr); }

StatusOr<Offset> KafkaSource::StartOffset(int32_t partition, const OffsetRange& range) {
  const StartPosition& start = settings().start;
  switch (start.kind) {
    case StartPosition::Kind::kEarliest:
      break;
    case StartPosition::Kind::kLatest:
      return range.end;
    case StartPosition::Kind::kTimestamp: {
      ASSIGN_OR_RETURN(const Offset offset, topic_->OffsetAtTime(partition, start.timestamp_ms));
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
  ASSIGN_OR_RETURN(const OffsetRange range, topic_->Range(partition));
  ASSIGN_OR_RETURN(const Offset start, StartOffset(partition, range));
  const Offset end = bounded() ? std::max(range.end, range.begin) : INT64_MAX;
  return std::unique_ptr<PartitionReader>(std::make_unique<KafkaPartitionReader>(topic_, arrival_, partition, needs, start, end));
}

}  // namespace kappa::kafka
