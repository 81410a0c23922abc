#include "connectors/log/record_batch_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "common/crc32c.h"
#include "connectors/log/topic_producer.h"

namespace kappa::log {
namespace {

struct Decoded {
  Status status;
  std::string memory;  // what the records point into
  std::vector<Record> records;
  HeaderStore headers;
};

// Through the whole path a reader takes, on a copy with the padding decoders may read.
Decoded Decode(const std::string& batch) {
  Decoded result;
  RecordBatchHeader header;
  if (ParseBatchHeader(batch, &header) != HeaderState::kComplete || header.total_bytes > batch.size()) {
    result.status = SqlError(sqlstate::kDataCorrupted) << "header";
    return result;
  }
  const std::string_view section = std::string_view(batch).substr(kBatchHeaderBytes, header.total_bytes - kBatchHeaderBytes);
  std::string& memory = result.memory;
  size_t size = 0;
  memory.resize(1 << 16);
  Inflated inflated;
  while ((inflated = Decompress(header.compression(), section, memory.data(), memory.size(), &size)) == Inflated::kTooSmall &&
         memory.size() < (64 << 20)) {
    memory.resize(memory.size() * 2);
  }
  if (inflated != Inflated::kDone) {
    result.status = SqlError(sqlstate::kDataCorrupted) << "compression";
    return result;
  }
  memory.resize(size + kReadablePadding);
  memory.shrink_to_fit();  // so that a sanitizer sees reads past the padding
  result.status = DecodeRecords(std::string_view(memory.data(), size), header, &result.records, &result.headers);
  return result;
}

std::string MakeBatch(Compression compression, int count) {
  RecordBatchBuilder builder(compression);
  for (int i = 0; i < count; ++i) {
    const std::string key = "key-" + std::to_string(i), value = std::string(static_cast<size_t>(i * 7 % 300), static_cast<char>('a' + i % 26));
    const RecordHeader headers[] = {{"h", value, false}, {"none", "", true}};
    OutgoingRecord record;
    record.key = key;
    record.has_key = i % 2 == 0;
    record.value = value;
    record.has_value = i % 5 != 4;
    record.timestamp_ms = 1'000'000 - i * 1000;
    if (i % 3 == 0) record.headers = headers;
    builder.Add(record);
  }
  std::string batch;
  EXPECT_TRUE(builder.Finish({99, 3, 17}, &batch).ok());
  return batch;
}

class CodecRoundTrip : public testing::TestWithParam<Compression> {};

TEST_P(CodecRoundTrip, GivesBackEveryRecord) {
  std::string batch = MakeBatch(GetParam(), 200);
  SetBaseOffset(batch.data(), 5000);
  RecordBatchHeader header;
  ASSERT_EQ(ParseBatchHeader(batch, &header), HeaderState::kComplete);
  EXPECT_EQ(header.total_bytes, batch.size());
  EXPECT_EQ(header.base_offset, 5000);
  EXPECT_EQ(header.next_offset(), 5200);
  EXPECT_EQ(header.producer_id, 99);
  EXPECT_EQ(header.producer_epoch, 3);
  EXPECT_EQ(header.base_sequence, 17);
  EXPECT_EQ(header.max_timestamp, 1'000'000);
  EXPECT_TRUE(BatchCrcMatches(batch, header)) << "setting the base offset does not touch what the CRC covers";
  const Decoded decoded = Decode(batch);
  ASSERT_TRUE(decoded.status.ok()) << decoded.status;
  ASSERT_EQ(decoded.records.size(), 200u);
  for (int i = 0; i < 200; ++i) {
    const Record& record = decoded.records[static_cast<size_t>(i)];
    EXPECT_EQ(record.offset, 5000 + i);
    EXPECT_EQ(record.timestamp_ms, 1'000'000 - i * 1000);
    EXPECT_EQ(record.key != nullptr, i % 2 == 0);
    if (record.key != nullptr) EXPECT_EQ(std::string(record.key, record.key_size), "key-" + std::to_string(i));
    EXPECT_EQ(record.value != nullptr, i % 5 != 4);
    if (record.value != nullptr)
      EXPECT_EQ(std::string(record.value, record.value_size), std::string(static_cast<size_t>(i * 7 % 300), static_cast<char>('a' + i % 26)));
    ASSERT_NE(record.headers, nullptr);
    ASSERT_EQ(record.headers->size(), i % 3 == 0 ? 2u : 0u);
    if (i % 3 == 0) {
      EXPECT_EQ((*record.headers)[0].name, "h");
      EXPECT_TRUE((*record.headers)[1].null_value);
    }
  }
}

TEST_P(CodecRoundTrip, EveryFlippedBitIsCaughtByTheCrc) {
  const std::string good = MakeBatch(GetParam(), 20);
  RecordBatchHeader header;
  ASSERT_EQ(ParseBatchHeader(good, &header), HeaderState::kComplete);
  constexpr size_t kAttributesAt = 21;
  for (size_t byte = kAttributesAt; byte < good.size(); ++byte) {
    std::string bad = good;
    bad[byte] = static_cast<char>(bad[byte] ^ (1 << (byte % 8)));
    EXPECT_FALSE(BatchCrcMatches(bad, header)) << byte;
  }
}

// The decoder itself must stay inside its bytes even where a CRC would be right: a hostile writer computes it.
TEST_P(CodecRoundTrip, HostileBytesNeverCrashTheDecoder) {
  const std::string good = MakeBatch(GetParam(), 40);
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    for (uint32_t flips = 1 + random() % 4; flips > 0; --flips) bad[12 + random() % (bad.size() - 12)] = static_cast<char>(random());
    refused += !Decode(bad).status.ok();
  }
  EXPECT_GT(refused, 300);
}

INSTANTIATE_TEST_SUITE_P(Compressions, CodecRoundTrip,
                         testing::Values(Compression::kNone, Compression::kGzip, Compression::kSnappy, Compression::kLz4, Compression::kZstd),
                         [](const auto& info) { return std::string(CompressionName(info.param)); });

TEST(RecordBatchCodec, TruncatedSectionsAreRefused) {
  const std::string good = MakeBatch(Compression::kNone, 10);
  RecordBatchHeader header;
  ASSERT_EQ(ParseBatchHeader(good, &header), HeaderState::kComplete);
  for (size_t size = 0; size + kBatchHeaderBytes < good.size(); ++size) {
    std::string section(good, kBatchHeaderBytes, size);
    section.resize(size + kReadablePadding);
    std::vector<Record> records;
    EXPECT_FALSE(DecodeRecords({section.data(), size}, header, &records, nullptr).ok()) << size;
  }
}

TEST(RecordBatchCodec, AnOldFormatIsInvalidNotIncomplete) {
  std::string batch = MakeBatch(Compression::kNone, 1);
  RecordBatchHeader header;
  EXPECT_EQ(ParseBatchHeader(std::string_view(batch).substr(0, 60), &header), HeaderState::kIncomplete);
  batch[16] = 1;
  EXPECT_EQ(ParseBatchHeader(batch, &header), HeaderState::kInvalid);
}

TEST(Crc32c, KnownValuesAndTheTableVersionAgree) {
  EXPECT_EQ(Crc32c("123456789", 9), 0xE3069283u);                    // the check value of the CRC catalogue
  EXPECT_EQ(Crc32c(std::string(32, '\0').data(), 32), 0x8A9136AAu);  // RFC 3720, B.4
  EXPECT_EQ(Crc32c(std::string(32, '\xFF').data(), 32), 0x62A8AB43u);
  std::mt19937 random(1);
  std::string bytes(100'000, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  for (size_t size : {0u, 1u, 7u, 8u, 511u, 512u, 513u, 767u, 768u, 769u, 5000u, 24575u, 24576u, 24577u, 50000u, 99990u}) {
    const size_t start = random() % 10;
    EXPECT_EQ(Crc32c(bytes.data() + start, size), Crc32cPortable(bytes.data() + start, size)) << size;
    const size_t cut = size / 3;
    EXPECT_EQ(Crc32c(bytes.data() + start + cut, size - cut, Crc32c(bytes.data() + start, cut)), Crc32c(bytes.data() + start, size));
  }
}

TEST(Partitioner, AgreesWithKafka) {
  // Values that Kafka's own client documentation and tests publish for its murmur2.
  EXPECT_EQ(static_cast<int32_t>(Murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<int32_t>(Murmur2("a-little-bit-longer-string")), -1486304829);
}

}  // namespace
}  // namespace kappa::log
