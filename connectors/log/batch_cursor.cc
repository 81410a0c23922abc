#include "connectors/log/batch_cursor.h"

#include <algorithm>

namespace kappa::log {

void BatchCursor::Seek(Offset offset) {
  target_ = next_offset_ = offset;
  segment_.reset();
  window_bytes_ = 0;
}

Status BatchCursor::Corrupt(std::string_view what) const {
  return SqlError(sqlstate::kDataCorrupted) << "partition " << name_ << ", offset " << next_offset_ << ": " << what << ", in "
                                            << SegmentPath(directory_, bases_[index_], ".log") << " at byte " << position_
                                            << Hint("restore the file from a copy, or read from behind the damage");
}

StatusOr<bool> BatchCursor::Open() {
  bases_.clear();
  if (files_.Exists(directory_)) { ASSIGN_OR_RETURN(bases_, ListSegments(files_, directory_)); }
  if (bases_.empty()) return false;
  if (next_offset_ < bases_[0]) {
    return SqlError(sqlstate::kOffsetLost) << "offset " << next_offset_ << " of partition " << name_ << " is no longer in the log: it begins at "
                                           << bases_[0] << Hint("start from 'earliest'");
  }
  index_ = static_cast<size_t>(std::upper_bound(bases_.begin(), bases_.end(), next_offset_) - bases_.begin()) - 1;
  ASSIGN_OR_RETURN(std::unique_ptr<os::ReadableFile> segment, files_.OpenForRead(SegmentPath(directory_, bases_[index_], ".log")));
  ASSIGN_OR_RETURN(const BatchPosition at, LocateBatch(files_, directory_, bases_[index_], *segment, next_offset_));
  position_ = at.position;
  next_offset_ = at.base_offset;
  size_ = 0;
  window_bytes_ = 0;
  segment_ = std::move(segment);
  return true;
}

StatusOr<bool> BatchCursor::Holds(uint64_t end) {
  if (end <= size_) return true;
  ASSIGN_OR_RETURN(size_, segment_->Size());
  return end <= size_;
}

std::string_view BatchCursor::LentBytes(uint64_t begin, uint64_t end) const {
  const bool there = lent_ != nullptr && lent_->base == bases_[index_] && begin >= lent_->begin && end <= lent_->begin + lent_->bytes.size();
  return there ? lent_->bytes.substr(begin - lent_->begin) : std::string_view();
}

StatusOr<std::string_view> BatchCursor::Window() {
  if (const std::string_view lent = LentBytes(position_, position_ + kBatchHeaderBytes); !lent.empty()) return lent;
  const bool inside = position_ >= window_begin_ && position_ + kBatchHeaderBytes <= window_begin_ + window_bytes_;
  if (!inside) {
    const size_t wanted = header_.total_bytes < kSmallWindow ? kLargeWindow : kSmallWindow;
    if (window_.size() < wanted + kReadablePadding) window_.resize(wanted + kReadablePadding);
    window_begin_ = position_;
    window_bytes_ = 0;
    ASSIGN_OR_RETURN(window_bytes_, segment_->ReadAt(position_, window_.data(), wanted));
  }
  const size_t at = position_ - window_begin_;
  return std::string_view(window_).substr(at, window_bytes_ - at);
}

StatusOr<bool> BatchCursor::Next(RecordBatchHeader* header) {
  while (true) {
    if (segment_ == nullptr) {
      ASSIGN_OR_RETURN(const bool opened, Open());
      if (!opened) return false;
    }
    ASSIGN_OR_RETURN(const bool has_header, Holds(position_ + kBatchHeaderBytes));
    HeaderState state = HeaderState::kIncomplete;
    if (has_header) {
      ASSIGN_OR_RETURN(const std::string_view bytes, Window());
      state = ParseBatchHeader(bytes, &header_);
    }
    bool whole = false;
    if (state == HeaderState::kComplete && header_.base_offset >= next_offset_) { ASSIGN_OR_RETURN(whole, Holds(position_ + header_.total_bytes)); }
    if (!whole) {
      window_bytes_ = 0;  // what is there now may be cut, and other bytes come in its place
      ASSIGN_OR_RETURN(const bool moved, NextSegment());
      if (moved) continue;
      if (state == HeaderState::kIncomplete || (state == HeaderState::kComplete && header_.base_offset >= next_offset_)) return false;
      ASSIGN_OR_RETURN(const bool torn, OnlyZerosFollow(position_));
      if (torn) return false;
      return Corrupt("not a record batch of version 2");
    }
    position_ += header_.total_bytes;
    next_offset_ = header_.next_offset();
    if (next_offset_ <= target_) continue;
    *header = header_;
    return true;
  }
}

StatusOr<bool> BatchCursor::NextSegment() {
  if (index_ + 1 == bases_.size()) {
    // A writer rolls at exactly the next offset.
    if (next_offset_ == bases_.back() || !files_.Exists(SegmentPath(directory_, next_offset_, ".log"))) return false;
    bases_.push_back(next_offset_);
  }
  ASSIGN_OR_RETURN(const uint64_t size, segment_->Size());
  if (size > size_) {  // what came before the new segment was made is read first
    size_ = size;
    return true;
  }
  if (position_ < size_) return Corrupt("not a whole record batch, but it is not the last segment");
  auto next = files_.OpenForRead(SegmentPath(directory_, bases_[index_ + 1], ".log"));
  if (!next.ok()) {
    if (SqlStateOf(next.status()) != sqlstate::kUndefinedFile) return next.status();
    segment_.reset();  // removed by retention: look again at what there is
    return true;
  }
  segment_ = std::move(next).value();
  ++index_;
  size_ = position_ = 0;
  next_offset_ = std::max(next_offset_, bases_[index_]);
  return true;
}

StatusOr<bool> BatchCursor::OnlyZerosFollow(uint64_t from) {
  char chunk[4096];
  for (uint64_t at = from;;) {
    ASSIGN_OR_RETURN(const size_t got, segment_->ReadAt(at, chunk, sizeof(chunk)));
    if (std::any_of(chunk, chunk + got, [](char c) { return c != 0; })) return false;
    if (got < sizeof(chunk)) return true;
    at += got;
  }
}

StatusOr<bool> BatchCursor::Read(std::string_view* batch) {
  const uint64_t begin = position_ - header_.total_bytes;
  size_t got = header_.total_bytes;
  if (const std::string_view lent = LentBytes(begin, position_); !lent.empty()) {
    *batch = lent.substr(0, header_.total_bytes);
  } else if (begin >= window_begin_ && position_ <= window_begin_ + window_bytes_) {
    *batch = std::string_view(window_).substr(begin - window_begin_, header_.total_bytes);
  } else {
    batch_.assign(header_.total_bytes + kReadablePadding, '\0');
    ASSIGN_OR_RETURN(got, segment_->ReadAt(begin, batch_.data(), header_.total_bytes));
    *batch = std::string_view(batch_).substr(0, header_.total_bytes);
  }
  if (got == header_.total_bytes && BatchCrcMatches(*batch, header_)) return true;
  ASSIGN_OR_RETURN(const bool last, OnlyZerosFollow(position_));
  if (last && index_ + 1 == bases_.size()) {
    position_ = begin;  // to be found again, whole, or not at all
    next_offset_ = header_.base_offset;
    window_bytes_ = 0;
    return false;
  }
  return Corrupt("the checksum of the record batch is wrong");
}

}  // namespace kappa::log
