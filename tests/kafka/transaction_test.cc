// Transactions of another producer: committed records are read, aborted and open ones are not, and positions pass over markers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "common/os/environment.h"
#include "tests/kafka/broker.h"

namespace kappa::kafka {
namespace {

using ::testing::ElementsAre;

class TransactionalProducer {
 public:
  TransactionalProducer(const std::string& id, std::string topic) : topic_(std::move(topic)) {
    rd_kafka_conf_t* configuration = rd_kafka_conf_new();
    char reason[512];
    rd_kafka_conf_set(configuration, "bootstrap.servers", BrokerAddress().c_str(), reason, sizeof(reason));
    rd_kafka_conf_set(configuration, "transactional.id", id.c_str(), reason, sizeof(reason));
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, reason, sizeof(reason));
    Check(rd_kafka_init_transactions(handle_, 30'000));
  }
  ~TransactionalProducer() { rd_kafka_destroy(handle_); }
  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;

  void Begin(const std::vector<std::string>& values) {
    Check(rd_kafka_begin_transaction(handle_));
    for (const std::string& value : values) {
      EXPECT_EQ(rd_kafka_producev(handle_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                  RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END),
                RD_KAFKA_RESP_ERR_NO_ERROR);
    }
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

// A coordinator answers a commit or an abort before its markers are written: waits until they are, so that the log's end is what the test says.
void WaitForEnd(const std::string& topic, Offset end) {
  auto source = OpenSource(With(topic));
  ASSERT_TRUE(source.ok()) << source.status();
  auto reader = (*source)->Open(0, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t deadline = clock.MonotonicNanos() + 60'000'000'000;
  for (;;) {
    const auto range = (*reader)->Range();
    ASSERT_TRUE(range.ok()) << range.status();
    if (range->end >= end) return;
    ASSERT_LT(clock.MonotonicNanos(), deadline) << "the log's end stays at " << range->end << " of " << end;
    os::SleepNanos(20'000'000);
  }
}

TEST(KafkaTransactions, OnlyCommittedRecordsAreRead) {
  const std::string topic = MakeTopic("transactions");
  TransactionalProducer producer("id-" + topic, topic);
  producer.Begin({"a", "b", "c"});
  producer.Commit();  // marker at offset 3
  producer.Begin({"x", "y"});
  producer.Abort();  // marker at offset 6
  producer.Begin({"d", "e"});
  producer.Commit();  // 7, 8, marker at 9
  producer.Begin({"z"});
  producer.Abort();  // marker at 11: the log ends without a record that is seen

  WaitForEnd(topic, 12);
  auto source = OpenSource(With(topic, {{"scan.bounded.mode", "latest"}}));
  ASSERT_TRUE(source.ok()) << source.status();
  auto reader = (*source)->Open(0, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto range = (*reader)->Range();
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->end, 12);
  const auto records = ReadUntil(**reader);
  EXPECT_THAT(Values(records), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(records.back().offset, 8);
  EXPECT_EQ((*reader)->position(), 12);
  // From positions where only a marker, or only aborted records, follow.
  for (const Offset from : {3, 4, 6, 9, 11}) {
    ASSERT_TRUE((*reader)->Seek(from).ok());
    EXPECT_EQ(ReadUntil(**reader, 12, {.records = 1}).size(), from <= 6 ? 2 : 0) << from;
    EXPECT_EQ((*reader)->position(), 12);
  }
}

TEST(KafkaTransactions, AnOpenTransactionHoldsTheEndBack) {
  const std::string topic = MakeTopic("open");
  TransactionalProducer first("first-" + topic, topic);
  TransactionalProducer second("second-" + topic, topic);
  first.Begin({"a"});
  first.Commit();  // 0, marker 1
  WaitForEnd(topic, 2);
  second.Begin({"open"});  // 2
  first.Begin({"b"});      // 3
  first.Commit();          // marker 4; not stable while `second` is open
  auto source = OpenSource(With(topic));
  ASSERT_TRUE(source.ok()) << source.status();
  auto reader = (*source)->Open(0, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  auto range = (*reader)->Range();
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->end, 2);
  EXPECT_THAT(Values(ReadUntil(**reader)), ElementsAre("a"));
  second.Commit();
  WaitForEnd(topic, 6);
  range = (*reader)->Range();
  ASSERT_TRUE(range.ok()) << range.status();
  EXPECT_EQ(range->end, 6);
  EXPECT_THAT(Values(ReadUntil(**reader)), ElementsAre("open", "b"));
}

TEST(KafkaTransactions, UncommittedIsAChoice) {
  const std::string topic = MakeTopic("uncommitted");
  TransactionalProducer producer("id-" + topic, topic);
  producer.Begin({"a"});
  producer.Abort();
  EXPECT_THAT(Values(ReadAll(With(topic, {{"properties.isolation.level", "read_uncommitted"}}))), ElementsAre("a"));
  EXPECT_EQ(ReadAll(With(topic)).size(), 0);
}

}  // namespace
}  // namespace kappa::kafka
