// Reads one partition's segments: positioned reads of about a megabyte, each batch's CRC checked, records pointing into what was read.
//
//   segment file ──ReadAt──► ReadBuffer.raw ──CRC, decode──► ReadBuffer.records ──Poll──► spans of them (owner: the buffer)
//                                │ the batch that is cut off at the end is carried over to the next buffer
//
// Reads what is committed: records of a transaction come once its marker is in the log, aborted ones and the markers are passed over (they use up
// offsets), and nothing comes from behind the first transaction that is open ("last stable offset", as Kafka's isolation level read_committed).
//
// Sees what any process appends as soon as it is whole in the file. Bytes at the end of the last segment that are no whole batch are not there yet (a
// writer is at work) or never will be (a torn write, cut when the partition is next opened for writing): in both cases they are no records.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/os/file_system.h"
#include "common/source.h"
#include "connectors/log/partition_end.h"
#include "connectors/log/read_buffer.h"
#include "connectors/log/segment.h"
#include "connectors/log/transaction_scan.h"

namespace kappa::log {

class LogPartitionReader final : public PartitionReader {
 public:
  // Starts at offset 0, which the first Seek usually changes. `name`: topic-partition, for errors. The directory may be missing: an empty partition.
  LogPartitionReader(os::FileSystem& files, std::string directory, std::string name, int32_t partition, const RecordNeeds& needs,
                     size_t read_bytes = kDefaultReadBytes);

  // 58K01: the position has left the log, or lies past its end.  XX001: a batch with a wrong CRC or malformed records; what precedes it is delivered
  // first.
  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override;
  Status Seek(Offset position) override;
  Offset position() const override { return position_; }
  // `end` is the last stable offset.
  StatusOr<OffsetRange> Range() override;
  StatusOr<Offset> PositionAt(int64_t timestamp_ms) override;

  // A partition that no broker has written: offsets have no gaps, so that one that skips some is damage, and there are no transactions as long as
  // there is no `writers` directory. Before the first Poll.
  void MadeHere(std::string writers) {
    contiguous_ = true;
    end_->MadeHere(std::move(writers));
  }
  // What others of this process already know of the partition's end. Before MadeHere.
  void Share(std::shared_ptr<PartitionEnd> end) { end_ = std::move(end); }
  // Which topic this is, as `ask` says each time ("": gone): a reader that has nothing to read asks now and then, and answers 58K01 until it is
  // sought once the topic has been deleted or made anew. Before the first Poll.
  void Watch(std::string identity, std::function<std::string()> ask) {
    identity_ = std::move(identity);
    ask_identity_ = std::move(ask);
  }

  static constexpr size_t kDefaultReadBytes = 512 << 10;  // stays in a core's second-level cache between the read, the CRC and the decoder

 private:
  struct Parsed;
  bool buffer_drained() const { return buffer_ == nullptr || cursor_ == buffer_->records.size(); }
  Status Fill();                                // makes records available, or leaves the buffer drained: nothing now
  StatusOr<bool> FillOnce();                    // false: nothing now
  StatusOr<bool> OpenSegment();                 // the one that holds position_; false: the partition is empty
  StatusOr<bool> NextSegment(size_t unparsed);  // false: there is none; `unparsed` bytes at the end of this one are no whole batch
  StatusOr<bool> ReadMore(ReadBuffer* into);    // the carried bytes and what follows them; true at the end of the file
  Status ParseBuffer(bool* progressed, size_t* wanted);
  StatusOr<TransactionScan::Outcome> OutcomeOf(int64_t producer_id, Offset base_offset);
  StatusOr<bool> Deliver(const RecordBatchHeader& header);  // of a transactional or control batch; sets blocked_ where that is open
  Status AddBatch(std::string_view batch, const RecordBatchHeader& header, bool* full);
  StatusOr<bool> TornTail(uint64_t from);
  Status Corrupt(Offset offset, std::string_view what) const;
  Status Gone(Offset begin) const;
  Status CheckIdentity();

  os::FileSystem& files_;
  const std::string directory_;
  const std::string name_;
  const int32_t partition_;
  const RecordNeeds needs_;
  const size_t read_bytes_;
  bool contiguous_ = false;
  std::shared_ptr<PartitionEnd> end_;

  Offset position_ = 0;  // of the next record to hand out
  ReadBufferPool pool_;
  std::shared_ptr<ReadBuffer> buffer_;
  size_t cursor_ = 0;           // of the next record in buffer_
  size_t checksum_cursor_ = 0;  // of the next of its stored checksums
  size_t parsed_bytes_ = 0;     // of buffer_->raw: what follows is carried over
  Offset buffer_next_ = 0;      // offset after the last batch parsed

  std::unique_ptr<os::ReadableFile> segment_;
  std::vector<Offset> bases_;   // segments as last listed
  size_t segment_index_ = 0;    // segment_ is bases_[segment_index_]
  uint64_t file_position_ = 0;  // in segment_: of the byte at parsed_bytes_
  size_t wanted_bytes_ = 0;     // of the next read: a batch larger than read_bytes_

  std::string identity_;
  std::function<std::string()> ask_identity_;
  uint32_t empty_polls_ = 0;
  Status replaced_;  // the topic is another one

  struct OpenBatch {
    int64_t producer_id;
    Offset base_offset;
  };
  std::optional<OpenBatch> blocked_;           // the next batch: its transaction is open
  std::unique_ptr<TransactionScan> outcomes_;  // looks ahead of the position; made when the first transactional batch comes
};

}  // namespace kappa::log
