// The model of a disk that other tests rely on: what survives, what may, and what must not.
#include "common/os/memory_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace kappa::os {
namespace {

constexpr uint64_t kSeeds = 200;

void Write(FileSystem& files, const std::string& path, const std::string& synced, const std::string& unsynced) {
  auto file = files.OpenForAppend(path).value();
  ASSERT_TRUE(file->Append(synced).ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(file->Append(unsynced).ok());
}

// What the file may hold after power loss, over all seeds; "-": it is not there.
std::set<std::string> Outcomes(const MemoryFileSystem& files, const std::string& path) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto disk = files.AfterPowerLoss(seed);
    outcomes.insert(disk->Exists(path) ? disk->ReadAll(path).value() : "-");
  }
  return outcomes;
}

TEST(MemoryFileSystem, BehavesAsTheRealOneWhileThePowerIsOn) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.CreateDirectories("/a/b/c").ok());
  ASSERT_TRUE(files.WriteAtomically("/a/b/file", "one").ok());
  ASSERT_TRUE(files.WriteAtomically("/a/b/file", std::string(200'000, 'x')).ok());
  EXPECT_EQ(files.ReadAll("/a/b/file")->size(), 200'000u);
  EXPECT_EQ(files.List("/a/b").value(), (std::vector<std::string>{"c", "file"}));
  EXPECT_EQ(files.Glob("/a/*/f*").value(), std::vector<std::string>{"/a/b/file"});
  EXPECT_TRUE(files.Stat("/a")->directory);
  EXPECT_EQ(files.Stat("/a/b/file")->size, 200'000u);
  EXPECT_EQ(SqlStateOf(files.OpenForRead("/nowhere").status()), sqlstate::kUndefinedFile);
  EXPECT_EQ(SqlStateOf(files.OpenForAppend("/nowhere/file").status()), sqlstate::kUndefinedFile);
  EXPECT_EQ(SqlStateOf(files.Remove("/a/b")), sqlstate::kIoError) << "not empty";
  auto old = files.OpenForRead("/a/b/file").value();
  {
    auto file = files.OpenForAppend("/a/b/file").value();
    ASSERT_TRUE(file->Truncate(2).ok());
    ASSERT_TRUE(file->Append("yz").ok());
    EXPECT_EQ(file->size(), 4u);
  }
  EXPECT_EQ(files.ReadAll("/a/b/file").value(), "xxyz");
  ASSERT_TRUE(files.Remove("/a/b/file").ok());
  EXPECT_FALSE(files.Exists("/a/b/file"));
  EXPECT_EQ(old->Size().value(), 4u) << "who has it open keeps it";
}

TEST(MemoryFileSystem, ALockHasOneHolder) {
  MemoryFileSystem files;
  auto held = files.Lock("/lock").value();
  EXPECT_EQ(SqlStateOf(files.Lock("/lock").status()), sqlstate::kObjectInUse);
  held.reset();
  EXPECT_TRUE(files.Lock("/lock").ok());
}

TEST(MemoryFileSystem, WhatWasSyncedSurvivesAndTheRestMayBeLostTornOrThere) {
  MemoryFileSystem files;
  Write(files, "/f", "kept", "abcd");
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  EXPECT_EQ(Outcomes(files, "/f"), (std::set<std::string>{"kept", "kepta", "keptab", "keptabc", "keptabcd"}));
}

TEST(MemoryFileSystem, UnsyncedEditsSurviveInTheirOrder) {
  MemoryFileSystem files;
  Write(files, "/f", "kept", "");
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  auto file = files.OpenForAppend("/f").value();
  ASSERT_TRUE(file->Truncate(2).ok());
  ASSERT_TRUE(file->Append("X").ok());
  ASSERT_TRUE(file->Append("Y").ok());
  EXPECT_EQ(Outcomes(files, "/f"), (std::set<std::string>{"kept", "ke", "keX", "keXY"}));
}

TEST(MemoryFileSystem, ANameThatWasNotSyncedMayBeLostWithItsFile) {
  MemoryFileSystem files;
  Write(files, "/f", "synced", "");
  EXPECT_EQ(Outcomes(files, "/f"), (std::set<std::string>{"-", "synced"}));
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  EXPECT_EQ(Outcomes(files, "/f"), std::set<std::string>{"synced"});
  ASSERT_TRUE(files.Remove("/f").ok());
  EXPECT_EQ(Outcomes(files, "/f"), (std::set<std::string>{"-", "synced"}));
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  EXPECT_EQ(Outcomes(files, "/f"), std::set<std::string>{"-"});
}

TEST(MemoryFileSystem, ARenameIsWholeOrNotAtAll) {
  MemoryFileSystem files;
  Write(files, "/f", "old", "");
  Write(files, "/f.tmp", "new", "");
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  ASSERT_TRUE(files.Rename("/f.tmp", "/f").ok());
  EXPECT_EQ(Outcomes(files, "/f"), (std::set<std::string>{"old", "new"}));
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto disk = files.AfterPowerLoss(seed);
    EXPECT_EQ(disk->Exists("/f.tmp"), disk->ReadAll("/f").value() == "old");
  }
}

// Renaming what was not synced: the name may be durable before the content.
TEST(MemoryFileSystem, ARenamedFileThatWasNotSyncedMayBeEmpty) {
  MemoryFileSystem files;
  Write(files, "/f.tmp", "", "new");
  ASSERT_TRUE(files.Rename("/f.tmp", "/f").ok());
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  EXPECT_EQ(Outcomes(files, "/f"), (std::set<std::string>{"", "n", "ne", "new"}));
}

TEST(MemoryFileSystem, WriteAtomicallyGivesTheOldOrTheNew) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.WriteAtomically("/f", "old").ok());
  EXPECT_EQ(Outcomes(files, "/f"), std::set<std::string>{"old"});
  ASSERT_TRUE(files.WriteAtomically("/f", "new").ok());
  EXPECT_EQ(Outcomes(files, "/f"), std::set<std::string>{"new"});
}

TEST(MemoryFileSystem, DirectoriesAreDurableAndARemovedOneCanBeMadeAgain) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.CreateDirectories("/d/e").ok());
  ASSERT_TRUE(files.Remove("/d/e").ok());
  ASSERT_TRUE(files.CreateDirectories("/d/e").ok());
  Write(files, "/d/e/f", "x", "");
  ASSERT_TRUE(files.SyncDirectory("/d/e").ok());
  EXPECT_EQ(Outcomes(files, "/d/e/f"), std::set<std::string>{"x"});
}

TEST(MemoryFileSystem, TheSameSeedGivesTheSameDisk) {
  MemoryFileSystem files;
  for (int i = 0; i < 10; ++i) Write(files, "/f" + std::to_string(i), "synced", "pending");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto one = files.AfterPowerLoss(seed), two = files.AfterPowerLoss(seed);
    ASSERT_EQ(one->List("/").value(), two->List("/").value());
    const std::vector<std::string> names = one->List("/").value();
    for (const std::string& name : names) EXPECT_EQ(one->ReadAll(name).value(), two->ReadAll(name).value());
  }
}

TEST(MemoryFileSystem, AFailedSyncLosesWhatItShouldHaveKept) {
  MemoryFileSystem files;
  Write(files, "/f", "kept", "lost");
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  files.LoseUnsynced("/f");
  auto file = files.OpenForAppend("/f").value();
  EXPECT_EQ(files.ReadAll("/f").value(), "keptlost");
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(Outcomes(files, "/f"), std::set<std::string>{"kept"});
}

}  // namespace
}  // namespace kappa::os
