#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "types/canonical_key.h"
#include "types/compare.h"
#include "types/datum.h"
#include "types/exact_sum.h"
#include "types/row_layout.h"
#include "types/sort_key.h"

namespace kappa {
namespace {

Numeric N(const char* text) {
  Numeric n;
  EXPECT_EQ(ParseNumeric(text, &n), ParseStatus::kOk) << text;
  return n;
}
std::string Text(const Numeric& n) {
  char buffer[kMaxNumericText];
  return {buffer, static_cast<size_t>(FormatNumeric(n, buffer) - buffer)};
}

TEST(Type, PrintsAsPostgres) {
  EXPECT_EQ(Type::Numeric(10, 2).ToString(), "numeric(10,2)");
  EXPECT_EQ(Type::Varchar(5).ToString(), "character varying(5)");
  EXPECT_EQ(Type::Array(TypeId::kInt8).ToString(), "bigint[]");
  const Type item = Type::Struct({{"name", TypeId::kText}, {"Tag", Type::Array(TypeId::kText)}});
  EXPECT_EQ(item.ToString(), "struct<name text, \"Tag\" text[]>");
  EXPECT_TRUE(item == Type::Struct({{"name", TypeId::kText}, {"Tag", Type::Array(TypeId::kText)}}));
  EXPECT_FALSE(Type::Varchar(5) == Type(TypeId::kText));
  EXPECT_TRUE(Type::Varchar(5).SameId(TypeId::kText));
}

TEST(Numeric, OverflowsAtThirtyEightDigits) {
  const Numeric large = N("99999999999999999999999999999999999999");
  Numeric out;
  EXPECT_EQ(NumericAdd(large, N("1"), &out), NumericStatus::kOverflow);
  EXPECT_EQ(NumericAdd(large, NumericNegate(large), &out), NumericStatus::kOk);
  EXPECT_EQ(NumericMultiply(large, N("10"), &out), NumericStatus::kOverflow);
  EXPECT_EQ(NumericSubtract(N("-99999999999999999999999999999999999999"), large, &out), NumericStatus::kOverflow);
  EXPECT_EQ(NumericDivide(N("1"), N("99999999999999999999999999999999999999"), &out), NumericStatus::kOverflow);
  Numeric parsed;
  EXPECT_EQ(ParseNumeric("100000000000000000000000000000000000000", &parsed), ParseStatus::kRange);
}

TEST(Numeric, NormalizedValuesCompareAsTheyDid) {
  EXPECT_EQ(Text(NumericNormalize(N("1.500"))), "1.5");
  EXPECT_EQ(Text(NumericNormalize(N("-100.00"))), "-100");
  EXPECT_EQ(Text(NumericNormalize(N("0.00"))), "0");
  EXPECT_EQ(NumericCompare(N("1.5"), N("1.500")), 0);
  EXPECT_EQ(HashValue(N("1.5")), HashValue(N("1.500")));
  EXPECT_EQ(NumericCompare(N("99999999999999999999999999999999999999"), N("0.00000000000000000000000000000000000001")), 1);
  EXPECT_EQ(NumericCompare(N("-99999999999999999999999999999999999999"), N("0.00000000000000000000000000000000000001")), -1);
  EXPECT_EQ(NumericCompare(N("NaN"), N("Infinity")), 1);
}

TEST(Calendar, DaysAndDatesAgreeOverTheWholeRange) {
  CivilDate previous = CivilFromDays(kMinDate - 1);
  for (int64_t days = kMinDate; days < 3000000; ++days) {
    const CivilDate date = CivilFromDays(days);
    ASSERT_EQ(DaysFromCivil(date.year, date.month, date.day), days);
    ASSERT_TRUE(date.day == previous.day + 1 || (date.day == 1 && previous.day == DaysInMonth(previous.year, previous.month)));
    previous = date;
  }
  EXPECT_EQ(DaysFromCivil(-4713, 11, 24), kMinDate);  // Julian day 0; 4714 BC is the year -4713
  EXPECT_EQ(CivilFromDays(kEndDate - 1).year, 5874897);
}

TEST(Timestamp, TheFastPathRefusesWhatIsNoTime) {
  int64_t micros = 0;
  for (const char* bad : {"2024-02-30 00:00:00", "2024-13-01 00:00:00", "2024-01-01 24:00:00", "2024-01-01_00:00:00", "2024-01-01 00:00",
                          "2O24-01-01 00:00:00", "0000-01-01 00:00:00"}) {
    EXPECT_FALSE(ParseTimestampFast(bad, std::strlen(bad), &micros)) << bad;
  }
}

TEST(Timestamp, TheFastPathLooksAtEveryByte) {
  const std::string good = "2024-02-29 12:30:45";
  for (size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      int64_t fast = 0;
      if (!ParseTimestampFast(text.data(), text.size(), &fast)) continue;
      ASSERT_TRUE(IsDigit(good[at]) ? IsDigit(text[at]) : text[at] == good[at] || (at == 10 && text[at] == 'T')) << text;
      Timestamp general;
      ASSERT_EQ(ParseTimestamp(" " + text, &general), ParseStatus::kOk) << text;
      ASSERT_EQ(general.micros, fast) << text;
    }
  }
}

TEST(ExactSum, IsRoundedOnceAndForgetsWhatIsRetracted) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    StateArena arena;
    ExactSum sum;
    std::vector<double> values;
    __int128 reference = 0;  // in units of 2^-20, exact for these
    for (int i = 0; i < 300; ++i) {
      const auto units = static_cast<int64_t>(random()) >> (11 + random() % 40);
      values.push_back(std::ldexp(static_cast<double>(units), -20));
      reference += units;
      ExactSumAdd(arena, &sum, values.back(), 1);
      const double noise = std::ldexp(static_cast<double>(static_cast<int64_t>(random()) >> 11), static_cast<int>(random() % 1900) - 1100);
      ExactSumAdd(arena, &sum, noise, 3);
      ExactSumAdd(arena, &sum, noise, -2);
      ExactSumAdd(arena, &sum, noise, -1);
    }
    ASSERT_EQ(ExactSumRound(arena, sum, 1), std::ldexp(ToDouble(reference), -20));
    for (double value : values) ExactSumAdd(arena, &sum, value, -1);
    ASSERT_EQ(ExactSumRound(arena, sum, 1), 0);
  }
}

