// What a partition remembers of its idempotent producers: the last batches of each, so that a repeated append is answered with the offset it got the
// first time, and a missing one is noticed; and the transaction that each has open. The rules are Kafka's (KIP-98): sequences count records, wrap
// after 2^31-1, and begin at 0 in each epoch; a producer has at most one transaction open, a marker ends it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/status.h"
#include "connectors/log/record_batch_codec.h"

namespace kappa::log {

class ProducerStates {
 public:
  // The offset a batch already has; nothing when it is new. 55000: a gap in the sequence, or an old epoch.
  StatusOr<std::optional<Offset>> Check(const RecordBatchHeader& header) const;
  // The batch (with its final base offset) is in the log.
  void Record(const RecordBatchHeader& header);

  // The offset of the first record of each transaction that no marker has ended yet, by producer.
  std::map<int64_t, Offset> OpenTransactions() const;

  // JSON with a version, telling the offset up to which it counts. Load: XX001 for text that Save did not write, 0A000 for a later version's.
  std::string Save(Offset upto) const;
  static StatusOr<ProducerStates> Load(const std::string& text, Offset* upto);  // *upto = -1: not told (version 1, which knew no transactions)

 private:
  struct Batch {
    int32_t first_sequence = 0;
    int32_t last_sequence = 0;
    Offset base_offset = 0;
  };
  struct State {
    int16_t epoch = -1;
    std::vector<Batch> recent;  // at most five, as many as a producer may have in flight
    Offset open = -1;           // where its transaction begins
  };
  std::map<int64_t, State> states_;
};

}  // namespace kappa::log
