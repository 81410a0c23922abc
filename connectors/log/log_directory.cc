#include "connectors/log/log_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "connectors/log/durable_directory.h"
#include "connectors/log/log_partition_reader.h"
#include "connectors/log/writer_commits.h"

namespace kappa::log {
namespace {

constexpr int kTopicFileVersion = 1;
constexpr std::string_view kTopicSuffix = ".topic";
constexpr int32_t kMostPartitions = 10'000;

Status CheckName(const std::string& topic) {
  const bool characters = std::all_of(topic.begin(), topic.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
  if (characters && !topic.empty() && topic.size() <= 249 && topic != "." && topic != "..") return OkStatus();
  return SqlError(sqlstate::kInvalidParameterValue)
         << "\"" << topic << "\" is no name for a topic" << Hint("use letters, digits, '.', '_' and '-', at most 249 of them");
}

Status CheckSpec(const TopicSpec& spec) {
  if (spec.partitions < 1 || spec.partitions > kMostPartitions) {
    return SqlError(sqlstate::kInvalidParameterValue) << "a topic has 1 to " << kMostPartitions << " partitions, not " << spec.partitions;
  }
  if (spec.segment_bytes < 1 || spec.segment_bytes > kMaxSegmentBytes) {
    return SqlError(sqlstate::kInvalidParameterValue) << "a segment has 1 to " << kMaxSegmentBytes << " bytes, not " << spec.segment_bytes;
  }
  if (spec.retention.ms < -1 || spec.retention.bytes < -1) {
    return SqlError(sqlstate::kInvalidParameterValue) << "retention cannot be negative" << Hint("-1 keeps everything");
  }
  return OkStatus();
}

std::string ToJson(const TopicSpec& spec) {
  return nlohmann::json({{"version", kTopicFileVersion},
                         {"partitions", spec.partitions},
                         {"segment_bytes", spec.segment_bytes},
                         {"compression", CompressionName(spec.compression)},
                         {"retention_ms", spec.retention.ms},
                         {"retention_bytes", spec.retention.bytes},
                         {"id", spec.id}})
             .dump() +
         "\n";
}

StatusOr<TopicSpec> FromJson(const std::string& topic, const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  const auto is_count = [&](const char* name) { return json.contains(name) && json[name].is_number_unsigned(); };
  if (!json.is_object() || !is_count("version") || !is_count("partitions") || !is_count("segment_bytes") || !json.contains("compression") ||
      !json["compression"].is_string()) {
    return SqlError(sqlstate::kDataCorrupted) << "the description of topic \"" << topic << "\" is malformed";
  }
  if (json["version"].get<int>() > kTopicFileVersion) {
    return SqlError(sqlstate::kFeatureNotSupported) << "topic \"" << topic << "\" was made by a later version of kappa";
  }
  TopicSpec spec;
  spec.partitions = json["partitions"].get<int32_t>();
  spec.segment_bytes = json["segment_bytes"].get<uint64_t>();
  ASSIGN_OR_RETURN(spec.compression, CompressionNamed(json["compression"].get<std::string>()));
  const auto optional = [&](const char* name) {
    return json.contains(name) && json[name].is_number_integer() ? json[name].get<int64_t>() : int64_t{-1};
  };
  spec.retention = {optional("retention_ms"), optional("retention_bytes")};
  if (json.contains("id") && json["id"].is_string()) spec.id = json["id"].get<std::string>();
  spec.made_here = true;
  RETURN_IF_ERROR(CheckSpec(spec));
  return spec;
}

// TOPIC-N; false for other names.
bool SplitPartitionName(std::string_view name, std::string* topic, int32_t* partition) {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return false;
  const char* const end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data() + dash + 1, end, *partition);
  if (error != std::errc() || parsed != end || *partition < 0) return false;
  *topic = std::string(name.substr(0, dash));
  return true;
}

// Whoever has a transaction open holds the partition's lock: what is open when we get it was left by a crash. Those that their writer has written
// down as committed are.
Status EndAbandonedTransactions(os::FileSystem& files, const std::string& writers, int32_t partition, PartitionLog& log) {
  std::map<int64_t, Offset> open = log.OpenTransactions();
  if (open.empty()) return OkStatus();
  std::vector<std::string> names;
  if (files.Exists(writers)) { ASSIGN_OR_RETURN(names, files.List(writers)); }
  for (const std::string& name : names) {
    if (!WriterCommits::IsCommitsFile(name)) continue;
    ASSIGN_OR_RETURN(const WriterState state, WriterCommits::Read(files, writers + "/" + name));
    const auto found = open.find(state.producer_id);
    if (found == open.end()) continue;
    RETURN_IF_ERROR(log.EndTransaction(state.OutcomeOf(partition, found->second), state.producer_id, state.producer_epoch));
    open.erase(found);
  }
  for (const auto& [producer, first] : open) RETURN_IF_ERROR(log.EndTransaction(TransactionMarker::kAbort, producer, 0));  // a broker's
  return OkStatus();
}

// "" when there is none.
std::string BrokerTopicId(os::FileSystem& files, const std::string& partition_directory) {
  constexpr std::string_view kName = "topic_id: ";
  const auto text = files.ReadAll(partition_directory + "/partition.metadata");
  if (!text.ok()) return "";
  const size_t at = text->find(kName);
  return at == std::string::npos ? "" : text->substr(at + kName.size(), text->find('\n', at) - at - kName.size());
}

// Files and the directory itself; nothing when it is not there.
Status RemoveDirectory(os::FileSystem& files, const std::string& directory) {
  if (!files.Exists(directory)) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(directory));
  for (const std::string& name : names) RETURN_IF_ERROR(files.Remove(directory + "/" + name));
  return files.Remove(directory);
}

}  // namespace

