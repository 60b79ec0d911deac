// Examples, one for each rule. Random histories: document_order_model_test.cc.
#include "crdt/document_order.h"
#include "crdt/deleted_elements.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/linked_order.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "tests/support/integration_fixture.h"

namespace cotext {
namespace {

constexpr uint32_t kNoLimit = 4096;

class DocumentOrderTest : public testing::Test {
 protected:
  void Integrate(const Change& change) {
    const auto done = rga_.Integrate(change.view(), Rga::Effects::kIgnore);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }

  void Replace(uint64_t position, uint64_t count, std::string_view text) {
    ASSERT_TRUE(rga_.Replace(position, count, text).has_value());
  }

  // Returns the texts of the runs, the deleted ones in brackets: "ab [c] d".
  std::string Runs(uint32_t max_length = kNoLimit) const {
    std::string runs;
    for (const ElementRun& run :
         DocumentOrder(rga_.history(), DeletedElements(rga_.history().log), max_length)) {
      if (!runs.empty()) runs += ' ';
      const std::string text(rga_.history().text.Slice(run.first, run.length));
      runs += run.deleted ? "[" + text + "]" : text;
    }
    return runs;
  }

  Rga rga_{ReplicaId{50}};
};

TEST_F(DocumentOrderTest, AnEmptyHistoryHasNoRuns) { EXPECT_EQ(Runs(), ""); }

// Siblings.

TEST_F(DocumentOrderTest, WhatHasAGreaterIdThanTheRestOfAChainStandsBeforeIt) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "abc"));
  Integrate(Change(Eve(4), {Bob(3)}).Insert(Bob(2), "X"));
  EXPECT_EQ(Runs(), "ab X c");
}

TEST_F(DocumentOrderTest, WhatHasALesserIdThanTheRestOfAChainStandsBehindIt) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "abc"));
  // Ann knew "a" only; of one counter, Bob's id is greater.
  Integrate(Change(Ann(2), {Bob(1)}).Insert(Bob(1), "Y"));
  EXPECT_EQ(Runs(), "abc Y");
}

// Bounds of counters are kept for 64 elements: those of the rest are not the first one's.
TEST_F(DocumentOrderTest, WhatComesLateStandsBehindAllOfALongChain) {
  const std::string chain(200, 'b');
  Integrate(Change(Bob(1), {}).Insert(kRoot, chain));
  Integrate(Change(Ann(100), {Bob(99)}).Insert(Bob(99), "Y"));
  EXPECT_EQ(Runs(), chain + " Y");
}

TEST_F(DocumentOrderTest, EarlyAndLateSiblingsStandAroundTheRestOfAChain) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "abc"));
  Integrate(Change(Eve(4), {Bob(3)}).Insert(Bob(2), "X"));
  Integrate(Change(Ann(2), {Bob(1)}).Insert(Bob(1), "Y"));
  EXPECT_EQ(Runs(), "ab X c Y");
  // The same at one origin, and of one counter.
  Integrate(Change(Cid(2), {Bob(1)}).Insert(Bob(1), "Z"));
  EXPECT_EQ(Runs(), "a Z b X c Y");
}

TEST_F(DocumentOrderTest, LateSiblingsFurtherRightComeFirst) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "abcd"));
  Integrate(Change(Ann(2), {Bob(1)}).Insert(Bob(1), "X"));
  Integrate(Change(Ann(3), {Ann(2), Bob(2)}).Insert(Bob(2), "Y"));
  Integrate(Change(Ann(4), {Ann(3), Bob(3)}).Insert(Bob(3), "Z"));
  EXPECT_EQ(Runs(), "abcd Z Y X");
}

TEST_F(DocumentOrderTest, WhatStandsAtTheEndOfAChainComesBeforeLateSiblings) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "ab"));
  Integrate(Change(Ann(2), {Bob(1)}).Insert(Bob(1), "X"));
  Integrate(Change(Ann(3), {Ann(2), Bob(2)}).Insert(Bob(2), "Y"));
  EXPECT_EQ(Runs(), "ab Y X");
}

TEST_F(DocumentOrderTest, LateSiblingsAtOneOriginStandInDescendingIdOrder) {
  Integrate(Change(Eve(1), {}).Insert(kRoot, "abc"));
  Integrate(Change(Bob(2), {Eve(1)}).Insert(Eve(1), "B"));
  Integrate(Change(Cid(2), {Eve(1)}).Insert(Eve(1), "C"));
  Integrate(Change(Ann(2), {Eve(1)}).Insert(Eve(1), "A"));
  EXPECT_EQ(Runs(), "abc C B A");
}

