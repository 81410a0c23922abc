#include "connectors/file/part_file_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/os/kill_point.h"
#include "connectors/encoded_rows.h"

namespace kappa::file {
namespace {

constexpr size_t kMaxWaitingBytes = 64 << 20;  // while the disk is full
constexpr std::string_view kHiddenPrefix = ".part-", kHiddenSuffix = ".tmp";

// Takes digits off the front of `text`; -1: there are none.
int64_t TakeNumber(std::string_view* text) {
  int64_t number = -1;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || text->front() == '-') return -1;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

bool TakePrefix(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

bool TakeSuffix(std::string_view* text, std::string_view suffix) {
  if (text->size() < suffix.size() || text->substr(text->size() - suffix.size()) != suffix) return false;
  text->remove_suffix(suffix.size());
  return true;
}

// The sequence of part-EPOCH-SEQUENCE.SUFFIX, or of part-EPOCH-SEQUENCE-TAG.SUFFIX where there is a tag; -1 for other names.
int64_t SequenceOf(std::string_view name, std::string_view tag) {
  if (!TakeSuffix(&name, ".jsonl") && !TakeSuffix(&name, ".csv") && !TakeSuffix(&name, ".txt")) return -1;
  if (!TakePrefix(&name, "part-") || TakeNumber(&name) < 0 || !TakePrefix(&name, "-")) return -1;
  const int64_t sequence = TakeNumber(&name);
  if (!tag.empty() && !TakePrefix(&name, "-")) return -1;
  return name == tag ? sequence : -1;
}

std::string HiddenName(std::string_view tag, int64_t sequence) { return fmt::format(".kappa-{}-{}.tmp", tag, sequence); }

bool IsHiddenPartOf(std::string_view tag, std::string_view name) {
  return TakePrefix(&name, ".kappa-") && TakePrefix(&name, tag) && TakePrefix(&name, "-") && TakeSuffix(&name, ".tmp") && !name.empty() &&
         TakeNumber(&name) >= 0 && name.empty();
}

}  // namespace

PartFileSink::PartFileSink(os::Environment& environment, PartFileSettings settings, std::unique_ptr<RecordEncoder> encoder)
    : environment_(environment),
      files_(environment.files()),
      settings_(std::move(settings)),
      tag_(WriterTag(settings_.writer)),
      encoder_(std::move(encoder)) {
  manifest_.writer = settings_.writer;
}

StatusOr<std::unique_ptr<PartFileSink>> PartFileSink::Open(os::Environment& environment, PartFileSettings settings,
                                                           std::unique_ptr<RecordEncoder> encoder) {
  std::unique_ptr<PartFileSink> sink(new PartFileSink(environment, std::move(settings), std::move(encoder)));
  RETURN_IF_ERROR(sink->MakeFolder());
  RETURN_IF_ERROR(sink->durable() ? sink->Recover() : sink->RemoveLeftovers());
  return sink;
}

// A folder that a power failure forgets takes its manifest with it: its name, and those of the folders above that are new, are made durable.
Status PartFileSink::MakeFolder() {
  std::vector<std::string> parents;
  for (std::string path = settings_.folder; !path.empty() && !files_.Exists(path);) {
    const size_t slash = path.find_last_of('/');
    path = slash == std::string::npos ? "" : path.substr(0, slash);
    parents.push_back(path.empty() ? (slash == 0 ? "/" : ".") : path);
  }
  RETURN_IF_ERROR(files_.CreateDirectories(settings_.folder));
  for (const std::string& parent : parents) RETURN_IF_ERROR(files_.SyncDirectory(parent));
  return OkStatus();
}

Status PartFileSink::Recover() {
  auto lock = files_.Lock(InFolder(fmt::format(".kappa-{}.lock", tag_)));
  if (!lock.ok()) {
    if (SqlStateOf(lock.status()) != sqlstate::kObjectInUse) return lock.status();
    return SqlError(sqlstate::kObjectInUse) << "another run of " << settings_.writer << " is writing into \"" << settings_.folder << "\"";
  }
  writer_lock_ = std::move(*lock);
  const std::string path = InFolder(ManifestName(tag_));
  const bool known = files_.Exists(path);
  if (known) {
    ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(path));
    ASSIGN_OR_RETURN(manifest_, DecodePartManifest(text, path));
    rename_pending_ = !manifest_.rename_from.empty();
    RETURN_IF_ERROR(FinishRename());
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(settings_.folder));
  for (const std::string& name : names) {
    if (!known && SequenceOf(name, tag_) >= 0) {
      return SqlError(sqlstate::kDataCorrupted) << "the manifest \"" << path << "\" is missing, but " << settings_.writer << " has committed \""
                                                << name << "\"" << RebuildHint(path);
    }
    if (IsHiddenPartOf(tag_, name) || name == ManifestName(tag_) + ".tmp") RETURN_IF_ERROR(files_.Remove(InFolder(name)));
  }
  return OkStatus();
}

Status PartFileSink::RemoveLeftovers() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files_.List(settings_.folder));
  for (const std::string& name : names) {
    manifest_.parts = std::max(manifest_.parts, SequenceOf(name, tag_) + 1);
    std::string_view rest = name;
    if (!TakePrefix(&rest, kHiddenPrefix) || !TakeSuffix(&rest, kHiddenSuffix)) continue;
    const auto lock = files_.Lock(InFolder(name));  // the lock goes with its process
    if (lock.ok()) RETURN_IF_ERROR(files_.Remove(InFolder(name)));
  }
  return OkStatus();
}

