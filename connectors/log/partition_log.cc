#include "connectors/log/partition_log.h"

#include <algorithm>

#include "connectors/log/batch_cursor.h"
#include "connectors/log/durable_directory.h"

namespace kappa::log {
namespace {

constexpr const char* kLockFile = "/writer.lock";
struct BatchInBlob {
  RecordBatchHeader header;
  size_t position = 0;
  std::optional<Offset> already;  // the offset it has had since an earlier append
};

StatusOr<std::vector<BatchInBlob>> Split(std::string_view batches) {
  std::vector<BatchInBlob> result;
  for (size_t position = 0; position < batches.size();) {
    BatchInBlob& batch = result.emplace_back();
    batch.position = position;
    if (ParseBatchHeader(batches.substr(position), &batch.header) != HeaderState::kComplete || batch.header.total_bytes > batches.size() - position) {
      return SqlError(sqlstate::kInternalError) << "what is to be appended is not a sequence of record batches";
    }
    position += batch.header.total_bytes;
  }
  return result;
}

// Whether anywhere in `bytes` there is a batch of an offset past `next_offset` with the right CRC.
bool HoldsWholeBatch(std::string_view bytes, Offset next_offset) {
  constexpr Offset kFar = Offset{1} << 31;  // a segment holds no offsets further apart
  for (size_t at = 0; at + kBatchHeaderBytes <= bytes.size(); ++at) {
    RecordBatchHeader header;
    if (ParseBatchHeader(bytes.substr(at), &header) != HeaderState::kComplete || header.total_bytes > bytes.size() - at) continue;
    if (header.base_offset < next_offset || header.base_offset - next_offset > kFar) continue;
    if (BatchCrcMatches(bytes.substr(at, header.total_bytes), header)) return true;
  }
  return false;
}

}  // namespace

StatusOr<std::unique_ptr<PartitionLog>> PartitionLog::Open(os::Environment& environment, const std::string& directory, const std::string& name,
                                                           const PartitionLogOptions& options) {
  std::unique_ptr<PartitionLog> log(new PartitionLog(environment, directory, name, options));
  RETURN_IF_ERROR(MakeDurableDirectory(log->files_, directory));
  auto lock = log->files_.Lock(directory + kLockFile);
  if (!lock.ok() && SqlStateOf(lock.status()) == sqlstate::kObjectInUse) {
    return SqlError(sqlstate::kObjectInUse) << "partition " << name << " of the embedded log is being written by another process"
                                            << Hint("stop the program that writes to this topic, or write to another topic or partition");
  }
  if (!lock.ok()) return lock.status();
  log->lock_ = std::move(lock).value();
  RETURN_IF_ERROR(log->Recover());
  log->NoteEnds();
  log->acknowledged_ = log->visible_.load();
  RETURN_IF_ERROR(log->ApplyRetention());
  return log;
}

Status PartitionLog::Recover() {
  ASSIGN_OR_RETURN(const std::vector<Offset> bases, ListSegments(files_, directory_));
  if (bases.empty()) {
    RETURN_IF_ERROR(StartSegment(0));
    return files_.SyncDirectory(directory_);
  }
  segment_base_ = bases.back();
  RETURN_IF_ERROR(LoadProducers(bases));
  const std::string path = SegmentPath(directory_, segment_base_, ".log");
  ASSIGN_OR_RETURN(index_, SegmentIndexWriter::Create(files_, directory_, segment_base_));
  ASSIGN_OR_RETURN(std::unique_ptr<os::ReadableFile> file, files_.OpenForRead(path));
  ASSIGN_OR_RETURN(const uint64_t file_size, file->Size());
  ASSIGN_OR_RETURN(const ScanResult scan,
                   ScanSegment(*file, 0, segment_base_, options_.contiguous, [&](const RecordBatchHeader& header, uint64_t position) {
                     producers_.Record(header);
                     return index_->Add(header, position);
                   }));
  if (scan.end == ScanEnd::kMisplaced) {
    return SqlError(sqlstate::kDataCorrupted) << "partition " << name_ << ": the record batch at byte " << scan.valid_bytes << " of " << path
                                              << " does not begin at offset " << scan.next_offset << ", where the one before it ends"
                                              << Hint("restore the file from a copy");
  }
  next_offset_ = scan.next_offset;
  repair_.next_offset = scan.next_offset;
  ASSIGN_OR_RETURN(segment_, files_.OpenForAppend(path));
  dirty_ = true;  // whoever wrote the end may not have synced it
  appends_ = 1;
  if (scan.valid_bytes > 0) {
    ASSIGN_OR_RETURN(const os::FileStat stat, files_.Stat(path));
    segment_since_ms_ = stat.modified_micros / 1000;
  }
  return scan.valid_bytes == file_size ? OkStatus() : CutTail(scan, file_size);
}

// As of the start of the last segment; from the segments before it where the file does not tell.
Status PartitionLog::LoadProducers(const std::vector<Offset>& bases) {
  if (files_.Exists(directory_ + kProducersFile)) {
    ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(directory_ + kProducersFile));
    Offset upto = 0;
    auto loaded = ProducerStates::Load(text, &upto);
    if (!loaded.ok() && SqlStateOf(loaded.status()) != sqlstate::kDataCorrupted) return loaded.status();
    if (loaded.ok() && (upto < 0 || upto >= segment_base_)) {
      producers_ = std::move(loaded).value();
      return OkStatus();
    }
  }
  BatchCursor cursor(files_, directory_, name_);
  cursor.Seek(bases.front());
  while (cursor.next_offset() < segment_base_) {
    RecordBatchHeader header;
    ASSIGN_OR_RETURN(const bool found, cursor.Next(&header));
    if (!found || header.base_offset >= segment_base_) break;
    producers_.Record(header);
  }
  return OkStatus();
}

