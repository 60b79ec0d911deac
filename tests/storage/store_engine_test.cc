#include "storage/store_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "simulation/faulty_disk.h"
#include "simulation/faulty_vfs.h"
#include "storage/store_call.h"
#include "sync/store.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/store_model.h"

namespace cotext {
namespace {

using sync::RecordsOf;
using sync::StoreAnswer;

constexpr char kFile[] = "store.db";
constexpr uint64_t kEverything = 1'000'000;  // Millionths.

StoreCall Append(const std::string& document, const std::vector<std::string>& bytes) {
  return {.kind = StoreCall::Kind::kAppend, .document = document, .records = RecordsOf(bytes)};
}

StoreCall Compact(const std::string& document, uint64_t up_to, const std::string& bytes) {
  return {.kind = StoreCall::Kind::kCompact,
          .document = document,
          .records = RecordsOf({bytes}),
          .up_to = up_to};
}

class StoreEngineTest : public testing::Test {
 protected:
  Expected<void> TryOpen() {
    engine_.reset();
    auto engine = StoreEngine::Open({.path = kFile, .vfs = vfs_.name(), .is_exclusive = true});
    if (!engine) return std::unexpected(engine.error());
    engine_ = *std::move(engine);
    return {};
  }
  void Open() {
    const Expected<void> opened = TryOpen();
    ASSERT_TRUE(opened) << opened.error().message;
  }

  Expected<uint64_t> Write(const StoreCall& call) {
    return engine_->Write({&call, 1}).at(0).position;
  }
  StoreAnswer Load(const std::string& document) {
    return engine_->Load({.kind = StoreCall::Kind::kLoad, .document = document});
  }
  ErrorCode CodeOf(const Expected<uint64_t>& position) {
    return position ? ErrorCode::kInvalidUtf8 : position.error().code;
  }

