// Reading: kcat writes, the source reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <mutex>
#include <thread>

#include "tests/kafka/broker.h"

namespace kappa::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string Lines(int begin, int end, size_t padding = 0) {
  std::string lines;
  for (int i = begin; i < end; ++i) lines += "r" + std::to_string(i) + std::string(padding, '.') + "\n";
  return lines;
}

void Produce(const std::string& topic, const std::string& lines, const std::string& flags = "") {
  Shell("kcat -P -b " + BrokerAddress() + " -t " + topic + " " + flags, lines);
}

std::unique_ptr<PartitionReader> OpenReader(Source& source, int32_t partition = 0, const RecordNeeds& needs = {}) {
  auto reader = source.Open(partition, needs);
  EXPECT_TRUE(reader.ok()) << reader.status();
  return std::move(*reader);
}

std::unique_ptr<Source> MustOpen(const Options& options) {
  auto source = OpenSource(options);
  EXPECT_TRUE(source.ok()) << source.status();
  return std::move(*source);
}

TEST(KafkaSource, KeysHeadersTimestampsAndTombstones) {
  const std::string topic = MakeTopic("parts");
  const int64_t before = os::RealEnvironment().clock().WallMicros() / 1000;
  Produce(topic, "k1:v1\nk2:\n:v3\n", "-K: -Z -H h1=one -H h2=");
  Produce(topic, "plain\n");
  const int64_t after = os::RealEnvironment().clock().WallMicros() / 1000;
  const auto records = ReadAll(With(topic));
  ASSERT_EQ(records.size(), 4);
  EXPECT_EQ(records[0].key, "k1");
  EXPECT_EQ(records[0].value, "v1");
  EXPECT_THAT(records[0].headers, ElementsAre(Pair("h1", "one"), Pair("h2", "")));
  EXPECT_EQ(records[1].key, "k2");
  EXPECT_FALSE(records[1].has_value);
  EXPECT_FALSE(records[2].has_key);
  EXPECT_EQ(records[2].value, "v3");
  EXPECT_FALSE(records[3].has_key);
  EXPECT_THAT(records[3].headers, IsEmpty());
  for (const Seen& record : records) {
    EXPECT_GE(record.timestamp_ms, before);
    EXPECT_LE(record.timestamp_ms, after);
  }
}

TEST(KafkaSource, WhatIsNotNeededIsLeftOut) {
  const std::string topic = MakeTopic("needs");
  Produce(topic, "k:v\n", "-K: -H a=b");
  const auto source = MustOpen(With(topic));
  const auto records = ReadUntil(*OpenReader(*source));
  ASSERT_EQ(records.size(), 1);
  EXPECT_EQ(records[0].value, "v");
  EXPECT_FALSE(records[0].has_key);
  EXPECT_EQ(records[0].timestamp_ms, -1);
  EXPECT_THAT(records[0].headers, IsEmpty());
}

TEST(KafkaSource, EveryCompression) {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    const std::string topic = MakeTopic("codec-" + codec);
    Produce(topic, Lines(0, 2000, 50), "-z " + codec + " -X linger.ms=50");
    const auto records = ReadAll(With(topic));
    ASSERT_EQ(records.size(), 2000) << codec;
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(records[i].value, "r" + std::to_string(i) + std::string(50, '.')) << codec;
  }
}

TEST(KafkaSource, LimitsOfABatch) {
  const std::string topic = MakeTopic("limits");
  Produce(topic, Lines(0, 1000, 90), "-z lz4 -X linger.ms=50");
  const auto source = MustOpen(With(topic));
  const auto reader = OpenReader(*source);
  // by records
  auto records = ReadUntil(*reader, 100, {.records = 7, .bytes = 1 << 20, .end = 100});
  ASSERT_EQ(records.size(), 100);
  EXPECT_EQ(reader->position(), 100);
  // the end holds although more was fetched
  auto batch = reader->Poll({.records = 4096, .bytes = 1 << 20, .end = 100});
  ASSERT_TRUE(batch.ok());
  EXPECT_TRUE(batch->empty());
  EXPECT_EQ(batch->next, 100);
  // by bytes: 93 to 94 a record; a single record larger than the limit is still handed out
  records = ReadUntil(*reader, 110, {.records = 4096, .bytes = 300, .end = 110});
  ASSERT_EQ(records.size(), 10);
  records = ReadUntil(*reader, 115, {.records = 4096, .bytes = 10, .end = 115});
  ASSERT_EQ(records.size(), 5);
  records = ReadUntil(*reader);
  ASSERT_EQ(records.size(), 885);
  EXPECT_EQ(records.front().offset, 115);
  EXPECT_EQ(records.back().offset, 999);
}