TEST_F(DocumentOrderTest, SiblingsAtOneOriginStandInDescendingIdOrderHoweverTheyArrive) {
  std::array<Change, 4> changes = {
      Change(Ann(1), {}).Insert(kRoot, "a"), Change(Bob(1), {}).Insert(kRoot, "b"),
      Change(Cid(1), {}).Insert(kRoot, "c"), Change(Eve(1), {}).Insert(kRoot, "e")};
  std::array<size_t, 4> arrival = {0, 1, 2, 3};
  do {
    rga_ = Rga(ReplicaId{50});
    for (const size_t i : arrival) Integrate(changes[i]);
    EXPECT_EQ(Runs(), "e c b a");
  } while (std::ranges::next_permutation(arrival).found);
}

// A chain that another replica went on with has ids that are not consecutive: its next element
// decides, not the next id of its author.
TEST_F(DocumentOrderTest, WhoeverWentOnWithAChainDecidesWhatComesLate) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "ab"));
  Integrate(Change(Cid(3), {Bob(2)}).Insert(Bob(2), "cd"));
  EXPECT_EQ(Runs(), "abcd");
  // Greater than 3@bob, but not than 3@cid.
  Integrate(Change(OpId{.counter = 3, .replica = ReplicaId{25}}, {Bob(2)}).Insert(Bob(2), "X"));
  Integrate(Change(Eve(3), {Bob(2)}).Insert(Bob(2), "Y"));
  EXPECT_EQ(Runs(), "ab Y cd X");
}

TEST_F(DocumentOrderTest, AGapInTheCountersOfAChainCounts) {
  Integrate(Change(Ann(1), {}).Insert(kRoot, "mnop"));
  Integrate(Change(Bob(1), {}).Insert(kRoot, "ab"));
  // Bob has seen four of Ann's: his next is 5.
  Integrate(Change(Bob(5), {Bob(2), Ann(4)}).Insert(Bob(2), "cd"));
  Integrate(Change(Eve(3), {Bob(2)}).Insert(Bob(2), "X"));
  Integrate(Change(Eve(7), {Eve(3), Bob(6)}).Insert(Bob(5), "Y"));
  EXPECT_EQ(Runs(), "abc Y d X mnop");
}

// Chains.

TEST_F(DocumentOrderTest, WhatIsAlwaysTypedInFrontStandsBackwards) {
  for (const char* text : {"a", "bc", "d", "e"}) Replace(0, 0, text);
  EXPECT_EQ(Runs(), "e d bc a");
  // The same with two authors, whose ids need not ascend.
  Integrate(Change(Ann(1), {}).Insert(kRoot, "z"));
  EXPECT_EQ(Runs(), "e d bc a z");
}

TEST_F(DocumentOrderTest, NeighboursWithoutTheirOriginInTheOtherAreTwoRuns) {
  Integrate(Change(Bob(1), {}).Insert(kRoot, "b"));
  Integrate(Change(Ann(1), {}).Insert(kRoot, "a"));
  EXPECT_EQ(Runs(), "b a");
}

TEST_F(DocumentOrderTest, TypingAgainAfterADeleteElsewhereIsOneRun) {
  Replace(0, 0, "xab");
  Replace(0, 1, "");
  Replace(2, 0, "cd");
  EXPECT_EQ(Runs(), "[x] abcd");
  Integrate(Change(Ann(1), {}).Insert(kRoot, "z"));
  EXPECT_EQ(Runs(), "[x] abcd z");
}

TEST_F(DocumentOrderTest, AnInsertCutsAChainInTwo) {
  Replace(0, 0, "abcd");
  Replace(2, 0, "X");
  Replace(3, 0, "Y");
  Replace(2, 0, "Z");
  EXPECT_EQ(Runs(), "ab Z XY cd");
}

// Deletes.

TEST_F(DocumentOrderTest, DeletesCutRuns) {
  Replace(0, 0, "abcdef");
  Replace(2, 2, "");
  EXPECT_EQ(Runs(), "ab [cd] ef");
  Replace(3, 1, "");
  Replace(0, 1, "");
  EXPECT_EQ(Runs(), "[a] b [cd] e [f]");
  Replace(0, 2, "");
  EXPECT_EQ(Runs(), "[abcdef]");
}

