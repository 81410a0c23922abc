// The one writer of a partition: appends whole record batches durably, many threads' appends sharing one fsync.
//
//   thread A  Append(batches) ─┐
//   thread B  Append(batches) ─┼─► pending ─► the first to get the file writes them all, in order of arrival, rolls the segment when full,
//   thread C  Append(batches) ─┘              syncs once, and answers each with its base offset
//
// Opening takes the partition's lock file (55006 when another writer has it), reads the last segment with every CRC, and cuts what is not whole.
// Retention (retention.h) is applied when it opens and when it rolls.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/os/environment.h"
#include "common/record.h"
#include "common/status.h"
#include "connectors/log/producer_state.h"
#include "connectors/log/retention.h"
#include "connectors/log/segment.h"

namespace kappa::log {

struct PartitionLogOptions {
  uint64_t segment_bytes = 256 << 20;  // a segment takes no append once it would grow past this; at most kMaxSegmentBytes
  bool sync = true;                    // false: tests and scratch data; an acknowledged append may be lost with the machine
  Retention retention = {};
  bool contiguous = false;  // the partition was made here: its offsets have no gaps
};

enum class Durability {
  kSynced,   // on the disk when the call returns
  kWritten,  // once Sync or a later synced append has returned
};

// What opening had to cut.
struct TailRepair {
  uint64_t bytes_cut = 0;
  Offset next_offset = 0;  // where the log goes on
  std::string kept_in;  // a batch of full length with a wrong CRC, or whole batches behind what is cut, may mean damage, not a torn write: then the
                        // bytes cut are kept in this file
};

class PartitionLog {
 public:
  // Makes the directory when missing. `name` is how errors speak of it: topic-partition.
  static StatusOr<std::unique_ptr<PartitionLog>> Open(os::Environment& environment, const std::string& directory, const std::string& name,
                                                      const PartitionLogOptions& options);

  // `batches`: one or several finished batches (RecordBatchBuilder), whose base offsets are set here. Returns the offset of the first record once all
  // are on the disk. A batch that an idempotent producer repeats is not written again: its old offset is the answer; a gap in a sequence is 55000 and
  // nothing of `batches` is written. Any thread. 53100 disk full, 58030: nothing of `batches` stays; after a failed sync every later call fails.
  StatusOr<Offset> Append(std::string batches, Durability durability = Durability::kSynced);
  // Everything appended so far is on the disk. Costs nothing when it is already; threads that ask at one time share one wait, and appends go on
  // meanwhile. Any thread.
  Status Sync();
  // The transactions that no marker has ended: where each begins, by producer.
  std::map<int64_t, Offset> OpenTransactions() const;
  // Appends the marker, without waiting for the disk.
  Status EndTransaction(TransactionMarker marker, int64_t producer_id, int16_t producer_epoch);
  // Removes the segments that retention gives up, as of now.
  Status ApplyRetention();

  Offset next_offset() const;
  // Where readers find the end: next_offset, or where the first transaction began that is open. Costs no wait, as the next.
  Offset visible_offset() const { return visible_.load(); }
  // Of that, what has been acknowledged: what the log held when it was opened, and what is on the disk since.
  Offset acknowledged_offset() const { return acknowledged_.load(); }
  // All before it is on the disk (where the log waits for the disk at all).
  Offset synced_offset() const;
  const TailRepair& repair() const { return repair_; }
  uint64_t syncs() const;  // how many times the disk was waited for
  // Called after each group of appends that shows readers something (records of an open transaction do not), by an appending thread.
  void OnAppend(std::function<void()> notify) { notify_ = std::move(notify); }  // before the first Append

 private:
  struct Request {
    std::string batches;
    Durability durability = Durability::kSynced;
    StatusOr<Offset> result = Offset{-1};
    bool done = false;
  };
  PartitionLog(os::Environment& environment, std::string directory, std::string name, PartitionLogOptions options)
      : environment_(environment), files_(environment.files()), directory_(std::move(directory)), name_(std::move(name)), options_(options) {}
  Status Recover();
  Status LoadProducers(const std::vector<Offset>& bases);
  Status CutTail(const ScanResult& scan, uint64_t file_size);
  Status StartSegment(Offset base);
  Status RollIfFull(uint64_t bytes);
  void WriteGroup(const std::vector<std::shared_ptr<Request>>& group);
  StatusOr<Offset> WriteOne(std::string* batches, bool* visible);
  Status SyncSegment();
  Status Broken(const Status& why);  // from here on
  Status Expire();
  void NoteEnds();
  int64_t NowMs() const { return environment_.clock().WallMicros() / 1000; }

  os::Environment& environment_;
  os::FileSystem& files_;
  const std::string directory_;
  const std::string name_;
  const PartitionLogOptions options_;
  std::unique_ptr<os::FileLock> lock_;
  TailRepair repair_;
  std::function<void()> notify_;

  std::atomic<Offset> visible_{0}, acknowledged_{0};

  std::mutex pending_mutex_;  // taken alone or inside write_mutex_
  std::vector<std::shared_ptr<Request>> pending_;

  std::mutex sync_mutex_;  // of Sync alone, taken before write_mutex_

  mutable std::mutex write_mutex_;  // guards everything below
  std::shared_ptr<os::WritableFile> segment_;
  std::unique_ptr<SegmentIndexWriter> index_;
  Offset segment_base_ = 0;
  Offset next_offset_ = 0;
  ProducerStates producers_;
  Status broken_;  // set when a sync failed: what the disk holds is unknown
  uint64_t syncs_ = 0;
  bool dirty_ = false;            // something was appended since the last sync
  uint64_t appends_ = 0;          // that dirtied it
  uint64_t synced_appends_ = 0;   // of them those on the disk
  Offset synced_offset_ = 0;      // likewise
  int64_t segment_since_ms_ = 0;  // wall clock when the segment that is appended to got its first batch; 0: it has none
};

}  // namespace kappa::log
