#include "connectors/kafka/kafka_admin.h"

#include <array>
#include <functional>

namespace kappa::kafka {
namespace {

using Options = std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

// Sends a request with `send` and waits for its event; nullptr when none came in time.
Event Ask(KafkaClient& client, rd_kafka_admin_op_t operation, const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send) {
  const auto timeout = static_cast<int>(client.settings().connect_timeout_ms);
  std::array<char, 256> reason{};
  const Options options(rd_kafka_AdminOptions_new(client.handle(), operation), &rd_kafka_AdminOptions_destroy);
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, reason.data(), reason.size());
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout, reason.data(), reason.size());
  const Queue queue(rd_kafka_queue_new(client.handle()), &rd_kafka_queue_destroy);
  send(options.get(), queue.get());
  return Event(rd_kafka_queue_poll(queue.get(), timeout + 2000), &rd_kafka_event_destroy);
}

// What the broker says about the one topic of a request.
struct Answer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  std::string reason;
};

Answer Read(rd_kafka_event_t* event, const rd_kafka_topic_result_t** (*topics)(rd_kafka_event_t*, size_t*)) {
  if (event == nullptr) return {};
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) return {rd_kafka_event_error(event), rd_kafka_event_error_string(event)};
  size_t count = 0;
  const rd_kafka_topic_result_t** results = topics(event, &count);
  if (count == 0) return {RD_KAFKA_RESP_ERR__FAIL, "the answer names no topic"};
  const char* reason = rd_kafka_topic_result_error_string(results[0]);
  return {rd_kafka_topic_result_error(results[0]), reason == nullptr ? "" : reason};
}

const rd_kafka_topic_result_t** CreatedTopics(rd_kafka_event_t* event, size_t* count) {
  return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
}

const rd_kafka_topic_result_t** DeletedTopics(rd_kafka_event_t* event, size_t* count) {
  return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
}

}  // namespace

StatusOr<std::unique_ptr<KafkaAdmin>> KafkaAdmin::Connect(const KafkaSettings& settings, os::Environment* environment) {
  // A consumer: a producer's questions about topics make them where the broker allows it.
  ASSIGN_OR_RETURN(std::shared_ptr<KafkaClient> client,
                   KafkaClient::Create(RD_KAFKA_CONSUMER, settings, environment,
                                       {{"client.id", "kappa"}, {"isolation.level", "read_committed"}, {"reconnect.backoff.max.ms", "1000"}},
                                       {{"allow.auto.create.topics", "false"}}));
  return std::unique_ptr<KafkaAdmin>(new KafkaAdmin(std::move(client)));
}

Status KafkaAdmin::CreateTopic(const std::string& name, int32_t partitions, int32_t replication,
                               const std::map<std::string, std::string>& configuration) {
  RETURN_IF_ERROR(CheckTopicName(name));
  // Also tells an unreachable broker apart, with all that was tried.
  ASSIGN_OR_RETURN(const std::vector<TopicInfo> topics, client_->ListTopics());
  for (const TopicInfo& topic : topics) {
    if (topic.name == name) return SqlError(sqlstate::kDuplicateObject) << "Kafka topic '" << name << "' exists already";
  }
  std::array<char, 512> reason{};
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, replication, reason.data(), reason.size());
  if (topic == nullptr) return SqlError(sqlstate::kInvalidParameterValue) << "Kafka topic '" << name << "': " << reason.data();
  for (const auto& [key, value] : configuration) rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
  const Event event = Ask(*client_, RD_KAFKA_ADMIN_OP_CREATETOPICS, [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(client_->handle(), &topic, 1, options, queue);
  });
  rd_kafka_NewTopic_destroy(topic);
  const Answer answer = Read(event.get(), &CreatedTopics);
  switch (answer.error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return WaitForTopic(name);
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
      return SqlError(sqlstate::kDuplicateObject) << "Kafka topic '" << name << "' exists already";
    default:
      break;
  }
  if (IsTransient(answer.error)) {
    return client_->Unreachable(sqlstate::kCannotConnect, "cannot create topic '" + name + "'", client_->settings().connect_timeout_ms);
  }
  return SqlError(sqlstate::kInvalidParameterValue)
         << "Kafka refuses to create topic '" << name << "': " << (answer.reason.empty() ? rd_kafka_err2str(answer.error) : answer.reason.c_str());
}

// The controller knows a new topic before every broker does.
Status KafkaAdmin::WaitForTopic(const std::string& name) {
  const int64_t deadline = client_->NowMs() + client_->settings().connect_timeout_ms;
  for (;;) {
    Status status = client_->DescribeTopic(name).status();
    if (status.ok() || SqlStateOf(status) != sqlstate::kUndefinedTable || client_->NowMs() >= deadline) return status;
    client_->Serve(20);
  }
}

Status KafkaAdmin::DeleteTopic(const std::string& name) {
  RETURN_IF_ERROR(client_->DescribeTopic(name).status());
  rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
  const Event event = Ask(*client_, RD_KAFKA_ADMIN_OP_DELETETOPICS, [&](rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopics(client_->handle(), &topic, 1, options, queue);
  });
  rd_kafka_DeleteTopic_destroy(topic);
  const Answer answer = Read(event.get(), &DeletedTopics);
  if (answer.error == RD_KAFKA_RESP_ERR_NO_ERROR) return OkStatus();
  return SqlError(sqlstate::kConnectionFailure) << "cannot delete Kafka topic '" << name
                                                << "': " << (answer.reason.empty() ? rd_kafka_err2str(answer.error) : answer.reason.c_str());
}

StatusOr<std::vector<TopicInfo>> KafkaAdmin::ListTopics() {
  ASSIGN_OR_RETURN(std::vector<TopicInfo> topics, client_->ListTopics());
  std::erase_if(topics, [](const TopicInfo& topic) { return topic.name.compare(0, 2, "__") == 0; });
  return topics;
}

}  // namespace kappa::kafka
