#include "connectors/kafka/kafka_topic.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kappa::kafka {
namespace {

// What librdkafka may hold ahead of us, all partitions together and each.
constexpr size_t kQueuedKilobytes = 64 << 10;
constexpr size_t kMaxPartitionKilobytes = 32 << 10;
constexpr size_t kMinPartitionKilobytes = 1 << 10;

StatusOr<std::shared_ptr<KafkaClient>> Connect(const KafkaSettings& settings, os::Environment* environment, size_t partitions) {
  const size_t kilobytes = std::clamp(kQueuedKilobytes / std::max<size_t>(partitions, 1), kMinPartitionKilobytes, kMaxPartitionKilobytes);
  const std::string queued = std::to_string(kilobytes);
  return KafkaClient::Create(RD_KAFKA_CONSUMER, settings, environment,
                             {{"client.id", "kappa"},
                              {"isolation.level", "read_committed"},
                              {"check.crcs", "true"},
                              {"fetch.wait.max.ms", "100"},
                              {"fetch.queue.backoff.ms", "2"},  // a full queue is looked at again at once
                              {"queued.max.messages.kbytes", queued.c_str()},
                              {"reconnect.backoff.max.ms", "1000"},
                              {"topic.metadata.refresh.interval.ms", "60000"}},
                             {{"enable.auto.commit", "false"},  // the journal keeps positions
                              {"enable.auto.offset.store", "false"},
                              {"enable.partition.eof", "true"},  // tells of offsets without records
                              {"auto.offset.reset", "error"},    // lost records are an error, not a jump
                              {"allow.auto.create.topics", "false"}});
}

std::string IdText(const rd_kafka_Uuid_t* id) {
  const bool none = id == nullptr || (rd_kafka_Uuid_most_significant_bits(id) == 0 && rd_kafka_Uuid_least_significant_bits(id) == 0);
  return none ? std::string() : rd_kafka_Uuid_base64str(id);
}

}  // namespace

StatusOr<std::shared_ptr<KafkaTopic>> KafkaTopic::Open(const KafkaSettings& settings, os::Environment* environment) {
  if (settings.topic.empty()) { return SqlError(sqlstate::kInvalidParameterValue) << "connector 'kafka' needs a topic" << Hint("topic = 'name'"); }
  ASSIGN_OR_RETURN(std::shared_ptr<KafkaClient> client, Connect(settings, environment, 1));
  ASSIGN_OR_RETURN(TopicInfo info, client->DescribeTopic(settings.topic));
  // The limit is a partition's, and fixed when a client is made: many partitions get a new client with less for each. The first one goes on asking.
  std::shared_ptr<KafkaClient> first;
  if (info.partitions.size() > kQueuedKilobytes / kMaxPartitionKilobytes) {
    first = client;
    ASSIGN_OR_RETURN(client, Connect(settings, environment, info.partitions.size()));
  }
  std::shared_ptr<KafkaTopic> topic(new KafkaTopic(std::move(client), environment, std::move(info)));
  topic->asking_ = std::move(first);
  const std::lock_guard lock(topic->mutex_);
  RETURN_IF_ERROR(topic->Ask(0).status());  // its id as it is now, whenever the answer is looked at
  return topic;
}

KafkaTopic::KafkaTopic(std::shared_ptr<KafkaClient> client, os::Environment* environment, TopicInfo info)
    : client_(std::move(client)), environment_(environment), asked_ms_(client_->NowMs()), partitions_(std::move(info.partitions)) {}

KafkaTopic::~KafkaTopic() {
  if (answers_ != nullptr) rd_kafka_queue_destroy(answers_);
}

StatusOr<KafkaClient*> KafkaTopic::Asking() {
  const std::lock_guard lock(asking_mutex_);
  if (asking_ != nullptr) return asking_.get();
  if (!fetching_.load()) return client_.get();
  ASSIGN_OR_RETURN(asking_, Connect(client_->settings(), environment_, 1));
  return asking_.get();
}

int64_t KafkaTopic::PatienceMs() {
  const int64_t whole = client_->settings().connect_timeout_ms;
  return client_->DownSinceMs() < 0 ? whole : std::min<int64_t>(whole, 1000);
}

StatusOr<OffsetRange> KafkaTopic::Range(int32_t partition) {
  RETURN_IF_ERROR(Lost());
  ASSIGN_OR_RETURN(KafkaClient * asking, Asking());
  return asking->Range(name(), partition, PatienceMs());
}