Status PartitionLog::CutTail(const ScanResult& scan, uint64_t file_size) {
  repair_.bytes_cut = file_size - scan.valid_bytes;
  ASSIGN_OR_RETURN(std::unique_ptr<os::ReadableFile> file, files_.OpenForRead(SegmentPath(directory_, segment_base_, ".log")));
  std::string tail(repair_.bytes_cut, '\0');
  ASSIGN_OR_RETURN(const size_t got, file->ReadAt(scan.valid_bytes, tail.data(), tail.size()));
  tail.resize(got);
  if (scan.end == ScanEnd::kBadChecksum || HoldsWholeBatch(tail, scan.next_offset)) {
    repair_.kept_in = SegmentPath(directory_, segment_base_, ".cut-") + std::to_string(scan.valid_bytes);
    RETURN_IF_ERROR(files_.WriteAtomically(repair_.kept_in, tail));
  }
  RETURN_IF_ERROR(segment_->Truncate(scan.valid_bytes));
  return segment_->Sync();
}

Status PartitionLog::StartSegment(Offset base) {
  ASSIGN_OR_RETURN(std::unique_ptr<os::WritableFile> segment, files_.OpenForAppend(SegmentPath(directory_, base, ".log")));
  ASSIGN_OR_RETURN(index_, SegmentIndexWriter::Create(files_, directory_, base));
  segment_ = std::move(segment);
  segment_base_ = base;
  segment_since_ms_ = 0;
  return OkStatus();
}

Status PartitionLog::RollIfFull(uint64_t bytes) {
  const uint64_t limit = std::min(options_.segment_bytes, kMaxSegmentBytes);
  const bool offsets_fit = next_offset_ - segment_base_ < (int64_t{1} << 30);  // the index holds 31 bits of them
  const int64_t keep_ms = options_.retention.ms;
  const bool expired = keep_ms >= 0 && NowMs() - segment_since_ms_ > keep_ms;  // whole segments go: an old one must end
  if (segment_->size() == 0 || (segment_->size() + bytes <= limit && offsets_fit && !expired)) return OkStatus();
  // The old segment must be whole before a later one exists: only the last one is repaired.
  RETURN_IF_ERROR(SyncSegment());
  if (index_ != nullptr) RETURN_IF_ERROR(index_->Finish());
  RETURN_IF_ERROR(files_.WriteAtomically(directory_ + kProducersFile, producers_.Save(next_offset_)));
  RETURN_IF_ERROR(StartSegment(next_offset_));
  RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  dirty_ = false;
  return Expire();
}

