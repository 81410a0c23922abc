// Topics wherever they are: the embedded log of a data directory, or a Kafka cluster. What `kappa topic` needs of either.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "common/record.h"
#include "common/source.h"
#include "common/status.h"

namespace kappa::cli {

struct NewTopic {
  std::string name;
  int32_t partitions = 1;
  int32_t replication = -1;                          // Kafka; -1: the cluster's default
  std::string compression = "none";                  // embedded log: of what is produced
  std::map<std::string, std::string> configuration;  // topic settings, by Kafka's names
};

// What `kappa topic describe` tells.
struct TopicDescription {
  std::vector<std::pair<std::string, std::string>> settings;  // in order
  std::vector<OffsetRange> ranges;                            // by partition
};

struct TopicListing {
  std::string name;
  std::vector<OffsetRange> ranges;  // by partition
};

// Appends records. One thread at a time.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  virtual Status Append(const OutgoingRecord& record) = 0;  // copies it
  virtual Status Flush() = 0;                               // durable when it returns
  virtual size_t buffered_bytes() const = 0;                // appended, not flushed; a store that flushes by itself answers 0
};

// The partitions of a topic that exist now, for reading.
struct TopicReaders {
  std::shared_ptr<void> owner;                            // outlives the readers
  std::vector<std::unique_ptr<PartitionReader>> readers;  // at the beginning of the log
};

// Errors are those of the connectors: 08001 no server, 42704 / 42P01 no such topic, 42710 it exists, 22023 a bad name or setting.
class TopicStore {
 public:
  virtual ~TopicStore() = default;
  virtual Status Create(const NewTopic& topic) = 0;
  virtual Status Delete(const std::string& topic) = 0;
  virtual StatusOr<std::vector<TopicListing>> List() = 0;
  virtual StatusOr<TopicDescription> Describe(const std::string& topic) = 0;
  virtual StatusOr<std::unique_ptr<RecordWriter>> OpenWriter(const std::string& topic) = 0;
  virtual StatusOr<TopicReaders> OpenReaders(const std::string& topic) = 0;
  virtual std::string place() const = 0;  // for people: "the embedded log at DIR", "Kafka at HOST:PORT"
};

// What a missing topic, wherever it is, can be followed by.
bool IsMissingTopic(const Status& status);

std::unique_ptr<TopicStore> OpenLogTopics(os::Environment* environment, const std::string& data_directory);
// `properties`: librdkafka's, as users of its tools write them (security.protocol, sasl.mechanism, ...). Connects when first used.
std::unique_ptr<TopicStore> OpenKafkaTopics(os::Environment* environment, const std::string& bootstrap,
                                            const std::map<std::string, std::string>& properties);

}  // namespace kappa::cli
