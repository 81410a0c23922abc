// The file sink of a durable program: what is committed once stays once, whatever happens between the steps of a commit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "common/crc32c.h"
#include "connectors/file/part_file_sink.h"
#include "tests/connectors/faulty_environment.h"
#include "tests/connectors/temporary_directory.h"
#include "types/change_batch.h"

namespace kappa::file {
namespace {

// Rows whose bytes are C strings.
class LineEncoder final : public RecordEncoder {
 public:
  Status Encode(const ChangeBatch& changes, size_t index, EncodedRecord* record) override {
    record->value = changes.rows[index];
    return OkStatus();
  }
};

class PartFileSinkTest : public testing::Test {
 protected:
  StatusOr<std::unique_ptr<PartFileSink>> TryOpen(const std::string& writer = "orders/hourly", int64_t interval = 10'000'000,
                                                  int64_t size = 1 << 30) {
    return PartFileSink::Open(environment_, {folder_, writer, interval, size}, std::make_unique<LineEncoder>());
  }
  std::unique_ptr<PartFileSink> Open(const std::string& writer = "orders/hourly", int64_t interval = 10'000'000, int64_t size = 1 << 30) {
    auto sink = TryOpen(writer, interval, size);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return std::move(*sink);
  }
  static void Write(PartFileSink& sink, Epoch epoch, const std::vector<const char*>& rows) {
    ChangeBatch changes;
    changes.rows = rows;
    const Status written = sink.Write(epoch, changes);
    ASSERT_TRUE(written.ok()) << written;
  }
  static void Commit(PartFileSink& sink, const EpochCommit& commit) {
    const Status committed = sink.Commit(commit);
    ASSERT_TRUE(committed.ok()) << committed;
  }
  // What a reader of part-*.jsonl sees.
  std::string Visible() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      const std::string name = entry.path().filename().string();
      if (name[0] != '.') files[name] = os::RealEnvironment().files().ReadAll(entry.path().string()).value();
    }
    std::string all;
    for (const auto& [name, text] : files) all += text;
    return all;
  }
  std::vector<std::string> Hidden() const {
    std::vector<std::string> names = os::RealEnvironment().files().List(folder_).value();
    std::erase_if(names, [](const std::string& name) { return name.size() < 4 || name.substr(name.size() - 4) != ".tmp"; });
    return names;
  }

  TemporaryDirectory directory_;
  const std::string folder_ = directory_ / "deep/out";
  FaultyEnvironment environment_;
};

TEST_F(PartFileSinkTest, RemembersWhatItHasCommitted) {
  const std::string record("\0\xff opaque \n", 11);
  {
    auto sink = Open();
    EXPECT_EQ(sink->guarantee(), Guarantee::kExactlyOnce);
    EXPECT_EQ(sink->LastCommitted()->epoch, -1);
    Write(*sink, 3, {"a", "b"});
    EXPECT_EQ(Visible(), "");
    Commit(*sink, {3, false, record});
    EXPECT_EQ(Visible(), "a\nb\n");
    Write(*sink, 4, {"lost"});
  }
  {
    auto sink = Open();
    EXPECT_EQ(sink->LastCommitted()->epoch, 3);
    EXPECT_EQ(sink->LastCommitted()->record, record);
    EXPECT_EQ(Visible(), "a\nb\n");
    Write(*sink, 4, {"c"});
    Commit(*sink, {4});
    Commit(*sink, {9, false, "later"});  // nothing written since: the mark moves all the same
  }
  auto sink = Open();
  EXPECT_EQ(sink->LastCommitted()->epoch, 9);
  EXPECT_EQ(sink->LastCommitted()->record, "later");
  EXPECT_EQ(Visible(), "a\nb\nc\n");
  EXPECT_TRUE(Hidden().empty());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/part-000000000003-000000-orders.hourly.jsonl"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/part-000000000004-000001-orders.hourly.jsonl"));
}

