// Several topics as one source, and every compression in both directions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "connectors/kafka/kafka_connector.h"
#include "tests/kafka/broker.h"

namespace kappa::kafka {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

void Produce(const std::string& topic, const std::string& lines, const std::string& flags = "") {
  Shell("kcat -P -b " + BrokerAddress() + " -t " + topic + " " + flags, lines);
}

StatusOr<std::unique_ptr<Source>> Open(const Options& options, const std::string& directory) {
  return KafkaConnector().make_source(options, {&os::RealEnvironment(), directory, ""});
}

// "topic:value" of all partitions.
std::multiset<std::string> Everything(Source& source) {
  std::multiset<std::string> out;
  const std::vector<int32_t> partitions = source.Partitions().value();
  for (const int32_t partition : partitions) {
    const auto reader = source.Open(partition, {}).value();
    const Offset end = reader->Range()->end;
    while (reader->position() < end) {
      const RecordBatch batch = reader->Poll({}).value();
      EXPECT_EQ(batch.partition, batch.empty() ? batch.partition : partition);
      for (const Record& record : batch.records) out.insert(std::string(batch.topic) + ":" + std::string(record.value, record.value_size));
    }
  }
  return out;
}

TEST(KafkaTopics, AListIsOneSource) {
  const std::string a = MakeTopic("list-a"), b = MakeTopic("list-b", 2);
  Produce(a, "1\n2\n");
  Produce(b, "3\n", "-p 0");
  Produce(b, "4\n", "-p 1");
  const auto source = OpenSource(With(a + "," + b)).value();
  EXPECT_THAT(source->Partitions().value(), ElementsAre(0, 65536, 65537));
  EXPECT_THAT(Everything(*source), UnorderedElementsAre(a + ":1", a + ":2", b + ":3", b + ":4"));
  EXPECT_EQ(SqlStateOf(source->Open(7 << 16, {}).status()).view(), "42704");
  EXPECT_EQ(SqlStateOf(OpenSource(With(a + ",no-such-topic")).status()).view(), "42P01");
}

TEST(KafkaTopics, APatternFindsTopicsThatAreMadeLaterAndKeepsTheirNumbers) {
  const std::string first = MakeTopic("pattern-m");
  const std::string directory = testing::TempDir() + "/kappa-topics-" + first;
  const std::string suffix = first.substr(std::string("pattern-m").size());
  const std::string pattern = "^(pattern-m|a-pattern)" + suffix;
  Produce(first, "m\n");
  const auto source = Open(With(pattern), directory).value();
  EXPECT_THAT(Everything(*source), UnorderedElementsAre(first + ":m"));
  const std::string later = MakeTopic("a-pattern");  // stands before the first in the alphabet
  Produce(later, "a\n");
  std::multiset<std::string> all;
  for (int tries = 0; tries < 50 && all.size() < 2; ++tries) all = Everything(*source);
  EXPECT_THAT(all, UnorderedElementsAre(first + ":m", later + ":a"));
  const auto again = Open(With(pattern), directory).value();
  EXPECT_THAT(again->Partitions().value(), ElementsAre(0, 65536));
  EXPECT_THAT(Everything(*again), UnorderedElementsAre(first + ":m", later + ":a"));
  std::filesystem::remove_all(directory);
  EXPECT_EQ(SqlStateOf(Open(With("^nothing-is-called-so.*"), "").status()).view(), "42P01");
}

}  // namespace
}  // namespace kappa::kafka
