// The embedded log and time: positions by timestamp, and retention.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "connectors/log/log_partition_reader.h"
#include "connectors/log/partition_log.h"
#include "connectors/log/time_lookup.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::log {
namespace {

class SetClock final : public os::Clock {
 public:
  int64_t now_ms = os::RealEnvironment().clock().WallMicros() / 1000;  // files have real times of writing
  int64_t WallMicros() override { return now_ms * 1000; }
  int64_t MonotonicNanos() override { return now_ms * 1'000'000; }
  int64_t CpuNanos() override { return 0; }
};

class SetClockEnvironment final : public os::Environment {
 public:
  SetClock set_clock;
  os::Clock& clock() override { return set_clock; }
  os::FileSystem& files() override { return os::RealEnvironment().files(); }
  os::Random& random() override { return os::RealEnvironment().random(); }
  os::Threads& threads() override { return os::RealEnvironment().threads(); }
};

std::string BatchOf(const std::vector<int64_t>& timestamps, Compression compression = Compression::kNone, size_t value_bytes = 100) {
  RecordBatchBuilder builder(compression);
  const std::string value(value_bytes, 'v');
  for (const int64_t timestamp : timestamps) {
    OutgoingRecord record;
    record.value = value;
    record.timestamp_ms = timestamp;
    builder.Add(record);
  }
  std::string batch;
  EXPECT_TRUE(builder.Finish({}, &batch).ok());
  return batch;
}

std::unique_ptr<PartitionLog> OpenLog(os::Environment& environment, const std::string& path, uint64_t segment_bytes, Retention retention = {}) {
  PartitionLogOptions options;
  options.segment_bytes = segment_bytes;
  options.sync = false;
  options.retention = retention;
  auto log = PartitionLog::Open(environment, path, "t-0", options);
  EXPECT_TRUE(log.ok()) << log.status();
  return std::move(log).value();
}

LogPartitionReader ReaderOf(const std::string& path) { return LogPartitionReader(os::RealEnvironment().files(), path, "t-0", 0, {}); }

Offset FirstSince(const std::vector<int64_t>& timestamps, int64_t timestamp) {
  const auto found = std::find_if(timestamps.begin(), timestamps.end(), [&](int64_t t) { return t >= timestamp; });
  return found - timestamps.begin();
}

TEST(LogTime, PositionsByTimeAreThoseOfALinearSearch) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    std::mt19937 random(seed);
    TemporaryDirectory directory;
    const std::string path = directory / "t-0";
    const auto log = OpenLog(os::RealEnvironment(), path, 20'000);
    const Compression compression = seed % 2 == 0 ? Compression::kLz4 : Compression::kNone;
    const int64_t disorder = seed < 3 ? 1 : 2000;  // milliseconds
    std::vector<int64_t> timestamps;
    int64_t now = 10'000;
    while (timestamps.size() < 3000) {
      std::vector<int64_t> batch;
      for (unsigned i = 0; i <= random() % 20; ++i) batch.push_back((now += random() % 50) + static_cast<int64_t>(random() % disorder));
      ASSERT_TRUE(log->Append(BatchOf(batch, compression)).ok());
      timestamps.insert(timestamps.end(), batch.begin(), batch.end());
    }
    ASSERT_GT(ListSegments(os::RealEnvironment().files(), path)->size(), 2u);
    LogPartitionReader reader = ReaderOf(path);
    const auto check = [&](const char* what) {
      for (int i = 0; i < 60; ++i) {
        const int64_t timestamp = 9'000 + static_cast<int64_t>(random() % static_cast<unsigned>(now));
        ASSERT_EQ(reader.PositionAt(timestamp).value(), FirstSince(timestamps, timestamp)) << what << ", seed " << seed << ", time " << timestamp;
      }
    };
    check("with its index");
    EXPECT_EQ(reader.PositionAt(INT64_MAX).value(), static_cast<Offset>(timestamps.size()));
    EXPECT_EQ(reader.PositionAt(0).value(), 0);
    const std::string index = SegmentPath(path, ListSegments(os::RealEnvironment().files(), path)->at(1), ".timeindex");
    const std::string good = os::RealEnvironment().files().ReadAll(index).value();
    ASSERT_GE(good.size(), 24u);
    for (int round = 0; round < 5; ++round) {
      std::string bad = good;
      for (int flips = 0; flips < 20; ++flips) bad[random() % bad.size()] = static_cast<char>(random());
      std::ofstream(index, std::ios::binary | std::ios::trunc) << bad;
      EXPECT_TRUE(reader.PositionAt(now / 2).ok());
    }
    std::filesystem::remove(index);
    check("without it");
  }
}

