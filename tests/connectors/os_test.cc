// The real environment behind common/os.
#include <gtest/gtest.h>

#include <atomic>

#include "common/os/environment.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::os {
namespace {

TEST(FileSystem, ErrorsNameThePathAndTheKind) {
  FileSystem& files = RealEnvironment().files();
  const Status missing = files.OpenForRead("/nowhere/at/all").status();
  EXPECT_EQ(SqlStateOf(missing), sqlstate::kUndefinedFile);
  EXPECT_NE(MessageOf(missing).find("/nowhere/at/all"), std::string::npos);
  EXPECT_EQ(SqlStateOf(files.List("/nowhere").status()), sqlstate::kUndefinedFile);
  EXPECT_TRUE(files.Glob("/nowhere/*")->empty());
}

TEST(FileSystem, WritesReadsListsAndRenames) {
  TemporaryDirectory directory;
  FileSystem& files = RealEnvironment().files();
  ASSERT_TRUE(files.CreateDirectories(directory / "a/b/c").ok());
  ASSERT_TRUE(files.CreateDirectories(directory / "a/b/c").ok()) << "again";
  const std::string path = directory / "a/b/file";
  ASSERT_TRUE(files.WriteAtomically(path, "one").ok());
  ASSERT_TRUE(files.WriteAtomically(path, std::string(200'000, 'x')).ok());
  EXPECT_EQ(files.ReadAll(path)->size(), 200'000u);
  EXPECT_EQ(files.List(directory / "a/b").value(), (std::vector<std::string>{"c", "file"}));
  EXPECT_EQ(files.Glob(directory / "a/*/f*").value(), std::vector<std::string>{path});
  EXPECT_TRUE(files.Stat(directory / "a")->directory);
  EXPECT_EQ(files.Stat(path)->size, 200'000u);
  {
    auto file = files.OpenForAppend(path).value();
    ASSERT_TRUE(file->Truncate(2).ok());
    ASSERT_TRUE(file->Append("yz").ok());
    ASSERT_TRUE(file->Sync().ok());
    EXPECT_EQ(file->size(), 4u);
  }
  ASSERT_TRUE(files.Rename(path, directory / "moved").ok());
  EXPECT_EQ(files.ReadAll(directory / "moved").value(), "xxyz");
  char buffer[8];
  EXPECT_EQ(files.OpenForRead(directory / "moved").value()->ReadAt(3, buffer, sizeof(buffer)).value(), 1u);
  EXPECT_EQ(SqlStateOf(files.CreateDirectories(directory / "moved/x")), sqlstate::kUndefinedFile) << "a file is in the way";
  ASSERT_TRUE(files.Remove(directory / "moved").ok());
  EXPECT_FALSE(files.Exists(directory / "moved"));
}

TEST(FileSystem, ALockIsExclusiveUntilItIsDropped) {
  TemporaryDirectory directory;
  FileSystem& files = RealEnvironment().files();
  auto lock = files.Lock(directory / "lock");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(SqlStateOf(files.Lock(directory / "lock").status()), sqlstate::kObjectInUse);
  lock->reset();
  EXPECT_TRUE(files.Lock(directory / "lock").ok());
}

TEST(Threads, EventsWakeAndTimeOut) {
  Event event, answer;
  EXPECT_FALSE(event.WaitFor(1'000'000));
  event.Set();
  EXPECT_TRUE(event.WaitFor(0));
  EXPECT_FALSE(event.WaitFor(0)) << "waiting clears it";
  std::atomic<bool> woken{false};
  auto thread = RealEnvironment().threads().Start("a name longer than fifteen", [&] {
    woken = event.WaitFor(10'000'000'000);
    answer.Set();
  });
  event.Set();
  EXPECT_TRUE(answer.WaitFor(10'000'000'000));
  thread->Join();
  EXPECT_TRUE(woken);
}

size_t Descend(size_t depth) {
  volatile char frame[1024];
  frame[0] = static_cast<char>(depth);
  return depth == 0 ? 0
                    : Descend(depth - 1) + 1 +
                          static_cast<size_t>(frame[0] - frame[0]);  // NOLINT(misc-redundant-expression): volatile, so that the frame is there
}

TEST(Threads, RunWithStackHasTheStackItWasAskedFor) {
  size_t depth = 0;
  RunWithStack(256 << 20, [&] { depth = Descend(50'000); });  // 50 MB and more: an ordinary stack has 8
  EXPECT_EQ(depth, 50'000u);
}

TEST(Clock, MonotonicTimePasses) {
  Clock& clock = RealEnvironment().clock();
  const int64_t before = clock.MonotonicNanos();
  SleepNanos(2'000'000);
  EXPECT_GE(clock.MonotonicNanos() - before, 2'000'000);
  EXPECT_GT(clock.WallMicros(), int64_t{1'600'000'000} * 1'000'000);
  EXPECT_NE(RealEnvironment().random().Next(), RealEnvironment().random().Next());
}

}  // namespace
}  // namespace kappa::os
