#include "connectors/kafka/kafka_partition_reader.h"

#include <algorithm>

namespace kappa::kafka {
KafkaPartitionReader::KafkaPartitionReader(std::shared_ptr<KafkaTopic> topic, std::shared_ptr<Arrival> arrival, int32_t partition,
                                           const RecordNeeds& needs, Offset start, Offset end)
    : of_(std::move(topic)),
      client_(of_->client()),
      arrival_(std::move(arrival)),
      pool_(std::make_shared<RecordBatchPool>(client_)),
      partition_(partition),
      needs_(needs),
      begin_(start),
      end_(end),
      position_(start) {}

KafkaPartitionReader::~KafkaPartitionReader() {
  StopFetching();
  if (topic_ != nullptr) rd_kafka_topic_destroy(topic_);
}

std::string KafkaPartitionReader::Where() const {
  return client_->settings().topic + "/" + std::to_string(partition_) + " offset " + std::to_string(position_);
}

// Called with the queue's lock held: the arrival's callback must not consume.
void KafkaPartitionReader::OnQueueFilled(rd_kafka_t* /*handle*/, void* opaque) { static_cast<Arrival*>(opaque)->Notify(); }

Status KafkaPartitionReader::StartFetching() {
  if (topic_ == nullptr) {
    topic_ = rd_kafka_topic_new(client_->handle(), client_->settings().topic.c_str(), nullptr);
    if (topic_ == nullptr) return SqlError(sqlstate::kConnectionFailure) << Where() << ": " << rd_kafka_err2str(rd_kafka_last_error());
  }
  if (rd_kafka_consume_start(topic_, partition_, position_) != 0) {
    return SqlError(sqlstate::kConnectionFailure) << Where() << ": cannot start to read: " << rd_kafka_err2str(rd_kafka_last_error());
  }
  fetching_ = true;
  of_->FetchingBegins();
  queue_ = rd_kafka_queue_get_partition(client_->handle(), client_->settings().topic.c_str(), partition_);
  if (queue_ != nullptr) rd_kafka_queue_cb_event_enable(queue_, &KafkaPartitionReader::OnQueueFilled, arrival_.get());
  return OkStatus();
}

void KafkaPartitionReader::StopFetching() {
  DropFetched();
  if (queue_ != nullptr) rd_kafka_queue_cb_event_enable(queue_, nullptr, nullptr);
  if (fetching_) rd_kafka_consume_stop(topic_, partition_);
  fetching_ = false;
  if (queue_ == nullptr) return;
  // What is left holds the partition, and the partition it: of one that the cluster no longer has, the client would wait for it for ever.
  rd_kafka_message_t* left[64];
  for (ssize_t count; (count = rd_kafka_consume_batch_queue(queue_, 0, left, std::size(left))) > 0;) {
    for (ssize_t i = 0; i < count; ++i) rd_kafka_message_destroy(left[i]);
  }
  rd_kafka_queue_destroy(queue_);
  queue_ = nullptr;
}

void KafkaPartitionReader::DropFetched() {
  for (; next_fetched_ < fetched_count_; ++next_fetched_) rd_kafka_message_destroy(fetched_[next_fetched_]);
  next_fetched_ = fetched_count_ = 0;
}

Status KafkaPartitionReader::Seek(Offset position) {
  if (position < 0) return SqlError(sqlstate::kInvalidParameterValue) << Where() << ": cannot go to offset " << position;
  if (position == position_) return OkStatus();
  // Stopped and started again by the next Poll: what the old fetches still bring is dropped with the old queue's version.
  StopFetching();
  position_ = position;
  return OkStatus();
}

StatusOr<OffsetRange> KafkaPartitionReader::Range() {
  RETURN_IF_ERROR(of_->Lost());
  if (end_ != INT64_MAX) return OffsetRange{std::min(begin_, end_), end_};
  return of_->Range(partition_);
}

StatusOr<Offset> KafkaPartitionReader::PositionAt(int64_t timestamp_ms) {
  ASSIGN_OR_RETURN(const Offset offset, of_->OffsetAtTime(partition_, timestamp_ms));
  return std::min(offset, end_);
}

Status KafkaPartitionReader::Fetch(size_t records) {
  if (next_fetched_ < fetched_count_) return OkStatus();
  next_fetched_ = fetched_count_ = 0;
  if (fetched_.size() < records) fetched_.resize(records);
  const ssize_t count = rd_kafka_consume_batch(topic_, partition_, 0, fetched_.data(), records);
  if (count < 0) return SqlError(sqlstate::kConnectionFailure) << Where() << ": " << rd_kafka_err2str(rd_kafka_last_error());
  fetched_count_ = static_cast<size_t>(count);
  if (count == 0) return CheckBrokers();
  of_->Watch();
  RETURN_IF_ERROR(of_->Lost());
  if (heard_of_down_) client_->NoteAnswer();
  heard_of_down_ = false;
  return OkStatus();
}

Status KafkaPartitionReader::CheckBrokers() {
  client_->Serve();
  of_->Watch(suspect_);
  RETURN_IF_ERROR(of_->Lost());
  const int64_t down_since = client_->DownSinceMs();
  if (down_since < 0) return OkStatus();
  heard_of_down_ = true;
  const int64_t waited = client_->NowMs() - down_since;
  if (waited < client_->settings().disconnect_timeout_ms || client_->AnswersWithin(1000)) return OkStatus();
  return client_->Unreachable(sqlstate::kConnectionFailure, Where() + ": the source is gone", waited);
}

Status KafkaPartitionReader::TakeEvent(rd_kafka_message_t* message, Offset end) {
  const rd_kafka_resp_err_t error = message->err;
  const std::string reason = error == RD_KAFKA_RESP_ERR__PARTITION_EOF ? std::string() : rd_kafka_message_errstr(message);
  const Offset offset = message->offset;
  rd_kafka_message_destroy(message);
  switch (error) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      suspect_ = false;
      position_ = std::max(position_, std::min(offset, end));
      return OkStatus();
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: {
      std::string kept;
      if (const auto range = of_->Range(partition_); range.ok())
        kept = ", which keeps offsets " + std::to_string(range->begin) + " to " + std::to_string(range->end) + " (exclusive)";
      return SqlError(sqlstate::kOffsetLost)
             << Where() << " is no longer in the log" << kept
             << Hint("retention has removed it, or the topic was made anew: ON OFFSET LOST, or another start, decides");
    }
    default:
      // A broker that has just started may not know of its topics yet: the topic's description decides.
      suspect_ |= MeansMissing(error);
      if (suspect_ || IsTransient(error)) return OkStatus();  // the client goes on by itself; CheckBrokers sees when it cannot
      return SqlError(sqlstate::kConnectionFailure) << Where() << ": " << reason;
  }
}

