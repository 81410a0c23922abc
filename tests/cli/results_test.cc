// Results as people and programs get them.
#include "cli/results.h"

#include <gtest/gtest.h>

#include "cli/display_text.h"
#include "tests/cli/fakes.h"

namespace kappa::cli {
namespace {

class FixedClock final : public os::Clock {
 public:
  int64_t WallMicros() override { return 0; }
  int64_t MonotonicNanos() override { return now; }
  int64_t CpuNanos() override { return 0; }
  int64_t now = 0;
};

class ResultsTest : public testing::Test {
 protected:
  ResultsTest() { UseUnicode(); }
  std::string Table(const TestRows& rows, const std::string& title = "") {
    EXPECT_TRUE(rows.Show(MakeTableResults(OutputFormat::kTable, &style_, &output_, &clock_).get(), title).ok());
    return output_.Take();
  }
  TableStyle style_;
  StringOutput output_;
  FixedClock clock_;
};

TestRows Fruit(bool append_only = true) { return TestRows({{"name", TypeId::kText}, {"amount", TypeId::kInt8}}, append_only); }

TEST_F(ResultsTest, TableAlignsAsPsqlDoes) {
  EXPECT_EQ(Table(Fruit().Add({Datum::Bytes("apple"), Datum::Int(12)}).Add({Datum(), Datum::Int(1234567)})),
            " name  | amount\n"
            "-------+---------\n"
            " apple |      12\n"
            " NULL  | 1234567\n"
            "(2 rows)\n\n");
}

TEST_F(ResultsTest, TableCountsOneRowAndNone) {
  EXPECT_EQ(Table(Fruit()), " name | amount\n------+--------\n(0 rows)\n\n");
  EXPECT_TRUE(Table(Fruit().Add({Datum::Bytes("x"), Datum::Int(1)})).ends_with("(1 row)\n\n"));
}

TEST_F(ResultsTest, TableShowsWhatHappensToRowsThatMayBeTakenBack) {
  EXPECT_EQ(Table(Fruit(false).Add({Datum::Bytes("pear"), Datum::Int(1)}, -1).Add({Datum::Bytes("pear"), Datum::Int(2)}, 2), "stock"),
            "stock:\n"
            " op | name | amount\n"
            "----+------+--------\n"
            " -  | pear |      1\n"
            " +  | pear |      2\n"
            " +  | pear |      2\n"
            "(3 rows)\n\n");
}

TEST_F(ResultsTest, TableMeasuresWideAndCombiningCharacters) {
  const std::string table = Table(
      Fruit().Add({Datum::Bytes("日本"), Datum::Int(1)}).Add({Datum::Bytes("ae\xCC\x81"), Datum::Int(2)}).Add({Datum::Bytes("🍎x"), Datum::Int(3)}));
  EXPECT_NE(table.find(" 日本 |"), std::string::npos) << table;
  EXPECT_NE(table.find(" ae\xCC\x81   |"), std::string::npos) << table;
  EXPECT_NE(table.find(" 🍎x  |"), std::string::npos) << table;
}

TEST_F(ResultsTest, DataCannotSteerTheTerminal) {
  const std::string table = Table(Fruit().Add({Datum::Bytes("a\x1b[2J\tb\nc\xff\xc2\x9b"), Datum::Int(1)}));
  EXPECT_NE(table.find("a\\x1b[2J\\tb\\nc\\xff\\xc2\\x9b |"), std::string::npos) << table;
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
}

TEST_F(ResultsTest, NullIsDimWhereThereAreColours) {
  style_.colour = true;
  EXPECT_NE(Table(Fruit().Add({Datum::Bytes("NULL"), Datum()})).find("NULL |   \x1b[2mNULL\x1b[0m\n"), std::string::npos);
}

TEST_F(ResultsTest, ExpandedHasALineForEachColumn) {
  style_.expanded = Expanded::kOn;
  EXPECT_EQ(Table(Fruit().Add({Datum::Bytes("apple"), Datum::Int(12)})),
            "-[ RECORD 1 ]-----\n"
            "name   | apple\n"
            "amount | 12\n"
            "(1 row)\n\n");
}

TEST_F(ResultsTest, AutomaticExpansionLooksAtTheTerminal) {
  style_.expanded = Expanded::kAuto;
  style_.terminal_columns = 15;  // "------+--------"
  EXPECT_TRUE(Table(Fruit()).starts_with(" name | amount\n"));
  style_.terminal_columns = 14;
  EXPECT_TRUE(Table(Fruit().Add({Datum::Bytes("a"), Datum::Int(1)})).starts_with("-[ RECORD 1 ]"));
}

TEST_F(ResultsTest, BoxesFitTheTerminal) {
  const TestRows rows = Fruit().Add({Datum::Bytes("日本語 and a lot of text"), Datum::Int(1)}).Add({Datum(), Datum::Int(22)});
  style_.terminal_columns = 30;
  ASSERT_TRUE(rows.Show(MakeTableResults(OutputFormat::kBox, &style_, &output_, &clock_).get()).ok());
  EXPECT_EQ(output_.Take(),
            "┌───────────────────┬────────┐\n"
            "│       name        │ amount │\n"
            "├───────────────────┼────────┤\n"
            "│ 日本語 and a lot… │      1 │\n"
            "│ NULL              │     22 │\n"
            "└───────────────────┴────────┘\n"
            "(2 rows)\n\n");
  style_.terminal_columns = 20;  // too little would be left of it
  style_.expanded = Expanded::kAuto;
  ASSERT_TRUE(rows.Show(MakeTableResults(OutputFormat::kBox, &style_, &output_, &clock_).get()).ok());
  EXPECT_TRUE(output_.Take().starts_with("-[ RECORD 1 ]"));
}

TEST_F(ResultsTest, MarkdownAndUnaligned) {
  const TestRows rows = Fruit().Add({Datum::Bytes("a|b"), Datum::Int(1)}).Add({Datum(), Datum::Int(22)});
  ASSERT_TRUE(rows.Show(MakeTableResults(OutputFormat::kMarkdown, &style_, &output_, &clock_).get()).ok());
  EXPECT_EQ(output_.Take(),
            "| name | amount |\n"
            "|------|-------:|\n"
            "| a\\|b |      1 |\n"
            "| NULL |     22 |\n"
            "(2 rows)\n\n");
  style_.null_text = "-";
  ASSERT_TRUE(rows.Show(MakeUnalignedResults(&style_, &output_).get()).ok());
  EXPECT_EQ(output_.Take(), "name|amount\na|b|1\n-|22\n(2 rows)\n");
}

TEST_F(ResultsTest, LongTablesStreamAfterAThousandRows) {
  TestRows rows = Fruit();
  for (int i = 0; i < 999; ++i) rows.Add({Datum::Bytes("ab"), Datum::Int(i)});
  auto results = MakeTableResults(OutputFormat::kTable, &style_, &output_, &clock_);
  ASSERT_TRUE(results->OnSchema("", rows.schema()).ok());
  ASSERT_TRUE(results->OnRows(rows.batch()).ok());
  EXPECT_EQ(output_.Take(), "");
  TestRows more = Fruit().Add({Datum::Bytes("wider"), Datum::Int(999)}).Add({Datum::Bytes("wider than that"), Datum::Int(1000)});
  ASSERT_TRUE(results->OnRows(more.batch()).ok());
  const std::string shown = output_.Take();
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 1003);
  EXPECT_NE(shown.find(" ab    |      0\n"), std::string::npos);
  EXPECT_NE(shown.find(" wider than that |   1000\n"), std::string::npos);  // pushes the rest aside
  ASSERT_TRUE(results->OnEnd(1001).ok());
  EXPECT_EQ(output_.Take(), "(1,001 rows)\n\n");
}

TEST_F(ResultsTest, RowsThatWaitAreShownAfterHalfASecond) {
  TestRows rows = Fruit().Add({Datum::Bytes("a"), Datum::Int(1)});
  auto results = MakeTableResults(OutputFormat::kTable, &style_, &output_, &clock_);
  ASSERT_TRUE(results->OnSchema("", rows.schema()).ok());
  ASSERT_TRUE(results->OnRows(rows.batch()).ok());
  clock_.now = 400'000'000;
  ASSERT_TRUE(results->ShowWaiting().ok());
  EXPECT_EQ(output_.Take(), "");
  clock_.now = 600'000'000;
  ASSERT_TRUE(results->ShowWaiting().ok());
  EXPECT_NE(output_.Take().find(" a    |      1\n"), std::string::npos);
}

TEST_F(ResultsTest, CsvHasAHeaderAndQuotes) {
  auto results = MakeResults(OutputFormat::kCsv, &style_, &output_, &clock_);
  ASSERT_TRUE(Fruit().Add({Datum::Bytes("a \"b\", c"), Datum::Int(1)}).Add({Datum(), Datum()}).Show(results.get()).ok());
  ASSERT_TRUE(Fruit(false).Add({Datum::Bytes("x"), Datum::Int(2)}, -2).Show(results.get()).ok());
  EXPECT_EQ(output_.Take(), "name,amount\n\"a \"\"b\"\", c\",1\n,\n\nop,name,amount\ndelete,x,2\ndelete,x,2\n");
}

TEST_F(ResultsTest, ResultsThatAreOpenAtOnceTakeTurns) {
  const TestRows a = Fruit().Add({Datum::Bytes("apple"), Datum::Int(1)});
  const TestRows b = Fruit().Add({Datum::Bytes("pear"), Datum::Int(2)}).Add({Datum::Bytes("plum"), Datum::Int(3)});
  auto csv = MakeResults(OutputFormat::kCsv, &style_, &output_, &clock_);
  auto table = MakeResults(OutputFormat::kTable, &style_, &output_, &clock_);
  for (ShownResults* results : {csv.get(), table.get()}) {
    ASSERT_TRUE(results->OnSchema("a", a.schema()).ok());
    ASSERT_TRUE(results->OnRows(a.batch()).ok());
    ASSERT_TRUE(results->OnSchema("b", b.schema()).ok());
    ASSERT_TRUE(results->OnRows(b.batch()).ok());
    ASSERT_TRUE(results->OnRows(a.batch()).ok());
    ASSERT_TRUE(results->OnRows(a.batch()).ok());
    ASSERT_TRUE(results->OnEnd(2).ok());
    ASSERT_TRUE(results->OnEnd(3).ok());
    EXPECT_FALSE(results->OnEnd(0).ok());
    EXPECT_EQ(output_.Take(), results == csv.get()
                                  ? "name,amount\napple,1\n\nname,amount\npear,2\nplum,3\n\nname,amount\napple,1\napple,1\n"
                                  : "b:\n name | amount\n------+--------\n pear |      2\n plum |      3\n(2 rows)\n\n"
                                    "a:\n name  | amount\n-------+--------\n apple |      1\n apple |      1\n apple |      1\n(3 rows)\n\n");
  }
}

TEST_F(ResultsTest, JsonIsAnObjectALine) {
  auto results = MakeJsonResults(&output_);
  ASSERT_TRUE(Fruit().Add({Datum::Bytes("a\"\n"), Datum::Int(1)}).Add({Datum(), Datum()}).Show(results.get()).ok());
  EXPECT_EQ(output_.Take(), "{\"name\":\"a\\\"\\n\",\"amount\":1}\n{\"name\":null,\"amount\":null}\n");
  ASSERT_TRUE(Fruit(false).Add({Datum::Bytes("x"), Datum::Int(2)}, -1).Show(results.get(), "stock").ok());
  EXPECT_EQ(output_.Take(), "{\"sink\":\"stock\",\"op\":\"delete\",\"name\":\"x\",\"amount\":2}\n");
}

}  // namespace
}  // namespace kappa::cli
