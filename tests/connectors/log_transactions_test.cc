// Transactions in a partition: readers see what is committed, as Kafka's isolation level read_committed does.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "common/crc32c.h"
#include "connectors/log/big_endian.h"
#include "connectors/log/log_partition_reader.h"
#include "connectors/log/partition_log.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::log {
namespace {

// The partition of a test, with producers that begin and end transactions.
class LogTransactions : public testing::Test {
 protected:
  void Open(uint64_t segment_bytes = 1 << 20) {
    log_.reset();
    PartitionLogOptions options;
    options.segment_bytes = segment_bytes;
    options.sync = false;
    auto log = PartitionLog::Open(os::RealEnvironment(), path_, "t-0", options);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = std::move(log).value();
  }
  // Producer -1 writes without a transaction.
  Offset Append(int64_t producer, const std::vector<std::string>& values) {
    RecordBatchBuilder builder;
    for (const std::string& value : values) {
      OutgoingRecord record;
      record.value = value;
      record.timestamp_ms = 1000;
      builder.Add(record);
    }
    ProducerStamp stamp;
    if (producer >= 0) {
      stamp = {producer, 0, sequences_[producer], kTransactional};
      sequences_[producer] += static_cast<int32_t>(values.size());
    }
    std::string batch;
    EXPECT_TRUE(builder.Finish(stamp, &batch).ok());
    const auto offset = log_->Append(std::move(batch));
    EXPECT_TRUE(offset.ok()) << offset.status();
    return offset.value_or(-1);
  }
  Offset End(int64_t producer, TransactionMarker marker) {
    std::string batch;
    EXPECT_TRUE(AppendMarker(marker, producer, 0, 2000, &batch).ok());
    return log_->Append(std::move(batch)).value();
  }
  LogPartitionReader Reader(size_t read_bytes = 4096) const {
    return LogPartitionReader(os::RealEnvironment().files(), path_, "t-0", 0, {}, read_bytes);
  }
  // What there is now, from the reader's position on.
  static std::vector<std::string> Read(PartitionReader& reader, BatchLimit limit = {}) {
    std::vector<std::string> values;
    while (true) {
      const auto batch = reader.Poll(limit);
      EXPECT_TRUE(batch.ok()) << batch.status();
      if (!batch.ok()) return values;
      EXPECT_EQ(batch->next, reader.position());
      if (batch->empty()) return values;
      for (const Record& record : batch->records) values.emplace_back(record.value, record.value_size);
    }
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / "t-0";
  std::unique_ptr<PartitionLog> log_;
  std::map<int64_t, int32_t> sequences_;
};

using Values = std::vector<std::string>;

TEST_F(LogTransactions, RecordsComeWithTheirMarkerAndNothingPassesAnOpenTransaction) {
  Open();
  LogPartitionReader reader = Reader();
  Append(-1, {"a"});
  Append(7, {"b", "c"});
  Append(-1, {"d"});
  EXPECT_EQ(Read(reader), Values{"a"});
  EXPECT_EQ(reader.position(), 1);
  EXPECT_EQ(reader.Range()->end, 1) << "the last stable offset";
  Append(8, {"e"});
  End(8, TransactionMarker::kCommit);
  EXPECT_EQ(Read(reader), Values{}) << "committed, but behind one that is open";
  EXPECT_EQ(reader.Range()->end, 1);
  Append(7, {"f"});
  End(7, TransactionMarker::kCommit);
  EXPECT_EQ(Read(reader), (Values{"b", "c", "d", "e", "f"}));
  EXPECT_EQ(reader.Range()->end, 8);
  EXPECT_EQ(reader.position(), 8) << "markers use up offsets";
}

TEST_F(LogTransactions, AbortedRecordsAndMarkersArePassedOver) {
  Open();
  LogPartitionReader reader = Reader();
  Append(7, {"no", "no"});
  Append(-1, {"a"});
  Append(7, {"no"});
  End(7, TransactionMarker::kAbort);
  Append(7, {"b"});
  End(7, TransactionMarker::kCommit);
  Append(7, {"no"});
  End(7, TransactionMarker::kAbort);
  EXPECT_EQ(Read(reader), (Values{"a", "b"}));
  EXPECT_EQ(reader.position(), 9);
  for (Offset from = 0; from <= 9; ++from) {
    ASSERT_TRUE(reader.Seek(from).ok());
    EXPECT_EQ(Read(reader, {.records = 1}).size(), from <= 2 ? 2u : from <= 5 ? 1u : 0u) << from;
  }
  ASSERT_TRUE(reader.Seek(0).ok());
  EXPECT_EQ(Read(reader, {.end = 3}), Values{"a"});
  EXPECT_EQ(reader.position(), 3);
}

TEST_F(LogTransactions, AnOpenTransactionIsKnownAfterTheSegmentsRolled) {
  Open(400);
  Append(-1, {"a"});
  Append(7, {"b"});
  for (int i = 0; i < 20; ++i) Append(-1, {"filler"});
  ASSERT_GT(ListSegments(os::RealEnvironment().files(), path_)->size(), 3u);
  EXPECT_EQ(Reader().Range()->end, 1);
  Open(400);
  EXPECT_EQ(log_->OpenTransactions(), (std::map<int64_t, Offset>{{7, 1}}));
  EXPECT_EQ(Reader().Range()->end, 1);
  std::filesystem::remove(path_ + kProducersFile);
  EXPECT_EQ(Reader().Range()->end, 1) << "found from the beginning of the log";
  End(7, TransactionMarker::kCommit);
  EXPECT_EQ(Reader().Range()->end, 23);
  EXPECT_TRUE(log_->OpenTransactions().empty());
  LogPartitionReader reader = Reader();
  EXPECT_EQ(Read(reader).size(), 22u);
}

// The beginning of a log as a broker leaves it: its snapshot of producers says what is open where the last segment begins.
TEST_F(LogTransactions, ABrokersSnapshotTellsWhatIsOpen) {
  Open(300);
  Append(-1, {"a"});
  Append(7, {"b"});
  for (int i = 0; i < 20; ++i) Append(-1, {"filler"});
  const Offset last = ListSegments(os::RealEnvironment().files(), path_)->back();
  std::filesystem::remove(path_ + kProducersFile);
  std::filesystem::remove(SegmentPath(path_, 0, ".log"));  // so that nothing else can tell
  std::string entries;
  AppendBigEndian<int32_t>(&entries, 1);
  AppendBigEndian<int64_t>(&entries, 7);
  AppendBigEndian<int16_t>(&entries, 0);
  AppendBigEndian<int32_t>(&entries, 0);
  AppendBigEndian<int64_t>(&entries, 1);
  AppendBigEndian<int32_t>(&entries, 0);
  AppendBigEndian<int64_t>(&entries, 1000);
  AppendBigEndian<int32_t>(&entries, 0);
  AppendBigEndian<int64_t>(&entries, last - 1);
  std::string snapshot;
  AppendBigEndian<int16_t>(&snapshot, 1);
  AppendBigEndian<uint32_t>(&snapshot, Crc32c(entries.data(), entries.size()));
  snapshot += entries;
  std::ofstream(SegmentPath(path_, last, ".snapshot"), std::ios::binary) << snapshot;
  EXPECT_EQ(Reader().Range()->end, last - 1);
  snapshot.back() ^= 1;
  std::ofstream(SegmentPath(path_, last, ".snapshot"), std::ios::binary) << snapshot;
  EXPECT_EQ(Reader().Range()->end, 22) << "a damaged one is not believed";
}

TEST_F(LogTransactions, ADamagedFileOfProducersIsMadeAgainFromTheLog) {
  Open(400);
  Append(7, {"a", "b"});
  for (int i = 0; i < 20; ++i) Append(-1, {"filler"});
  Append(8, {"c"});
  for (int i = 0; i < 20; ++i) Append(-1, {"filler"});
  const std::map<int64_t, Offset> open = {{7, 0}, {8, 22}};
  ASSERT_EQ(log_->OpenTransactions(), open);
  log_.reset();
  const std::string good = os::RealEnvironment().files().ReadAll(path_ + kProducersFile).value();
  for (size_t at = 0; at < good.size(); at += 5) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    std::ofstream(path_ + kProducersFile, std::ios::binary | std::ios::trunc) << bad;
    EXPECT_EQ(Reader().Range()->end, 0) << at;
    Open(400);
    ASSERT_EQ(log_->OpenTransactions(), open) << at;
    log_.reset();
  }
  std::filesystem::remove(path_ + kProducersFile);
  Open(400);
  ASSERT_EQ(log_->OpenTransactions(), open);
  EXPECT_EQ(Append(7, {"d"}), 43) << "sequences go on too";
}

TEST_F(LogTransactions, APositionByTimeIsNotBehindTheLastStableOffset) {
  Open();
  Append(-1, {"a", "b"});
  Append(7, {"c"});
  EXPECT_EQ(Reader().PositionAt(1000).value(), 0);
  EXPECT_EQ(Reader().PositionAt(1001).value(), 2);
}

TEST_F(LogTransactions, DamageAheadOfAnOpenTransactionIsAnErrorNotSilence) {
  Open();
  Append(7, {"a"});
  const auto at = std::filesystem::file_size(SegmentPath(path_, 0, ".log"));
  Append(-1, {"b"});
  End(7, TransactionMarker::kCommit);
  std::fstream(SegmentPath(path_, 0, ".log"), std::ios::binary | std::ios::in | std::ios::out)
      .seekp(static_cast<std::streamoff>(at + 16))
      .put('\x07');
  LogPartitionReader reader = Reader();
  const auto batch = reader.Poll({});
  EXPECT_EQ(SqlStateOf(batch.status()), sqlstate::kDataCorrupted);
  EXPECT_NE(MessageOf(batch.status()).find("offset 1"), std::string::npos) << MessageOf(batch.status());
}

// A model of the partition beside it: whatever is written and whenever one looks, readers have delivered exactly the committed records before the
// first open transaction.
TEST_F(LogTransactions, RandomHistoriesReadAsTheModelSays) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937 random(seed);
    std::filesystem::remove_all(path_);
    sequences_.clear();
    const uint64_t segment_bytes = 300 + random() % 3000;
    Open(segment_bytes);
    struct Written {
      Offset offset;
      std::string value;
      int transaction;  // -1: none
    };
    std::vector<Written> written;
    std::map<int64_t, int> open;  // producer -> transaction
    std::vector<int> outcome;     // by transaction: 0 open, 1 committed, 2 aborted
    Values delivered;
    LogPartitionReader tail = Reader(100 + random() % 2000);
    const auto expected = [&] {
      Values values;
      for (const Written& record : written) {
        if (record.transaction >= 0 && outcome[static_cast<size_t>(record.transaction)] == 0) break;
        if (record.transaction < 0 || outcome[static_cast<size_t>(record.transaction)] == 1) values.push_back(record.value);
      }
      return values;
    };
    for (int step = 0; step < 200; ++step) {
      const int64_t producer = static_cast<int64_t>(random() % 4) - 1;
      const auto mine = open.find(producer);
      if (mine != open.end() && random() % 3 == 0) {
        const bool commit = random() % 2 == 0;
        End(producer, commit ? TransactionMarker::kCommit : TransactionMarker::kAbort);
        outcome[static_cast<size_t>(mine->second)] = commit ? 1 : 2;
        open.erase(mine);
      } else {
        if (producer >= 0 && mine == open.end()) {
          open[producer] = static_cast<int>(outcome.size());
          outcome.push_back(0);
        }
        Values values;
        for (unsigned i = 0; i <= random() % 5; ++i) values.push_back(std::to_string(step) + "." + std::to_string(i));
        const Offset offset = Append(producer, values);
        for (size_t i = 0; i < values.size(); ++i) {
          written.push_back({offset + static_cast<Offset>(i), values[i], producer < 0 ? -1 : open[producer]});
        }
      }
      if (random() % 4 == 0) {
        for (std::string& value : Read(tail, {.records = 1 + random() % 9})) delivered.push_back(std::move(value));
        ASSERT_EQ(delivered, expected()) << "seed " << seed << " step " << step;
      }
      if (random() % 50 == 0) Open(segment_bytes);
      if (random() % 20 == 0) {
        LogPartitionReader fresh = Reader(200);
        ASSERT_EQ(Read(fresh), expected());
        const Offset end = fresh.Range()->end;
        Offset stable = log_->next_offset();
        for (const auto& [id, first] : log_->OpenTransactions()) stable = std::min(stable, first);
        ASSERT_EQ(end, stable);
        ASSERT_EQ(fresh.position(), stable);
      }
    }
  }
}

