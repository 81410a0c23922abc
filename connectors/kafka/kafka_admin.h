// Topics of a Kafka cluster, for `kappa topic` and for sinks that make theirs. Records are written with KafkaProducer and read with KafkaSource.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "common/record.h"
#include "common/status.h"
#include "connectors/kafka/kafka_client.h"

namespace kappa::kafka {

// Any thread. Every call waits at most connect.timeout; 08001 when nobody answers.
class KafkaAdmin {
 public:
  // settings.topic is not looked at.
  static StatusOr<std::unique_ptr<KafkaAdmin>> Connect(const KafkaSettings& settings, os::Environment* environment);

  // `configuration`: topic settings (cleanup.policy, retention.ms, ...). Returns when the topic can be written to.
  // 42710: it exists. 22023: a name, number or setting the broker refuses, with its reason.
  Status CreateTopic(const std::string& name, int32_t partitions, int32_t replication, const std::map<std::string, std::string>& configuration);
  // 42P01: there is none.
  Status DeleteTopic(const std::string& name);
  // Without the cluster's own (their names begin with two underscores), by name.
  StatusOr<std::vector<TopicInfo>> ListTopics();
  StatusOr<TopicInfo> DescribeTopic(const std::string& name) { return client_->DescribeTopic(name); }
  StatusOr<OffsetRange> Range(const std::string& topic, int32_t partition) { return client_->Range(topic, partition); }

 private:
  explicit KafkaAdmin(std::shared_ptr<KafkaClient> client) : client_(std::move(client)) {}
  Status WaitForTopic(const std::string& name);

  const std::shared_ptr<KafkaClient> client_;
};

}  // namespace kappa::kafka
