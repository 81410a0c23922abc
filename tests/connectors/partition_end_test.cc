// Where a partition ends, asked again and again while others append, roll, cut, and make the topic anew.
#include "connectors/log/partition_end.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "connectors/log/log_directory.h"
#include "connectors/log/log_partition_reader.h"
#include "connectors/log/topic_producer.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::log {
namespace {

std::string Batch(int records, size_t bytes = 10, ProducerStamp producer = {}) {
  RecordBatchBuilder builder;
  const std::string value(bytes, 'v');
  for (int i = 0; i < records; ++i) {
    OutgoingRecord record;
    record.value = value;
    record.timestamp_ms = 1000;
    builder.Add(record);
  }
  std::string batch;
  EXPECT_TRUE(builder.Finish(producer, &batch).ok());
  return batch;
}

class PartitionEndTest : public testing::Test {
 protected:
  std::unique_ptr<PartitionLog> OpenLog(PartitionLogOptions options = {}) {
    auto log = PartitionLog::Open(os::RealEnvironment(), path_, "t-0", options);
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }
  // By somebody who has just come.
  Offset FreshEnd() {
    PartitionEnd fresh(os::RealEnvironment().files(), path_, "t-0");
    return fresh.Range()->end;
  }
  uint64_t FileSize(Offset base = 0) { return std::filesystem::file_size(SegmentPath(path_, base, ".log")); }
  size_t RecordsRead() {
    LogPartitionReader reader(os::RealEnvironment().files(), path_, "t-0", 0, {});
    size_t count = 0;
    while (true) {
      const auto batch = reader.Poll({});
      EXPECT_TRUE(batch.ok()) << batch.status();
      if (!batch.ok() || batch->empty()) return count;
      count += batch->records.size();
    }
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "t-0";
  PartitionEnd end_{os::RealEnvironment().files(), path_, "t-0"};
};

TEST_F(PartitionEndTest, SeesWhatAnyProcessAppends) {
  EXPECT_EQ(end_.Range()->end, 0);  // there is no directory yet
  const auto log = OpenLog();
  EXPECT_EQ(end_.Range()->end, 0);
  for (int i = 1; i <= 50; ++i) {
    ASSERT_TRUE(log->Append(Batch(3)).ok());
    EXPECT_EQ(end_.Range()->end, 3 * i);
    EXPECT_EQ(end_.Range()->end, 3 * i);
    EXPECT_EQ(FreshEnd(), 3 * i);
  }
}

TEST_F(PartitionEndTest, FollowsSegmentsAndRetention) {
  PartitionLogOptions options;
  options.segment_bytes = 1000;
  options.retention.bytes = 3000;
  const auto log = OpenLog(options);
  Offset begin = 0;
  for (int i = 1; i <= 100; ++i) {
    ASSERT_TRUE(log->Append(Batch(5, 50)).ok());
    const OffsetRange range = *end_.Range();
    EXPECT_EQ(range.end, 5 * i);
    EXPECT_EQ(range.begin, ListSegments(os::RealEnvironment().files(), path_)->front());
    begin = range.begin;
  }
  EXPECT_GT(begin, 0);
}

TEST_F(PartitionEndTest, ATornTailIsNoEndAndMayBecomeOne) {
  { ASSERT_TRUE(OpenLog()->Append(Batch(4)).ok()); }
  const uint64_t whole = FileSize();
  EXPECT_EQ(end_.Range()->end, 4);
  { ASSERT_TRUE(OpenLog()->Append(Batch(4)).ok()); }
  const std::string bytes = *os::RealEnvironment().files().ReadAll(SegmentPath(path_, 0, ".log"));
  for (uint64_t size = whole; size < bytes.size(); ++size) {
    std::filesystem::resize_file(SegmentPath(path_, 0, ".log"), size);
    EXPECT_EQ(end_.Range()->end, 4) << size;
    EXPECT_EQ(FreshEnd(), 4) << size;
  }
  // The file has its full size before all of its bytes are there.
  std::filesystem::resize_file(SegmentPath(path_, 0, ".log"), bytes.size());
  EXPECT_EQ(end_.Range()->end, 4);
  {
    const auto file = *os::RealEnvironment().files().OpenForAppend(SegmentPath(path_, 0, ".log"));
    ASSERT_TRUE(file->Truncate(whole).ok());
    ASSERT_TRUE(file->Append(std::string_view(bytes).substr(whole)).ok());
  }
  EXPECT_EQ(end_.Range()->end, 8);
}

TEST_F(PartitionEndTest, ADirectoryThatIsMadeAnewBeginsAnew) {
  { ASSERT_TRUE(OpenLog()->Append(Batch(9)).ok()); }
  EXPECT_EQ(end_.Range()->end, 9);
  std::filesystem::remove_all(path_);
  EXPECT_EQ(end_.Range()->end, 0);
  { ASSERT_TRUE(OpenLog()->Append(Batch(2)).ok()); }
  EXPECT_EQ(end_.Range()->end, 2);
  std::filesystem::remove_all(path_);
  { ASSERT_TRUE(OpenLog()->Append(Batch(7)).ok()); }
  EXPECT_EQ(end_.Range()->end, 7);
}

TEST_F(PartitionEndTest, AnOpenTransactionHoldsTheEnd) {
  const auto log = OpenLog();
  ASSERT_TRUE(log->Append(Batch(2)).ok());
  ASSERT_TRUE(log->Append(Batch(3, 10, {4711, 0, 0, kTransactional})).ok());
  ASSERT_TRUE(log->Append(Batch(1)).ok());
  EXPECT_EQ(end_.Range()->end, 2);
  EXPECT_EQ(log->visible_offset(), 2);
  EXPECT_EQ(log->acknowledged_offset(), 2);
  ASSERT_TRUE(log->EndTransaction(TransactionMarker::kCommit, 4711, 0).ok());
  EXPECT_EQ(end_.Range()->end, 7);  // the marker takes an offset
  EXPECT_EQ(log->visible_offset(), 7);
}

TEST_F(PartitionEndTest, TheWriterOfThisProcessIsAskedInstead) {
  const auto directory = LogDirectory::Open(os::RealEnvironment(), directory_ / "data");
  ASSERT_TRUE(directory->CreateTopic("t", {}).ok());
  const auto end = *directory->End("t", 0);
  EXPECT_EQ(*end->Visible(), 0);
  auto writer = *directory->Writer("t", 0);
  ASSERT_TRUE(writer->Append(Batch(5), Durability::kWritten).ok());
  EXPECT_EQ(*end->Visible(), 5);
  EXPECT_EQ(*end->Acknowledged(), 0);
  ASSERT_TRUE(writer->Sync().ok());
  EXPECT_EQ(*end->Acknowledged(), 5);
  EXPECT_EQ(end->Range()->end, 5);
  ASSERT_TRUE(writer->Append(Batch(5), Durability::kSynced).ok());
  EXPECT_EQ(*end->Acknowledged(), 10);
  EXPECT_EQ(directory->End("t", 0)->get(), end.get());  // all share one
  writer.reset();
  EXPECT_EQ(*end->Visible(), 10);
  writer = *directory->Writer("t", 0);  // what is there when it opens has been acknowledged by whoever wrote it
  EXPECT_EQ(*end->Acknowledged(), 10);
  EXPECT_EQ(writer->acknowledged_offset(), 10);
}

TEST_F(PartitionEndTest, AReaderBesideAWriterThatRolls) {
  constexpr int kRecords = 5000;
  std::thread writer([&] {
    PartitionLogOptions options;
    options.segment_bytes = 10'000;
    const auto log = OpenLog(options);
    for (int i = 0; i < kRecords; ++i) EXPECT_TRUE(log->Append(Batch(1)).ok());
  });
  LogPartitionReader reader(os::RealEnvironment().files(), path_, "t-0", 0, {});
  Offset seen = 0;
  for (size_t read = 0; read < kRecords;) {
    const auto range = end_.Range();
    ASSERT_TRUE(range.ok()) << range.status();
    EXPECT_GE(range->end, seen);
    seen = range->end;
    const auto batch = reader.Poll({});
    ASSERT_TRUE(batch.ok()) << batch.status();
    read += batch->records.size();
  }
  writer.join();
  EXPECT_EQ(end_.Range()->end, kRecords);
}

}  // namespace
}  // namespace kappa::log
