// A text file as a partition: each line is a record, its number (from 0) the offset.
#pragma once

#include <memory>
#include <string>

#include "common/os/file_system.h"
#include "common/source.h"
#include "connectors/log/read_buffer.h"

namespace kappa::file {

struct LineSettings {
  size_t max_line_bytes = 16 << 20;
  bool follow = false;  // the file may grow: a last line without its newline is no record yet
  size_t read_bytes = 512 << 10;
};

// Lines end with \n or \r\n, which are no part of the record; the last may lack it. All other bytes, NUL and broken UTF-8 too, are passed on
// untouched.
class LineReader final : public PartitionReader {
 public:
  static StatusOr<std::unique_ptr<LineReader>> Open(os::FileSystem& files, const std::string& path, int32_t partition, const LineSettings& settings);

  // 54000: a line is longer than max_line_bytes. 58030: a followed file has shrunk, or cannot be read.
  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override;
  // Backwards: reads the file from its beginning again, up to the line.
  Status Seek(Offset position) override;
  Offset position() const override { return position_; }
  // Counts the lines there are now (what has been counted once is not read again).
  StatusOr<OffsetRange> Range() override;

 private:
  LineReader(std::string path, std::unique_ptr<os::ReadableFile> file, int32_t partition, const LineSettings& settings)
      : path_(std::move(path)), file_(std::move(file)), partition_(partition), settings_(settings) {}
  bool drained() const { return buffer_ == nullptr || cursor_ == buffer_->records.size(); }
  Status Fill();  // leaves the buffer drained when there is nothing (more) now
  void SplitLines(bool at_end);
  Status TooLong() const;

  const std::string path_;
  const std::unique_ptr<os::ReadableFile> file_;
  const int32_t partition_;
  const LineSettings settings_;

  Offset position_ = 0;
  log::ReadBufferPool pool_;
  std::shared_ptr<log::ReadBuffer> buffer_;
  size_t cursor_ = 0;           // of the next record in buffer_
  size_t split_bytes_ = 0;      // of buffer_->raw: what follows is the beginning of a line, and is carried over
  uint64_t file_position_ = 0;  // of the byte at split_bytes_
  Offset next_line_ = 0;        // number of the line that begins there

  uint64_t counted_bytes_ = 0;  // up to here, Range has counted...
  Offset counted_lines_ = 0;    // ...so many newlines
};

}  // namespace kappa::file
