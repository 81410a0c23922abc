#include "connectors/kafka/kafka_topics_source.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/crc32c.h"
#include "common/os/environment.h"

namespace kappa::kafka {
namespace {

constexpr int kTopicShift = 16;
constexpr int32_t kMaxTopics = 1 << 14;
using Json = nlohmann::json;

// Of one topic, under the source's number.
class NumberedReader final : public PartitionReader {
 public:
  NumberedReader(std::unique_ptr<PartitionReader> reader, int32_t partition, std::string topic)
      : reader_(std::move(reader)), partition_(partition), topic_(std::move(topic)) {}
  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    ASSIGN_OR_RETURN(RecordBatch batch, reader_->Poll(limit));
    batch.partition = partition_;
    batch.topic = topic_;
    return batch;
  }
  Status Seek(Offset position) override { return reader_->Seek(position); }
  Offset position() const override { return reader_->position(); }
  StatusOr<OffsetRange> Range() override { return reader_->Range(); }
  StatusOr<Offset> PositionAt(int64_t timestamp_ms) override { return reader_->PositionAt(timestamp_ms); }

 private:
  const std::unique_ptr<PartitionReader> reader_;
  const int32_t partition_;
  const std::string topic_;
};

}  // namespace

StatusOr<std::unique_ptr<TopicNumbers>> TopicNumbers::Open(os::FileSystem& files, std::string path, std::string pattern) {
  std::unique_ptr<TopicNumbers> numbers(new TopicNumbers(files, std::move(path), std::move(pattern)));
  RETURN_IF_ERROR(numbers->Load());
  return numbers;
}

Status TopicNumbers::Load() {
  if (path_.empty() || !files_.Exists(path_)) return OkStatus();
  ASSIGN_OR_RETURN(const std::string text, files_.ReadAll(path_));
  const Json json = Json::parse(text, nullptr, false);
  const bool right = json.is_object() && json.value("version", 0) == 1 && json.value("pattern", "") == pattern_ && json.contains("topics");
  if (!right) {
    return SqlError(sqlstate::kDataCorrupted) << "\"" << path_ << "\" is damaged, or of a newer version of kappa"
                                              << Hint("remove it: the topics are then numbered anew, and programs that read them start over");
  }
  for (const auto& [name, number] : json["topics"].items())
    if (number.is_number_integer()) numbers_[name] = number.get<int32_t>();
  return OkStatus();
}

StatusOr<std::map<std::string, int32_t>> TopicNumbers::Numbers(const std::vector<std::string>& names) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto known = [&](const std::string& name) { return numbers_.count(name) != 0; };
  if (!std::all_of(names.begin(), names.end(), known)) {
    std::unique_ptr<os::FileLock> lock;
    if (!path_.empty()) {
      RETURN_IF_ERROR(files_.CreateDirectories(path_.substr(0, path_.rfind('/'))));
      ASSIGN_OR_RETURN(lock, files_.Lock(path_ + ".lock"));
      RETURN_IF_ERROR(Load());  // what another program has found meanwhile
    }
    int32_t next = 0;
    for (const auto& [name, number] : numbers_) next = std::max(next, number + 1);
    for (const std::string& name : names)
      if (!known(name)) numbers_[name] = next++;
    if (!path_.empty()) RETURN_IF_ERROR(files_.WriteAtomically(path_, Json{{"version", 1}, {"pattern", pattern_}, {"topics", numbers_}}.dump()));
  }
  std::map<std::string, int32_t> out;
  for (const std::string& name : names) out[name] = numbers_.at(name);
  return out;
}

StatusOr<std::unique_ptr<Source>> KafkaTopicsSource::Open(const KafkaSettings& settings, const std::string& directory, os::Environment* environment) {
  std::unique_ptr<KafkaTopicsSource> source(new KafkaTopicsSource(settings, environment));
  std::vector<std::string> names = settings.topics;
  if (settings.topic_pattern) {
    const re2::RE2 pattern(settings.topic, re2::RE2::Quiet);
    if (!pattern.ok())
      return SqlError(sqlstate::kInvalidParameterValue) << "option \"topic\": '" << settings.topic << "' is no pattern: " << pattern.error();
    ASSIGN_OR_RETURN(source->admin_, KafkaAdmin::Connect(settings, environment));
    const std::string path =
        directory.empty()
            ? ""
            : fmt::format("{}/{:08x}.json", directory,
                          Crc32c(settings.topic.data(), settings.topic.size(), Crc32c(settings.brokers.data(), settings.brokers.size(), 0)));
    ASSIGN_OR_RETURN(source->numbers_, TopicNumbers::Open(environment->files(), path, settings.topic));
    ASSIGN_OR_RETURN(names, source->Matching());
    if (names.empty()) {
      return SqlError(sqlstate::kUndefinedTable) << "no topic of " << settings.brokers << " matches '" << settings.topic << "'"
                                                 << Hint("a pattern is a regular expression for the whole name: '^orders-.*'");
    }
  }
  RETURN_IF_ERROR(source->OpenTopics(names));
  return std::unique_ptr<Source>(std::move(source));
}

