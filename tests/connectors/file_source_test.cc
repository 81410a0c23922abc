// Files as sources: CSV records, header lines, compression, files that change, appear and are rotated.
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

#include "connectors/file/file_connector.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa {
namespace {

class FileSourceTest : public testing::Test {
 protected:
  StatusOr<std::unique_ptr<Source>> Make(Options options) {
    return FileConnector().make_source(options, {&os::RealEnvironment(), directory_ / "data", ""});
  }
  std::unique_ptr<Source> MustMake(Options options) {
    auto source = Make(std::move(options));
    EXPECT_TRUE(source.ok()) << source.status();
    return std::move(*source);
  }
  // Values of what there is now; with: the preamble and the file's name of the last batch.
  static std::vector<std::string> Read(PartitionReader& reader, std::string* preamble = nullptr, Status* failure = nullptr) {
    std::vector<std::string> values;
    while (true) {
      const auto batch = reader.Poll({.records = 7});
      if (!batch.ok()) {
        EXPECT_NE(failure, nullptr) << batch.status();
        if (failure != nullptr) *failure = batch.status();
        return values;
      }
      if (batch->empty()) return values;
      if (preamble != nullptr) *preamble = batch->preamble;
      for (const Record& record : batch->records) values.emplace_back(record.value, record.value_size);
    }
  }
  std::string Path(const std::string& name) { return directory_ / name; }
  void Write(const std::string& name, std::string_view bytes, bool append = false) {
    std::ofstream(directory_ / name, append ? std::ios::binary | std::ios::app : std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  Options Csv(const std::string& path, bool header) {
    return {{"path", path}, {"record.csv", ",\"\""}, {"record.header", header ? "true" : "false"}, {"record.blank", "false"}};
  }

  TemporaryDirectory directory_;
};

using List = std::vector<std::string>;

TEST_F(FileSourceTest, CsvRecordsEndOutsideOfQuotes) {
  Write("a.csv",
        "\xEF\xBB\xBF"
        "h1,h2\r\n1,\"two\nlines\"\r\n\r\n2,\"a \"\"b\"\"\"\r3,x\nlast,\"\"");
  const auto source = MustMake(Csv(Path("a.csv"), true));
  const auto reader = source->Open(0, {}).value();
  std::string preamble;
  const List expected = {"1,\"two\nlines\"", "2,\"a \"\"b\"\"\"", "3,x", "last,\"\""};
  EXPECT_EQ(reader->Range()->end, 4);
  EXPECT_EQ(Read(*reader, &preamble), expected);
  EXPECT_EQ(preamble, "h1,h2");
  EXPECT_EQ(reader->Range()->end, 4);
  ASSERT_TRUE(reader->Seek(2).ok());
  preamble.clear();
  EXPECT_EQ(Read(*reader, &preamble), (List{"3,x", "last,\"\""}));
  EXPECT_EQ(preamble, "h1,h2");
}

TEST_F(FileSourceTest, ALongQuotedFieldIsOneRecordAndATooLongOneAnError) {
  std::string field(3 << 20, 'x');
  for (size_t i = 100; i < field.size(); i += 1000) field[i] = '\n';
  Write("long.csv", "1,\"" + field + "\"\n2,y\n");
  EXPECT_EQ(Read(*MustMake(Csv(Path("long.csv"), false))->Open(0, {}).value()), (List{"1,\"" + field + "\"", "2,y"}));
  Options options = Csv(Path("long.csv"), false);
  options["max.line.bytes"] = "1 MB";
  Status failure;
  Read(*MustMake(options)->Open(0, {}).value(), nullptr, &failure);
  EXPECT_EQ(SqlStateOf(failure).view(), "54000");
  EXPECT_NE(MessageOf(failure).find("long.csv"), std::string::npos);
}

TEST_F(FileSourceTest, ObjectsOfOneDocument) {
  Write("d.json", "[\n  {\"a\": 1},\n  {\"b\": \"} ] \\\" {\",\n   \"c\": [{}, [1]]}, {}\n]\n");
  const auto reader = MustMake({{"path", Path("d.json")}, {"multiline", "true"}})->Open(0, {}).value();
  EXPECT_EQ(reader->Range()->end, 3);
  EXPECT_EQ(Read(*reader), (List{"{\"a\": 1}", "{\"b\": \"} ] \\\" {\",\n   \"c\": [{}, [1]]}", "{}"}));
  Write("e.json", "{\"a\":1}{\"a\":2}\n words\n{\"a\":");
  EXPECT_EQ(Read(*MustMake({{"path", Path("e.json")}, {"multiline", "true"}})->Open(0, {}).value()),
            (List{"{\"a\":1}", "{\"a\":2}", "words", "{\"a\":"}));
}

std::string Gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(FileSourceTest, CompressedFilesAreReadAsWhatTheyHold) {
  std::string text;
  List lines;
  for (int i = 0; i < 50'000; ++i) {
    lines.push_back("line " + std::to_string(i * 7919));
    text += lines.back() + "\n";
  }
  Write("t.gz", Gzip(text.substr(0, 1000)) + Gzip(text.substr(1000)));  // two members
  std::string zstd(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1);  // as the zstd command writes it
  zstd.resize(ZSTD_compress2(compressor, zstd.data(), zstd.size(), text.data(), text.size()));
  ZSTD_freeCCtx(compressor);
  Write("t.zst", zstd);
  for (const char* name : {"t.gz", "t.zst"}) {
    const auto reader = MustMake({{"path", Path(name)}})->Open(0, {}).value();
    EXPECT_EQ(reader->Range()->end, 50'000) << name;
    EXPECT_TRUE(Read(*reader) == lines) << name;
    ASSERT_TRUE(reader->Seek(49'998).ok());
    EXPECT_EQ(Read(*reader), (List{lines[49'998], lines[49'999]})) << name;
  }
  Write("cut.gz", Gzip(text).substr(0, 5000));
  Write("damaged.zst", zstd.substr(0, 300) + std::string(200, '\x55') + zstd.substr(500));
  for (const char* name : {"cut.gz", "damaged.zst"}) {
    Status failure;
    Read(*MustMake({{"path", Path(name)}})->Open(0, {}).value(), nullptr, &failure);
    EXPECT_EQ(SqlStateOf(failure).view(), "XX001") << name;
    EXPECT_NE(MessageOf(failure).find(name), std::string::npos);
  }
}

TEST_F(FileSourceTest, AFileThatChangesWhileItIsReadIsAnErrorThatNamesIt) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "line " + std::to_string(i) + "\n";
  Write("c.txt", text);
  for (const bool shrinks : {true, false}) {
    const auto reader = MustMake({{"path", Path("c.txt")}})->Open(0, {}).value();
    ASSERT_FALSE(reader->Poll({.records = 10})->empty());
    if (shrinks)
      Write("c.txt", text.substr(0, 600'000));
    else
      std::filesystem::last_write_time(directory_ / "c.txt", std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    Status failure;
    Read(*reader, nullptr, &failure);
    EXPECT_EQ(SqlStateOf(failure).view(), "58030");
    EXPECT_NE(MessageOf(failure).find("c.txt"), std::string::npos) << MessageOf(failure);
    Write("c.txt", text);
  }
  const auto grows = MustMake({{"path", Path("c.txt")}})->Open(0, {}).value();  // appending is no harm
  ASSERT_FALSE(grows->Poll({.records = 10})->empty());
  Write("c.txt", "more\n", true);
  EXPECT_EQ(Read(*grows).back(), "more");
}

TEST_F(FileSourceTest, FollowedFilesAppearAreRotatedAndKeepTheirPartitions) {
  Write("app.log", "a1\na2\n");
  const Options options = {{"path", Path("app.log*")}, {"follow", "true"}};
  auto source = MustMake(options);
  EXPECT_EQ(source->Partitions().value(), (std::vector<int32_t>{0}));
  auto first = source->Open(0, {}).value();
  EXPECT_EQ(Read(*first), (List{"a1", "a2"}));
  std::filesystem::rename(directory_ / "app.log", directory_ / "app.log.1");
  Write("app.log.1", "a3\n", true);
  Write("app.log", "b1\n");
  EXPECT_EQ(source->Partitions().value(), (std::vector<int32_t>{0, 1}));
  auto second = source->Open(1, {}).value();
  EXPECT_EQ(Read(*first), List{"a3"});
  EXPECT_EQ(Read(*second), List{"b1"});
  Write("app.log-more", "c\n");
  EXPECT_EQ(source->Partitions().value(), (std::vector<int32_t>{0, 1, 2}));
  // After a restart the numbers are the same, though the names sort otherwise; a file that is gone leaves its number unused.
  std::filesystem::remove(directory_ / "app.log.1");
  auto again = MustMake(options);
  EXPECT_EQ(again->Partitions().value(), (std::vector<int32_t>{1, 2}));
  auto reopened = again->Open(1, {}).value();
  EXPECT_EQ(Read(*reopened), List{"b1"});
  EXPECT_EQ(SqlStateOf(again->Open(0, {}).status()).view(), "58P01");
  Write("app.log.gz", Gzip("x\n"));
  EXPECT_EQ(again->Partitions().value(), (std::vector<int32_t>{1, 2, 3}));
  EXPECT_EQ(SqlStateOf(again->Open(3, {}).status()).view(), "0A000");
}

}  // namespace
}  // namespace kappa