TEST(KafkaSource, SeekReadsAgainTheSame) {
  const std::string topic = MakeTopic("seek");
  Produce(topic, Lines(0, 500), "-z zstd -X linger.ms=50");
  const auto source = MustOpen(With(topic));
  const auto reader = OpenReader(*source);
  const auto first = Values(ReadUntil(*reader));
  ASSERT_EQ(first.size(), 500);
  for (const Offset from : {0, 499, 250, 1, 250}) {
    ASSERT_TRUE(reader->Seek(from).ok());
    EXPECT_EQ(reader->position(), from);
    const auto again = Values(ReadUntil(*reader, 500, {.records = 33}));
    EXPECT_EQ(again, std::vector<std::string>(first.begin() + from, first.end()));
  }
  EXPECT_EQ(SqlStateOf(reader->Seek(-1)).view(), "22023");
}

TEST(KafkaSource, ABatchOutlivesItsReaderAndSource) {
  const std::string topic = MakeTopic("owner");
  Produce(topic, Lines(0, 300));
  std::vector<RecordBatch> batches;
  {
    const auto source = MustOpen(With(topic));
    const auto reader = OpenReader(*source);
    while (reader->position() < 300) {
      auto batch = reader->Poll({.records = 50});
      ASSERT_TRUE(batch.ok()) << batch.status();
      if (!batch->empty()) batches.push_back(std::move(*batch));
    }
  }
  int i = 0;
  for (const RecordBatch& batch : batches) {
    for (const Record& record : batch.records) EXPECT_EQ(std::string(record.value, record.value_size), "r" + std::to_string(i++));
  }
  EXPECT_EQ(i, 300);
}

TEST(KafkaSource, Starts) {
  const std::string topic = MakeTopic("start", 2);
  Produce(topic, Lines(0, 10), "-p 0");
  Produce(topic, Lines(10, 15), "-p 1");
  const int64_t middle = os::RealEnvironment().clock().WallMicros() / 1000 + 2;
  os::SleepNanos(5'000'000);
  Produce(topic, Lines(20, 23), "-p 0");
  EXPECT_EQ(ReadAll(With(topic)).size(), 18);
  EXPECT_EQ(ReadAll(With(topic, {{"scan.startup.mode", "latest"}})).size(), 0);
  EXPECT_THAT(Values(ReadAll(With(topic, {{"scan.startup.mode", "0:12,1:3"}}))), ElementsAre("r22", "r13", "r14"));
  EXPECT_THAT(Values(ReadAll(With(topic, {{"scan.startup.mode", "timestamp"}, {"scan.startup.timestamp.millis", std::to_string(middle)}}))),
              ElementsAre("r20", "r21", "r22"));
}

TEST(KafkaSource, BoundedEndsWhereTheLogEndedAtOpen) {
  const std::string topic = MakeTopic("bounded");
  Produce(topic, Lines(0, 10));
  const auto source = MustOpen(With(topic, {{"scan.bounded.mode", "latest"}}));
  EXPECT_TRUE(source->bounded());
  const auto reader = OpenReader(*source);
  Produce(topic, Lines(10, 20));
  EXPECT_EQ(ReadUntil(*reader).size(), 10);
  const auto range = reader->Range();
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->end, 10);
  const auto batch = reader->Poll({});
  ASSERT_TRUE(batch.ok());
  EXPECT_TRUE(batch->empty());
  EXPECT_FALSE(MustOpen(With(topic))->bounded());
}

