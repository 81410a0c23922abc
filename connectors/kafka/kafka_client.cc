#include "connectors/kafka/kafka_client.h"

#include <algorithm>
#include <array>

#include "connectors/kafka/kafka_configuration.h"

namespace kappa::kafka {
namespace {

constexpr int kWarning = 4;  // syslog's level

struct TopicHandle {
  TopicHandle(rd_kafka_t* handle, const std::string& name) : topic(rd_kafka_topic_new(handle, name.c_str(), nullptr)) {}
  ~TopicHandle() {
    if (topic != nullptr) rd_kafka_topic_destroy(topic);
  }
  TopicHandle(const TopicHandle&) = delete;
  TopicHandle& operator=(const TopicHandle&) = delete;
  rd_kafka_topic_t* topic;
};

TopicInfo ToTopicInfo(const rd_kafka_metadata_topic_t& topic) {
  TopicInfo info{topic.topic, {}};
  for (int i = 0; i < topic.partition_cnt; ++i) info.partitions.push_back(topic.partitions[i].id);
  std::sort(info.partitions.begin(), info.partitions.end());
  return info;
}

}  // namespace

bool MeansMissing(rd_kafka_resp_err_t error) {
  constexpr int kInconsistentTopicId = 103;  // of the protocol; librdkafka 2.8 has no name for it
  return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID ||
         static_cast<int>(error) == kInconsistentTopicId;
}

bool IsTransient(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE:
      return true;
    default:
      return false;
  }
}

StatusOr<std::shared_ptr<KafkaClient>> KafkaClient::Create(rd_kafka_type_t type, const KafkaSettings& settings, os::Environment* environment,
                                                           const std::vector<Property>& defaults, const std::vector<Property>& fixed,
                                                           void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*)) {
  Configuration configuration;
  // Metrics for the broker are pushed once more when a client is closed, which then waits up to a second for it.
  std::vector<Property> all_defaults = {{"enable.metrics.push", "false"}};
  all_defaults.insert(all_defaults.end(), defaults.begin(), defaults.end());
  RETURN_IF_ERROR(configuration.Fill(settings, all_defaults, fixed));
  std::shared_ptr<KafkaClient> client(new KafkaClient(settings, environment));
  rd_kafka_conf_set_opaque(configuration.get(), client.get());
  rd_kafka_conf_set_log_cb(configuration.get(), &KafkaClient::OnLog);
  rd_kafka_conf_set_error_cb(configuration.get(), &KafkaClient::OnError);
  if (delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(configuration.get(), delivered);
  std::array<char, 512> reason{};
  client->handle_ = rd_kafka_new(type, configuration.get(), reason.data(), reason.size());
  if (client->handle_ == nullptr) {
    return SqlError(sqlstate::kInvalidParameterValue) << "the Kafka client refuses its configuration: " << reason.data();
  }
  configuration.Release();  // owned by the handle now
  return client;
}

KafkaClient::~KafkaClient() {
  if (handle_ != nullptr) rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaClient::OnLog(const rd_kafka_t* handle, int level, const char* /*facility*/, const char* text) {
  auto* client = static_cast<KafkaClient*>(rd_kafka_opaque(handle));
  if (client == nullptr || level > kWarning) return;
  const std::lock_guard lock(client->mutex_);
  client->complaint_ = text;
}

void KafkaClient::OnError(rd_kafka_t* /*handle*/, int code, const char* reason, void* opaque) {
  auto* client = static_cast<KafkaClient*>(opaque);
  const std::lock_guard lock(client->mutex_);
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    if (client->down_since_ms_ < 0) client->down_since_ms_ = client->NowMs();
    return;  // says only how many
  }
  client->complaint_ = reason;
}

std::string KafkaClient::LastComplaint() {
  const std::lock_guard lock(mutex_);
  return complaint_;
}

int64_t KafkaClient::DownSinceMs() {
  const std::lock_guard lock(mutex_);
  return down_since_ms_;
}

void KafkaClient::NoteAnswer() {
  const std::lock_guard lock(mutex_);
  down_since_ms_ = -1;
}

bool KafkaClient::AnswersWithin(int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(handle_, 0, nullptr, &metadata, timeout_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  rd_kafka_metadata_destroy(metadata);
  NoteAnswer();
  return true;
}

Status KafkaClient::Unreachable(SqlState state, std::string_view attempt, int64_t waited_ms) {
  Serve();
  const std::string complaint = LastComplaint();
  SqlError error(state);
  error << attempt << ": no answer from Kafka at '" << settings_.brokers << "', tried again and again for " << (waited_ms + 50) / 1000 << "."
        << (waited_ms + 50) / 100 % 10 << " s";
  if (!complaint.empty()) error << "; last: " << complaint;
  return error << Hint("is the broker running, and its address as seen from here? properties.bootstrap.server and connect.timeout are options");
}

StatusOr<std::vector<TopicInfo>> KafkaClient::Metadata(rd_kafka_topic_t* topic, int64_t deadline_ms, rd_kafka_resp_err_t* topic_error) {
  const int64_t started = NowMs();
  *topic_error = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (;;) {
    const int64_t left = std::max<int64_t>(1, deadline_ms - NowMs());
    const rd_kafka_metadata_t* metadata = nullptr;
    const rd_kafka_resp_err_t error = rd_kafka_metadata(handle_, topic == nullptr ? 1 : 0, topic, &metadata, static_cast<int>(left));
    Serve();
    std::vector<TopicInfo> topics;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        topics.push_back(ToTopicInfo(metadata->topics[i]));
        if (topic != nullptr) *topic_error = metadata->topics[i].err;
      }
      rd_kafka_metadata_destroy(metadata);
      if (!IsTransient(*topic_error)) return topics;
    } else if (!IsTransient(error)) {
      return SqlError(sqlstate::kCannotConnect) << "Kafka at '" << settings_.brokers << "' does not describe its topics: " << rd_kafka_err2str(error);
    }
    if (NowMs() >= deadline_ms) return Unreachable(sqlstate::kCannotConnect, "cannot read the list of topics", NowMs() - started);
    Serve(50);  // a pause before the next attempt
  }
}