// Whatever bytes are damaged: no crash, no endless loop, no record of an aborted transaction, and nothing but a beginning of what is committed.
TEST_F(LogTransactions, FlippedBytesNeverShowWhatWasNotCommitted) {
  Open();
  Values expected;
  for (int i = 0; i < 40; ++i) {
    const std::string value = "value-" + std::to_string(i);
    const bool commit = i % 3 != 0;
    Append(7, {value, value});
    Append(8, {value});
    if (commit) expected.insert(expected.end(), {value, value});
    End(7, commit ? TransactionMarker::kCommit : TransactionMarker::kAbort);
    if (!commit) expected.push_back(value);
    if (commit) {
      End(8, TransactionMarker::kAbort);
    } else {
      End(8, TransactionMarker::kCommit);
    }
  }
  log_.reset();
  std::vector<Offset> offsets;
  LogPartitionReader undamaged = Reader();
  for (auto batch = undamaged.Poll({}); !batch->empty(); batch = undamaged.Poll({})) {
    for (const Record& record : batch->records) offsets.push_back(record.offset);
  }
  ASSERT_EQ(offsets.size(), expected.size());
  const std::string file = SegmentPath(path_, 0, ".log");
  const std::string good = os::RealEnvironment().files().ReadAll(file).value();
  std::mt19937 random(17);
  int noticed = 0;
  for (int round = 0; round < 400; ++round) {
    std::string bad = good;
    for (uint32_t flips = 1 + random() % 3; flips > 0; --flips) bad[random() % bad.size()] ^= static_cast<char>(1u << random() % 8);
    if (round % 4 == 0) bad.resize(random() % bad.size());
    std::ofstream(file, std::ios::binary | std::ios::trunc).write(bad.data(), static_cast<std::streamsize>(bad.size()));
    LogPartitionReader reader = Reader(1 + random() % 3000);
    reader.MadeHere("");  // so that offsets are checked too, which no CRC covers
    Values values;
    Status failure;
    while (true) {
      const auto batch = reader.Poll({});
      failure = batch.status();
      if (!batch.ok() || batch->empty()) break;
      for (const Record& record : batch->records) {
        values.emplace_back(record.value, record.value_size);
        ASSERT_EQ(record.offset, offsets[values.size() - 1]);
      }
    }
    if (!failure.ok()) EXPECT_EQ(SqlStateOf(failure), sqlstate::kDataCorrupted) << failure;
    ASSERT_LE(values.size(), expected.size()) << round;
    EXPECT_TRUE(std::equal(values.begin(), values.end(), expected.begin())) << round;
    const auto range = reader.Range();
    if (range.ok()) EXPECT_LE(range->end, undamaged.position()) << round;
    noticed += values.size() < expected.size();
  }
  EXPECT_GT(noticed, 300);
}

