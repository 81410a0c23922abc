// One partition of a Kafka topic.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <vector>

#include "common/source.h"
#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/kafka_source.h"
#include "connectors/kafka/record_batch_pool.h"

namespace kappa::kafka {

//  librdkafka's fetcher --> queue of the partition --(consume_batch)--> fetched_ --(what the limit allows)--> RecordBatch
//
// The position is ours. It follows the records that were handed out, and the end-of-partition marks: those come with the offset at which the
// partition ended, which lies past transaction markers and aborted records that nobody ever sees.
class KafkaPartitionReader final : public PartitionReader {
 public:
  // Reads from `start`, never at or past `end`. Fetching begins with the first Poll.
  KafkaPartitionReader(std::shared_ptr<KafkaTopic> topic, std::shared_ptr<Arrival> arrival, int32_t partition, const RecordNeeds& needs, Offset start,
                       Offset end);
  ~KafkaPartitionReader() override;

  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override;
  Status Seek(Offset position) override;
  Offset position() const override { return position_; }
  // Of a bounded source the end is known, and nobody is asked.
  StatusOr<OffsetRange> Range() override;
  StatusOr<Offset> PositionAt(int64_t timestamp_ms) override;

 private:
  static void OnQueueFilled(rd_kafka_t* handle, void* opaque);
  std::string Where() const;
  Status StartFetching();
  void StopFetching();
  // Refills fetched_ from the queue when it is empty. Does not wait.
  Status Fetch(size_t records);
  void DropFetched();
  // An end-of-partition mark moves the position, an error is returned. Consumes the message.
  Status TakeEvent(rd_kafka_message_t* message, Offset end);
  Status CheckBrokers();

  const std::shared_ptr<KafkaTopic> of_;
  const std::shared_ptr<KafkaClient> client_;  // of_'s
  const std::shared_ptr<Arrival> arrival_;
  const std::shared_ptr<RecordBatchPool> pool_;
  const int32_t partition_;
  const RecordNeeds needs_;
  const Offset begin_;  // where it was opened
  const Offset end_;
  Offset position_;
  rd_kafka_topic_t* topic_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
  bool fetching_ = false;
  bool suspect_ = false;        // somebody said that the topic is gone, nothing has come since
  bool heard_of_down_ = false;  // brokers were away when we last looked
  // Taken from the queue, not handed out yet: [next_fetched_, fetched_count_) of fetched_.
  std::vector<rd_kafka_message_t*> fetched_;
  size_t next_fetched_ = 0;
  size_t fetched_count_ = 0;
};

}  // namespace kappa::kafka
