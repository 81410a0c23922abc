// Writes each epoch's changes to a topic when the epoch commits. At least once: after a crash every epoch since the last snapshot is written again.
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
  // Sends every epoch up to `upto` and waits for the acknowledgements, at most delivery.timeout. Where it may hold the commit it does not wait for
  // them: several commits are on their way together, and LastCommitted follows. What could not be written is kept and sent again by the next Commit.
  Status Commit(const EpochCommit& commit) override;
  // What this object has seen acknowledged: a topic does not remember epochs.
  StatusOr<SinkMark> LastCommitted() override;
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
  StatusOr<bool> SendUpTo(const EpochCommit& commit);
  void ReleaseSent();

  const std::unique_ptr<KafkaProducer> producer_;
  const std::unique_ptr<RecordEncoder> encoder_;
  const std::string topic_;
  EncodedRecord record_;              // capacity kept between rows
  std::vector<EpochBuffer> waiting_;  // ascending epochs
  size_t sent_ = 0;                   // the first so many of waiting_ are sent, and not known to be acknowledged
  Epoch sent_upto_ = -1;
  EpochBuffer spare_;  // emptied, keeps its memory
  Epoch last_committed_ = -1;
  int64_t records_written_ = 0;
};

}  // namespace kappa::kafka
