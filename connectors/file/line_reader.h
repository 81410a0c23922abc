// A text file as a partition: each line, or record of CSV, is a record, its number (from 0) the offset. A byte order mark at the beginning is no part
// of the first; a header line is no record: it is the batches' preamble.
#pragma once

#include <memory>
#include <string>

#include "common/os/file_system.h"
#include "common/source.h"
#include "connectors/file/record_splitter.h"
#include "connectors/log/read_buffer.h"

namespace kappa::file {

struct LineSettings {
  size_t max_line_bytes = 16 << 20;
  RecordForm form;
  bool header = false;      // the first line says what the fields are called
  bool skip_blank = false;  // an empty line is no record
  bool follow = false;      // the file may grow: a last line without its newline is no record yet
  size_t read_bytes = 512 << 10;
};

// Line breaks (record_splitter.h) are no part of the record; the last may lack one. All other bytes, NUL and broken UTF-8 too, are passed on
// untouched. Files named .gz and .zst are read as what they hold.
class LineReader final : public PartitionReader {
 public:
  static StatusOr<std::unique_ptr<LineReader>> Open(os::FileSystem& files, const std::string& path, int32_t partition, const LineSettings& settings);

  // 54000: a line is longer than max_line_bytes. 58030: the file cannot be read, or has shrunk, or (not followed) was overwritten while it was read:
  // it may grow. XX001: compressed, and damaged.
  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override;
  // Backwards: reads the file from its beginning again, up to the line.
  Status Seek(Offset position) override;
  Offset position() const override { return position_; }
  // Counts the lines there are now (what has been counted once is not read again).
  StatusOr<OffsetRange> Range() override;

 private:
  LineReader(os::FileSystem* files, std::string path, std::unique_ptr<os::ReadableFile> file, int32_t partition, const LineSettings& settings)
      : files_(files), path_(std::move(path)), file_(std::move(file)), partition_(partition), settings_(settings) {}
  bool drained() const { return buffer_ == nullptr || cursor_ == buffer_->records.size(); }
  Status Fill();  // leaves the buffer drained when there is nothing (more) now
  void SplitLines(bool at_end);
  void Rewind();
  Status CheckUnchanged();
  Status TooLong() const;

  os::FileSystem* const files_;
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

  bool at_begin_ = true;       // nothing of the file has been looked at: a byte order mark and a header may come
  bool reads_header_ = false;  // the next line is the header
  std::string preamble_;
  bool ended_ = false;   // not followed: the file's end has been seen
  os::FileStat opened_;  // as it was

  std::unique_ptr<LineReader> counter_;  // of Range: reads ahead to count
};

}  // namespace kappa::file
