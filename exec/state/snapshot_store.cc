#include "exec/state/snapshot_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <deque>
#include <mutex>
#include <optional>
#include <set>

#include "common/os/kill_point.h"
#include "exec/runtime/stage.h"
#include "exec/state/packed_words.h"
#include "exec/state/run_file.h"
#include "exec/state/snapshot_manifest.h"

namespace kappa {
namespace {

std::optional<uint64_t> NumberOfRun(std::string_view name) {
  constexpr std::string_view kSuffix = ".sst";
  if (name.size() <= kSuffix.size() || name.substr(name.size() - kSuffix.size()) != kSuffix) return std::nullopt;
  uint64_t number = 0;
  const char* end = name.data() + name.size() - kSuffix.size();
  const auto [stop, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool EndsWith(std::string_view name, std::string_view suffix) {
  return name.size() >= suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
}

// What was closed stays closed.
void Close(const ClosedWindows& windows, std::vector<ClosedWindows>* closed) {
  for (ClosedWindows& known : *closed) {
    if (known.table != windows.table) continue;
    known.closed = std::max(known.closed, windows.closed);
    return;
  }
  closed->push_back(windows);
}

// The background is one closure at a time, started when there is work and none runs; it ends when there is none. It alone writes files; `mutex_`
// guards what it shares with the driver.
class Store final : public SnapshotStore {
 public:
  Store(os::Environment& environment, std::string directory, SnapshotOptions options)
      : environment_(environment), directory_(std::move(directory)), options_(std::move(options)), runs_(&environment.files(), directory_) {}
  ~Store() override {
    stop_.store(true);
    background_.reset();  // joins
  }

  Status Recover();

  StatusOr<std::vector<SnapshotInfo>> List(std::vector<std::string>* damaged) override;
  Status Verify(Epoch epoch) override;
  Status LoadParts(Epoch epoch, const std::vector<Loader>& parts) override;
  Status DropAfter(Epoch epoch) override;
  Status Begin(Epoch epoch) override;
  void Add(StateRun run) override;
  size_t backlog_bytes() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return queued_bytes_ + writing_bytes_;
  }
  void Finish(std::string meta, std::vector<ClosedWindows> closed) override;
  StatusOr<Progress> Poll() override;
  Status Wait() override;
  MergeFailures merge_failures() const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    return merge_failures_;
  }

 private:
  os::FileSystem& files() const { return environment_.files(); }
  std::string PathOf(Epoch epoch) const { return directory_ + "/" + ManifestName(epoch); }
  StatusOr<SnapshotManifest> Find(Epoch epoch) const;
  Epoch NewestEpoch() const { return snapshots_.empty() ? -1 : snapshots_.back().epoch; }
  Status RemoveUnreferenced(bool manifests);

  void Kick(std::unique_lock<std::mutex>* lock);
  void Background();
  void ServeSnapshot();
  Status WriteBatch(const std::vector<StateRun>& batch);
  Status WriteManifest();
  void Fail(const Status& why, std::vector<StateRun> batch);
  std::optional<size_t> MergeFrom() const;
  bool MergeOnce();

  os::Environment& environment_;
  const std::string directory_;
  const SnapshotOptions options_;
  const RunFiles runs_;

  mutable std::mutex mutex_;
  std::vector<SnapshotManifest> snapshots_;  // oldest first
  std::vector<std::string> damaged_;
  std::vector<RunFile> live_;  // what the next manifest begins with: the newest snapshot's files and those that failed ones have written
  std::deque<StateRun> queue_;
  size_t queued_bytes_ = 0, writing_bytes_ = 0;
  bool active_ = false, finishing_ = false, done_ = false, working_ = false;
  Status error_;
  Epoch epoch_ = -1;
  std::string meta_;
  std::vector<ClosedWindows> closed_;  // of the one that is written
  uint64_t next_number_ = 1;
  std::optional<uint64_t> merging_;  // number of the file being made
  bool merge_failed_ = false;
  MergeFailures merge_failures_;

  bool base_is_state_ = true;  // the newest snapshot is what the tables were loaded from; the driver's alone
  std::atomic<bool> stop_{false};
  os::Event ended_;
  std::unique_ptr<os::Thread> background_;
};

Status Store::Recover() {
  if (options_.read_only && !files().Exists(directory_)) return OkStatus();
  if (!options_.read_only) RETURN_IF_ERROR(files().CreateDirectories(directory_));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files().List(directory_));
  for (const std::string& name : names) {
    if (const auto number = NumberOfRun(name)) next_number_ = std::max(next_number_, *number + 1);
    const auto epoch = EpochOfManifest(name);
    if (!epoch) continue;
    ASSIGN_OR_RETURN(const std::string bytes, files().ReadAll(directory_ + "/" + name));
    auto manifest = DecodeManifest(bytes, directory_ + "/" + name);
    if (manifest.ok() && manifest->epoch == *epoch) {
      snapshots_.push_back(*std::move(manifest));
    } else if (manifest.ok() || SqlStateOf(manifest.status()) == sqlstate::kDataCorrupted) {
      damaged_.push_back(name);
    } else {
      return manifest.status();
    }
  }
  std::sort(snapshots_.begin(), snapshots_.end(), [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
  if (!snapshots_.empty()) live_ = snapshots_.back().files;
  base_is_state_ = snapshots_.empty();
  return options_.read_only ? OkStatus() : RemoveUnreferenced(false);
}

// What no manifest names. Files of a damaged manifest are not known: while there is one, all stay.
Status Store::RemoveUnreferenced(bool manifests) {
  std::set<uint64_t> referenced;
  std::set<std::string> kept;
  std::vector<std::string> damaged;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const SnapshotManifest& snapshot : snapshots_) {
      for (const RunFile& file : snapshot.files) referenced.insert(file.number);
      kept.insert(ManifestName(snapshot.epoch));
    }
    for (const RunFile& file : live_) referenced.insert(file.number);
    if (merging_) referenced.insert(*merging_);
    if (manifests) damaged_.clear();
    damaged = damaged_;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files().List(directory_));
  bool removed = false;
  for (const std::string& name : names) {
    const bool stale = EndsWith(name, ".tmp") || (manifests && EpochOfManifest(name) && kept.count(name) == 0);
    if (!stale) continue;
    RETURN_IF_ERROR(files().Remove(directory_ + "/" + name));
    removed = true;
  }
  // No manifest may come back after a crash whose files have gone.
  if (removed) RETURN_IF_ERROR(files().SyncDirectory(directory_));
  if (!damaged.empty()) return OkStatus();
  for (const std::string& name : names) {
    const auto number = NumberOfRun(name);
    if (number && referenced.count(*number) == 0) RETURN_IF_ERROR(files().Remove(directory_ + "/" + name));
  }
  return OkStatus();
}

StatusOr<SnapshotManifest> Store::Find(Epoch epoch) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const SnapshotManifest& snapshot : snapshots_) {
    if (snapshot.epoch == epoch) return snapshot;
  }
  return SqlError(sqlstate::kUndefinedFile) << "there is no snapshot of epoch " << epoch << " in " << directory_;
}

