// Where exec and connectors meet, on the way in. Implemented by connectors/, driven by exec/epoch, wired by engine.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/record.h"
#include "common/status.h"

namespace kappa {

// One partition of a replayable log. Used by one thread at a time.
class PartitionReader {
 public:
  virtual ~PartitionReader() = default;
  // Records from the current position on, at most `limit`; empty when there is nothing now. Never blocks longer than a disk read. The views point
  // into memory owned by the batch. 58K01 (kOffsetLost): the position is no longer in the log, or past its end.  08006: the source is gone; what was
  // tried is in the message.
  virtual StatusOr<RecordBatch> Poll(const BatchLimit& limit) = 0;
  virtual Status Seek(Offset position) = 0;
  virtual Offset position() const = 0;
  // [oldest kept, next to be written) as of now. May ask a server; has a deadline.
  virtual StatusOr<OffsetRange> Range() = 0;
  // The first position whose record has a timestamp at or after `timestamp_ms`; the log's end when there is none. 0A000: cannot tell.
  virtual StatusOr<Offset> PositionAt(int64_t timestamp_ms);
};

// Which parts of a record the dataflow reads; what is not asked for may be left out of Record.
struct RecordNeeds {
  bool key = false;
  bool timestamp = false;
  bool headers = false;
};

class Source {
 public:
  virtual ~Source() = default;
  // The name by which positions, dead letters and errors speak of it: the topic, the path.
  virtual std::string name() const = 0;
  // Partitions that exist now, ascending. Others may be discovered later.
  virtual StatusOr<std::vector<int32_t>> Partitions() = 0;
  virtual StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t partition, const RecordNeeds& needs) = 0;
  // True when the log's present end is its end for ever (files, generators with a row count).
  virtual bool bounded() const = 0;
  // `wake` is called, from any thread, when records may have arrived after an empty Poll. At most one at a time. Sources that cannot tell never call
  // it.
  virtual void OnArrival(std::function<void()> wake) { (void)wake; }
  // False: cannot be read again from a position (stdin).
  virtual bool replayable() const { return true; }
  // What tells this log from another that later has its name (a topic's id): positions mean something only while it stays the same. "": not known.
  virtual StatusOr<std::string> Identity() { return std::string(); }
};

}  // namespace kappa
