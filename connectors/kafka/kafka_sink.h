// Writes each epoch's changes to a topic when the epoch commits. At least once: a crash between the broker's acknowledgement and the engine's own
// note of the commit writes the epoch again.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <memory>
#include <string>
#include <vector>

#include "common/sink.h"
#include "connectors/kafka/kafka_producer.h"

namespace kappa::kafka {

class KafkaSink final : public Sink {
 public:
  static StatusOr<std::unique_ptr<Sink>> Open(const KafkaSettings& settings, os::Environment* environment, std::unique_ptr<RecordEncoder> encoder);

  // Encodes and keeps. A weight of n gives n records; a keyed tombstone is dropped where its epoch writes that key anew (an update of an upsert
  // sink).
  Status Write(Epoch epoch, const ChangeBatch& changes) override;
  // Sends every epoch up to `upto` and waits for the acknowledgements, at most delivery.timeout.
  Status Commit(const EpochCommit& commit) override;
  // What this object has committed: a topic does not remember epochs.
  StatusOr<SinkMark> LastCommitted() override { return SinkMark{last_committed_, ""}; }
  Guarantee guarantee() const override { return Guarantee::kAtLeastOnce; }
  std::string Summary() const override;

 private:
  struct Entry {
    size_t begin = 0;  // in bytes: the key, then the value
    uint32_t key_size = 0;
    uint32_t value_size = 0;
    bool has_key = false;
    bool has_value = false;
    int64_t copies = 1;
  };
  struct EpochBuffer {
    Epoch epoch = 0;
    std::string bytes;
    std::vector<Entry> entries;
    bool has_tombstones = false;
  };
  KafkaSink(std::unique_ptr<KafkaProducer> producer, std::unique_ptr<RecordEncoder> encoder, std::string topic)
      : producer_(std::move(producer)), encoder_(std::move(encoder)), topic_(std::move(topic)) {}
  Status Send(const EpochBuffer& buffer);

  const std::unique_ptr<KafkaProducer> producer_;
  const std::unique_ptr<RecordEncoder> encoder_;
  const std::string topic_;
  EncodedRecord record_;              // capacity kept between rows
  std::vector<EpochBuffer> waiting_;  // ascending epochs
  EpochBuffer spare_;                 // emptied, keeps its memory
  Epoch last_committed_ = -1;
  int64_t records_written_ = 0;
};

}  // namespace kappa::kafka
