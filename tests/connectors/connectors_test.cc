// Every connector but the log's own files and Kafka: options, and bytes in and out.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "connectors/log/log_directory.h"
#include "connectors/registry.h"
#include "tests/connectors/temporary_directory.h"
#include "types/change_batch.h"

namespace kappa {
namespace {

// Rows whose bytes are C strings "key=value", "key=" for a tombstone.
class TextEncoder final : public RecordEncoder {
 public:
  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    const std::string_view row = changes.rows[index];
    const size_t equals = row.find('=');
    record->has_key = true;
    record->key = row.substr(0, equals);
    record->value = row.substr(equals + 1);
    record->has_value = !record->value.empty();
    return OkStatus();
  }
};

class ConnectorsTest : public testing::Test {
 protected:
  ConnectorsTest() {
    context_.environment = &os::RealEnvironment();
    context_.data_directory = directory_ / "data";
    host_.output = [this](std::string_view bytes) {
      output_.append(bytes);
      return OkStatus();
    };
    host_.input = [this](char* buffer, size_t size, int64_t) -> StatusOr<std::optional<size_t>> {
      const size_t n = std::min({size, input_.size(), size_t{5}});  // in small pieces, so that lines are torn
      std::memcpy(buffer, input_.data(), n);
      input_.erase(0, n);
      return std::optional<size_t>(n);
    };
    connectors_ = MakeConnectors(host_);
  }
  StatusOr<std::unique_ptr<Source>> MakeSource(const std::string& name, const Options& options) {
    return connectors_->Find(name)->make_source(options, context_);
  }
  std::unique_ptr<Sink> MakeSink(const std::string& name, const Options& options) {
    auto sink = connectors_->Find(name)->make_sink(options, context_, std::make_unique<TextEncoder>());
    EXPECT_TRUE(sink.ok()) << sink.status();
    return std::move(sink).value();
  }
  static Status Write(Sink& sink, Epoch epoch, const std::vector<const char*>& rows, const std::vector<int64_t>& weights = {}) {
    ChangeBatch changes;
    changes.rows = rows;
    changes.weights = weights;
    return sink.Write(epoch, changes);
  }
  static std::vector<std::string> ReadAll(PartitionReader& reader, BatchLimit limit = {}, Status* failure = nullptr) {
    std::vector<std::string> values;
    while (true) {
      const auto batch = reader.Poll(limit);
      if (!batch.ok()) {
        if (failure != nullptr) *failure = batch.status();
        EXPECT_NE(failure, nullptr) << batch.status();
        return values;
      }
      EXPECT_EQ(batch->next, reader.position());
      if (batch->empty()) return values;
      for (const Record& record : batch->records) values.push_back(record.value == nullptr ? "(null)" : std::string(record.value, record.value_size));
    }
  }
  void WriteFile(const std::string& name, std::string_view bytes) {
    std::ofstream(directory_ / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  TemporaryDirectory directory_;
  std::string output_, input_;
  ConnectorHost host_;
  ConnectorContext context_;
  std::unique_ptr<Connectors> connectors_;
};

TEST(OptionText, DurationsAndSizes) {
  EXPECT_EQ(ParseDurationMicros("30 s"), 30'000'000);
  EXPECT_EQ(ParseDurationMicros("1.5h"), 5'400'000'000);
  EXPECT_EQ(ParseDurationMicros("1 day 2 minutes"), 86'520'000'000);
  EXPECT_EQ(ParseDurationMicros("250"), 250'000);
  for (const char* bad : {"", "s", "-1 s", "3 parsecs", "nan s", "1 s x", "1e300 days"}) EXPECT_FALSE(ParseDurationMicros(bad).has_value()) << bad;
  EXPECT_EQ(ParseSizeBytes("64 MB"), 64 << 20);
  EXPECT_EQ(ParseSizeBytes("1kB"), 1024);
  for (const char* bad : {"", "MB", "1 MB 2 kB", "1 XB", "-5"}) EXPECT_FALSE(ParseSizeBytes(bad).has_value()) << bad;
}

TEST_F(ConnectorsTest, OptionsAreCheckedAgainstTheDescriptor) {
  const ConnectorDescriptor& file = *connectors_->Find("file");
  EXPECT_TRUE(ValidateOptions(file, false, {{"connector", "file"}, {"path", "x"}, {"follow", "true"}, {"idle_timeout", "1 s"}}).ok());
  const Status missing = ValidateOptions(file, false, {{"follow", "true"}});
  EXPECT_EQ(SqlStateOf(missing), sqlstate::kInvalidParameterValue);
  EXPECT_NE(MessageOf(missing).find("\"path\""), std::string::npos);
  const Status unknown = ValidateOptions(file, false, {{"path", "x"}, {"folow", "true"}});
  EXPECT_EQ(SqlStateOf(unknown), sqlstate::kUndefinedObject);
  EXPECT_NE(HintOf(unknown).find("follow"), std::string::npos);
  EXPECT_FALSE(ValidateOptions(file, false, {{"path", "x"}, {"follow", "perhaps"}}).ok());
  EXPECT_EQ(SqlStateOf(ValidateOptions(*connectors_->Find("blackhole"), false, {})), sqlstate::kFeatureNotSupported);
  EXPECT_EQ(SqlStateOf(ValidateOptions(*connectors_->Find("nexmark"), true, {})), sqlstate::kFeatureNotSupported);
  EXPECT_NE(HintOf(connectors_->Get("blackhol").status()).find("blackhole"), std::string::npos);
}

TEST_F(ConnectorsTest, LinesOfFilesComeAsTheyAre) {
  const std::string nul("a\0b", 3);
  WriteFile("1.txt", "one\r\ntwo\n\n\xff\xfe\n" + nul + "\nlast");
  WriteFile("2.txt", "other\n");
  auto source = MakeSource("file", {{"path", directory_ / "*.txt"}}).value();
  EXPECT_EQ(source->Partitions().value(), (std::vector<int32_t>{0, 1}));
  EXPECT_TRUE(source->bounded());
  const std::vector<std::string> expected = {"one", "two", "", "\xff\xfe", nul, "last"};
  auto reader = source->Open(0, {}).value();
  EXPECT_EQ(reader->Range()->end, 6);
  EXPECT_EQ(reader->Range()->end, 6);
  EXPECT_EQ(ReadAll(*reader), expected);
  for (size_t from = 0; from <= expected.size(); ++from) {
    ASSERT_TRUE(reader->Seek(static_cast<Offset>(from)).ok());
    EXPECT_EQ(ReadAll(*reader, {.records = 2}), std::vector<std::string>(expected.begin() + static_cast<std::ptrdiff_t>(from), expected.end()));
  }
  EXPECT_EQ(ReadAll(*source->Open(1, {}).value()), std::vector<std::string>{"other"});
}

TEST_F(ConnectorsTest, LongFilesAreReadInPieces) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 0; i < 30'000; ++i) {
    expected.push_back(std::string(static_cast<size_t>(i * 37 % 200), static_cast<char>('a' + i % 26)) + std::to_string(i));
    text += expected.back() + "\n";
  }
  expected.push_back(std::string(3 << 20, 'L'));  // longer than several reads
  text += expected.back() + "\n";
  WriteFile("long.txt", text);
  auto reader = MakeSource("file", {{"path", directory_ / "long.txt"}}).value()->Open(0, {}).value();
  EXPECT_EQ(reader->Range()->end, static_cast<Offset>(expected.size()));
  EXPECT_TRUE(ReadAll(*reader) == expected);
  auto limited = MakeSource("file", {{"path", directory_ / "long.txt"}, {"max.line.bytes", "1 MB"}}).value()->Open(0, {}).value();
  Status failure;
  EXPECT_LE(ReadAll(*limited, {}, &failure).size(), expected.size() - 1);
  EXPECT_EQ(SqlStateOf(failure), sqlstate::kStatementTooLong);
  EXPECT_NE(MessageOf(failure).find("line 30000"), std::string::npos) << MessageOf(failure);
}

TEST_F(ConnectorsTest, AFollowedFileGivesLinesOnceTheyAreWhole) {
  WriteFile("f.txt", "a\nb");
  auto source = MakeSource("file", {{"path", directory_ / "f.txt"}, {"follow", "true"}}).value();
  EXPECT_FALSE(source->bounded());
  auto reader = source->Open(0, {}).value();
  EXPECT_EQ(ReadAll(*reader), std::vector<std::string>{"a"});
  EXPECT_EQ(reader->Range()->end, 1);
  std::ofstream(directory_ / "f.txt", std::ios::app) << "c\nd\n";
  EXPECT_EQ(ReadAll(*reader), (std::vector<std::string>{"bc", "d"}));
  EXPECT_EQ(reader->Range()->end, 3);
  WriteFile("f.txt", "x");
  EXPECT_EQ(SqlStateOf(reader->Poll({}).status()), sqlstate::kIoError);
}

TEST_F(ConnectorsTest, MissingFilesAreErrors) {
  EXPECT_EQ(SqlStateOf(MakeSource("file", {{"path", directory_ / "none*"}}).status()), sqlstate::kUndefinedFile);
  EXPECT_EQ(SqlStateOf(MakeSource("file", {{"path", directory_.path()}}).status()), sqlstate::kUndefinedFile);
}

TEST_F(ConnectorsTest, PartFilesAppearAtCommitAndAreNeverReplaced) {
  const std::string folder = directory_ / "out";
  const auto visible = [&] {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name[0] != '.') files[name] = os::RealEnvironment().files().ReadAll(entry.path().string()).value();
    }
    return files;
  };
  {
    auto sink = MakeSink("file", {{"path", folder}});
    ASSERT_TRUE(Write(*sink, 1, {"a=1", "b=2", "c="}, {1, 2, 1}).ok());
    EXPECT_TRUE(visible().empty());
    ASSERT_TRUE(sink->Commit({1}).ok());
    ASSERT_TRUE(sink->Commit({2}).ok()) << "nothing to say: no file";
    EXPECT_EQ(visible(), (std::map<std::string, std::string>{{"part-000000000001-000000.jsonl", "1\n2\n2\n"}}));
    ASSERT_TRUE(Write(*sink, 3, {"d=4"}).ok());
  }
  auto sink = MakeSink("file", {{"path", folder}});
  ASSERT_TRUE(Write(*sink, 1, {"e=5"}).ok());
  ASSERT_TRUE(sink->Commit({1}).ok());
  EXPECT_EQ(visible().size(), 2u);
  EXPECT_EQ(visible()["part-000000000001-000001.jsonl"], "5\n");
}

TEST_F(ConnectorsTest, StdoutShowsCommittedLines) {
  auto sink = MakeSink("print", {});
  ASSERT_TRUE(Write(*sink, 1, {"a=1", "b=2"}).ok());
  EXPECT_EQ(output_, "");
  ASSERT_TRUE(sink->Commit({1}).ok());
  EXPECT_EQ(output_, "1\n2\n");
}

TEST_F(ConnectorsTest, StdinEndsWithItsInput) {
  input_ = "first\r\n\nthird line\nlast";
  auto source = MakeSource("stdin", {}).value();
  EXPECT_FALSE(source->replayable());
  os::Event arrived;
  source->OnArrival([&] { arrived.Set(); });
  auto reader = source->Open(0, {}).value();
  std::vector<std::string> values;
  while (reader->position() < reader->Range()->end) {
    for (const std::string& value : ReadAll(*reader)) values.push_back(value);
    if (reader->position() < reader->Range()->end) ASSERT_TRUE(arrived.WaitFor(10'000'000'000));
  }
  EXPECT_EQ(values, (std::vector<std::string>{"first", "", "third line", "last"}));
  EXPECT_TRUE(reader->Seek(4).ok());
  EXPECT_EQ(SqlStateOf(reader->Seek(0)), sqlstate::kFeatureNotSupported);
}

TEST_F(ConnectorsTest, MemoryTopicsAreHandedOutWithoutCopies) {
  auto topic = host_.memory->Create("t", 2);
  for (int i = 0; i < 1000; ++i) topic->AddWithKey(i % 2, "k", "value-" + std::to_string(i), i);
  topic->Add(0, std::string_view());
  EXPECT_EQ(SqlStateOf(MakeSource("memory", {{"topic", "u"}}).status()), sqlstate::kUndefinedObject);
  auto reader = MakeSource("memory", {{"topic", "t"}}).value()->Open(0, {}).value();
  EXPECT_EQ(reader->Range()->end, 501);
  const auto batch = reader->Poll({.records = 10});
  EXPECT_EQ(batch->records.data(), topic->blocks(0)[0].records.data());
  EXPECT_EQ(reader->Poll({.bytes = 25})->records.size(), 2u);  // "k" and "value-20"
  EXPECT_EQ(reader->Poll({.end = 13})->records.size(), 1u);
  EXPECT_EQ(ReadAll(*reader).size(), 488u);
  ASSERT_TRUE(reader->Seek(500).ok());
  EXPECT_EQ(ReadAll(*reader), std::vector<std::string>{"(null)"});
}

TEST_F(ConnectorsTest, BlackholeCounts) {
  EXPECT_TRUE(connectors_->Find("blackhole")->sink_folds_checksum);
  auto sink = MakeSink("blackhole", {});
  ASSERT_TRUE(Write(*sink, 1, {"a=1", "b=22"}).ok());
  ASSERT_TRUE(sink->Commit({1}).ok());
  EXPECT_EQ(sink->Summary(), "blackhole: 2 rows, 5 bytes");
  EXPECT_EQ(sink->LastCommitted()->epoch, 1);
}

TEST_F(ConnectorsTest, TheLogSinkFeedsTheLogSource) {
  EXPECT_EQ(SqlStateOf(MakeSource("log", {{"topic", "t"}}).status()), sqlstate::kUndefinedObject);
  auto sink = MakeSink("log", {{"topic", "t"}, {"partitions", "2"}, {"compression", "lz4"}});
  auto source = MakeSource("log", {{"topic", "t"}, {"scan.bounded.mode", "latest"}}).value();
  EXPECT_TRUE(source->bounded());
  os::Event arrived;
  source->OnArrival([&] { arrived.Set(); });
  ASSERT_TRUE(Write(*sink, 1, {"a=1", "b=2", "c=", "d=4"}).ok());
  EXPECT_FALSE(arrived.WaitFor(0)) << "nothing is visible before the commit";
  ASSERT_TRUE(sink->Commit({1}).ok());
  EXPECT_TRUE(arrived.WaitFor(0));
  std::multiset<std::string> values;
  const std::vector<int32_t> partitions = source->Partitions().value();
  for (const int32_t p : partitions) {
    for (const std::string& value : ReadAll(*source->Open(p, {}).value())) values.insert(value);
  }
  EXPECT_EQ(values, (std::multiset<std::string>{"(null)", "1", "2", "4"}));
  auto latest = MakeSource("log", {{"topic", "t"}, {"scan.startup.mode", "latest"}}).value();
  EXPECT_TRUE(ReadAll(*latest->Open(0, {}).value()).empty());
  auto at = MakeSource("log", {{"topic", "t"}, {"scan.startup.mode", "0:1"}}).value();
  EXPECT_EQ(at->Open(0, {}).value()->position(), 1);
  EXPECT_EQ(at->Open(1, {}).value()->position(), 0);
  for (const char* bad : {"yesterday", "0:", "0:1,0:2", "-1:5", ":"}) {
    EXPECT_EQ(SqlStateOf(MakeSource("log", {{"topic", "t"}, {"scan.startup.mode", bad}}).status()), sqlstate::kInvalidParameterValue) << bad;
  }
}

TEST_F(ConnectorsTest, ADurableProgramsLogSinkIsExactlyOnce) {
  EXPECT_EQ(MakeSink("log", {{"topic", "t"}})->guarantee(), Guarantee::kAtLeastOnce);
  context_.writer = "program/out";
  {
    auto sink = MakeSink("log", {{"topic", "t"}});
    EXPECT_EQ(sink->guarantee(), Guarantee::kExactlyOnce);
    ASSERT_TRUE(Write(*sink, 7, {"a=1"}).ok());
    ASSERT_TRUE(sink->Commit({7, false, "mark"}).ok());
  }
  EXPECT_EQ(MakeSink("log", {{"topic", "t"}})->LastCommitted()->record, "mark");
}

TEST_F(ConnectorsTest, TheLogSourceStartsAtATime) {
  const auto directory = log::LogDirectory::Open(*context_.environment, context_.data_directory);
  ASSERT_TRUE(directory->CreateTopic("t", {}).ok());
  log::RecordBatchBuilder builder;
  for (int i = 0; i < 10; ++i) {
    OutgoingRecord record;
    record.value = "x";
    record.timestamp_ms = 1'714'979'289'000 + int64_t{i} * 1000;  // 2024-05-06 07:08:09
    builder.Add(record);
  }
  std::string batch;
  ASSERT_TRUE(builder.Finish({}, &batch).ok());
  ASSERT_TRUE(directory->Writer("t", 0).value()->Append(std::move(batch)).ok());
  const auto start = [&](const std::string& option, const std::string& time) -> StatusOr<Offset> {
    ASSIGN_OR_RETURN(const auto source, MakeSource("log", {{"topic", "t"}, {"scan.startup.mode", "timestamp"}, {option, time}}));
    ASSIGN_OR_RETURN(const auto reader, source->Open(0, {}));
    return reader->position();
  };
  EXPECT_EQ(start("scan.startup.timestamp", "2024-05-06 07:08:12").value(), 3);
  EXPECT_EQ(start("scan.startup.timestamp", "2024-05-06 07:08:12.0005").value(), 4) << "records have milliseconds";
  EXPECT_EQ(start("scan.startup.timestamp", "2024-05-06 09:08:12+02").value(), 3);
  EXPECT_EQ(start("scan.startup.timestamp", "1714979290000").value(), 1);
  EXPECT_EQ(start("scan.startup.timestamp.millis", "1714979290001").value(), 2);
  EXPECT_EQ(start("scan.startup.timestamp", "2030-01-01").value(), 10);
  EXPECT_EQ(start("scan.startup.timestamp", "1970-01-01").value(), 0);
  EXPECT_EQ(SqlStateOf(start("scan.startup.timestamp", "yesterday?").status()), sqlstate::kInvalidParameterValue);
  EXPECT_EQ(SqlStateOf(start("scan.bounded.mode", "latest").status()), sqlstate::kInvalidParameterValue) << "no time given";
}

TEST_F(ConnectorsTest, TopicsOfAnotherDirectoryAreOnlyRead) {
  MakeSink("log", {{"topic", "t"}, {"partitions", "2"}})->Commit({1}).IgnoreError();
  const std::string elsewhere = directory_ / "broker";
  std::filesystem::create_directories(elsewhere);
  std::filesystem::copy(directory_ / "data/log/t-0", elsewhere + "/copied-0");
  const Options options = {{"topic", "copied"}, {"directory", elsewhere}};
  auto source = MakeSource("log", options).value();
  EXPECT_EQ(source->Partitions()->size(), 1u);
  EXPECT_EQ(source->Identity().value(), "");
  EXPECT_EQ(SqlStateOf(MakeSource("log", {{"topic", "other"}, {"directory", elsewhere}, {"partitions", "1"}}).status()), sqlstate::kUndefinedObject);
}

TEST_F(ConnectorsTest, ATopicHasAnIdentityAndRetention) {
  MakeSink("log", {{"topic", "t"}, {"retention.ms", "60000"}, {"retention.bytes", "1 MB"}});
  const auto directory = log::LogDirectory::Open(*context_.environment, context_.data_directory);
  EXPECT_EQ(directory->Describe("t")->retention.ms, 60'000);
  EXPECT_EQ(directory->Describe("t")->retention.bytes, 1 << 20);
  auto source = MakeSource("log", {{"topic", "t"}}).value();
  const std::string identity = source->Identity().value();
  EXPECT_EQ(identity.size(), 32u);
  EXPECT_EQ(MakeSource("log", {{"topic", "t"}}).value()->Identity().value(), identity);
  ASSERT_TRUE(directory->DeleteTopic("t").ok());
  MakeSink("log", {{"topic", "t"}});
  EXPECT_NE(source->Identity().value(), identity);
}

}  // namespace
}  // namespace kappa
