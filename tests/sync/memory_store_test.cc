#include "sync/memory_store.h"

#include <gtest/gtest.h>

#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/store_model.h"

namespace cotext::sync {
namespace {

TEST(MemoryStoreTest, AnswersComeWhenTheirTimeHas) {
  MemoryStore store(1, {.delay_min_ms = 5, .delay_max_ms = 5});
  store.SetTime(100);
  store.Append("a", 1, RecordsOf({"x"}));
  EXPECT_EQ(store.NextTimeMs(), 105U);
  store.SetTime(104);
  EXPECT_TRUE(store.TakeAnswers().empty());
  EXPECT_EQ(store.Synced("a").position(), 0U);
  store.SetTime(105);
  EXPECT_EQ(store.TakeAnswers().size(), 1U);
  EXPECT_EQ(store.Synced("a").position(), 1U);
  EXPECT_FALSE(store.NextTimeMs());
}

TEST(MemoryStoreTest, ACrashForgetsWhatWasAsked) {
  MemoryStore store;
  store.Append("a", 1, RecordsOf({"x"}));
  store.Crash();
  EXPECT_EQ(store.outstanding(), 0U);
  EXPECT_TRUE(store.TakeAnswers().empty());
}

TEST(MemoryStoreTest, AnAnsweredAppendSurvivesAndAnUnansweredOneIsThereWholeOrNotAtAll) {
  StoreModelSeen seen;
  ForEachSeed(5000, [&](Random& random) { RunStoreSchedule<MemoryStore>(random, seen, 100); });
  ExpectAllSeen(seen, 100, 100);
}

}  // namespace
}  // namespace cotext::sync
