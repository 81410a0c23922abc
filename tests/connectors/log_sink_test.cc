// The log sink of a durable program: every committed epoch is in the topic once, whatever the process died of.
#include "connectors/log/log_sink.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "connectors/log/checked_text.h"
#include "tests/connectors/faulty_environment.h"
#include "tests/connectors/temporary_directory.h"
#include "types/change_batch.h"

namespace kappa::log {
namespace {

// Rows are C strings "key=value".
class TextEncoder final : public RecordEncoder {
 public:
  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    const std::string_view row = changes.rows[index];
    const size_t equals = row.find('=');
    record->has_key = equals > 0;
    record->key = row.substr(0, equals);
    record->value = row.substr(equals + 1);
    return OkStatus();
  }
};

class LogSinkTest : public testing::Test {
 protected:
  void MakeTopic(int32_t partitions) {
    TopicSpec spec;
    spec.partitions = partitions;
    ASSERT_TRUE(LogDirectory::Open(environment_, data_.path())->CreateTopic("t", spec).ok());
  }
  // Each in a directory of its own, as if by another process.
  StatusOr<std::unique_ptr<Sink>> TryOpen(const std::string& writer) {
    return OpenLogSink(LogDirectory::Open(environment_, data_.path()), "t", writer, std::make_unique<TextEncoder>());
  }
  std::unique_ptr<Sink> Open(const std::string& writer = "program/out") {
    auto sink = TryOpen(writer);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return sink.ok() ? std::move(sink).value() : nullptr;
  }
  static Status Write(Sink& sink, Epoch epoch, const std::vector<std::string>& rows) {
    std::vector<const char*> pointers;
    for (const std::string& row : rows) pointers.push_back(row.c_str());
    ChangeBatch changes;
    changes.rows = pointers;
    return sink.Write(epoch, changes);
  }
  // Values by partition, as readers of the topic see them now.
  std::vector<std::string> Read(int32_t partition = 0) {
    const auto directory = LogDirectory::Open(os::RealEnvironment(), data_.path());
    auto reader = directory->Reader("t", partition, {}).value();
    std::vector<std::string> values;
    while (true) {
      const auto batch = reader->Poll({});
      EXPECT_TRUE(batch.ok()) << batch.status();
      if (!batch.ok() || batch->empty()) break;
      for (const Record& record : batch->records) values.emplace_back(record.value, record.value_size);
    }
    EXPECT_EQ(reader->position(), reader->Range()->end);
    return values;
  }
  std::string CommitsFile(const std::string& writer = "program/out") const { return data_ / "log/t.writers/" + WriterCommits::FileName(writer); }

