// Faults come where and as often as they were asked for, and nowhere else.
#include "common/os/fault_file_system.h"

#include <gtest/gtest.h>

#include <set>

namespace kappa::os {
namespace {

std::unique_ptr<FaultFileSystem> MakeDisk() { return std::make_unique<FaultFileSystem>(std::make_unique<MemoryFileSystem>()); }

// Nine boundaries: a directory, then twice a file, its truncation and content, sync, rename (and the directory's sync).
Status WriteTwoFiles(FileSystem& files) {
  RETURN_IF_ERROR(files.CreateDirectories("/d"));
  RETURN_IF_ERROR(files.WriteAtomically("/d/one", "1"));
  return files.WriteAtomically("/d/two", "2");
}

TEST(FaultFileSystem, CountsEveryBoundary) {
  const auto files = MakeDisk();
  ASSERT_TRUE(WriteTwoFiles(*files).ok());
  EXPECT_EQ(files->boundaries(), 1 + 2 * 6);
  EXPECT_TRUE(files->ReadAll("/d/one").ok());
  EXPECT_TRUE(files->CreateDirectories("/d").ok());
  EXPECT_EQ(files->boundaries(), 13) << "neither reading nor what changes nothing is one";
}

TEST(FaultFileSystem, AfterThePowerIsLostNothingWorks) {
  std::set<std::string> places;
  for (int64_t boundary = 1; boundary <= 13; ++boundary) {
    const auto files = MakeDisk();
    files->LosePowerAt(boundary);
    EXPECT_EQ(SqlStateOf(WriteTwoFiles(*files)), sqlstate::kIoError);
    EXPECT_TRUE(files->power_lost());
    places.insert(files->failed_at());
    EXPECT_EQ(SqlStateOf(files->ReadAll("/d/one").status()), sqlstate::kIoError);
    EXPECT_EQ(SqlStateOf(files->OpenForAppend("/x").status()), sqlstate::kIoError);
    EXPECT_EQ(SqlStateOf(files->List("/").status()), sqlstate::kIoError);
    EXPECT_EQ(SqlStateOf(files->Lock("/l").status()), sqlstate::kIoError);
    EXPECT_FALSE(files->Exists("/d"));
    EXPECT_EQ(files->boundaries(), boundary);
  }
  EXPECT_EQ(places.size(), 12u) << "both files sync the same directory";
}

// The operation at which the power goes may have reached the disk or not.
TEST(FaultFileSystem, TheLastOperationMayOrMayNotHaveHappened) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto files = MakeDisk();
    files->LosePowerAt(7);  // the sync of the directory after the rename of /d/one
    EXPECT_FALSE(WriteTwoFiles(*files).ok());
    const auto disk = files->Surviving(seed);
    const std::vector<std::string> names = disk->List("/d").value();
    for (const std::string& name : names) outcomes.insert(name + "=" + disk->ReadAll("/d/" + name).value());
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"one.tmp=1", "one=1"}));
}

TEST(FaultFileSystem, AnOperationOfAKindFailsAndLaterWorksAgain) {
  const auto files = MakeDisk();
  auto file = files->OpenForAppend("/full").value();
  files->Fail({.kind = WriteKind::kAppend, .path_part = "full", .after = 1, .times = 2, .error = sqlstate::kDiskFull});
  EXPECT_TRUE(file->Append("ab").ok());
  EXPECT_EQ(SqlStateOf(file->Append("cdef")), sqlstate::kDiskFull);
  EXPECT_EQ(file->size(), 4u) << "half of it was written";
  ASSERT_TRUE(file->Truncate(2).ok());
  EXPECT_EQ(SqlStateOf(file->Append("cd")), sqlstate::kDiskFull);
  ASSERT_TRUE(file->Truncate(2).ok());
  EXPECT_TRUE(files->OpenForAppend("/other").value()->Append("x").ok());
  EXPECT_TRUE(file->Append("!").ok());
  EXPECT_EQ(files->ReadAll("/full").value(), "ab!");
  EXPECT_EQ(files->failed(), 2);
}

TEST(FaultFileSystem, EachOperationOfARunCanBeTheOneThatFails) {
  for (int64_t boundary = 1; boundary <= 13; ++boundary) {
    const auto files = MakeDisk();
    files->FailAt(boundary, sqlstate::kDiskFull);
    EXPECT_EQ(SqlStateOf(WriteTwoFiles(*files)), sqlstate::kDiskFull) << boundary;
    EXPECT_EQ(files->boundaries(), boundary);
    EXPECT_TRUE(WriteTwoFiles(*files).ok()) << files->failed_at();
  }
}

TEST(FaultFileSystem, RepairEndsAllFaults) {
  const auto files = MakeDisk();
  files->Fail({.kind = WriteKind::kRename, .path_part = "", .times = 100});
  EXPECT_EQ(SqlStateOf(files->WriteAtomically("/f", "x")), sqlstate::kIoError);
  files->Repair();
  EXPECT_TRUE(files->WriteAtomically("/f", "x").ok());
}

TEST(FaultFileSystem, WhatAFailedSyncShouldHaveKeptIsNeverDurable) {
  const auto files = MakeDisk();
  auto file = files->OpenForAppend("/f").value();
  ASSERT_TRUE(files->SyncDirectory("/").ok());
  ASSERT_TRUE(file->Append("lost").ok());
  files->Fail({.kind = WriteKind::kSync, .path_part = "/f"});
  EXPECT_EQ(SqlStateOf(file->Sync()), sqlstate::kIoError);
  EXPECT_TRUE(file->Sync().ok()) << "the trap: the second one says yes";
  for (uint64_t seed = 0; seed < 50; ++seed) EXPECT_EQ(files->Surviving(seed)->ReadAll("/f").value(), "");
}

}  // namespace
}  // namespace kappa::os
