// A Kafka topic as a source: one client, a queue a partition.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/source.h"
#include "connectors/kafka/kafka_client.h"

namespace kappa::kafka {

// Called from librdkafka's threads, so it lives as long as any reader.
class Arrival {
 public:
  void Set(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void Notify() {
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
};

class KafkaSource final : public Source {
 public:
  // Connects, and finds the topic. Errors as KafkaClient::DescribeTopic.
  static StatusOr<std::unique_ptr<Source>> Open(const KafkaSettings& settings, os::Environment* environment);
  ~KafkaSource() override;

  std::string name() const override { return client_->settings().topic; }
  StatusOr<std::vector<int32_t>> Partitions() override;
  // The position is what scan.startup.mode says. Range().end is the present end once and for all when the source is bounded. An empty batch of Poll
  // may have moved the position: transaction markers and aborted records use up offsets.
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds& needs) override;
  bool bounded() const override { return client_->settings().bounded; }
  void OnArrival(std::function<void()> wake) override { arrival_->Set(std::move(wake)); }

 private:
  explicit KafkaSource(std::shared_ptr<KafkaClient> client) : client_(std::move(client)), arrival_(std::make_shared<Arrival>()) {}
  StatusOr<Offset> StartOffset(int32_t partition, const OffsetRange& range);

  const std::shared_ptr<KafkaClient> client_;
  const std::shared_ptr<Arrival> arrival_;
};

}  // namespace kappa::kafka