std::shared_ptr<LogDirectory> LogDirectory::Open(os::Environment& environment, const std::string& data_directory, bool sync) {
  return std::shared_ptr<LogDirectory>(new LogDirectory(environment, data_directory + "/log", sync));
}

std::shared_ptr<LogDirectory> LogDirectory::OpenTopics(os::Environment& environment, const std::string& directory) {
  return std::shared_ptr<LogDirectory>(new LogDirectory(environment, directory, true));
}

std::string LogDirectory::PartitionDirectory(const std::string& topic, int32_t partition) const {
  return root_ + "/" + topic + "-" + std::to_string(partition);
}

Status LogDirectory::CreateTopic(const std::string& topic, const TopicSpec& spec) {
  RETURN_IF_ERROR(CheckName(topic));
  RETURN_IF_ERROR(CheckSpec(spec));
  os::FileSystem& files = environment_.files();
  std::lock_guard<std::mutex> lock(mutex_);
  RETURN_IF_ERROR(MakeDurableDirectory(files, root_));
  const std::string path = root_ + "/" + topic + std::string(kTopicSuffix);
  if (files.Exists(path) || files.Exists(PartitionDirectory(topic, 0))) {
    return SqlError(sqlstate::kDuplicateObject) << "topic \"" << topic << "\" already exists";
  }
  TopicSpec made = spec;
  made.id = fmt::format("{:016x}{:016x}", environment_.random().Next(), environment_.random().Next());
  // The description first: directories without one would be a topic of as many partitions as there are by then. One that is missing is made when it
  // is written to, and empty until then.
  RETURN_IF_ERROR(files.WriteAtomically(path, ToJson(made)));
  for (int32_t p = 0; p < spec.partitions; ++p) RETURN_IF_ERROR(files.CreateDirectories(PartitionDirectory(topic, p)));
  return files.SyncDirectory(root_);
}

StatusOr<TopicSpec> LogDirectory::Describe(const std::string& topic) {
  RETURN_IF_ERROR(CheckName(topic));
  os::FileSystem& files = environment_.files();
  const std::string path = root_ + "/" + topic + std::string(kTopicSuffix);
  if (files.Exists(path)) {
    ASSIGN_OR_RETURN(const std::string text, files.ReadAll(path));
    return FromJson(topic, text);
  }
  TopicSpec spec;
  spec.partitions = 0;
  while (files.Exists(PartitionDirectory(topic, spec.partitions))) ++spec.partitions;
  if (spec.partitions > 0) {
    spec.id = BrokerTopicId(files, PartitionDirectory(topic, 0));
    return spec;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> topics, ListTopics());
  return SqlError(sqlstate::kUndefinedObject) << "topic \"" << topic << "\" does not exist in the embedded log at " << root_
                                              << DidYouMean(topic, topics);
}