StatusOr<Offset> PartitionLog::Append(std::string batches, Durability durability) {
  auto request = std::make_shared<Request>();
  request->batches = std::move(batches);
  request->durability = durability;
  {
    std::lock_guard<std::mutex> lock(pending_mutex_);
    pending_.push_back(request);
  }
  std::lock_guard<std::mutex> lock(write_mutex_);
  if (request->done) return std::move(request->result);  // another thread's group took it along
  std::vector<std::shared_ptr<Request>> group;
  {
    std::lock_guard<std::mutex> pending_lock(pending_mutex_);
    group.swap(pending_);
  }
  WriteGroup(group);
  return std::move(request->result);
}

void PartitionLog::WriteGroup(const std::vector<std::shared_ptr<Request>>& group) {
  bool sync = false, visible = false;
  for (const auto& request : group) {
    request->result = broken_.ok() ? WriteOne(&request->batches, &visible) : StatusOr<Offset>(broken_);
    request->done = true;
    sync |= request->result.ok() && request->durability == Durability::kSynced;
  }
  if (sync) {
    if (const Status synced = SyncSegment(); !synced.ok()) {
      for (const auto& request : group) request->result = synced;
      return;
    }
  }
  NoteEnds();
  if (visible && notify_) notify_();
}

void PartitionLog::NoteEnds() {
  Offset first_open = INT64_MAX;
  for (const auto& [producer, first] : producers_.OpenTransactions()) first_open = std::min(first_open, first);
  visible_ = std::min(next_offset_, first_open);
  const Offset durable = options_.sync && dirty_ ? synced_offset_ : next_offset_;
  acknowledged_ = std::max(acknowledged_.load(), std::min(durable, first_open));
}

Status PartitionLog::SyncSegment() {
  RETURN_IF_ERROR(broken_);
  if (!options_.sync || !dirty_) return OkStatus();
  ++syncs_;
  if (const Status synced = segment_->Sync(); !synced.ok()) return Broken(synced);
  dirty_ = false;
  synced_appends_ = appends_;
  synced_offset_ = next_offset_;
  return OkStatus();
}

Status PartitionLog::Sync() {
  uint64_t wanted = 0;
  {
    std::lock_guard<std::mutex> lock(write_mutex_);
    if (!options_.sync || !dirty_ || !broken_.ok()) return broken_;
    wanted = appends_;
  }
  std::lock_guard<std::mutex> one(sync_mutex_);
  std::shared_ptr<os::WritableFile> file;
  uint64_t upto = 0;
  Offset offset = 0;
  {
    std::lock_guard<std::mutex> lock(write_mutex_);
    if (!dirty_ || synced_appends_ >= wanted || !broken_.ok()) return broken_;  // another thread's wait was for these too
    file = segment_;
    upto = appends_;
    offset = next_offset_;
    ++syncs_;
  }
  const Status synced = file->Sync();
  std::lock_guard<std::mutex> lock(write_mutex_);
  if (!synced.ok()) return Broken(synced);
  synced_appends_ = std::max(synced_appends_, upto);
  synced_offset_ = std::max(synced_offset_, offset);
  if (appends_ == synced_appends_) dirty_ = false;
  NoteEnds();
  return OkStatus();
}

Status PartitionLog::Broken(const Status& why) {
  if (broken_.ok()) {
    broken_ = SqlError(sqlstate::kIoError) << "partition " << name_ << " takes no more appends: " << MessageOf(why)
                                           << Hint("restart: what is whole in the log is kept");
  }
  return broken_;
}

