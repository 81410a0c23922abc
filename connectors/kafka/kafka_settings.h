// What the WITH options of a Kafka source or sink say, checked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/connector.h"
#include "common/record.h"
#include "common/status.h"

namespace kappa::kafka {

// Where a source starts in a partition that nobody has placed with Seek.
struct StartPosition {
  enum class Kind { kEarliest, kLatest, kTimestamp, kOffsets };
  Kind kind = Kind::kEarliest;
  int64_t timestamp_ms = 0;
  std::map<int32_t, Offset> offsets;  // partitions that are not listed start at the earliest
};

struct KafkaSettings {
  std::string topic;                                            // as written; "": none was given (the admin client needs none)
  std::vector<std::string> topics;                              // of a list; of one topic that
  bool topic_pattern = false;                                   // `topic` is a regular expression for whole names
  std::string brokers;                                          // host:port,...
  std::vector<std::pair<std::string, std::string>> properties;  // librdkafka's, in the order of their names, without bootstrap.servers
  StartPosition start;
  bool bounded = false;  // scan.bounded.mode = 'latest'
  int64_t connect_timeout_ms = 10'000;
  int64_t disconnect_timeout_ms = 60'000;  // a running source whose brokers are all gone gives up after it
  int64_t delivery_timeout_ms = 30'000;
  int32_t partitions = 0;    // sink: creates a missing topic with so many; 0: does not
  int32_t replication = -1;  // of a created topic; -1: the broker's default
};

// 22023: an option or property with a value that means nothing (the value of a secret is never shown). 42P02-like omissions are 22023 too.
// `topic`: a name, 'a,b,c', or a pattern such as '^orders-.*'. Options that are not the connector's are left to the planner, which knows the whole
// list.
StatusOr<KafkaSettings> ParseKafkaSettings(const Options& options);

// '10 s', '500 ms', '2 minutes', '1h'; a bare number is milliseconds. nullopt: not a duration.
std::optional<int64_t> ParseDurationMs(std::string_view text);

// 22023 for a topic name that no broker would take.
Status CheckTopicName(const std::string& topic);

}  // namespace kappa::kafka