StatusOr<std::vector<SnapshotInfo>> Store::List(std::vector<std::string>* damaged) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<SnapshotInfo> infos;
  for (auto snapshot = snapshots_.rbegin(); snapshot != snapshots_.rend(); ++snapshot) infos.push_back(snapshot->Info());
  if (damaged != nullptr) *damaged = damaged_;
  return infos;
}

Status Store::Verify(Epoch epoch) {
  ASSIGN_OR_RETURN(const SnapshotManifest manifest, Find(epoch));
  for (const RunFile& file : manifest.files) RETURN_IF_ERROR(runs_.Verify(file));
  return OkStatus();
}

Status Store::LoadParts(Epoch epoch, const std::vector<Loader>& parts) {
  ASSIGN_OR_RETURN(const SnapshotManifest manifest, Find(epoch));
  constexpr uint64_t kShards = uint64_t{1} << kShardBits;
  auto first_shard = [&](size_t part) { return (part * kShards + parts.size() - 1) / parts.size(); };  // as OwnerOf splits them
  std::vector<Status> results(parts.size());
  auto load = [&](size_t part) {
    const uint64_t begin = first_shard(part), end = first_shard(part + 1);
    if (begin == end) return;
    const uint64_t last = end == kShards ? UINT64_MAX : (end << (64 - kShardBits)) - 1;
    std::string unpacked;
    results[part] = runs_.Merge(manifest.files, begin << (64 - kShardBits), last, [&](const RunEntry& entry) -> Status {
      if (entry.deleted || Covers(manifest.closed, entry)) return OkStatus();
      if (!entry.packed) return parts[part](entry.table, entry.hash, entry.key, entry.value);
      if (!UnpackWords(entry.value, &unpacked))
        return SqlError(sqlstate::kDataCorrupted) << "the snapshot is damaged: an entry is not what was packed";
      return parts[part](entry.table, entry.hash, entry.key, unpacked);
    });
  };
  std::vector<std::unique_ptr<os::Thread>> threads;
  for (size_t part = 1; part < parts.size(); ++part) {
    threads.push_back(environment_.threads().Start("load", [&load, part] { load(part); }));
  }
  load(0);
  threads.clear();  // joins
  for (const Status& result : results) {
    // A file that a manifest names and that is not there is damage.
    if (SqlStateOf(result) == sqlstate::kUndefinedFile) return SqlError(sqlstate::kDataCorrupted) << "the snapshot is damaged: " << MessageOf(result);
    RETURN_IF_ERROR(result);
  }
  base_is_state_ |= epoch == NewestEpoch();
  return OkStatus();
}