Status PartitionLog::EndTransaction(TransactionMarker marker, int64_t producer_id, int16_t producer_epoch) {
  std::string batch;
  RETURN_IF_ERROR(AppendMarker(marker, producer_id, producer_epoch, NowMs(), &batch));
  return Append(std::move(batch), Durability::kWritten).status();
}

std::map<int64_t, Offset> PartitionLog::OpenTransactions() const {
  std::lock_guard<std::mutex> lock(write_mutex_);
  return producers_.OpenTransactions();
}

Status PartitionLog::ApplyRetention() {
  std::lock_guard<std::mutex> lock(write_mutex_);
  RETURN_IF_ERROR(RollIfFull(0));
  return Expire();
}

Status PartitionLog::Expire() {
  Offset keep = segment_base_;  // segments that end at or before it may go: not the last, and none that an open transaction has begun in
  for (const auto& [producer, first] : producers_.OpenTransactions()) keep = std::min(keep, first);
  return RemoveExpired(files_, directory_, options_.retention, keep, NowMs());
}

StatusOr<Offset> PartitionLog::WriteOne(std::string* batches, bool* visible) {
  ASSIGN_OR_RETURN(std::vector<BatchInBlob> split, Split(*batches));
  if (split.empty()) return next_offset_;
  // Sequences are judged for the whole blob before anything is written.
  const bool idempotent = std::any_of(split.begin(), split.end(), [](const BatchInBlob& batch) { return batch.header.producer_id >= 0; });
  ProducerStates producers = idempotent ? producers_ : ProducerStates();
  Offset next = next_offset_;
  for (BatchInBlob& batch : split) {
    ASSIGN_OR_RETURN(batch.already, producers.Check(batch.header));
    if (batch.already.has_value()) continue;
    batch.header.base_offset = next;
    next = batch.header.next_offset();
    producers.Record(batch.header);
    *visible |= batch.header.control() || !batch.header.transactional();
  }
  RETURN_IF_ERROR(RollIfFull(batches->size()));
  const uint64_t before = segment_->size();
  if (before == 0) segment_since_ms_ = NowMs();
  dirty_ = true;
  ++appends_;
  const Offset first = split[0].already.value_or(next_offset_);
  // One write for neighbours: fewer calls, and large folios in the page cache, which makes reading a third cheaper.
  std::string_view run;
  Status appended = OkStatus();
  for (const BatchInBlob& batch : split) {
    char* bytes = batches->data() + batch.position;
    if (batch.already.has_value()) {
      if (appended.ok()) appended = segment_->Append(run);
      run = {};
      continue;
    }
    SetBaseOffset(bytes, batch.header.base_offset);
    run = std::string_view(run.empty() ? bytes : run.data(), run.size() + batch.header.total_bytes);
  }
  if (appended.ok()) appended = segment_->Append(run);
  if (!appended.ok()) {
    if (const Status cut = segment_->Truncate(before); !cut.ok()) broken_ = SqlError(sqlstate::kIoError) << MessageOf(cut);
    return appended;
  }
  uint64_t position = before;
  for (const BatchInBlob& batch : split) {
    if (batch.already.has_value()) continue;
    // Only a hint: a segment whose index could not be written goes without.
    if (index_ != nullptr && !index_->Add(batch.header, position).ok()) index_.reset();
    position += batch.header.total_bytes;
  }
  if (idempotent) producers_ = std::move(producers);
  next_offset_ = next;
  return first;
}

uint64_t PartitionLog::syncs() const {
  std::lock_guard<std::mutex> lock(write_mutex_);
  return syncs_;
}

Offset PartitionLog::synced_offset() const {
  std::lock_guard<std::mutex> lock(write_mutex_);
  return options_.sync && dirty_ ? synced_offset_ : next_offset_;
}

Offset PartitionLog::next_offset() const {
  std::lock_guard<std::mutex> lock(write_mutex_);
  return next_offset_;
}

}  // namespace kappa::log
