// Walks over the batches of a partition by their headers alone, across segments, to the end of the log and on as it grows: what readers need to know
// of records that they do not deliver yet. A small read for each large batch, one for many small ones, none for what is lent.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/file_system.h"
#include "connectors/log/record_batch_codec.h"
#include "connectors/log/segment.h"

namespace kappa::log {

// One thread at a time. `name`: topic-partition, for errors.
class BatchCursor {
 public:
  BatchCursor(os::FileSystem& files, std::string directory, std::string name)
      : files_(files), directory_(std::move(directory)), name_(std::move(name)) {}

  // The next batch will be the one that holds `offset`, or the first after it.
  void Seek(Offset offset);
  // False: there is no whole batch now. 58K01: the position has left the log. XX001: damage in what is not the log's end.
  StatusOr<bool> Next(RecordBatchHeader* header);
  // The batch that Next has found, with kReadablePadding behind it; valid until the next call. Its CRC is checked: false when it is wrong and the
  // batch is the last (a torn write), XX001 elsewhere.
  StatusOr<bool> Read(std::string_view* batch);
  // Bytes of a segment that somebody has read already, with kReadablePadding behind them: they are looked at instead of the file until the call with
  // null.
  struct Lent {
    Offset base;     // of the segment
    uint64_t begin;  // where in its file
    std::string_view bytes;
  };
  void Lend(const Lent* lent) { lent_ = lent; }
  // After the last batch found; where Seek went, before the first.
  Offset next_offset() const { return next_offset_; }

 private:
  StatusOr<bool> Open();
  StatusOr<bool> NextSegment();
  StatusOr<bool> Holds(uint64_t end);  // the file reaches as far as `end`
  StatusOr<std::string_view> Window();
  // What is lent of the file from `begin` on, when that reaches as far as `end`; else nothing.
  std::string_view LentBytes(uint64_t begin, uint64_t end) const;
  StatusOr<bool> OnlyZerosFollow(uint64_t from);
  Status Corrupt(std::string_view what) const;

  os::FileSystem& files_;
  const std::string directory_, name_;
  Offset target_ = 0;       // batches that end at or before it are passed over
  Offset next_offset_ = 0;  // of the batch at position_, at least
  std::vector<Offset> bases_;
  size_t index_ = 0;  // segment_ is bases_[index_]
  std::unique_ptr<os::ReadableFile> segment_;
  uint64_t size_ = 0;  // of the file, as last seen
  uint64_t position_ = 0;
  RecordBatchHeader header_;  // of the batch that Next has found, which ends at position_
  std::string window_;        // window_bytes_ bytes of the file from window_begin_ on, and room behind them
  uint64_t window_begin_ = 0;
  size_t window_bytes_ = 0;
  std::string batch_;
  const Lent* lent_ = nullptr;

  static constexpr size_t kSmallWindow = 1 << 10, kLargeWindow = 64 << 10;  // for large batches; for many small ones
};

}  // namespace kappa::log