Status Store::DropAfter(Epoch epoch) {
  if (options_.read_only) return SqlError(sqlstate::kInternalError) << "snapshots are dropped through a store that only reads";
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (working_ || active_) return SqlError(sqlstate::kInternalError) << "snapshots are dropped while one is written";
    const bool was_newest = NewestEpoch() <= epoch;
    std::erase_if(snapshots_, [&](const SnapshotManifest& snapshot) { return snapshot.epoch > epoch; });
    live_ = snapshots_.empty() ? std::vector<RunFile>() : snapshots_.back().files;
    queue_.clear();
    queued_bytes_ = 0;
    base_is_state_ = snapshots_.empty() || (was_newest && base_is_state_);
  }
  return RemoveUnreferenced(true);
}

Status Store::Begin(Epoch epoch) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (active_) return SqlError(sqlstate::kInternalError) << "a snapshot begins before the one of epoch " << epoch_ << " is done";
  if (options_.read_only) return SqlError(sqlstate::kInternalError) << "a snapshot begins in a store that only reads";
  if (!base_is_state_) {
    return SqlError(sqlstate::kInternalError) << "a snapshot begins over that of epoch " << NewestEpoch() << ", which was neither loaded nor dropped";
  }
  if (epoch < NewestEpoch()) return SqlError(sqlstate::kInternalError) << "a snapshot of epoch " << epoch << " after that of " << NewestEpoch();
  active_ = true;
  finishing_ = done_ = false;
  error_ = OkStatus();
  epoch_ = epoch;
  if (queued_bytes_ >= options_.collect_bytes) Kick(&lock);
  return OkStatus();
}

void Store::Add(StateRun run) {
  if (run.empty()) return;
  std::unique_lock<std::mutex> lock(mutex_);
  queued_bytes_ += run.bytes();
  queue_.push_back(std::move(run));
  if (active_ && queued_bytes_ >= options_.collect_bytes) Kick(&lock);
}

