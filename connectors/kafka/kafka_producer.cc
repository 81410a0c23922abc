#include "connectors/kafka/kafka_producer.h"

#include <string>

#include "connectors/kafka/kafka_admin.h"

namespace kappa::kafka {
namespace {

// The record's headers for librdkafka, which takes them over when the record is accepted.
rd_kafka_headers_t* CopyHeaders(const OutgoingRecord& record) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
  for (const RecordHeader& header : record.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()), header.null_value ? nullptr : header.value.data(),
                        header.null_value ? 0 : static_cast<ssize_t>(header.value.size()));
  }
  return headers;
}

Status EnsureTopic(KafkaClient& client, os::Environment* environment) {
  const KafkaSettings& settings = client.settings();
  if (settings.partitions == 0) return client.DescribeTopic(settings.topic).status();
  ASSIGN_OR_RETURN(const std::unique_ptr<KafkaAdmin> admin, KafkaAdmin::Connect(settings, environment));
  ASSIGN_OR_RETURN(const std::vector<TopicInfo> topics, admin->ListTopics());
  for (const TopicInfo& topic : topics) {
    if (topic.name == settings.topic) return OkStatus();
  }
  const Status created = admin->CreateTopic(settings.topic, settings.partitions, settings.replication, {});
  // Somebody else may have been faster.
  if (!created.ok() && SqlStateOf(created) != sqlstate::kDuplicateObject) return created;
  return OkStatus();
}

}  // namespace

StatusOr<std::unique_ptr<KafkaProducer>> KafkaProducer::Open(const KafkaSettings& settings, os::Environment* environment) {
  if (settings.topic.empty()) { return SqlError(sqlstate::kInvalidParameterValue) << "connector 'kafka' needs a topic" << Hint("topic = 'name'"); }
  const std::string timeout = std::to_string(settings.delivery_timeout_ms);
  ASSIGN_OR_RETURN(std::shared_ptr<KafkaClient> client,
                   KafkaClient::Create(RD_KAFKA_PRODUCER, settings, environment,
                                       {{"client.id", "kappa"},
                                        {"partitioner", "murmur2_random"},  // where Java's clients put the same key
                                        {"linger.ms", "5"},
                                        {"message.timeout.ms", timeout.c_str()},
                                        {"reconnect.backoff.max.ms", "1000"}},
                                       {{"enable.idempotence", "true"}}, &KafkaProducer::OnDelivered));
  RETURN_IF_ERROR(EnsureTopic(*client, environment));
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(std::move(client)));
  if (producer->topic_ == nullptr) {
    return SqlError(sqlstate::kConnectionFailure) << "topic '" << settings.topic << "': " << rd_kafka_err2str(rd_kafka_last_error());
  }
  return producer;
}

KafkaProducer::KafkaProducer(std::shared_ptr<KafkaClient> client)
    : client_(std::move(client)), topic_(rd_kafka_topic_new(client_->handle(), client_->settings().topic.c_str(), nullptr)) {}

KafkaProducer::~KafkaProducer() {
  rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  client_->Serve();  // the reports of the purged speak to deliveries_
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
}

void KafkaProducer::OnDelivered(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  auto* deliveries = static_cast<Deliveries*>(message->_private);
  if (deliveries->failed++ > 0) return;
  deliveries->first_error = message->err;
  const char* told = rd_kafka_message_produce_errstr(message);  // by the broker, of the record alone
  deliveries->first_reason = told != nullptr ? told : rd_kafka_err2str(message->err);
}

Status KafkaProducer::Refused(rd_kafka_resp_err_t error) const {
  const std::string& topic = client_->settings().topic;
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    return SqlError(sqlstate::kStatementTooLong) << "a record for topic '" << topic << "' is larger than the client may send"
                                                 << Hint("properties.message.max.bytes, and the topic's max.message.bytes, set the limit");
  }
  return SqlError(sqlstate::kConnectionFailure) << "a record for topic '" << topic << "' is refused: " << rd_kafka_err2str(error);
}

