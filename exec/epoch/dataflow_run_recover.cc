// DataflowRun: beginning where the run before stood: the snapshot's tables, positions and clocks, then the journalled epochs after it, once more
// (design section 7).
#include <algorithm>
#include <set>

#include "exec/epoch/dataflow_run_state.h"
#include "exec/state/durable_tables.h"
#include "exec/state/versioned_view.h"

namespace kappa {
namespace {
constexpr int64_t kRedoDeadlineNanos = 60'000'000'000;  // for records that the journal says are there
constexpr int64_t kDiscoverNanos = 5'000'000'000;
constexpr int64_t kRedoRecords = 4096;  // a round
}  // namespace

Status DataflowRun::RestoreMeta() {
  Durability* durability = bindings_.durability;
  if (durability == nullptr) return OkStatus();
  redo_ = std::move(durability->redo);
  progress_.epoch = durability->first_epoch;
  progress_.committed_epoch = progress_.epoch - 1;
  progress_.recovering = !redo_.empty();
  if (!durability->restore) return OkStatus();
  const SnapshotInfo& snapshot = *durability->restore;
  ASSIGN_OR_RETURN(restored_, DecodeSnapshotMeta(snapshot.meta));
  progress_.epoch = snapshot.epoch + 1;
  progress_.committed_epoch = progress_.snapshot_epoch = snapshot.epoch;
  progress_.snapshot_micros = snapshot.created_micros;
  progress_.snapshot_bytes = static_cast<int64_t>(snapshot.bytes);
  progress_.records = committed_records_ = restored_->records;
  progress_.bytes = progress_.restored_bytes = restored_->bytes;
  progress_.restored_records = restored_->records;
  progress_.errors = restored_->errors;
  progress_.late = restored_->late;
  for (const auto& [op, watermark] : restored_->watermarks) watermarks_[op] = watermark;
  epoch_clock_micros_ = restored_->clock_micros;
  first_epoch_ = first_end_ = false;
  progress_.ended = done_ = restored_->ended && redo_.empty();
  return OkStatus();
}

const SnapshotMeta::Partition* DataflowRun::Restored(const ScanState& scan, int32_t partition) const {
  if (!restored_) return nullptr;
  for (const SnapshotMeta::Partition& restored : restored_->partitions) {
    if (restored.scan == scan.op->id && restored.partition == partition) return &restored;
  }
  return nullptr;
}

// The position that was reached must still be one of the same log.
Status DataflowRun::CheckPosition(Partition* partition) {
  const ScanState& scan = *partition->scan;
  const auto identity = restored_->identities.find(scan.op->id);
  if (identity != restored_->identities.end() && !identity->second.empty() && !scan.identity.empty() && identity->second != scan.identity)
    return OffsetsLost(partition, "it is another log than the one that was read: it was deleted and made again");
  if (scan.source->bounded()) return OkStatus();
  ASSIGN_OR_RETURN(const OffsetRange range, partition->reader->Range());
  if (bindings_.time_log != nullptr && !scan.identity.empty()) bindings_.time_log->TrimBefore(scan.identity, partition->id, range.begin);
  const Offset position = partition->reader->position();
  if (position < range.begin)
    return OffsetsLost(partition, "offset " + std::to_string(position) + " was removed (the log now begins at " + std::to_string(range.begin) + ")");
  if (position > range.end)
    return OffsetsLost(partition, "offset " + std::to_string(position) + " lies past the log's end at " + std::to_string(range.end) +
                                      ": it was cut off, or deleted and made again");
  return OkStatus();
}

// ON OFFSET LOST decides.
Status DataflowRun::OffsetsLost(Partition* partition, const std::string& what) {
  const ScanOp& scan = *partition->scan->scan;
  const std::string place =
      "source \"" + scan.source + "\" (" + partition->scan->source->name() + ", partition " + std::to_string(partition->id) + ")";
  if (scan.offset_lost == OffsetLost::kFail) {
    const std::string rebuild = bindings_.durability == nullptr ? ""
                                                                : "kappa run --name " + bindings_.durability->program +
                                                                      " --rebuild makes the program's state again from what the log still holds; ";
    return SqlError(sqlstate::kOffsetLost) << "cannot go on reading " << place << ": " << what
                                           << Hint(rebuild + "ON OFFSET LOST EARLIEST or LATEST in CREATE SOURCE goes on without what is lost");
  }
  ASSIGN_OR_RETURN(const OffsetRange range, partition->reader->Range());
  RETURN_IF_ERROR(partition->reader->Seek(scan.offset_lost == OffsetLost::kEarliest ? range.begin : range.end));
  if (partition->slice_records == 0) partition->slice_begin = partition->reader->position();
  const std::lock_guard<std::mutex> lock(time_mutex_);  // a worker may have come upon it
  progress_.offsets_lost.push_back(place + ": " + what);
  return OkStatus();
}

Status DataflowRun::RestoreTables() {
  Durability* durability = bindings_.durability;
  if (durability == nullptr) return OkStatus();
  for (const PlanOperator& op : dataflow_->operators) {
    std::vector<DurableTable*> tables;
    if (op.As<AggregateOp>()) {
      for (const auto& context : contexts_) {
        owned_tables_.push_back(
            MakeDurable(static_cast<uint32_t>(op.id), context->tables[static_cast<size_t>(plan_->aggregates.at(op.id).state)].get()));
        tables.push_back(owned_tables_.back().get());
      }
    } else if (IsKeyed(op)) {
      std::vector<std::vector<DurableTable*>> kinds;  // per table of the operator, one a worker
      for (const auto& context : contexts_) {
        std::vector<DurableTable*> made =
            context->keyed[static_cast<size_t>(plan_->keyed.at(op.id).index)]->MakeDurable(static_cast<uint32_t>(op.id));
        kinds.resize(made.size());
        for (size_t i = 0; i < made.size(); ++i) kinds[i].push_back(made[i]);
      }
      for (size_t i = 0; i < kinds.size(); ++i)
        durable_tables_.emplace_back(static_cast<uint32_t>(op.id) + static_cast<uint32_t>(i) * KeyedOperator::kTableStride, std::move(kinds[i]));
    } else if (op.As<MaterializeOp>()) {
      auto* view = dynamic_cast<VersionedView*>(bindings_.sinks.at(op.id));
      owned_tables_.push_back(MakeDurable(static_cast<uint32_t>(op.id), view));
      tables.push_back(owned_tables_.back().get());
    }
    if (!tables.empty()) durable_tables_.emplace_back(op.id, std::move(tables));
  }
  if (!restored_) return OkStatus();
  std::map<uint32_t, const std::vector<DurableTable*>*> by_id;
  for (const auto& [id, tables] : durable_tables_) by_id[static_cast<uint32_t>(id)] = &tables;
  const uint64_t expected = durability->restore->entries / (static_cast<uint64_t>(options_.workers) * std::max<size_t>(durable_tables_.size(), 1));
  std::vector<SnapshotStore::Loader> parts;
  for (size_t worker = 0; worker < contexts_.size(); ++worker) {
    parts.push_back([&by_id, worker](uint32_t table, uint64_t hash, std::string_view key, std::string_view value) -> Status {
      const auto found = by_id.find(table);
      if (found == by_id.end())
        return SqlError(sqlstate::kDataCorrupted) << "the snapshot holds state of an operator that the program does not have (" << table << ")";
      const std::vector<DurableTable*>& tables = *found->second;
      return tables[tables.size() == 1 ? 0 : worker]->Load(hash, key, value);  // a view takes from all
    });
  }
  for (const auto& [op, tables] : durable_tables_) {
    for (DurableTable* table : tables) table->BeginLoad(expected);
  }
  Status loaded = durability->snapshots->LoadParts(durability->restore->epoch, parts);
  for (const auto& [op, tables] : durable_tables_) {
    for (DurableTable* table : tables) {
      if (loaded.ok()) loaded = table->EndLoad();
    }
  }
  if (!loaded.ok()) {
    loaded.SetPayload(kSnapshotUnreadable, absl::Cord(absl::string_view("1")));
    return loaded;
  }
  for (const auto& context : contexts_) {
    context->call.epoch_micros = epoch_clock_micros_;
    for (const auto& sessions : context->sessions) {
      if (sessions != nullptr) sessions->Rebuild();
    }
    for (const auto& keyed : context->keyed) RETURN_IF_ERROR(keyed->AfterLoad());
  }
  for (size_t fold = 0; fold < restored_->folds.size() && fold < static_cast<size_t>(plan_->folds); ++fold) {
    contexts_[0]->sink_checksums[fold] = restored_->folds[fold].first;
    contexts_[0]->sink_changes[fold] = restored_->folds[fold].second;
  }
  for (const auto& [op, sink] : bindings_.sinks) {
    // What a view holds now, its readers may see.
    if (dataflow_->Get(op).As<MaterializeOp>()) RETURN_IF_ERROR(sink->Commit({durability->restore->epoch}));
  }
  return OkStatus();
}

// Which epochs each sink has, so that it does not get them again.
Status DataflowRun::ReadMarks() {
  Durability* durability = bindings_.durability;
  if (durability == nullptr) return OkStatus();
  const Epoch last = redo_.empty() ? progress_.epoch - 1 : redo_.back().epoch;
  std::set<Epoch> committed;
  for (const auto& [op, sink] : bindings_.sinks) {
    if (dataflow_->Get(op).As<MaterializeOp>()) continue;
    ASSIGN_OR_RETURN(const SinkMark mark, sink->LastCommitted());
    CommitRecord record;
    if (mark.epoch >= 0) { ASSIGN_OR_RETURN(record, DecodeCommitRecord(mark.record)); }
    // Before a snapshot every sink commits its epoch: one that remembers less has lost what it acknowledged, and would get rows twice.
    if (durability->restore && sink->guarantee() == Guarantee::kExactlyOnce &&
        (record.incarnation != durability->incarnation || mark.epoch < durability->restore->epoch)) {
      return SqlError(sqlstate::kDataCorrupted)
             << "a sink of program \"" << durability->program << "\" does not know of epoch " << durability->restore->epoch
             << ", which it committed before the snapshot of that epoch was taken: its store was changed or removed"
             << Hint("kappa run --name " + durability->program +
                     " --rebuild makes the state again from the log; sinks get only what they do not have");
    }
    if (mark.epoch < 0) continue;
    if (record.incarnation == durability->incarnation) {
      committed.insert(mark.epoch);
      if (mark.epoch > last) {
        return SqlError(sqlstate::kDataCorrupted) << "a sink has epoch " << mark.epoch << ", of which the journal knows nothing (it ends with "
                                                  << last << "): the journal has lost what was acknowledged"
                                                  << Hint("kappa run --name " + bindings_.durability->program +
                                                          " --rebuild makes the state again from the log; sinks get only what they do not have");
      }
#ifndef KAPPA_BREAK_MUTE
      muted_until_[op] = mark.epoch;
#endif
    } else {
      muted_until_[op] = INT64_MAX;
      reaching_.emplace_back(record.positions, op);
    }
  }
  // Running epochs again gives each sink what the others have only as long as the same code runs them.
  if (committed.size() > 1 && !redo_.empty() && !durability->other_build.empty()) {
    return SqlError(sqlstate::kObjectNotInPrerequisiteState)
           << "the sinks of program \"" << durability->program << "\" stand at different epochs (" << *committed.begin() << " to "
           << *committed.rbegin() << "), and its journal was written by another version, " << durability->other_build
           << Hint("start and stop it once with that version: all sinks are then at one epoch");
  }
  if (bindings_.errors != nullptr) {
    ASSIGN_OR_RETURN(const SinkMark mark, bindings_.errors->LastCommitted());
    if (mark.epoch >= 0) {
      ASSIGN_OR_RETURN(const CommitRecord record, DecodeCommitRecord(mark.record));
      if (record.incarnation != durability->incarnation) {
        muted_until_[kErrorsId] = INT64_MAX;
        reaching_.emplace_back(record.positions, kErrorsId);
      }
    }
  }
  // Marks of one incarnation lie on one line: where one is behind in one partition, it is behind in all.
  const auto reached = [](const PositionMap& positions) {
    Offset sum = 0;
    for (const auto& [source, partitions] : positions) {
      for (const auto& [partition, offset] : partitions) sum += offset;
    }
    return sum;
  };
  std::sort(reaching_.begin(), reaching_.end(), [&](const auto& a, const auto& b) {
    const Offset at_a = reached(a.first), at_b = reached(b.first);
    return at_a != at_b ? at_a < at_b : a.second < b.second;
  });
  if (!reaching_.empty()) {
    progress_.recovering = true;
    StopForSink();
  }
  return UnmuteReached();
}

// Partitions that the sink knows stop where it stands; those that came later must not be read before.
void DataflowRun::StopForSink() {
  const PositionMap* target = reaching_.empty() ? nullptr : &reaching_.front().first;
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) partition->sink_stop = target == nullptr ? INT64_MAX : StopOf(*target, *partition);
  }
}