// Reads of a file system, counted.
class CountingFile final : public os::ReadableFile {
 public:
  CountingFile(std::unique_ptr<os::ReadableFile> file, int64_t* reads) : file_(std::move(file)), reads_(reads) {}
  StatusOr<size_t> ReadAt(uint64_t offset, void* buffer, size_t size) override {
    ++*reads_;
    return file_->ReadAt(offset, buffer, size);
  }
  StatusOr<uint64_t> Size() override { return file_->Size(); }

 private:
  std::unique_ptr<os::ReadableFile> file_;
  int64_t* reads_;
};

class CountingFiles final : public os::FileSystem {
 public:
  int64_t reads = 0;
  StatusOr<std::unique_ptr<os::ReadableFile>> OpenForRead(const std::string& path) override {
    ASSIGN_OR_RETURN(std::unique_ptr<os::ReadableFile> file, real_.OpenForRead(path));
    return std::unique_ptr<os::ReadableFile>(new CountingFile(std::move(file), &reads));
  }
  StatusOr<std::unique_ptr<os::WritableFile>> OpenForAppend(const std::string& path) override { return real_.OpenForAppend(path); }
  StatusOr<os::FileStat> Stat(const std::string& path) override { return real_.Stat(path); }
  bool Exists(const std::string& path) override { return real_.Exists(path); }
  StatusOr<std::vector<std::string>> List(const std::string& directory) override { return real_.List(directory); }
  StatusOr<std::vector<std::string>> Glob(const std::string& pattern) override { return real_.Glob(pattern); }
  Status CreateDirectories(const std::string& path) override { return real_.CreateDirectories(path); }
  Status Rename(const std::string& from, const std::string& to) override { return real_.Rename(from, to); }
  Status Remove(const std::string& path) override { return real_.Remove(path); }
  Status SyncDirectory(const std::string& path) override { return real_.SyncDirectory(path); }
  StatusOr<std::unique_ptr<os::FileLock>> Lock(const std::string& path) override { return real_.Lock(path); }

 private:
  os::FileSystem& real_ = os::RealEnvironment().files();
};

TEST_F(LogTransactions, WaitingForALongTransactionLooksAtEachBatchOnce) {
  Open();
  CountingFiles files;
  LogPartitionReader reader(files, path_, "t-0", 0, {}, 4096);
  constexpr int kBatches = 1000;
  for (int i = 0; i < kBatches; ++i) {
    Append(7, {std::string(100, 'x')});
    EXPECT_TRUE(reader.Poll({})->empty());
  }
  EXPECT_LT(files.reads, 3 * kBatches);
  const int64_t waiting = files.reads;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(reader.Poll({})->empty());
  EXPECT_EQ(files.reads, waiting) << "nothing new, nothing read";
  End(7, TransactionMarker::kCommit);
  EXPECT_EQ(Read(reader).size(), static_cast<size_t>(kBatches));
}

}  // namespace
}  // namespace kappa::log
