// What is known of the programs of an engine while they run: facts for `kappa status` and for metrics, gathered a few times a second by whoever
// drives the programs, never on the row path.
//
//   driver --Publish--> StatusBoard --Read--> StatusServer (DATA/kappa.sock) --JSON--> kappa status
//                            `--------Read--> MetricsEndpoint (http://127.0.0.1:PORT/metrics)
//
// Figures count from the start of the process, unless they say otherwise. Times are microseconds since 1970 UTC.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/os/environment.h"
#include "common/status.h"

namespace kappa {

struct SinkStatus {
  std::string name, connector;
  bool exactly_once = false;
  int64_t committed_epoch = -1;  // the last; -1: none, or not known
  int64_t changes = 0;           // rows written, corrections counted each
};

enum class PipelineState : uint8_t { kRecovering, kRunning, kStopped, kFailed };
std::string_view PipelineStateName(PipelineState state);  // "running"

struct PipelineStatus {
  std::string name;      // of a durable program its own, else that of its first output
  bool durable = false;  // has a name of its own, a journal, and snapshots
  PipelineState state = PipelineState::kRunning;
  std::string error;           // kFailed: SQLSTATE and message
  int64_t started_micros = 0;  // when it was first published
  int64_t seen_micros = 0;     // when it was last: long ago while it runs means that something holds it up
  int64_t epoch = 0;
  int64_t records = 0, bytes = 0;                       // read
  double records_per_second = 0, bytes_per_second = 0;  // over the last second or so; the board computes them
  int64_t lag = -1;                                     // records to the end of the log as last seen; -1: not known
  int64_t watermark_micros = INT64_MIN;                 // INT64_MIN: none
  uint64_t state_bytes = 0;
  uint64_t memory_budget = 0;                        // 0: none
  int64_t snapshot_epoch = -1, snapshot_micros = 0;  // of the newest usable one; -1: none
  uint64_t snapshot_bytes = 0;                       // of its files
  int64_t snapshots = 0, snapshot_failures = 0;      // taken, not taken
  std::string snapshot_error;                        // why the last one was not
  int64_t merge_failures = 0;                        // of snapshots' files, which become more then
  std::string merge_error;                           // why the last one failed; "": it did not
  int64_t longest_pause_nanos = 0;                   // that saving state has cost the flow
  uint64_t journal_bytes = 0;
  std::string commit_error;                     // why epochs are not committed at the moment; "": they are
  std::vector<std::string> offsets_lost;        // what ON OFFSET LOST has passed over, for people
  int64_t late = 0, errors = 0;                 // rows that came late; records and rows that failed
  std::map<std::string, int64_t> dead_letters;  // by table; "": counted only
  std::vector<SinkStatus> sinks;
};

struct EngineStatus {
  bool running = false;  // else: what the data directory tells
  std::string data_directory, version;
  int64_t at_micros = 0;  // when this was so
  int64_t started_micros = 0;
  std::vector<PipelineStatus> pipelines;  // by name
};

// Any thread.
class StatusBoard {
 public:
  explicit StatusBoard(os::Clock* clock) : clock_(clock) {}
  // Takes the place of what was said of it before; what has changed is logged (status_log.h). `told`: the user hears of a failure elsewhere.
  void Publish(PipelineStatus status, bool told = false);
  // It is gone by the user's wish.
  void Remove(std::string_view name);
  std::vector<PipelineStatus> Read() const;  // by name

 private:
  struct Entry {
    PipelineStatus status;
    int64_t nanos = 0;  // when the rates were computed
    int64_t records = 0, bytes = 0;
  };
  os::Clock* const clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

// One JSON object, as `kappa status --format json` prints it. Members that are not known are null.
std::string StatusJson(const EngineStatus& status);
StatusOr<EngineStatus> ParseStatusJson(std::string_view text);  // XX001

// Of the engine that runs on the data directory, asked over its socket; what the directory tells where none runs. 58P01: there is no such directory.
// 08001: an engine runs and does not answer.
StatusOr<EngineStatus> ReadStatus(const std::string& data_directory, os::Environment* environment);

}  // namespace kappa