  TemporaryDirectory data_;
  FaultyEnvironment environment_;
};

using Values = std::vector<std::string>;

TEST_F(LogSinkTest, EpochsAreSeenWholeAndRemembered) {
  MakeTopic(1);
  auto sink = Open();
  EXPECT_EQ(sink->guarantee(), Guarantee::kExactlyOnce);
  EXPECT_EQ(sink->LastCommitted()->epoch, -1);
  ASSERT_TRUE(Write(*sink, 3, {"=a"}).ok());
  ASSERT_TRUE(Write(*sink, 4, {"=b", "=c"}).ok());
  EXPECT_EQ(Read(), Values{});
  const std::string record("what\0ever\xff", 10);
  ASSERT_TRUE(sink->Commit({4, false, record}).ok());
  EXPECT_EQ(Read(), (Values{"a", "b", "c"}));
  sink.reset();
  sink = Open();
  EXPECT_EQ(sink->LastCommitted()->epoch, 4);
  EXPECT_EQ(sink->LastCommitted()->record, record);
  ASSERT_TRUE(Write(*sink, 5, {"=d"}).ok());
  ASSERT_TRUE(sink->Commit({5, false, "five"}).ok());
  EXPECT_EQ(Read(), (Values{"a", "b", "c", "d"}));
}

TEST_F(LogSinkTest, EmptyEpochsAreWrittenDownWhenTheyMayNotWait) {
  MakeTopic(1);
  auto sink = Open();
  ASSERT_TRUE(Write(*sink, 1, {"=a"}).ok());
  ASSERT_TRUE(sink->Commit({1, true, ""}).ok());
  EXPECT_EQ(sink->LastCommitted()->epoch, 1) << "rows do not wait";
  ASSERT_TRUE(sink->Commit({2, true, ""}).ok());
  EXPECT_EQ(sink->LastCommitted()->epoch, 1) << "running it again would write nothing";
  ASSERT_TRUE(sink->Commit({3, false, "three"}).ok());
  sink.reset();
  EXPECT_EQ(Open()->LastCommitted()->record, "three");
  EXPECT_EQ(LogDirectory::Open(environment_, data_.path())->Range("t", 0)->end, 2) << "one record, one marker";
}

TEST_F(LogSinkTest, WritersDoNotDisturbEachOther) {
  MakeTopic(1);
  const auto directory = LogDirectory::Open(environment_, data_.path());
  auto one = OpenLogSink(directory, "t", "one", std::make_unique<TextEncoder>()).value();
  auto two = OpenLogSink(directory, "t", "two", std::make_unique<TextEncoder>()).value();
  EXPECT_EQ(SqlStateOf(OpenLogSink(directory, "t", "two", std::make_unique<TextEncoder>()).status()), sqlstate::kObjectInUse);
  auto plain = OpenLogSink(directory, "t", "", std::make_unique<TextEncoder>()).value();
  EXPECT_EQ(plain->guarantee(), Guarantee::kAtLeastOnce);
  for (Epoch epoch = 1; epoch <= 3; ++epoch) {
    const std::string number = std::to_string(epoch);
    ASSERT_TRUE(Write(*one, epoch, {"=one" + number}).ok());
    ASSERT_TRUE(Write(*two, 10 * epoch, {"=two" + number}).ok());
    ASSERT_TRUE(Write(*plain, epoch, {"=plain" + number}).ok());
    ASSERT_TRUE(two->Commit({10 * epoch}).ok());
    ASSERT_TRUE(plain->Commit({epoch}).ok());
    if (epoch < 3) ASSERT_TRUE(one->Commit({epoch}).ok());
  }
  EXPECT_EQ(Read(), (Values{"two1", "plain1", "one1", "two2", "plain2", "one2", "two3", "plain3"}));
  EXPECT_EQ(one->LastCommitted()->epoch, 2);
  EXPECT_EQ(two->LastCommitted()->epoch, 30);
}

TEST_F(LogSinkTest, ALargeEpochIsAppendedEarlyAndStillInvisible) {
  MakeTopic(2);
  auto sink = Open();
  const std::string large(1 << 20, 'x');
  constexpr int kRows = 20;
  for (int i = 0; i < kRows; ++i) ASSERT_TRUE(Write(*sink, 1, {"k" + std::to_string(i) + "=" + large}).ok());
  uintmax_t written = 0;
  for (const char* partition : {"log/t-0", "log/t-1"}) written += std::filesystem::file_size(SegmentPath(data_ / partition, 0, ".log"));
  EXPECT_GE(written, uintmax_t{8} << 20);
  EXPECT_EQ(Read(0).size() + Read(1).size(), 0u);
  sink.reset();  // ends the transaction
  EXPECT_EQ(Read(0).size() + Read(1).size(), 0u);
  sink = Open();
  EXPECT_EQ(sink->LastCommitted()->epoch, -1);
  for (int i = 0; i < kRows; ++i) ASSERT_TRUE(Write(*sink, 1, {"k" + std::to_string(i) + "=" + large}).ok());
  ASSERT_TRUE(sink->Commit({1}).ok());
  EXPECT_EQ(Read(0).size() + Read(1).size(), static_cast<size_t>(kRows));
}

// The disk takes `room` bytes of what the epoch writes, and no more, and then the process is gone; for every `room`. What recovery finds is the epoch
// whole, or nothing of it, and LastCommitted says which; then it is written again if it has to be.
TEST_F(LogSinkTest, ACrashAtAnyByteLeavesTheEpochWholeOrNotAtAll) {
  const std::vector<std::string> first = {"a=1", "b=2", "c=3", "d=4"}, second = {"e=5", "f=6", "g=7", "h=8"};
  const auto sorted = [&] {
    Values values = Read(0);
    for (const std::string& value : Read(1)) values.push_back(value);
    std::sort(values.begin(), values.end());
    return values;
  };
  int before = 0, after = 0, incomplete_markers = 0;
  for (int64_t room = 0;; room += room < 20 ? 1 : 3) {
    std::filesystem::remove_all(data_ / "log");
    MakeTopic(2);
    bool complete = false;
    {
      auto sink = Open();
      ASSERT_TRUE(Write(*sink, 1, first).ok());
      ASSERT_TRUE(sink->Commit({1, false, "one"}).ok());
      ASSERT_TRUE(Write(*sink, 2, second).ok());
      environment_.faults.bytes_left = room;
      complete = sink->Commit({2, false, "two"}).ok();
      // Destroyed while nothing can be written.
    }
    environment_.faults.bytes_left = INT64_MAX;
    const Values seen = sorted();
    auto sink = Open();
    const Epoch last = sink->LastCommitted()->epoch;
    ASSERT_TRUE(last == 1 || last == 2) << room;
    if (complete) ASSERT_EQ(last, 2);
    const Values expected = last == 1 ? Values{"1", "2", "3", "4"} : Values{"1", "2", "3", "4", "5", "6", "7", "8"};
    ASSERT_EQ(sorted(), expected) << "room for " << room << " bytes";
    ASSERT_LE(seen.size(), expected.size()) << "nothing was seen that recovery took back";
    if (last == 2 && seen.size() < 8) ++incomplete_markers;
    ++(last == 1 ? before : after);
    ASSERT_EQ(sink->LastCommitted()->record, last == 1 ? "one" : "two");
    if (last == 1) {
      ASSERT_TRUE(Write(*sink, 2, second).ok());
      ASSERT_TRUE(sink->Commit({2, false, "two"}).ok());
      ASSERT_EQ(sorted().size(), 8u);
    }
    if (complete) break;
  }
  EXPECT_GT(before, 50);
  EXPECT_GT(after, 20);
  EXPECT_GT(incomplete_markers, 10);
}

// A writer that never comes back: the next to write to the partition, whoever it is, ends what it has left, as the writer's own file says.
TEST_F(LogSinkTest, OtherWritersEndWhatACrashHasLeft) {
  for (const int64_t room : {100, 220}) {  // the records; the decision too
    std::filesystem::remove_all(data_ / "log");
    MakeTopic(1);
    {
      auto sink = Open();
      ASSERT_TRUE(Write(*sink, 1, {"=a"}).ok());
      environment_.faults.bytes_left = room;
      EXPECT_FALSE(sink->Commit({1}).ok());
    }
    environment_.faults.bytes_left = INT64_MAX;
    const auto directory = LogDirectory::Open(environment_, data_.path());
    EXPECT_EQ(directory->Range("t", 0)->end, 0) << "the transaction is open";
    auto plain = OpenLogSink(directory, "t", "", std::make_unique<TextEncoder>()).value();
    ASSERT_TRUE(Write(*plain, 1, {"=b"}).ok());
    ASSERT_TRUE(plain->Commit({1}).ok());
    plain.reset();
    const bool decided = room == 220;
    EXPECT_EQ(Read(), decided ? (Values{"a", "b"}) : Values{"b"});
    EXPECT_EQ(Open()->LastCommitted()->epoch, decided ? 1 : -1);
  }
}

TEST_F(LogSinkTest, AFullDiskIsAnErrorAndTheSameCommitSucceedsLater) {
  MakeTopic(2);
  size_t committed = 0;
  for (const int64_t room : {0, 50, 100, 150, 200, 230, 260}) {
    auto sink = Open("writer" + std::to_string(room));
    ASSERT_TRUE(Write(*sink, 1, {"a=1", "b=2", "c=3"}).ok());
    environment_.faults.bytes_left = room;
    EXPECT_EQ(SqlStateOf(sink->Commit({1})), sqlstate::kDiskFull) << room;
    environment_.faults.bytes_left = INT64_MAX;
    ASSERT_TRUE(sink->Commit({1}).ok());
    EXPECT_EQ(sink->LastCommitted()->epoch, 1);
    EXPECT_EQ(Read(0).size() + Read(1).size(), committed += 3) << "with their markers";
    // And the next epoch after one whose marker did not fit.
    ASSERT_TRUE(Write(*sink, 2, {"a=1"}).ok());
    environment_.faults.bytes_left = 200;
    EXPECT_FALSE(sink->Commit({2}).ok());
    environment_.faults.bytes_left = INT64_MAX;
    EXPECT_EQ(sink->LastCommitted()->epoch, 2);
    ASSERT_TRUE(Write(*sink, 3, {"a=1", "b=2"}).ok());
    ASSERT_TRUE(sink->Commit({3}).ok());
    EXPECT_EQ(Read(0).size() + Read(1).size(), committed += 3);
  }
}

TEST_F(LogSinkTest, AFailedSyncOfTheDecisionIsNotTakenBack) {
  MakeTopic(1);
  auto sink = Open();
  ASSERT_TRUE(Write(*sink, 1, {"=a"}).ok());
  int syncs = 0;
  environment_.faults.on_sync = [&]() -> Status {
    if (++syncs == 2) return SqlError(sqlstate::kIoError) << "the disk is gone (injected)";
    return OkStatus();
  };
  EXPECT_EQ(SqlStateOf(sink->Commit({1})), sqlstate::kIoError);
  EXPECT_EQ(syncs, 2) << "records, then the decision";
  EXPECT_EQ(SqlStateOf(sink->Commit({1})), sqlstate::kIoError);
  environment_.faults.on_sync = [] { return OkStatus(); };
  sink.reset();
  sink = Open();
  EXPECT_EQ(sink->LastCommitted()->epoch, 1) << "its line was in the file";
  EXPECT_EQ(Read(), Values{"a"});
}

TEST_F(LogSinkTest, ACommitWaitsForTheDiskTwice) {
  MakeTopic(1);
  auto sink = Open();
  int syncs = 0;
  environment_.faults.on_sync = [&] {
    ++syncs;
    return OkStatus();
  };
  for (Epoch epoch = 1; epoch <= 10; ++epoch) {
    ASSERT_TRUE(Write(*sink, epoch, {"=a"}).ok());
    ASSERT_TRUE(sink->Commit({epoch}).ok());
  }
  EXPECT_EQ(syncs, 20);
}

TEST_F(LogSinkTest, DamageToWhatWasCommittedIsNoticed) {
  MakeTopic(1);
  {
    auto sink = Open();
    for (Epoch epoch = 1; epoch <= 3; ++epoch) {
      ASSERT_TRUE(Write(*sink, epoch, {"=a"}).ok());
      ASSERT_TRUE(sink->Commit({epoch, false, "record"}).ok());
    }
  }
  const std::string good = os::RealEnvironment().files().ReadAll(CommitsFile()).value();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x04);
    std::ofstream(CommitsFile(), std::ios::binary | std::ios::trunc) << bad;
    const Status failure = TryOpen("program/out").status();
    ASSERT_EQ(SqlStateOf(failure), sqlstate::kDataCorrupted) << "byte " << at;
    EXPECT_NE(MessageOf(failure).find(CommitsFile()), std::string::npos);
    EXPECT_FALSE(HintOf(failure).empty());
  }
  // A last line that is cut off was never acknowledged.
  const size_t last_line = good.rfind('\n', good.size() - 2) + 1;
  for (const size_t size : {last_line, last_line + 1, good.size() - 2}) {
    std::ofstream(CommitsFile(), std::ios::binary | std::ios::trunc) << good.substr(0, size) + std::string(size % 3, '\0');
    EXPECT_EQ(Open()->LastCommitted()->epoch, 2) << size;
  }
  std::string later = good;
  later.replace(0, later.find('\n') + 1, "");
  std::ofstream(CommitsFile(), std::ios::binary | std::ios::trunc) << later;
  EXPECT_EQ(SqlStateOf(TryOpen("program/out").status()), sqlstate::kDataCorrupted) << "without its header";
  std::ofstream(CommitsFile(), std::ios::binary | std::ios::trunc) << CheckedLine(R"({"version":2,"writer":"program/out"})") + later;
  EXPECT_EQ(SqlStateOf(TryOpen("program/out").status()), sqlstate::kFeatureNotSupported) << "of a later version";
}

