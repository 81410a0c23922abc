// Which transactions of a partition are committed, aborted, or still open, found by looking ahead at batch headers. Each header is looked at once,
// however long a transaction stays open. Source: KIP-98 (transactional batches, markers, last stable offset).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/log/batch_cursor.h"

namespace kappa::log {

// One thread at a time. Errors are those of BatchCursor.
class TransactionScan {
 public:
  enum class Outcome { kCommitted, kAborted, kOpen };

  TransactionScan(os::FileSystem& files, const std::string& directory, const std::string& name) : cursor_(files, directory, name) {}
  // Knows of what comes from `from` on, and of transactions that are `open` there.
  void Start(Offset from, std::map<int64_t, Offset> open);
  // Of the transaction that the producer's batch at `offset` belongs to. Offsets ascend from call to call and are not before Start's. kOpen: as of
  // now.
  // `lent`: bytes around it that need not be read again; may be null.
  StatusOr<Outcome> OutcomeOf(int64_t producer_id, Offset offset, const BatchCursor::Lent* lent);
  Status ScanToEnd();
  // Where the first transaction begins that is open in what was scanned.
  std::optional<Offset> FirstOpen() const;

 private:
  struct Aborted {
    Offset first, marker;
  };
  StatusOr<bool> Advance();                                     // false: nothing more now
  StatusOr<bool> ScanPast(int64_t producer_id, Offset offset);  // to where the transaction ends; false: it is open
  BatchCursor cursor_;
  std::map<int64_t, Offset> open_;                   // by producer
  std::map<int64_t, std::vector<Aborted>> aborted_;  // by producer, ascending
};

// Transactions that were open at offset `at`.
struct OpenTransactions {
  Offset at = 0;
  std::map<int64_t, Offset> first;
};
// The latest point of the log for which the directory says what was open: our own file of producers, a broker's BASE.snapshot, else the beginning.
StatusOr<OpenTransactions> KnownOpenTransactions(os::FileSystem& files, const std::string& directory, const std::vector<Offset>& bases);

}  // namespace kappa::log
