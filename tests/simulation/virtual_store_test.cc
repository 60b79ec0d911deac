#include "simulation/virtual_store.h"

#include <gtest/gtest.h>

#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/store_model.h"

namespace cotext {
namespace {

TEST(VirtualStoreTest, AnAnsweredAppendSurvivesAndAnUnansweredOneIsThereWholeOrNotAtAll) {
  sync::StoreModelSeen seen;
  ForEachSeed(400, [&](Random& random) { sync::RunStoreSchedule<VirtualStore>(random, seen, 10); });
  sync::ExpectAllSeen(seen, 20, 0);
}

}  // namespace
}  // namespace cotext
