// What cannot be read again is in the embedded log before anybody sees it.
#include "connectors/recorded/recorded_source.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <iostream>

#include "common/os/simulated_environment.h"
#include "connectors/log/topic_producer.h"
#include "connectors/registry.h"
#include "tests/connectors/faulty_environment.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa {
namespace {

// Yields records once; a test says what and when.
struct Script {
  std::deque<std::string> lines;
  std::vector<RecordHeader> headers;
  int64_t timestamp_ms = -1;
  bool ended = false;
  bool bounded = true;
  Status failure;
  int polls = 0;
};

class ScriptReader final : public PartitionReader {
 public:
  explicit ScriptReader(Script* script) : script_(script) {}
  StatusOr<RecordBatch> Poll(const BatchLimit& limit) override {
    ++script_->polls;
    RecordBatch batch;
    batch.next = position_;
    if (script_->lines.empty()) {
      RETURN_IF_ERROR(script_->failure);
      return batch;
    }
    auto line = std::make_shared<std::pair<std::string, Record>>();
    line->first = script_->lines.front();
    script_->lines.pop_front();
    line->second.value = line->first.data();
    line->second.value_size = static_cast<uint32_t>(line->first.size());
    line->second.key = line->first.data();
    line->second.key_size = 1;
    line->second.timestamp_ms = script_->timestamp_ms;
    if (!script_->headers.empty()) line->second.headers = &script_->headers;
    line->second.offset = position_++;
    batch.records = std::span<const Record>(&line->second, 1);
    batch.bytes = line->first.size();
    batch.next = position_;
    batch.owner = line;
    return batch;
  }
  Status Seek(Offset) override { return SqlError(sqlstate::kFeatureNotSupported) << "cannot be read again"; }
  Offset position() const override { return position_; }
  StatusOr<OffsetRange> Range() override { return OffsetRange{0, script_->ended && script_->lines.empty() ? position_ : INT64_MAX}; }

 private:
  Script* const script_;
  Offset position_ = 0;
};

class ScriptSource final : public Source {
 public:
  explicit ScriptSource(Script* script) : script_(script) {}
  std::string name() const override { return "script"; }
  StatusOr<std::vector<int32_t>> Partitions() override { return std::vector<int32_t>{0}; }
  StatusOr<std::unique_ptr<PartitionReader>> Open(int32_t, const RecordNeeds&) override { return std::make_unique<ScriptReader>(script_); }
  bool bounded() const override { return script_->bounded; }
  bool replayable() const override { return false; }

 private:
  Script* const script_;
};

class RecordedSourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> Record() {
    return RecordThroughLog(std::make_unique<ScriptSource>(&script_), log::LogDirectory::Open(environment_, directory_.path()), "p.script");
  }
  static std::unique_ptr<PartitionReader> Open(Source& source) {
    auto reader = source.Open(0, {.key = true, .timestamp = true, .headers = true});
    EXPECT_TRUE(reader.ok()) << reader.status();
    return std::move(*reader);
  }
  static std::vector<std::string> Read(PartitionReader& reader, const BatchLimit& limit = {}) {
    std::vector<std::string> values;
    for (;;) {
      const auto batch = reader.Poll(limit);
      EXPECT_TRUE(batch.ok()) << batch.status();
      if (!batch.ok() || batch->empty()) return values;
      for (const kappa::Record& record : batch->records) values.emplace_back(record.value, record.value_size);
    }
  }

  TemporaryDirectory directory_;
  FaultyEnvironment environment_;
  Script script_;
};

using Lines = std::vector<std::string>;