Offset DataflowRun::StopOf(const PositionMap& target, const Partition& partition) const {
  const auto source = target.find(partition.scan->scan->source);
  if (source == target.end()) return partition.reader->position();
  const auto stop = source->second.find(partition.id);
  return stop == source->second.end() ? partition.reader->position() : stop->second;
}

// A rebuild has come to where a sink stands: from here on it gets everything. At an epoch's end.
Status DataflowRun::UnmuteReached() {
  const auto reached = [&](const PositionMap& target) {
    return std::all_of(scans_.begin(), scans_.end(), [&](const auto& scan) {
      return std::all_of(scan->partitions.begin(), scan->partitions.end(),
                         [&](const auto& partition) { return partition->ended || partition->reader->position() >= StopOf(target, *partition); });
    });
  };
  if (reaching_.empty()) return OkStatus();
  while (!reaching_.empty() && reached(reaching_.front().first)) {
    muted_until_.erase(reaching_.front().second);  // what is written from now on it does not have; the next commit tells it so
    reaching_.erase(reaching_.begin());
  }
  StopForSink();
  progress_.recovering = Redoing() || !reaching_.empty();
  return OkStatus();
}

StatusOr<DataflowRun::State> DataflowRun::RedoStep() {
  if (!epoch_open_) RETURN_IF_ERROR(BeginRedo());
  ASSIGN_OR_RETURN(const bool complete, RedoRound());
  if (!complete) return State::kWorked;
  RETURN_IF_ERROR(CheckRedone());
  if (!Redoing()) return State::kWorked;  // given up: what was lost is lost
  const JournalEpoch& epoch = redo_[next_redo_];
  for (const TimeLogEntry& entry : epoch.time) {
    if (entry.kind != TimeLogEntry::Kind::kIdle) continue;
    for (const auto& scan : scans_) {
      for (const auto& partition : scan->partitions) {
        if (std::to_string(scan->op->id) == entry.source && partition->id == entry.partition) partition->idle = true;
      }
    }
  }
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) partition->ended = epoch.ended;
  }
  RETURN_IF_ERROR(FinishEpoch());
  ++next_redo_;
  if (!Redoing()) {
    progress_.recovering = !reaching_.empty();
    for (const auto& scan : scans_) {
      for (const auto& partition : scan->partitions) {
        partition->redo_end = -1;
        if (!partition->ended) partition->ended = partition->reader->position() >= partition->until;
        partition->last_arrival_nanos = environment_->clock().MonotonicNanos();
        partition->resume.reset();
        if (bindings_.time_log != nullptr && !scan->identity.empty())
          partition->resume = bindings_.time_log->NextResume(scan->identity, partition->id, partition->reader->position());
      }
    }
    RETURN_IF_ERROR(TryCommit(true));
    if (redo_.back().ended) {
      RETURN_IF_ERROR(Checkpoint());
      done_ = true;
      return State::kDone;
    }
    redo_.clear();
    next_redo_ = 0;
  }
  return State::kWorked;
}

