#include "connectors/log/partition_end.h"

#include <algorithm>

namespace kappa::log {

void PartitionEnd::MadeHere(std::string writers) {
  const std::lock_guard<std::mutex> lock(mutex_);
  contiguous_ = true;
  writers_ = std::move(writers);
}

void PartitionEnd::WrittenBy(std::weak_ptr<const PartitionLog> writer) {
  const std::lock_guard<std::mutex> lock(writer_mutex_);
  writer_ = std::move(writer);
}

std::shared_ptr<const PartitionLog> PartitionEnd::writer() const {
  const std::lock_guard<std::mutex> lock(writer_mutex_);
  return writer_.lock();
}

StatusOr<Offset> PartitionEnd::Visible() {
  if (const auto log = writer()) return log->visible_offset();
  ASSIGN_OR_RETURN(const OffsetRange range, Range());
  return range.end;
}

StatusOr<Offset> PartitionEnd::Acknowledged() {
  if (const auto log = writer()) return log->acknowledged_offset();
  ASSIGN_OR_RETURN(const OffsetRange range, Range());
  return range.end;
}

void PartitionEnd::Forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  bases_.clear();
  stable_.reset();
}

StatusOr<OffsetRange> PartitionEnd::Range() {
  const auto log = writer();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (log != nullptr && !bases_.empty() && files_.Exists(SegmentPath(directory_, bases_.front(), ".log")))
    return OffsetRange{bases_.front(), log->visible_offset()};
  ASSIGN_OR_RETURN(const bool unchanged, Unchanged());
  if (unchanged) return range_;
  if (bases_.empty()) {
    RETURN_IF_ERROR(Look());
    if (bases_.empty()) return range_ = OffsetRange{};
  } else {
    RETURN_IF_ERROR(Grow());
  }
  range_.begin = bases_.front();
  ASSIGN_OR_RETURN(range_.end, LastStable(scanned_.next_offset));
  return range_;
}

// Whether nothing was appended. bases_ is empty where more than that has happened.
StatusOr<bool> PartitionEnd::Unchanged() {
  if (bases_.empty()) return false;
  const auto stat = files_.Stat(SegmentPath(directory_, bases_.back(), ".log"));
  const bool another = !stat.ok() || stat->identity != seen_.identity || stat->size < scanned_.valid_bytes;
  // A writer rolls at exactly the next offset; retention takes the first segments.
  const bool rolled = scanned_.next_offset != bases_.back() && files_.Exists(SegmentPath(directory_, scanned_.next_offset, ".log"));
  if (another || rolled || (bases_.size() > 1 && !files_.Exists(SegmentPath(directory_, bases_.front(), ".log")))) {
    if (another) stable_.reset();
    bases_.clear();
    return false;
  }
  // Bytes that were no whole batch may have become one without the file growing.
  if (stat->size == seen_.size && stat->modified_micros == seen_.modified_micros && scanned_.valid_bytes == stat->size) return true;
  seen_ = *stat;
  return false;
}

Status PartitionEnd::Look() {
  if (!files_.Exists(directory_)) return OkStatus();
  ASSIGN_OR_RETURN(std::vector<Offset> bases, ListSegments(files_, directory_));
  if (bases.empty()) return OkStatus();
  const Offset base = bases.back();
  const std::string path = SegmentPath(directory_, base, ".log");
  ASSIGN_OR_RETURN(seen_, files_.Stat(path));
  ASSIGN_OR_RETURN(last_, files_.OpenForRead(path));
  const auto ignore = [](const RecordBatchHeader&, uint64_t) { return OkStatus(); };
  ASSIGN_OR_RETURN(scanned_, ScanSegment(*last_, LookupPosition(files_, directory_, base, INT64_MAX), base, contiguous_, ignore));
  if (scanned_.valid_bytes == 0 || scanned_.next_offset == base) {
    ASSIGN_OR_RETURN(scanned_, ScanSegment(*last_, 0, base, contiguous_, ignore));  // the index pointed nowhere
  }
  bases_ = std::move(bases);
  return OkStatus();
}

Status PartitionEnd::Grow() {
  const auto ignore = [](const RecordBatchHeader&, uint64_t) { return OkStatus(); };
  ASSIGN_OR_RETURN(scanned_, ScanSegment(*last_, scanned_.valid_bytes, scanned_.next_offset, contiguous_, ignore));
  return OkStatus();
}

StatusOr<Offset> PartitionEnd::LastStable(Offset end) {
  if (stable_ == nullptr) {
    if (!writers_.empty() && !files_.Exists(writers_)) return end;
    ASSIGN_OR_RETURN(OpenTransactions known, KnownOpenTransactions(files_, directory_, bases_));
    stable_ = std::make_unique<TransactionScan>(files_, directory_, name_);
    stable_->Start(known.at, std::move(known.first));
  }
  if (const Status scanned = stable_->ScanToEnd(); !scanned.ok()) {
    stable_.reset();  // from anew next time
    if (SqlStateOf(scanned) != sqlstate::kDataCorrupted) return scanned;
    return end;  // which is where the damage begins: Poll will speak of it
  }
  return std::min(end, stable_->FirstOpen().value_or(end));
}

}  // namespace kappa::log
