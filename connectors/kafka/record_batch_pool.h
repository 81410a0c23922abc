// Batches over librdkafka's messages: payloads stay where the client received them, arrays are used again.
#pragma once

#include <librdkafka/rdkafka.h>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "common/record.h"
#include "common/source.h"
#include "connectors/kafka/kafka_client.h"

namespace kappa::kafka {

// Makes RecordBatches whose owner destroys the messages when the last copy is released, on any thread. After warm-up nothing is allocated: the
// arrays, and the control block of the owner's shared_ptr, lie in a slot that returns to the pool.
class RecordBatchPool : public std::enable_shared_from_this<RecordBatchPool> {
 public:
  explicit RecordBatchPool(std::shared_ptr<KafkaClient> client) : client_(std::move(client)) {}

  // One batch being filled. Its memory belongs to the pool.
  class Slot {
   public:
    size_t size() const { return messages_.size(); }
    size_t bytes() const { return bytes_; }
    // Takes the message over.
    void Add(rd_kafka_message_t* message, const RecordNeeds& needs);

   private:
    friend class RecordBatchPool;
    template <typename T>
    friend struct SlotAllocator;
    void AddHeaders(rd_kafka_message_t* message);
    void DestroyMessages();

    std::vector<rd_kafka_message_t*> messages_;
    std::vector<Record> records_;
    std::deque<std::vector<RecordHeader>> headers_;  // of the records that have some; addresses are stable
    size_t headers_used_ = 0;
    size_t bytes_ = 0;
    alignas(std::max_align_t) std::byte control_block_[128];
  };

  Slot* Take();
  // The batch of what was added; `partition` and `next` are the caller's to set.
  RecordBatch Finish(Slot* slot);
  // Gives an unused slot back.
  void Return(Slot* slot);

 private:
  template <typename T>
  friend struct SlotAllocator;

  const std::shared_ptr<KafkaClient> client_;  // messages must not outlive it
  std::mutex mutex_;
  std::vector<Slot*> free_;
  std::vector<std::unique_ptr<Slot>> slots_;
};

}  // namespace kappa::kafka
