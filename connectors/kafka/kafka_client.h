// One rd_kafka_t and what every use of it needs: configuration with our settings, the last thing it complained of, questions with deadlines.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/os/environment.h"
#include "common/status.h"
#include "connectors/kafka/kafka_settings.h"

namespace kappa::kafka {

struct TopicInfo {
  std::string name;
  std::vector<int32_t> partitions;  // ascending
};

// Any thread. Whoever holds messages of a client holds the client.
class KafkaClient {
 public:
  using Property = std::pair<const char*, const char*>;
  // `fixed`: settings that the user may not change; `defaults`: those he may. Does not talk to a broker yet.
  // 22023: a property librdkafka does not know (with "did you mean"), or a value it refuses.
  static StatusOr<std::shared_ptr<KafkaClient>> Create(rd_kafka_type_t type, const KafkaSettings& settings, os::Environment* environment,
                                                       const std::vector<Property>& defaults, const std::vector<Property>& fixed,
                                                       void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr);
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  rd_kafka_t* handle() const { return handle_; }
  const KafkaSettings& settings() const { return settings_; }
  // Monotonic, milliseconds.
  int64_t NowMs() const { return environment_->clock().MonotonicNanos() / 1'000'000; }

  // Waits for a broker at most connect.timeout. 08001: none answered; says where, how long, and the last complaint.
  // 42P01: there is no such topic (with "did you mean").
  StatusOr<TopicInfo> DescribeTopic(const std::string& topic);
  StatusOr<std::vector<TopicInfo>> ListTopics();
  // First and next offset; under read_committed the latter is the last stable offset. Waits at most connect.timeout.
  StatusOr<OffsetRange> Range(const std::string& topic, int32_t partition) { return Range(topic, partition, settings_.connect_timeout_ms); }
  StatusOr<OffsetRange> Range(const std::string& topic, int32_t partition, int64_t patience_ms);
  // First offset whose record has this timestamp or a later one; the end when there is none.
  StatusOr<Offset> OffsetAtTime(const std::string& topic, int32_t partition, int64_t timestamp_ms);

  // Serves callbacks; call now and then. Delivery reports arrive in here.
  void Serve(int timeout_ms = 0) { rd_kafka_poll(handle_, timeout_ms); }
  // Since when every broker has been unreachable (NowMs), -1 when some is not known to be.
  int64_t DownSinceMs();
  void NoteAnswer();  // a broker has been heard: clears it
  // Asks once, waits at most `timeout_ms`; clears DownSinceMs when somebody answers.
  bool AnswersWithin(int timeout_ms);
  // 08001 / 08006 in one form: what was attempted, at which addresses, how long it took, the last complaint.
  Status Unreachable(SqlState state, std::string_view attempt, int64_t waited_ms);
  std::string LastComplaint();

 private:
  KafkaClient(const KafkaSettings& settings, os::Environment* environment) : settings_(settings), environment_(environment) {}
  static void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text);
  static void OnError(rd_kafka_t* handle, int code, const char* reason, void* opaque);
  StatusOr<std::vector<TopicInfo>> Metadata(rd_kafka_topic_t* topic, int64_t deadline_ms, rd_kafka_resp_err_t* topic_error);

  const KafkaSettings settings_;
  os::Environment* const environment_;
  rd_kafka_t* handle_ = nullptr;
  std::mutex mutex_;
  std::string complaint_;  // of librdkafka, the last at level warning or worse
  int64_t down_since_ms_ = -1;
};

// "leader not available" and the like: asking again may help.
bool IsTransient(rd_kafka_resp_err_t error);
// There is no such topic or partition, as far as whoever says so knows.
bool MeansMissing(rd_kafka_resp_err_t error);

}  // namespace kappa::kafka
