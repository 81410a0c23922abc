// Connector 'memory': raw records in named sets that tests and the bench fill. Nothing is copied on the way to the decoder.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/connector.h"
#include "common/record.h"

namespace kappa {

// Filled by one thread, then read by any number; not both at a time.
class MemoryTopic {
 public:
  explicit MemoryTopic(int32_t partitions) : partitions_(static_cast<size_t>(partitions)) {}
  // `value` with a null data pointer is a tombstone. -1: no timestamp.
  void Add(int32_t partition, std::string_view value, int64_t timestamp_ms = -1);
  void AddWithKey(int32_t partition, std::string_view key, std::string_view value, int64_t timestamp_ms = -1);
  int32_t partitions() const { return static_cast<int32_t>(partitions_.size()); }
  Offset size(int32_t partition) const { return partitions_[static_cast<size_t>(partition)].size; }

  // Records whose bytes lie one behind the other, with 64 readable bytes behind the last.
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t capacity = 0;
    size_t used = 0;
    std::vector<Record> records;
  };
  const std::vector<Block>& blocks(int32_t partition) const { return partitions_[static_cast<size_t>(partition)].blocks; }

 private:
  struct Partition {
    std::vector<Block> blocks;
    Offset size = 0;
  };
  std::vector<Partition> partitions_;
};

// Any thread.
class MemoryTopics {
 public:
  std::shared_ptr<MemoryTopic> Create(const std::string& name, int32_t partitions = 1);  // replaces one of that name; sources keep the old
  std::shared_ptr<MemoryTopic> Find(const std::string& name) const;                      // nullptr: none
  std::vector<std::string> Names() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<MemoryTopic>> topics_;
};

// Options: topic. The source is bounded and is read once from end to end.
ConnectorDescriptor MemoryConnector(std::shared_ptr<MemoryTopics> topics);

}  // namespace kappa
