// All records of a topic, from its beginning to its present end, straight from librdkafka's batch queue.
#pragma once

#include <librdkafka/rdkafka.h>
#include <simdjson.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"

namespace kappa::baseline {

// One queue that every partition of the topic is forwarded to.
class TopicReader {
 public:
  TopicReader() = default;
  ~TopicReader();
  TopicReader(const TopicReader&) = delete;
  TopicReader& operator=(const TopicReader&) = delete;

  Status Open(const std::string& bootstrap, const std::string& topic);

  // Calls record(value, size, capacity) for every record up to the end that the topic had at Open; simdjson may read `capacity` bytes.
  template <typename F>
  Status ReadAll(F&& record) {
    std::vector<rd_kafka_message_t*> messages(kBatch);
    std::vector<char> padded;
    int idle = 0;
    while (!left_.empty()) {
      // Waits until the batch is full or the time is over: a long time would be spent in full at the topic's end.
      const auto count = rd_kafka_consume_batch_queue(queue_, kWaitMs, messages.data(), messages.size());
      idle = count > 0 ? 0 : idle + kWaitMs;
      if (count < 0 || idle > kDeadlineMs) return SqlError(sqlstate::kConnectionFailure) << "no record within " << kDeadlineMs << " ms";
      for (ssize_t i = 0; i < count; ++i) {
        rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && message->payload != nullptr) {
          const char* value = static_cast<const char*>(message->payload);
          // Reading past the end is safe on the same page; elsewhere a copy is read.
          if (((reinterpret_cast<uintptr_t>(value) + message->len) & 4095) > 4096 - simdjson::SIMDJSON_PADDING) {
            if (padded.size() < message->len + simdjson::SIMDJSON_PADDING) padded.resize(message->len * 2 + simdjson::SIMDJSON_PADDING);
            std::memcpy(padded.data(), value, message->len);
            value = padded.data();
          }
          record(value, message->len, message->len + simdjson::SIMDJSON_PADDING);
        }
        Status status = Passed(message);
        rd_kafka_message_destroy(message);
        if (!status.ok()) return status;
      }
    }
    return OkStatus();
  }

 private:
  static constexpr size_t kBatch = 4096;
  static constexpr int kWaitMs = 10, kDeadlineMs = 10000;
  // Notes the position; at a partition's end forgets the partition.
  Status Passed(const rd_kafka_message_t* message) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->offset + 1 >= ends_[static_cast<size_t>(message->partition)]) left_.erase(message->partition);
      return OkStatus();
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {  // transaction markers may fill the rest
      left_.erase(message->partition);
      return OkStatus();
    }
    return SqlError(sqlstate::kConnectionFailure) << rd_kafka_message_errstr(message);
  }
  rd_kafka_t* client_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
  std::vector<int64_t> ends_;     // by partition
  std::map<int32_t, bool> left_;  // partitions not yet read to their end
};

}  // namespace kappa::baseline
