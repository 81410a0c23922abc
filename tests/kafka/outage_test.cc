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
  record.value = "after";
  ASSERT_TRUE((*producer)->Append(record).ok());
  const Status lost = (*producer)->Flush();
  EXPECT_EQ(SqlStateOf(lost).view(), "08006") << lost;
  EXPECT_THAT(MessageOf(lost), HasSubstr(broker.address()));

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

}  // namespace
}  // namespace kappa::kafka