StatusOr<std::vector<std::string>> KafkaTopicsSource::Matching() {
  ASSIGN_OR_RETURN(const std::vector<TopicInfo> topics, admin_->ListTopics());
  const re2::RE2 pattern(settings_.topic, re2::RE2::Quiet);
  std::vector<std::string> names;
  for (const TopicInfo& topic : topics)
    if (re2::RE2::FullMatch(topic.name, pattern)) names.push_back(topic.name);
  return names;
}

Status KafkaTopicsSource::OpenTopics(const std::vector<std::string>& names) {
  std::map<std::string, int32_t> numbers;
  if (settings_.topic_pattern) {
    ASSIGN_OR_RETURN(numbers, numbers_->Numbers(names));
  } else {
    for (size_t i = 0; i < names.size(); ++i) numbers[names[i]] = static_cast<int32_t>(i);
  }
  for (const auto& [name, number] : numbers) {
    if (number >= kMaxTopics) return SqlError(sqlstate::kInvalidParameterValue) << "a source reads at most " << kMaxTopics << " topics";
    if (topics_.count(number) != 0) continue;
    KafkaSettings one = settings_;
    one.topic = name;
    one.topics = {name};
    one.topic_pattern = false;
    one.start.offsets.clear();
    for (const auto& [partition, offset] : settings_.start.offsets)
      if (partition >> kTopicShift == number) one.start.offsets[partition & ((1 << kTopicShift) - 1)] = offset;
    ASSIGN_OR_RETURN(std::unique_ptr<Source> source, KafkaSource::Open(one, environment_));
    if (wake_) source->OnArrival(wake_);
    topics_[number] = {name, std::move(source)};
  }
  return OkStatus();
}

StatusOr<std::vector<int32_t>> KafkaTopicsSource::Partitions() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (settings_.topic_pattern && !settings_.bounded) {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, Matching());
    RETURN_IF_ERROR(OpenTopics(names));
  }
  std::vector<int32_t> partitions;
  for (const auto& [number, topic] : topics_) {
    ASSIGN_OR_RETURN(const std::vector<int32_t> own, topic.source->Partitions());
    for (const int32_t partition : own) partitions.push_back(number << kTopicShift | partition);
  }
  return partitions;
}

StatusOr<std::unique_ptr<PartitionReader>> KafkaTopicsSource::Open(int32_t partition, const RecordNeeds& needs) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = topics_.find(partition >> kTopicShift);
  if (partition < 0 || found == topics_.end()) {
    return SqlError(sqlstate::kUndefinedObject) << "'" << settings_.topic << "' has no partition " << partition
                                                << Hint("of several topics the partition is (number of the topic) * 65536 + its own");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<PartitionReader> reader, found->second.source->Open(partition & ((1 << kTopicShift) - 1), needs));
  return std::unique_ptr<PartitionReader>(std::make_unique<NumberedReader>(std::move(reader), partition, found->second.name));
}

// Of a list what its topics are; topics of a pattern come and go.
StatusOr<std::string> KafkaTopicsSource::Identity() {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (settings_.topic_pattern) return std::string();
  std::string identity;
  for (const auto& [number, topic] : topics_) {
    ASSIGN_OR_RETURN(const std::string one, topic.source->Identity());
    if (one.empty()) return std::string();
    identity += (identity.empty() ? "" : "+") + one;
  }
  return identity;
}

void KafkaTopicsSource::OnArrival(std::function<void()> wake) {
  const std::lock_guard<std::mutex> guard(mutex_);
  wake_ = std::move(wake);
  for (const auto& [number, topic] : topics_) topic.source->OnArrival(wake_);
}

}  // namespace kappa::kafka
