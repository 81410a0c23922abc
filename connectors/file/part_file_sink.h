// Writes part files into a folder: rows go to a hidden file while epochs run, which gets its name when they are committed.
//
//   Write ──► buffer ──► hidden file ──sync──► manifest (durable programs only: the commit) ──► rename ──► folder synced
//
// Exactly once for durable programs: after a crash the manifest (part_manifest.h) says which epochs the folder holds; opening renames the part that
// it promises and removes what was never committed. For others every Commit that is carried out adds a part, at least once.
//
// A commit that may be held is carried out once rollover.interval has passed since the first row that waits, or rollover.size is reached.
#pragma once

#include <memory>
#include <string>

#include "common/os/environment.h"
#include "common/sink.h"
#include "connectors/file/part_manifest.h"

namespace kappa::file {

struct PartFileSettings {
  std::string folder;  // made when missing; several writers may share it
  std::string writer;  // PROGRAM/SINK of a durable program; "": not durable
  int64_t rollover_micros = 10'000'000;
  int64_t rollover_bytes = 128 << 20;
};

class PartFileSink final : public Sink {
 public:
  // 55006: the same writer is at work here. XX001: its manifest is damaged, or missing although parts of it are there. 0A000: a newer version's.
  static StatusOr<std::unique_ptr<PartFileSink>> Open(os::Environment& environment, PartFileSettings settings,
                                                      std::unique_ptr<RecordEncoder> encoder);

  Status Write(Epoch epoch, const ChangeBatch& changes) override;
  // Names the last epoch that was written, or a later one. 53100: the disk is full; nothing is lost, and a later Commit makes up for it. After a
  // failed sync, which leaves open what the disk holds, every later call fails: open it anew.
  Status Commit(const EpochCommit& commit) override;
  StatusOr<SinkMark> LastCommitted() override { return manifest_.mark; }
  Guarantee guarantee() const override { return durable() ? Guarantee::kExactlyOnce : Guarantee::kAtLeastOnce; }
  std::string Summary() const override;

 private:
  PartFileSink(os::Environment& environment, PartFileSettings settings, std::unique_ptr<RecordEncoder> encoder);
  bool durable() const { return !settings_.writer.empty(); }
  std::string InFolder(std::string_view name) const { return settings_.folder + "/" + std::string(name); }
  std::string PartName(Epoch epoch) const;
  Status MakeFolder();
  Status Recover();          // durable: to what the manifest says
  Status RemoveLeftovers();  // not durable: hidden files whose writers are gone
  Status OpenPart();
  Status Spill();
  Status SpillOrWait();
  Status SyncPart();
  Status WriteManifest(const PartManifest& manifest);
  Status FinishRename();
  bool RolloverDue();
  Status Break(const Status& failure);

  os::Environment& environment_;
  os::FileSystem& files_;
  const PartFileSettings settings_;
  const std::string tag_;
  const std::unique_ptr<RecordEncoder> encoder_;
  std::unique_ptr<os::FileLock> writer_lock_;  // durable: no second one of this writer
  EncodedRecord scratch_;

  static constexpr size_t kSpillBytes = 1 << 20;
  std::string buffered_;
  size_t spill_at_ = kSpillBytes;
  std::unique_ptr<os::WritableFile> part_;   // nullptr: nothing spilled since the last commit
  std::unique_ptr<os::FileLock> part_lock_;  // not durable: shows others that the hidden file is alive
  std::string part_name_;                    // hidden
  bool part_listed_ = false;                 // its name in the folder is durable
  int64_t waiting_since_nanos_ = 0;          // when the first row came that is not committed
  Epoch written_ = -1;                       // the last that Write has seen

  PartManifest manifest_;        // as committed; for others than durable programs only its numbers are used
  bool rename_pending_ = false;  // what manifest_ promises
  Status broken_;
  int64_t rows_ = 0;
  int64_t parts_ = 0;  // of this run
};

}  // namespace kappa::file