Status DataflowRun::BeginRedo() {
  const JournalEpoch& epoch = redo_[next_redo_];
  progress_.epoch = epoch.epoch;
  RETURN_IF_ERROR(BeginEpoch());
  redo_waits_since_nanos_ = environment_->clock().MonotonicNanos();
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) {
      partition->redo_end = partition->reader->position();
      partition->redo_records = 0;
      partition->ended = false;
      partition->resume.reset();
      partition->clock_entry.reset();
      partition->redo_clocks.clear();
      partition->redo_history = false;
    }
  }
  for (const JournalSlice& slice : epoch.slices) {
    Partition* partition = FindPartition(slice.scan, slice.partition);
    if (partition == nullptr) {
      for (const auto& scan : scans_) {
        if (scan->op->id == slice.scan) RETURN_IF_ERROR(OpenPartition(scan.get(), slice.partition));
      }
      partition = FindPartition(slice.scan, slice.partition);
    }
    if (partition == nullptr)
      return SqlError(sqlstate::kDataCorrupted) << "the journal names a scan that the program does not have (" << slice.scan << ")";
    if (partition->slice_begin != slice.begin) {
      // The first slice of a partition says where it began ('latest', or after what was lost); any other must follow the one before it.
      if (partition->redone || Restored(*partition->scan, partition->id) != nullptr) {
        return SqlError(sqlstate::kDataCorrupted) << "the journal has a hole: epoch " << epoch.epoch << " begins at offset " << slice.begin
                                                  << " of \"" << partition->scan->scan->source << "\" partition " << partition->id
                                                  << ", what is before it ended at " << partition->slice_begin
                                                  << Hint("kappa run --name " + bindings_.durability->program +
                                                          " --rebuild makes the state again from the log");
      }
      RETURN_IF_ERROR(partition->reader->Seek(slice.begin));
      partition->slice_begin = slice.begin;
    }
    partition->redone = true;
    partition->redo_end = slice.end;
    partition->redo_records = slice.records;
  }
  for (const TimeLogEntry& entry : epoch.time) {
    if (entry.kind == TimeLogEntry::Kind::kIdle) continue;
    Partition* partition = FindPartition(std::stoi(entry.source), entry.partition);
    if (partition == nullptr) continue;
    if (entry.kind != TimeLogEntry::Kind::kClock)
      partition->resume = entry;
    else if (entry.micros == 0)  // nothing was read at 1970: more that had been read before was to come
      partition->redo_history = true;
    else
      partition->redo_clocks.push_back(entry);
  }
  return OkStatus();
}

