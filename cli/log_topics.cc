// Topics of the embedded log.
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

class LogTopics final : public TopicStore {
 public:
  LogTopics(os::Environment* environment, const std::string& data_directory)
      : directory_(log::LogDirectory::Open(*environment, data_directory)), data_directory_(data_directory) {}

  Status Create(const NewTopic& topic) override {
    log::TopicSpec spec;
    spec.partitions = topic.partitions;
    ASSIGN_OR_RETURN(spec.compression, log::CompressionNamed(topic.compression));
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
