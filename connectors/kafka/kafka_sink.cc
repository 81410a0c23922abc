#include "connectors/kafka/kafka_sink.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "types/change_batch.h"

namespace kappa::kafka {
namespace {
constexpr size_t kMaxUnacknowledgedBytes = 16 << 20;  // a commit that may hold waits for the broker from here on
}  // namespace

StatusOr<std::unique_ptr<Sink>> KafkaSink::Open(const KafkaSettings& settings, os::Environment* environment, std::unique_ptr<RecordEncoder> encoder) {
  ASSIGN_OR_RETURN(std::unique_ptr<KafkaProducer> producer, KafkaProducer::Open(settings, environment));
  return std::unique_ptr<Sink>(new KafkaSink(std::move(producer), std::move(encoder), settings.topic));
}

Status KafkaSink::Write(Epoch epoch, const ChangeBatch& changes) {
  if (waiting_.empty() || waiting_.back().epoch != epoch) {
    waiting_.push_back(std::exchange(spare_, {}));
    waiting_.back().epoch = epoch;
  }
  EpochBuffer& buffer = waiting_.back();
  for (size_t i = 0; i < changes.rows.size(); ++i) {
    const int64_t weight = changes.weight(i);
    if (weight == 0) continue;
    RETURN_IF_ERROR(encoder_->Encode(changes, i, &record_));
    Entry entry;
    entry.begin = buffer.bytes.size();
    entry.has_key = record_.has_key;
    entry.has_value = record_.has_value;
    if (entry.has_key) entry.key_size = static_cast<uint32_t>(record_.key.size()), buffer.bytes += record_.key;
    if (entry.has_value) entry.value_size = static_cast<uint32_t>(record_.value.size()), buffer.bytes += record_.value;
    entry.copies = entry.has_value ? (weight < 0 ? -weight : weight) : 1;
    buffer.has_tombstones |= !entry.has_value;
    buffer.entries.push_back(entry);
  }
  return OkStatus();
}

Status KafkaSink::Send(const EpochBuffer& buffer) {
  absl::flat_hash_set<std::string_view> written;  // keys with a value; looked up only
  const std::string_view bytes = buffer.bytes;
  if (buffer.has_tombstones) {
    for (const Entry& entry : buffer.entries) {
      if (entry.has_key && entry.has_value) written.insert(bytes.substr(entry.begin, entry.key_size));
    }
  }
  for (const Entry& entry : buffer.entries) {
    OutgoingRecord record;
    record.has_key = entry.has_key;
    record.has_value = entry.has_value;
    record.key = bytes.substr(entry.begin, entry.key_size);
    record.value = bytes.substr(entry.begin + entry.key_size, entry.value_size);
    if (!entry.has_value && written.contains(record.key)) continue;
    for (int64_t copy = 0; copy < entry.copies; ++copy) RETURN_IF_ERROR(producer_->Append(record));
  }
  return OkStatus();
}

// True: everything up to the commit is acknowledged.
StatusOr<bool> KafkaSink::SendUpTo(const EpochCommit& commit) {
  size_t unacknowledged = 0;
  for (; sent_ < waiting_.size() && waiting_[sent_].epoch <= commit.upto; ++sent_) RETURN_IF_ERROR(Send(waiting_[sent_]));
  sent_upto_ = std::max(sent_upto_, commit.upto);
  if (sent_ == 0) return true;
  for (size_t i = 0; i < sent_; ++i) unacknowledged += waiting_[i].bytes.size();
  if (commit.may_hold && unacknowledged < kMaxUnacknowledgedBytes) return producer_->Flushed();
  RETURN_IF_ERROR(producer_->Flush());
  return true;
}

Status KafkaSink::Commit(const EpochCommit& commit) {
  const StatusOr<bool> all = SendUpTo(commit);
  if (!all.ok()) {
    sent_ = 0;  // which of them are stored is not known
    return all.status();
  }
  if (*all) ReleaseSent();
  return OkStatus();
}

StatusOr<SinkMark> KafkaSink::LastCommitted() {
  if (sent_ > 0) {
    const StatusOr<bool> all = producer_->Flushed();
    if (!all.ok()) sent_ = 0;  // the next Commit sends them again
    if (all.ok() && *all) ReleaseSent();
  }
  return SinkMark{last_committed_, ""};
}

void KafkaSink::ReleaseSent() {
  last_committed_ = sent_upto_;
  if (sent_ == 0) return;
  for (size_t i = 0; i < sent_; ++i) {
    for (const Entry& entry : waiting_[i].entries) records_written_ += entry.copies;
  }
  spare_ = std::move(waiting_[0]);
  spare_.bytes.clear();
  spare_.entries.clear();
  spare_.has_tombstones = false;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(sent_));
  sent_ = 0;
}

std::string KafkaSink::Summary() const {
  return "kafka topic " + topic_ + ": " + std::to_string(records_written_) + " records written, at least once";
}

}  // namespace kappa::kafka