DataflowRun::Partition* DataflowRun::FindPartition(OperatorId scan_id, int32_t id) const {
  for (const auto& scan : scans_) {
    if (scan->op->id != scan_id) continue;
    for (const auto& partition : scan->partitions) {
      if (partition->id == id) return partition.get();
    }
  }
  return nullptr;
}

// True: every slice has been read.
StatusOr<bool> DataflowRun::RedoRound() {
  std::vector<Partition*>& partitions = polled_;
  partitions.clear();
  for (const auto& scan : scans_) {
    for (const auto& partition : scan->partitions) {
      if (partition->slice_records < partition->redo_records) partitions.push_back(partition.get());
    }
  }
  if (partitions.empty()) return true;
  const int64_t before = progress_.records;
  pool_->RunAll([&](int32_t worker) {
    for (Partition* partition : partitions) {
      if (partition->worker != worker) continue;
      Status status = PollPartition(partition, contexts_[static_cast<size_t>(worker)].get(),
                                    std::min(kRedoRecords, partition->redo_records - partition->slice_records));
      if (!status.ok()) worker_status_[static_cast<size_t>(worker)] = std::move(status);
    }
  });
  for (Status& status : worker_status_) {
    if (status.ok()) continue;
    Status failed = std::exchange(status, OkStatus());
    if (SqlStateOf(failed) != sqlstate::kOffsetLost) return failed;
    RETURN_IF_ERROR(OffsetsLost(partitions[0], MessageOf(failed)));
    redo_.clear();
    return true;
  }
  Exchange();
  RETURN_IF_ERROR(CheckWorkers());
  RETURN_IF_ERROR(DrainAppends());
  const int64_t now = environment_->clock().MonotonicNanos();
  if (progress_.records > before) {
    redo_waits_since_nanos_ = now;
    return false;
  }
  // Nothing came. A log that ends before the slice does has lost it; a broker may need a moment.
  for (Partition* partition : partitions) {
    ASSIGN_OR_RETURN(const OffsetRange range, partition->reader->Range());
    if (range.end >= partition->redo_end && partition->reader->position() < partition->redo_end &&
        now - redo_waits_since_nanos_ < kRedoDeadlineNanos) {
      os::SleepNanos(1'000'000);
      continue;
    }
    RETURN_IF_ERROR(OffsetsLost(partition, "the journal says that " + std::to_string(partition->redo_records) + " records were read up to offset " +
                                               std::to_string(partition->redo_end) + ", and there are " + std::to_string(partition->slice_records)));
    redo_.clear();
    return true;
  }
  return false;
}