TEST(KafkaSource, ArrivalWakes) {
  const std::string topic = MakeTopic("arrival");
  Produce(topic, "first\n");
  const auto source = MustOpen(With(topic));
  os::Event arrived;
  source->OnArrival([&arrived] { arrived.Set(); });
  const auto reader = OpenReader(*source);
  EXPECT_EQ(ReadUntil(*reader).size(), 1);
  // what is still on its way (the end-of-partition mark) has arrived
  while (arrived.WaitFor(300'000'000)) ASSERT_TRUE(reader->Poll({}).ok());
  Produce(topic, "second\n");
  ASSERT_TRUE(arrived.WaitFor(10'000'000'000));
  EXPECT_THAT(Values(ReadUntil(*reader, 2)), ElementsAre("second"));
}

TEST(KafkaSource, APositionThatIsNotInTheLog) {
  const std::string topic = MakeTopic("range");
  Produce(topic, Lines(0, 10));
  const auto source = MustOpen(With(topic));
  const auto reader = OpenReader(*source);
  ASSERT_TRUE(reader->Seek(5000).ok());
  Status status;
  for (int i = 0; i < 10'000 && status.ok(); ++i) {
    status = reader->Poll({}).status();
    os::SleepNanos(1'000'000);
  }
  EXPECT_EQ(SqlStateOf(status).view(), "58K01") << status;
  EXPECT_THAT(MessageOf(status), HasSubstr(topic + "/0 offset 5000"));
  EXPECT_THAT(MessageOf(status), HasSubstr("0 to 10"));
  // and the reader is usable again
  ASSERT_TRUE(reader->Seek(8).ok());
  EXPECT_THAT(Values(ReadUntil(*reader)), ElementsAre("r8", "r9"));
}

// What retention does, at once.
void DeleteRecordsBefore(const std::string& topic, Offset offset) {
  rd_kafka_conf_t* configuration = rd_kafka_conf_new();
  char reason[512];
  rd_kafka_conf_set(configuration, "bootstrap.servers", BrokerAddress().c_str(), reason, sizeof(reason));
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, reason, sizeof(reason));
  rd_kafka_topic_partition_list_t* before = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(before, topic.c_str(), 0)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(before);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_DeleteRecords(handle, &request, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(rd_kafka_event_error(event), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteRecords_destroy(request);
  rd_kafka_topic_partition_list_destroy(before);
  rd_kafka_destroy(handle);
}

TEST(KafkaSource, RecordsThatRetentionRemoved) {
  const std::string topic = MakeTopic("retention");
  Produce(topic, Lines(0, 10));
  const auto source = MustOpen(With(topic));
  const auto reader = OpenReader(*source);  // stands at 0
  DeleteRecordsBefore(topic, 6);
  Status status;
  for (int i = 0; i < 10'000 && status.ok(); ++i) {
    const auto batch = reader->Poll({});
    if (batch.ok()) EXPECT_TRUE(batch->empty());
    status = batch.status();
    os::SleepNanos(1'000'000);
  }
  EXPECT_EQ(SqlStateOf(status).view(), "58K01") << status;
  EXPECT_THAT(MessageOf(status), HasSubstr("6 to 10"));
  const auto records = ReadAll(With(topic));
  ASSERT_EQ(records.size(), 4);
  EXPECT_EQ(records[0].value, "r6");
}

TEST(KafkaSource, PartitionsOnThreadsAndBatchesLetGoElsewhere) {
  const std::string topic = MakeTopic("threads", 3);
  for (int partition = 0; partition < 3; ++partition) Produce(topic, Lines(0, 20'000), "-p " + std::to_string(partition) + " -z lz4");
  const auto source = MustOpen(With(topic));
  std::mutex mutex;
  std::vector<RecordBatch> done;
  std::vector<std::thread> threads;
  std::vector<int> read(3);
  for (int partition = 0; partition < 3; ++partition) {
    threads.emplace_back([&, partition] {
      const auto reader = OpenReader(*source, partition);
      while (reader->position() < 20'000) {
        auto batch = reader->Poll({.records = 61});
        ASSERT_TRUE(batch.ok()) << batch.status();
        for (const Record& record : batch->records) {
          ASSERT_EQ(std::string_view(record.value, record.value_size), "r" + std::to_string(read[partition]++));
        }
        const std::lock_guard lock(mutex);
        done.push_back(std::move(*batch));
        if (done.size() > 20) done.clear();  // mostly others' batches
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(read, ElementsAre(20'000, 20'000, 20'000));
}

TEST(KafkaSource, MissingTopicNamesTheNearest) {
  const std::string topic = MakeTopic("nearby");
  const Status status = OpenSource(With("x" + topic)).status();
  EXPECT_EQ(SqlStateOf(status).view(), "42P01");
  EXPECT_THAT(MessageOf(status), HasSubstr("x" + topic));
  EXPECT_THAT(HintOf(status), HasSubstr(topic));
  const auto source = MustOpen(With(topic));
  EXPECT_EQ(SqlStateOf(source->Open(7, {}).status()).view(), "42P01");
}

TEST(KafkaSource, UnreachableBrokerIsAnErrorInTime) {
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t started = clock.MonotonicNanos();
  const Status status = OpenSource({{"topic", "t"}, {"properties.bootstrap.server", "127.0.0.1:1"}, {"connect.timeout", "1500 ms"}}).status();
  const int64_t waited_ms = (clock.MonotonicNanos() - started) / 1'000'000;
  EXPECT_EQ(SqlStateOf(status).view(), "08001");
  EXPECT_THAT(MessageOf(status), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(MessageOf(status), HasSubstr("refused"));
  EXPECT_GE(waited_ms, 1000);
  EXPECT_LT(waited_ms, 10'000);
}

}  // namespace
}  // namespace kappa::kafka
