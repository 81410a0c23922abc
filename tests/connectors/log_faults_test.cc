// The embedded log when the disk misbehaves: nothing acknowledged is lost, nothing refused appears.
#include <gtest/gtest.h>

#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "connectors/log/log_partition_reader.h"
#include "connectors/log/partition_log.h"
#include "tests/connectors/faulty_environment.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::log {
namespace {

std::string BatchOf(const std::string& value, int count = 1, Compression compression = Compression::kNone) {
  RecordBatchBuilder builder(compression);
  for (int i = 0; i < count; ++i) {
    OutgoingRecord record;
    record.value = value;
    record.timestamp_ms = i;
    builder.Add(record);
  }
  std::string batch;
  EXPECT_TRUE(builder.Finish({}, &batch).ok());
  return batch;
}

// Values up to the first error.
std::vector<std::string> ReadAll(const std::string& directory, Status* failure) {
  LogPartitionReader reader(os::RealEnvironment().files(), directory, "t-0", 0, {.headers = true}, 4096);
  std::vector<std::string> values;
  while (true) {
    const auto batch = reader.Poll({});
    *failure = batch.status();
    if (!batch.ok() || batch->empty()) return values;
    for (const Record& record : batch->records) values.emplace_back(record.value, record.value_size);
  }
}

TEST(LogFaults, AppendsThatWaitForTheDiskTogetherShareTheNextSync) {
  TemporaryDirectory directory;
  FaultyEnvironment environment;
  const auto log = PartitionLog::Open(environment, directory / "t-0", "t-0", {}).value();
  constexpr int kOthers = 6;
  std::atomic<bool> first_sync{true};
  std::atomic<int> started{0};
  environment.faults.on_sync = [&] {
    // The first sync is slow: it lasts until all others have come and stand in line.
    if (first_sync.exchange(false)) {
      while (started < kOthers) std::this_thread::yield();
      os::SleepNanos(50'000'000);
    }
    return OkStatus();
  };
  std::vector<std::thread> threads;
  threads.emplace_back([&] { EXPECT_TRUE(log->Append(BatchOf("first")).ok()); });
  while (first_sync) std::this_thread::yield();
  for (int i = 0; i < kOthers; ++i) {
    threads.emplace_back([&] {
      ++started;
      EXPECT_TRUE(log->Append(BatchOf("other")).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log->next_offset(), 1 + kOthers);
  EXPECT_LE(log->syncs(), 3u) << "one for the first, one for the rest; one more if a thread was held up";
}

TEST(LogFaults, AFullDiskRefusesTheAppendAndKeepsTheLogWhole) {
  for (const int64_t room : {0, 1, 60, 100}) {
    TemporaryDirectory directory;
    FaultyEnvironment environment;
    const auto log = PartitionLog::Open(environment, directory / "t-0", "t-0", {}).value();
    ASSERT_TRUE(log->Append(BatchOf("kept")).ok());
    environment.faults.bytes_left = room;
    EXPECT_EQ(SqlStateOf(log->Append(BatchOf("refused") + BatchOf("refused too")).status()), sqlstate::kDiskFull);
    environment.faults.bytes_left = INT64_MAX;
    EXPECT_EQ(log->Append(BatchOf("after")).value(), 1);
    Status failure;
    EXPECT_EQ(ReadAll(directory / "t-0", &failure), (std::vector<std::string>{"kept", "after"}));
    EXPECT_TRUE(failure.ok());
  }
}

TEST(LogFaults, AfterAFailedSyncNothingMoreIsAcknowledged) {
  TemporaryDirectory directory;
  FaultyEnvironment environment;
  {
    const auto log = PartitionLog::Open(environment, directory / "t-0", "t-0", {}).value();
    ASSERT_TRUE(log->Append(BatchOf("kept")).ok());
    environment.faults.on_sync = []() -> Status { return SqlError(sqlstate::kIoError) << "the disk is gone (injected)"; };
    EXPECT_EQ(SqlStateOf(log->Append(BatchOf("unknown")).status()), sqlstate::kIoError);
    environment.faults.on_sync = [] { return OkStatus(); };
    EXPECT_EQ(SqlStateOf(log->Append(BatchOf("no")).status()), sqlstate::kIoError);
  }
  const auto again = PartitionLog::Open(environment, directory / "t-0", "t-0", {}).value();
  Status failure;
  const std::vector<std::string> values = ReadAll(directory / "t-0", &failure);
  ASSERT_FALSE(values.empty());
  EXPECT_EQ(values[0], "kept");
  EXPECT_EQ(std::count(values.begin(), values.end(), "no"), 0);
}

// Whatever is in the files: no crash, no endless loop, and what is delivered is a beginning of what was written.
TEST(LogFaults, FlippedBytesNeverCrashTheReaderOrGiveWrongRecords) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0", file = SegmentPath(path, 0, ".log");
  std::vector<std::string> expected;
  {
    const auto log = PartitionLog::Open(os::RealEnvironment(), path, "t-0", {.sync = false}).value();
    for (int i = 0; i < 12; ++i) {
      const Compression compression = i % 3 == 0 ? Compression::kNone : i % 3 == 1 ? Compression::kLz4 : Compression::kZstd;
      ASSERT_TRUE(log->Append(BatchOf("value-" + std::to_string(i), 20, compression)).ok());
      expected.insert(expected.end(), 20, "value-" + std::to_string(i));
    }
  }
  const std::string good = os::RealEnvironment().files().ReadAll(file).value();
  std::mt19937 random(11);
  int noticed = 0;
  for (int round = 0; round < 200; ++round) {
    std::string bad = good;
    for (uint32_t flips = 1 + random() % 3; flips > 0; --flips) bad[random() % bad.size()] = static_cast<char>(random());
    if (round % 4 == 0) bad.resize(random() % bad.size());
    std::ofstream(file, std::ios::binary | std::ios::trunc).write(bad.data(), static_cast<std::streamsize>(bad.size()));
    Status failure;
    const std::vector<std::string> values = ReadAll(path, &failure);
    ASSERT_LE(values.size(), expected.size());
    EXPECT_TRUE(std::equal(values.begin(), values.end(), expected.begin())) << round;
    noticed += values.size() < expected.size();
    // The repair finds a log that can be read without error and written to.
    TemporaryDirectory copy;
    os::RealEnvironment().files().CreateDirectories(copy / "t-0").IgnoreError();
    std::ofstream(SegmentPath(copy / "t-0", 0, ".log"), std::ios::binary).write(bad.data(), static_cast<std::streamsize>(bad.size()));
    const auto log = PartitionLog::Open(os::RealEnvironment(), copy / "t-0", "t-0", {.sync = false});
    ASSERT_TRUE(log.ok()) << log.status();
    ASSERT_TRUE((*log)->Append(BatchOf("new")).ok());
    const std::vector<std::string> repaired = ReadAll(copy / "t-0", &failure);
    EXPECT_TRUE(failure.ok()) << failure;
    ASSERT_FALSE(repaired.empty());
    EXPECT_EQ(repaired.back(), "new");
  }
  EXPECT_GT(noticed, 150);
}

TEST(LogFaults, ADamagedIndexIsOnlyAHint) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0";
  const auto log = PartitionLog::Open(os::RealEnvironment(), path, "t-0", {.sync = false}).value();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(log->Append(BatchOf(std::string(500, static_cast<char>('a' + i % 26)))).ok());
  const std::string index = os::RealEnvironment().files().ReadAll(SegmentPath(path, 0, ".index")).value();
  ASSERT_GT(index.size(), 8u * 5);
  std::mt19937 random(3);
  for (int round = 0; round < 100; ++round) {
    std::string bad = index;
    for (int flips = 0; flips < 5; ++flips) bad[random() % bad.size()] = static_cast<char>(random());
    if (round % 5 == 0) bad.resize(random() % bad.size());
    std::ofstream(SegmentPath(path, 0, ".index"), std::ios::binary | std::ios::trunc).write(bad.data(), static_cast<std::streamsize>(bad.size()));
    LogPartitionReader reader(os::RealEnvironment().files(), path, "t-0", 0, {});
    EXPECT_EQ(reader.Range()->end, 100);
    const Offset from = random() % 100;
    ASSERT_TRUE(reader.Seek(from).ok());
    const auto batch = reader.Poll({});
    ASSERT_TRUE(batch.ok()) << batch.status();
    ASSERT_FALSE(batch->empty());
    EXPECT_EQ(batch->records[0].offset, from);
    EXPECT_EQ(batch->records.back().offset, 99);
  }
}

}  // namespace
}  // namespace kappa::log
