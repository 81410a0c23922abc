// Named places at which a crash test ends the process as a power failure would end it: at once, nothing flushed, no destructor run.
//
//   KAPPA_KILL_AT=journal-before-sync kappa run ...      SIGKILL the first time the place is reached
//   KAPPA_KILL_AT=journal-before-sync:7 kappa run ...    ... the seventh time
//
// Read once, before main. A name that is not in the list below ends the process with exit code 1: a test that waits for a place that does not exist
// would pass for nothing. Without the variable a place costs one load and a branch. Any thread.
#pragma once

#include <atomic>
#include <string_view>

namespace kappa::os {

// Every place, in about the order in which an epoch comes by. tests/crash goes through them all.
inline constexpr std::string_view kKillPoints[] = {
    "journal-before-sync",       // an epoch's record is appended, not durable
    "journal-after-sync",        // durable, no effect of it is visible
    "log-sink-before-data",      // nothing of the epoch is in the topic
    "log-sink-after-data",       // its records are in the partitions, uncommitted
    "log-sink-after-manifest",   // the commit is decided, no marker is written
    "log-sink-between-markers",  // some partitions show it, some do not yet
    "file-sink-before-sync",     // rows are in the part file, not durable
    "file-sink-before-rename",   // the part is durable under its hidden name, uncommitted
    "file-sink-after-manifest",  // committed: the manifest promises the part its name
    "file-sink-after-rename",    // it has its name, the folder is not synced
    "between-sinks",             // one sink of the program has committed, the next has not
    "sinks-committed",           // all have
    "snapshot-between-runs",     // some files of a snapshot are written
    "snapshot-before-manifest",  // all are
    "snapshot-after-manifest",   // the snapshot exists, the journal still begins before it
    "journal-before-trim",       // the new journal file exists, the old one too
    // Of a transaction over several tables.
    "transaction-recorded",        // it is durable as one record, no table has it
    "transaction-between-tables",  // a table has it; the others, or the other ones that recovery finishes, may not
};

namespace internal {
struct ArmedKillPoint;
extern std::atomic<ArmedKillPoint*> armed_kill_point;  // null in normal runs
void ReachedKillPoint(ArmedKillPoint* armed, std::string_view name);
}  // namespace internal

inline void KillPoint(std::string_view name) {
  if (internal::ArmedKillPoint* armed = internal::armed_kill_point.load(std::memory_order_relaxed); armed != nullptr) [[unlikely]]
    internal::ReachedKillPoint(armed, name);
}

}  // namespace kappa::os
