#include "connectors/log/log_partition_reader.h"

#include <algorithm>
#include <cstring>

#include "common/runtime.h"
#include "connectors/log/time_lookup.h"

namespace kappa::log {
LogPartitionReader::LogPartitionReader(os::FileSystem& files, std::string directory, std::string name, int32_t partition, const RecordNeeds& needs,
                                       size_t read_bytes)
    : files_(files),
      directory_(std::move(directory)),
      name_(std::move(name)),
      partition_(partition),
      needs_(needs),
      read_bytes_(read_bytes),
      end_(std::make_shared<PartitionEnd>(files, directory_, name_)) {}

Status LogPartitionReader::Corrupt(Offset offset, std::string_view what) const {
  return SqlError(sqlstate::kDataCorrupted)
         << "partition " << name_ << ", offset " << offset << ": " << what << ", in " << SegmentPath(directory_, bases_[segment_index_], ".log")
         << " at byte " << file_position_
         << Hint("a torn write at the end of the log is cut when the topic is next written to; elsewhere, restore the file");
}

Status LogPartitionReader::Gone(Offset begin) const {
  return SqlError(sqlstate::kOffsetLost) << "offset " << position_ << " of partition " << name_ << " is no longer in the log: it begins at " << begin
                                         << Hint("start from 'earliest'");
}

Status LogPartitionReader::Seek(Offset position) {
  if (position < 0) return SqlError(sqlstate::kInvalidParameterValue) << "offset " << position << " of partition " << name_ << " is negative";
  position_ = position;
  buffer_.reset();
  segment_.reset();
  cursor_ = checksum_cursor_ = parsed_bytes_ = wanted_bytes_ = 0;
  blocked_.reset();
  outcomes_.reset();
  if (!replaced_.ok()) {
    replaced_ = OkStatus();
    end_->Forget();
    identity_ = ask_identity_();
  }
  return OkStatus();
}

Status LogPartitionReader::CheckIdentity() {
  constexpr uint32_t kEvery = 16;  // empty polls in a row: it costs a small file's reading
  if (ask_identity_ == nullptr || empty_polls_++ % kEvery != 0) return OkStatus();
  const std::string now = ask_identity_();
  if (now == identity_) return OkStatus();
  replaced_ = SqlError(sqlstate::kOffsetLost) << "partition " << name_ << " at offset " << position_ << ": the topic was "
                                              << (now.empty() ? "deleted" : "deleted and made anew") << " while it was read"
                                              << Hint("start from 'earliest'");
  return replaced_;
}

StatusOr<RecordBatch> LogPartitionReader::Poll(const BatchLimit& limit) {
  RecordBatch batch;
  batch.partition = partition_;
  batch.next = position_;
  if (limit.end <= position_ || limit.records == 0) return batch;
  if (KAPPA_UNLIKELY(!replaced_.ok())) return replaced_;
  if (buffer_drained()) {
    RETURN_IF_ERROR(Fill());
    batch.next = position_;
    if (buffer_drained() || limit.end <= position_) {
      batch.next = position_ = std::min(position_, limit.end);
      return batch;
    }
  }
  const Record* const first = buffer_->records.data() + cursor_;
  const size_t most = std::min(limit.records, buffer_->records.size() - cursor_);
  size_t count = 0, bytes = 0;
  while (count < most && first[count].offset < limit.end) {
    const size_t size = size_t{first[count].key_size} + first[count].value_size;
    if (count > 0 && bytes + size > limit.bytes) break;
    bytes += size;
    ++count;
  }
  cursor_ += count;
  const Offset following = buffer_drained() ? buffer_next_ : buffer_->records[cursor_].offset;
  position_ = std::min(following, limit.end);
  batch.next = position_;
  batch.bytes = bytes;
  if (count > 0) {
    batch.records = std::span<const Record>(first, count);
    const std::vector<StoredChecksum>& stored = buffer_->checksums;
    const size_t passed = checksum_cursor_;
    while (checksum_cursor_ < stored.size() && stored[checksum_cursor_].last < position_) ++checksum_cursor_;
    batch.checksums = std::span<const StoredChecksum>(stored).subspan(passed, checksum_cursor_ - passed);
    batch.has_checksums = true;
    batch.owner = buffer_;
  }
  return batch;
}

Status LogPartitionReader::Fill() {
  while (buffer_drained()) {
    ASSIGN_OR_RETURN(const bool more, FillOnce());
    if (!more) return CheckIdentity();
  }
  empty_polls_ = 0;
  return OkStatus();
}

StatusOr<bool> LogPartitionReader::FillOnce() {
  if (segment_ == nullptr) {
    ASSIGN_OR_RETURN(const bool opened, OpenSegment());
    if (!opened) return false;
  }
  if (blocked_.has_value()) {
    ASSIGN_OR_RETURN(const TransactionScan::Outcome outcome, OutcomeOf(blocked_->producer_id, blocked_->base_offset));
    if (outcome == TransactionScan::Outcome::kOpen) return false;
    blocked_.reset();
  }
  std::shared_ptr<ReadBuffer> next = pool_.Acquire();
  ASSIGN_OR_RETURN(const bool at_end, ReadMore(next.get()));
  buffer_ = std::move(next);
  cursor_ = checksum_cursor_ = parsed_bytes_ = 0;
  bool progressed = false;
  RETURN_IF_ERROR(ParseBuffer(&progressed, &wanted_bytes_));
  // A cut-off batch at the end of the file is read again, not carried over: a repair may put another one in its place.
  const size_t unparsed = buffer_->raw.used - parsed_bytes_;
  if (at_end || blocked_.has_value()) buffer_->raw.used = parsed_bytes_;
  if (progressed) {
    // Records before the position share a batch with it.
    const auto& records = buffer_->records;
    cursor_ = static_cast<size_t>(
        std::lower_bound(records.begin(), records.end(), position_, [](const Record& r, Offset o) { return r.offset < o; }) - records.begin());
    if (buffer_drained() && buffer_next_ > position_) position_ = buffer_next_;  // nothing but markers
    if (!buffer_drained()) position_ = records[cursor_].offset;
    return true;
  }
  if (blocked_.has_value()) return false;
  if (!at_end) return true;  // a batch larger than the read: again, with more room
  ASSIGN_OR_RETURN(const bool moved, NextSegment(unparsed));
  if (moved) return true;
  if (buffer_next_ < position_) {
    return SqlError(sqlstate::kOffsetLost) << "offset " << position_ << " of partition " << name_ << " is past the end of the log, " << buffer_next_
                                           << Hint("the log was truncated or made anew; start from 'earliest' or 'latest'");
  }
  return false;
}

StatusOr<bool> LogPartitionReader::ReadMore(ReadBuffer* into) {
  const std::string_view carried =
      buffer_ == nullptr ? std::string_view() : std::string_view(buffer_->raw.memory.get() + parsed_bytes_, buffer_->raw.used - parsed_bytes_);
  const size_t room = std::max({read_bytes_, wanted_bytes_, carried.size() + read_bytes_ / 4});
  into->raw.Reserve(room);
  if (!carried.empty()) std::memcpy(into->raw.memory.get(), carried.data(), carried.size());
  into->raw.used = carried.size();  // a failed read below leaves buffer_ as it was
  ASSIGN_OR_RETURN(const size_t got,
                   segment_->ReadAt(file_position_ + carried.size(), into->raw.memory.get() + carried.size(), room - carried.size()));
  into->raw.used += got;
  return got < room - carried.size();
}

Status LogPartitionReader::ParseBuffer(bool* progressed, size_t* wanted) {
  *wanted = 0;
  while (true) {
    const std::string_view rest(buffer_->raw.memory.get() + parsed_bytes_, buffer_->raw.used - parsed_bytes_);
    RecordBatchHeader header;
    const HeaderState state = ParseBatchHeader(rest, &header);
    if (state == HeaderState::kIncomplete) return OkStatus();
    if (state == HeaderState::kInvalid || header.base_offset < buffer_next_) {
      if (*progressed) return OkStatus();  // first deliver what is good
      ASSIGN_OR_RETURN(const bool torn, TornTail(file_position_));
      return torn ? OkStatus() : Corrupt(buffer_next_, "not a record batch of version 2");
    }
    if (header.total_bytes > rest.size()) {
      *wanted = header.total_bytes;
      return OkStatus();
    }
    // Checked before a header is believed that says the batch can be passed over.
    const std::string_view batch = rest.substr(0, header.total_bytes);
    if (KAPPA_UNLIKELY(!BatchCrcMatches(batch, header))) {
      if (*progressed) return OkStatus();
      ASSIGN_OR_RETURN(const bool torn, TornTail(file_position_ + header.total_bytes));
      return torn ? OkStatus() : Corrupt(header.base_offset, "the checksum of the record batch is wrong");
    }
    if (KAPPA_UNLIKELY(contiguous_ && header.base_offset != buffer_next_)) {
      return *progressed ? OkStatus() : Corrupt(buffer_next_, "the record batch says another offset");
    }
    bool deliver = header.next_offset() > position_;
    if (KAPPA_UNLIKELY((header.attributes & (kTransactional | kControl)) != 0) && deliver) {
      ASSIGN_OR_RETURN(deliver, Deliver(header));
      if (blocked_.has_value()) return OkStatus();
    }
    if (deliver) {
      bool full = false;
      const size_t before = buffer_->records.size();
      if (const Status added = AddBatch(batch, header, &full); !added.ok()) {
        buffer_->records.resize(before);
        return *progressed ? OkStatus() : Corrupt(header.base_offset, MessageOf(added));
      }
      if (full) return OkStatus();
      buffer_->checksums.push_back({header.next_offset() - 1, header.crc});
    }
    parsed_bytes_ += header.total_bytes;
    file_position_ += header.total_bytes;
    buffer_next_ = header.next_offset();
    *progressed = true;
  }
}

Status LogPartitionReader::AddBatch(std::string_view batch, const RecordBatchHeader& header, bool* full) {
  HeaderStore* headers = needs_.headers ? &buffer_->headers : nullptr;
  const std::string_view section = batch.substr(kBatchHeaderBytes);
  if (header.compression() == Compression::kNone) return DecodeRecords(section, header, &buffer_->records, headers);
  ReadBuffer::Block& inflated = buffer_->inflated;
  if (inflated.capacity == 0) inflated.Reserve(4 * read_bytes_);
  while (true) {
    size_t size = 0;
    char* const out = inflated.memory.get() + inflated.used;
    const Inflated result = Decompress(header.compression(), section, out, inflated.capacity - inflated.used, &size);
    if (result == Inflated::kDone) {
      inflated.used += size;
      return DecodeRecords(std::string_view(out, size), header, &buffer_->records, headers);
    }
    if (result == Inflated::kCorrupt)
      return SqlError(sqlstate::kDataCorrupted) << "the " << CompressionName(header.compression()) << " data is malformed";
    if (inflated.used > 0) {  // records already point into it: the next buffer takes this batch
      *full = true;
      return OkStatus();
    }
    if (inflated.capacity >= kMaxInflatedBytes)
      return SqlError(sqlstate::kDataCorrupted) << "the batch is over " << kMaxInflatedBytes << " bytes decompressed";
    inflated.Reserve(2 * inflated.capacity);
  }
}

// Whether nothing but zeros follows `from` in the last segment.
StatusOr<bool> LogPartitionReader::TornTail(uint64_t from) {
  if (segment_index_ + 1 < bases_.size()) return false;
  char chunk[4096];
  for (uint64_t at = from;;) {
    ASSIGN_OR_RETURN(const size_t got, segment_->ReadAt(at, chunk, sizeof(chunk)));
    if (std::any_of(chunk, chunk + got, [](char c) { return c != 0; })) return false;
    if (got < sizeof(chunk)) return true;
    at += got;
  }
}

StatusOr<bool> LogPartitionReader::OpenSegment() {
  if (!files_.Exists(directory_)) {
    bases_.clear();
  } else {
    ASSIGN_OR_RETURN(bases_, ListSegments(files_, directory_));
  }
  if (bases_.empty()) return false;
  if (position_ < bases_[0]) return Gone(bases_[0]);
  segment_index_ = static_cast<size_t>(std::upper_bound(bases_.begin(), bases_.end(), position_) - bases_.begin()) - 1;
  const Offset base = bases_[segment_index_];
  auto segment = files_.OpenForRead(SegmentPath(directory_, base, ".log"));
  if (!segment.ok() && SqlStateOf(segment.status()) == sqlstate::kUndefinedFile) return Gone(base + 1);  // retention was faster
  if (!segment.ok()) return segment.status();
  ASSIGN_OR_RETURN(const BatchPosition at, LocateBatch(files_, directory_, base, **segment, position_));
  segment_ = std::move(segment).value();
  file_position_ = at.position;
  buffer_next_ = at.base_offset;
  return true;
}

StatusOr<bool> LogPartitionReader::NextSegment(size_t unparsed) {
  if (segment_index_ + 1 == bases_.size()) {
    // A writer rolls at exactly the next offset.
    if (buffer_next_ == bases_.back() || !files_.Exists(SegmentPath(directory_, buffer_next_, ".log"))) return false;
    bases_.push_back(buffer_next_);
  }
  // What came before the new segment was made is read first.
  char byte;
  ASSIGN_OR_RETURN(const size_t more, segment_->ReadAt(file_position_ + unparsed, &byte, 1));
  if (more > 0) return true;
  if (unparsed > 0) return Corrupt(buffer_next_, "the record batch is cut off, but it is not the last segment");
  auto next = files_.OpenForRead(SegmentPath(directory_, bases_[segment_index_ + 1], ".log"));
  if (!next.ok()) {
    if (SqlStateOf(next.status()) != sqlstate::kUndefinedFile) return next.status();
    segment_.reset();  // removed by retention: look again at what there is
    buffer_.reset();
    cursor_ = checksum_cursor_ = parsed_bytes_ = 0;
    return true;
  }
  segment_ = std::move(next).value();
  ++segment_index_;
  file_position_ = 0;
  buffer_next_ = std::max(buffer_next_, bases_[segment_index_]);
  return true;
}

StatusOr<OffsetRange> LogPartitionReader::Range() { return end_->Range(); }

StatusOr<TransactionScan::Outcome> LogPartitionReader::OutcomeOf(int64_t producer_id, Offset base_offset) {
  if (outcomes_ == nullptr) {
    outcomes_ = std::make_unique<TransactionScan>(files_, directory_, name_);
    outcomes_->Start(base_offset, {});
  }
  // The marker is usually near: in what was read for the records.
  BatchCursor::Lent lent;
  if (buffer_ != nullptr && segment_ != nullptr && file_position_ >= parsed_bytes_) {
    lent = {bases_[segment_index_], file_position_ - parsed_bytes_, {buffer_->raw.memory.get(), buffer_->raw.used}};
  }
  return outcomes_->OutcomeOf(producer_id, base_offset, lent.bytes.empty() ? nullptr : &lent);
}

StatusOr<bool> LogPartitionReader::Deliver(const RecordBatchHeader& header) {
  if (header.control()) return false;
  ASSIGN_OR_RETURN(const TransactionScan::Outcome outcome, OutcomeOf(header.producer_id, header.base_offset));
  if (outcome == TransactionScan::Outcome::kOpen) blocked_ = {header.producer_id, header.base_offset};
  return outcome == TransactionScan::Outcome::kCommitted;
}

StatusOr<Offset> LogPartitionReader::PositionAt(int64_t timestamp_ms) {
  ASSIGN_OR_RETURN(const OffsetRange range, Range());
  return FirstOffsetSince(files_, directory_, name_, timestamp_ms, range.end);
}

}  // namespace kappa::log