TEST_F(RecordedSourceTest, WhatWasRecordedComesAgain) {
  script_.lines = {"a", "b", "c"};
  {
    auto source = Record();
    EXPECT_TRUE(source->replayable());
    EXPECT_TRUE(source->bounded());
    EXPECT_EQ(source->name(), "p.script");
    EXPECT_EQ(source->Partitions().value(), std::vector<int32_t>{0});
    EXPECT_FALSE(source->Identity()->empty());
    auto reader = Open(*source);
    EXPECT_EQ(reader->Poll({.records = 2})->records.size(), 2u);  // "c" is recorded and not processed
    EXPECT_EQ(reader->Range()->end, INT64_MAX);
    auto again = Open(*source);
    EXPECT_EQ(Read(*again), (Lines{"a", "b", "c"}));
  }
  script_.lines = {"d"};
  auto source = Record();
  auto reader = Open(*source);
  ASSERT_TRUE(reader->Seek(2).ok());
  EXPECT_EQ(Read(*reader, {.end = 3}), Lines{"c"});
  EXPECT_EQ(script_.lines.size(), 1u) << "a reader that is told where to stop asks for nothing new";
  EXPECT_EQ(Read(*reader), Lines{"d"});
  script_.ended = true;
  EXPECT_TRUE(reader->Poll({})->empty());
  EXPECT_EQ(reader->Range()->end, 4);
  EXPECT_EQ(reader->position(), 4);
  ASSERT_TRUE(reader->Seek(0).ok());
  EXPECT_EQ(Read(*reader), (Lines{"a", "b", "c", "d"}));
}

TEST_F(RecordedSourceTest, NothingIsReadBeforeItIsDurable) {
  script_.lines = {"a"};
  auto source = Record();
  auto reader = Open(*source);
  environment_.faults.on_sync = [] { return SqlError(sqlstate::kIoError) << "injected"; };
  const Status status = reader->Poll({}).status();
  EXPECT_EQ(SqlStateOf(status), sqlstate::kIoError) << status;
  EXPECT_EQ(reader->position(), 0);
  EXPECT_FALSE(reader->Poll({}).ok());
}

TEST_F(RecordedSourceTest, AFullDiskLosesNothing) {
  auto source = Record();
  auto reader = Open(*source);
  EXPECT_TRUE(Read(*reader).empty());
  script_.lines = {"a", "b"};
  environment_.faults.bytes_left = 10;
  EXPECT_EQ(SqlStateOf(reader->Poll({}).status()), sqlstate::kDiskFull);
  script_.lines.push_back("c");
  environment_.faults.bytes_left = INT64_MAX;
  EXPECT_EQ(Read(*reader), (Lines{"a", "b", "c"}));
}

TEST_F(RecordedSourceTest, AnErrorComesAfterWhatPrecedesIt) {
  script_.lines = {"a", "b"};
  script_.failure = SqlError(sqlstate::kStatementTooLong) << "line 2";
  auto source = Record();
  auto reader = Open(*source);
  EXPECT_EQ(reader->Poll({})->records.size(), 2u);
  EXPECT_EQ(SqlStateOf(reader->Poll({}).status()), sqlstate::kStatementTooLong);
}

TEST_F(RecordedSourceTest, KeysHeadersAndTimestampsAreKept) {
  script_.lines = {"value"};
  script_.headers = {{"h", "1", false}, {"n", "", true}};
  script_.timestamp_ms = 1'700'000'000'123;
  auto source = Record();
  auto reader = Open(*source);
  const auto batch = reader->Poll({});
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_EQ(batch->records.size(), 1u);
  const kappa::Record& record = batch->records[0];
  EXPECT_EQ(std::string_view(record.key, record.key_size), "v");
  EXPECT_EQ(record.timestamp_ms, 1'700'000'000'123);
  ASSERT_NE(record.headers, nullptr);
  EXPECT_EQ(record.headers->at(0).value, "1");
  EXPECT_TRUE(record.headers->at(1).null_value);
  EXPECT_EQ(reader->PositionAt(1'700'000'000'123).value(), 0);
  EXPECT_EQ(reader->PositionAt(1'700'000'000'124).value(), 1);
}

TEST_F(RecordedSourceTest, OneProgramRecordsIntoATopic) {
  auto source = Record();
  auto reader = Open(*source);
  EXPECT_EQ(SqlStateOf(Record()->Partitions().status()), sqlstate::kObjectInUse);
  auto directory = log::LogDirectory::Open(environment_, directory_.path());
  ASSERT_TRUE(directory->CreateTopic("wide", {.partitions = 2}).ok());
  EXPECT_EQ(SqlStateOf(RecordThroughLog(std::make_unique<ScriptSource>(&script_), directory, "wide")->Partitions().status()),
            sqlstate::kFeatureNotSupported);
}

TEST_F(RecordedSourceTest, AnEndlessSourceStaysEndless) {
  script_.bounded = false;
  script_.lines = {"a"};
  auto source = Record();
  EXPECT_FALSE(source->bounded());
  auto reader = Open(*source);
  EXPECT_EQ(reader->Range()->end, 0);
  EXPECT_EQ(Read(*reader), Lines{"a"});
  EXPECT_EQ(reader->Range()->end, 1);
}

