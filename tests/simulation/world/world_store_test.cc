#include "simulation/world/world_store.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "simulation/world/store_kind.h"
#include "sync/store.h"

namespace cotext {
namespace {

std::vector<sync::Record> Of(std::string bytes) {
  return {{.kind = sync::RecordKind::kUpdate, .bytes = std::move(bytes)}};
}

// Returns the answer to the one call that there is.
sync::StoreAnswer Answer(WorldStore& store) {
  std::vector<sync::StoreAnswer> answers = store.calls().TakeAnswers();
  EXPECT_EQ(answers.size(), 1U);
  return answers.empty() ? sync::StoreAnswer{} : answers[0];
}

Expected<uint64_t> Append(WorldStore& store, std::string bytes) {
  store.calls().Append("doc", 1, Of(std::move(bytes)));
  return Answer(store).position;
}

class WorldStoreTest : public testing::TestWithParam<StoreKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, WorldStoreTest,
                         testing::Values(StoreKind::kMemory, StoreKind::kSqlite),
                         [](const auto& test) { return std::string(StoreName(test.param)); });

TEST_P(WorldStoreTest, WhatWasAnsweredIsSyncedAndOutlivesCrashesAndEnds) {
  WorldStore store(GetParam(), 1, {});
  EXPECT_EQ(Append(store, "one").value(), 1U);
  for (int round = 0; round < 20; ++round) {
    store.Crash();
    store.calls().Load("doc", 2);
    const sync::StoreAnswer found = Answer(store);
    ASSERT_TRUE(found.position);
    EXPECT_EQ(found.log.tail, Of("one"));
    EXPECT_EQ(store.Synced("doc").tail, Of("one"));
    store.Close();
  }
}

TEST_P(WorldStoreTest, AnswersComeWhenTheirTimeHas) {
  WorldStore store(GetParam(), 1, {.delay_min_ms = 5, .delay_max_ms = 5});
  store.SetTime(10);
  EXPECT_FALSE(store.NextTimeMs());
  store.calls().Load("doc", 1);
  EXPECT_EQ(store.NextTimeMs(), 15U);
  EXPECT_TRUE(store.calls().TakeAnswers().empty());
  store.SetTime(15);
  EXPECT_TRUE(Answer(store).position);
}

TEST_P(WorldStoreTest, FaultsAreThoseThatWereSetLast) {
  WorldStore store(GetParam(), 1, {});
  EXPECT_TRUE(Append(store, "kept"));
  store.SetFaults({.write_failures_ppm = 4'000'000});
  EXPECT_FALSE(Append(store, "failed"));
  store.SetFaults({});
  store.calls().Load("doc", 2);
  EXPECT_TRUE(Answer(store).position);
  EXPECT_EQ(Append(store, "kept").has_value(), true);
}

// What the process had read is gone with it.
TEST(WorldStoreTest, AfterAnEndInOrderTheDiskIsReadAnew) {
  WorldStore store(StoreKind::kSqlite, 1, {});
  EXPECT_TRUE(Append(store, "one"));
  store.SetFaults({.load_failures_ppm = 4'000'000});
  store.calls().Load("doc", 2);
  EXPECT_TRUE(Answer(store).position);
  store.Close();
  store.calls().Load("doc", 3);
  EXPECT_FALSE(Answer(store).position);
}

TEST(WorldStoreTest, AFullDiskTakesNothingUntilThereIsRoom) {
  WorldStore store(StoreKind::kSqlite, 1, {});
  EXPECT_EQ(Append(store, "before").value(), 1U);
  store.SetRoom(0);
  const std::string large(20'000, 'x');
  const auto refused = Append(store, large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kDiskFull) << refused.error().message;
  EXPECT_EQ(store.Synced("doc").position(), 1U);
  store.SetRoom(std::nullopt);
  EXPECT_EQ(Append(store, large).value(), 2U);
}

}  // namespace
}  // namespace cotext