TEST(ExactSum, MergesCopiesAndReachesTheRangesEnds) {
  StateArena left_arena, right_arena;
  ExactSum left, right;
  ExactSumAdd(left_arena, &left, 1e300, 1);
  ExactSumAdd(right_arena, &right, 5e-324, 1);
  ExactSumAdd(right_arena, &right, -1e300, 1);
  ExactSumMerge(left_arena, &left, right_arena, right);
  EXPECT_EQ(ExactSumRound(left_arena, left, 1), 5e-324);
  EXPECT_EQ(ExactSumRound(left_arena, left, 3), 0);
  EXPECT_EQ(ExactSumRound(left_arena, left, 2), 0);  // half of the least: to even
  ExactSum copy;
  ExactSumCopy(left_arena, left, right_arena, &copy);
  ExactSumRelease(left_arena, &left);
  EXPECT_EQ(ExactSumRound(right_arena, copy, 1), 5e-324);
  ExactSum large;
  ExactSumAdd(left_arena, &large, 1.7976931348623157e308, int64_t{1} << 40);
  EXPECT_TRUE(std::isinf(ExactSumRound(left_arena, large, 1)));
  EXPECT_EQ(ExactSumRound(left_arena, large, uint64_t{1} << 40), 1.7976931348623157e308);
  ExactSum third;
  for (double value : {0.1, 0.2, 0.7}) ExactSumAdd(left_arena, &third, value, 1);
  EXPECT_EQ(ExactSumRound(left_arena, third, 3), 0.3333333333333333);
}

TEST(ExactSum, SettlesItsCarriesOverManyAdditions) {
  StateArena arena;
  ExactSum sum;
  ExactSumAdd(arena, &sum, 4503599627370497.5, (int64_t{1} << 30) - 1);
  ExactSumAdd(arena, &sum, 4503599627370497.5, (int64_t{1} << 30) - 1);
  ExactSumAdd(arena, &sum, 4503599627370497.5, int64_t{1} << 40);
  ExactSumAdd(arena, &sum, -4503599627370497.5, (int64_t{1} << 40) + (int64_t{1} << 31) - 4);
  EXPECT_EQ(ExactSumRound(arena, sum, 1), 2 * 4503599627370497.5);
}

