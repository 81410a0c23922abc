// A Kafka topic as a source: one client, a queue a partition.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/source.h"
#include "connectors/kafka/kafka_topic.h"

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
  // Errors as KafkaTopic::Open.
  static StatusOr<std::unique_ptr<Source>> Open(const KafkaSettings& settings, os::Environment* environment);
  ~KafkaSource() override;

  std::string name() const override { return topic_->name(); }
  // May be asked every few seconds: waits a moment at most. 58K01: the topic was made anew meanwhile; 08006: it was deleted.
  StatusOr<std::vector<int32_t>> Partitions() override { return topic_->Partitions(); }
  // The position is what scan.startup.mode says. Range().end is the present end once and for all when the source is bounded. An empty batch of Poll
  // may have moved the position: transaction markers and aborted records use up offsets.
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds& needs) override;
  bool bounded() const override { return settings().bounded; }
  StatusOr<std::string> Identity() override { return topic_->Identity(); }
  void OnArrival(std::function<void()> wake) override { arrival_->Set(std::move(wake)); }

 private:
  explicit KafkaSource(std::shared_ptr<KafkaTopic> topic) : topic_(std::move(topic)), arrival_(std::make_shared<Arrival>()) {}
  const KafkaSettings& settings() const { return topic_->client()->settings(); }
  StatusOr<Offset> StartOffset(int32_t partition, const OffsetRange& range);

  const std::shared_ptr<KafkaTopic> topic_;
  const std::shared_ptr<Arrival> arrival_;
};

}  // namespace kappa::kafka
