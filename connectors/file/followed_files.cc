#include "connectors/file/followed_files.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "common/crc32c.h"

namespace kappa::file {
namespace {

constexpr int kVersion = 1;
using Json = nlohmann::json;

Status Damaged(const std::string& path, const std::string& what) {
  return SqlError(sqlstate::kDataCorrupted) << "\"" << path << "\" is damaged: " << what
                                            << Hint("remove it: the files are then numbered anew, and programs that follow them start over");
}

}  // namespace

FollowedFiles::FollowedFiles(os::FileSystem& files, std::string pattern, std::string directory)
    : files_(files),
      pattern_(std::move(pattern)),
      directory_(std::move(directory)),
      file_(directory_.empty() ? "" : fmt::format("{}/{:08x}.json", directory_, Crc32c(pattern_.data(), pattern_.size(), 0))) {}

StatusOr<std::unique_ptr<FollowedFiles>> FollowedFiles::Open(os::FileSystem& files, std::string pattern, std::string directory) {
  std::unique_ptr<FollowedFiles> followed(new FollowedFiles(files, std::move(pattern), std::move(directory)));
  RETURN_IF_ERROR(followed->Load());
  return followed;
}

// What another program has found since is taken over too.
Status FollowedFiles::Load() {
  if (file_.empty() || !files_.Exists(file_)) return OkStatus();
  ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(file_));
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || !json.contains("version")) return Damaged(file_, "not JSON");
  if (json["version"] != kVersion) return SqlError(sqlstate::kFeatureNotSupported) << "\"" << file_ << "\" was written by a newer version of kappa";
  if (json.value("pattern", "") != pattern_) return Damaged(file_, "it is of another pattern");
  for (const Json& entry : json["files"]) {
    const auto partition = entry.value("partition", -1);
    const std::string identity = entry.value("identity", "");
    if (partition < 0 || identity.size() != 16 || identity.find_first_not_of("0123456789abcdef") != std::string::npos)
      return Damaged(file_, "an entry is no file");
    Known& known = known_[partition];
    known.identity = std::stoull(identity, nullptr, 16);
    if (known.path.empty()) known.path = entry.value("path", "");
  }
  return OkStatus();
}

Status FollowedFiles::Save() {
  if (file_.empty()) return OkStatus();
  Json files = Json::array();
  for (const auto& [partition, known] : known_)
    files.push_back({{"partition", partition}, {"identity", fmt::format("{:016x}", known.identity)}, {"path", known.path}});
  const Json json = {{"version", kVersion}, {"pattern", pattern_}, {"files", files}};
  return files_.WriteAtomically(file_, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

int32_t FollowedFiles::PartitionOf(uint64_t identity, const std::string& path) {
  for (auto& [partition, known] : known_) {
    if (identity != 0 ? known.identity == identity : known.path == path) {
      known.path = path;
      known.present = true;
      return partition;
    }
  }
  return -1;
}

StatusOr<std::vector<int32_t>> FollowedFiles::Refresh() {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (auto& [partition, known] : known_) known.present = false;
  std::vector<std::pair<uint64_t, std::string>> unknown;
  std::vector<std::string> paths;
  if (files_.Exists(pattern_)) {
    paths.push_back(pattern_);
  } else {
    ASSIGN_OR_RETURN(paths, files_.Glob(pattern_));
  }
  for (const std::string& path : paths) {
    const StatusOr<os::FileStat> stat = files_.Stat(path);
    if (!stat.ok() || stat->directory) continue;  // it went while we looked
    if (PartitionOf(stat->identity, path) < 0) unknown.emplace_back(stat->identity, path);
  }
  if (!unknown.empty()) {
    std::unique_ptr<os::FileLock> lock;
    if (!file_.empty()) {
      RETURN_IF_ERROR(files_.CreateDirectories(directory_));
      auto held = files_.Lock(file_ + ".lock");
      if (!held.ok()) {
        if (SqlStateOf(held.status()) == sqlstate::kObjectInUse) return Present();  // another program is at it: the next look finds them
        return held.status();
      }
      lock = std::move(*held);
      RETURN_IF_ERROR(Load());
    }
    for (const auto& [identity, path] : unknown) {
      if (PartitionOf(identity, path) >= 0) continue;
      known_[known_.empty() ? 0 : known_.rbegin()->first + 1] = {identity, path, true};
    }
    RETURN_IF_ERROR(Save());
  }
  return Present();
}

std::vector<int32_t> FollowedFiles::Present() const {
  std::vector<int32_t> partitions;
  for (const auto& [partition, known] : known_) {
    if (known.present) partitions.push_back(partition);
  }
  return partitions;
}

StatusOr<std::string> FollowedFiles::PathOf(int32_t partition) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = known_.find(partition);
  if (found == known_.end() || !found->second.present) {
    return SqlError(sqlstate::kUndefinedFile) << "file " << partition << " of \"" << pattern_ << "\" is gone"
                                              << (found == known_.end() ? "" : ": it was \"" + found->second.path + "\"");
  }
  return found->second.path;
}

StatusOr<std::vector<std::string>> MatchingFiles(os::FileSystem& files, const std::string& pattern) {
  std::vector<std::string> paths;
  if (files.Exists(pattern)) {
    paths.push_back(pattern);
  } else {
    ASSIGN_OR_RETURN(paths, files.Glob(pattern));
  }
  std::vector<std::string> plain;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const os::FileStat stat, files.Stat(path));
    if (!stat.directory) plain.push_back(path);
  }
  if (plain.empty()) {
    if (!paths.empty())
      return SqlError(sqlstate::kUndefinedFile) << "\"" << pattern << "\" is a directory" << Hint("name its files, as in '" + pattern + "/*.jsonl'");
    const size_t slash = pattern.rfind('/');
    const StatusOr<std::vector<std::string>> names = files.List(slash == std::string::npos ? "." : slash == 0 ? "/" : pattern.substr(0, slash));
    return SqlError(sqlstate::kUndefinedFile) << "no file matches \"" << pattern << "\""
                                              << DidYouMean(pattern.substr(slash == std::string::npos ? 0 : slash + 1),
                                                            names.ok() ? *names : std::vector<std::string>());
  }
  return plain;
}

}  // namespace kappa::file
