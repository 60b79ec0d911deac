#include "crdt/blame.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/checkout.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/offset.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/integration_fixture.h"
#include "tests/support/naive_history.h"
#include "tests/support/naive_versions.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

using BlameTest = IntegrationTest;

BlameRange Range(uint64_t begin, uint64_t length, OpId first) {
  return BlameRange{.begin = CodePointOffset{begin}, .length = length, .first = first};
}

TEST_F(BlameTest, EveryRangeHasItsAuthorAndItsVersion) {
  // Z?bxyc
  const auto ranges = Blame(rga_, CodePointOffset{0}, CodePointOffset{6});
  EXPECT_EQ(ranges, (std::vector{Range(0, 1, Ann(5)), Range(1, 1, Cid(1)), Range(2, 1, Ann(2)),
                                 Range(3, 2, Bob(4)), Range(5, 1, Ann(3))}));
  EXPECT_EQ(ranges[3].last(), Bob(5));
}

TEST_F(BlameTest, APartIsCutAtItsEnds) {
  EXPECT_EQ(Blame(rga_, CodePointOffset{4}, CodePointOffset{6}),
            (std::vector{Range(4, 1, Bob(5)), Range(5, 1, Ann(3))}));
  EXPECT_EQ(Blame(rga_, CodePointOffset{3}, CodePointOffset{4}), std::vector{Range(3, 1, Bob(4))});
  EXPECT_TRUE(Blame(rga_, CodePointOffset{6}, CodePointOffset{6}).empty());
}

TEST_F(BlameTest, WhatWasTypedInOneGoIsOneRangeHoweverItIsStored) {
  Accept(Change(Ann(6), {Cid(1), Ann(5), Bob(5)}).Delete(Bob(5)).Insert(Ann(3), "12345678"),
         "Z?bxc12345678");
  EXPECT_EQ(Blame(rga_, CodePointOffset{5}, CodePointOffset{13}), std::vector{Range(5, 8, Ann(7))});
}

// Returns the id of every character in turn; ranges must tile the text from `begin` on.
std::vector<OpId> IdsOf(const std::vector<BlameRange>& ranges, uint64_t begin) {
  std::vector<OpId> ids;
  for (const BlameRange& range : ranges) {
    EXPECT_EQ(range.begin.value, begin + ids.size());
    EXPECT_GT(range.length, 0U);
    if (!ids.empty()) {
      // As few as there can be.
      EXPECT_FALSE(ids.back().replica == range.first.replica &&
                   ids.back().counter + 1 == range.first.counter);
    }
    for (OpId id = range.first; id <= range.last(); ++id.counter) ids.push_back(id);
  }
  return ids;
}

TEST(BlameModelTest, EveryCharacterOfRandomVersionsNamesItsOperation) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, random.Between(1, 5));
    replicas.Run(static_cast<int>(random.Below(60)));
    const Twin& twin = replicas.Any();
    const std::vector<OpId> visible = twin.naive.Visible();
    const uint64_t begin = random.Below(visible.size() + 1);
    const uint64_t end = random.Between(begin, visible.size());
    const auto part = Blame(twin.rga, CodePointOffset{begin}, CodePointOffset{end});
    ASSERT_EQ(IdsOf(part, begin), std::vector(visible.begin() + static_cast<ptrdiff_t>(begin),
                                              visible.begin() + static_cast<ptrdiff_t>(end)));
    for (int i = 0; i < 5; ++i) {
      const NaiveHistory past = HistoryUpTo(twin.naive, SomeOperations(random, twin.naive));
      const auto checkout = Checkout::At(twin.rga, past.Version());
      ASSERT_TRUE(checkout.has_value());
      ASSERT_EQ(IdsOf(Blame(twin.rga, *checkout), 0), past.Visible());
    }
  });
}

}  // namespace
}  // namespace cotext
