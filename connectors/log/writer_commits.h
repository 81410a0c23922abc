// What a writer of a topic has committed: the one file that decides, for all partitions at once, whether a transaction counts.
//
//   DATA/log/TOPIC.writers/WRITER           lines of text with checksums (checked_text.h); WRITER escaped like a URL
//     {"version":1,"writer":"hourly/out"}
//     {"epoch":41,"record":"...","producer_id":7312,"producer_epoch":3,"transactions":{"0":[120,131],"2":[98,98]}}    the last line is the state
//     {"epoch":42,...
//   DATA/log/TOPIC.writers/WRITER.lock      held (flock) while the writer is open
//
// A commit is a line appended and synced: one wait for the disk. The file is replaced by its last line when it has grown. A last line that is cut off
// was never acknowledged, and is no line; any other damage is XX001. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/os/environment.h"
#include "common/record.h"
#include "common/sink.h"
#include "common/status.h"
#include "connectors/log/record_batch_codec.h"

namespace kappa::log {

struct TransactionSpan {
  Offset first = 0, last = 0;  // of its records in one partition, among which there may be others'
};

struct WriterState {
  Epoch epoch = -1;    // committed; -1: none
  std::string record;  // EpochCommit::record of that epoch
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  std::map<int32_t, TransactionSpan> transactions;  // the last committed one of each partition

  // Of a transaction of this producer that is open in the partition, beginning at `first`.
  TransactionMarker OutcomeOf(int32_t partition, Offset first) const;
};

class WriterCommits {
 public:
  // 55006: the writer is open already. XX001: damage. 0A000: a later version's file. Makes the directory when missing, the file with the first
  // Replace.
  static StatusOr<std::unique_ptr<WriterCommits>> Open(os::Environment& environment, const std::string& directory, const std::string& writer);
  const WriterState& state() const { return state_; }
  // Durable when it returns. After an error the state is the old one, but a reader of the file may find the new one if the sync failed: then every
  // later call fails too.
  Status Commit(WriterState state);
  Status Replace(WriterState state);  // the same by a new file

  static std::string FileName(const std::string& writer);
  static bool IsCommitsFile(const std::string& name);
  // What the file says; the writer may be open.
  static StatusOr<WriterState> Read(os::FileSystem& files, const std::string& path);

 private:
  WriterCommits(os::FileSystem& files, std::string path, std::string writer) : files_(files), path_(std::move(path)), writer_(std::move(writer)) {}

  os::FileSystem& files_;
  const std::string path_, writer_;
  std::unique_ptr<os::FileLock> lock_;
  std::unique_ptr<os::WritableFile> file_;
  WriterState state_;
  Status broken_;
};

}  // namespace kappa::log
