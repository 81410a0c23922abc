// Topics that change under a running reader: made anew, deleted, given partitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "connectors/kafka/kafka_admin.h"
#include "tests/kafka/broker.h"

namespace kappa::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kPatienceNanos = 30'000'000'000;

void Produce(const std::string& topic, const std::string& lines, const std::string& flags = "") {
  Shell("kcat -P -b " + BrokerAddress() + " -t " + topic + " " + flags, lines);
}

std::unique_ptr<KafkaAdmin> Admin() {
  KafkaSettings settings;
  settings.brokers = BrokerAddress();
  auto admin = KafkaAdmin::Connect(settings, &os::RealEnvironment());
  EXPECT_TRUE(admin.ok()) << admin.status();
  return std::move(*admin);
}

void AddPartitions(const std::string& topic, size_t total) {
  char reason[512];
  rd_kafka_conf_t* configuration = rd_kafka_conf_new();
  rd_kafka_conf_set(configuration, "bootstrap.servers", BrokerAddress().c_str(), reason, sizeof(reason));
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, reason, sizeof(reason));
  rd_kafka_NewPartitions_t* request = rd_kafka_NewPartitions_new(topic.c_str(), total, reason, sizeof(reason));
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_CreatePartitions(handle, &request, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewPartitions_destroy(request);
  rd_kafka_destroy(handle);
}

// Polls until something fails. Records may come before it is noticed.
Status PollUntilFailure(PartitionReader& reader) {
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t deadline = clock.MonotonicNanos() + kPatienceNanos;
  while (clock.MonotonicNanos() < deadline) {
    const auto batch = reader.Poll({});
    if (!batch.ok()) return batch.status();
    os::SleepNanos(5'000'000);
  }
  return OkStatus();
}

struct Reading {
  std::unique_ptr<Source> source;
  std::unique_ptr<PartitionReader> reader;
};

Reading ReadAllOf(const std::string& topic, size_t count) {
  Reading reading;
  auto source = OpenSource(With(topic));
  EXPECT_TRUE(source.ok()) << source.status();
  reading.source = std::move(*source);
  auto reader = reading.source->Open(0, {});
  EXPECT_TRUE(reader.ok()) << reader.status();
  reading.reader = std::move(*reader);
  EXPECT_EQ(ReadUntil(*reading.reader).size(), count);
  return reading;
}

TEST(KafkaChange, ATopicHasAnIdOfItsOwn) {
  const std::string topic = MakeTopic("identity"), other = MakeTopic("identity-other");
  const auto first = OpenSource(With(topic)), again = OpenSource(With(topic)), second = OpenSource(With(other));
  ASSERT_TRUE(first.ok() && again.ok() && second.ok());
  const auto id = (*first)->Identity();
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(id->size(), 22u) << *id;
  EXPECT_EQ(*id, (*again)->Identity().value());
  EXPECT_NE(*id, (*second)->Identity().value());
}

TEST(KafkaChange, PositionsByTime) {
  const std::string topic = MakeTopic("times");
  KafkaSettings settings;
  Produce(topic, "a\nb\n");
  os::SleepNanos(20'000'000);
  const int64_t between = os::RealEnvironment().clock().WallMicros() / 1000;
  os::SleepNanos(20'000'000);
  Produce(topic, "c\n");
  Reading reading = ReadAllOf(topic, 3);
  EXPECT_EQ(reading.reader->PositionAt(0).value(), 0);
  EXPECT_EQ(reading.reader->PositionAt(between).value(), 2);
  EXPECT_EQ(reading.reader->PositionAt(between + 3'600'000).value(), 3);
}

TEST(KafkaChange, NewPartitionsAreSeen) {
  const std::string topic = MakeTopic("grows");
  Produce(topic, "a\n");
  Reading reading = ReadAllOf(topic, 1);
  EXPECT_THAT(*reading.source->Partitions(), ElementsAre(0));
  AddPartitions(topic, 3);
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t deadline = clock.MonotonicNanos() + kPatienceNanos;
  int64_t longest = 0;
  std::vector<int32_t> partitions;
  while (partitions.size() < 3 && clock.MonotonicNanos() < deadline) {
    const int64_t begin = clock.MonotonicNanos();
    const auto now = reading.source->Partitions();
    longest = std::max(longest, clock.MonotonicNanos() - begin);
    ASSERT_TRUE(now.ok()) << now.status();
    partitions = *now;
    os::SleepNanos(60'000'000);
  }
  EXPECT_THAT(partitions, ElementsAre(0, 1, 2));
  EXPECT_LT(longest, 2'000'000'000);
  Produce(topic, "b\n", "-p 2");
  const auto added = reading.source->Open(2, {});
  ASSERT_TRUE(added.ok()) << added.status();
  EXPECT_THAT(Values(ReadUntil(**added)), ElementsAre("b"));
}

TEST(KafkaChange, ATopicMadeAnewIsNotTakenForTheOldOne) {
  const std::string topic = MakeTopic("anew");
  Produce(topic, "a\nb\nc\n");
  Reading reading = ReadAllOf(topic, 3);
  const auto admin = Admin();
  ASSERT_TRUE(admin->DeleteTopic(topic).ok());
  Status made;
  for (int i = 0; i < 200; ++i) {  // the name is free once the deletion has gone through
    made = admin->CreateTopic(topic, 1, -1, {});
    if (made.ok()) break;
    os::SleepNanos(50'000'000);
  }
  ASSERT_TRUE(made.ok()) << made;
  Produce(topic, "x\ny\nz\nlater\n");  // past the old position
  const Status status = PollUntilFailure(*reading.reader);
  EXPECT_EQ(SqlStateOf(status).view(), "58K01") << status;
  EXPECT_THAT(MessageOf(status), HasSubstr(topic));
  const auto fresh = OpenSource(With(topic));
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_EQ(ReadAll(With(topic)).size(), 4);
}

TEST(KafkaChange, ADeletedTopicIsAnError) {
  const std::string topic = MakeTopic("deleted");
  Produce(topic, "a\n");
  Reading reading = ReadAllOf(topic, 1);
  ASSERT_TRUE(Admin()->DeleteTopic(topic).ok());
  const Status status = PollUntilFailure(*reading.reader);
  EXPECT_EQ(SqlStateOf(status).view(), "08006") << status;
  EXPECT_THAT(MessageOf(status), HasSubstr(topic));
  EXPECT_THAT(MessageOf(status), HasSubstr("deleted"));
  EXPECT_EQ(SqlStateOf(reading.source->Partitions().status()).view(), "08006");
}

}  // namespace
}  // namespace kappa::kafka
