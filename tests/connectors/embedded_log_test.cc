// The embedded log as its users see it: what is appended comes back, whatever happens to the files or to the order of threads.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "connectors/log/log_directory.h"
#include "connectors/log/log_partition_reader.h"
#include "connectors/log/topic_producer.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::log {
namespace {

std::string BatchOf(const std::vector<std::string>& values, ProducerStamp producer = {}, Compression compression = Compression::kNone) {
  RecordBatchBuilder builder(compression);
  for (const std::string& value : values) {
    OutgoingRecord record;
    record.value = value;
    record.timestamp_ms = 1000;
    builder.Add(record);
  }
  std::string batch;
  EXPECT_TRUE(builder.Finish(producer, &batch).ok());
  return batch;
}

std::unique_ptr<PartitionLog> OpenLog(const std::string& directory, PartitionLogOptions options = {}) {
  auto log = PartitionLog::Open(os::RealEnvironment(), directory, "t-0", options);
  EXPECT_TRUE(log.ok()) << log.status();
  return log.ok() ? std::move(log).value() : nullptr;
}

LogPartitionReader ReaderOf(const std::string& directory, size_t read_bytes = 4096) {
  return LogPartitionReader(os::RealEnvironment().files(), directory, "t-0", 0, {}, read_bytes);
}

// Every value from the reader's position on; checks that offsets ascend and positions follow.
std::vector<std::string> ReadAll(PartitionReader& reader, BatchLimit limit = {}) {
  std::vector<std::string> values;
  Offset last = -1;
  while (true) {
    const auto batch = reader.Poll(limit);
    EXPECT_TRUE(batch.ok()) << batch.status();
    if (!batch.ok() || batch->empty()) return values;
    for (const Record& record : batch->records) {
      EXPECT_GT(record.offset, last);
      last = record.offset;
      values.emplace_back(record.value, record.value_size);
    }
    EXPECT_GE(batch->next, last + 1);
    EXPECT_EQ(reader.position(), batch->next);
  }
}

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> values;
  for (int i = from; i < to; ++i) values.push_back("value-" + std::to_string(i));
  return values;
}

TEST(EmbeddedLog, ReadsBackAcrossSegmentsFromEveryPosition) {
  TemporaryDirectory directory;
  PartitionLogOptions options;
  options.segment_bytes = 2000;
  options.sync = false;
  const auto log = OpenLog(directory / "t-0", options);
  for (int i = 0; i < 300; i += 10) ASSERT_EQ(log->Append(BatchOf(Numbers(i, i + 10))).value(), i);
  EXPECT_GT(ListSegments(os::RealEnvironment().files(), directory / "t-0")->size(), 3u);
  for (const size_t read_bytes : {100, 1000, 1 << 20}) {
    LogPartitionReader reader = ReaderOf(directory / "t-0", read_bytes);
    EXPECT_EQ(ReadAll(reader), Numbers(0, 300));
    for (int from = 0; from < 300; from += 7) {
      ASSERT_TRUE(reader.Seek(from).ok());
      EXPECT_EQ(ReadAll(reader, {.records = 13}), Numbers(from, 300)) << from;
    }
  }
  LogPartitionReader reader = ReaderOf(directory / "t-0");
  EXPECT_EQ(reader.Range()->begin, 0);
  EXPECT_EQ(reader.Range()->end, 300);
}

TEST(EmbeddedLog, LimitsAreExact) {
  TemporaryDirectory directory;
  const auto log = OpenLog(directory / "t-0");
  ASSERT_TRUE(log->Append(BatchOf(Numbers(0, 100))).ok());
  LogPartitionReader reader = ReaderOf(directory / "t-0");
  EXPECT_EQ(reader.Poll({.records = 7})->records.size(), 7u);
  const auto until = reader.Poll({.end = 10});
  EXPECT_EQ(until->records.size(), 3u);
  EXPECT_EQ(until->next, 10);
  EXPECT_TRUE(reader.Poll({.end = 10})->empty());
  EXPECT_EQ(reader.Poll({.bytes = 20})->records.size(), 2u);  // "value-10" has 8 bytes
  EXPECT_EQ(reader.Poll({.bytes = 1})->records.size(), 1u) << "at least one record, or nothing would ever move";
  EXPECT_EQ(reader.position(), 13);
}

TEST(EmbeddedLog, CompressedBatchesReadBack) {
  for (const Compression compression : {Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd}) {
    TemporaryDirectory directory;
    const auto log = OpenLog(directory / "t-0");
    for (int i = 0; i < 2000; i += 500) ASSERT_TRUE(log->Append(BatchOf(Numbers(i, i + 500), {}, compression)).ok());
    LogPartitionReader reader = ReaderOf(directory / "t-0", 1000);  // each batch is larger than a read, and than what it inflates into at first
    EXPECT_EQ(ReadAll(reader), Numbers(0, 2000));
  }
}