// Reads what comes in five rounds; `seen` is what a program may have acted upon.
Status ReadInRounds(os::Environment& environment, Lines* seen) {
  Script script;
  auto source = RecordThroughLog(std::make_unique<ScriptSource>(&script), log::LogDirectory::Open(environment, "/data"), "p.script");
  ASSIGN_OR_RETURN(const std::unique_ptr<PartitionReader> reader, source->Open(0, {}));
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) script.lines.push_back("line " + std::to_string(round * 3 + i));
    for (bool more = true; more;) {
      ASSIGN_OR_RETURN(const RecordBatch batch, reader->Poll({}));
      for (const kappa::Record& record : batch.records) seen->emplace_back(record.value, record.value_size);
      more = !batch.empty();
    }
  }
  return OkStatus();
}

TEST(RecordedSourcePower, WhatWasSeenSurvivesALossAtEveryWriteBoundary) {
  Lines all;
  os::SimulatedEnvironment undisturbed(1);
  ASSERT_TRUE(ReadInRounds(undisturbed, &all).ok());
  ASSERT_EQ(all.size(), 15u);
  const int64_t boundaries = undisturbed.files().boundaries();
  for (int64_t boundary = 1; boundary <= boundaries; ++boundary) {
    os::SimulatedEnvironment environment(1);
    environment.files().LosePowerAt(boundary);
    Lines seen;
    const bool ended = ReadInRounds(environment, &seen).ok();
    for (uint64_t seed = 0; seed < 8; ++seed) {
      os::SimulatedEnvironment after(2, environment.files().Surviving(seed));
      Script nothing_new;
      auto source = RecordThroughLog(std::make_unique<ScriptSource>(&nothing_new), log::LogDirectory::Open(after, "/data"), "p.script");
      const auto reader = source->Open(0, {});
      const std::string what =
          "boundary " + std::to_string(boundary) + ", " + environment.files().failed_at() + ", disk of seed " + std::to_string(seed);
      ASSERT_TRUE(reader.ok()) << what << ": " << reader.status();
      Lines kept;
      for (bool more = true; more;) {
        const auto batch = (*reader)->Poll({});
        ASSERT_TRUE(batch.ok()) << what << ": " << batch.status();
        for (const kappa::Record& record : batch->records) kept.emplace_back(record.value, record.value_size);
        more = !batch->empty();
      }
      ASSERT_GE(kept.size(), seen.size()) << what;
      ASSERT_TRUE(kept == Lines(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept.size()))) << what;
    }
    if (ended) EXPECT_EQ(seen, all);
  }
  std::cout << boundaries << " write boundaries, 8 disks after each\n";
}

// The real standard input, its thread and its queue.
TEST_F(RecordedSourceTest, StandardInputGoesThroughTheLog) {
  std::string input;
  Lines expected;
  for (int i = 0; i < 50'000; ++i) {
    expected.push_back("line " + std::to_string(i));
    input += expected.back() + "\n";
  }
  ConnectorHost host;
  host.input = [&](char* buffer, size_t size, int64_t) -> StatusOr<std::optional<size_t>> {
    const size_t n = std::min({size, input.size(), size_t{10'007}});
    std::memcpy(buffer, input.data(), n);
    input.erase(0, n);
    return std::optional<size_t>(n);
  };
  const auto connectors = MakeConnectors(host);
  ConnectorContext context;
  context.environment = &environment_;
  auto source = RecordThroughLog(connectors->Find("stdin")->make_source({}, context).value(),
                                 log::LogDirectory::Open(environment_, directory_.path()), "p.stdin");
  os::Event arrived;
  source->OnArrival([&] { arrived.Set(); });
  auto reader = Open(*source);
  Lines values;
  while (reader->position() < reader->Range()->end) {
    for (std::string& value : Read(*reader)) values.push_back(std::move(value));
    if (reader->position() < reader->Range()->end) ASSERT_TRUE(arrived.WaitFor(10'000'000'000));
  }
  EXPECT_TRUE(values == expected);
  ASSERT_TRUE(reader->Seek(49'998).ok());
  EXPECT_EQ(Read(*reader), (Lines{"line 49998", "line 49999"}));
}

}  // namespace
}  // namespace kappa
