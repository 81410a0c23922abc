// The embedded log of one data directory: its topics, the writers that are open in this process, and whoever wants to know of appends.
//
//   DATA/log/TOPIC.topic           {"version":1,"partitions":4,"id":"...",...}
//   DATA/log/TOPIC.writers/        what its exactly-once writers have committed (writer_commits.h)
//   DATA/log/TOPIC-0/              segments (segment.h), writer.lock, producers.json
//   A directory TOPIC-N without a .topic file (copied from a broker) is a topic too, of as many partitions as there are directories.
//
// Any thread may call anything here. Also what `kappa topic` is made of, with TopicProducer (topic_producer.h) and LogPartitionReader.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "common/source.h"
#include "connectors/log/partition_end.h"
#include "connectors/log/partition_log.h"

namespace kappa::log {

struct TopicSpec {
  int32_t partitions = 1;
  uint64_t segment_bytes = PartitionLogOptions().segment_bytes;
  Compression compression = Compression::kNone;  // of what is produced
  Retention retention = {};
  bool made_here = false;  // not copied from a broker
  std::string id{};        // random, given when the topic is made: another topic of the same name has another; "": not known
};

class LogDirectory : public std::enable_shared_from_this<LogDirectory> {
 public:
  // Touches nothing on the disk yet. `sync` false: for tests and scratch data.
  static std::shared_ptr<LogDirectory> Open(os::Environment& environment, const std::string& data_directory, bool sync = true);

  // The same for a directory of topics that is no data directory: a broker's.
  static std::shared_ptr<LogDirectory> OpenTopics(os::Environment& environment, const std::string& directory);

  // 22023: not a name for a topic (letters, digits, '.', '_', '-'; at most 249) or a bad spec.  42710: it exists.
  Status CreateTopic(const std::string& topic, const TopicSpec& spec);
  // 42704 with the nearest name when there is no such topic.
  StatusOr<TopicSpec> Describe(const std::string& topic);
  StatusOr<std::vector<std::string>> ListTopics();
  // 55006 while anybody writes to it. Readers get what they have read already, then 58K01.
  Status DeleteTopic(const std::string& topic);

  // The process's one writer of the partition, made when first asked for and closed when the last owner lets go. 55006: another process has it. Ends
  // the transactions that a crashed writer has left in it.
  StatusOr<std::shared_ptr<PartitionLog>> Writer(const std::string& topic, int32_t partition);
  StatusOr<std::unique_ptr<PartitionReader>> Reader(const std::string& topic, int32_t partition, const RecordNeeds& needs);
  StatusOr<OffsetRange> Range(const std::string& topic, int32_t partition);
  // What all of this process share that ask where the partition ends.
  StatusOr<std::shared_ptr<PartitionEnd>> End(const std::string& topic, int32_t partition);
  StatusOr<std::vector<OffsetRange>> Ranges(const std::string& topic);  // by partition

  // `wake` is called after every append of this process to `topic`, by the appending thread, until the ticket is destroyed.
  std::shared_ptr<void> Subscribe(const std::string& topic, std::function<void()> wake);

  std::string WritersDirectory(const std::string& topic) const { return root_ + "/" + topic + ".writers"; }
  os::Environment& environment() { return environment_; }

 private:
  LogDirectory(os::Environment& environment, std::string root, bool sync) : environment_(environment), root_(std::move(root)), sync_(sync) {}
  std::string PartitionDirectory(const std::string& topic, int32_t partition) const;
  Status CheckPartition(const std::string& topic, const TopicSpec& spec, int32_t partition) const;
  void Notify(const std::string& topic);
  std::shared_ptr<PartitionEnd> EndOf(const std::string& topic, int32_t partition, const TopicSpec& spec);

  os::Environment& environment_;
  const std::string root_;
  const bool sync_;
  std::mutex mutex_;                                            // of writers_ and ends_, and of creating and deleting topics
  std::map<std::string, std::weak_ptr<PartitionLog>> writers_;  // by topic-partition
  std::map<std::string, std::weak_ptr<PartitionEnd>> ends_;     // likewise
  std::mutex subscribers_mutex_;
  int64_t next_ticket_ = 0;
  std::map<std::string, std::map<int64_t, std::function<void()>>> subscribers_;
};

// One LogDirectory per data directory, so that all writers of a process meet.
class LogDirectories {
 public:
  std::shared_ptr<LogDirectory> Get(os::Environment& environment, const std::string& data_directory);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<LogDirectory>> directories_;
};

}  // namespace kappa::log
