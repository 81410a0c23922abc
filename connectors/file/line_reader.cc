#include "connectors/file/line_reader.h"

#include <algorithm>
#include <cstring>

namespace kappa::file {

StatusOr<std::unique_ptr<LineReader>> LineReader::Open(os::FileSystem& files, const std::string& path, int32_t partition,
                                                       const LineSettings& settings) {
  ASSIGN_OR_RETURN(std::unique_ptr<os::ReadableFile> file, files.OpenForRead(path));
  return std::unique_ptr<LineReader>(new LineReader(path, std::move(file), partition, settings));
}

Status LineReader::TooLong() const {
  return SqlError(sqlstate::kStatementTooLong) << path_ << ", line " << next_line_ << " (from 0): longer than " << settings_.max_line_bytes
                                               << " bytes" << Hint("raise max.line.bytes");
}

StatusOr<RecordBatch> LineReader::Poll(const BatchLimit& limit) {
  RecordBatch batch;
  batch.partition = partition_;
  batch.next = position_;
  if (position_ >= limit.end || limit.records == 0) return batch;
  while (true) {
    if (drained()) RETURN_IF_ERROR(Fill());
    if (drained()) return batch;
    // Lines before a position that was sought.
    const Offset first = buffer_->records[cursor_].offset;
    if (first >= position_) break;
    cursor_ += std::min(static_cast<size_t>(position_ - first), buffer_->records.size() - cursor_);
  }
  const Record* const first = buffer_->records.data() + cursor_;
  const size_t most = std::min({limit.records, buffer_->records.size() - cursor_, static_cast<size_t>(limit.end - position_)});
  size_t count = 0, bytes = 0;
  while (count < most && (count == 0 || bytes + first[count].value_size <= limit.bytes)) bytes += first[count++].value_size;
  cursor_ += count;
  position_ += static_cast<Offset>(count);
  batch.records = std::span<const Record>(first, count);
  batch.bytes = bytes;
  batch.next = position_;
  batch.owner = buffer_;
  return batch;
}

Status LineReader::Fill() {
  while (true) {
    std::shared_ptr<log::ReadBuffer> next = pool_.Acquire();
    const size_t carried = buffer_ == nullptr ? 0 : buffer_->raw.used - split_bytes_;
    if (carried > settings_.max_line_bytes) return TooLong();
    const size_t room = std::max(settings_.read_bytes, 2 * carried);
    next->raw.Reserve(room);
    char* const bytes = next->raw.memory.get();
    if (carried > 0) std::memcpy(bytes, buffer_->raw.memory.get() + split_bytes_, carried);
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(file_position_ + carried, bytes + carried, room - carried));
    next->raw.used = carried + got;
    buffer_ = std::move(next);
    cursor_ = split_bytes_ = 0;
    const bool at_end = got < room - carried;
    SplitLines(at_end);
    for (const Record& record : buffer_->records) {
      if (record.value_size > settings_.max_line_bytes) return TooLong();
    }
    if (at_end) buffer_->raw.used = split_bytes_;  // the beginning of a line is read again, when there is more of it
    if (at_end || !buffer_->records.empty()) break;
  }
  if (!buffer_->records.empty() || !settings_.follow) return OkStatus();
  ASSIGN_OR_RETURN(const uint64_t size, file_->Size());
  if (size < file_position_)
    return SqlError(sqlstate::kIoError) << path_ << " has shrunk while it was followed: " << size << " bytes, " << file_position_ << " were read";
  return OkStatus();
}

void LineReader::SplitLines(bool at_end) {
  const char* const begin = buffer_->raw.memory.get();
  const char* const end = begin + buffer_->raw.used;
  const char* line = begin;
  const auto add = [&](const char* line_end) {
    if (line_end > line && line_end[-1] == '\r') --line_end;
    Record& record = buffer_->records.emplace_back();
    record.value = line;
    record.value_size = static_cast<uint32_t>(line_end - line);
    record.offset = next_line_++;
  };
  while (const void* newline = line < end ? std::memchr(line, '\n', static_cast<size_t>(end - line)) : nullptr) {
    add(static_cast<const char*>(newline));
    line = static_cast<const char*>(newline) + 1;
  }
  if (at_end && line < end && !settings_.follow) {
    add(end);
    line = end;
  }
  split_bytes_ = static_cast<size_t>(line - begin);
  file_position_ += split_bytes_;
}

Status LineReader::Seek(Offset position) {
  if (position < 0) return SqlError(sqlstate::kInvalidParameterValue) << path_ << ": line " << position << " is negative";
  if (position < position_) {
    buffer_.reset();
    cursor_ = split_bytes_ = 0;
    file_position_ = 0;
    next_line_ = 0;
  }
  position_ = position;
  return OkStatus();
}

StatusOr<OffsetRange> LineReader::Range() {
  std::unique_ptr<char[]> chunk = std::make_unique_for_overwrite<char[]>(settings_.read_bytes);
  char last = '\n';
  while (true) {
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(counted_bytes_, chunk.get(), settings_.read_bytes));
    counted_lines_ += std::count(chunk.get(), chunk.get() + got, '\n');
    counted_bytes_ += got;
    if (got > 0) last = chunk[got - 1];
    if (got < settings_.read_bytes) break;
  }
  if (last == '\n' && counted_bytes_ > 0) {
    ASSIGN_OR_RETURN(const size_t got, file_->ReadAt(counted_bytes_ - 1, &last, 1));
    if (got == 0) last = '\n';
  }
  const bool unended = counted_bytes_ > 0 && last != '\n' && !settings_.follow;
  return OffsetRange{0, counted_lines_ + (unended ? 1 : 0)};
}

}  // namespace kappa::file