TEST(LogTime, SegmentsPastTheirTimeGo) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0";
  SetClockEnvironment environment;
  SetClock& clock = environment.set_clock;
  auto log = OpenLog(environment, path, 1000, {.ms = 60'000});
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(log->Append(BatchOf({clock.now_ms, clock.now_ms})).ok());
    clock.now_ms += 1000;
  }
  LogPartitionReader reader = ReaderOf(path);
  EXPECT_EQ(reader.Range()->begin, 0) << "nothing is a minute old";
  ASSERT_FALSE(reader.Poll({.records = 1})->empty());
  LogPartitionReader late = ReaderOf(path);
  ASSERT_TRUE(late.Seek(2).ok());
  clock.now_ms += 45'000;
  ASSERT_TRUE(log->ApplyRetention().ok());
  const Offset begin = reader.Range()->begin;
  EXPECT_GT(begin, 10);
  EXPECT_LT(begin, 40);
  EXPECT_EQ(reader.Range()->end, 60);
  EXPECT_EQ(SqlStateOf(late.Poll({}).status()), sqlstate::kOffsetLost);
  // The reader in the middle of a removed segment reads what it has open, then is told.
  Status failure;
  int64_t records = 1;
  while (failure.ok()) {
    const auto batch = reader.Poll({});
    failure = batch.status();
    if (batch.ok()) records += static_cast<int64_t>(batch->records.size());
    ASSERT_TRUE(!batch.ok() || !batch->empty());
  }
  EXPECT_EQ(SqlStateOf(failure), sqlstate::kOffsetLost) << failure;
  EXPECT_LT(records, begin);
  ASSERT_TRUE(reader.Seek(begin).ok());
  EXPECT_FALSE(reader.Poll({})->empty());
  // The last segment ends when it is old, so that its records go too, at an append or when the partition is opened.
  clock.now_ms += 1'000'000;
  log.reset();
  log = OpenLog(environment, path, 1000, {.ms = 60'000});
  EXPECT_EQ(reader.Range()->begin, 60);
  EXPECT_EQ(reader.Range()->end, 60);
  EXPECT_EQ(log->Append(BatchOf({clock.now_ms})).value(), 60);
}

TEST(LogTime, SegmentsBeyondTheSizeGo) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0";
  const auto log = OpenLog(os::RealEnvironment(), path, 2000, {.bytes = 5000});
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(log->Append(BatchOf({1000})).ok());
  uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) bytes += entry.path().extension() == ".log" ? entry.file_size() : 0;
  EXPECT_GE(bytes, 5000u);
  EXPECT_LT(bytes, 9000u);
  const OffsetRange range = ReaderOf(path).Range().value();
  EXPECT_GT(range.begin, 100);
  EXPECT_EQ(range.end, 200);
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name.size() > 20) EXPECT_GE(std::stoll(name.substr(0, 20)), range.begin) << "the indexes go with the segment";
  }
}

TEST(LogTime, AnOpenTransactionIsKept) {
  TemporaryDirectory directory;
  const std::string path = directory / "t-0";
  const auto log = OpenLog(os::RealEnvironment(), path, 1000, {.bytes = 1000});
  RecordBatchBuilder builder;
  OutgoingRecord record;
  record.value = "open";
  record.timestamp_ms = 1;
  builder.Add(record);
  std::string batch;
  ASSERT_TRUE(builder.Finish({7, 0, 0, kTransactional}, &batch).ok());
  ASSERT_TRUE(log->Append(std::move(batch)).ok());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(log->Append(BatchOf({1000})).ok());
  EXPECT_EQ(ReaderOf(path).Range()->begin, 0);
  std::string marker;
  ASSERT_TRUE(AppendMarker(TransactionMarker::kCommit, 7, 0, 2000, &marker).ok());
  ASSERT_TRUE(log->Append(std::move(marker)).ok());
  ASSERT_TRUE(log->ApplyRetention().ok());
  EXPECT_GT(ReaderOf(path).Range()->begin, 30);
}

}  // namespace
}  // namespace kappa::log
