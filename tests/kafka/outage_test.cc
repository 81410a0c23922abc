// A broker of its own that goes away under a running source and sink: each waits as long as it was told to, and then says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "common/os/file_system.h"
#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_producer.h"
#include "connectors/kafka/kafka_source.h"
#include "tests/kafka/broker.h"

namespace kappa::kafka {
namespace {

using ::testing::HasSubstr;

class OwnBroker {
 public:
  OwnBroker() : directory_("/tmp/kappa-outage-test." + std::to_string(getpid())) {
    Shell(KAPPA_SCRIPTS "/kafka-broker.sh start " + directory_);
    auto address = os::RealEnvironment().files().ReadAll(directory_ + "/bootstrap");
    EXPECT_TRUE(address.ok()) << address.status();
    if (address.ok()) address_ = address->substr(0, address->find('\n'));
  }
  ~OwnBroker() {
    Stop();
    Shell("rm -rf " + directory_);
  }
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;
  void Stop() { Shell(KAPPA_SCRIPTS "/kafka-broker.sh stop " + directory_); }
  void Crash() { Shell(KAPPA_SCRIPTS "/kafka-broker.sh crash " + directory_); }
  void Resume() { Shell(KAPPA_SCRIPTS "/kafka-broker.sh resume " + directory_); }
  const std::string& address() const { return address_; }

 private:
  const std::string directory_;
  std::string address_;
};

TEST(KafkaOutage, SourceAndSinkGiveUpInTimeAndSayWhy) {
  OwnBroker broker;
  KafkaSettings settings;
  settings.brokers = broker.address();
  settings.topic = "outage";
  settings.partitions = 1;
  settings.connect_timeout_ms = 5000;
  settings.disconnect_timeout_ms = 1500;
  settings.delivery_timeout_ms = 2000;
  os::Environment& environment = os::RealEnvironment();
  auto producer = KafkaProducer::Open(settings, &environment);
  ASSERT_TRUE(producer.ok()) << producer.status();
  OutgoingRecord record;
  record.value = "before";
  ASSERT_TRUE((*producer)->Append(record).ok());
  ASSERT_TRUE((*producer)->Flush().ok());
  auto source = KafkaSource::Open(settings, &environment);
  ASSERT_TRUE(source.ok()) << source.status();
  auto reader = (*source)->Open(0, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  ASSERT_EQ(ReadUntil(**reader).size(), 1);

  broker.Stop();
  const int64_t stopped = environment.clock().MonotonicNanos();
  record.value = "what a record holds is nobody's error text";
  ASSERT_TRUE((*producer)->Append(record).ok());
  const Status lost = (*producer)->Flush();
  EXPECT_EQ(SqlStateOf(lost).view(), "08006") << lost;
  EXPECT_THAT(MessageOf(lost), HasSubstr(broker.address()));
  EXPECT_THAT(MessageOf(lost), ::testing::Not(HasSubstr(record.value)));

  Status gone;
  while (gone.ok() && environment.clock().MonotonicNanos() - stopped < 30'000'000'000) {
    const auto batch = (*reader)->Poll({});
    if (batch.ok()) EXPECT_TRUE(batch->empty());
    gone = batch.status();
    os::SleepNanos(5'000'000);
  }
  EXPECT_EQ(SqlStateOf(gone).view(), "08006") << gone;
  EXPECT_THAT(MessageOf(gone), HasSubstr("outage/0 offset 1"));
  EXPECT_THAT(MessageOf(gone), HasSubstr(broker.address()));
  const auto range = (*reader)->Range();
  EXPECT_EQ(SqlStateOf(range.status()).view().substr(0, 2), "08") << range.status();
}

// Polls for at least `nanos` and until `count` values are there, or for 60 s.
void PollFor(PartitionReader& reader, int64_t nanos, size_t count, std::vector<std::string>* values) {
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t begin = clock.MonotonicNanos();
  for (int64_t waited = 0; waited < nanos || (values->size() < count && waited < 60'000'000'000); waited = clock.MonotonicNanos() - begin) {
    const auto batch = reader.Poll({.records = 100});
    ASSERT_TRUE(batch.ok()) << batch.status();
    for (const Record& record : batch->records) values->emplace_back(record.value, record.value_size);
    if (batch->empty()) os::SleepNanos(2'000'000);
  }
}

TEST(KafkaOutage, ABrokerThatComesBackIsReadAndWrittenOnWithoutLoss) {
  OwnBroker broker;
  KafkaSettings settings;
  settings.brokers = broker.address();
  settings.topic = "back";
  settings.partitions = 1;
  settings.connect_timeout_ms = 30'000;
  settings.delivery_timeout_ms = 120'000;
  os::Environment& environment = os::RealEnvironment();
  auto producer = KafkaProducer::Open(settings, &environment);
  ASSERT_TRUE(producer.ok()) << producer.status();
  std::vector<std::string> written, read;
  const auto append = [&](int count) {
    for (int i = 0; i < count; ++i) {
      written.push_back("record " + std::to_string(written.size()));
      OutgoingRecord record;
      record.value = written.back();
      ASSERT_TRUE((*producer)->Append(record).ok());
    }
  };
  append(5000);
  ASSERT_TRUE((*producer)->Flush().ok());
  auto source = KafkaSource::Open(settings, &environment);
  ASSERT_TRUE(source.ok()) << source.status();
  const std::string id = (*source)->Identity().value();
  auto reader = (*source)->Open(0, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  PollFor(**reader, 0, 1000, &read);  // the rest is on its way when the broker dies

  broker.Crash();
  append(3000);
  PollFor(**reader, 2'000'000'000, 0, &read);
  EXPECT_LE(read.size(), 5000u);
  const auto partitions = (*source)->Partitions();  // as last known
  ASSERT_TRUE(partitions.ok()) << partitions.status();
  EXPECT_EQ(partitions->size(), 1u);
  const int64_t asked = environment.clock().MonotonicNanos();
  EXPECT_EQ(SqlStateOf((*reader)->Range().status()).view().substr(0, 2), "08");
  EXPECT_LT(environment.clock().MonotonicNanos() - asked, 10'000'000'000) << "not as long as connect.timeout, while brokers are known to be away";

  broker.Resume();
  append(2000);
  ASSERT_TRUE((*producer)->Flush().ok());
  PollFor(**reader, 0, written.size(), &read);
  EXPECT_TRUE(read == written) << read.size() << " of " << written.size() << " records";
  EXPECT_EQ((*reader)->Range()->end, static_cast<Offset>(written.size()));
  EXPECT_EQ((*source)->Identity().value(), id);
}

}  // namespace
}  // namespace kappa::kafka
