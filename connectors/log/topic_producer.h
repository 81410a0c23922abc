// Sends records to the partitions of a topic: Kafka's partitioning, batches of bounded size, one durable append a partition at Flush.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/log/log_directory.h"

namespace kappa::log {

// Kafka's default partitioner for records with keys: the low 31 bits of 32-bit MurmurHash2 (Austin Appleby, public domain; seed 0x9747b28c), modulo
// partitions.
uint32_t Murmur2(std::string_view key);
int32_t PartitionOfKey(std::string_view key, int32_t partitions);

// One thread at a time.
class TopicProducer {
 public:
  static constexpr size_t kBatchBytes = 64 << 10;  // a batch is finished when it has grown to this; one record may make it larger

  // Takes no lock until the first record for a partition is flushed, so that producers of different partitions do not meet.
  static StatusOr<std::unique_ptr<TopicProducer>> Open(std::shared_ptr<LogDirectory> directory, const std::string& topic);

  // Buffers it. A record without partition and key goes round robin, changing partition with every full batch, as Kafka's sticky partitioner does.
  // 22023: no such partition.
  Status Add(const OutgoingRecord& record);
  size_t buffered_bytes() const { return buffered_bytes_; }
  // Appends all that is buffered: one append a partition, durable when it returns. After an error what was not appended is still buffered.
  Status Flush();
  // The same without waiting for the disk; `appended` is told the offsets of each partition that got something.
  using Appended = std::function<void(int32_t partition, Offset first, Offset last)>;
  Status Append(const Appended& appended);
  // From now on batches belong to transactions of this producer. Before the first Add.
  void BeginTransactions(int64_t producer_id, int16_t producer_epoch) { stamp_ = {producer_id, producer_epoch, 0, kTransactional}; }
  void Discard();  // forgets what is buffered
  int32_t partitions() const { return static_cast<int32_t>(partitions_.size()); }
  // The offset of the first record of the last Flush to `partition`; -1: none.
  Offset last_base_offset(int32_t partition) const { return partitions_[static_cast<size_t>(partition)].last_base_offset; }

 private:
  struct Partition {
    std::unique_ptr<RecordBatchBuilder> builder;
    std::string finished;  // batches
    int64_t records = 0;   // in them
    int32_t sequence = 0;  // of the next record
    std::shared_ptr<PartitionLog> log;
    Offset last_base_offset = -1;
  };
  TopicProducer(std::shared_ptr<LogDirectory> directory, std::string topic, const TopicSpec& spec);
  Status Finish(Partition* partition);
  Status AppendAll(Durability durability, const Appended* appended);
  std::shared_ptr<LogDirectory> directory_;
  const std::string topic_;
  ProducerStamp stamp_;
  const Compression compression_;
  std::vector<Partition> partitions_;
  size_t next_round_robin_ = 0;
  size_t buffered_bytes_ = 0;
};

// A topic of `count` small records with keys, headers, a tombstone and three compressions, for tools that judge the format.
Status WriteSampleTopic(std::shared_ptr<LogDirectory> directory, const std::string& topic, int count);

}  // namespace kappa::log