TEST(EmbeddedLog, BatchesStayReadableWhileTheReaderGoesOn) {
  TemporaryDirectory directory;
  const auto log = OpenLog(directory / "t-0");
  for (int i = 0; i < 1000; i += 50) ASSERT_TRUE(log->Append(BatchOf(Numbers(i, i + 50))).ok());
  LogPartitionReader reader = ReaderOf(directory / "t-0", 1000);
  std::vector<RecordBatch> held;
  while (true) {
    auto batch = reader.Poll({});
    ASSERT_TRUE(batch.ok());
    if (batch->empty()) break;
    held.push_back(std::move(batch).value());
  }
  std::vector<std::string> values;
  for (const RecordBatch& batch : held) {
    for (const Record& record : batch.records) values.emplace_back(record.value, record.value_size);
  }
  EXPECT_EQ(values, Numbers(0, 1000));
}

TEST(EmbeddedLog, AReaderTailsWhatIsAppendedAndRolled) {
  TemporaryDirectory directory;
  PartitionLogOptions options;
  options.segment_bytes = 500;
  LogPartitionReader reader = ReaderOf(directory / "t-0");
  EXPECT_TRUE(reader.Poll({})->empty()) << "the partition does not exist yet";
  const auto log = OpenLog(directory / "t-0", options);
  for (int i = 0; i < 60; i += 5) {
    EXPECT_TRUE(reader.Poll({})->empty());
    ASSERT_TRUE(log->Append(BatchOf(Numbers(i, i + 5))).ok());
    EXPECT_EQ(ReadAll(reader), Numbers(i, i + 5));
  }
}

TEST(EmbeddedLog, ATailTornAtAnyByteIsCutAndTheLogGoesOn) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0";
  const std::string log_file = SegmentPath(path, 0, ".log");
  {
    const auto log = OpenLog(path);
    ASSERT_TRUE(log->Append(BatchOf(Numbers(0, 5))).ok());
  }
  const auto whole = std::filesystem::file_size(log_file);
  {
    const auto log = OpenLog(path);
    ASSERT_TRUE(log->Append(BatchOf(Numbers(5, 8))).ok());
  }
  const std::string bytes = os::RealEnvironment().files().ReadAll(log_file).value();
  for (size_t size = whole; size < bytes.size(); ++size) {
    std::ofstream(log_file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(size));
    LogPartitionReader reader = ReaderOf(path);
    EXPECT_EQ(ReadAll(reader), Numbers(0, 5)) << "a torn batch is no record, even before the repair";
    EXPECT_EQ(reader.Range()->end, 5);
    const auto log = OpenLog(path);
    EXPECT_EQ(log->repair().bytes_cut, size - whole);
    EXPECT_EQ(std::filesystem::file_size(log_file), whole);
    ASSERT_EQ(log->Append(BatchOf(Numbers(5, 6))).value(), 5);
    EXPECT_EQ(ReadAll(reader), Numbers(5, 6)) << "the reader goes on where it stood";
  }
}

TEST(EmbeddedLog, AWrongChecksumAtTheEndIsCutButKept) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0", log_file = SegmentPath(path, 0, ".log");
  { ASSERT_TRUE(OpenLog(path)->Append(BatchOf(Numbers(0, 5))).ok()); }
  const auto whole = std::filesystem::file_size(log_file);
  { ASSERT_TRUE(OpenLog(path)->Append(BatchOf(Numbers(5, 8))).ok()); }
  std::fstream(log_file, std::ios::binary | std::ios::in | std::ios::out).seekp(-1, std::ios::end).put('\x55');
  const auto log = OpenLog(path);
  EXPECT_EQ(log->next_offset(), 5);
  ASSERT_FALSE(log->repair().kept_in.empty());
  EXPECT_EQ(std::filesystem::file_size(log->repair().kept_in), log->repair().bytes_cut);
  EXPECT_EQ(std::filesystem::file_size(log_file), whole);
}