// What was read again must be what was read.
Status DataflowRun::CheckRedone() {
  if (!Redoing()) {  // lost, and the user said to go on
    progress_.recovering = !reaching_.empty();
    ++progress_.epoch;
    for (const auto& scan : scans_) {
      for (const auto& partition : scan->partitions) partition->redo_end = -1;
    }
    return OkStatus();
  }
  for (const JournalSlice& slice : redo_[next_redo_].slices) {
    Partition* partition = FindPartition(slice.scan, slice.partition);
#ifndef KAPPA_BREAK_SLICE_CRC
    if (partition->slice_sum.value() != slice.crc || partition->slice_records != slice.records) {
      RETURN_IF_ERROR(OffsetsLost(partition, "what is between offsets " + std::to_string(slice.begin) + " and " + std::to_string(slice.end) +
                                                 " is not what was read before: the log has changed"));
    }
#endif
    // Transaction markers at the slice's end use up offsets and are no records.
    if (partition->reader->position() != slice.end) RETURN_IF_ERROR(partition->reader->Seek(slice.end));
  }
  return OkStatus();
}

void DataflowRun::ResumeAt(Partition* partition, const TimeLogEntry& entry) {
  partition->idle = false;
  partition->clock.watermark = std::max(partition->clock.watermark, entry.micros);
  const Offset place = entry.offset;
  RecordTime(*partition, entry.kind, place, entry.micros);
  partition->resume.reset();
  if (!Redoing() && bindings_.time_log != nullptr && !partition->scan->identity.empty())
    partition->resume = bindings_.time_log->NextResume(partition->scan->identity, partition->id, place + 1);
}

// Partitions that were added to a source while it is read: their watermark begins where the others' minimum stands.
Status DataflowRun::DiscoverPartitions() {
  const int64_t now = environment_->clock().MonotonicNanos();
  if (Redoing() || now - last_discovery_nanos_ < kDiscoverNanos) return OkStatus();
  last_discovery_nanos_ = now;
  for (const auto& scan : scans_) {
    if (scan->source->bounded() || scan->scan->until_latest || !scan->scan->until_offsets.empty()) continue;
    auto partitions = scan->source->Partitions();
    if (!partitions.ok()) continue;  // a broker that is away: asked again later
    for (const int32_t id : *partitions) {
      if (FindPartition(scan->op->id, id) != nullptr) continue;
      RETURN_IF_ERROR(OpenPartition(scan.get(), id));
      Partition& partition = *scan->partitions.back();
      partition.clock.watermark = std::max(partition.clock.watermark, WatermarkOf(scan->op->id));
      RecordTime(partition, TimeLogEntry::Kind::kDiscover, partition.reader->position(), partition.clock.watermark);
    }
  }
  return OkStatus();
}

}  // namespace kappa