TEST_F(DocumentOrderTest, BackwardAndRepeatedDeletesCutRunsToo) {
  Integrate(Change(Ann(1), {}).Insert(kRoot, "abcdef"));
  Integrate(Change(Bob(7), {Ann(6)}).Backspace(Ann(4), 3));
  EXPECT_EQ(Runs(), "a [bcd] ef");
  Integrate(Change(Cid(7), {Ann(6)}).Delete(Ann(3), 3));
  EXPECT_EQ(Runs(), "a [bcde] f");
}

TEST_F(DocumentOrderTest, WhatIsInsertedIntoADeletedChainIsNotDeleted) {
  Integrate(Change(Ann(1), {}).Insert(kRoot, "abcd"));
  Integrate(Change(Bob(5), {Ann(4)}).Delete(Ann(1), 4));
  Integrate(Change(Cid(5), {Ann(4)}).Insert(Ann(2), "X"));
  EXPECT_EQ(Runs(), "[ab] X [cd]");
}

TEST_F(DocumentOrderTest, EveryDeleteInALongChainIsSeen) {
  // Around the words that hold a bit an element, of which this takes three.
  constexpr uint32_t kElements = 150;
  for (uint32_t begin = 0; begin < kElements; ++begin) {
    for (uint32_t end = begin + 1; end <= kElements; end += end % 64 < 3 || end % 64 > 61 ? 1 : 9) {
      Rga rga(ReplicaId{50});
      ASSERT_TRUE(rga.Replace(0, 0, std::string(kElements, 'a')).has_value());
      ASSERT_TRUE(rga.Replace(begin, end - begin, "").has_value());
      std::vector<ElementRun> expected;
      if (begin > 0) expected.push_back({.first = Lv{0}, .length = begin, .deleted = false});
      expected.push_back({.first = Lv{begin}, .length = end - begin, .deleted = true});
      if (end < kElements) {
        expected.push_back({.first = Lv{end}, .length = kElements - end, .deleted = false});
      }
      ASSERT_EQ(DocumentOrder(rga.history(), DeletedElements(rga.history().log), kNoLimit),
                expected)
          << begin << " to " << end;
    }
  }
}

// Every replica's first operation is at one place: each passes over the greater ones of those
// before.
TEST_F(DocumentOrderTest, TheLinkedOrderGivesUpWhereItWouldPassOverTooMuch) {
  constexpr uint64_t kReplicas = 100;
  Rga rga(ReplicaId{1000});
  for (uint64_t i = kReplicas; i > 0; --i) {
    Rga one(ReplicaId{i});
    ASSERT_TRUE(one.Replace(0, 0, "x").has_value());
    ASSERT_TRUE(rga.IntegrateAll(one.ChangesSince({})).has_value());
  }
  const std::vector<ElementRun> order =
      TreeOrder(rga.history(), DeletedElements(rga.history().log), kNoLimit);
  // Insert number i, from 0 on, passes over i others.
  EXPECT_EQ(LinkedOrder(rga.history(), DeletedElements(rga.history().log), kNoLimit, kReplicas / 2),
            order);
  EXPECT_EQ(LinkedOrder(rga.history(), DeletedElements(rga.history().log), kNoLimit, 1),
            std::nullopt);
  EXPECT_EQ(LinkedOrder(rga.history(), DeletedElements(rga.history().log), kNoLimit, 0),
            std::nullopt);
  EXPECT_EQ(DocumentOrder(rga.history(), DeletedElements(rga.history().log), kNoLimit), order);
}

// Lengths.

TEST_F(DocumentOrderTest, RunsAreNotLongerThanAllowed) {
  Replace(0, 0, "abcdefgh");
  EXPECT_EQ(Runs(1), "a b c d e f g h");
  EXPECT_EQ(Runs(3), "abc def gh");
  EXPECT_EQ(Runs(4), "abcd efgh");
  EXPECT_EQ(Runs(7), "abcdefg h");
  EXPECT_EQ(Runs(8), "abcdefgh");
}

TEST_F(DocumentOrderTest, ARunIsFilledBeforeTheNextBegins) {
  Replace(0, 0, "xab");
  Replace(0, 1, "");
  Replace(2, 0, "cdefg");
  EXPECT_EQ(Runs(3), "[x] abc def g");
  Replace(0, 1, "");
  EXPECT_EQ(Runs(3), "[xa] bcd efg");
  Replace(0, 3, "");
  EXPECT_EQ(Runs(3), "[xab] [cd] efg");
}

}  // namespace
}  // namespace cotext