TEST(EmbeddedLog, WholeBatchesBehindDamageAreKeptInAFile) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0", log_file = SegmentPath(path, 0, ".log");
  { ASSERT_TRUE(OpenLog(path)->Append(BatchOf(Numbers(0, 5))).ok()); }
  const auto whole = std::filesystem::file_size(log_file);
  {
    const auto log = OpenLog(path);
    ASSERT_TRUE(log->Append(BatchOf(Numbers(5, 8))).ok());
    ASSERT_TRUE(log->Append(BatchOf(Numbers(8, 9))).ok());
  }
  const std::string bytes = os::RealEnvironment().files().ReadAll(log_file).value();
  std::fstream(log_file, std::ios::binary | std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(whole + 16)).put('\x07');
  const auto log = OpenLog(path);
  EXPECT_EQ(log->next_offset(), 5);
  ASSERT_FALSE(log->repair().kept_in.empty());
  EXPECT_EQ(os::RealEnvironment().files().ReadAll(log->repair().kept_in)->substr(17), bytes.substr(whole + 17));
}

TEST(EmbeddedLog, ABatchAtAnOffsetThatItCannotHaveIsDamage) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0", log_file = SegmentPath(path, 0, ".log");
  { ASSERT_TRUE(OpenLog(path)->Append(BatchOf(Numbers(0, 5))).ok()); }
  const auto second = std::filesystem::file_size(log_file);
  { ASSERT_TRUE(OpenLog(path)->Append(BatchOf(Numbers(5, 8))).ok()); }
  std::fstream(log_file, std::ios::binary | std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(second + 5)).put('\x01');
  PartitionLogOptions options;
  options.contiguous = true;
  const auto refused = PartitionLog::Open(os::RealEnvironment(), path, "t-0", options);
  EXPECT_EQ(SqlStateOf(refused.status()), sqlstate::kDataCorrupted);
  EXPECT_NE(MessageOf(refused.status()).find(log_file), std::string::npos) << MessageOf(refused.status());
  LogPartitionReader reader = ReaderOf(path);
  reader.MadeHere("");
  EXPECT_EQ(reader.Range()->end, 5);
  EXPECT_EQ(reader.Poll({})->records.size(), 5u);
  EXPECT_EQ(SqlStateOf(reader.Poll({}).status()), sqlstate::kDataCorrupted);
  LogPartitionReader gaps = ReaderOf(path);
  EXPECT_EQ(ReadAll(gaps).size(), 8u) << "as compaction leaves them";
}

TEST(EmbeddedLog, DamageInTheMiddleIsAnErrorThatNamesThePlace) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0", log_file = SegmentPath(path, 0, ".log");
  const auto log = OpenLog(path);
  ASSERT_TRUE(log->Append(BatchOf(Numbers(0, 5))).ok());
  const auto second = std::filesystem::file_size(log_file);
  ASSERT_TRUE(log->Append(BatchOf(Numbers(5, 8))).ok());
  ASSERT_TRUE(log->Append(BatchOf(Numbers(8, 9))).ok());
  std::fstream(log_file, std::ios::binary | std::ios::in | std::ios::out).seekp(static_cast<std::streamoff>(second + 70)).put('\x55');
  LogPartitionReader reader = ReaderOf(path);
  EXPECT_EQ(reader.Poll({})->records.size(), 5u) << "what precedes the damage is delivered";
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto batch = reader.Poll({});
    ASSERT_FALSE(batch.ok());
    EXPECT_EQ(SqlStateOf(batch.status()), sqlstate::kDataCorrupted);
    EXPECT_NE(MessageOf(batch.status()).find("t-0, offset 5"), std::string::npos) << MessageOf(batch.status());
  }
}

TEST(EmbeddedLog, PositionsOutsideTheLogAreErrors) {
  TemporaryDirectory directory;
  PartitionLogOptions options;
  options.segment_bytes = 300;
  const auto log = OpenLog(directory / "t-0", options);
  for (int i = 0; i < 30; i += 5) ASSERT_TRUE(log->Append(BatchOf(Numbers(i, i + 5))).ok());
  const auto bases = ListSegments(os::RealEnvironment().files(), directory / "t-0").value();
  ASSERT_GT(bases.size(), 2u);
  std::filesystem::remove(SegmentPath(directory / "t-0", bases[0], ".log"));  // as retention does
  LogPartitionReader reader = ReaderOf(directory / "t-0");
  EXPECT_EQ(reader.Range()->begin, bases[1]);
  EXPECT_EQ(SqlStateOf(reader.Poll({}).status()), sqlstate::kOffsetLost);
  ASSERT_TRUE(reader.Seek(31).ok());
  EXPECT_EQ(SqlStateOf(reader.Poll({}).status()), sqlstate::kOffsetLost);
  ASSERT_TRUE(reader.Seek(30).ok());
  EXPECT_TRUE(reader.Poll({})->empty());
}

