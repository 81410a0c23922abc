#include "exec/epoch/time_log.h"

#include <nlohmann/json.hpp>

#include "exec/epoch/framed_file.h"

namespace kappa {
namespace {

constexpr std::string_view kMagic = "KTIM";
constexpr uint16_t kVersion = 1;

// JSON: there is an entry when a partition falls silent or comes back, or an epoch that asks the clock ends; not a row.
std::string Encode(const TimeLogEntry& entry) {
  return nlohmann::json{{"kind", static_cast<int>(entry.kind)}, {"partition", entry.partition}, {"offset", entry.offset}, {"micros", entry.micros}}
      .dump();
}

// Letters, digits, '-' and '.' stay; others become _XX.
std::string FileNameOf(const std::string& source) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string name;
  for (const char c : source) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.') {
      name.push_back(c);
    } else {
      name.push_back('_');
      name.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      name.push_back(kHex[static_cast<unsigned char>(c) & 15]);
    }
  }
  return name + ".timelog";
}

}  // namespace

struct FileTimeLog::SourceLog {
  std::unique_ptr<FramedFile> file;                             // null: not made yet
  std::map<std::pair<int32_t, int64_t>, TimeLogEntry> resumes;  // by partition and offset
  std::map<std::pair<int32_t, int64_t>, TimeLogEntry> idles;
  std::map<std::pair<int32_t, int64_t>, TimeLogEntry> clocks;
  size_t trimmed = 0;

  auto& Of(TimeLogEntry::Kind kind) { return kind == TimeLogEntry::Kind::kClock ? clocks : kind == TimeLogEntry::Kind::kIdle ? idles : resumes; }
  size_t size() const { return resumes.size() + idles.size() + clocks.size(); }
};

FileTimeLog::FileTimeLog(os::Environment& environment, std::string directory) : environment_(environment), directory_(std::move(directory)) {}
FileTimeLog::~FileTimeLog() = default;

Status FileTimeLog::Load(const std::string& source) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<SourceLog>& log = sources_[source];
  if (log != nullptr) return OkStatus();
  log = std::make_unique<SourceLog>();
  const std::string path = directory_ + "/" + FileNameOf(source);
  if (!environment_.files().Exists(path)) return OkStatus();
  ASSIGN_OR_RETURN(const FramedContents contents, ReadFramedFile(environment_.files(), path, kMagic, kVersion));
  for (const std::string& record : contents.records) {
    const nlohmann::json json = nlohmann::json::parse(record, nullptr, false);
    if (!json.is_object()) return SqlError(sqlstate::kDataCorrupted) << "time log \"" << path << "\" holds a record that is no entry";
    TimeLogEntry entry;
    entry.kind = static_cast<TimeLogEntry::Kind>(json.value("kind", 0));
    entry.source = source;
    entry.partition = json.value("partition", -1);
    entry.offset = json.value("offset", int64_t{0});
    entry.micros = json.value("micros", int64_t{0});
    log->Of(entry.kind).try_emplace({entry.partition, entry.offset}, entry);
  }
  if (contents.good_bytes == 0) return OkStatus();
  ASSIGN_OR_RETURN(log->file, FramedFile::Continue(environment_.files(), path, contents));
  return OkStatus();
}

void FileTimeLog::Append(const TimeLogEntry& entry) {
  if (entry.source.empty()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  std::unique_ptr<SourceLog>& log = sources_[entry.source];
  if (log == nullptr) log = std::make_unique<SourceLog>();
  if (!log->Of(entry.kind).try_emplace({entry.partition, entry.offset}, entry).second) return;
  if (log->file == nullptr || log->file->broken()) {
    // Made with the first entry; an error shows at the next Sync, which tries again.
    if (!environment_.files().CreateDirectories(directory_).ok() || !Rewrite(entry.source, log.get()).ok()) return;
    return;
  }
  log->file->Append(Encode(entry));
}

Status FileTimeLog::Sync() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [source, log] : sources_) {
    if (log->file == nullptr && log->size() == 0) continue;
    if (log->file == nullptr || log->file->broken()) {
      RETURN_IF_ERROR(environment_.files().CreateDirectories(directory_));
      RETURN_IF_ERROR(Rewrite(source, log.get()));
    }
    RETURN_IF_ERROR(log->file->Sync());
  }
  return OkStatus();
}

// The whole log into a new file, put in place of the old one when it is durable.
Status FileTimeLog::Rewrite(const std::string& source, SourceLog* log) {
  const std::string name = FileNameOf(source), temporary = name + ".new";
  ASSIGN_OR_RETURN(auto file,
                   FramedFile::Create(environment_.files(), directory_, temporary, kMagic, kVersion, nlohmann::json{{"source", source}}.dump()));
  for (const auto& [place, entry] : log->resumes) file->Append(Encode(entry));
  for (const auto& [place, entry] : log->idles) file->Append(Encode(entry));
  for (const auto& [place, entry] : log->clocks) file->Append(Encode(entry));
  RETURN_IF_ERROR(file->Sync());
  RETURN_IF_ERROR(environment_.files().Rename(directory_ + "/" + temporary, directory_ + "/" + name));
  RETURN_IF_ERROR(environment_.files().SyncDirectory(directory_));
  log->file = std::move(file);
  log->trimmed = 0;
  return OkStatus();
}

std::optional<TimeLogEntry> FileTimeLog::NextResume(const std::string& source, int32_t partition, int64_t from) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto log = sources_.find(source);
  if (log == sources_.end()) return std::nullopt;
  const auto next = log->second->resumes.lower_bound({partition, from});
  if (next == log->second->resumes.end() || next->first.first != partition) return std::nullopt;
  return next->second;
}

std::optional<TimeLogEntry> FileTimeLog::NextClock(const std::string& source, int32_t partition, int64_t offset) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto log = sources_.find(source);
  if (log == sources_.end()) return std::nullopt;
  const auto next = log->second->clocks.upper_bound({partition, offset});
  if (next == log->second->clocks.end() || next->first.first != partition) return std::nullopt;
  return next->second;
}

void FileTimeLog::TrimBefore(const std::string& source, int32_t partition, int64_t begin) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = sources_.find(source);
  if (found == sources_.end()) return;
  SourceLog& log = *found->second;
  for (auto* entries : {&log.resumes, &log.idles, &log.clocks}) {
    log.trimmed += std::erase_if(*entries, [&](const auto& entry) { return entry.first.first == partition && entry.first.second < begin; });
  }
  // Written anew when most of the file says nothing any more; an error leaves the old one, which is right too.
  if (log.file != nullptr && log.trimmed > 1000 && log.trimmed > log.size()) (void)Rewrite(source, &log);
}

}  // namespace kappa
