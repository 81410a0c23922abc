// Where exec and connectors meet, on the way out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/record.h"
#include "common/status.h"

namespace kappa {

using Epoch = int64_t;
struct ChangeBatch;  // types/change_batch.h

enum class Guarantee { kExactlyOnce, kAtLeastOnce };

struct EpochCommit {
  Epoch upto = 0;
  bool may_hold = false;      // the sink may answer OK and commit later, together with more; LastCommitted() tells what it did
  std::string_view record{};  // kept with the epoch, opaque to the sink: what recovery needs to know where the epoch ended
};

// What a sink's store says of the last epoch that it holds whole.
struct SinkMark {
  Epoch epoch = -1;  // -1: none
  std::string record;
};

// Commits whole epochs. Write may be called several times an epoch, by one thread at a time; what it got is not visible to readers before Commit, and
// then all epochs up to the one named are, durably, together with the mark. A sink whose guarantee() is kExactlyOnce answers LastCommitted() from its
// store after a crash too: recovery runs the epochs up to it again without writing them (they are muted), and what was written but not committed is
// gone or never seen. A sink that delivers at least once answers -1 then, and gets again every epoch after the snapshot.
class Sink {
 public:
  virtual ~Sink() = default;
  // The rows' memory is valid during the call only.
  virtual Status Write(Epoch epoch, const ChangeBatch& changes) = 0;
  virtual Status Commit(const EpochCommit& commit) = 0;
  virtual StatusOr<SinkMark> LastCommitted() = 0;
  virtual Guarantee guarantee() const = 0;
  // A line for the final summary ("" = none), e.g. blackhole's checksum.
  virtual std::string Summary() const { return ""; }
};

// What an encoder makes of one change: appended to the buffers it is given.
struct EncodedRecord {
  std::string value;
  std::string key;
  bool has_value = true;
  bool has_key = false;
};

// Rows to bytes: formats/ implements it, a connector's sink calls it. One thread at a time.
class RecordEncoder {
 public:
  virtual ~RecordEncoder() = default;
  // Encodes row `index` of `changes` into `record` (cleared first, capacity kept).
  virtual Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) = 0;
  // True where a record may hold what its row was before (DEBEZIUM): a retraction and an insertion of one key in a batch are then one record,
  // EncodeUpdate's. The key of a row is what EncodeKey answers.
  virtual bool pairs_updates() const { return false; }
  virtual Status EncodeKey(const ChangeBatch& changes, size_t index, std::string* key);
  virtual Status EncodeUpdate(const ChangeBatch& changes, size_t before, size_t after, EncodedRecord* record);
  // The line before the first record of a file or of an output of lines (CSV's header), without its newline; "": there is none.
  virtual std::string Preamble() const { return ""; }
  // By which files of such records end: ".jsonl", ".csv", ".txt".
  virtual std::string_view FileSuffix() const { return ".jsonl"; }
};

}  // namespace kappa
