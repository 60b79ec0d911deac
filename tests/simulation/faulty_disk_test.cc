#include "simulation/faulty_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using CrashKind = FaultyDisk::CrashKind;
constexpr uint64_t kEverything = 1'000'000;  // Millionths.

FaultyDisk::FilePointer SyncedFile(FaultyDisk& disk, const std::string& content) {
  const auto file = disk.Open("file", true);
  EXPECT_EQ(disk.Write(*file, 0, content), DiskResult::kDone);
  EXPECT_EQ(disk.Sync(*file), DiskResult::kDone);
  return file;
}

std::string ContentOf(FaultyDisk& disk) {
  const auto file = disk.Open("file", false);
  return file == nullptr ? "none" : file->content();
}

TEST(FaultyDiskTest, WhatIsSyncedSurvivesAndWhatIsNotIsKeptLostOrTorn) {
  constexpr size_t kSectors = 4;
  const std::string safe(kSectors * FaultyDisk::kSectorBytes, 'a');
  const std::string fresh(safe.size(), 'b');
  uint64_t kept = 0;
  uint64_t lost = 0;
  uint64_t torn = 0;
  ForEachSeed(200, [&](Random& random) {
    FaultyDisk disk(random.Next());
    const auto file = SyncedFile(disk, safe + safe);
    ASSERT_EQ(disk.Write(*file, safe.size(), fresh), DiskResult::kDone);
    EXPECT_EQ(file->content(), safe + fresh);
    disk.Crash(CrashKind::kPower);
    const std::string content = ContentOf(disk);
    EXPECT_EQ(content.substr(0, safe.size()), safe);
    const std::string rest = content.substr(safe.size());
    EXPECT_EQ(rest.size(), safe.size());
    const auto changed = static_cast<size_t>(std::ranges::count(rest, 'b'));
    ++(changed == 0 ? lost : changed == rest.size() ? kept : torn);
  });
  EXPECT_GT(kept, 0U);
  EXPECT_GT(lost, 0U);
  EXPECT_GT(torn, 0U);
}

TEST(FaultyDiskTest, AKilledProcessLosesNothing) {
  FaultyDisk disk(1);
  const auto file = disk.Open("file", true);
  ASSERT_EQ(disk.Write(*file, 0, "text"), DiskResult::kDone);
  disk.Crash(CrashKind::kProcess);
  EXPECT_EQ(ContentOf(disk), "text");
}

TEST(FaultyDiskTest, NamesThatWereNotSyncedMayBeGoneOrBack) {
  uint64_t gone = 0;
  uint64_t back = 0;
  ForEachSeed(50, [&](Random& random) {
    FaultyDisk disk(random.Next());
    disk.Open("file", true);
    disk.Crash(CrashKind::kPower);
    gone += disk.Exists("file") ? 0 : 1;
    SyncedFile(disk, "text");
    ASSERT_EQ(disk.Delete("file", false), DiskResult::kDone);
    disk.Crash(CrashKind::kPower);
    back += disk.Exists("file") ? 1 : 0;
    SyncedFile(disk, "text");
    ASSERT_EQ(disk.Delete("file", true), DiskResult::kDone);
    disk.Crash(CrashKind::kPower);
    EXPECT_FALSE(disk.Exists("file"));
  });
  EXPECT_GT(gone, 0U);
  EXPECT_GT(back, 0U);
}

TEST(FaultyDiskTest, SyncingANewFileMakesAllNamesSafe) {
  ForEachSeed(20, [&](Random& random) {
    FaultyDisk disk(random.Next());
    SyncedFile(disk, "text");
    ASSERT_EQ(disk.Delete("file", false), DiskResult::kDone);
    ASSERT_EQ(disk.Sync(*disk.Open("other", true)), DiskResult::kDone);
    disk.Crash(CrashKind::kPower);
    EXPECT_FALSE(disk.Exists("file"));
  });
}

TEST(FaultyDiskTest, AfterAFailedSyncTheNextOneMaySucceedWithoutTheBytes) {
  uint64_t forgotten = 0;
  ForEachSeed(50, [&](Random& random) {
    FaultyDisk disk(random.Next());
    const auto file = SyncedFile(disk, "old");
    ASSERT_EQ(disk.Write(*file, 0, "new"), DiskResult::kDone);
    disk.SetFaults({.sync_failures_ppm = kEverything});
    EXPECT_EQ(disk.Sync(*file), DiskResult::kFailed);
    disk.SetFaults({});
    EXPECT_EQ(disk.Sync(*file), DiskResult::kDone);
    EXPECT_EQ(file->content(), "new");
    disk.Crash(CrashKind::kPower);
    forgotten += ContentOf(disk) == "old" ? 1 : 0;
  });
  EXPECT_GT(forgotten, 0U);
}

TEST(FaultyDiskTest, AFullDiskTakesWhatThereIsRoomFor) {
  FaultyDisk disk(1);
  disk.SetCapacity(6);
  const auto file = SyncedFile(disk, "1234");
  EXPECT_EQ(disk.Write(*file, 4, "5678"), DiskResult::kFull);
  EXPECT_EQ(file->content(), "123456");
  EXPECT_EQ(disk.Write(*file, 0, "abcd"), DiskResult::kDone) << "that takes no more room";
}

TEST(FaultyDiskTest, WithoutPowerNothingChangesUntilTheCrashIsOver) {
  FaultyDisk disk(1);
  const auto file = SyncedFile(disk, "text");
  disk.CutPowerAfter(0);
  EXPECT_EQ(disk.Write(*file, 0, "more"), DiskResult::kFailed);
  EXPECT_EQ(disk.Truncate(*file, 0), DiskResult::kFailed);
  EXPECT_EQ(disk.Sync(*file), DiskResult::kFailed);
  EXPECT_EQ(disk.Delete("file", true), DiskResult::kFailed);
  EXPECT_EQ(disk.Open("other", true), nullptr);
  disk.Crash(CrashKind::kPower);
  EXPECT_EQ(ContentOf(disk), "text");
  EXPECT_EQ(disk.Write(*disk.Open("file", false), 0, "more"), DiskResult::kDone);
}

TEST(FaultyDiskTest, TheWorstCrashKeepsWhatIsSyncedAndNothingElse) {
  FaultyDisk disk(1);
  const auto file = SyncedFile(disk, "old");
  ASSERT_EQ(disk.Write(*file, 0, "new"), DiskResult::kDone);
  disk.Open("other", true);
  FaultyDisk after = disk.AfterWorstCrash();
  EXPECT_EQ(ContentOf(after), "old");
  EXPECT_FALSE(after.Exists("other"));
  EXPECT_EQ(ContentOf(disk), "new") << "it is a copy";
}

}  // namespace
}  // namespace cotext
