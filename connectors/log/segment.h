// The files of a partition's directory, named and laid out as a Kafka broker does, so that its tools read them:
//   00000000000000000000.log        record batches; the name is the offset of the first record
//   00000000000000000000.index      (last offset of a batch - base: 4 bytes, position of the batch: 4 bytes)*, about one per 4 KB of log, ascending
//   00000000000000000000.timeindex  (largest timestamp so far: 8 bytes, last offset of the batch that has it - base: 4 bytes)*, ascending
// Indexes are hints: they are written after the log and rebuilt when the partition is opened for writing; readers check what they point at.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/os/file_system.h"
#include "connectors/log/record_batch_codec.h"

namespace kappa::log {

inline constexpr uint64_t kMaxSegmentBytes = uint64_t{1} << 30;  // positions are 31 bits
inline constexpr uint64_t kIndexIntervalBytes = 4096;
inline constexpr const char* kProducersFile = "/producers.json";  // producer_state.h, as of the start of the last segment

std::string SegmentPath(const std::string& directory, Offset base, const char* suffix);  // suffix ".log", ".index", ".timeindex"

// Base offsets of the segments, ascending; empty when the directory has none. 58P01 when it does not exist.
StatusOr<std::vector<Offset>> ListSegments(os::FileSystem& files, const std::string& directory);

// A position in the segment at or before the batch that holds `target`, found in the index; 0 when the index cannot help.
uint64_t LookupPosition(os::FileSystem& files, const std::string& directory, Offset base, Offset target);

// The same, checked against the segment: `position` is where a batch begins whose base offset is at most `target`.
struct BatchPosition {
  uint64_t position = 0;
  Offset base_offset = 0;
};
StatusOr<BatchPosition> LocateBatch(os::FileSystem& files, const std::string& directory, Offset base, os::ReadableFile& segment, Offset target);

// Writes both indexes of the segment that is being appended to. Not synced: they can be rebuilt.
class SegmentIndexWriter {  // markers of transactions have no time
 public:
  // Starts the indexes anew.
  static StatusOr<std::unique_ptr<SegmentIndexWriter>> Create(os::FileSystem& files, const std::string& directory, Offset base);
  // The batch has been appended at `position`.
  Status Add(const RecordBatchHeader& header, uint64_t position);
  // The segment takes no more batches.
  Status Finish();

 private:
  explicit SegmentIndexWriter(Offset base) : base_(base) {}
  Status AddTime();
  Offset base_;
  std::unique_ptr<os::WritableFile> offsets_, times_;
  uint64_t bytes_since_entry_ = 0;
  int64_t largest_timestamp_ = -1;
  Offset offset_of_largest_ = -1;
  int64_t last_indexed_timestamp_ = -1;
};

enum class ScanEnd {
  kClean,        // the file ends with a whole batch
  kTorn,         // the rest is the beginning of a batch, or bytes that never were one
  kBadChecksum,  // the rest begins with a batch of full length whose CRC does not match
  kMisplaced,    // the rest begins with a whole batch that says another offset than the one before it ends at: damage (no CRC covers it)
};
struct ScanResult {
  uint64_t valid_bytes = 0;  // all batches up to here are whole, in order, with the right CRC
  Offset next_offset = 0;
  ScanEnd end = ScanEnd::kClean;
};
// Reads whole batches from `position` (a batch boundary) to the end of the file, checks each CRC, and calls `visit` for each.
// `next_offset`: what the first batch may not be below. `contiguous`: offsets have no gaps, as compaction leaves them in a broker's topics.
StatusOr<ScanResult> ScanSegment(os::ReadableFile& file, uint64_t position, Offset next_offset, bool contiguous,
                                 const std::function<Status(const RecordBatchHeader&, uint64_t position)>& visit);

}  // namespace kappa::log