Status KafkaProducer::Append(const OutgoingRecord& record) {
  const int64_t started = client_->NowMs();
  rd_kafka_headers_t* headers = record.headers.empty() ? nullptr : CopyHeaders(record);
  for (;;) {
    rd_kafka_vu_t fields[8];
    size_t count = 0;
    fields[count].vtype = RD_KAFKA_VTYPE_RKT, fields[count++].u.rkt = topic_;
    fields[count].vtype = RD_KAFKA_VTYPE_PARTITION, fields[count++].u.i32 = record.partition < 0 ? RD_KAFKA_PARTITION_UA : record.partition;
    fields[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS, fields[count++].u.i = RD_KAFKA_MSG_F_COPY;
    fields[count].vtype = RD_KAFKA_VTYPE_OPAQUE, fields[count++].u.ptr = &deliveries_;
    if (record.has_value) {
      // An empty value is not a tombstone: its pointer must not be null.
      fields[count].vtype = RD_KAFKA_VTYPE_VALUE;
      fields[count].u.mem.ptr = const_cast<char*>(record.value.empty() ? "" : record.value.data());
      fields[count++].u.mem.size = record.value.size();
    }
    if (record.has_key) {
      fields[count].vtype = RD_KAFKA_VTYPE_KEY;
      fields[count].u.mem.ptr = const_cast<char*>(record.key.empty() ? "" : record.key.data());
      fields[count++].u.mem.size = record.key.size();
    }
    if (record.timestamp_ms >= 0) fields[count].vtype = RD_KAFKA_VTYPE_TIMESTAMP, fields[count++].u.i64 = record.timestamp_ms;
    if (headers != nullptr) fields[count].vtype = RD_KAFKA_VTYPE_HEADERS, fields[count++].u.headers = headers;
    rd_kafka_error_t* error = rd_kafka_produceva(client_->handle(), fields, count);
    if (error == nullptr) return OkStatus();
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || client_->NowMs() - started > client_->settings().delivery_timeout_ms) {
      if (headers != nullptr) rd_kafka_headers_destroy(headers);
      if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return client_->Unreachable(sqlstate::kConnectionFailure, "cannot write to topic '" + client_->settings().topic + "'",
                                    client_->NowMs() - started);
      }
      return Refused(code);
    }
    client_->Serve(20);  // makes room
  }
}

Status KafkaProducer::Flush() {
  const int64_t started = client_->NowMs();
  // librdkafka gives a record up after delivery.timeout by itself; the rest is for its reports to arrive.
  const auto patience = static_cast<int>(client_->settings().delivery_timeout_ms + 2000);
  const rd_kafka_resp_err_t flushed = rd_kafka_flush(client_->handle(), patience);
  if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    deliveries_ = {};
    return client_->Unreachable(sqlstate::kConnectionFailure, "cannot write to topic '" + client_->settings().topic + "'",
                                client_->NowMs() - started);
  }
  return Delivered(client_->NowMs() - started);
}

StatusOr<bool> KafkaProducer::Flushed() {
  client_->Serve();
  RETURN_IF_ERROR(Delivered(client_->settings().delivery_timeout_ms));
  return rd_kafka_outq_len(client_->handle()) == 0;
}

Status KafkaProducer::Delivered(int64_t waited_ms) {
  const Deliveries deliveries = std::exchange(deliveries_, {});
  if (deliveries.failed == 0) return OkStatus();
  const std::string attempt = "cannot write to topic '" + client_->settings().topic + "'";
  if (deliveries.first_error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) return client_->Unreachable(sqlstate::kConnectionFailure, attempt, waited_ms);
  return SqlError(sqlstate::kConnectionFailure) << attempt << ": " << deliveries.failed
                                                << " records were not stored, the first because: " << deliveries.first_reason;
}

}  // namespace kappa::kafka
