// The hand-written queries that kappa is measured by: that they compute what they say, from records decoded by kappa's own decoder.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "bench/baseline/nexmark_records.h"
#include "bench/baseline/queries.h"
#include "tests/formats/decode_fixture.h"
#include "types/numeric.h"

namespace kappa::baseline {
namespace {

std::string AverageOf(int64_t sum, int64_t count) {
  char text[64];
  return {text, Query17::AverageText(sum, count, text)};
}

TEST(Baseline, AverageAsPostgresShowsIt) {
  EXPECT_EQ(AverageOf(0, 1), "0.00000000000000000000");
  EXPECT_EQ(AverageOf(1, 3), "0.33333333333333333333");
  EXPECT_EQ(AverageOf(20000, 3), "6666.6666666666666667");
  uint64_t state = 7;
  for (int i = 0; i < 10000; ++i) {
    state = HashInt(state);
    const auto count = static_cast<int64_t>(1 + (state & 0xFFFFF) % 100000);
    const auto sum = static_cast<int64_t>(state >> (20 + state % 40));
    Numeric quotient;
    ASSERT_EQ(NumericDivide(NumericFromInt(sum), NumericFromInt(count), &quotient), NumericStatus::kOk);
    char text[kMaxNumericText];
    ASSERT_EQ(AverageOf(sum, count), std::string(text, FormatNumeric(quotient, text))) << sum << " / " << count;
  }
}

template <typename Query>
Totals RunQuery(const bench::RecordFile& file, size_t epoch) {
  Query query;
  size_t left = epoch;
  for (std::string_view record : file.records) {
    query.Record(record.data(), record.size(), record.size() + simdjson::SIMDJSON_PADDING);
    if (--left == 0) {
      query.EpochEnd();
      left = epoch;
    }
  }
  query.EpochEnd();
  return query.totals;
}

DecodeColumn BidColumn(const char* name, TypeId type) { return MakeColumn(std::string("bid.") + name, type); }

// q0 and q2 over the rows of kappa's decoder.
TEST(Baseline, ChecksumsOverDecodedRows) {
  const bench::RecordFile file = bench::MakeNexmarkRecords(5000, 1);
  Decoding decoding({MakeColumn("event_type", TypeId::kInt8), BidColumn("auction", TypeId::kInt8), BidColumn("bidder", TypeId::kInt8),
                     BidColumn("price", TypeId::kInt8), BidColumn("channel", TypeId::kText), BidColumn("url", TypeId::kText),
                     BidColumn("datetime", TypeId::kTimestamp), BidColumn("extra", TypeId::kText)});
  Totals q0, q2;
  for (std::string_view record : file.records) {
    decoding.Show(record);
    const auto integer = [&](size_t field) {
      int64_t value;
      std::memcpy(&value, decoding.row() + decoding.plan().fields()[field].offset, 8);
      return value;
    };
    const auto text = [&](size_t field) {
      Text value;
      std::memcpy(&value, decoding.row() + decoding.plan().fields()[field].offset, sizeof value);
      return value.view();
    };
    if (integer(0) != 2) continue;
    uint64_t h = FoldInt(FoldInt(FoldInt(0, integer(1)), integer(2)), integer(3));
    h = FoldText(FoldInt(FoldText(FoldText(h, text(4)), text(5)), integer(6)), text(7));
    q0.checksum += h;
    ++q0.changes;
    if (integer(1) % 123 != 0) continue;
    q2.checksum += FoldInt(FoldInt(0, integer(1)), integer(3));
    ++q2.changes;
  }
  EXPECT_EQ(q0.changes, 4600u);
  const Totals by_hand0 = RunQuery<Query0>(file, 1000), by_hand2 = RunQuery<Query2>(file, 1000);
  EXPECT_EQ(by_hand0.checksum, q0.checksum);
  EXPECT_EQ(by_hand0.changes, q0.changes);
  EXPECT_EQ(by_hand2.checksum, q2.checksum);
  EXPECT_EQ(by_hand2.changes, q2.changes);
  EXPECT_EQ(by_hand0.bad + by_hand2.bad, 0u);
}

// Retractions cancel: the sum is that of the final contents, however the epochs are cut.
TEST(Baseline, EpochsDoNotChangeTheSum) {
  const bench::RecordFile file = bench::MakeNexmarkRecords(20000, 2);
  const Totals once = RunQuery<Query17>(file, 1 << 30), often = RunQuery<Query17>(file, 777);
  EXPECT_EQ(once.checksum, often.checksum);
  EXPECT_LT(once.changes, often.changes);
}

}  // namespace
}  // namespace kappa::baseline
