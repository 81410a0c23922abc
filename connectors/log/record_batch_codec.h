// Kafka's record batch format, version 2 ("magic" 2): the bytes of a segment file, of our log and of a broker's alike.
// Source: Apache Kafka documentation, section "Message Format"; KIP-98. All integers are big-endian, "varint" is zigzag as in Protocol Buffers.
//
//   0        8        12        16     17    21          23               27              35             43         51            53           57 61
//   | base   | batch  | leader  | magic| CRC | attributes| last           | base          | max          | producer | producer    | base       |
//   count| records | offset | length | epoch   |      |     |           | offset delta   | timestamp     | timestamp    | id       | epoch       |
//   sequence   |      | `length` counts what follows it. The CRC-32C covers attributes..end: base offset and leader epoch can be set by whoever
//   appends. record: length, attributes (1 byte), timestamp delta, offset delta, key length (-1: none), key, value length (-1: tombstone), value,
//           header count, headers (name length, name, value length, value).   Records of a compressed batch are compressed together.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/record.h"
#include "common/status.h"
#include "connectors/log/compression.h"

namespace kappa::log {

inline constexpr size_t kBatchHeaderBytes = 61;
inline constexpr size_t kBatchLengthEnd = 12;              // `length` counts the bytes from here on
inline constexpr size_t kReadablePadding = 64;             // decoders may read (not use) this far past the end of records
inline constexpr size_t kMaxBatchBytes = size_t{1} << 30;  // a larger length is corruption, not a batch

// Bits of `attributes`, beside the compression in the lowest three.
inline constexpr int16_t kTransactional = 16;  // the batch counts once a marker of its producer commits it
inline constexpr int16_t kControl = 32;

struct RecordBatchHeader {
  Offset base_offset = 0;
  size_t total_bytes = 0;  // with the 12 bytes that `length` does not count
  int32_t leader_epoch = 0;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = -1;
  int64_t max_timestamp = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t count = 0;

  Compression compression() const { return static_cast<Compression>(attributes & 7); }
  bool log_append_time() const { return (attributes & 8) != 0; }
  bool transactional() const { return (attributes & kTransactional) != 0; }
  bool control() const { return (attributes & kControl) != 0; }  // a transaction marker: uses up an offset, is no record
  Offset last_offset() const { return base_offset + last_offset_delta; }
  Offset next_offset() const { return base_offset + last_offset_delta + 1; }
};

enum class HeaderState {
  kComplete,    // the header was read and makes sense; the batch itself may reach past `bytes`
  kIncomplete,  // fewer bytes than a header
  kInvalid,     // not a version 2 batch
};
HeaderState ParseBatchHeader(std::string_view bytes, RecordBatchHeader* header);

// `batch`: exactly total_bytes.
bool BatchCrcMatches(std::string_view batch, const RecordBatchHeader& header);

// Where the decoder puts headers: as many vectors as records have been asked for, capacity kept.
class HeaderStore {
 public:
  std::vector<RecordHeader>* Next();
  void Reset() { used_ = 0; }

 private:
  std::deque<std::vector<RecordHeader>> vectors_;
  size_t used_ = 0;
};

// Appends the records of `section` (uncompressed records, with kReadablePadding readable bytes after it) to `records`; views point into `section`.
// `headers`: nullptr skips record headers. XX001 for anything malformed, whatever the bytes: every length is checked before use;
// what was appended to `records` is unspecified then.
Status DecodeRecords(std::string_view section, const RecordBatchHeader& header, std::vector<Record>* records, HeaderStore* headers);

struct ProducerStamp {
  int64_t id = -1;  // -1: not idempotent
  int16_t epoch = -1;
  int32_t sequence = -1;   // of the first record
  int16_t attributes = 0;  // kTransactional, kControl
};

// Collects records into one batch. One thread at a time; buffers are kept between batches.
class RecordBatchBuilder {
 public:
  explicit RecordBatchBuilder(Compression compression = Compression::kNone) : compression_(compression) {}
  // `record.timestamp_ms` must be set by now (not -1, unless there is no time).
  void Add(const OutgoingRecord& record);
  int32_t count() const { return count_; }
  size_t bytes() const { return kBatchHeaderBytes + records_.size(); }  // before compression
  // Appends the finished batch to `out`, with base offset 0, and starts over.
  Status Finish(const ProducerStamp& producer, std::string* out);

 private:
  Compression compression_;
  std::string records_;
  int32_t count_ = 0;
  int64_t base_timestamp_ = -1;
  int64_t max_timestamp_ = -1;
};

// Ends a transaction of a producer in one partition: a control batch with one record (KIP-98, EndTxnMarker).
enum class TransactionMarker : int16_t { kAbort = 0, kCommit = 1 };
Status AppendMarker(TransactionMarker marker, int64_t producer_id, int16_t producer_epoch, int64_t timestamp_ms, std::string* out);
// What a control batch says; nothing for control records of other kinds. `batch`: exactly total_bytes, with kReadablePadding behind it. XX001:
// malformed.
StatusOr<std::optional<TransactionMarker>> MarkerOf(std::string_view batch, const RecordBatchHeader& header);

// Sets what the CRC does not cover.
void SetBaseOffset(char* batch, Offset base_offset);
void SetLeaderEpoch(char* batch, int32_t epoch);

}  // namespace kappa::log
