// Writing: the sink, the producer and the admin write, kcat and the source read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_connector.h"
#include "connectors/kafka/kafka_producer.h"
#include "tests/kafka/broker.h"
#include "types/change_batch.h"

namespace kappa::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Rows are C strings "key=value"; a retraction is a tombstone, as an upsert encoder writes it. Without '=': a value and no key.
class TextEncoder final : public RecordEncoder {
 public:
  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    const std::string row = changes.rows[index];
    const size_t equals = row.find('=');
    *record = {};
    record->has_key = equals != std::string::npos;
    if (record->has_key) record->key = row.substr(0, equals);
    record->value = record->has_key ? row.substr(equals + 1) : row;
    record->has_value = changes.weight(index) > 0 || !record->has_key;
    if (row == "bad") return SqlError(sqlstate::kUntranslatableCharacter) << "cannot be encoded";
    return OkStatus();
  }
};

std::unique_ptr<Sink> OpenSink(const Options& options) {
  auto sink = KafkaConnector().make_sink(options, ConnectorContext{&os::RealEnvironment(), "", ""}, std::make_unique<TextEncoder>());
  EXPECT_TRUE(sink.ok()) << sink.status();
  return std::move(*sink);
}

Status Write(Sink& sink, Epoch epoch, const std::vector<const char*>& rows, const std::vector<int64_t>& weights = {}) {
  return sink.Write(epoch, ChangeBatch{nullptr, rows, weights, 0});
}

TEST(KafkaSink, AnEpochIsSeenWhenItCommits) {
  const std::string topic = MakeTopic("epochs");
  const auto sink = OpenSink(With(topic));
  EXPECT_EQ(sink->guarantee(), Guarantee::kAtLeastOnce);
  ASSERT_TRUE(Write(*sink, 1, {"a", "b"}).ok());
  ASSERT_TRUE(Write(*sink, 1, {"c"}).ok());
  ASSERT_TRUE(Write(*sink, 2, {"d"}).ok());
  ASSERT_TRUE(Write(*sink, 3, {"e"}).ok());
  EXPECT_EQ(ReadAll(With(topic)).size(), 0);
  ASSERT_TRUE(sink->Commit({2}).ok());
  EXPECT_EQ(sink->LastCommitted()->epoch, 2);
  EXPECT_THAT(Values(ReadAll(With(topic))), ElementsAre("a", "b", "c", "d"));
  ASSERT_TRUE(sink->Commit({3}).ok());
  EXPECT_THAT(Values(ReadAll(With(topic))), ElementsAre("a", "b", "c", "d", "e"));
  ASSERT_TRUE(sink->Commit({4}).ok());  // an epoch without output
  EXPECT_THAT(sink->Summary(), HasSubstr("5 records"));
  EXPECT_EQ(Shell("kcat -C -e -q -b " + BrokerAddress() + " -t " + topic), "a\nb\nc\nd\ne\n");
}

TEST(KafkaSink, CommitsThatMayBeHeldAreOnTheirWayTogether) {
  const std::string topic = MakeTopic("held");
  const auto sink = OpenSink(With(topic));
  std::vector<std::string> expected;
  for (Epoch epoch = 1; epoch <= 200; ++epoch) {
    expected.push_back("row " + std::to_string(epoch));
    ASSERT_TRUE(Write(*sink, epoch, {expected.back().c_str()}).ok());
    ASSERT_TRUE(sink->Commit({epoch, true}).ok());
    EXPECT_LE(sink->LastCommitted()->epoch, epoch);
  }
  const int64_t deadline = os::RealEnvironment().clock().MonotonicNanos() + 20'000'000'000;
  while (sink->LastCommitted()->epoch < 200) {  // they arrive without another commit
    ASSERT_LT(os::RealEnvironment().clock().MonotonicNanos(), deadline);
    os::SleepNanos(1'000'000);
  }
  EXPECT_EQ(Values(ReadAll(With(topic))), expected);
  ASSERT_TRUE(Write(*sink, 201, {"last"}).ok());
  ASSERT_TRUE(sink->Commit({201, true}).ok());
  ASSERT_TRUE(sink->Commit({202, false}).ok());
  EXPECT_EQ(sink->LastCommitted()->epoch, 202);
  EXPECT_THAT(sink->Summary(), HasSubstr("201 records"));
  EXPECT_EQ(ReadAll(With(topic)).size(), 201);
  EXPECT_EQ(OpenSink(With(topic))->LastCommitted()->epoch, -1) << "a topic does not remember epochs";
}

