// The log directory of a stopped broker, read as it is: what read_committed consumers of the running broker saw is what the embedded log's reader
// sees.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <filesystem>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_source.h"
#include "connectors/log/log_directory.h"
#include "connectors/log/segment.h"
#include "tests/kafka/broker.h"

namespace kappa::kafka {
namespace {

class OwnBroker {
 public:
  OwnBroker() : directory_("/tmp/kappa-broker-directory-test." + std::to_string(getpid())) {
    Shell(KAPPA_SCRIPTS "/kafka-broker.sh start " + directory_);
    auto address = os::RealEnvironment().files().ReadAll(directory_ + "/bootstrap");
    EXPECT_TRUE(address.ok()) << address.status();
    if (address.ok()) address_ = address->substr(0, address->find('\n'));
  }
  ~OwnBroker() { Shell(KAPPA_SCRIPTS "/kafka-broker.sh stop " + directory_ + " && rm -rf " + directory_); }
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;
  // In order; its data stays.
  void ShutDown() { Shell("sh -c 'pid=$(cat " + directory_ + "/pid) && kill -TERM $pid && tail -s 0.1 --pid=$pid -f /dev/null'"); }
  const std::string& address() const { return address_; }
  std::string data() const { return directory_ + "/data"; }

 private:
  const std::string directory_;
  std::string address_;
};

class Producer {
 public:
  // `id` empty: without transactions.
  Producer(const std::string& brokers, const std::string& id, std::string topic) : topic_(std::move(topic)) {
    rd_kafka_conf_t* configuration = rd_kafka_conf_new();
    char reason[512];
    rd_kafka_conf_set(configuration, "bootstrap.servers", brokers.c_str(), reason, sizeof(reason));
    if (!id.empty()) rd_kafka_conf_set(configuration, "transactional.id", id.c_str(), reason, sizeof(reason));
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, reason, sizeof(reason));
    if (!id.empty()) Check(rd_kafka_init_transactions(handle_, 30'000));
  }
  ~Producer() { rd_kafka_destroy(handle_); }
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  void Begin() { Check(rd_kafka_begin_transaction(handle_)); }
  void Send(int partition, const std::string& value) {
    EXPECT_EQ(rd_kafka_producev(handle_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(rd_kafka_flush(handle_, 30'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void Commit() { Check(rd_kafka_commit_transaction(handle_, 30'000)); }
  void Abort() { Check(rd_kafka_abort_transaction(handle_, 30'000)); }

 private:
  static void Check(rd_kafka_error_t* error) {
    EXPECT_EQ(error, nullptr) << rd_kafka_error_string(error);
    if (error != nullptr) rd_kafka_error_destroy(error);
  }
  const std::string topic_;
  rd_kafka_t* handle_ = nullptr;
};

std::vector<std::string> Files(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string() + " " + std::to_string(entry.file_size()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(BrokerDirectory, ReadsAsItsConsumersDid) {
  OwnBroker broker;
  const std::string topic = "stopped";
  KafkaSettings settings;
  settings.brokers = broker.address();
  settings.topic = topic;
  {
    auto admin = KafkaAdmin::Connect(settings, &os::RealEnvironment());
    ASSERT_TRUE(admin.ok()) << admin.status();
    const Status created = (*admin)->CreateTopic(topic, 2, -1, {{"segment.bytes", "600"}});
    ASSERT_TRUE(created.ok()) << created;
    Producer plain(broker.address(), "", topic), first(broker.address(), "first", topic), second(broker.address(), "second", topic);
    for (int round = 0; round < 6; ++round) {
      const std::string number = std::to_string(round);
      for (int p = 0; p < 2; ++p) plain.Send(p, "plain" + number);
      first.Begin();
      second.Begin();
      first.Send(0, "first" + number);
      second.Send(0, "second" + number);
      second.Send(1, "second" + number);
      first.Send(0, "first again" + number);
      round % 2 == 0 ? first.Commit() : first.Abort();
      round % 3 == 0 ? second.Abort() : second.Commit();
    }
    first.Begin();
    first.Send(0, "never ended");
    second.Begin();
    for (int i = 0; i < 10; ++i) {
      second.Send(0, "behind it" + std::to_string(i));
      second.Send(1, "last" + std::to_string(i));
    }
    second.Commit();
  }
  // What consumers see, and what the broker says of the partitions' ends.
  std::vector<std::vector<std::string>> expected(2);
  std::vector<OffsetRange> ranges(2);
  {
    auto source = KafkaSource::Open(settings, &os::RealEnvironment());
    ASSERT_TRUE(source.ok()) << source.status();
    for (int32_t p = 0; p < 2; ++p) {
      auto reader = (*source)->Open(p, {});
      ASSERT_TRUE(reader.ok()) << reader.status();
      expected[static_cast<size_t>(p)] = Values(ReadUntil(**reader));
      ranges[static_cast<size_t>(p)] = (*reader)->Range().value();
    }
  }
  EXPECT_EQ(expected[0].size(), 6u + 2 * 3 + 4);
  EXPECT_EQ(expected[1].size(), 6u + 4 + 10);
  broker.ShutDown();

  const std::vector<std::string> files = Files(broker.data());
  const auto directory = log::LogDirectory::OpenTopics(os::RealEnvironment(), broker.data());
  const auto spec = directory->Describe(topic);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->partitions, 2);
  EXPECT_FALSE(spec->id.empty());
  for (int32_t p = 0; p < 2; ++p) {
    EXPECT_GT(log::ListSegments(os::RealEnvironment().files(), broker.data() + "/" + topic + "-" + std::to_string(p))->size(), 2u);
    auto reader = directory->Reader(topic, p, {.timestamp = true});
    ASSERT_TRUE(reader.ok()) << reader.status();
    const OffsetRange range = (*reader)->Range().value();
    EXPECT_EQ(range.begin, ranges[static_cast<size_t>(p)].begin);
    EXPECT_EQ(range.end, ranges[static_cast<size_t>(p)].end) << "the last stable offset";
    std::vector<Seen> records;
    while (true) {
      const auto batch = (*reader)->Poll({.records = 2});
      ASSERT_TRUE(batch.ok()) << batch.status();
      if (batch->empty()) break;
      for (const Record& record : batch->records) records.push_back(Copy(p, record));
    }
    EXPECT_EQ(Values(records), expected[static_cast<size_t>(p)]);
    EXPECT_EQ((*reader)->position(), range.end);
    ASSERT_FALSE(records.empty());
    const Seen& middle = records[records.size() / 2];
    const Offset at = (*reader)->PositionAt(middle.timestamp_ms).value();
    EXPECT_LE(at, middle.offset);
    EXPECT_GT(at, 0);
    EXPECT_EQ((*reader)->PositionAt(INT64_MAX).value(), range.end);
  }
  EXPECT_EQ(Files(broker.data()), files) << "nothing is written";
}

}  // namespace
}  // namespace kappa::kafka