void Store::Finish(std::string meta, std::vector<ClosedWindows> closed) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (!active_) return;  // it has failed: Poll tells
  meta_ = std::move(meta);
  closed_ = std::move(closed);
  finishing_ = true;
  Kick(&lock);
}

StatusOr<SnapshotStore::Progress> Store::Poll() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!error_.ok()) return std::exchange(error_, OkStatus());
  if (std::exchange(done_, false)) return Progress::kDone;
  return active_ ? Progress::kRunning : Progress::kNone;
}

Status Store::Wait() {
  constexpr int64_t kPatience = 100'000'000;  // between looks, should an event have gone to somebody else
  for (;;) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!error_.ok()) return std::exchange(error_, OkStatus());
      if (!active_ || !finishing_) return OkStatus();
    }
    ended_.WaitFor(kPatience);
  }
}

// --- the background

void Store::Kick(std::unique_lock<std::mutex>* lock) {
  if (working_) return;
  working_ = true;
  lock->unlock();  // a deterministic scheduler may run it here
  background_ = environment_.threads().Start("snapshot", [this] { Background(); });
}

void Store::Background() {
  for (;;) {
    ServeSnapshot();
    const bool merged = MergeOnce();
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool more = active_ && (finishing_ || queued_bytes_ >= options_.collect_bytes);
    if (stop_.load() || (!merged && !more)) {
      working_ = false;
      return;
    }
  }
}

// Writes what the snapshot has collected, as far as there is enough of it; its manifest when no more will come.
void Store::ServeSnapshot() {
  for (;;) {
    std::vector<StateRun> batch;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!active_ || stop_.load()) return;
      if (queued_bytes_ < options_.collect_bytes && !finishing_) return;
      while (!queue_.empty() && writing_bytes_ < options_.collect_bytes) {
        writing_bytes_ += queue_.front().bytes();
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      queued_bytes_ -= writing_bytes_;
    }
    const bool last = batch.empty();
    const Status status = last ? WriteManifest() : WriteBatch(batch);
    if (!status.ok()) return Fail(status, std::move(batch));
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      writing_bytes_ = 0;
      if (!last) continue;
      active_ = finishing_ = merge_failed_ = false;
      done_ = true;
    }
    ended_.Set();
    return;
  }
}

Status Store::WriteBatch(const std::vector<StateRun>& batch) {
  std::vector<const StateRun*> runs;
  for (const StateRun& run : batch) runs.push_back(&run);
  uint64_t number = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    number = next_number_++;
  }
  const auto file = runs_.Write(number, epoch_, runs);
  if (!file.ok()) {
    static_cast<void>(files().Remove(runs_.PathOf(number)));  // a part of it may take the room that is missing
    return file.status();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  live_.push_back(*file);
  return OkStatus();
}

Status Store::WriteManifest() {
  SnapshotManifest manifest{epoch_, environment_.clock().WallMicros(), options_.build, meta_, {}, {}};
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    manifest.files = live_;
    if (!snapshots_.empty()) manifest.closed = snapshots_.back().closed;
    for (const ClosedWindows& windows : closed_) Close(windows, &manifest.closed);
  }
  ASSIGN_OR_RETURN(const std::string bytes, EncodeManifest(manifest));
  os::KillPoint("snapshot-before-manifest");
  RETURN_IF_ERROR(files().SyncDirectory(directory_));  // the runs are there before what names them
  if (Status status = files().WriteAtomically(PathOf(epoch_), bytes); !status.ok()) {
    // Perhaps it is there and only its name is not durable: it must not come back later, when its files have gone.
    if (files().Exists(PathOf(epoch_)) && epoch_ != NewestEpoch()) static_cast<void>(files().Remove(PathOf(epoch_)));
    return status;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (NewestEpoch() == epoch_) snapshots_.pop_back();  // written again
    snapshots_.push_back(std::move(manifest));
    const auto keep = static_cast<size_t>(std::max(options_.keep, 1));
    if (snapshots_.size() > keep) snapshots_.erase(snapshots_.begin(), snapshots_.end() - static_cast<std::ptrdiff_t>(keep));
  }
  // The snapshot is there; what cannot be removed now is removed after the next one.
  static_cast<void>(RemoveUnreferenced(true));
  return OkStatus();
}

