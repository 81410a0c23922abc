#include "connectors/log/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "connectors/log/big_endian.h"

namespace kappa::log {
namespace {

constexpr size_t kIndexEntryBytes = 8;
constexpr size_t kNameDigits = 20;

}  // namespace

std::string SegmentPath(const std::string& directory, Offset base, const char* suffix) { return fmt::format("{}/{:020}{}", directory, base, suffix); }

StatusOr<std::vector<Offset>> ListSegments(os::FileSystem& files, const std::string& directory) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(directory));
  std::vector<Offset> bases;
  for (const std::string& name : names) {
    if (name.size() != kNameDigits + 4 || name.compare(kNameDigits, 4, ".log") != 0) continue;
    Offset base = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + kNameDigits, base);
    if (error == std::errc() && end == name.data() + kNameDigits && base >= 0) bases.push_back(base);
  }
  std::sort(bases.begin(), bases.end());
  return bases;
}

uint64_t LookupPosition(os::FileSystem& files, const std::string& directory, Offset base, Offset target) {
  if (target <= base) return 0;
  auto index = files.OpenForRead(SegmentPath(directory, base, ".index"));
  if (!index.ok()) return 0;
  auto size = (*index)->Size();
  if (!size.ok()) return 0;
  // The last entry with offset < target: its batch is wholly before the one we look for, or ends just at target - 1.
  uint64_t low = 0, high = *size / kIndexEntryBytes;
  uint64_t position = 0;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    char entry[kIndexEntryBytes];
    auto got = (*index)->ReadAt(middle * kIndexEntryBytes, entry, sizeof(entry));
    if (!got.ok() || *got != sizeof(entry)) return 0;
    const auto relative = LoadBigEndian<int32_t>(entry);
    const auto at = LoadBigEndian<int32_t>(entry + 4);
    if (relative < 0 || at < 0) return 0;
    if (relative == 0 && at == 0) {  // zeros past the end of an index that a broker has preallocated
      high = middle;
    } else if (base + relative < target) {
      position = static_cast<uint64_t>(at);
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return position;
}

StatusOr<BatchPosition> LocateBatch(os::FileSystem& files, const std::string& directory, Offset base, os::ReadableFile& segment, Offset target) {
  const uint64_t position = LookupPosition(files, directory, base, target);
  if (position == 0) return BatchPosition{0, base};
  char bytes[kBatchHeaderBytes];
  ASSIGN_OR_RETURN(const size_t got, segment.ReadAt(position, bytes, sizeof(bytes)));
  RecordBatchHeader header;
  const bool good = ParseBatchHeader({bytes, got}, &header) == HeaderState::kComplete && header.base_offset >= base && header.base_offset <= target;
  return good ? BatchPosition{position, header.base_offset} : BatchPosition{0, base};
}

StatusOr<std::unique_ptr<SegmentIndexWriter>> SegmentIndexWriter::Create(os::FileSystem& files, const std::string& directory, Offset base) {
  std::unique_ptr<SegmentIndexWriter> writer(new SegmentIndexWriter(base));
  ASSIGN_OR_RETURN(writer->offsets_, files.OpenForAppend(SegmentPath(directory, base, ".index")));
  RETURN_IF_ERROR(writer->offsets_->Truncate(0));
  ASSIGN_OR_RETURN(writer->times_, files.OpenForAppend(SegmentPath(directory, base, ".timeindex")));
  RETURN_IF_ERROR(writer->times_->Truncate(0));
  return writer;
}

Status SegmentIndexWriter::Add(const RecordBatchHeader& header, uint64_t position) {
  if (header.max_timestamp > largest_timestamp_ && !header.control()) {
    largest_timestamp_ = header.max_timestamp;
    offset_of_largest_ = header.last_offset();
  }
  if (bytes_since_entry_ > kIndexIntervalBytes) {
    std::string entry;
    AppendBigEndian(&entry, static_cast<int32_t>(header.last_offset() - base_));
    AppendBigEndian(&entry, static_cast<int32_t>(position));
    RETURN_IF_ERROR(offsets_->Append(entry));
    RETURN_IF_ERROR(AddTime());
    bytes_since_entry_ = 0;
  }
  bytes_since_entry_ += header.total_bytes;
  return OkStatus();
}

Status SegmentIndexWriter::AddTime() {
  if (largest_timestamp_ <= last_indexed_timestamp_) return OkStatus();
  std::string entry;
  AppendBigEndian(&entry, largest_timestamp_);
  AppendBigEndian(&entry, static_cast<int32_t>(offset_of_largest_ - base_));
  last_indexed_timestamp_ = largest_timestamp_;
  return times_->Append(entry);
}

Status SegmentIndexWriter::Finish() { return AddTime(); }

StatusOr<ScanResult> ScanSegment(os::ReadableFile& file, uint64_t position, Offset next_offset, bool contiguous,
                                 const std::function<Status(const RecordBatchHeader&, uint64_t position)>& visit) {
  constexpr size_t kReadBytes = 1 << 20;
  std::string buffer;
  ScanResult result{position, next_offset, ScanEnd::kClean};
  ASSIGN_OR_RETURN(const uint64_t file_size, file.Size());
  size_t wanted = kReadBytes;
  while (result.valid_bytes < file_size) {
    buffer.resize(wanted);
    ASSIGN_OR_RETURN(const size_t got, file.ReadAt(result.valid_bytes, buffer.data(), buffer.size()));
    const bool at_end = got < buffer.size();
    std::string_view rest(buffer.data(), got);
    if (rest.empty()) return result;
    wanted = kReadBytes;
    bool advanced = false;
    while (!rest.empty()) {
      RecordBatchHeader header;
      const HeaderState state = ParseBatchHeader(rest, &header);
      const bool whole = state == HeaderState::kComplete && header.total_bytes <= rest.size();
      if (state == HeaderState::kInvalid || (state == HeaderState::kComplete && header.base_offset < result.next_offset)) {
        result.end = ScanEnd::kTorn;
        return result;
      }
      if (!whole) {
        if (at_end || (state == HeaderState::kComplete && result.valid_bytes + header.total_bytes > file_size)) {
          result.end = ScanEnd::kTorn;
          return result;
        }
        if (!advanced && state == HeaderState::kComplete) wanted = header.total_bytes;  // a batch larger than the buffer
        break;
      }
      if (!BatchCrcMatches(rest.substr(0, header.total_bytes), header)) {
        result.end = ScanEnd::kBadChecksum;
        return result;
      }
      if (contiguous && header.base_offset != result.next_offset && (result.valid_bytes != position || position == 0)) {
        result.end = ScanEnd::kMisplaced;
        return result;
      }
      RETURN_IF_ERROR(visit(header, result.valid_bytes));
      result.valid_bytes += header.total_bytes;
      result.next_offset = header.next_offset();
      rest.remove_prefix(header.total_bytes);
      advanced = true;
    }
  }
  return result;
}

}  // namespace kappa::log