StatusOr<Offset> KafkaTopic::OffsetAtTime(int32_t partition, int64_t timestamp_ms) {
  RETURN_IF_ERROR(Lost());
  ASSIGN_OR_RETURN(KafkaClient * asking, Asking());
  return asking->OffsetAtTime(name(), partition, timestamp_ms);
}

StatusOr<bool> KafkaTopic::Ask(int patience_ms) {
  if (answers_ == nullptr) {
    ASSIGN_OR_RETURN(KafkaClient * asking, Asking());
    answers_ = rd_kafka_queue_new(asking->handle());
    rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(asking->handle(), RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
    std::array<char, 256> reason{};
    rd_kafka_AdminOptions_set_request_timeout(options, static_cast<int>(client_->settings().connect_timeout_ms), reason.data(), reason.size());
    const char* names[] = {name().c_str()};
    rd_kafka_TopicCollection_t* topics = rd_kafka_TopicCollection_of_topic_names(names, 1);
    rd_kafka_DescribeTopics(asking->handle(), topics, options, answers_);
    rd_kafka_TopicCollection_destroy(topics);
    rd_kafka_AdminOptions_destroy(options);
  }
  rd_kafka_event_t* event = rd_kafka_queue_poll(answers_, patience_ms);
  if (event == nullptr) return false;
  TakeAnswer(event);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(std::exchange(answers_, nullptr));
  return true;
}

void KafkaTopic::TakeAnswer(rd_kafka_event_t* event) {
  asked_ms_ = client_->NowMs();
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) return;  // nobody answered: what is known stays
  size_t count = 0;
  const rd_kafka_TopicDescription_t** topics = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
  if (count != 1) return;
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topics[0]);
  if (MeansMissing(rd_kafka_error_code(error))) {
    if (gone_since_ms_ < 0) gone_since_ms_ = asked_ms_;
    if (asked_ms_ - gone_since_ms_ < kGoneMs) return;
    lost_ = SqlError(sqlstate::kConnectionFailure) << "topic '" << name() << "' at '" << client_->settings().brokers
                                                   << "' was deleted while it was read";
    is_lost_.store(true);
    return;
  }
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  gone_since_ms_ = -1;
  const std::string id = IdText(rd_kafka_TopicDescription_topic_id(topics[0]));
  if (id_.empty()) id_ = id;
  if (!id.empty() && id != id_) {
    lost_ =
        SqlError(sqlstate::kOffsetLost) << "topic '" << name() << "' at '" << client_->settings().brokers
                                        << "' was deleted and made again while it was read (its id was " << id_ << ", now it is " << id << ")"
                                        << Hint("positions in the old topic mean nothing in the new one: ON OFFSET LOST, or another start, decides");
    is_lost_.store(true);
    return;
  }
  size_t partitions = 0;
  const rd_kafka_TopicPartitionInfo_t** infos = rd_kafka_TopicDescription_partitions(topics[0], &partitions);
  if (partitions == 0) return;
  partitions_.clear();
  for (size_t i = 0; i < partitions; ++i) partitions_.push_back(rd_kafka_TopicPartitionInfo_partition(infos[i]));
  std::sort(partitions_.begin(), partitions_.end());
}

StatusOr<std::vector<int32_t>> KafkaTopic::Partitions() {
  const std::lock_guard lock(mutex_);
  if (answers_ != nullptr || client_->NowMs() - asked_ms_ >= kMomentMs) RETURN_IF_ERROR(Ask(kMomentMs).status());
  RETURN_IF_ERROR(lost_);
  return partitions_;
}

StatusOr<std::string> KafkaTopic::Identity() {
  const std::lock_guard lock(mutex_);
  if (id_.empty()) RETURN_IF_ERROR(Ask(static_cast<int>(client_->settings().connect_timeout_ms)).status());
  RETURN_IF_ERROR(lost_);
  return id_;
}

void KafkaTopic::Watch(bool suspicious) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || is_lost_.load()) return;
  const int64_t pause = suspicious || gone_since_ms_ >= 0 ? kWatchMs / 10 : kWatchMs;
  if (answers_ != nullptr || client_->NowMs() - asked_ms_ >= pause) (void)Ask(0);  // where no client can be made, reading says so
}

Status KafkaTopic::Lost() {
  if (!is_lost_.load()) return OkStatus();
  const std::lock_guard lock(mutex_);
  return lost_;
}

}  // namespace kappa::kafka
