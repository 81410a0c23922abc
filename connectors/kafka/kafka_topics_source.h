// Several topics as one source: those of a list, or all whose names match a pattern, also those that are made later.
//
//   partition of the source = number of the topic << 16 | the topic's own partition
//
// The number of a topic in a list is its place there. Of a pattern, topics are numbered as they are found, and DIRECTORY/CRC-OF-PATTERN.json
// remembers the numbers, so that positions mean the same after a restart.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_source.h"

namespace kappa::kafka {

// The numbers of names. Any thread.
class TopicNumbers {
 public:
  // `path`: "" keeps them in memory alone. XX001: the file is damaged.
  static StatusOr<std::unique_ptr<TopicNumbers>> Open(os::FileSystem& files, std::string path, std::string pattern);
  // Gives those that have none the next ones, and remembers them.
  StatusOr<std::map<std::string, int32_t>> Numbers(const std::vector<std::string>& names);

 private:
  TopicNumbers(os::FileSystem& files, std::string path, std::string pattern) : files_(files), path_(std::move(path)), pattern_(std::move(pattern)) {}
  Status Load();
  os::FileSystem& files_;
  const std::string path_, pattern_;
  std::mutex mutex_;
  std::map<std::string, int32_t> numbers_;
};

class KafkaTopicsSource final : public Source {
 public:
  // `directory`: where numbers are remembered; "": nowhere. 42P01: a topic of the list is not there, or nothing matches the pattern. 22023: the
  // pattern is none.
  static StatusOr<std::unique_ptr<Source>> Open(const KafkaSettings& settings, const std::string& directory, os::Environment* environment);

  std::string name() const override { return settings_.topic; }
  // Of a pattern: asks for topics that are new. A topic that is gone keeps its readers, which fail.
  StatusOr<std::vector<int32_t>> Partitions() override;
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds& needs) override;
  bool bounded() const override { return settings_.bounded; }
  StatusOr<std::string> Identity() override;
  void OnArrival(std::function<void()> wake) override;

 private:
  struct Topic {
    std::string name;
    std::unique_ptr<Source> source;
  };
  KafkaTopicsSource(const KafkaSettings& settings, os::Environment* environment) : settings_(settings), environment_(environment) {}
  Status OpenTopics(const std::vector<std::string>& names);
  StatusOr<std::vector<std::string>> Matching();

  const KafkaSettings settings_;
  os::Environment* const environment_;
  std::unique_ptr<KafkaAdmin> admin_;      // of a pattern
  std::unique_ptr<TopicNumbers> numbers_;  // of a pattern
  std::mutex mutex_;                       // guards what follows
  std::map<int32_t, Topic> topics_;        // by number
  std::function<void()> wake_;
};

}  // namespace kappa::kafka
