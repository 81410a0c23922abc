// Topics of a Kafka cluster.
#include "cli/topic_store.h"
#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_producer.h"
#include "connectors/kafka/kafka_source.h"

namespace kappa::cli {
namespace {

class KafkaWriter final : public RecordWriter {
 public:
  explicit KafkaWriter(std::unique_ptr<kafka::KafkaProducer> producer) : producer_(std::move(producer)) {}
  Status Append(const OutgoingRecord& record) override { return producer_->Append(record); }
  Status Flush() override { return producer_->Flush(); }
  size_t buffered_bytes() const override { return 0; }  // librdkafka sends on its own

 private:
  std::unique_ptr<kafka::KafkaProducer> producer_;
};

class KafkaTopics final : public TopicStore {
 public:
  KafkaTopics(os::Environment* environment, const std::string& bootstrap, const std::map<std::string, std::string>& properties)
      : environment_(environment), bootstrap_(bootstrap), properties_(properties) {}

  Status Create(const NewTopic& topic) override {
    ASSIGN_OR_RETURN(const auto admin, Admin());
    return admin->CreateTopic(topic.name, topic.partitions, topic.replication, topic.configuration);
  }

  Status Delete(const std::string& topic) override {
    ASSIGN_OR_RETURN(const auto admin, Admin());
    return admin->DeleteTopic(topic);
  }

  StatusOr<std::vector<TopicListing>> List() override {
    ASSIGN_OR_RETURN(const auto admin, Admin());
    ASSIGN_OR_RETURN(const std::vector<kafka::TopicInfo> topics, admin->ListTopics());
    std::vector<TopicListing> listings;
    for (const kafka::TopicInfo& topic : topics) {
      TopicListing listing{topic.name, {}};
      for (int32_t partition : topic.partitions) { ASSIGN_OR_RETURN(listing.ranges.emplace_back(), admin->Range(topic.name, partition)); }
      listings.push_back(std::move(listing));
    }
    return listings;
  }

  StatusOr<TopicDescription> Describe(const std::string& topic) override {
    ASSIGN_OR_RETURN(const auto admin, Admin());
    ASSIGN_OR_RETURN(const std::vector<kafka::TopicInfo> topics, admin->ListTopics());
    for (const kafka::TopicInfo& info : topics) {
      if (info.name != topic) continue;
      TopicDescription description;
      for (int32_t partition : info.partitions) { ASSIGN_OR_RETURN(description.ranges.emplace_back(), admin->Range(topic, partition)); }
      return description;
    }
    return SqlError(sqlstate::kUndefinedObject) << "topic \"" << topic << "\" does not exist in " << place();
  }

  StatusOr<std::unique_ptr<RecordWriter>> OpenWriter(const std::string& topic) override {
    ASSIGN_OR_RETURN(const kafka::KafkaSettings settings, Settings(topic));
    ASSIGN_OR_RETURN(std::unique_ptr<kafka::KafkaProducer> producer, kafka::KafkaProducer::Open(settings, environment_));
    return std::unique_ptr<RecordWriter>(std::make_unique<KafkaWriter>(std::move(producer)));
  }

  StatusOr<TopicReaders> OpenReaders(const std::string& topic) override {
    ASSIGN_OR_RETURN(const kafka::KafkaSettings settings, Settings(topic));
    ASSIGN_OR_RETURN(std::unique_ptr<Source> source, kafka::KafkaSource::Open(settings, environment_));
    ASSIGN_OR_RETURN(const std::vector<int32_t> partitions, source->Partitions());
    TopicReaders topic_readers;
    for (int32_t partition : partitions) {
      ASSIGN_OR_RETURN(topic_readers.readers.emplace_back(), source->Open(partition, {.key = true, .timestamp = true, .headers = true}));
    }
    topic_readers.owner = std::shared_ptr<Source>(std::move(source));
    return topic_readers;
  }

  std::string place() const override { return "Kafka at " + bootstrap_; }

 private:
  StatusOr<kafka::KafkaSettings> Settings(const std::string& topic) const {
    Options options;
    for (const auto& [name, value] : properties_) options["properties." + name] = value;
    options["properties.bootstrap.server"] = bootstrap_;
    if (!topic.empty()) options["topic"] = topic;
    return kafka::ParseKafkaSettings(options);
  }
  StatusOr<std::unique_ptr<kafka::KafkaAdmin>> Admin() const {
    ASSIGN_OR_RETURN(const kafka::KafkaSettings settings, Settings(""));
    return kafka::KafkaAdmin::Connect(settings, environment_);
  }

  os::Environment* const environment_;
  const std::string bootstrap_;
  const std::map<std::string, std::string> properties_;
};

}  // namespace

std::unique_ptr<TopicStore> OpenKafkaTopics(os::Environment* environment, const std::string& bootstrap,
                                            const std::map<std::string, std::string>& properties) {
  return std::make_unique<KafkaTopics>(environment, bootstrap, properties);
}

}  // namespace kappa::cli