StatusOr<TopicInfo> KafkaClient::DescribeTopic(const std::string& topic) {
  const int64_t deadline = NowMs() + settings_.connect_timeout_ms;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  {
    const TopicHandle handle(handle_, topic);
    ASSIGN_OR_RETURN(const std::vector<TopicInfo> found, Metadata(handle.topic, deadline, &error));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && !found.empty() && !found[0].partitions.empty()) return found[0];
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && !MeansMissing(error)) {
    return SqlError(sqlstate::kCannotConnect) << "topic '" << topic << "' at '" << settings_.brokers << "': " << rd_kafka_err2str(error);
  }
  std::vector<std::string> names;
  if (const auto all = ListTopics(); all.ok()) {
    for (const TopicInfo& info : *all) names.push_back(info.name);
  }
  const Hint near = DidYouMean(topic, names);
  return SqlError(sqlstate::kUndefinedTable) << "Kafka at '" << settings_.brokers << "' has no topic '" << topic << "'"
                                             << (near.text.empty() ? Hint("kappa topic create makes one, kappa topic list shows those that exist")
                                                                   : near);
}

StatusOr<std::vector<TopicInfo>> KafkaClient::ListTopics() {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  ASSIGN_OR_RETURN(std::vector<TopicInfo> topics, Metadata(nullptr, NowMs() + settings_.connect_timeout_ms, &error));
  std::sort(topics.begin(), topics.end(), [](const TopicInfo& a, const TopicInfo& b) { return a.name < b.name; });
  return topics;
}

StatusOr<OffsetRange> KafkaClient::Range(const std::string& topic, int32_t partition, int64_t patience_ms) {
  const int64_t started = NowMs();
  const int64_t deadline = started + patience_ms;
  for (;;) {
    OffsetRange range;
    const int64_t left = std::max<int64_t>(1, deadline - NowMs());
    const rd_kafka_resp_err_t error =
        rd_kafka_query_watermark_offsets(handle_, topic.c_str(), partition, &range.begin, &range.end, static_cast<int>(left));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return range;
    Serve();
    if (MeansMissing(error)) {
      // The client also says so when it has merely lost its brokers: ask them.
      ASSIGN_OR_RETURN(const TopicInfo info, DescribeTopic(topic));
      if (std::binary_search(info.partitions.begin(), info.partitions.end(), partition) && NowMs() < deadline) {
        Serve(50);
        continue;
      }
      return SqlError(sqlstate::kUndefinedTable) << "Kafka at '" << settings_.brokers << "' has no partition " << partition << " of topic '" << topic
                                                 << "'";
    }
    const std::string attempt = "cannot ask for the offsets of " + topic + "/" + std::to_string(partition);
    if (!IsTransient(error)) return SqlError(sqlstate::kConnectionFailure) << attempt << ": " << rd_kafka_err2str(error);
    if (NowMs() >= deadline) return Unreachable(sqlstate::kConnectionFailure, attempt, NowMs() - started);
    Serve(50);
  }
}

StatusOr<Offset> KafkaClient::OffsetAtTime(const std::string& topic, int32_t partition, int64_t timestamp_ms) {
  ASSIGN_OR_RETURN(const OffsetRange range, Range(topic, partition));
  rd_kafka_topic_partition_list_t* query = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(query, topic.c_str(), partition)->offset = timestamp_ms;
  rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(handle_, query, static_cast<int>(settings_.connect_timeout_ms));
  const rd_kafka_topic_partition_t answer = query->elems[0];
  rd_kafka_topic_partition_list_destroy(query);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = answer.err;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return SqlError(sqlstate::kConnectionFailure) << "cannot find the offset of a time in " << topic << "/" << partition << ": "
                                                  << rd_kafka_err2str(error);
  }
  return answer.offset < 0 ? range.end : answer.offset;
}

}  // namespace kappa::kafka