TEST(EmbeddedLog, RepeatedAppendsKeepTheirOffsetAndGapsAreRefused) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0";
  PartitionLogOptions options;
  options.segment_bytes = 400;
  {
    const auto log = OpenLog(path, options);
    EXPECT_EQ(log->Append(BatchOf(Numbers(0, 3), {7, 0, 0})).value(), 0);
    EXPECT_EQ(log->Append(BatchOf(Numbers(3, 5), {7, 0, 3})).value(), 3);
    EXPECT_EQ(log->Append(BatchOf(Numbers(3, 5), {7, 0, 3})).value(), 3) << "a repeat";
    EXPECT_EQ(log->Append(BatchOf(Numbers(0, 3), {7, 0, 0})).value(), 0) << "an older repeat";
    EXPECT_EQ(SqlStateOf(log->Append(BatchOf(Numbers(9, 10), {7, 0, 9})).status()), sqlstate::kObjectNotInPrerequisiteState);
    EXPECT_EQ(log->next_offset(), 5);
    for (int i = 5; i < 40; ++i) ASSERT_EQ(log->Append(BatchOf(Numbers(i, i + 1))).value(), i);  // rolls segments
  }
  const auto log = OpenLog(path, options);
  EXPECT_EQ(log->Append(BatchOf(Numbers(3, 5), {7, 0, 3})).value(), 3) << "remembered over a restart, though its segment is not read again";
  EXPECT_EQ(log->Append(BatchOf(Numbers(40, 41), {7, 0, 5})).value(), 40);
  EXPECT_EQ(log->Append(BatchOf(Numbers(41, 42), {7, 1, 0})).value(), 41) << "a new epoch begins at 0";
  EXPECT_FALSE(log->Append(BatchOf(Numbers(42, 43), {7, 0, 6})).ok()) << "the old epoch has been fenced off";
}

TEST(EmbeddedLog, AFailedBlobLeavesNothing) {
  TemporaryDirectory directory;
  const auto log = OpenLog(directory / "t-0");
  ASSERT_TRUE(log->Append(BatchOf(Numbers(0, 1), {7, 0, 0})).ok());
  EXPECT_FALSE(log->Append(BatchOf(Numbers(1, 2), {7, 0, 1}) + BatchOf(Numbers(2, 3), {7, 0, 5})).ok());
  EXPECT_FALSE(log->Append("no batch at all").ok());
  LogPartitionReader reader = ReaderOf(directory / "t-0");
  EXPECT_EQ(ReadAll(reader), Numbers(0, 1));
  EXPECT_EQ(log->Append(BatchOf(Numbers(1, 2), {7, 0, 1})).value(), 1);
}

TEST(EmbeddedLog, ConcurrentAppendsGetTheOffsetsTheyAreTold) {
  TemporaryDirectory directory;
  const auto log = OpenLog(directory / "t-0");
  constexpr int kThreads = 8, kAppends = 50;
  std::vector<std::vector<Offset>> offsets(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kAppends; ++i) offsets[t].push_back(log->Append(BatchOf({std::to_string(t) + ":" + std::to_string(i)})).value());
    });
  }
  for (std::thread& thread : threads) thread.join();
  LogPartitionReader reader = ReaderOf(directory / "t-0");
  const std::vector<std::string> values = ReadAll(reader);
  ASSERT_EQ(values.size(), static_cast<size_t>(kThreads * kAppends));
  for (int t = 0; t < kThreads; ++t) {
    for (int i = 0; i < kAppends; ++i) EXPECT_EQ(values[static_cast<size_t>(offsets[t][i])], std::to_string(t) + ":" + std::to_string(i));
  }
}

