// Writes epochs to a topic exactly once: each is a transaction over all partitions, in Kafka's own format, so that Kafka's tools read the topic too.
//
//   Add, Add, ...  rows, kept in memory; past a bound they are appended already, as part of the open transaction
//   Commit(e)      records to all partitions ─► sync ─► a line of WriterCommits, synced: the commit point ─► a commit marker a partition
//
// Markers are not waited for: when they are missing after a crash, Open writes them again; records that no line counts it ends with an abort marker.
// Readers (log_partition_reader.h) deliver what has its commit marker. Source: KIP-98; the coordinator's log is the one file.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/log/topic_producer.h"
#include "connectors/log/writer_commits.h"

namespace kappa::log {

// One thread at a time. Holds the writer locks of all partitions while it is open.
class TransactionalProducer {
 public:
  static constexpr size_t kMostBufferedBytes = 8 << 20;

  // `writer`: whose transactions these are, over restarts. 55006: it, or another process, is writing. XX001: the log ends before what was committed.
  static StatusOr<std::unique_ptr<TransactionalProducer>> Open(std::shared_ptr<LogDirectory> directory, const std::string& topic,
                                                               const std::string& writer);
  // Ends an open transaction with abort markers, where that is possible: what is behind it waits for its end.
  ~TransactionalProducer();

  Status Add(const OutgoingRecord& record);
  // Everything added since the last Commit, with the epoch. After an error it may be called again. An epoch that added nothing is not written down
  // when it `may_hold`: running it again would write nothing.
  Status Commit(const EpochCommit& commit);
  const WriterState& committed() const { return commits_->state(); }

 private:
  TransactionalProducer(std::shared_ptr<LogDirectory> directory, std::string topic) : directory_(std::move(directory)), topic_(std::move(topic)) {}
  Status Recover();
  Status AppendBuffered();
  Status SyncOpen();
  Status AppendMarkers();

  const std::shared_ptr<LogDirectory> directory_;
  const std::string topic_;
  std::unique_ptr<WriterCommits> commits_;
  std::unique_ptr<TopicProducer> producer_;
  std::vector<std::shared_ptr<PartitionLog>> logs_;  // by partition
  std::map<int32_t, TransactionSpan> open_;          // of the transaction that is being written
  bool undecided_ = false;                           // writing the commit down failed: only Open can tell whether it counts
  std::vector<int32_t> markers_due_;                 // partitions where the committed transaction has no marker yet
};

}  // namespace kappa::log
