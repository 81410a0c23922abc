#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/os/environment.h"
#include "connectors/generator/nexmark_events.h"
#include "connectors/registry.h"

namespace kappa {
namespace {

std::unique_ptr<Source> Make(const Options& options) {
  const auto connectors = MakeConnectors({});
  ConnectorContext context;
  context.environment = &os::RealEnvironment();
  auto source = connectors->Find("nexmark")->make_source(options, context);
  EXPECT_TRUE(source.ok()) << source.status();
  return std::move(source).value();
}

std::vector<std::string> ReadAll(Source& source, int32_t partition, Offset from = 0, BatchLimit limit = {}) {
  auto reader = source.Open(partition, {}).value();
  EXPECT_TRUE(reader->Seek(from).ok());
  std::vector<std::string> values;
  while (true) {
    const auto batch = reader->Poll(limit);
    EXPECT_TRUE(batch.ok());
    if (batch->empty()) return values;
    for (const Record& record : batch->records) {
      EXPECT_EQ(record.offset, from + static_cast<Offset>(values.size()));
      values.emplace_back(record.value, record.value_size);
    }
  }
}

TEST(Nexmark, TheSameSeedGivesTheSameBytesFromAnyOffset) {
  const auto one = Make({{"rows", "3000"}}), two = Make({{"nexmark.rows", "3000"}, {"seed", "1"}});
  const std::vector<std::string> all = ReadAll(*one, 0);
  ASSERT_EQ(all.size(), 3000u);
  EXPECT_EQ(ReadAll(*two, 0, 0, {.records = 7}), all);
  const std::vector<std::string> rest = ReadAll(*two, 0, 1234, {.bytes = 1000});
  EXPECT_EQ(rest, std::vector<std::string>(all.begin() + 1234, all.end()));
  EXPECT_NE(ReadAll(*Make({{"rows", "3000"}, {"seed", "2"}}), 0), all);
}

TEST(Nexmark, PartitionsDealOutTheSameEvents) {
  const std::vector<std::string> all = ReadAll(*Make({{"rows", "1000"}}), 0);
  const auto three = Make({{"rows", "1000"}, {"partitions", "3"}});
  EXPECT_EQ(three->Partitions().value(), (std::vector<int32_t>{0, 1, 2}));
  for (int32_t p = 0; p < 3; ++p) {
    std::vector<std::string> expected;
    for (size_t i = static_cast<size_t>(p); i < all.size(); i += 3) expected.push_back(all[i]);
    EXPECT_EQ(ReadAll(*three, p), expected);
    EXPECT_EQ(three->Open(p, {}).value()->Range()->end, static_cast<Offset>(expected.size()));
  }
}

TEST(Nexmark, RecordsAreJsonOfTheDeclaredShape) {
  std::map<int, int> kinds;
  std::set<int64_t> people, auctions;
  size_t bytes = 0;
  const std::vector<std::string> all = ReadAll(*Make({{"rows", "20000"}}), 0);
  std::string last_time;
  int64_t hot = 0, bids = 0, dangling = 0;
  for (const std::string& text : all) {
    bytes += text.size();
    const nlohmann::json event = nlohmann::json::parse(text);
    const int kind = event["event_type"];
    ++kinds[kind];
    const char* const names[] = {"person", "auction", "bid"};
    for (int k = 0; k < 3; ++k) EXPECT_EQ(event[names[k]].is_object(), k == kind);
    const nlohmann::json& body = event[names[kind]];
    const std::string time = body["dateTime"];
    EXPECT_EQ(time.size(), 23u);
    EXPECT_GE(time, last_time);
    last_time = time;
    if (kind == 0) {
      for (const char* field : {"name", "emailAddress", "creditCard", "city", "state", "extra"}) EXPECT_TRUE(body[field].is_string()) << field;
      EXPECT_TRUE(people.insert(body["id"].get<int64_t>()).second);
    } else if (kind == 1) {
      for (const char* field : {"itemName", "description", "expires", "extra"}) EXPECT_TRUE(body[field].is_string()) << field;
      EXPECT_GT(body["reserve"].get<int64_t>(), body["initialBid"].get<int64_t>());
      EXPECT_GT(body["expires"].get<std::string>(), time);
      EXPECT_GE(body["category"].get<int64_t>(), 10);
      EXPECT_LT(body["category"].get<int64_t>(), 15);
      EXPECT_TRUE(auctions.insert(body["id"].get<int64_t>()).second);
    } else {
      for (const char* field : {"channel", "url", "extra"}) EXPECT_TRUE(body[field].is_string()) << field;
      EXPECT_GE(body["price"].get<int64_t>(), 100);
      EXPECT_LE(body["price"].get<int64_t>(), 100'000'000);
      ++bids;
      hot += body["auction"].get<int64_t>() % 100 == 0;
      dangling += auctions.count(body["auction"].get<int64_t>()) == 0;
    }
  }
  EXPECT_EQ(kinds[0], 400);
  EXPECT_EQ(kinds[1], 1200);
  EXPECT_EQ(kinds[2], 18400);
  EXPECT_EQ(last_time, "2015-07-15 00:00:00.399") << "50,000 events a second";
  EXPECT_GT(hot, bids * 45 / 100);
  EXPECT_LT(hot, bids * 56 / 100);
  EXPECT_GT(dangling, 0);
  EXPECT_LT(dangling, bids / 10);
  EXPECT_GT(bytes / all.size(), 315u);
  EXPECT_LT(bytes / all.size(), 345u);
}

TEST(Nexmark, FlatLayoutsHoldTheInnerObjectsOfTheMixedOne) {
  std::map<std::string, std::vector<std::string>> expected;
  for (const std::string& text : ReadAll(*Make({{"rows", "500"}}), 0)) {
    for (const char* name : {"person", "auction", "bid"}) {
      const std::string marker = std::string("\"") + name + "\":{";
      const size_t at = text.find(marker);
      if (at == std::string::npos) continue;
      const size_t begin = at + marker.size() - 1;
      expected[name].push_back(text.substr(begin, text.find('}', begin) + 1 - begin));
    }
  }
  for (const auto& [type, values] : expected) {
    EXPECT_EQ(ReadAll(*Make({{"rows", std::to_string(values.size())}, {"table.type", type}}), 0), values) << type;
  }
}

TEST(Nexmark, EventTimeFollowsTheRateWithoutDrift) {
  nexmark::EventSettings settings;
  settings.events_per_second = 3;
  EXPECT_EQ(nexmark::EventTimeMs(settings, 0), nexmark::kBaseTimeMs);
  EXPECT_EQ(nexmark::EventTimeMs(settings, 1), nexmark::kBaseTimeMs + 333);
  EXPECT_EQ(nexmark::EventTimeMs(settings, 3'000'000), nexmark::kBaseTimeMs + 1'000'000'000);
}

TEST(Nexmark, ARateHoldsBackRecordsButNotTheEndOfABoundedSource) {
  const auto bounded = Make({{"rows", "1000000"}, {"rate", "1"}});
  auto reader = bounded->Open(0, {}).value();
  EXPECT_EQ(reader->Range()->end, 1'000'000);
  EXPECT_LT(reader->Poll({})->records.size(), 100u);
  const auto unbounded = Make({{"rate", "1"}});
  EXPECT_FALSE(unbounded->bounded());
  EXPECT_LT(unbounded->Open(0, {}).value()->Range()->end, 100);
}

// Also a figure for the reader: how fast events are made.
TEST(Nexmark, ReportsItsSpeed) {
  const auto source = Make({{"rows", "300000"}});
  auto reader = source->Open(0, {}).value();
  os::Clock& clock = os::RealEnvironment().clock();
  const int64_t start = clock.CpuNanos();
  int64_t records = 0;
  while (true) {
    const auto batch = reader->Poll({});
    ASSERT_TRUE(batch.ok());
    if (batch->empty()) break;
    records += static_cast<int64_t>(batch->records.size());
  }
  EXPECT_EQ(records, 300'000);
  std::printf("nexmark: %.2f M events a CPU-second\n", 1e3 * static_cast<double>(records) / static_cast<double>(clock.CpuNanos() - start));
}

TEST(Nexmark, BadOptionsAreErrors) {
  const auto connectors = MakeConnectors({});
  ConnectorContext context;
  context.environment = &os::RealEnvironment();
  for (const Options& options :
       {Options{{"rows", "-1"}}, {{"rows", "many"}}, {{"table.type", "bids"}}, {{"event.rate", "0"}}, {{"partitions", "0"}}}) {
    const auto source = connectors->Find("nexmark")->make_source(options, context);
    EXPECT_EQ(SqlStateOf(source.status()), sqlstate::kInvalidParameterValue) << options.begin()->first;
  }
  EXPECT_EQ(SqlStateOf(connectors->Find("nexmark")->make_source({{"row", "1"}}, context).status()), sqlstate::kUndefinedObject);
}

}  // namespace
}  // namespace kappa
