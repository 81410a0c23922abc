#include "connectors/log/time_lookup.h"

#include <algorithm>
#include <optional>

#include "connectors/log/batch_cursor.h"
#include "connectors/log/big_endian.h"

namespace kappa::log {
namespace {

constexpr size_t kEntryBytes = 12;

struct TimeEntry {
  int64_t timestamp = -1;
  Offset offset = -1;  // no record of the segment at or before it is newer
};

// The last entry older than `timestamp_ms`; nothing when there is none, or the index is damaged.
std::optional<TimeEntry> LookupTime(os::FileSystem& files, const std::string& directory, Offset base, int64_t timestamp_ms) {
  auto index = files.OpenForRead(SegmentPath(directory, base, ".timeindex"));
  if (!index.ok()) return std::nullopt;
  const auto size = (*index)->Size();
  if (!size.ok()) return std::nullopt;
  std::optional<TimeEntry> found;
  uint64_t low = 0, high = *size / kEntryBytes;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    char bytes[kEntryBytes];
    const auto got = (*index)->ReadAt(middle * kEntryBytes, bytes, sizeof(bytes));
    if (!got.ok() || *got != sizeof(bytes)) return std::nullopt;
    const TimeEntry entry{LoadBigEndian<int64_t>(bytes), base + LoadBigEndian<int32_t>(bytes + 8)};
    if (entry.offset < base) return std::nullopt;
    const bool preallocated = entry.timestamp == 0 && entry.offset == base && middle > 0;  // a broker's index of full length, not trimmed yet
    if (!preallocated && entry.timestamp < timestamp_ms) {
      found = entry;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

// Whether the log agrees: indexes are hints.
StatusOr<bool> Confirmed(os::FileSystem& files, const std::string& directory, const std::string& name, const TimeEntry& entry) {
  BatchCursor cursor(files, directory, name);
  cursor.Seek(entry.offset);
  RecordBatchHeader header;
  ASSIGN_OR_RETURN(const bool found, cursor.Next(&header));
  return found && header.base_offset <= entry.offset && header.last_offset() >= entry.offset && header.max_timestamp == entry.timestamp;
}

// Within a batch whose newest record is not older.
StatusOr<Offset> FirstRecordSince(std::string_view batch, const RecordBatchHeader& header, int64_t timestamp_ms) {
  std::string_view section = batch.substr(kBatchHeaderBytes);
  std::string inflated;
  if (header.compression() != Compression::kNone) {
    Inflated result = Inflated::kTooSmall;
    for (size_t room = std::max<size_t>(4 * section.size(), 1 << 16), size = 0; result == Inflated::kTooSmall && room <= kMaxInflatedBytes;
         room *= 2) {
      inflated.resize(room + kReadablePadding);
      result = Decompress(header.compression(), section, inflated.data(), room, &size);
      inflated.resize(result == Inflated::kDone ? size + kReadablePadding : 0);
    }
    if (result != Inflated::kDone)
      return SqlError(sqlstate::kDataCorrupted) << "the batch at offset " << header.base_offset << " cannot be decompressed";
    section = std::string_view(inflated).substr(0, inflated.size() - kReadablePadding);
  }
  std::vector<Record> records;
  RETURN_IF_ERROR(DecodeRecords(section, header, &records, nullptr));
  for (const Record& record : records) {
    if (record.timestamp_ms >= timestamp_ms) return record.offset;
  }
  return header.base_offset;
}

}  // namespace

StatusOr<Offset> FirstOffsetSince(os::FileSystem& files, const std::string& directory, const std::string& name, int64_t timestamp_ms, Offset end) {
  if (!files.Exists(directory)) return end;
  ASSIGN_OR_RETURN(const std::vector<Offset> bases, ListSegments(files, directory));
  BatchCursor cursor(files, directory, name);
  for (size_t i = 0; i < bases.size(); ++i) {
    const Offset segment_end = i + 1 < bases.size() ? bases[i + 1] : INT64_MAX;
    Offset from = bases[i];
    if (const auto entry = LookupTime(files, directory, bases[i], timestamp_ms); entry.has_value()) {
      ASSIGN_OR_RETURN(const bool good, Confirmed(files, directory, name, *entry));
      if (good) from = entry->offset + 1;
    }
    if (from >= segment_end) continue;
    cursor.Seek(from);
    RecordBatchHeader header;
    while (true) {
      ASSIGN_OR_RETURN(const bool found, cursor.Next(&header));
      if (!found || header.base_offset >= std::min(end, segment_end)) break;
      if (header.control() || header.max_timestamp < timestamp_ms) continue;
      std::string_view batch;
      ASSIGN_OR_RETURN(const bool whole, cursor.Read(&batch));
      if (!whole) break;
      ASSIGN_OR_RETURN(const Offset offset, FirstRecordSince(batch, header, timestamp_ms));
      return std::min(offset, end);
    }
  }
  return end;
}

StatusOr<int64_t> NewestTimestamp(os::FileSystem& files, const std::string& directory, Offset base) {
  const auto last = LookupTime(files, directory, base, INT64_MAX);
  if (last.has_value() && last->timestamp > 0) return last->timestamp;
  ASSIGN_OR_RETURN(const os::FileStat stat, files.Stat(SegmentPath(directory, base, ".log")));
  return stat.modified_micros / 1000;
}

}  // namespace kappa::log