TEST(LogDirectory, TopicsAreCreatedListedProducedToAndDeleted) {
  TemporaryDirectory data;
  const auto directory = LogDirectory::Open(os::RealEnvironment(), data.path());
  EXPECT_TRUE(directory->ListTopics()->empty());
  ASSERT_TRUE(directory->CreateTopic("bids", {.partitions = 3}).ok());
  EXPECT_EQ(SqlStateOf(directory->CreateTopic("bids", {})), sqlstate::kDuplicateObject);
  EXPECT_EQ(SqlStateOf(directory->CreateTopic("../x", {})), sqlstate::kInvalidParameterValue);
  EXPECT_EQ(SqlStateOf(directory->CreateTopic("x", {.partitions = 0})), sqlstate::kInvalidParameterValue);
  EXPECT_EQ(directory->Describe("bids")->partitions, 3);
  EXPECT_EQ(directory->ListTopics().value(), std::vector<std::string>{"bids"});
  EXPECT_EQ(HintOf(directory->Describe("bid").status()).empty(), false);
  int wakes = 0;
  auto ticket = directory->Subscribe("bids", [&] { ++wakes; });
  {
    const auto producer = TopicProducer::Open(directory, "bids").value();
    for (int i = 0; i < 100; ++i) {
      const std::string key = "k" + std::to_string(i);
      OutgoingRecord record;
      record.key = key;
      record.has_key = true;
      record.value = key;
      ASSERT_TRUE(producer->Add(record).ok());
    }
    ASSERT_TRUE(producer->Flush().ok());
    EXPECT_EQ(wakes, 3);
    EXPECT_EQ(SqlStateOf(directory->DeleteTopic("bids")), sqlstate::kObjectInUse);
    const auto other_process = LogDirectory::Open(os::RealEnvironment(), data.path());
    EXPECT_EQ(SqlStateOf(other_process->Writer("bids", 0).status()), sqlstate::kObjectInUse);
    Offset total = 0;
    const std::vector<OffsetRange> ranges = other_process->Ranges("bids").value();
    for (const OffsetRange& range : ranges) total += range.end - range.begin;
    EXPECT_EQ(total, 100) << "reading beside a writer works";
  }
  for (int32_t p = 0; p < 3; ++p) {
    const auto reader = directory->Reader("bids", p, {.key = true}).value();
    for (const std::string& value : ReadAll(*reader)) EXPECT_EQ(PartitionOfKey(value, 3), p);
  }
  ticket.reset();
  EXPECT_TRUE(directory->DeleteTopic("bids").ok());
  EXPECT_EQ(SqlStateOf(directory->Describe("bids").status()), sqlstate::kUndefinedObject);
}

TEST(LogDirectory, AReaderNoticesThatItsTopicIsAnother) {
  TemporaryDirectory data;
  const auto directory = LogDirectory::Open(os::RealEnvironment(), data.path());
  const auto append = [&](int from, int to) { EXPECT_TRUE(directory->Writer("t", 0).value()->Append(BatchOf(Numbers(from, to))).ok()); };
  const auto first_error = [](PartitionReader& reader) {
    for (int poll = 0; poll < 40; ++poll) {
      const auto batch = reader.Poll({});
      if (!batch.ok()) return batch.status();
      EXPECT_TRUE(batch->empty());
    }
    return OkStatus();
  };
  ASSERT_TRUE(directory->CreateTopic("t", {}).ok());
  append(0, 5);
  const auto reader = directory->Reader("t", 0, {}).value();
  EXPECT_EQ(ReadAll(*reader), Numbers(0, 5));
  EXPECT_TRUE(first_error(*reader).ok());
  ASSERT_TRUE(directory->DeleteTopic("t").ok());
  EXPECT_EQ(SqlStateOf(first_error(*reader)), sqlstate::kOffsetLost) << "deleted";
  ASSERT_TRUE(directory->CreateTopic("t", {}).ok());
  append(0, 9);
  const Status anew = first_error(*reader);
  EXPECT_EQ(SqlStateOf(anew), sqlstate::kOffsetLost) << "with as many records and more";
  ASSERT_TRUE(reader->Seek(0).ok());
  EXPECT_EQ(ReadAll(*reader), Numbers(0, 9));
  EXPECT_EQ(reader->Range()->end, 9);
  EXPECT_TRUE(first_error(*reader).ok());
}

TEST(LogDirectory, ADirectoryCopiedFromABrokerIsATopic) {
  TemporaryDirectory data;
  {
    const auto log = OpenLog(data / "log/events-0");
    ASSERT_TRUE(log->Append(BatchOf(Numbers(0, 3))).ok());
  }
  OpenLog(data / "log/events-1");
  const auto directory = LogDirectory::Open(os::RealEnvironment(), data.path());
  EXPECT_EQ(directory->ListTopics().value(), std::vector<std::string>{"events"});
  EXPECT_EQ(directory->Describe("events")->partitions, 2);
  EXPECT_EQ(directory->Range("events", 0)->end, 3);
}

TEST(LogDirectory, TheSampleTopicReadsBack) {
  TemporaryDirectory data;
  const auto directory = LogDirectory::Open(os::RealEnvironment(), data.path());
  ASSERT_TRUE(WriteSampleTopic(directory, "sample", 21).ok());
  const auto reader = directory->Reader("sample", 0, {.key = true, .timestamp = true, .headers = true}).value();
  const auto batch = reader->Poll({});
  ASSERT_TRUE(batch.ok());
  ASSERT_EQ(batch->records.size(), 63u);
  EXPECT_EQ(batch->records[6].value, nullptr);
  EXPECT_EQ(batch->records[0].headers->size(), 2u);
}

}  // namespace
}  // namespace kappa::log
