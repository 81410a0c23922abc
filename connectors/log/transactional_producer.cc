#include "connectors/log/transactional_producer.h"

#include <algorithm>

#include "common/os/kill_point.h"

namespace kappa::log {

StatusOr<std::unique_ptr<TransactionalProducer>> TransactionalProducer::Open(std::shared_ptr<LogDirectory> directory, const std::string& topic,
                                                                             const std::string& writer) {
  std::unique_ptr<TransactionalProducer> result(new TransactionalProducer(std::move(directory), topic));
  ASSIGN_OR_RETURN(result->producer_, TopicProducer::Open(result->directory_, topic));
  ASSIGN_OR_RETURN(result->commits_, WriterCommits::Open(result->directory_->environment(), result->directory_->WritersDirectory(topic), writer));
  RETURN_IF_ERROR(result->Recover());
  return result;
}

// Ends the transactions that a crash has left, and takes a new producer epoch, so that sequences begin at 0.
Status TransactionalProducer::Recover() {
  WriterState state = commits_->state();
  for (int32_t p = 0; p < producer_->partitions(); ++p) {
    ASSIGN_OR_RETURN(const std::shared_ptr<PartitionLog> log, directory_->Writer(topic_, p));
    logs_.push_back(log);
    const auto committed = state.transactions.find(p);
    if (committed != state.transactions.end() && committed->second.last >= log->next_offset()) {
      return SqlError(sqlstate::kDataCorrupted) << "partition " << topic_ << "-" << p << " ends at offset " << log->next_offset() << ", but epoch "
                                                << state.epoch << " was committed with records up to " << committed->second.last
                                                << Hint("restore the partition's files; what is missing was acknowledged as durable");
    }
    const std::map<int64_t, Offset> open = log->OpenTransactions();
    const auto ours = open.find(state.producer_id);
    if (ours == open.end()) continue;
    RETURN_IF_ERROR(log->EndTransaction(state.OutcomeOf(p, ours->second), state.producer_id, state.producer_epoch));
  }
  if (state.producer_id < 0 || state.producer_epoch == INT16_MAX) {
    // Nobody looks for the old producer's transactions again: their markers must stay.
    for (const auto& log : logs_) RETURN_IF_ERROR(log->Sync());
    state.producer_id = static_cast<int64_t>(directory_->environment().random().Next() >> 2);
    state.producer_epoch = -1;
  }
  ++state.producer_epoch;
  producer_->BeginTransactions(state.producer_id, state.producer_epoch);
  return commits_->Replace(std::move(state));
}

TransactionalProducer::~TransactionalProducer() {
  if (commits_ == nullptr) return;
  if (!markers_due_.empty()) (void)AppendMarkers();
  if (undecided_) return;
  const WriterState& state = commits_->state();
  for (const auto& [partition, span] : open_) {
    (void)logs_[static_cast<size_t>(partition)]->EndTransaction(TransactionMarker::kAbort, state.producer_id, state.producer_epoch);
  }
}

Status TransactionalProducer::Add(const OutgoingRecord& record) {
  RETURN_IF_ERROR(producer_->Add(record));
  return producer_->buffered_bytes() < kMostBufferedBytes ? OkStatus() : AppendBuffered();
}

Status TransactionalProducer::AppendBuffered() {
  if (!markers_due_.empty()) RETURN_IF_ERROR(AppendMarkers());  // a transaction ends before the next begins
  return producer_->Append([this](int32_t partition, Offset first, Offset last) {
    TransactionSpan& span = open_.try_emplace(partition, TransactionSpan{first, last}).first->second;
    span.last = last;
  });
}

// Partitions are separate files: their syncs wait for the disk at the same time.
Status TransactionalProducer::SyncOpen() {
  std::vector<PartitionLog*> logs;
  for (const auto& [partition, span] : open_) logs.push_back(logs_[static_cast<size_t>(partition)].get());
  constexpr size_t kThreads = 8;
  const size_t threads = std::min(kThreads, logs.size());
  std::vector<Status> results(logs.size());
  const auto sync = [&](size_t from) {
    for (size_t i = from; i < logs.size(); i += threads) results[i] = logs[i]->Sync();
  };
  {
    std::vector<std::unique_ptr<os::Thread>> others;
    for (size_t t = 1; t < threads; ++t) others.push_back(directory_->environment().threads().Start("log-sync", [&sync, t] { sync(t); }));
    sync(0);
  }
  for (const Status& result : results) RETURN_IF_ERROR(result);
  return OkStatus();
}

Status TransactionalProducer::AppendMarkers() {
  const WriterState& state = commits_->state();
  while (!markers_due_.empty()) {
    PartitionLog& log = *logs_[static_cast<size_t>(markers_due_.back())];
    RETURN_IF_ERROR(log.EndTransaction(TransactionMarker::kCommit, state.producer_id, state.producer_epoch));
    markers_due_.pop_back();
    if (!markers_due_.empty()) os::KillPoint("log-sink-between-markers");
  }
  return OkStatus();
}

Status TransactionalProducer::Commit(const EpochCommit& commit) {
  if (!markers_due_.empty()) RETURN_IF_ERROR(AppendMarkers());
  const bool nothing = open_.empty() && producer_->buffered_bytes() == 0;
  // Another incarnation of the program may come to a number that this one has had: its record tells them apart.
  if (nothing && (commit.may_hold || (commit.upto == committed().epoch && commit.record == committed().record))) return OkStatus();
  if (!nothing) {
    os::KillPoint("log-sink-before-data");
    RETURN_IF_ERROR(AppendBuffered());
    RETURN_IF_ERROR(SyncOpen());
    os::KillPoint("log-sink-after-data");
  }
  WriterState state = committed();
  state.epoch = commit.upto;
  state.record = std::string(commit.record);
  for (const auto& [partition, span] : open_) state.transactions[partition] = span;
  undecided_ = true;
  RETURN_IF_ERROR(commits_->Commit(std::move(state)));
  undecided_ = false;
  if (nothing) return OkStatus();
  os::KillPoint("log-sink-after-manifest");
  for (const auto& [partition, span] : open_) markers_due_.push_back(partition);
  open_.clear();
  return AppendMarkers();
}

}  // namespace kappa::log
