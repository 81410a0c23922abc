#include "connectors/log/record_batch_codec.h"

#include "common/crc32c.h"
#include "common/runtime.h"
#include "connectors/log/big_endian.h"

namespace kappa::log {
namespace {

constexpr size_t kLengthAt = 8, kLeaderEpochAt = 12, kMagicAt = 16, kCrcAt = 17, kAttributesAt = 21, kLastOffsetDeltaAt = 23, kBaseTimestampAt = 27,
                 kMaxTimestampAt = 35, kProducerIdAt = 43, kProducerEpochAt = 51, kBaseSequenceAt = 53, kCountAt = 57;
constexpr int16_t kMarkerVersion = 0;
constexpr size_t kSmallestRecord = 7;  // length, attributes, two deltas, two lengths, header count: one byte each

// Reads at most ten bytes whatever they hold: the caller's padding makes that safe, its own bounds check follows.
KAPPA_INLINE bool ReadVarint(const char*& p, int64_t& out) {
  auto byte = static_cast<uint8_t>(*p++);
  uint64_t bits = byte & 0x7F;
  for (int shift = 7; byte >= 0x80; shift += 7) {
    if (KAPPA_UNLIKELY(shift > 63)) return false;
    byte = static_cast<uint8_t>(*p++);
    bits |= static_cast<uint64_t>(byte & 0x7F) << shift;
  }
  out = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
  return true;
}

void AppendVarint(std::string* out, int64_t value) {
  auto bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  char bytes[10];
  size_t n = 0;
  while (bits >= 0x80) {
    bytes[n++] = static_cast<char>(bits | 0x80);
    bits >>= 7;
  }
  bytes[n++] = static_cast<char>(bits);
  out->append(bytes, n);
}

size_t VarintSize(int64_t value) {
  const auto bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  return static_cast<size_t>(63 - __builtin_clzll(bits | 1)) / 7 + 1;
}

// A length and that many bytes, up to `end`; -1 is null.
KAPPA_INLINE bool ReadBytes(const char*& p, const char* end, const char*& bytes, uint32_t& size) {
  int64_t length;
  if (!ReadVarint(p, length)) return false;
  if (length < 0) {
    bytes = nullptr;
    size = 0;
    return length == -1 && p <= end;
  }
  if (KAPPA_UNLIKELY(p > end || length > end - p)) return false;
  bytes = p;
  size = static_cast<uint32_t>(length);
  p += length;
  return true;
}

KAPPA_COLD bool ReadHeaders(const char*& p, const char* end, std::vector<RecordHeader>* headers) {
  int64_t count;
  if (!ReadVarint(p, count) || p > end || count < 0 || count > (end - p) / 2) return false;
  for (int64_t i = 0; i < count; ++i) {
    const char *name, *value;
    uint32_t name_size, value_size;
    if (p > end || !ReadBytes(p, end, name, name_size) || name == nullptr) return false;
    if (p > end || !ReadBytes(p, end, value, value_size)) return false;
    RecordHeader& header = headers->emplace_back();
    header.name = std::string_view(name, name_size);
    header.value = value == nullptr ? std::string_view() : std::string_view(value, value_size);
    header.null_value = value == nullptr;
  }
  return true;
}

KAPPA_COLD Status Malformed(const RecordBatchHeader& header, size_t index) {
  return SqlError(sqlstate::kDataCorrupted) << "record " << index << " of the batch at offset " << header.base_offset << " is malformed";
}

}  // namespace

HeaderState ParseBatchHeader(std::string_view bytes, RecordBatchHeader* header) {
  if (bytes.size() < kBatchHeaderBytes) return HeaderState::kIncomplete;
  const char* p = bytes.data();
  const auto length = LoadBigEndian<int32_t>(p + kLengthAt);
  if (p[kMagicAt] != 2 || length < static_cast<int32_t>(kBatchHeaderBytes - kBatchLengthEnd) || static_cast<size_t>(length) > kMaxBatchBytes) {
    return HeaderState::kInvalid;
  }
  header->base_offset = LoadBigEndian<int64_t>(p);
  header->total_bytes = static_cast<size_t>(length) + kBatchLengthEnd;
  header->leader_epoch = LoadBigEndian<int32_t>(p + kLeaderEpochAt);
  header->crc = LoadBigEndian<uint32_t>(p + kCrcAt);
  header->attributes = LoadBigEndian<int16_t>(p + kAttributesAt);
  header->last_offset_delta = LoadBigEndian<int32_t>(p + kLastOffsetDeltaAt);
  header->base_timestamp = LoadBigEndian<int64_t>(p + kBaseTimestampAt);
  header->max_timestamp = LoadBigEndian<int64_t>(p + kMaxTimestampAt);
  header->producer_id = LoadBigEndian<int64_t>(p + kProducerIdAt);
  header->producer_epoch = LoadBigEndian<int16_t>(p + kProducerEpochAt);
  header->base_sequence = LoadBigEndian<int32_t>(p + kBaseSequenceAt);
  header->count = LoadBigEndian<int32_t>(p + kCountAt);
  const bool sane = header->base_offset >= 0 && header->last_offset_delta >= 0 && header->count >= 0 &&
                    header->base_offset <= INT64_MAX - 1 - header->last_offset_delta && header->count - 1 <= header->last_offset_delta;
  return sane ? HeaderState::kComplete : HeaderState::kInvalid;
}

bool BatchCrcMatches(std::string_view batch, const RecordBatchHeader& header) {
  return Crc32c(batch.data() + kAttributesAt, batch.size() - kAttributesAt) == header.crc;
}

std::vector<RecordHeader>* HeaderStore::Next() {
  if (used_ == vectors_.size()) vectors_.emplace_back();
  std::vector<RecordHeader>* next = &vectors_[used_++];
  next->clear();
  return next;
}

Status DecodeRecords(std::string_view section, const RecordBatchHeader& header, std::vector<Record>* records, HeaderStore* headers) {
  const char* p = section.data();
  const char* const end = p + section.size();
  if (static_cast<size_t>(header.count) > section.size() / kSmallestRecord) return Malformed(header, 0);
  const size_t first = records->size();
  const auto count = static_cast<size_t>(header.count);
  records->resize(first + count);
  Record* record = records->data() + first;
  const bool append_time = header.log_append_time();
  int64_t previous = -1;
  for (size_t i = 0; i < count; ++i, ++record) {
    int64_t length = 0, timestamp = 0, offset = 0;
    if (p >= end || !ReadVarint(p, length) || p > end || length < 0 || length > end - p) return Malformed(header, i);
    const char* const record_end = p + length;
    ++p;  // attributes: unused
    if (!ReadVarint(p, timestamp) || !ReadVarint(p, offset)) return Malformed(header, i);
    if (offset <= previous || offset > header.last_offset_delta) return Malformed(header, i);
    previous = offset;
    if (!ReadBytes(p, record_end, record->key, record->key_size)) return Malformed(header, i);
    if (!ReadBytes(p, record_end, record->value, record->value_size)) return Malformed(header, i);
    if (p >= record_end) return Malformed(header, i);  // at least the header count follows
    record->offset = header.base_offset + offset;
    record->timestamp_ms =
        append_time ? header.max_timestamp : static_cast<int64_t>(static_cast<uint64_t>(header.base_timestamp) + static_cast<uint64_t>(timestamp));
    record->headers = nullptr;
    if (headers != nullptr) {
      std::vector<RecordHeader>* store = headers->Next();
      if (!ReadHeaders(p, record_end, store)) return Malformed(header, i);
      record->headers = store;
    }
    p = record_end;
  }
  return p == end ? OkStatus() : Malformed(header, count);
}

void RecordBatchBuilder::Add(const OutgoingRecord& record) {
  if (count_ == 0) base_timestamp_ = max_timestamp_ = record.timestamp_ms;
  if (record.timestamp_ms > max_timestamp_) max_timestamp_ = record.timestamp_ms;
  const int64_t timestamp_delta = record.timestamp_ms - base_timestamp_;
  const int64_t key_size = record.has_key ? static_cast<int64_t>(record.key.size()) : -1;
  const int64_t value_size = record.has_value ? static_cast<int64_t>(record.value.size()) : -1;
  size_t length = 1 + VarintSize(timestamp_delta) + VarintSize(count_) + VarintSize(key_size) + VarintSize(value_size) +
                  VarintSize(static_cast<int64_t>(record.headers.size()));
  if (record.has_key) length += record.key.size();
  if (record.has_value) length += record.value.size();
  for (const RecordHeader& header : record.headers) {
    length += VarintSize(static_cast<int64_t>(header.name.size())) + header.name.size();
    length += header.null_value ? VarintSize(-1) : VarintSize(static_cast<int64_t>(header.value.size())) + header.value.size();
  }

  AppendVarint(&records_, static_cast<int64_t>(length));
  records_.push_back('\0');
  AppendVarint(&records_, timestamp_delta);
  AppendVarint(&records_, count_);
  AppendVarint(&records_, key_size);
  if (record.has_key) records_.append(record.key);
  AppendVarint(&records_, value_size);
  if (record.has_value) records_.append(record.value);
  AppendVarint(&records_, static_cast<int64_t>(record.headers.size()));
  for (const RecordHeader& header : record.headers) {
    AppendVarint(&records_, static_cast<int64_t>(header.name.size()));
    records_.append(header.name);
    AppendVarint(&records_, header.null_value ? -1 : static_cast<int64_t>(header.value.size()));
    if (!header.null_value) records_.append(header.value);
  }
  ++count_;
}

Status RecordBatchBuilder::Finish(const ProducerStamp& producer, std::string* out) {
  const size_t start = out->size();
  out->resize(start + kBatchHeaderBytes);
  if (const Status compressed = Compress(compression_, records_, out); !compressed.ok()) {
    out->resize(start);
    return compressed;
  }
  const size_t total = out->size() - start;
  if (total > kMaxBatchBytes) {
    out->resize(start);
    return SqlError(sqlstate::kStatementTooLong) << "a record batch of " << total << " bytes is over the limit of " << kMaxBatchBytes;
  }
  char* batch = out->data() + start;
  StoreBigEndian<int64_t>(batch, 0);
  StoreBigEndian<int32_t>(batch + kLengthAt, static_cast<int32_t>(total - kBatchLengthEnd));
  StoreBigEndian<int32_t>(batch + kLeaderEpochAt, 0);
  batch[kMagicAt] = 2;
  StoreBigEndian<int16_t>(batch + kAttributesAt, static_cast<int16_t>(static_cast<int16_t>(compression_) | producer.attributes));
  StoreBigEndian<int32_t>(batch + kLastOffsetDeltaAt, count_ - 1);
  StoreBigEndian<int64_t>(batch + kBaseTimestampAt, base_timestamp_);
  StoreBigEndian<int64_t>(batch + kMaxTimestampAt, max_timestamp_);
  StoreBigEndian<int64_t>(batch + kProducerIdAt, producer.id);
  StoreBigEndian<int16_t>(batch + kProducerEpochAt, producer.epoch);
  StoreBigEndian<int32_t>(batch + kBaseSequenceAt, producer.sequence);
  StoreBigEndian<int32_t>(batch + kCountAt, count_);
  StoreBigEndian<uint32_t>(batch + kCrcAt, Crc32c(batch + kAttributesAt, total - kAttributesAt));
  records_.clear();
  count_ = 0;
  return OkStatus();
}

Status AppendMarker(TransactionMarker marker, int64_t producer_id, int16_t producer_epoch, int64_t timestamp_ms, std::string* out) {
  std::string key, value;
  AppendBigEndian<int16_t>(&key, kMarkerVersion);
  AppendBigEndian(&key, static_cast<int16_t>(marker));
  AppendBigEndian<int16_t>(&value, kMarkerVersion);
  AppendBigEndian<int32_t>(&value, 0);  // the coordinator's epoch
  OutgoingRecord record;
  record.key = key;
  record.value = value;
  record.has_key = true;
  record.timestamp_ms = timestamp_ms;
  RecordBatchBuilder builder;
  builder.Add(record);
  return builder.Finish({producer_id, producer_epoch, -1, static_cast<int16_t>(kTransactional | kControl)}, out);
}

StatusOr<std::optional<TransactionMarker>> MarkerOf(std::string_view batch, const RecordBatchHeader& header) {
  std::vector<Record> records;
  if (header.compression() != Compression::kNone) return Malformed(header, 0);
  RETURN_IF_ERROR(DecodeRecords(batch.substr(kBatchHeaderBytes), header, &records, nullptr));
  if (records.size() != 1 || records[0].key == nullptr || records[0].key_size < 2 * sizeof(int16_t)) return Malformed(header, 0);
  const auto type = LoadBigEndian<int16_t>(records[0].key + sizeof(int16_t));
  if (type == static_cast<int16_t>(TransactionMarker::kAbort)) return std::optional(TransactionMarker::kAbort);
  if (type == static_cast<int16_t>(TransactionMarker::kCommit)) return std::optional(TransactionMarker::kCommit);
  return std::optional<TransactionMarker>();
}

void SetBaseOffset(char* batch, Offset base_offset) { StoreBigEndian<int64_t>(batch, base_offset); }
void SetLeaderEpoch(char* batch, int32_t epoch) { StoreBigEndian<int32_t>(batch + kLeaderEpochAt, epoch); }

}  // namespace kappa::log