StatusOr<std::vector<std::string>> LogDirectory::ListTopics() {
  os::FileSystem& files = environment_.files();
  if (!files.Exists(root_)) return std::vector<std::string>();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files.List(root_));
  std::set<std::string> topics;
  for (const std::string& name : names) {
    std::string topic;
    int32_t partition;
    if (name.size() > kTopicSuffix.size() && std::string_view(name).substr(name.size() - kTopicSuffix.size()) == kTopicSuffix) {
      topics.insert(name.substr(0, name.size() - kTopicSuffix.size()));
    } else if (SplitPartitionName(name, &topic, &partition) && partition == 0) {
      topics.insert(topic);
    }
  }
  return std::vector<std::string>(topics.begin(), topics.end());
}

Status LogDirectory::DeleteTopic(const std::string& topic) {
  ASSIGN_OR_RETURN(const TopicSpec spec, Describe(topic));
  os::FileSystem& files = environment_.files();
  std::lock_guard<std::mutex> lock(mutex_);
  // All locks first: a topic goes whole or not at all.
  std::vector<std::unique_ptr<os::FileLock>> locks;
  for (int32_t p = 0; p < spec.partitions; ++p) {
    if (!files.Exists(PartitionDirectory(topic, p))) continue;
    auto held = files.Lock(PartitionDirectory(topic, p) + "/writer.lock");
    if (!held.ok() && SqlStateOf(held.status()) == sqlstate::kObjectInUse) {
      return SqlError(sqlstate::kObjectInUse) << "topic \"" << topic << "\" is being written to" << Hint("stop the program that writes to it first");
    }
    if (!held.ok()) return held.status();
    locks.push_back(std::move(held).value());
  }
  for (int32_t p = spec.partitions - 1; p >= 0; --p) RETURN_IF_ERROR(RemoveDirectory(files, PartitionDirectory(topic, p)));
  RETURN_IF_ERROR(RemoveDirectory(files, WritersDirectory(topic)));
  const std::string path = root_ + "/" + topic + std::string(kTopicSuffix);  // last, so that what a crash leaves can be deleted again
  if (files.Exists(path)) RETURN_IF_ERROR(files.Remove(path));
  return files.SyncDirectory(root_);
}

Status LogDirectory::CheckPartition(const std::string& topic, const TopicSpec& spec, int32_t partition) const {
  if (partition >= 0 && partition < spec.partitions) return OkStatus();
  return SqlError(sqlstate::kUndefinedObject) << "topic \"" << topic << "\" has no partition " << partition << ": it has " << spec.partitions;
}

StatusOr<std::shared_ptr<PartitionLog>> LogDirectory::Writer(const std::string& topic, int32_t partition) {
  ASSIGN_OR_RETURN(const TopicSpec spec, Describe(topic));
  RETURN_IF_ERROR(CheckPartition(topic, spec, partition));
  const std::string name = topic + "-" + std::to_string(partition);
  std::lock_guard<std::mutex> lock(mutex_);
  if (auto open = writers_[name].lock()) return open;
  PartitionLogOptions options;
  options.segment_bytes = spec.segment_bytes;
  options.sync = sync_;
  options.retention = spec.retention;
  options.contiguous = spec.made_here;
  ASSIGN_OR_RETURN(std::unique_ptr<PartitionLog> log, PartitionLog::Open(environment_, PartitionDirectory(topic, partition), name, options));
  RETURN_IF_ERROR(EndAbandonedTransactions(environment_.files(), WritersDirectory(topic), partition, *log));
  log->OnAppend([weak = weak_from_this(), topic] {
    if (const auto directory = weak.lock()) directory->Notify(topic);
  });
  std::shared_ptr<PartitionLog> shared = std::move(log);
  writers_[name] = shared;
  if (const auto end = ends_[name].lock()) end->WrittenBy(shared);
  return shared;
}

