// Records as they lie in a log, and batches of them. No byte of a payload is copied between the connector and the decoder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kappa {

using Offset = int64_t;

struct OffsetRange {
  Offset begin = 0;  // oldest kept
  Offset end = 0;    // next to be written
};

struct RecordHeader {
  std::string_view name;
  std::string_view value;
  bool null_value = false;
};

// Views into memory that the batch owns.
struct Record {
  const char* value = nullptr;  // nullptr: a tombstone
  const char* key = nullptr;    // nullptr: none
  uint32_t value_size = 0;
  uint32_t key_size = 0;
  Offset offset = 0;
  int64_t timestamp_ms = -1;                           // milliseconds since 1970 UTC; -1: none
  const std::vector<RecordHeader>* headers = nullptr;  // set only where headers were asked for
};

// The log's own checksum of a batch of records as it is stored.
struct StoredChecksum {
  Offset last = 0;  // of the batch's last record
  uint32_t crc = 0;
};

// Records of one partition in offset order. Movable; what `owner` holds keeps every view alive.
struct RecordBatch {
  int32_t partition = 0;
  std::span<const Record> records;
  Offset next = 0;   // position after this batch: transaction markers use up offsets too
  size_t bytes = 0;  // of keys and values
  // Where the log checks what it stores (`has_checksums`): of the stored batches whose last record lies before `next` and was not passed before. What
  // was read is then known again by them, without looking at every byte once more.
  std::span<const StoredChecksum> checksums;
  bool has_checksums = false;
  // What stands before the partition's first record and says how its records are written: a CSV file's header line. Empty: nothing does.
  std::string_view preamble;
  // The topic or the file these records are of, where the source reads several; empty: the source's name() says it.
  std::string_view topic;
  std::shared_ptr<void> owner;
  bool empty() const { return records.empty(); }
};

// A record to be written. The views are read during the call only.
struct OutgoingRecord {
  std::string_view value;
  std::string_view key;
  bool has_value = true;  // false: a tombstone
  bool has_key = false;
  int32_t partition = -1;     // -1: by hash of the key, or round robin
  int64_t timestamp_ms = -1;  // -1: when it is appended
  std::span<const RecordHeader> headers;
};

struct BatchLimit {
  size_t records = 4096;
  size_t bytes = 4 << 20;
  Offset end = INT64_MAX;  // exclusive: no record at or past it is returned
};

}  // namespace kappa