Status PartFileSink::Write(Epoch epoch, const ChangeBatch& changes) {
  RETURN_IF_ERROR(broken_);
  written_ = std::max(written_, epoch);
  if (part_ == nullptr && buffered_.empty()) waiting_since_nanos_ = environment_.clock().MonotonicNanos();
  return ForEachEncoded(*encoder_, changes, &scratch_, [&](const EncodedRecord& record) {
    if (!record.has_value) return OkStatus();  // a deletion has no line of its own
    if (part_ == nullptr && buffered_.empty()) {
      if (const std::string header = encoder_->Preamble(); !header.empty()) buffered_.append(header).push_back('\n');
    }
    buffered_.append(record.value).push_back('\n');
    ++rows_;
    return buffered_.size() < spill_at_ ? OkStatus() : SpillOrWait();
  });
}

// A full disk is Commit's to report, so that no batch is left half taken: until then rows wait in memory, as long as they are not too many.
Status PartFileSink::SpillOrWait() {
  const Status spilled = Spill();
  if (spilled.ok() || SqlStateOf(spilled) != sqlstate::kDiskFull || buffered_.size() > kMaxWaitingBytes) return spilled;
  spill_at_ = buffered_.size() + kSpillBytes;
  return OkStatus();
}

Status PartFileSink::OpenPart() {
  std::string name =
      durable() ? HiddenName(tag_, manifest_.parts) : fmt::format("{}{:016x}{}", kHiddenPrefix, environment_.random().Next(), kHiddenSuffix);
  if (!durable()) { ASSIGN_OR_RETURN(part_lock_, files_.Lock(InFolder(name))); }
  ASSIGN_OR_RETURN(part_, files_.OpenForAppend(InFolder(name)));
  part_name_ = std::move(name);
  part_listed_ = false;
  return OkStatus();
}

// All of it or nothing: what a full disk has cut off is taken back.
Status PartFileSink::Spill() {
  if (part_ == nullptr) RETURN_IF_ERROR(OpenPart());
  const uint64_t before = part_->size();
  const Status appended = part_->Append(buffered_);
  if (!appended.ok()) {
    if (const Status cut = part_->Truncate(before); !cut.ok()) return Break(cut);
    return appended;
  }
  buffered_.clear();
  spill_at_ = kSpillBytes;
  return OkStatus();
}

Status PartFileSink::Break(const Status& failure) {
  broken_ = SqlError(sqlstate::kIoError) << MessageOf(failure);  // no error that passes, even where the disk was full
  return broken_;
}

