// The journal of a program: each epoch that consumed something, durable before any of its effects is visible (design section 7).
//
//   DIR/EPOCH.journal   a framed file (framed_file.h), magic "KJRN"; begun after a snapshot, named by the first epoch it may hold; removed as a
//                       whole once a snapshot is past it. Header: JSON (build, tzdata, program). A record: an epoch.
//
// What is not whole at a file's end was never acknowledged and is cut; whether that is true is checked by the next slice, which must begin where the
// one before it ended, and by the sinks, none of which may remember a later epoch. Append is buffered; Sync makes all that was appended durable:
// several epochs share one. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/environment.h"
#include "common/record.h"
#include "common/sink.h"
#include "common/status.h"
#include "exec/epoch/time_log.h"

namespace kappa {

// What an epoch consumed of one partition.
struct JournalSlice {
  int32_t scan = 0;  // operator id
  int32_t partition = 0;
  Offset begin = 0, end = 0;
  int64_t records = 0;
  uint32_t crc = 0;  // over what was read: see CheckSum in dataflow_run.cc
};

struct JournalEpoch {
  Epoch epoch = 0;
  int64_t clock_micros = 0;  // the epoch's NOW()
  bool ended = false;        // bounded input ended with it
  std::vector<JournalSlice> slices;
  std::vector<TimeLogEntry> time;  // partitions that fell silent or resumed in it
};

// What the engine is made of as far as results may depend on it.
struct JournalHeader {
  std::string build, tzdata, program;
};

// Of its files: magic, version, how their names end.
inline constexpr std::string_view kJournalMagic = "KJRN", kJournalSuffix = ".journal";
inline constexpr uint16_t kJournalVersion = 1;

std::string EncodeJournalEpoch(const JournalEpoch& epoch);
StatusOr<JournalEpoch> DecodeJournalEpoch(std::string_view payload);  // XX001

class Journal {
 public:
  // Reads what is there, cuts a torn end. Epochs come in ascending order in `epochs`. 0A000: written by a newer version.
  // `written_by`: of the last file; empty when there was none.
  static StatusOr<std::unique_ptr<Journal>> Open(os::Environment& environment, const std::string& directory, const JournalHeader& header,
                                                 std::vector<JournalEpoch>* epochs, JournalHeader* written_by);
  virtual ~Journal() = default;
  virtual void Append(const JournalEpoch& epoch) = 0;
  // After an error nothing that was appended since the last Sync may become visible. 53100: the disk is full; the same call may succeed later.
  virtual Status Sync() = 0;
  // For epochs whose effects are views alone: what was appended outlives this process. A power failure may take it back, and the log gives the same
  // views again, cut into other epochs. Waits for the disk when that has not been done for a second, or when `others`, which counts other effects,
  // has changed since the last call that waited.
  virtual Status SyncInTime(int64_t others) = 0;
  // A snapshot holds everything before `epoch`: a new file begins with it, files that hold only earlier ones go.
  virtual Status TrimBefore(Epoch epoch) = 0;
  virtual uint64_t bytes() const = 0;
};

}  // namespace kappa
