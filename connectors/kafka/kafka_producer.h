// Appends records to one topic, and waits until the broker has them.
#pragma once

#include <memory>

#include "common/record.h"
#include "common/status.h"
#include "connectors/kafka/kafka_client.h"

namespace kappa::kafka {

// One thread at a time. Idempotent: what librdkafka sends again by itself is stored once.
class KafkaProducer {
 public:
  // Connects and finds the topic, or makes it where settings.partitions says how. 08001, 42P01, 22023 as KafkaClient.
  static StatusOr<std::unique_ptr<KafkaProducer>> Open(const KafkaSettings& settings, os::Environment* environment);
  // Records that were not flushed are dropped.
  ~KafkaProducer();

  // Copies the record. Waits for room in the client's queue at most delivery.timeout.
  // A negative partition: murmur2 of the key as Java clients do, or a random one where there is no key.
  Status Append(const OutgoingRecord& record);
  // Returns when every record appended so far is acknowledged by all in-sync replicas. 08006: not within delivery.timeout, or refused; says how many
  // and why. Those that were acknowledged stay in the topic.
  Status Flush();
  // The same without waiting: true when all are acknowledged.
  StatusOr<bool> Flushed();

 private:
  struct Deliveries {
    int64_t failed = 0;
    rd_kafka_resp_err_t first_error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string first_reason;
  };
  explicit KafkaProducer(std::shared_ptr<KafkaClient> client);
  static void OnDelivered(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  // What became of the records since it was last asked.
  Status Delivered(int64_t waited_ms);
  Status Refused(rd_kafka_resp_err_t error) const;

  const std::shared_ptr<KafkaClient> client_;
  rd_kafka_topic_t* topic_ = nullptr;
  Deliveries deliveries_;
};

}  // namespace kappa::kafka