bool PartFileSink::RolloverDue() {
  const uint64_t bytes = buffered_.size() + (part_ == nullptr ? 0 : part_->size());
  if (bytes >= static_cast<uint64_t>(settings_.rollover_bytes)) return true;
  return environment_.clock().MonotonicNanos() - waiting_since_nanos_ >= settings_.rollover_micros * 1000;
}

std::string PartFileSink::PartName(Epoch epoch) const {
  return fmt::format("part-{:012}-{:06}{}{}{}", epoch, manifest_.parts, durable() ? "-" : "", tag_, encoder_->FileSuffix());
}

Status PartFileSink::SyncPart() {
  if (!buffered_.empty()) RETURN_IF_ERROR(Spill());
  os::KillPoint("file-sink-before-sync");
  if (const Status synced = part_->Sync(); !synced.ok()) return Break(synced);
  // The manifest must not be durable before the name it speaks of.
  if (durable() && !std::exchange(part_listed_, true)) {
    if (const Status synced = files_.SyncDirectory(settings_.folder); !synced.ok()) return Break(synced);
  }
  os::KillPoint("file-sink-before-rename");
  return OkStatus();
}

// What fails before the rename may be tried again; afterwards nobody knows which manifest a crash would leave.
Status PartFileSink::WriteManifest(const PartManifest& manifest) {
  const std::string path = InFolder(ManifestName(tag_)), temporary = path + ".tmp";
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<os::WritableFile> file, files_.OpenForAppend(temporary));
    RETURN_IF_ERROR(file->Truncate(0));
    RETURN_IF_ERROR(file->Append(EncodePartManifest(manifest)));
    RETURN_IF_ERROR(file->Sync());
  }
  if (const Status renamed = files_.Rename(temporary, path); !renamed.ok()) return Break(renamed);
  if (const Status synced = files_.SyncDirectory(settings_.folder); !synced.ok()) return Break(synced);
  os::KillPoint("file-sink-after-manifest");
  return OkStatus();
}

// Readers see a part from here on. It may have been renamed before, and taken away by its readers since.
Status PartFileSink::FinishRename() {
  if (!rename_pending_) return OkStatus();
  if (files_.Exists(InFolder(manifest_.rename_from))) RETURN_IF_ERROR(files_.Rename(InFolder(manifest_.rename_from), InFolder(manifest_.rename_to)));
  os::KillPoint("file-sink-after-rename");
  RETURN_IF_ERROR(files_.SyncDirectory(settings_.folder));
  rename_pending_ = false;
  return OkStatus();
}

Status PartFileSink::Commit(const EpochCommit& commit) {
  RETURN_IF_ERROR(broken_);
  if (commit.upto < written_) {
    return SqlError(sqlstate::kInternalError) << "epoch " << commit.upto << " is committed to \"" << settings_.folder << "\" after rows of epoch "
                                              << written_;
  }
  RETURN_IF_ERROR(FinishRename());  // of a Commit that failed after its manifest was there
  const bool has_rows = part_ != nullptr || !buffered_.empty();
  if (commit.may_hold && (!has_rows || !RolloverDue())) return OkStatus();
  // Another incarnation of the program may come to a number that this one has had: its record tells them apart.
  if (!has_rows && commit.upto == manifest_.mark.epoch && commit.record == manifest_.mark.record) return OkStatus();
  PartManifest next = manifest_;
  next.mark = {commit.upto, std::string(commit.record)};
  next.rename_from.clear();
  next.rename_to.clear();
  if (has_rows) {
    RETURN_IF_ERROR(SyncPart());
    while (!durable() && files_.Exists(InFolder(PartName(commit.upto)))) ++manifest_.parts;  // another run shares the folder
    next.rename_from = part_name_;
    next.rename_to = PartName(commit.upto);
    next.parts = manifest_.parts + 1;
  }
  if (durable()) RETURN_IF_ERROR(WriteManifest(next));
  manifest_ = std::move(next);
  rename_pending_ = has_rows;
  part_.reset();
  part_lock_.reset();
  if (has_rows) ++parts_;
  return FinishRename();
}

std::string PartFileSink::Summary() const { return fmt::format("file: {} lines in {} part files in {}", rows_, parts_, settings_.folder); }

}  // namespace kappa::file