// Nothing that was saved may be lost, because its table calls it clean now: the batch goes back to the queue's front.
void Store::Fail(const Status& why, std::vector<StateRun> batch) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto run = batch.rbegin(); run != batch.rend(); ++run) queue_.push_front(std::move(*run));
    queued_bytes_ += std::exchange(writing_bytes_, 0);
    active_ = finishing_ = false;
    error_ = why;
  }
  ended_.Set();
}

// Where the files begin that should become one. All of them, when what came after the oldest snapshot may supersede most of it; when there are only
// too many, the newest ones of similar size, so that an entry is merged a logarithmic number of times.
std::optional<size_t> Store::MergeFrom() const {
  size_t base = 0;
  uint64_t base_bytes = 0, newer_bytes = 0;
  for (; base < live_.size() && live_[base].epoch == live_[0].epoch; ++base) base_bytes += live_[base].bytes;
  for (size_t i = base; i < live_.size(); ++i) newer_bytes += live_[i].bytes;
  if (newer_bytes > std::max(base_bytes, options_.merge_above_bytes)) return 0;
  if (live_.size() <= options_.merge_after_files) return std::nullopt;
  size_t from = live_.size() - 1;
  uint64_t bytes = live_[from].bytes;
  while (from > 0 && live_[from - 1].bytes <= 2 * bytes) bytes += live_[--from].bytes;
  if (live_.size() - from < 2) from = live_.size() - 2;
  return from;
}

bool Store::MergeOnce() {
  std::vector<RunFile> inputs;
  std::vector<ClosedWindows> closed;
  size_t from = 0;
  uint64_t number = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    // Only what a snapshot names: a failed one's files may be followed by runs of its epoch.
    const bool settled = !snapshots_.empty() && !live_.empty() && !active_ && queue_.empty();
    const auto chosen = settled && !merge_failed_ && !stop_.load() ? MergeFrom() : std::nullopt;
    if (!chosen) return false;
    from = *chosen;
    inputs.assign(live_.begin() + static_cast<std::ptrdiff_t>(from), live_.end());
    closed = snapshots_.back().closed;
    number = next_number_++;
    merging_ = number;
  }
  const auto merged = runs_.MergeInto(number, inputs, from == 0, closed, [this] {
    ServeSnapshot();  // a snapshot does not wait for a merge
    return !stop_.load();
  });
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    merging_.reset();
    merge_failed_ = !merged.ok();
    if (merged.ok() || !stop_.load()) merge_failures_.error = merged.ok() ? "" : MessageOf(merged.status());
    if (!merged.ok() && !stop_.load()) ++merge_failures_.count;
    if (merged.ok()) {
      const auto begin = live_.begin() + static_cast<std::ptrdiff_t>(from);
      const auto rest = live_.erase(begin, begin + static_cast<std::ptrdiff_t>(inputs.size()));
      if (merged->entries != 0) live_.insert(rest, *merged);
    }
  }
  if (!merged.ok() || merged->entries == 0) static_cast<void>(files().Remove(runs_.PathOf(number)));
  return merged.ok();
}

}  // namespace

StatusOr<std::unique_ptr<SnapshotStore>> SnapshotStore::Open(os::Environment& environment, const std::string& directory,
                                                             const SnapshotOptions& options) {
  auto store = std::make_unique<Store>(environment, directory, options);
  RETURN_IF_ERROR(store->Recover());
  return store;
}

}  // namespace kappa
