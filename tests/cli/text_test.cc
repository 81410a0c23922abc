// Small texts: positions, figures, records, history, the progress line, exit codes.
#include <gtest/gtest.h>

#include "cli/display_text.h"
#include "cli/exit_code.h"
#include "cli/human_text.h"
#include "cli/line_editor.h"
#include "cli/offsets.h"
#include "cli/progress_line.h"
#include "cli/record_text.h"

namespace kappa::cli {
namespace {

TEST(PositionTest, Forms) {
  EXPECT_EQ(ParseLogPosition("earliest")->kind, LogPosition::Kind::kEarliest);
  EXPECT_EQ(ParseLogPosition(" latest ")->kind, LogPosition::Kind::kLatest);
  const auto offsets = ParseLogPosition("0:120, 1:98");
  ASSERT_TRUE(offsets.ok());
  EXPECT_EQ(offsets->kind, LogPosition::Kind::kOffsets);
  EXPECT_EQ(offsets->offsets, (std::map<int32_t, int64_t>{{0, 120}, {1, 98}}));
  EXPECT_EQ(ParseLogPosition("7:9223372036854775807")->offsets.at(7), INT64_MAX);
  EXPECT_EQ(ParseLogPosition("2026-01-01 00:00:00")->kind, LogPosition::Kind::kTime);
  EXPECT_EQ(ParseLogPosition("2026-01-01 00:00:00")->time_ms, 1767225600000);
  EXPECT_EQ(ParseLogPosition(" 2026-01-01T02:00:00.0001+02 ")->time_ms, 1767225600001);
  EXPECT_EQ(ParseLogPosition("1969-12-31 23:59:59.9995")->time_ms, 0);
}

TEST(PositionTest, Mistakes) {
  for (const char* wrong : {"", "120", "0:", ":5", "0:1,", ",0:1", "0:-1", "-1:0", "0:1x", "a:1", "0:9223372036854775808", "2147483648:0", "0:1;1:2",
                            "Earliest?", "2026-13-01", "2026-01-01 25:00"}) {
    const auto position = ParseLogPosition(wrong);
    ASSERT_FALSE(position.ok()) << wrong;
    EXPECT_EQ(SqlStateOf(position.status()), sqlstate::kInvalidParameterValue);
    EXPECT_NE(HintOf(position.status()).find("0:120,1:98"), std::string::npos);
  }
  const auto twice = ParseLogPosition("0:1,0:2");
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(MessageOf(twice.status()), "partition 0 has two offsets in \"0:1,0:2\"");
}

TEST(HumanTextTest, Figures) {
  EXPECT_EQ(GroupedCount(0), "0");
  EXPECT_EQ(GroupedCount(999), "999");
  EXPECT_EQ(GroupedCount(1000), "1,000");
  EXPECT_EQ(GroupedCount(-1234567), "-1,234,567");
  EXPECT_EQ(GroupedCount(-123), "-123");
  EXPECT_EQ(ShortCount(999), "999");
  EXPECT_EQ(ShortCount(1000), "1.00K");
  EXPECT_EQ(ShortCount(12345), "12.3K");
  EXPECT_EQ(ShortCount(999'900), "1.00M");
  EXPECT_EQ(ByteCount(512), "512 B");
  EXPECT_EQ(ByteCount(334e6), "334 MB");
  EXPECT_EQ(Duration(0.5), "0.50 s");
  EXPECT_EQ(Duration(59.7), "1 min 0 s");
  EXPECT_EQ(Duration(200), "3 min 20 s");
  EXPECT_EQ(Duration(3900), "1 h 5 min");
  EXPECT_EQ(Plural(1, "row"), "1 row");
  EXPECT_EQ(Plural(0, "row"), "0 rows");
}

TEST(ProgressTest, RatesLagAndEta) {
  ProgressText text;
  Progress progress;
  progress.bounded = true;
  progress.lag = 3'000'000;
  EXPECT_EQ(text.Update(progress, 0), "0 rows  0 rows/s  0 B/s  lag 3.00M");
  progress.records = 1'000'000;
  progress.bytes = 334'000'000;
  progress.lag = 2'000'000;
  progress.errors = 1;
  EXPECT_EQ(text.Update(progress, 1'000'000'000), "1.00M rows  1.00M rows/s  334 MB/s  lag 2.00M  ETA 2.00 s  1 dead letter");
  progress.lag = -1;
  progress.records = 1'500'000;
  progress.late = 1;
  EXPECT_EQ(text.Update(progress, 2'000'000'000), "1.50M rows  500K rows/s  0 B/s  2 dead letters");
}

TEST(SummaryTest, NamesDeadLettersAndHowToLookAtThem) {
  ProgramSummary summary;
  summary.progress.records = 1000;
  summary.progress.bytes = 5000;
  summary.seconds = 2;
  summary.cpu_seconds = 0.25;
  summary.lines = {"alerts: at least once"};
  summary.dead_letters = {{"bad_bids", 2}, {"kappa_dead_letters", 0}};
  EXPECT_EQ(SummaryText(summary, false, " --data d"),
            "done: 1,000 records (5.00 kB) in 2.00 s, 500 records/s, 0.25 s of CPU\n"
            "alerts: at least once\n"
            "2 dead letters in bad_bids; to look at them:\n"
            "  kappa run --data d -e \"SELECT * FROM bad_bids\"\n");
  EXPECT_EQ(SummaryText(ProgramSummary(), true, ""), "");
}

TEST(RecordTextTest, LinesBecomeRecords) {
  ProduceFormat format;
  EXPECT_EQ(RecordOfLine("a:b:c", format).value, "a:b:c");
  EXPECT_FALSE(RecordOfLine("a:b:c", format).has_key);
  format.key_separator = ":";
  EXPECT_EQ(RecordOfLine("a:b:c", format).key, "a");
  EXPECT_EQ(RecordOfLine("a:b:c", format).value, "b:c");
  EXPECT_FALSE(RecordOfLine("abc", format).has_key);
  EXPECT_TRUE(RecordOfLine(":x", format).has_key);
  EXPECT_TRUE(RecordOfLine("a:", format).has_value);
  format.empty_is_tombstone = true;
  EXPECT_FALSE(RecordOfLine("a:", format).has_value);
}

TEST(RecordTextTest, JsonOfRecords) {
  const std::vector<RecordHeader> headers = {{"h", "v"}, {"n", "", true}};
  Record record;
  record.offset = 7;
  record.timestamp_ms = 1700000000000;
  record.key = "k";
  record.key_size = 1;
  record.value = "\xff\"";
  record.value_size = 2;
  record.headers = &headers;
  std::string out;
  AppendRecordJson("t", 3, record, &out);
  EXPECT_EQ(out,
            "{\"topic\":\"t\",\"partition\":3,\"offset\":7,\"timestamp\":1700000000000,\"key\":\"k\",\"value_base64\":\"/yI=\","
            "\"headers\":[{\"name\":\"h\",\"value\":\"v\"},{\"name\":\"n\",\"value\":null}]}\n");
  out.clear();
  AppendRecordJson("t", 0, Record(), &out);
  EXPECT_EQ(out, "{\"topic\":\"t\",\"partition\":0,\"offset\":0,\"timestamp\":null,\"key\":null,\"value\":null,\"headers\":[]}\n");
}

TEST(HistoryTest, EntriesRoundTrip) {
  for (const std::string entry : {"SELECT 1;", "SELECT\n  '\\n' ,\n2;", "\\d", "\\\\", "a\\"}) {
    const std::string line = EncodeHistoryEntry(entry);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(DecodeHistoryEntry(line), entry);
  }
}

TEST(CompletionTest, LongestCommonContinuation) {
  const std::vector<std::string> names = {"bids", "bidders", "SELECT", "SET"};
  std::vector<std::string> matches;
  EXPECT_EQ(CommonCompletion("bi", names, &matches), "d");
  EXPECT_EQ(matches.size(), 2u);
  EXPECT_EQ(CommonCompletion("sel", names, &matches), "ECT");
  EXPECT_EQ(CommonCompletion("zz", names, &matches), "");
  EXPECT_TRUE(matches.empty());
}

TEST(ExitCodeTest, FollowsTheState) {
  EXPECT_EQ(ExitCodeOf(OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(SqlError(sqlstate::kUndefinedFile) << "x"), 1);
  EXPECT_EQ(ExitCodeOf(SqlError(sqlstate::kConnectionFailure) << "x"), 2);
  EXPECT_EQ(ExitCodeOf(SqlError(sqlstate::kDivisionByZero) << "x"), 3);
  EXPECT_EQ(ExitCodeOf(SqlError(sqlstate::kQueryCanceled) << "x", true), 130);
  EXPECT_EQ(ExitCodeOf(SqlError(sqlstate::kQueryCanceled) << "x", false), 3);
}

TEST(WrappedTest, BreaksBetweenWords) {
  EXPECT_EQ(Wrapped("one two three four", 4, 9), "one two\n    three\n    four\n");
  EXPECT_EQ(Wrapped("one two", 0, 7), "one two\n");
  EXPECT_EQ(Wrapped("one two", 0, 6), "one\ntwo\n");
  EXPECT_EQ(Wrapped("unbreakable", 0, 5), "unbreakable\n");
  EXPECT_EQ(Wrapped("one two three", 0, 0), "one two three\n");
  EXPECT_EQ(Wrapped("  \\e      change it in your editor", 10, 24), "  \\e      change it in\n          your editor\n");
}

TEST(InColumnsTest, DownwardsThenToTheRight) {
  UseUnicode();
  EXPECT_EQ(InColumns({"a", "bb", "ccc", "d", "e"}, 13), "a    ccc  e\nbb   d\n");
  EXPECT_EQ(InColumns({"a", "bb", "ccc", "d", "e"}, 5), "a\nbb\nccc\nd\ne\n");
  EXPECT_EQ(InColumns({"日本", "x", "y\x1b[m"}, 80), "日本     x        y\\x1b[m\n");
  EXPECT_EQ(InColumns({}, 80), "");
}

}  // namespace
}  // namespace kappa::cli
