#include "connectors/log/topic_producer.h"

#include <fmt/format.h>

#include <cstring>

namespace kappa::log {

uint32_t Murmur2(std::string_view key) {
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;
  const auto size = static_cast<uint32_t>(key.size());
  uint32_t hash = 0x9747b28c ^ size;
  const char* p = key.data();
  size_t left = key.size();
  for (; left >= 4; left -= 4, p += 4) {
    uint32_t word = static_cast<uint8_t>(p[0]) | static_cast<uint32_t>(static_cast<uint8_t>(p[1])) << 8 |
                    static_cast<uint32_t>(static_cast<uint8_t>(p[2])) << 16 | static_cast<uint32_t>(static_cast<uint8_t>(p[3])) << 24;
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash = (hash * kMultiplier) ^ word;
  }
  if (left >= 3) hash ^= static_cast<uint32_t>(static_cast<uint8_t>(p[2])) << 16;
  if (left >= 2) hash ^= static_cast<uint32_t>(static_cast<uint8_t>(p[1])) << 8;
  if (left >= 1) hash = (hash ^ static_cast<uint8_t>(p[0])) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

int32_t PartitionOfKey(std::string_view key, int32_t partitions) { return static_cast<int32_t>(Murmur2(key) & 0x7FFFFFFF) % partitions; }

TopicProducer::TopicProducer(std::shared_ptr<LogDirectory> directory, std::string topic, const TopicSpec& spec)
    : directory_(std::move(directory)), topic_(std::move(topic)), compression_(spec.compression) {
  partitions_.resize(static_cast<size_t>(spec.partitions));
  for (Partition& partition : partitions_) partition.builder = std::make_unique<RecordBatchBuilder>(compression_);
}

StatusOr<std::unique_ptr<TopicProducer>> TopicProducer::Open(std::shared_ptr<LogDirectory> directory, const std::string& topic) {
  ASSIGN_OR_RETURN(const TopicSpec spec, directory->Describe(topic));
  return std::unique_ptr<TopicProducer>(new TopicProducer(std::move(directory), topic, spec));
}

Status TopicProducer::Add(const OutgoingRecord& record) {
  size_t to = next_round_robin_;
  if (record.partition >= 0) {
    to = static_cast<size_t>(record.partition);
    if (to >= partitions_.size()) {
      return SqlError(sqlstate::kInvalidParameterValue)
             << "topic \"" << topic_ << "\" has no partition " << record.partition << ": it has " << partitions_.size();
    }
  } else if (record.has_key) {
    to = static_cast<size_t>(PartitionOfKey(record.key, partitions()));
  }
  Partition& partition = partitions_[to];
  const size_t before = partition.builder->bytes();
  if (record.timestamp_ms == -1) {
    OutgoingRecord stamped = record;
    stamped.timestamp_ms = directory_->environment().clock().WallMicros() / 1000;
    partition.builder->Add(stamped);
  } else {
    partition.builder->Add(record);
  }
  buffered_bytes_ += partition.builder->bytes() - before;
  if (partition.builder->bytes() < kBatchBytes) return OkStatus();
  if (to == next_round_robin_) next_round_robin_ = (next_round_robin_ + 1) % partitions_.size();
  return Finish(&partition);
}

Status TopicProducer::Finish(Partition* partition) {
  ProducerStamp stamp = stamp_;
  if (stamp.id >= 0) stamp.sequence = partition->sequence;
  const int32_t count = partition->builder->count();
  RETURN_IF_ERROR(partition->builder->Finish(stamp, &partition->finished));
  partition->records += count;
  partition->sequence = static_cast<int32_t>((int64_t{partition->sequence} + count) & INT32_MAX);  // as Kafka's wrap
  return OkStatus();
}

Status TopicProducer::AppendAll(Durability durability, const Appended* appended) {
  for (size_t p = 0; p < partitions_.size(); ++p) {
    Partition& partition = partitions_[p];
    if (partition.builder->count() > 0) RETURN_IF_ERROR(Finish(&partition));
    if (partition.finished.empty()) continue;
    if (partition.log == nullptr) { ASSIGN_OR_RETURN(partition.log, directory_->Writer(topic_, static_cast<int32_t>(p))); }
    ASSIGN_OR_RETURN(partition.last_base_offset, partition.log->Append(partition.finished, durability));
    if (appended != nullptr) { (*appended)(static_cast<int32_t>(p), partition.last_base_offset, partition.last_base_offset + partition.records - 1); }
    partition.finished.clear();
    partition.records = 0;
  }
  buffered_bytes_ = 0;
  return OkStatus();
}

Status TopicProducer::Flush() { return AppendAll(Durability::kSynced, nullptr); }
Status TopicProducer::Append(const Appended& appended) { return AppendAll(Durability::kWritten, &appended); }

void TopicProducer::Discard() {
  for (Partition& partition : partitions_) {
    partition.builder = std::make_unique<RecordBatchBuilder>(compression_);
    partition.finished.clear();
    partition.records = 0;
  }
  buffered_bytes_ = 0;
}

Status WriteSampleTopic(std::shared_ptr<LogDirectory> directory, const std::string& topic, int count) {
  RETURN_IF_ERROR(directory->CreateTopic(topic, TopicSpec()));
  ASSIGN_OR_RETURN(const std::shared_ptr<PartitionLog> log, directory->Writer(topic, 0));
  int32_t sequence = 0;
  for (const Compression compression : {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    RecordBatchBuilder builder(compression);
    for (int i = 0; i < count; ++i) {
      const std::string key = fmt::format("key-{}", i),
                        value = fmt::format("{{\"n\": {}, \"compression\": \"{}\"}}", i, CompressionName(compression));
      const RecordHeader headers[] = {{"source", "sample", false}, {"nothing", "", true}};
      OutgoingRecord record;
      record.key = key;
      record.has_key = i % 3 != 0;
      record.value = value;
      record.has_value = i % 7 != 6;
      record.timestamp_ms = 1'700'000'000'000 + i;
      if (i % 2 == 0) record.headers = headers;
      builder.Add(record);
    }
    std::string batch;
    RETURN_IF_ERROR(builder.Finish({4711, 0, sequence}, &batch));
    sequence += count;
    RETURN_IF_ERROR(log->Append(std::move(batch)).status());
  }
  return OkStatus();
}

}  // namespace kappa::log