// The canonical value's bytes, after checking that it is one of its equals and canonical itself.
template <typename T>
std::string Key(const T& value) {
  const T canonical = CanonicalKey(value), twice = CanonicalKey(canonical);
  EXPECT_TRUE(ValuesEqual(canonical, value));
  EXPECT_EQ(std::memcmp(&canonical, &twice, sizeof canonical), 0);
  return std::string(reinterpret_cast<const char*>(&canonical), sizeof canonical);
}

TEST(CanonicalKey, EqualValuesAndOnlyTheyHaveEqualBytes) {
  EXPECT_EQ(Key(0.0), Key(-0.0));
  EXPECT_EQ(Key(0.0f), Key(-0.0f));
  EXPECT_NE(Key(0.0), Key(5e-324));
  EXPECT_EQ(Key(std::nan("1")), Key(-std::nan("2")));
  EXPECT_EQ(Key(N("1.50")), Key(N("1.5")));
  EXPECT_EQ(Key(N("0.000")), Key(N("0")));
  EXPECT_EQ(Key(N("-100.00")), Key(N("-100")));
  EXPECT_EQ(Key(N("NaN")), Key(N("NaN")));
  EXPECT_NE(Key(N("NaN")), Key(N("Infinity")));
  EXPECT_NE(Key(N("1.50")), Key(N("15")));
  EXPECT_EQ(Key(Interval{0, 30, 0}), Key(Interval{0, 0, 1}));
  EXPECT_EQ(Key(Interval{kMicrosPerDay, 0, 0}), Key(Interval{0, 1, 0}));
  EXPECT_EQ(Key(Interval{-kMicrosPerHour, 1, 0}), Key(Interval{23 * kMicrosPerHour, 0, 0}));
  EXPECT_EQ(Key(Interval{0, -31, 1}), Key(Interval{0, -1, 0}));
  EXPECT_NE(Key(Interval{0, 31, 0}), Key(Interval{0, 0, 1}));
  EXPECT_NE(Key(Interval{1, 0, 0}), Key(Interval{-1, 0, 0}));
}

// Every pair of corner values: equal in SQL's order exactly when canonical bytes are equal.
TEST(CanonicalKey, IntervalsAgreeWithTheirOrder) {
  std::vector<Interval> values;
  for (int64_t micros :
       {int64_t{0}, int64_t{1}, int64_t{-1}, kMicrosPerDay, -kMicrosPerDay, kMicrosPerDay - 1, 31 * kMicrosPerDay, INT64_MAX, INT64_MIN}) {
    for (int32_t days : {0, 1, -1, 30, -30, INT32_MAX, INT32_MIN})
      for (int32_t months : {0, 1, -1, INT32_MAX, INT32_MIN}) values.push_back({micros, days, months});
  }
  for (const Interval& a : values)
    for (const Interval& b : values) EXPECT_EQ(ValuesEqual(a, b), Key(a) == Key(b));
}

TEST(SortKey, OrdersAsSqlDoes) {
  auto keys = [](TypeId type, const std::vector<const char*>& ascending) {
    std::vector<std::string> made;
    for (const char* text : ascending) {
      const Datum value = *Datum::Parse(type, text);
      alignas(8) char slot[24] = {};
      value.Store(type, slot);
      made.emplace_back();
      AppendValueSortKey(type, slot, &made.back());
    }
    EXPECT_TRUE(std::is_sorted(made.begin(), made.end())) << Type(type).ToString();
    EXPECT_EQ(std::adjacent_find(made.begin(), made.end()), made.end()) << Type(type).ToString();
  };
  keys(TypeId::kInt4, {"-2147483648", "-1", "0", "1", "2147483647"});
  keys(TypeId::kFloat8, {"-Infinity", "-1e300", "-1", "-5e-324", "-0", "0", "5e-324", "1", "Infinity", "NaN"});
  keys(TypeId::kNumeric, {"-Infinity", "-100", "-99.5", "-1.01", "-1", "-0.001", "0", "0.001", "0.0010", "0.01", "1", "1.0", "1.01", "9", "10",
                          "123456789012345678901234567890", "Infinity", "NaN"});
  keys(TypeId::kText, {"", "a", "a\x01", "ab", "b", "\xC3\xA9"});
  keys(TypeId::kDate, {"-infinity", "4713-11-24 BC", "1969-12-31", "1970-01-01", "infinity"});
  keys(TypeId::kInterval, {"-1 mon", "-1 day", "0", "1 day", "30 days", "1 mon", "31 days"});
}

