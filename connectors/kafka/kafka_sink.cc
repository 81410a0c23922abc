#include "connectors/kafka/kafka_sink.h"

#include <string_view>
#include <utility>

#include "types/change_batch.h"

namespace kappa::kafka {

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
    records_written_ += entry.copies;
  }
  return OkStatus();
}

Status KafkaSink::Commit(const EpochCommit& commit) {
  size_t sent = 0;
  for (; sent < waiting_.size() && waiting_[sent].epoch <= commit.upto; ++sent) RETURN_IF_ERROR(Send(waiting_[sent]));
  if (sent > 0) {
    RETURN_IF_ERROR(producer_->Flush());
    spare_ = std::move(waiting_[0]);
    spare_.bytes.clear();
    spare_.entries.clear();
    spare_.has_tombstones = false;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(sent));
  }
  last_committed_ = commit.upto;
  return OkStatus();
}

std::string KafkaSink::Summary() const {
  return "kafka topic " + topic_ + ": " + std::to_string(records_written_) + " records written, at least once";
}

}  // namespace kappa::kafka
