#include "engine/snapshots.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/pipeline_directory.h"
#include "exec/epoch/framed_file.h"
#include "exec/epoch/journal.h"
#include "exec/state/run_file.h"
#include "exec/state/snapshot_manifest.h"

namespace kappa {
namespace {

// One program's folder.
class SnapshotFolder {
 public:
  SnapshotFolder(os::FileSystem* files, std::string directory, SnapshotCheck check)
      : files_(files), directory_(std::move(directory)), check_(check), runs_(files, directory_) {}

  StatusOr<std::vector<KeptSnapshot>> Read(const std::string& pipeline) {
    std::vector<KeptSnapshot> snapshots;
    if (!files_->Exists(directory_)) return snapshots;
    ASSIGN_OR_RETURN(const std::vector<std::string> names, files_->List(directory_));
    for (const std::string& name : names) {
      const auto epoch = EpochOfManifest(name);
      if (!epoch) continue;
      KeptSnapshot snapshot;
      snapshot.pipeline = pipeline;
      snapshot.epoch = *epoch;
      Look(directory_ + "/" + name, &snapshot);
      if (files_->Exists(directory_ + "/" + name)) snapshots.push_back(std::move(snapshot));  // else it was dropped while we looked
    }
    std::sort(snapshots.begin(), snapshots.end(), [](const KeptSnapshot& a, const KeptSnapshot& b) { return a.epoch > b.epoch; });
    return snapshots;
  }

 private:
  void Look(const std::string& path, KeptSnapshot* snapshot) {
    const auto bytes = files_->ReadAll(path);
    if (!bytes.ok()) return snapshot->damage.push_back(MessageOf(bytes.status()));
    const auto manifest = DecodeManifest(*bytes, path);
    if (!manifest.ok()) return snapshot->damage.push_back(MessageOf(manifest.status()));
    if (manifest->epoch != snapshot->epoch) {
      return snapshot->damage.push_back("\"" + path + "\" is the manifest of epoch " + std::to_string(manifest->epoch));
    }
    const SnapshotInfo info = manifest->Info();
    snapshot->created_micros = info.created_micros;
    snapshot->entries = info.entries;
    snapshot->bytes = info.bytes;
    snapshot->files = info.files;
    snapshot->build = info.build;
    for (const RunFile& file : manifest->files) {
      if (const std::string wrong = Wrong(file); !wrong.empty()) snapshot->damage.push_back(wrong);
    }
  }

  // Snapshots share files: each is read once.
  const std::string& Wrong(const RunFile& file) {
    const auto [found, fresh] = checked_.try_emplace(file.number);
    if (!fresh) return found->second;
    const std::string path = runs_.PathOf(file.number);
    if (check_ == SnapshotCheck::kEverything) {
      if (const Status status = runs_.Verify(file); !status.ok()) found->second = MessageOf(status);
    } else if (const auto stat = files_->Stat(path); !stat.ok()) {
      found->second = MessageOf(stat.status());
    } else if (stat->size != file.bytes) {
      found->second = "\"" + path + "\" has " + std::to_string(stat->size) + " bytes instead of " + std::to_string(file.bytes);
    }
    return found->second;
  }

  os::FileSystem* const files_;
  const std::string directory_;
  const SnapshotCheck check_;
  const RunFiles runs_;
  std::map<uint64_t, std::string> checked_;  // what is wrong with a file; "": nothing
};

// Adds what a journal's file holds; its epochs to `epochs`.
void ReadJournalFile(os::FileSystem& files, const std::string& path, KeptJournal* journal, std::set<int64_t>* epochs) {
  const auto damage = [&](const std::string& what) { journal->damage.push_back("\"" + path + "\": " + what); };
  const auto contents = ReadFramedFile(files, path, kJournalMagic, kJournalVersion);
  if (!contents.ok()) {
    if (SqlStateOf(contents.status()) != sqlstate::kUndefinedFile) journal->damage.push_back(MessageOf(contents.status()));
    return;  // it was trimmed while we looked
  }
  ++journal->files;
  journal->bytes += contents->good_bytes + contents->cut_bytes;
  for (size_t i = 0; i < contents->records.size(); ++i) {
    const auto epoch = DecodeJournalEpoch(contents->records[i]);
    if (epoch.ok())
      epochs->insert(epoch->epoch);
    else
      damage("record " + std::to_string(i) + ": " + MessageOf(epoch.status()));
  }
  if (contents->cut_bytes == 0) return;
  const auto bytes = files.ReadAll(path);
  if (bytes.ok() && bytes->size() >= contents->good_bytes && HoldsRecord(std::string_view(*bytes).substr(contents->good_bytes)))
    damage("the record at byte " + std::to_string(contents->good_bytes) + " does not fit its checksum, and whole ones follow it");
  else
    journal->unfinished_bytes += contents->cut_bytes;
}

}  // namespace

StatusOr<std::vector<KeptJournal>> ReadJournals(const std::string& data_directory, const std::string& name,
                                                const std::vector<KeptSnapshot>& snapshots, os::Environment* environment) {
  os::FileSystem& files = environment->files();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, PipelineNames(files, data_directory));
  std::vector<KeptJournal> all;
  for (const std::string& pipeline : names) {
    const std::string directory = PipelineDirectory(data_directory, pipeline) + kJournalFolder;
    if ((!name.empty() && pipeline != name) || !files.Exists(directory)) continue;
    KeptJournal journal;
    journal.pipeline = pipeline;
    std::set<int64_t> epochs;
    ASSIGN_OR_RETURN(const std::vector<std::string> found, files.List(directory));
    for (const std::string& file : found) {
      if (file.ends_with(kJournalSuffix)) ReadJournalFile(files, directory + "/" + file, &journal, &epochs);
    }
    int64_t before = -1;
    for (const int64_t epoch : epochs) {
      if (before >= 0 && epoch != before + 1)
        journal.damage.push_back("\"" + directory + "\": epochs " + std::to_string(before + 1) + " to " + std::to_string(epoch - 1) + " are missing");
      before = epoch;
    }
    if (!epochs.empty()) {
      journal.first_epoch = *epochs.begin();
      journal.last_epoch = before;
      const auto newest =
          std::find_if(snapshots.begin(), snapshots.end(), [&](const KeptSnapshot& s) { return s.pipeline == pipeline && s.damage.empty(); });
      if (newest != snapshots.end() && journal.first_epoch > newest->epoch + 1)
        journal.damage.push_back("\"" + directory + "\" begins with epoch " + std::to_string(journal.first_epoch) +
                                 ", the newest usable snapshot is of epoch " + std::to_string(newest->epoch));
    }
    all.push_back(std::move(journal));
  }
  return all;
}

StatusOr<std::vector<KeptSnapshot>> ReadSnapshots(const std::string& data_directory, const std::string& name, SnapshotCheck check,
                                                  os::Environment* environment) {
  os::FileSystem& files = environment->files();
  if (!files.Exists(data_directory)) return SqlError(sqlstate::kUndefinedFile) << "there is no data directory \"" << data_directory << "\"";
  if (!name.empty()) RETURN_IF_ERROR(FindPipeline(files, data_directory, name));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, PipelineNames(files, data_directory));
  std::vector<KeptSnapshot> all;
  for (const std::string& pipeline : names) {
    if (!name.empty() && pipeline != name) continue;
    SnapshotFolder folder(&files, PipelineDirectory(data_directory, pipeline) + kSnapshotFolder, check);
    ASSIGN_OR_RETURN(std::vector<KeptSnapshot> kept, folder.Read(pipeline));
    std::move(kept.begin(), kept.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace kappa