TEST(RowLayout, KeepsNullsStructsAndAlignment) {
  const Type item = Type::Struct({{"name", TypeId::kText}, {"price", TypeId::kNumeric}});
  const RowLayout layout({{TypeId::kBool, true}, {TypeId::kInt8, false}, {item, true}, {TypeId::kInt2, true}}, 16);
  EXPECT_EQ(layout.size() % 8, 0u);
  EXPECT_EQ(layout.null_offset(), 16u);
  EXPECT_EQ(layout.slots()[1].offset % 8, 0u);
  EXPECT_EQ(layout.slots()[1].null_bit, -1);
  std::vector<uint64_t> memory(layout.size() / 8);
  char* row = reinterpret_cast<char*>(memory.data());
  const Datum value = Datum::Struct({Datum::Bytes("a \"b\""), Datum()});
  layout.Store(row, layout.slots()[0], Datum());
  layout.Store(row, layout.slots()[1], Datum::Int(-5));
  layout.Store(row, layout.slots()[2], value);
  layout.Store(row, layout.slots()[3], Datum::Int(7));
  EXPECT_TRUE(layout.Load(row, layout.slots()[0]).is_null());
  EXPECT_EQ(layout.Load(row, layout.slots()[1]).as_int(), -5);
  EXPECT_EQ(layout.Load(row, layout.slots()[2]).as_struct()[0].as_bytes(), "a \"b\"");
  std::string text;
  layout.AppendText(row, layout.slots()[2], &text);
  EXPECT_EQ(text, "(\"a \"\"b\"\"\",)");
  EXPECT_EQ(value.ToText(item), text);
  layout.Store(row, layout.slots()[2], Datum());
  EXPECT_TRUE(layout.Load(row, layout.slots()[2]).is_null());
  std::string null_key, value_key;
  layout.AppendSortKey(row, layout.slots()[0], &null_key);
  layout.AppendSortKey(row, layout.slots()[3], &value_key);
  EXPECT_LT(value_key, null_key);  // NULLS LAST
}

TEST(Datum, LiteralsReadBack) {
  EXPECT_EQ(Datum::Bytes("it's").ToSqlLiteral(TypeId::kText), "'it''s'::text");
  EXPECT_EQ(Datum::Int(12).ToSqlLiteral(TypeId::kInt8), "12::bigint");
  EXPECT_EQ(Datum::Int(-12).ToSqlLiteral(TypeId::kInt8), "'-12'::bigint");
  EXPECT_EQ(Datum().ToSqlLiteral(TypeId::kInt8), "NULL::bigint");
  EXPECT_EQ(Datum::Bytes("\\x").ToSqlLiteral(TypeId::kText), "E'\\\\x'::text");
}

TEST(Datum, ParseErrorsNameTheInput) {
  const Status bad = Datum::Parse(TypeId::kInt4, "12x").status();
  EXPECT_EQ(SqlStateOf(bad), sqlstate::kInvalidTextRepresentation);
  EXPECT_EQ(MessageOf(bad), "invalid input syntax for type integer: \"12x\"");
  EXPECT_EQ(SqlStateOf(Datum::Parse(Type::Varchar(2), "abc").status()), sqlstate::kStringDataRightTruncation);
  EXPECT_EQ(SqlStateOf(Datum::Parse(Type::Numeric(3, 1), "100").status()), sqlstate::kNumericValueOutOfRange);
  EXPECT_EQ(Datum::Parse(Type::Numeric(3, 1), "9.96")->ToText(TypeId::kNumeric), "10.0");
}

}  // namespace
}  // namespace kappa
