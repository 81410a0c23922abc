// What TableFileWriter writes is a table as RocksDB knows it: its own reader finds every entry, its checksums hold, a database takes it in.
#include <cstring>
#include <filesystem>
#include <map>

#include "common/os/environment.h"
#include "common/os/seeded_random.h"
#include "exec/state/packed_words.h"
#include "exec/state/table_file_writer.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/table_properties.h"

namespace kappa {
namespace {

class TableFileTest : public testing::Test {
 protected:
  TableFileTest() {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~TableFileTest() override { std::filesystem::remove_all(directory_); }
  TableFileWriter::Written Write(const std::map<std::string, std::string>& entries) {
    TableFileWriter writer(&os::RealEnvironment().files(), path_);
    EXPECT_TRUE(writer.Open().ok());
    for (const auto& [key, value] : entries) EXPECT_TRUE(writer.Put(key, value).ok());
    auto written = writer.Finish();
    EXPECT_TRUE(written.ok());
    return written.ok() ? *written : TableFileWriter::Written{};
  }
  const std::string directory_ = testing::TempDir() + "/table_file_test", path_ = directory_ + "/1.sst";
};

std::map<std::string, std::string> RandomEntries(uint64_t seed, size_t count, size_t largest_value) {
  os::SeededRandom random(seed);
  std::map<std::string, std::string> entries;
  while (entries.size() < count) {
    std::string key(8 + random.Next() % 40, '\0');
    for (char& c : key) c = static_cast<char>(random.Next() % 3 == 0 ? random.Next() : 0);  // many beginnings in common, high bytes too
    std::string value(random.Next() % (largest_value + 1), '\0');
    for (char& c : value) c = static_cast<char>(random.Next());
    entries[key] = value;
  }
  return entries;
}

TEST_F(TableFileTest, RocksDbReadsWhatWasWritten) {
  size_t seen_blocks = 0;
  for (const auto& [count, largest] :
       std::vector<std::pair<size_t, size_t>>{{1, 0}, {1, 100'000}, {15, 10}, {16, 10}, {17, 10}, {20'000, 60}, {50, 300'000}}) {
    const auto entries = RandomEntries(count, count, largest);
    const TableFileWriter::Written written = Write(entries);
    EXPECT_EQ(written.entries, entries.size());
    EXPECT_EQ(written.bytes, std::filesystem::file_size(path_));
    rocksdb::SstFileReader reader{rocksdb::Options()};
    ASSERT_TRUE(reader.Open(path_).ok());
    EXPECT_TRUE(reader.VerifyChecksum().ok());
    EXPECT_EQ(reader.GetTableProperties()->num_entries, entries.size());
    seen_blocks += reader.GetTableProperties()->num_data_blocks;
    const std::unique_ptr<rocksdb::Iterator> iterator(reader.NewIterator(rocksdb::ReadOptions()));
    iterator->SeekToFirst();
    for (const auto& [key, value] : entries) {
      ASSERT_TRUE(iterator->Valid()) << iterator->status().ToString();
      ASSERT_EQ(iterator->key().ToString(), key);
      ASSERT_EQ(iterator->value().ToString(), value);
      iterator->Next();
    }
    EXPECT_FALSE(iterator->Valid());
    EXPECT_TRUE(iterator->status().ok());
    for (auto entry = entries.begin(); entry != entries.end(); std::advance(entry, std::min<ptrdiff_t>(97, std::distance(entry, entries.end())))) {
      iterator->Seek(entry->first);
      ASSERT_TRUE(iterator->Valid());
      EXPECT_EQ(iterator->key().ToString(), entry->first);
      iterator->Seek(entry->first + '\0');
      EXPECT_EQ(iterator->Valid(), std::next(entry) != entries.end());
      if (iterator->Valid()) EXPECT_EQ(iterator->key().ToString(), std::next(entry)->first);
    }
  }
  EXPECT_GT(seen_blocks, 100u);
}

TEST_F(TableFileTest, ADatabaseTakesItIn) {
  const auto entries = RandomEntries(5, 3000, 100);
  Write(entries);
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, directory_ + "/db", &opened).ok());
  const std::unique_ptr<rocksdb::DB> database(opened);
  ASSERT_TRUE(database->Put(rocksdb::WriteOptions(), entries.begin()->first, "older").ok());
  const rocksdb::Status taken = database->IngestExternalFile({path_}, rocksdb::IngestExternalFileOptions());
  ASSERT_TRUE(taken.ok()) << taken.ToString();
  std::string value;
  for (const auto& [key, expected] : entries) {
    ASSERT_TRUE(database->Get(rocksdb::ReadOptions(), key, &value).ok());
    EXPECT_EQ(value, expected);
  }
}

TEST_F(TableFileTest, AnyFlippedBitOfABlockIsFound) {
  Write(RandomEntries(6, 500, 100));
  std::string bytes = *os::RealEnvironment().files().ReadAll(path_);
  os::SeededRandom random(1);
  size_t found = 0;
  for (int i = 0; i < 200; ++i) {
    std::string damaged = bytes;
    damaged[random.Next() % bytes.size()] ^= static_cast<char>(1 << random.Next() % 8);
    ASSERT_TRUE(os::RealEnvironment().files().WriteAtomically(path_, damaged).ok());
    rocksdb::SstFileReader reader{rocksdb::Options()};
    found += !reader.Open(path_).ok() || !reader.VerifyChecksum().ok();
  }
  EXPECT_GE(found, 195u);  // the footer's padding is nobody's
}

TEST(PackedWordsTest, UnpackGivesWhatWasPacked) {
  os::SeededRandom random(2);
  for (int round = 0; round < 20'000; ++round) {
    std::string rest(random.Next() % 200, '\0');
    for (char& c : rest) c = static_cast<char>(random.Next() % (round % 5 + 1) == 0 ? random.Next() : 0);
    const uint64_t first = random.Next() >> random.Next() % 64;
    std::string packed(PackedBound(rest.size() + 8), '\x55'), unpacked;
    packed.resize(static_cast<size_t>(PackWords(first, rest.data(), rest.size(), packed.data()) - packed.data()));
    ASSERT_TRUE(UnpackWords(packed, &unpacked));
    ASSERT_EQ(unpacked, std::string(reinterpret_cast<const char*>(&first), 8) + rest);
    // Cut off, or with more behind it, it is not what was packed.
    if (!packed.empty()) EXPECT_FALSE(UnpackWords(std::string_view(packed).substr(0, packed.size() - 1), &unpacked));
    EXPECT_FALSE(UnpackWords(packed + "x", &unpacked));
  }
}

TEST(PackedWordsTest, NoBytesAreReadThatAreNotThere) {
  os::SeededRandom random(3);
  std::string unpacked;
  for (int round = 0; round < 100'000; ++round) {
    const std::unique_ptr<char[]> bytes(new char[40]);  // of its exact size for the sanitizer
    const size_t size = random.Next() % 41;
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(random.Next() % (i == 0 ? 120 : 256));
    static_cast<void>(UnpackWords({bytes.get(), size}, &unpacked));
  }
  const std::string small(24, '\1');
  std::string packed(PackedBound(32), '\0');
  packed.resize(static_cast<size_t>(PackWords(1, std::string("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16).data(), 16, packed.data()) - packed.data()));
  EXPECT_EQ(packed, std::string("\x18\x11\x01\1\1\2", 6));
}

}  // namespace
}  // namespace kappa
