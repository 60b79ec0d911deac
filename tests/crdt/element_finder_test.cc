#include "crdt/element_finder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

// Returns what two replicas wrote, and what the first deleted, in turns.
Rga MakeDocument(Random& random) {
  Rga one(ReplicaId{1});
  Rga two(ReplicaId{2});
  for (int turn = 0; turn < 20; ++turn) {
    Rga& writer = random.Chance(50) ? one : two;
    for (uint64_t edits = random.Below(5); edits > 0; --edits) {
      const uint64_t length = writer.sequence().length();
      const uint64_t position = random.Below(length + 1);
      const uint64_t count = random.Below(length - position + 1) / 3;
      EXPECT_TRUE(writer.Replace(position, count, std::string(random.Below(6), 'a')));
    }
    if (!random.Chance(60)) continue;
    EXPECT_TRUE(one.IntegrateAll(two.ChangesSince(one.version_vector())));
    EXPECT_TRUE(two.IntegrateAll(one.ChangesSince(two.version_vector())));
  }
  EXPECT_TRUE(one.IntegrateAll(two.ChangesSince(one.version_vector())));
  return one;
}

// Ids near each other, as an update has them, and ids of nothing: what is remembered must not show.
TEST(ElementFinderTest, FindsWhatTheHistoryDoes) {
  ForEachSeed(200, [](Random& random) {
    const Rga rga = MakeDocument(random);
    ElementFinder finder(rga.history());
    OpId id{.counter = 1, .replica = ReplicaId{1}};
    for (int look = 0; look < 100; ++look) {
      if (random.Chance(30)) id.counter = random.Below(rga.next_counter() + 3);
      if (random.Chance(20)) id.replica = ReplicaId{random.Below(4)};
      const auto limit = static_cast<uint32_t>(random.Between(1, 8));
      ASSERT_EQ(finder.From(id, limit), rga.history().ElementsFrom(id, limit)) << id.counter;
      id.counter += random.Below(4);
    }
  });
}

}  // namespace
}  // namespace cotext