  // A document of some pages, safe in the database itself.
  void WritePages(const std::string& document, size_t pages) {
    for (size_t i = 0; i < pages; ++i) {
      ASSERT_TRUE(Write(Append(document, {document + std::string(3'000, 'x')})));
    }
    ASSERT_TRUE(engine_->Checkpoint());
  }

  FaultyDisk disk_{1};
  FaultyVfs vfs_{disk_};
  std::unique_ptr<StoreEngine> engine_;
};

TEST_F(StoreEngineTest, OnAFullDiskWritesFailAndReadsGoOn) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  disk_.SetCapacity(disk_.used());
  EXPECT_EQ(CodeOf(Write(Append("a", {std::string(50'000, 'y')}))), ErrorCode::kDiskFull);
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
  engine_.reset();
  disk_.SetCapacity(disk_.used());
  Open();
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"})) << "opened while it was full";
  disk_.SetCapacity(UINT64_MAX);
  Open();
  EXPECT_EQ(Write(Append("a", {"z"})), 2U);
}

TEST_F(StoreEngineTest, WhetherTheDiskTakesWritesIsTriedIfTheLastFailed) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  EXPECT_TRUE(engine_->CheckWrites());
  disk_.SetCapacity(disk_.used());
  EXPECT_TRUE(engine_->CheckWrites()) << "nobody knows yet";
  EXPECT_EQ(CodeOf(Write(Append("a", {std::string(50'000, 'y')}))), ErrorCode::kDiskFull);
  const Expected<void> checked = engine_->CheckWrites();
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kDiskFull);
  // What was too much may have been one write alone.
  disk_.SetCapacity(disk_.used() + 20'000);
  EXPECT_TRUE(engine_->CheckWrites());
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
  EXPECT_EQ(Write(Append("a", {"z"})), 2U);
}

TEST_F(StoreEngineTest, WhereThereIsNoRoomForOneDocumentsWriteThereIsForAnothers) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  disk_.SetCapacity(disk_.used() + 50'000);
  const std::vector<StoreCall> calls = {
      Append("a", {"y"}), Append("b", {std::string(100'000, 'y')}), Append("a", {"z"})};
  const auto answers = engine_->Write(calls);
  EXPECT_EQ(answers[0].position, 2U);
  EXPECT_EQ(CodeOf(answers[1].position), ErrorCode::kDiskFull);
  EXPECT_EQ(answers[2].position, 3U);
}

TEST_F(StoreEngineTest, WhereThereIsNoRoomForASnapshotThereIsForWhatIsAppended) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  disk_.SetCapacity(disk_.used() + 50'000);
  const std::vector<StoreCall> calls = {Append("a", {"y"}),
                                        Compact("a", 1, std::string(100'000, 's')),
                                        Append("a", {"z"}), Append("b", {"w"})};
  const auto answers = engine_->Write(calls);
  EXPECT_EQ(answers[0].position, 2U);
  EXPECT_EQ(CodeOf(answers[1].position), ErrorCode::kDiskFull);
  EXPECT_EQ(answers[2].position, 3U);
  EXPECT_EQ(answers[3].position, 1U);
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x", "y", "z"}));
}

TEST_F(StoreEngineTest, OneDocumentsImpossibleWriteDoesNotFailTheOthers) {
  Open();
  const std::vector<StoreCall> calls = {Append("a", {"x"}), Append("b", {"y"}),
                                        Compact("b", 7, "?"), Append("a", {"z"})};
  const auto answers = engine_->Write(calls);
  EXPECT_EQ(answers[0].position, 1U);
  EXPECT_EQ(CodeOf(answers[1].position), ErrorCode::kOutOfRange);
  EXPECT_EQ(CodeOf(answers[2].position), ErrorCode::kOutOfRange);
  EXPECT_EQ(answers[3].position, 2U);
  EXPECT_EQ(Load("b").log.position(), 0U) << "all that was asked of it, or nothing";
}

TEST_F(StoreEngineTest, ADiskThatCanOnlyBeReadIsRead) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  engine_.reset();
  disk_.SetReadOnly(true);
  Open();
  EXPECT_TRUE(engine_->is_read_only());
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
  EXPECT_EQ(CodeOf(Write(Append("a", {"y"}))), ErrorCode::kReadOnly);
}

TEST_F(StoreEngineTest, WhatIsOnlyInTheLogIsReadFromADiskThatCanOnlyBeRead) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  disk_.CutPowerAfter(0);  // The log is not brought home.
  engine_.reset();
  disk_.Crash(FaultyDisk::CrashKind::kPower);
  disk_.SetReadOnly(true);
  Open();
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
}

TEST_F(StoreEngineTest, ADiskThatTurnsReadOnlyFailsWritesOnly) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  disk_.SetReadOnly(true);
  EXPECT_EQ(CodeOf(Write(Append("a", {"y"}))), ErrorCode::kReadOnly);
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
  disk_.SetReadOnly(false);
  EXPECT_EQ(Write(Append("a", {"z"})), 2U);
}

TEST_F(StoreEngineTest, ADamagedPageIsAnErrorOfItsDocumentAndOthersCanBeRead) {
  Open();
  WritePages("a", 40);
  WritePages("b", 40);
  engine_.reset();
  // A page without b's records: those are behind it.
  const std::string& content = disk_.Open(kFile, false)->content();
  constexpr size_t kPage = 4096;
  const size_t place = content.rfind("axxxx");
  ASSERT_NE(place, std::string::npos);
  disk_.Damage(kFile, place / kPage * kPage, std::string(kPage, '\x7f'));
  Open();
  EXPECT_EQ(CodeOf(Load("a").position), ErrorCode::kMalformedFile);
  EXPECT_EQ(Load("b").log.position(), 40U);
  EXPECT_EQ(Write(Append("b", {"y"})), 41U);
}

TEST_F(StoreEngineTest, AFileThatIsNoDatabaseIsMalformed) {
  const auto file = disk_.Open(kFile, true);
  ASSERT_EQ(disk_.Write(*file, 0, std::string(8192, 'x')), DiskResult::kDone);
  const Expected<void> opened = TryOpen();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kMalformedFile);
}

TEST_F(StoreEngineTest, WhatAFailedSyncLeavesIsNotThereLater) {
  Open();
  ASSERT_TRUE(Write(Append("a", {"x"})));
  disk_.SetFaults({.sync_failures_ppm = kEverything});
  EXPECT_EQ(CodeOf(Write(Append("a", {"lost"}))), ErrorCode::kIo);
  EXPECT_FALSE(Load("a").position) << "nobody knows whether it is there";
  EXPECT_TRUE(Load("b").position) << "of others everything is known";
  disk_.SetFaults({});
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
  disk_.CutPowerAfter(0);
  engine_.reset();
  // Nothing but what the load said, whatever a crash leaves.
  disk_.Crash(FaultyDisk::CrashKind::kProcess);
  Open();
  EXPECT_EQ(Load("a").log.tail, RecordsOf({"x"}));
}

// The disk may take what it could not sync for synced, and the log have an older version of a page
// that the database then has.
TEST(StoreEngineCrashTest, WhatAKilledProcessDidNotSyncIsSafeOnceItWasLoaded) {
  ForEachSeed(40, [](Random& random) {
    FaultyDisk disk(random.Next());
    const FaultyVfs vfs(disk);
    const StoreEngineOptions options = {.path = kFile, .vfs = vfs.name(), .is_exclusive = true};
    const auto append = [](StoreEngine& engine, const std::string& bytes) {
      const StoreCall call = Append("a", {bytes});
      return engine.Write({&call, 1}).at(0).position.has_value();
    };
    const auto load = [](StoreEngine& engine) {
      return engine.Load({.kind = StoreCall::Kind::kLoad, .document = "a"}).log.tail;
    };
    auto engine = StoreEngine::Open(options).value();
    ASSERT_TRUE(append(*engine, "x"));
    disk.SetFaults({.sync_failures_ppm = kEverything});
    EXPECT_FALSE(append(*engine, "y"));
    disk.CutPowerAfter(0);
    engine.reset();
    disk.Crash(FaultyDisk::CrashKind::kProcess);
    disk.SetFaults({});
    engine = StoreEngine::Open(options).value();
    const auto loaded = load(*engine);
    ASSERT_EQ(loaded, RecordsOf({"x", "y"})) << "the test is about what was written, not synced";
    FaultyDisk after = disk.AfterWorstCrash();
    const FaultyVfs vfs_after(after);
    auto engine_after =
        StoreEngine::Open({.path = kFile, .vfs = vfs_after.name(), .is_exclusive = true}).value();
    EXPECT_EQ(load(*engine_after), loaded);
  });
}

TEST(StoreEngineCrashTest, WhereTheLogCannotBeReadTheDatabaseWithoutItIsNotServed) {
  uint64_t opened = 0;
  ForEachSeed(200, [&](Random& random) {
    FaultyDisk disk(random.Next());
    const FaultyVfs vfs(disk);
    const StoreEngineOptions options = {.path = kFile, .vfs = vfs.name(), .is_exclusive = true};
    auto engine = StoreEngine::Open(options).value();
    const StoreCall call = Append("a", {"x"});
    ASSERT_TRUE(engine->Write({&call, 1}).at(0).position);
    disk.CutPowerAfter(0);
    engine.reset();
    disk.Crash(FaultyDisk::CrashKind::kPower);
    disk.SetFaults({.read_failures_ppm = 100'000});
    auto again = StoreEngine::Open(options);
    disk.SetFaults({});
    if (!again) return;
    ++opened;
    EXPECT_EQ((*again)->Load({.kind = StoreCall::Kind::kLoad, .document = "a"}).log.tail,
              RecordsOf({"x"}));
  });
  EXPECT_GT(opened, 20U);
}

TEST_F(StoreEngineTest, AReadThatFailsIsAnErrorAndTheNextOneMaySucceed) {
  Open();
  WritePages("a", 40);
  Open();
  disk_.SetFaults({.read_failures_ppm = kEverything});
  EXPECT_EQ(CodeOf(Load("a").position), ErrorCode::kIo);
  disk_.SetFaults({});
  EXPECT_EQ(Load("a").log.position(), 40U);
}

// The disk's reads that loading takes, with a history of `records` of which a snapshot stands for
// all but the last ten.
uint64_t ReadsToLoad(size_t records) {
  FaultyDisk disk(1);
  const FaultyVfs vfs(disk);
  const StoreEngineOptions options = {.path = kFile, .vfs = vfs.name(), .is_exclusive = true};
  constexpr size_t kBatch = 100;
  {
    auto engine = StoreEngine::Open(options);
    std::vector<StoreCall> calls;
    for (size_t i = 0; i < records; ++i) {
      calls.push_back(Append("a", {std::string(100, 'x')}));
      calls.push_back(Append("b", {std::string(100, 'y')}));
      if (calls.size() < kBatch) continue;
      (*engine)->Write(calls);
      calls.clear();
    }
    (*engine)->Write(calls);
    const std::vector<StoreCall> compact = {Compact("a", records - 10, std::string(10'000, 's'))};
    EXPECT_EQ((*engine)->Write(compact)[0].position, records - 10);
  }
  auto engine = StoreEngine::Open(options);
  const uint64_t before = disk.reads();
  const StoreAnswer answer = (*engine)->Load({.kind = StoreCall::Kind::kLoad, .document = "a"});
  EXPECT_EQ(answer.log.position(), records);
  EXPECT_EQ(answer.log.tail.size(), 10U);
  return disk.reads() - before;
}

TEST(StoreEngineGrowthTest, LoadingCostsSnapshotAndTailHoweverLongTheHistory) {
  const uint64_t small = ReadsToLoad(100);
  const uint64_t medium = ReadsToLoad(1'000);
  const uint64_t large = ReadsToLoad(10'000);
  // Deeper trees of pages take a few more.
  EXPECT_LE(medium, small + 4);
  EXPECT_LE(large, small + 6);
  RecordProperty("reads", std::to_string(small) + " " + std::to_string(large));
}

}  // namespace
}  // namespace cotext
