#include "bench/baseline/kafka_records.h"

namespace kappa::baseline {

TopicReader::~TopicReader() {
  for (size_t partition = 0; topic_ != nullptr && partition < ends_.size(); ++partition)
    rd_kafka_consume_stop(topic_, static_cast<int32_t>(partition));
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
  if (client_ != nullptr) rd_kafka_destroy(client_);
}

Status TopicReader::Open(const std::string& bootstrap, const std::string& topic) {
  char reason[512];
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  const std::pair<const char*, const char*> values[] = {
      {"bootstrap.servers", bootstrap.c_str()}, {"enable.partition.eof", "true"},        {"check.crcs", "true"},
      {"fetch.queue.backoff.ms", "2"},          {"queued.max.messages.kbytes", "32768"}, {"isolation.level", "read_committed"}};
  for (const auto& [name, value] : values) {
    if (rd_kafka_conf_set(settings, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(settings);
      return SqlError(sqlstate::kInvalidParameterValue) << reason;
    }
  }
  client_ = rd_kafka_new(RD_KAFKA_CONSUMER, settings, reason, sizeof reason);
  if (client_ == nullptr) {
    rd_kafka_conf_destroy(settings);
    return SqlError(sqlstate::kCannotConnect) << reason;
  }
  topic_ = rd_kafka_topic_new(client_, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(client_, 0, topic_, &metadata, kDeadlineMs);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return SqlError(sqlstate::kCannotConnect) << "topic " << topic << ": " << rd_kafka_err2str(error);
  const int partitions = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (partitions == 0) return SqlError(sqlstate::kUndefinedObject) << "there is no topic " << topic;
  queue_ = rd_kafka_queue_new(client_);
  for (int32_t partition = 0; partition < partitions; ++partition) {
    int64_t begin = 0, end = 0;
    const rd_kafka_resp_err_t failed = rd_kafka_query_watermark_offsets(client_, topic.c_str(), partition, &begin, &end, kDeadlineMs);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) return SqlError(sqlstate::kConnectionFailure) << rd_kafka_err2str(failed);
    ends_.push_back(end);
    if (begin == end) continue;
    left_[partition] = true;
    if (rd_kafka_consume_start_queue(topic_, partition, begin, queue_) != 0)
      return SqlError(sqlstate::kConnectionFailure) << rd_kafka_err2str(rd_kafka_last_error());
  }
  return OkStatus();
}

}  // namespace kappa::baseline
