// Topics of the embedded log.
#include <algorithm>
#include <charconv>

#include "cli/topic_store.h"
#include "connectors/log/log_directory.h"
#include "connectors/log/topic_producer.h"

namespace kappa::cli {
namespace {

class LogWriter final : public RecordWriter {
 public:
  explicit LogWriter(std::unique_ptr<log::TopicProducer> producer) : producer_(std::move(producer)) {}
  Status Append(const OutgoingRecord& record) override { return producer_->Add(record); }
  Status Flush() override { return producer_->Flush(); }
  size_t buffered_bytes() const override { return producer_->buffered_bytes(); }

 private:
  std::unique_ptr<log::TopicProducer> producer_;
};

// Topic settings by Kafka's names; the embedded log has these.
Status Configure(const std::map<std::string, std::string>& settings, log::TopicSpec* spec) {
  for (const auto& [name, value] : settings) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool good = error == std::errc() && end == value.data() + value.size();
    if (!good)
      return SqlError(sqlstate::kInvalidParameterValue) << "'" << value << "' is no value for topic setting " << name << ": it takes an integer";
    if (name == "retention.ms") {
      spec->retention.ms = number;
    } else if (name == "retention.bytes") {
      spec->retention.bytes = number;
    } else if (name == "segment.bytes") {
      spec->segment_bytes = static_cast<uint64_t>(std::max<int64_t>(number, 0));
    } else {
      return SqlError(sqlstate::kInvalidParameterValue) << "topics of the embedded log have no setting \"" << name << "\""
                                                        << DidYouMean(name, {"retention.ms", "retention.bytes", "segment.bytes"});
    }
  }
  return OkStatus();
}

class LogTopics final : public TopicStore {
 public:
  LogTopics(os::Environment* environment, const std::string& data_directory)
      : directory_(log::LogDirectory::Open(*environment, data_directory)), data_directory_(data_directory) {}

  Status Create(const NewTopic& topic) override {
    log::TopicSpec spec;
    spec.partitions = topic.partitions;
    ASSIGN_OR_RETURN(spec.compression, log::CompressionNamed(topic.compression));
    RETURN_IF_ERROR(Configure(topic.configuration, &spec));
    return directory_->CreateTopic(topic.name, spec);
  }

  Status Delete(const std::string& topic) override { return directory_->DeleteTopic(topic); }

  StatusOr<std::vector<TopicListing>> List() override {
    ASSIGN_OR_RETURN(const std::vector<std::string> names, directory_->ListTopics());
    std::vector<TopicListing> listings;
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(std::vector<OffsetRange> ranges, directory_->Ranges(name));
      listings.push_back({name, std::move(ranges)});
    }
    return listings;
  }

  StatusOr<TopicDescription> Describe(const std::string& topic) override {
    ASSIGN_OR_RETURN(const log::TopicSpec spec, directory_->Describe(topic));
    TopicDescription description;
    description.settings = {{"compression", std::string(log::CompressionName(spec.compression))},
                            {"retention.ms", std::to_string(spec.retention.ms)},
                            {"retention.bytes", std::to_string(spec.retention.bytes)},
                            {"segment.bytes", std::to_string(spec.segment_bytes)}};
    ASSIGN_OR_RETURN(description.ranges, directory_->Ranges(topic));
    return description;
  }

  StatusOr<std::unique_ptr<RecordWriter>> OpenWriter(const std::string& topic) override {
    ASSIGN_OR_RETURN(std::unique_ptr<log::TopicProducer> producer, log::TopicProducer::Open(directory_, topic));
    return std::unique_ptr<RecordWriter>(std::make_unique<LogWriter>(std::move(producer)));
  }

  StatusOr<TopicReaders> OpenReaders(const std::string& topic) override {
    ASSIGN_OR_RETURN(const log::TopicSpec spec, directory_->Describe(topic));
    TopicReaders topic_readers;
    topic_readers.owner = directory_;
    for (int32_t partition = 0; partition < spec.partitions; ++partition) {
      ASSIGN_OR_RETURN(topic_readers.readers.emplace_back(), directory_->Reader(topic, partition, {.key = true, .timestamp = true, .headers = true}));
    }
    return topic_readers;
  }

  std::string place() const override { return "the embedded log at " + data_directory_; }

 private:
  const std::shared_ptr<log::LogDirectory> directory_;
  const std::string data_directory_;
};

}  // namespace

bool IsMissingTopic(const Status& status) {
  return SqlStateOf(status) == sqlstate::kUndefinedObject || SqlStateOf(status) == sqlstate::kUndefinedTable;
}

std::unique_ptr<TopicStore> OpenLogTopics(os::Environment* environment, const std::string& data_directory) {
  return std::make_unique<LogTopics>(environment, data_directory);
}

}  // namespace kappa::cli