TEST(KafkaSink, EveryCompressionIsReadByKcatAndByTheSource) {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    const std::string topic = MakeTopic("write-" + codec);
    const auto sink = OpenSink(With(topic, {{"properties.compression.type", codec}}));
    const std::string row(2000, 'x');
    ASSERT_TRUE(Write(*sink, 1, {row.c_str(), row.c_str(), "end"}).ok()) << codec;
    ASSERT_TRUE(sink->Commit({1}).ok()) << codec;
    EXPECT_EQ(Shell("kcat -C -e -q -b " + BrokerAddress() + " -t " + topic), row + "\n" + row + "\nend\n") << codec;
    EXPECT_THAT(Values(ReadAll(With(topic))), ElementsAre(row, row, "end")) << codec;
  }
}

TEST(KafkaSink, UpdatesDeletesAndWeights) {
  const std::string topic = MakeTopic("upsert");
  const auto sink = OpenSink(With(topic));
  ASSERT_TRUE(Write(*sink, 1, {"k=1", "l=1", "twice"}, {1, 1, 2}).ok());
  ASSERT_TRUE(sink->Commit({1}).ok());
  // k changes, l goes
  ASSERT_TRUE(Write(*sink, 2, {"k=1", "k=2", "l=1"}, {-1, 1, -1}).ok());
  ASSERT_TRUE(sink->Commit({2}).ok());
  EXPECT_EQ(Shell("kcat -C -e -q -Z -b " + BrokerAddress() + " -t " + topic + " -f '%k %s %S\\n'"),
            "k 1 1\nl 1 1\nNULL twice 5\nNULL twice 5\nk 2 1\nl NULL -1\n");
}

TEST(KafkaSink, AnEncodersErrorIsTheSinks) {
  const auto sink = OpenSink(With(MakeTopic("encoder")));
  EXPECT_EQ(SqlStateOf(Write(*sink, 1, {"a", "bad"})).view(), "22P05");
}

TEST(KafkaSink, MissingTopicIsMadeWhenAsked) {
  const std::string topic = "made-" + std::to_string(getpid());
  const auto refused = KafkaConnector().make_sink(With(topic), ConnectorContext{&os::RealEnvironment(), "", ""}, std::make_unique<TextEncoder>());
  EXPECT_EQ(SqlStateOf(refused.status()).view(), "42P01");
  for (int time = 0; time < 2; ++time) {  // the second finds it there
    const auto sink = OpenSink(With(topic, {{"partitions", "3"}}));
    ASSERT_TRUE(Write(*sink, 1, {"a=1", "b=1", "c=1", "d=1"}).ok());
    ASSERT_TRUE(sink->Commit({1}).ok());
  }
  EXPECT_EQ(ReadAll(With(topic)).size(), 8);
}

TEST(KafkaSink, ALargeRecordIsRefusedWithTheReason) {
  const std::string topic = MakeTopic("large");
  const auto sink = OpenSink(With(topic));
  const std::string large(3 << 20, 'x');
  ASSERT_TRUE(Write(*sink, 1, {large.c_str()}).ok());
  const Status status = sink->Commit({1});
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(HintOf(status), HasSubstr("message.max.bytes"));
}

KafkaSettings SettingsFor(const std::string& topic) {
  KafkaSettings settings;
  settings.brokers = BrokerAddress();
  settings.topic = topic;
  return settings;
}

