#include "engine/transaction_log.h"

#include "common/os/kill_point.h"
#include "connectors/log/partition_log.h"
#include "connectors/log/record_batch_codec.h"

namespace kappa {
namespace {

constexpr char kTopic[] = "kappa_transactions";
constexpr char kVersion = 1;
constexpr uint64_t kSegmentBytes = 16 << 20;

void AppendNumber(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

// Reads what AppendNumber wrote; false: there is not so much.
bool TakeNumber(std::string_view* in, int bytes, uint64_t* value) {
  if (in->size() < static_cast<size_t>(bytes)) return false;
  *value = 0;
  for (int i = 0; i < bytes; ++i) *value = *value << 8 | static_cast<unsigned char>((*in)[static_cast<size_t>(i)]);
  in->remove_prefix(static_cast<size_t>(bytes));
  return true;
}

bool TakeBytes(std::string_view* in, std::string* bytes) {
  uint64_t size = 0;
  if (!TakeNumber(in, 4, &size) || in->size() < size) return false;
  *bytes = in->substr(0, size);
  in->remove_prefix(size);
  return true;
}

StatusOr<std::shared_ptr<log::PartitionLog>> OpenTopic(const std::shared_ptr<log::LogDirectory>& log) {
  if (!log->Describe(kTopic).ok()) {
    log::TopicSpec spec;
    spec.segment_bytes = kSegmentBytes;
    spec.retention.bytes = kSegmentBytes;  // only the last record is ever read
    RETURN_IF_ERROR(log->CreateTopic(kTopic, spec));
  }
  return log->Writer(kTopic, 0);
}

// Appends what one record asks for, where it is missing.
Status Finish(std::string_view record, const std::shared_ptr<log::LogDirectory>& log) {
  const auto damaged = [] { return SqlError(sqlstate::kDataCorrupted) << "the last record of topic \"" << kTopic << "\" is damaged"; };
  uint64_t tables = 0;
  if (record.empty() || record[0] != kVersion) {
    return SqlError(sqlstate::kFeatureNotSupported) << "topic \"" << kTopic << "\" was written by a newer version of kappa";
  }
  record.remove_prefix(1);
  if (!TakeNumber(&record, 4, &tables)) return damaged();
  for (; tables > 0; --tables) {
    std::string topic, batch;
    uint64_t base = 0;
    if (!TakeBytes(&record, &topic) || !TakeNumber(&record, 8, &base) || !TakeBytes(&record, &batch)) return damaged();
    if (!log->Describe(topic).ok()) continue;  // dropped since
    ASSIGN_OR_RETURN(const auto writer, log->Writer(topic, 0));
    if (writer->next_offset() > static_cast<Offset>(base)) continue;
    RETURN_IF_ERROR(writer->Append(std::move(batch)).status());
    os::KillPoint("transaction-between-tables");
  }
  return OkStatus();
}

}  // namespace

Status AppendTogether(const std::vector<std::pair<TableStore*, const TableDelta*>>& changes, const std::shared_ptr<log::LogDirectory>& log) {
  std::string record(1, kVersion);
  AppendNumber(changes.size(), 4, &record);
  std::vector<std::string> batches;
  for (const auto& [store, delta] : changes) {
    ASSIGN_OR_RETURN(std::string batch, store->Encode(*delta));
    ASSIGN_OR_RETURN(const Offset base, store->End());
    const std::string& topic = store->table().topic;
    AppendNumber(topic.size(), 4, &record);
    record += topic;
    AppendNumber(static_cast<uint64_t>(base), 8, &record);
    AppendNumber(batch.size(), 4, &record);
    record += batch;
    batches.push_back(std::move(batch));
  }
  ASSIGN_OR_RETURN(const auto writer, OpenTopic(log));
  log::RecordBatchBuilder builder;
  OutgoingRecord outgoing;
  outgoing.value = record;
  outgoing.timestamp_ms = log->environment().clock().WallMicros() / 1000;
  builder.Add(outgoing);
  std::string bytes;
  RETURN_IF_ERROR(builder.Finish({}, &bytes));
  RETURN_IF_ERROR(writer->Append(std::move(bytes)).status());
  os::KillPoint("transaction-recorded");
  for (size_t i = 0; i < changes.size(); ++i) {
    RETURN_IF_ERROR(changes[i].first->AppendBatch(std::move(batches[i]), *changes[i].second));
    os::KillPoint("transaction-between-tables");
  }
  // Before the next transaction's record takes the place of this one's.
  for (const auto& [store, delta] : changes) RETURN_IF_ERROR(store->writer()->Sync());
  return OkStatus();
}

Status FinishTransactions(const std::shared_ptr<log::LogDirectory>& log) {
  if (!log->Describe(kTopic).ok()) return OkStatus();
  ASSIGN_OR_RETURN(const auto reader, log->Reader(kTopic, 0, {}));
  ASSIGN_OR_RETURN(const OffsetRange range, reader->Range());
  if (range.begin == range.end) return OkStatus();
  RETURN_IF_ERROR(reader->Seek(range.end - 1));
  ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll({}));
  if (batch.empty()) return OkStatus();
  const Record& last = batch.records.back();
  return Finish({last.value, last.value_size}, log);
}

}  // namespace kappa