StatusOr<RecordBatch> KafkaPartitionReader::Poll(const BatchLimit& limit) {
  const Offset end = std::min(limit.end, end_);
  RecordBatch batch;
  batch.partition = partition_;
  batch.next = position_;
  if (position_ >= end || limit.records == 0) return batch;
  if (suspect_) RETURN_IF_ERROR(CheckBrokers());
  if (!fetching_) RETURN_IF_ERROR(StartFetching());
  RETURN_IF_ERROR(Fetch(limit.records));

  RecordBatchPool::Slot* slot = nullptr;
  Status failed;
  while (next_fetched_ < fetched_count_ && position_ < end) {
    rd_kafka_message_t* message = fetched_[next_fetched_];
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      // Records before an error are handed out first; it comes again with the next Poll.
      if (slot != nullptr && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) break;
      ++next_fetched_;
      failed = TakeEvent(message, end);
      if (failed.ok()) continue;
      StopFetching();  // the next Poll starts anew, and meets the error anew where it lasts
      break;
    }
    if (message->offset >= end) {
      position_ = end;  // what lies between is without records
      break;
    }
    if (message->offset < position_) {  // of a compressed batch whose begin was not asked for
      ++next_fetched_;
      rd_kafka_message_destroy(message);
      continue;
    }
    if (slot == nullptr)
      slot = pool_->Take();
    else if (slot->size() >= limit.records || slot->bytes() + message->len > limit.bytes)
      break;
    ++next_fetched_;
    position_ = message->offset + 1;
    slot->Add(message, needs_);
  }
  if (!failed.ok()) return failed;
  if (slot != nullptr) {
    suspect_ = false;
    batch = pool_->Finish(slot);
    batch.partition = partition_;
  }
  batch.next = position_;
  return batch;
}

}  // namespace kappa::kafka