TEST_F(PartFileSinkTest, HeldCommitsWaitForTimeOrSize) {
  auto sink = Open("p/s", 3'600'000'000, 10);
  Write(*sink, 1, {"1234"});
  Commit(*sink, {1, true});
  EXPECT_EQ(sink->LastCommitted()->epoch, -1);
  Commit(*sink, {2, true});
  Write(*sink, 3, {"5678"});
  Commit(*sink, {3, true});
  EXPECT_EQ(Visible(), "1234\n5678\n");
  EXPECT_EQ(sink->LastCommitted()->epoch, 3);
  Write(*sink, 4, {"9"});
  Commit(*sink, {4, true});
  Commit(*sink, {5, false});
  EXPECT_EQ(Visible(), "1234\n5678\n9\n");
  EXPECT_EQ(sink->LastCommitted()->epoch, 5);
  sink.reset();
  sink = Open("p/s", 1000, 1 << 20);
  Write(*sink, 6, {"late"});
  os::SleepNanos(2'000'000);
  Commit(*sink, {6, true});
  EXPECT_EQ(sink->LastCommitted()->epoch, 6);
}

TEST_F(PartFileSinkTest, ManyRowsWaitOnTheDisk) {
  auto sink = Open();
  const std::string row(100'000, 'x');
  for (Epoch epoch = 1; epoch <= 30; ++epoch) {
    Write(*sink, epoch, {row.c_str()});
    Commit(*sink, {epoch, true});
  }
  ASSERT_EQ(Hidden().size(), 1u);
  EXPECT_GE(std::filesystem::file_size(folder_ + "/" + Hidden()[0]), 2'000'000u);
  EXPECT_EQ(Visible(), "");
  Commit(*sink, {30});
  EXPECT_EQ(Visible().size(), 30 * (row.size() + 1));
}

TEST_F(PartFileSinkTest, WritersShareAFolder) {
  auto first = Open("p/a"), second = Open("p/a-b");
  EXPECT_EQ(SqlStateOf(TryOpen("p/a").status()), sqlstate::kObjectInUse);
  Write(*first, 1, {"first"});
  Write(*second, 1, {"second"});
  const std::string row(2 << 20, 'x');
  Write(*second, 1, {row.c_str()});  // spilled
  Commit(*first, {1});
  EXPECT_EQ(Visible(), "first\n");
  first.reset();
  first = Open("p/a");  // removes nothing of the other's
  auto unnamed = Open("");
  EXPECT_EQ(unnamed->guarantee(), Guarantee::kAtLeastOnce);
  Commit(*second, {1});
  Write(*unnamed, 1, {"unnamed"});
  Commit(*unnamed, {1});
  EXPECT_EQ(Visible(), "second\n" + row + "\nfirst\nunnamed\n");
  EXPECT_EQ(first->LastCommitted()->epoch, 1);
}

TEST_F(PartFileSinkTest, UnnamedRunsDoNotTouchEachOther) {
  auto first = Open("");
  const std::string row(2 << 20, 'x');
  Write(*first, 1, {row.c_str()});
  std::ofstream(folder_ + "/.part-00000000000000aa.tmp") << "left by a crash";
  auto second = Open("");
  EXPECT_EQ(Hidden().size(), 1u) << "the living one's";
  Write(*second, 1, {"second"});
  Commit(*second, {1});
  Commit(*first, {1});
  EXPECT_EQ(Visible(), "second\n" + row + "\n");
}

// What a crash leaves at each step of a commit, made by hand.
TEST_F(PartFileSinkTest, APromisedRenameIsFinished) {
  {
    auto sink = Open();
    Write(*sink, 1, {"a"});
    Commit(*sink, {1});
  }
  const std::string part = folder_ + "/part-000000000001-000000-orders.hourly.jsonl", hidden = folder_ + "/.kappa-orders.hourly-0.tmp";
  std::filesystem::rename(part, hidden);  // the manifest is there, the rename is not
  {
    auto sink = Open();
    EXPECT_EQ(Visible(), "a\n");
    EXPECT_EQ(sink->LastCommitted()->epoch, 1);
  }
  std::filesystem::remove(part);  // taken away by a reader
  std::ofstream(hidden + "x") << "not ours";
  std::ofstream(folder_ + "/.kappa-orders.hourly-1.tmp") << "never committed";
  std::ofstream(folder_ + "/.kappa-orders.hourly.json.tmp") << "{\"version\":1";
  auto sink = Open();
  EXPECT_EQ(Visible(), "");
  EXPECT_EQ(sink->LastCommitted()->epoch, 1);
  EXPECT_TRUE(Hidden().empty());
  EXPECT_TRUE(std::filesystem::exists(hidden + "x"));
  Write(*sink, 2, {"b"});
  Commit(*sink, {2});
  EXPECT_EQ(Visible(), "b\n");
}

TEST_F(PartFileSinkTest, ADamagedManifestIsNamed) {
  { Commit(*Open(), {1, false, "record"}); }
  const std::string path = folder_ + "/.kappa-orders.hourly.json";
  const std::string text = environment_.files().ReadAll(path).value();
  for (size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
    const Status status = TryOpen().status();
    ASSERT_EQ(SqlStateOf(status), sqlstate::kDataCorrupted) << "byte " << at << ": " << status;
    EXPECT_NE(MessageOf(status).find(path), std::string::npos);
    EXPECT_NE(HintOf(status).find("--rebuild"), std::string::npos);
  }
  for (size_t size = 0; size < text.size(); ++size) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text.substr(0, size);
    ASSERT_EQ(SqlStateOf(TryOpen().status()), sqlstate::kDataCorrupted) << size;
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  EXPECT_EQ(Open()->LastCommitted()->record, "record");
}

TEST_F(PartFileSinkTest, AMissingManifestIsNotTakenForABeginning) {
  {
    auto sink = Open();
    Write(*sink, 1, {"a"});
    Commit(*sink, {1});
  }
  std::filesystem::remove(folder_ + "/.kappa-orders.hourly.json");
  EXPECT_EQ(SqlStateOf(TryOpen().status()), sqlstate::kDataCorrupted);
  EXPECT_TRUE(TryOpen("hourly").ok()) << "another writer";
  std::filesystem::remove(folder_ + "/part-000000000001-000000-orders.hourly.jsonl");
  EXPECT_EQ(Open()->LastCommitted()->epoch, -1);
}

TEST(PartManifestTest, ANewerOneIsRefused) {
  const std::string path = "f/.kappa-t.json";
  std::string text = EncodePartManifest({});
  ASSERT_TRUE(DecodePartManifest(text, path).ok());
  std::string line = text.substr(0, text.find('\n') + 1);
  line.replace(line.find(":1"), 2, ":2");
  text = line + fmt::format("crc32c {:08x}\n", Crc32c(line.data(), line.size()));
  const Status status = DecodePartManifest(text, path).status();
  EXPECT_EQ(SqlStateOf(status), sqlstate::kFeatureNotSupported);
  EXPECT_NE(MessageOf(status).find("newer"), std::string::npos);
}

TEST_F(PartFileSinkTest, AFullDiskLosesNothing) {
  auto sink = Open();
  Write(*sink, 1, {"a"});
  environment_.faults.bytes_left = 1;
  EXPECT_EQ(SqlStateOf(sink->Commit({1})), sqlstate::kDiskFull);
  const std::string row(3 << 20, 'x');
  Write(*sink, 2, {row.c_str(), "b"});  // waits in memory
  EXPECT_EQ(SqlStateOf(sink->Commit({2})), sqlstate::kDiskFull);
  EXPECT_EQ(Visible(), "");
  environment_.faults.bytes_left = INT64_MAX;
  Commit(*sink, {2});
  EXPECT_EQ(Visible(), "a\n" + row + "\nb\n");
  // In the manifest's own bytes.
  Write(*sink, 3, {"c"});
  environment_.faults.bytes_left = 20;
  EXPECT_EQ(SqlStateOf(sink->Commit({3})), sqlstate::kDiskFull);
  EXPECT_EQ(sink->LastCommitted()->epoch, 2);
  environment_.faults.bytes_left = INT64_MAX;
  Commit(*sink, {3});
  EXPECT_EQ(Visible(), "a\n" + row + "\nb\nc\n");
}

TEST_F(PartFileSinkTest, AfterAFailedSyncNothingIsCommitted) {
  {
    auto sink = Open();
    Write(*sink, 1, {"a"});
    environment_.faults.on_sync = [] { return SqlError(sqlstate::kIoError) << "injected"; };
    EXPECT_EQ(SqlStateOf(sink->Commit({1})), sqlstate::kIoError);
    environment_.faults.on_sync = [] { return OkStatus(); };
    EXPECT_EQ(SqlStateOf(sink->Commit({1})), sqlstate::kIoError);
  }
  auto sink = Open();
  EXPECT_EQ(sink->LastCommitted()->epoch, -1);
  EXPECT_EQ(Visible(), "");
}

TEST(WriterTag, IsAFileNameAndOneOfAKind) {
  EXPECT_EQ(WriterTag("orders/hourly"), "orders.hourly");
  EXPECT_EQ(WriterTag("a.b/c d"), "a%2Eb.c%20d");
  EXPECT_NE(WriterTag("a/b.c"), WriterTag("a.b/c"));
  const std::string longer(300, 'x');
  EXPECT_LT(WriterTag("p/" + longer).size(), 160u);
  EXPECT_NE(WriterTag("p/" + longer + "1"), WriterTag("p/" + longer + "2"));
}

}  // namespace
}  // namespace kappa::file
