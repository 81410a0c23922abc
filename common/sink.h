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
struct ChangeBatch;   // types/change_batch.h

enum class Guarantee { kExactlyOnce, kAtLeastOnce };

// Commits whole epochs. Write may be called several times an epoch, by one thread at a time; what it got is not visible before Commit.
// After a crash LastCommitted() tells which epochs to mute.
class Sink {
 public:
  virtual ~Sink() = default;
  // The rows' memory is valid during the call only.
  virtual Status Write(Epoch epoch, const ChangeBatch& changes) = 0;
  virtual Status Commit(Epoch upto) = 0;
  virtual StatusOr<Epoch> LastCommitted() = 0;
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
};

}  // namespace kappa
