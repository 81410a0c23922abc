// The time log: what one program decided about a silent partition, every later reader finds at the same place.
#include "exec/epoch/time_log.h"

#include <gtest/gtest.h>

#include "common/os/simulated_environment.h"

namespace kappa {
namespace {

constexpr char kDirectory[] = "/data/time";

TimeLogEntry Resume(int32_t partition, int64_t offset, int64_t watermark) {
  return {TimeLogEntry::Kind::kResume, "a topic/7", partition, offset, watermark};
}

TEST(TimeLog, IsReadAgainFirstEntriesWinTrimmedOnesAreGone) {
  os::SimulatedEnvironment environment(1);
  {
    FileTimeLog log(environment, kDirectory);
    ASSERT_TRUE(log.Load("a topic/7").ok());
    log.Append(Resume(0, 10, 500));
    log.Append(Resume(0, 10, 900));  // another program, later: the first has decided
    log.Append(Resume(0, 30, 800));
    log.Append(Resume(1, 5, 100));
    log.Append({TimeLogEntry::Kind::kIdle, "a topic/7", 0, 20, 600});
    ASSERT_TRUE(log.Sync().ok());
  }
  FileTimeLog log(environment, kDirectory);
  EXPECT_FALSE(log.NextResume("a topic/7", 0, 0).has_value()) << "nothing is known before it is loaded";
  ASSERT_TRUE(log.Load("a topic/7").ok());
  ASSERT_TRUE(log.NextResume("a topic/7", 0, 0).has_value());
  EXPECT_EQ(log.NextResume("a topic/7", 0, 0)->offset, 10);
  EXPECT_EQ(log.NextResume("a topic/7", 0, 10)->micros, 500);
  EXPECT_EQ(log.NextResume("a topic/7", 0, 11)->offset, 30) << "silence gives no watermark";
  EXPECT_FALSE(log.NextResume("a topic/7", 0, 31).has_value()) << "of this partition";
  EXPECT_FALSE(log.NextResume("another", 0, 0).has_value());
  log.TrimBefore("a topic/7", 0, 20);
  EXPECT_EQ(log.NextResume("a topic/7", 0, 0)->offset, 30);
  EXPECT_EQ(log.NextResume("a topic/7", 1, 0)->offset, 5);
}

// A record's clock is that of the epoch that read it first: the first entry behind its place.
TEST(TimeLog, TellsRecordsTheClockOfTheirFirstReading) {
  os::SimulatedEnvironment environment(1);
  {
    FileTimeLog log(environment, kDirectory);
    ASSERT_TRUE(log.Load("t").ok());
    log.Append({TimeLogEntry::Kind::kClock, "t", 0, 10, 1000});
    log.Append({TimeLogEntry::Kind::kClock, "t", 0, 25, 2000});
    log.Append({TimeLogEntry::Kind::kClock, "t", 0, 25, 9000});  // another program, later
    log.Append({TimeLogEntry::Kind::kClock, "t", 1, 5, 3000});
    ASSERT_TRUE(log.Sync().ok());
  }
  FileTimeLog log(environment, kDirectory);
  ASSERT_TRUE(log.Load("t").ok());
  EXPECT_EQ(log.NextClock("t", 0, 0)->micros, 1000);
  EXPECT_EQ(log.NextClock("t", 0, 9)->micros, 1000);
  EXPECT_EQ(log.NextClock("t", 0, 10)->micros, 2000);
  EXPECT_EQ(log.NextClock("t", 0, 24)->micros, 2000);
  EXPECT_FALSE(log.NextClock("t", 0, 25).has_value()) << "nobody has read it";
  EXPECT_EQ(log.NextClock("t", 1, 0)->offset, 5);
  EXPECT_FALSE(log.NextClock("u", 0, 0).has_value());
  EXPECT_FALSE(log.NextResume("t", 0, 0).has_value()) << "a clock gives no watermark";
}

}  // namespace
}  // namespace kappa
