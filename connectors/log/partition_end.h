// Where a partition begins and ends, for those who ask often: what was found is kept, and a look at three names of the directory tells whether it
// still holds. One for a partition and a process; of what has grown, only what is new is read.
//
//   Range     as a reader sees it: up to the last stable offset (log_partition_reader.h)
//   Visible   its end alone; from memory where the partition's writer is in this process, so that no file is asked
//
// Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/os/file_system.h"
#include "common/source.h"
#include "connectors/log/partition_log.h"
#include "connectors/log/segment.h"
#include "connectors/log/transaction_scan.h"

namespace kappa::log {

class PartitionEnd {
 public:
  // The directory may be missing: an empty partition. `name`: topic-partition, for errors.
  PartitionEnd(os::FileSystem& files, std::string directory, std::string name)
      : files_(files), directory_(std::move(directory)), name_(std::move(name)) {}

  // As LogPartitionReader::MadeHere.
  void MadeHere(std::string writers);
  // The writer that this process has opened; others have none as long as it lives.
  void WrittenBy(std::weak_ptr<const PartitionLog> writer);

  StatusOr<OffsetRange> Range();
  StatusOr<Offset> Visible();
  // Of that what its writer has acknowledged as durable; of a writer elsewhere all that is visible.
  StatusOr<Offset> Acknowledged();
  // The next Range looks at everything anew: the directory holds another topic.
  void Forget();

 private:
  std::shared_ptr<const PartitionLog> writer() const;
  StatusOr<bool> Unchanged();  // since the last look
  Status Look();
  Status Grow();
  StatusOr<Offset> LastStable(Offset end);

  os::FileSystem& files_;
  const std::string directory_, name_;

  mutable std::mutex writer_mutex_;
  std::weak_ptr<const PartitionLog> writer_;

  std::mutex mutex_;  // of what follows
  bool contiguous_ = false;
  std::string writers_;
  std::vector<Offset> bases_;  // empty: nothing is known
  std::unique_ptr<os::ReadableFile> last_;
  os::FileStat seen_;  // of the last segment, before it was read
  ScanResult scanned_;
  OffsetRange range_;
  std::unique_ptr<TransactionScan> stable_;  // stands at the log's end
};

}  // namespace kappa::log