std::shared_ptr<PartitionEnd> LogDirectory::EndOf(const std::string& topic, int32_t partition, const TopicSpec& spec) {
  const std::string name = topic + "-" + std::to_string(partition);
  std::lock_guard<std::mutex> lock(mutex_);
  std::weak_ptr<PartitionEnd>& known = ends_[name];
  if (auto end = known.lock()) return end;
  auto end = std::make_shared<PartitionEnd>(environment_.files(), PartitionDirectory(topic, partition), name);
  if (!spec.id.empty() && spec.made_here) end->MadeHere(WritersDirectory(topic));
  if (const auto writer = writers_.find(name); writer != writers_.end()) end->WrittenBy(writer->second);
  known = end;
  return end;
}

StatusOr<std::shared_ptr<PartitionEnd>> LogDirectory::End(const std::string& topic, int32_t partition) {
  ASSIGN_OR_RETURN(const TopicSpec spec, Describe(topic));
  RETURN_IF_ERROR(CheckPartition(topic, spec, partition));
  return EndOf(topic, partition, spec);
}

StatusOr<std::unique_ptr<PartitionReader>> LogDirectory::Reader(const std::string& topic, int32_t partition, const RecordNeeds& needs) {
  ASSIGN_OR_RETURN(const TopicSpec spec, Describe(topic));
  RETURN_IF_ERROR(CheckPartition(topic, spec, partition));
  auto reader = std::make_unique<LogPartitionReader>(environment_.files(), PartitionDirectory(topic, partition),
                                                     topic + "-" + std::to_string(partition), partition, needs);
  reader->Share(EndOf(topic, partition, spec));
  if (!spec.id.empty()) {
    if (spec.made_here) reader->MadeHere(WritersDirectory(topic));
    reader->Watch(spec.id, [self = shared_from_this(), topic, id = spec.id] {
      const auto now = self->Describe(topic);
      if (!now.ok()) return SqlStateOf(now.status()) == sqlstate::kUndefinedObject ? std::string() : id;  // a file that cannot be read says nothing
      return now->id;
    });
  }
  return std::unique_ptr<PartitionReader>(std::move(reader));
}

StatusOr<OffsetRange> LogDirectory::Range(const std::string& topic, int32_t partition) {
  ASSIGN_OR_RETURN(const std::shared_ptr<PartitionEnd> end, End(topic, partition));
  return end->Range();
}

StatusOr<std::vector<OffsetRange>> LogDirectory::Ranges(const std::string& topic) {
  ASSIGN_OR_RETURN(const TopicSpec spec, Describe(topic));
  std::vector<OffsetRange> ranges;
  for (int32_t p = 0; p < spec.partitions; ++p) { ASSIGN_OR_RETURN(ranges.emplace_back(), Range(topic, p)); }
  return ranges;
}

std::shared_ptr<void> LogDirectory::Subscribe(const std::string& topic, std::function<void()> wake) {
  std::lock_guard<std::mutex> lock(subscribers_mutex_);
  const int64_t ticket = next_ticket_++;
  subscribers_[topic][ticket] = std::move(wake);
  return std::shared_ptr<void>(nullptr, [weak = weak_from_this(), topic, ticket](void*) {
    const auto directory = weak.lock();
    if (directory == nullptr) return;
    std::lock_guard<std::mutex> inner(directory->subscribers_mutex_);
    directory->subscribers_[topic].erase(ticket);
  });
}

void LogDirectory::Notify(const std::string& topic) {
  // Called under the lock, so that no wake comes after its ticket is gone.
  std::lock_guard<std::mutex> lock(subscribers_mutex_);
  const auto found = subscribers_.find(topic);
  if (found == subscribers_.end()) return;
  for (const auto& [ticket, wake] : found->second) wake();
}

std::shared_ptr<LogDirectory> LogDirectories::Get(os::Environment& environment, const std::string& data_directory) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::shared_ptr<LogDirectory>& directory = directories_[data_directory];
  if (directory == nullptr) directory = LogDirectory::Open(environment, data_directory);
  return directory;
}

}  // namespace kappa::log
