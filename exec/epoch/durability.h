// What makes a run durable: its journal, its snapshots, and what they say of the run before (design section 7). Made by the engine, which holds the
// program's lock; used by the DataflowRun's thread.
//
//   epoch ends ──► journal.Append ──► (commit_interval) ──► journal.Sync ──► sinks and views commit, with a mark
//                                         (checkpoint_interval) ──► sinks commit everything ──► tables freeze ──► saved between rounds ──► manifest
//                                                                                                                    └──► the journal is trimmed
//
// Recovery: tables, positions and clocks from the snapshot; the journal's epochs after it run again with the same cuts, each sink muted up to the
// epoch it remembers. A rebuild (another incarnation) has nothing to restore: it reads from the start, each sink muted up to the position it
// remembers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/epoch/journal.h"
#include "exec/state/snapshot_store.h"

namespace kappa {

struct Durability {
  std::unique_ptr<Journal> journal;
  std::unique_ptr<SnapshotStore> snapshots;
  std::string program;                  // its name, for messages
  std::string incarnation;              // of the program's state: another one after each rebuild; sinks' marks carry it
  Epoch first_epoch = 0;                // numbers begin here: past what any sink remembers of earlier incarnations
  std::optional<SnapshotInfo> restore;  // the snapshot to begin with
  std::vector<JournalEpoch> redo;       // the epochs after it
  std::string other_build;              // that wrote the journal, where it is not this one
};

// Payload of the error of opening a run whose snapshot cannot be read: another one may be tried.
inline constexpr char kSnapshotUnreadable[] = "kappa/snapshot";

// Positions as read to, per source name and partition.
using PositionMap = std::map<std::string, std::map<int32_t, Offset>>;

// EpochCommit::record: which incarnation committed, and where its epoch ended.
struct CommitRecord {
  std::string incarnation;
  PositionMap positions;
};
std::string EncodeCommitRecord(const CommitRecord& record);
StatusOr<CommitRecord> DecodeCommitRecord(const std::string& text);  // XX001

// What a snapshot keeps beside the tables, as JSON in SnapshotInfo::meta.
struct SnapshotMeta {
  struct Partition {
    int32_t scan = 0;  // operator id
    int32_t partition = 0;
    Offset position = 0;
    int64_t watermark = 0;
    bool idle = false;
  };
  std::vector<Partition> partitions;
  std::map<int32_t, int64_t> watermarks;                 // by operator
  std::map<int32_t, std::string> identities;             // of the sources, by scan
  std::vector<std::pair<uint64_t, uint64_t>> folds;      // checksum and changes of sinks that fold
  int64_t records = 0, bytes = 0, errors = 0, late = 0;  // read since the program began
  bool ended = false;                                    // its bounded input has ended: there is nothing more to do
  int64_t clock_micros = 0;                              // of the last epoch
};
std::string EncodeSnapshotMeta(const SnapshotMeta& meta);
StatusOr<SnapshotMeta> DecodeSnapshotMeta(const std::string& text);  // XX001

}  // namespace kappa
