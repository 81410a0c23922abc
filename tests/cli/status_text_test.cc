#include "cli/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/display_text.h"

namespace kappa::cli {
namespace {

constexpr int64_t kNow = 1'700'000'000'000'000;  // 2023-11-14 22:13:20

class StatusTextTest : public ::testing::Test {
 protected:
  StatusTextTest() { UseUnicode(); }
  EngineStatus Engine(bool running) {
    EngineStatus status;
    status.running = running;
    status.version = "1.2.3";
    status.data_directory = "./data";
    status.at_micros = kNow;
    status.started_micros = kNow - 200'000'000;
    return status;
  }
};

TEST_F(StatusTextTest, TimesAreCivil) {
  EXPECT_EQ(TimeText(kNow), "2023-11-14 22:13:20");
  EXPECT_EQ(TimeText(0), "1970-01-01 00:00:00");
  EXPECT_EQ(TimeText(-1), "1969-12-31 23:59:59");
  EXPECT_EQ(TimeText(951'782'400'000'000), "2000-02-29 00:00:00");
  EXPECT_EQ(TimeText(4'107'542'399'000'000), "2100-02-28 23:59:59");
  EXPECT_EQ(TimeText(4'107'542'400'000'000), "2100-03-01 00:00:00");
}

TEST_F(StatusTextTest, EpochsSayWhichLifeTheyAreOf) {
  EXPECT_EQ(EpochText(0), "0");
  EXPECT_EQ(EpochText(1203), "1,203");
  EXPECT_EQ(EpochText((int64_t{1} << 40) + 17), "17 of rebuild 1");
  EXPECT_EQ(EpochText(int64_t{3} << 40), "0 of rebuild 3");
}

TEST_F(StatusTextTest, RunningPipelinesInColumns) {
  EngineStatus status = Engine(true);
  PipelineStatus totals;
  totals.name = "totals";
  totals.durable = true;
  totals.epoch = 1203;
  totals.records = 12'345'678;
  totals.records_per_second = 45'000;
  totals.bytes_per_second = 12'100'000;
  totals.lag = 17;
  totals.watermark_micros = kNow - 4'000'000;
  totals.state_bytes = 512'000;
  totals.memory_budget = 1'000'000;
  totals.snapshot_epoch = 1200;
  totals.snapshot_micros = kNow - 8'000'000;
  totals.snapshot_bytes = 4'500'000;
  totals.seen_micros = kNow - 12'000'000;
  totals.snapshot_failures = 2;
  totals.snapshot_error = "53100: disk full";
  totals.merge_failures = 1;
  totals.merge_error = "58030: broken";
  totals.journal_bytes = 3000;
  totals.dead_letters = {{"", 1}, {"bad", 3}};
  totals.late = 1;
  totals.sinks = {{"out", "log", true, 1203, 4500}, {"shown", "print", false, -1, 1}};
  PipelineStatus broken;
  broken.name = "b";
  broken.state = PipelineState::kFailed;
  broken.error = "22012: division by zero\x1b[2J";
  status.pipelines = {totals, broken};
  EXPECT_EQ(StatusText(status),
            "kappa 1.2.3 on ./data, up 3 min 20 s\n"
            "\n"
            "pipeline  state    epoch     records  rows/s    bytes/s  lag  watermark                       memory\n"
            "totals    running  1,203  12,345,678   45.0K  12.1 MB/s   17  2023-11-14 22:13:16  512 kB of 1.00 MB\n"
            "  no news for 12 s: it is busy with one thing, or waits for one\n"
            "  snapshot: epoch 1,200, 8.00 s ago, 4.50 MB; journal: 3.00 kB\n"
            "  2 snapshots could not be taken; the last: 53100: disk full\n"
            "  snapshot files are not merged and become more: 58030: broken\n"
            "  watermark: 4.00 s behind the clock\n"
            "  sink out: log, exactly once, committed epoch 1,203, 4,500 changes\n"
            "  sink shown: print, at least once, 1 change\n"
            "  dead letters: 1 left out, 3 in bad\n"
            "  1 late row\n"
            "b         failed       0           0       -          -    -  -                                  0 B\n"
            "  error 22012: division by zero\\x1b[2J\n");
}

TEST_F(StatusTextTest, WhatADirectoryKeeps) {
  EngineStatus status = Engine(false);
  EXPECT_EQ(StatusText(status), "no engine is running on ./data\nit keeps no program with a name (kappa run FILE --name NAME makes one)\n");
  PipelineStatus totals, fresh;
  totals.name = "totals";
  totals.durable = fresh.durable = true;
  totals.state = fresh.state = PipelineState::kStopped;
  totals.snapshot_epoch = 7;
  totals.snapshot_micros = kNow - 60'000'000;
  totals.snapshot_bytes = 100;
  totals.journal_bytes = 20;
  fresh.name = "fresh";
  status.pipelines = {fresh, totals};
  EXPECT_EQ(StatusText(status),
            "no engine is running on ./data\n"
            "\n"
            "pipeline  state    snapshot                       journal\n"
            "fresh     stopped  none yet                           0 B\n"
            "totals    stopped  epoch 7, 1 min 0 s ago, 100 B     20 B\n");
}

TEST_F(StatusTextTest, ColumnsCountWhatIsSeen) {
  EXPECT_EQ(Columns({Align::kLeft, Align::kRight}, {{"n", "x"}, {"\xe6\x97\xa5\xe6\x9c\xac", "12"}, {"e\xcc\x81", "3"}}),
            "n      x\n\xe6\x97\xa5\xe6\x9c\xac  12\ne\xcc\x81      3\n");
}

}  // namespace
}  // namespace kappa::cli