TEST_F(LogSinkTest, ALogThatEndsBeforeWhatWasCommittedIsRefused) {
  MakeTopic(1);
  {
    auto sink = Open();
    ASSERT_TRUE(Write(*sink, 1, {"=a", "=b"}).ok());
    ASSERT_TRUE(sink->Commit({1}).ok());
  }
  std::filesystem::resize_file(SegmentPath(data_ / "log/t-0", 0, ".log"), 0);
  const Status failure = TryOpen("program/out").status();
  EXPECT_EQ(SqlStateOf(failure), sqlstate::kDataCorrupted);
  EXPECT_NE(MessageOf(failure).find("t-0"), std::string::npos);
}

TEST_F(LogSinkTest, TheFileOfCommitsDoesNotGrowForEver) {
  MakeTopic(1);
  auto sink = Open();
  const std::string record(200'000, 'r');
  for (Epoch epoch = 1; epoch <= 20; ++epoch) ASSERT_TRUE(sink->Commit({epoch, false, record}).ok());
  EXPECT_LT(std::filesystem::file_size(CommitsFile()), uintmax_t{2} << 20);
  sink.reset();
  EXPECT_EQ(Open()->LastCommitted()->epoch, 20);
}

TEST_F(LogSinkTest, ADeletedTopicForgetsItsWriters) {
  MakeTopic(1);
  {
    auto sink = Open();
    ASSERT_TRUE(Write(*sink, 1, {"=a"}).ok());
    ASSERT_TRUE(sink->Commit({1}).ok());
  }
  const auto directory = LogDirectory::Open(environment_, data_.path());
  const std::string id = directory->Describe("t")->id;
  EXPECT_EQ(id.size(), 32u);
  ASSERT_TRUE(directory->DeleteTopic("t").ok());
  MakeTopic(1);
  EXPECT_NE(directory->Describe("t")->id, id);
  EXPECT_EQ(Open()->LastCommitted()->epoch, -1);
}

}  // namespace
}  // namespace kappa::log
