#include "sync/memory_log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "document/random.h"
#include "sync/store.h"
#include "tests/support/for_each_seed.h"

namespace cotext::sync {
namespace {

std::vector<Record> Records(const std::vector<std::string>& bytes) {
  std::vector<Record> records;
  for (const std::string& each : bytes) {
    records.push_back(Record{.kind = RecordKind::kUpdate, .bytes = each});
  }
  return records;
}

TEST(MemoryLogTest, OfAFrameCutAtAnyByteNothingIsKept) {
  MemoryLog whole;
  whole.WriteRecords(Records({"one"}));
  const uint64_t first = whole.end();
  whole.WriteRecords(Records({"two", std::string(300, '\0'), ""}));
  for (uint64_t cut = first; cut <= whole.end(); ++cut) {
    MemoryLog log = whole;
    log.CutTo(cut);
    log.Recover();
    EXPECT_EQ(log.position(), cut == whole.end() ? 4U : 1U);
    EXPECT_EQ(log.end(), cut == whole.end() ? whole.end() : first);
    EXPECT_EQ(log.Read(log.end()).tail.size(), log.position());
  }
}

TEST(MemoryLogTest, ASnapshotReplacesRecordsAtOnceAndFreesTheirRoomWhenItIsSynced) {
  MemoryLog log;
  log.WriteRecords(Records({std::string(1000, 'a'), "b", "c"}));
  log.SyncTo(log.end());
  log.WriteSnapshot(2, Records({"ab"}));
  const uint64_t place = log.end();
  log.WriteRecords(Records({"d"}));
  const StoredLog before = log.Read(log.end());
  log.SyncTo(place);
  const StoredLog after = log.Read(log.end());
  EXPECT_EQ(after.snapshot, Records({"ab"}));
  EXPECT_EQ(after.snapshot_position, 2U);
  EXPECT_EQ(after.tail, Records({"c", "d"}));
  EXPECT_EQ(before.snapshot, after.snapshot);
  EXPECT_EQ(before.tail, after.tail);
  EXPECT_EQ(log.synced(), place);
  EXPECT_LT(log.bytes(), 100U);
}

TEST(MemoryLogTest, ACrashKeepsWhatIsSyncedAndSomeWholeFramesBehindIt) {
  uint64_t lost = 0;
  uint64_t kept = 0;
  ForEachSeed(500, [&](Random& random) {
    MemoryLog log;
    uint64_t synced = 0;
    for (uint64_t count = random.Between(1, 8); count > 0; --count) {
      log.WriteRecords(Records({std::string(random.Below(20), 'x'), "y"}));
      if (!random.Chance(40)) continue;
      log.SyncTo(log.end());
      synced = log.position();
    }
    const uint64_t written = log.position();
    log.Crash(random);
    log.Recover();
    EXPECT_GE(log.position(), synced);
    EXPECT_LE(log.position(), written);
    EXPECT_EQ(log.position() % 2, 0U);
    lost += log.position() < written ? 1 : 0;
    kept += log.position() > synced ? 1 : 0;
  });
  EXPECT_GT(lost, 0U);
  EXPECT_GT(kept, 0U);
}

}  // namespace
}  // namespace cotext::sync