TEST(KafkaProducer, KcatReadsKeysHeadersTimestamps) {
  const std::string topic = MakeTopic("producer");
  auto producer = KafkaProducer::Open(SettingsFor(topic), &os::RealEnvironment());
  ASSERT_TRUE(producer.ok()) << producer.status();
  const RecordHeader headers[] = {{"trace", "17", false}, {"none", "", true}};
  OutgoingRecord record;
  record.value = "v1", record.key = "k1", record.has_key = true, record.timestamp_ms = 1234567890123, record.headers = headers;
  ASSERT_TRUE((*producer)->Append(record).ok());
  record = {};
  record.key = "k2", record.has_key = true, record.has_value = false, record.timestamp_ms = 1000;
  ASSERT_TRUE((*producer)->Append(record).ok());
  record = {};
  record.timestamp_ms = 5;  // an empty value, no key
  ASSERT_TRUE((*producer)->Append(record).ok());
  ASSERT_TRUE((*producer)->Flush().ok());
  EXPECT_EQ(Shell("kcat -C -e -q -Z -b " + BrokerAddress() + " -t " + topic + " -f '%k|%s|%S|%T|%h\\n'"),
            "k1|v1|2|1234567890123|trace=17,none=NULL\nk2|NULL|-1|1000|\nNULL|NULL|0|5|\n");
  const auto records = ReadAll(With(topic));
  ASSERT_EQ(records.size(), 3);
  EXPECT_EQ(records[0].timestamp_ms, 1234567890123);
  EXPECT_EQ(records[0].headers.size(), 2);
  EXPECT_EQ(records[0].headers[1].second, "NULL");
  EXPECT_FALSE(records[1].has_value);
  EXPECT_TRUE(records[2].has_value);
}

TEST(KafkaProducer, PartitionsAsAskedAndByKey) {
  const std::string topic = MakeTopic("placing", 4);
  auto producer = KafkaProducer::Open(SettingsFor(topic), &os::RealEnvironment());
  ASSERT_TRUE(producer.ok()) << producer.status();
  OutgoingRecord record;
  record.value = "placed";
  for (record.partition = 0; record.partition < 4; ++record.partition) ASSERT_TRUE((*producer)->Append(record).ok());
  record.partition = 9;
  EXPECT_EQ(SqlStateOf((*producer)->Append(record)).view().substr(0, 2), "08");
  record = {};
  record.value = "keyed", record.key = "same", record.has_key = true;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE((*producer)->Append(record).ok());
  ASSERT_TRUE((*producer)->Flush().ok());
  std::vector<int> placed(4), keyed(4);
  for (const Seen& record : ReadAll(With(topic))) ++(record.value == "placed" ? placed : keyed)[record.partition];
  EXPECT_THAT(placed, ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(keyed, testing::Contains(20));
}

TEST(KafkaAdmin, CreateListDelete) {
  auto admin = KafkaAdmin::Connect(SettingsFor(""), &os::RealEnvironment());
  ASSERT_TRUE(admin.ok()) << admin.status();
  const std::string topic = MakeTopic("admin", 3);
  auto listed = (*admin)->ListTopics();
  ASSERT_TRUE(listed.ok()) << listed.status();
  const auto found = std::find_if(listed->begin(), listed->end(), [&](const TopicInfo& info) { return info.name == topic; });
  ASSERT_NE(found, listed->end());
  EXPECT_THAT(found->partitions, ElementsAre(0, 1, 2));
  EXPECT_EQ(SqlStateOf((*admin)->CreateTopic(topic, 1, -1, {})).view(), "42710");
  EXPECT_EQ(SqlStateOf((*admin)->CreateTopic("no/such/name", 1, -1, {})).view(), "22023");
  EXPECT_EQ(SqlStateOf((*admin)->CreateTopic("replicas-" + topic, 1, 17, {})).view(), "22023");
  EXPECT_EQ(SqlStateOf((*admin)->CreateTopic("config-" + topic, 1, -1, {{"no.such", "1"}})).view(), "22023");
  ASSERT_TRUE((*admin)->DeleteTopic(topic).ok());
  EXPECT_EQ(SqlStateOf((*admin)->DeleteTopic("never-" + topic)).view(), "42P01");
}

}  // namespace
}  // namespace kappa::kafka
