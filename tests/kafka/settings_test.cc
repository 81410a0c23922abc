// WITH options and librdkafka's properties; no broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/os/environment.h"
#include "connectors/kafka/kafka_connector.h"
#include "connectors/kafka/kafka_settings.h"

namespace kappa::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Options Base(const Options& more = {}) {
  Options options = {{"connector", "kafka"}, {"topic", "bids"}, {"properties.bootstrap.server", "localhost:1"}};
  for (const auto& [name, value] : more) options[name] = value;
  return options;
}

std::string StateOf(const Options& options) { return std::string(SqlStateOf(ParseKafkaSettings(options).status()).view()); }

Status MakeSource(const Options& options) { return KafkaConnector().make_source(options, ConnectorContext{&os::RealEnvironment(), "", ""}).status(); }

TEST(KafkaSettings, Defaults) {
  const auto settings = ParseKafkaSettings(Base());
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->brokers, "localhost:1");
  EXPECT_EQ(settings->start.kind, StartPosition::Kind::kEarliest);
  EXPECT_FALSE(settings->bounded);
  EXPECT_EQ(settings->connect_timeout_ms, 10'000);
  EXPECT_TRUE(settings->properties.empty());
}

TEST(KafkaSettings, BrokersUnderEveryName) {
  for (const char* name : {"properties.bootstrap.server", "properties.bootstrap.servers", "properties.metadata.broker.list"}) {
    const auto settings = ParseKafkaSettings({{"topic", "t"}, {name, "h:1,h:2"}});
    ASSERT_TRUE(settings.ok()) << settings.status();
    EXPECT_EQ(settings->brokers, "h:1,h:2");
    EXPECT_TRUE(settings->properties.empty());
  }
  EXPECT_EQ(StateOf({{"topic", "t"}}), "22023");
}

TEST(KafkaSettings, Durations) {
  EXPECT_EQ(ParseDurationMs("10 s"), 10'000);
  EXPECT_EQ(ParseDurationMs("1500"), 1500);
  EXPECT_EQ(ParseDurationMs(" 2 Minutes "), 120'000);
  EXPECT_EQ(ParseDurationMs("250ms"), 250);
  for (const char* wrong : {"", "s", "ten s", "10 fortnights", "-1 s", "99999999999999999999", "9223372036854775807 h"}) {
    EXPECT_EQ(ParseDurationMs(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(StateOf(Base({{"connect.timeout", "soon"}})), "22023");
  EXPECT_EQ(StateOf(Base({{"connect.timeout", "0 s"}})), "22023");
}

TEST(KafkaSettings, Starts) {
  auto settings = ParseKafkaSettings(Base({{"scan.startup.mode", "0:120, 3:98"}}));
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->start.offsets, (std::map<int32_t, Offset>{{0, 120}, {3, 98}}));
  settings = ParseKafkaSettings(Base({{"scan.startup.mode", "offsets"}, {"scan.startup.offsets", "1:7"}}));
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->start.offsets, (std::map<int32_t, Offset>{{1, 7}}));
  settings = ParseKafkaSettings(Base({{"scan.startup.mode", "timestamp"}, {"scan.startup.timestamp.millis", "1700000000000"}}));
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->start.timestamp_ms, 1700000000000);
  for (const auto& [text, millis] : std::map<std::string, int64_t>{
           {"2023-11-14 22:13:20", 1700000000000}, {"2023-11-14 23:13:20.0005+01", 1700000000001}, {"1700000000000", 1700000000000}}) {
    settings = ParseKafkaSettings(Base({{"scan.startup.mode", "timestamp"}, {"scan.startup.timestamp", text}}));
    ASSERT_TRUE(settings.ok()) << settings.status();
    EXPECT_EQ(settings->start.timestamp_ms, millis) << text;
  }
  EXPECT_EQ(SqlStateOf(ParseKafkaSettings(Base({{"scan.startup.mode", "timestamp"}, {"scan.startup.timestamp", "yesterday"}})).status()).view(),
            "22023");
  for (const char* wrong : {"erliest", "0:", ":1", "0:1,0:2", "-1:3", "0:-3", "offsets", "timestamp", "0:1x"}) {
    EXPECT_EQ(StateOf(Base({{"scan.startup.mode", wrong}})), "22023") << wrong;
  }
  EXPECT_EQ(StateOf(Base({{"scan.bounded.mode", "sometimes"}})), "22023");
}

TEST(KafkaSettings, Topics) {
  const KafkaSettings list = ParseKafkaSettings(Base({{"topic", "a, b"}})).value();
  EXPECT_EQ(list.topics, (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(list.topic_pattern);
  EXPECT_TRUE(ParseKafkaSettings(Base({{"topic", "bids-.*"}}))->topic_pattern);
  EXPECT_EQ(StateOf(Base({{"topic", "a,,b"}})), "22023");
  EXPECT_EQ(StateOf(Base({{"topic", "a,b,a"}})), "22023");
  EXPECT_EQ(StateOf(Base({{"topic", "bids-[a"}})), "22023");
  EXPECT_EQ(StateOf(Base({{"topic", "with space"}})), "22023");
  EXPECT_EQ(StateOf(Base({{"topic", ""}})), "22023");
  EXPECT_EQ(StateOf(Base({{"topic", std::string(250, 'a')}})), "22023");
  EXPECT_EQ(StateOf(Base({{"partitions", "0"}})), "22023");
}

TEST(KafkaProperties, UnknownOnesAreNamedWithTheNearest) {
  const Status status = MakeSource(Base({{"properties.fetch.min.byte", "1"}}));
  EXPECT_EQ(SqlStateOf(status).view(), "22023");
  EXPECT_THAT(MessageOf(status), HasSubstr("properties.fetch.min.byte"));
  EXPECT_THAT(HintOf(status), HasSubstr("fetch.min.bytes"));
  EXPECT_THAT(HintOf(MakeSource(Base({{"properties.sasl.pasword", "x"}}))), HasSubstr("sasl.password"));
}

TEST(KafkaProperties, RefusedValuesSayWhy) {
  const Status status = MakeSource(Base({{"properties.fetch.min.bytes", "many"}}));
  EXPECT_EQ(SqlStateOf(status).view(), "22023");
  EXPECT_THAT(MessageOf(status), HasSubstr("fetch.min.bytes"));
}

TEST(KafkaProperties, OursCannotBeChanged) {
  const Status status = MakeSource(Base({{"properties.enable.auto.commit", "true"}}));
  EXPECT_EQ(SqlStateOf(status).view(), "22023");
  EXPECT_THAT(MessageOf(status), HasSubstr("enable.auto.commit"));
}

TEST(KafkaProperties, SecretsAreNotShown) {
  const Options options = Base({{"properties.sasl.password", "hunter2"},
                                {"properties.sasl.username", "me"},
                                {"properties.ssl.key.pem", "hunter2"},
                                {"properties.security.protocol", "SASL_SSL"},
                                {"properties.sasl.mechanisms", "PLAIN"},
                                {"connect.timeout", "300 ms"}});
  const Status status = MakeSource(options);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(FormatError(status, "", ""), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace kappa::kafka
