#include "connectors/file/line_reader.h"

#include <algorithm>
#include <cstring>

#include "connectors/file/compressed_file.h"

namespace kappa::file {

StatusOr<std::unique_ptr<LineReader>> LineReader::Open(os::FileSystem& files, const std::string& path, int32_t partition,
                                                       const LineSettings& settings) {
  ASSIGN_OR_RETURN(std::unique_ptr<os::ReadableFile> file, files.OpenForRead(path));
  std::unique_ptr<LineReader> reader(new LineReader(&files, path, Decompressed(path, std::move(file)), partition, settings));
  ASSIGN_OR_RETURN(reader->opened_, files.Stat(path));
  return reader;
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
  batch.preamble = preamble_;
  batch.topic = path_;
  batch.owner = buffer_;
  return batch;
}

Status LineReader::Fill() {
  if (ended_) return OkStatus();  // what is appended from here on is no part of it
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
    if (at_end && !settings_.follow && !ended_) {
      ended_ = true;
      RETURN_IF_ERROR(CheckUnchanged());
    }
    if (at_end || !buffer_->records.empty()) break;
  }
  if (!buffer_->records.empty() || !settings_.follow) return OkStatus();
  ASSIGN_OR_RETURN(const uint64_t size, file_->Size());
  if (size < file_position_)
    return SqlError(sqlstate::kIoError) << path_ << " has shrunk while it was followed: " << size << " bytes, " << file_position_ << " were read";
  return OkStatus();
}

// Its end has been read: is it still the file that was opened? What was appended meanwhile has been read too.
Status LineReader::CheckUnchanged() {
  const StatusOr<os::FileStat> now = files_->Stat(path_);
  if (!now.ok()) return OkStatus();  // its name is gone; what was opened has been read whole
  if (now->size < opened_.size)
    return SqlError(sqlstate::kIoError) << path_ << " has shrunk while it was read: from " << opened_.size << " to " << now->size << " bytes"
                                        << Hint("read a file that is complete; write it under another name, then rename it");
  if (now->size == opened_.size && now->modified_micros != opened_.modified_micros)
    return SqlError(sqlstate::kIoError) << path_ << " was changed while it was read"
                                        << Hint("read a file that is complete; write it under another name, then rename it");
  return OkStatus();
}

void LineReader::SplitLines(bool at_end) {
  const char* const begin = buffer_->raw.memory.get();
  const char* const end = begin + buffer_->raw.used;
  const char* line = begin;
  if (at_begin_ && line < end) {
    static constexpr char kMark[] = "\xEF\xBB\xBF";
    if (end - line >= 3 && std::memcmp(line, kMark, 3) == 0) line += 3;
    at_begin_ = false;
    reads_header_ = settings_.header;
  }
  RecordSplitter splitter(settings_.form, line, end, at_end && !settings_.follow);
  while (line < end) {
    const RecordSplitter::Found found = splitter.Next(line);
    if (found.end == nullptr) break;  // the rest is looked at again, with more behind it
    if (found.begin != nullptr) line = found.begin;
    const bool blank = found.end == line && (settings_.skip_blank || settings_.form.json);
    if (reads_header_ && !blank) {
      preamble_.assign(line, found.end);
      reads_header_ = false;
    } else if (!blank) {
      Record& record = buffer_->records.emplace_back();
      record.value = line;
      record.value_size = static_cast<uint32_t>(found.end - line);
      record.offset = next_line_++;
    }
    line = found.next;
  }
  split_bytes_ = static_cast<size_t>(line - begin);
  file_position_ += split_bytes_;
}

void LineReader::Rewind() {
  buffer_.reset();
  cursor_ = split_bytes_ = 0;
  file_position_ = 0;
  next_line_ = 0;
  at_begin_ = true;
  reads_header_ = ended_ = false;
}

Status LineReader::Seek(Offset position) {
  if (position < 0) return SqlError(sqlstate::kInvalidParameterValue) << path_ << ": line " << position << " is negative";
  if (position < position_) Rewind();
  position_ = position;
  return OkStatus();
}

StatusOr<OffsetRange> LineReader::Range() {
  if (ended_) return OffsetRange{0, next_line_};
  if (counter_ == nullptr) { ASSIGN_OR_RETURN(counter_, Open(*files_, path_, partition_, settings_)); }
  while (!counter_->ended_) {
    const uint64_t before = counter_->file_position_;
    RETURN_IF_ERROR(counter_->Fill());
    if (counter_->file_position_ == before && settings_.follow) break;
  }
  return OffsetRange{0, counter_->next_line_};
}

}  // namespace kappa::file
