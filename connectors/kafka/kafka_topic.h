// A topic that is being read, and what may be asked about it meanwhile.
//
//   client()      fetches. An answer on its connections waits behind a fetch that waits for records (fetch.wait.max.ms).
//   a second one  asks, from the moment the first one fetches.
//
// A topic of the same name that was made anew is another log: the topic's id tells (Kafka 2.8 and later). It is looked at every second, without
// waiting; once it has changed, or the topic has been gone for some time, everything here answers so for ever.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"

namespace kappa::kafka {

// Any thread.
class KafkaTopic {
 public:
  // Connects, and finds the topic. Errors as KafkaClient::DescribeTopic.
  static StatusOr<std::shared_ptr<KafkaTopic>> Open(const KafkaSettings& settings, os::Environment* environment);
  ~KafkaTopic();

  const std::shared_ptr<KafkaClient>& client() const { return client_; }
  const std::string& name() const { return client_->settings().topic; }
  void FetchingBegins() { fetching_.store(true); }

  // As KafkaClient's, but with a second's patience while no broker is known to answer.
  StatusOr<OffsetRange> Range(int32_t partition);
  StatusOr<Offset> OffsetAtTime(int32_t partition, int64_t timestamp_ms);
  // As the cluster said within the last seconds: asks it, and waits a moment (kMomentMs) for the answer at most; one that comes later is given next
  // time.
  StatusOr<std::vector<int32_t>> Partitions();
  // "": the cluster has no ids. Waits at most connect.timeout the first time.
  StatusOr<std::string> Identity();

  // Asks again when it is time to, takes the answer when it is there, never waits. `suspicious`: something said that the topic is gone; ask now.
  void Watch(bool suspicious = false);
  // 58K01: another topic has its name.  08006: it was deleted. Cheap.
  Status Lost();

 private:
  static constexpr int kMomentMs = 50;
  static constexpr int64_t kWatchMs = 1000;
  static constexpr int64_t kGoneMs = 5000;  // a broker that has just started may not know of its topics yet

  KafkaTopic(std::shared_ptr<KafkaClient> client, os::Environment* environment, TopicInfo info);
  StatusOr<KafkaClient*> Asking();
  int64_t PatienceMs();
  // Sends a question unless one is on its way, waits for the answer at most `patience_ms`. True: one has come, whatever it says.
  StatusOr<bool> Ask(int patience_ms);
  void TakeAnswer(rd_kafka_event_t* event);

  const std::shared_ptr<KafkaClient> client_;
  os::Environment* const environment_;
  std::atomic<bool> fetching_{false};
  std::atomic<bool> is_lost_{false};

  std::mutex asking_mutex_;
  std::shared_ptr<KafkaClient> asking_;

  std::mutex mutex_;                     // guards what follows; held while an answer is waited for
  rd_kafka_queue_t* answers_ = nullptr;  // of the question that is on its way
  int64_t asked_ms_ = 0;                 // when the last answer came
  std::vector<int32_t> partitions_;
  std::string id_;
  int64_t gone_since_ms_ = -1;
  Status lost_;
};

}  // namespace kappa::kafka
