// Changes that are here already, wholly or in part, with the same content or another.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/causal_graph.h"
#include "crdt/ids.h"
#include "crdt/resolve_change.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "tests/support/integration_fixture.h"

namespace cotext {
namespace {

using ResolveKnownChangeTest = IntegrationTest;

constexpr std::string_view kText = "Z?bxyc";

// Duplicates.

TEST_F(ResolveKnownChangeTest, DuplicatesAreNoOps) {
  Ignore(Change(Ann(1), {}).Insert(kRoot, "abc"));
  Ignore(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xy"));
  Ignore(Change(Ann(4), {Ann(3)}).Delete(Ann(1)).Insert(kRoot, "Z"));
  Ignore(Change(Cid(1), {}).Insert(kRoot, "?"));
}

TEST_F(ResolveKnownChangeTest, PartsOfAKnownChangeAreNoOps) {
  Ignore(Change(Ann(1), {}).Insert(kRoot, "a"));
  Ignore(Change(Ann(2), {Ann(1)}).Insert(Ann(1), "b"));
  Ignore(Change(Ann(2), {Ann(1)}).Insert(Ann(1), "bc"));
  Ignore(Change(Ann(5), {Ann(4)}).Insert(kRoot, "Z"));
}

TEST_F(ResolveKnownChangeTest, ChangesThatFollowEachOtherMayComeAsOne) {
  Ignore(Change(Ann(1), {}).Insert(kRoot, "abc").Delete(Ann(1)).Insert(kRoot, "Z"));
  Ignore(Change(Ann(3), {Ann(2)}).Insert(Ann(2), "c").Delete(Ann(1)));
}

TEST_F(ResolveKnownChangeTest, OperationsMayBeCutInAnyWay) {
  Ignore(Change(Ann(1), {}).Insert(kRoot, "a").Insert(Ann(1), "b").Insert(Ann(2), "c"));
  Accept(Change(Eve(6), {Cid(1), Ann(5), Bob(5)}).Backspace(Ann(3)).Backspace(Ann(2), 2), "Z?xy");
  Ignore(Change(Eve(6), {Cid(1), Ann(5), Bob(5)}).Backspace(Ann(3), 3));
  Ignore(Change(Eve(6), {Cid(1), Ann(5), Bob(5)}).Delete(Ann(3)).Delete(Ann(2)).Delete(Ann(1)));
  Ignore(Change(Eve(7), {Eve(6)}).Backspace(Ann(2), 2));
}

TEST_F(ResolveKnownChangeTest, MultibyteTextIsComparedInPartsToo) {
  const std::vector<OpId> parents = {Cid(1), Ann(5), Bob(5)};
  Accept(Change(Eve(6), parents).Insert(kRoot, "\u00e9\u4e2d", 2), "\u00e9\u4e2dZ?bxyc");
  Ignore(Change(Eve(6), parents).Insert(kRoot, "\u00e9", 1));
  Ignore(Change(Eve(7), {Eve(6)}).Insert(Eve(6), "\u4e2d", 1));
  Refuse(Change(Eve(7), {Eve(6)}).Insert(Eve(6), "\u4e2e", 1), ErrorCode::kReplicaConflict);
  // The first byte agrees, the character does not.
  Refuse(Change(Eve(6), parents).Insert(kRoot, "\u00ea", 1), ErrorCode::kReplicaConflict);
  Refuse(Change(Eve(6), parents).Insert(kRoot, "\u00ea\u4e2dx", 3), ErrorCode::kReplicaConflict);
  Accept(Change(Eve(6), parents).Insert(kRoot, "\u00e9\u4e2d\U0001f600x", 4),
         "\u00e9\u4e2d\U0001f600xZ?bxyc");
}

// The rest of a change whose beginning is here.

TEST_F(ResolveKnownChangeTest, TheRestOfAnInsertIsTaken) {
  Accept(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz"), "Z?bxyzc");
  Accept(Change(Bob(5), {Bob(4)}).Insert(Bob(4), "yzw"), "Z?bxyzwc");
  Accept(Change(Cid(1), {}).Insert(kRoot, "?!"), "Z?!bxyzwc");
}

TEST_F(ResolveKnownChangeTest, TheRestOfADeleteIsTaken) {
  const std::vector<OpId> parents = {Cid(1), Ann(5), Bob(5)};
  Accept(Change(Eve(6), parents).Delete(Ann(1)), kText);
  Accept(Change(Eve(6), parents).Delete(Ann(1), 3), "Z?xy");
  Accept(Change(Eve(9), {Eve(8)}).Backspace(Bob(5)), "Z?x");
  Accept(Change(Eve(9), {Eve(8)}).Backspace(Bob(5), 2), "Z?");
  Accept(Change(Eve(9), {Eve(8)}).Backspace(Bob(5), 2).Insert(Ann(5), "end"), "Zend?");
}

TEST_F(ResolveKnownChangeTest, TheRestMayRefuteItself) {
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xy").Insert(Ann(6), "z"),
         ErrorCode::kUnknownOrigin);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xy").Insert(Bob(7), "z"),
         ErrorCode::kOriginNotSmaller);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xy").Delete(Ann(4)), ErrorCode::kUnknownTarget);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz\xff"), ErrorCode::kInvalidUtf8);
  // Of the rest only z is an element: Bob's 7 is the delete itself.
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz").Delete(Bob(7)), ErrorCode::kUnknownTarget);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz").Delete(Bob(6), 2),
         ErrorCode::kUnknownTarget);
}

TEST_F(ResolveKnownChangeTest, ARestHasItsBeginningAsParentWhateverElseCame) {
  // Ann's 4 and 5 arrived after Bob's 4 and 5, so that Bob's rest continues what is not the last.
  Accept(Change(Bob(5), {Bob(4)}).Insert(Bob(4), "yz"), "Z?bxyzc");
  // What arrived last is what was missing.
  const CausalGraph& graph = rga_.history().graph;
  EXPECT_EQ(graph.IdOf(graph.end() - 1), Bob(6));
  EXPECT_EQ(graph.ParentsOf(graph.end() - 1), std::vector{Bob(5)});
  Ignore(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz"));
  // The same with everything in one piece: its elements are no neighbours by arrival.
  Accept(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyzw"), "Z?bxyzwc");
}

TEST_F(ResolveKnownChangeTest, TargetsMayReachFromTheKnownPartIntoTheRest) {
  Accept(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz").Delete(Bob(4), 3), "Z?bc");
  Ignore(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xyz").Delete(Bob(4), 3));
}

TEST_F(ResolveKnownChangeTest, TargetsThatArrivedInPiecesAreComparedInPieces) {
  Accept(Change(Bob(6), {Bob(5)}).Insert(Bob(5), "z"), "Z?bxyzc");
  const std::vector<OpId> parents = {Cid(1), Ann(5), Bob(6)};
  Accept(Change(Eve(7), parents).Backspace(Bob(6), 3), "Z?bc");
  Ignore(Change(Eve(7), parents).Backspace(Bob(6), 3));
  Refuse(Change(Eve(7), parents).Backspace(Bob(6), 2).Delete(Bob(5)), ErrorCode::kReplicaConflict);
  Accept(Change(Eve(10), {Eve(9)}).Delete(Bob(4), 3), "Z?bc");
  Ignore(Change(Eve(10), {Eve(9)}).Delete(Bob(4), 3));
  Refuse(Change(Eve(10), {Eve(9)}).Delete(Bob(4), 2).Delete(Bob(5)), ErrorCode::kReplicaConflict);
}

// Other content under a known id.

TEST_F(ResolveKnownChangeTest, OtherTextIsAConflict) {
  Refuse(Change(Ann(1), {}).Insert(kRoot, "abd"), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(1), {}).Insert(kRoot, "b"), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(2), {Ann(1)}).Insert(Ann(1), "B"), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, AnotherOriginIsAConflict) {
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(1), "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(kRoot, "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(9), "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(4), "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "x").Insert(Ann(2), "y"),
         ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(1), {}).Insert(Ann(9), "abc"), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(2), {Ann(1)}).Insert(kRoot, "bc"), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, AnotherKindIsAConflict) {
  Refuse(Change(Bob(4), {Ann(3)}).Delete(Ann(2)), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "x").Delete(Ann(2)), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(4), {Ann(3)}).Insert(kRoot, "a"), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(4), {Ann(3)}).Delete(Ann(1), 2), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, OtherTargetsAreAConflict) {
  Refuse(Change(Ann(4), {Ann(3)}).Delete(Ann(2)), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(4), {Ann(3)}).Delete(Ann(9)), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(4), {Ann(3)}).Delete(Cid(1)), ErrorCode::kReplicaConflict);
  const std::vector<OpId> parents = {Cid(1), Ann(5), Bob(5)};
  Accept(Change(Eve(6), parents).Delete(Ann(1), 2), "Z?xyc");
  Refuse(Change(Eve(6), parents).Backspace(Ann(2), 2), ErrorCode::kReplicaConflict);
  Refuse(Change(Eve(6), parents).Delete(Ann(1)).Delete(Ann(3)), ErrorCode::kReplicaConflict);
  Refuse(Change(Eve(6), parents).Delete(Ann(2), 2), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, OtherParentsAreAConflict) {
  Refuse(Change(Bob(4), {Ann(2)}).Insert(Ann(2), "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {}).Insert(Ann(2), "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Cid(1), Ann(3)}).Insert(Ann(2), "xy"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(5), {Ann(4), Bob(4)}).Insert(Bob(4), "y"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(5), {Cid(1), Bob(4)}).Insert(Bob(4), "y"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Eve(3)}).Insert(Ann(2), "xy"), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, ACounterThatTheReplicaSkippedIsAConflict) {
  // Bob has 4 and 5, and can never have 1 to 3.
  Refuse(Change(Bob(1), {}).Insert(kRoot, "w"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(2), {Cid(1)}).Insert(kRoot, "w"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(1), {}).Insert(kRoot, "wwwxyz"), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, AGapInsideAChangeIsAConflict) {
  Accept(Change(Cid(6), {Cid(1), Ann(5), Bob(5)}).Insert(Cid(1), "!"), "Z?!bxyc");
  Refuse(Change(Cid(1), {}).Insert(kRoot, "?!"), ErrorCode::kReplicaConflict);
  Refuse(Change(Cid(1), {}).Insert(kRoot, "?!!!!!!!"), ErrorCode::kReplicaConflict);
}

TEST_F(ResolveKnownChangeTest, AKnownPartThatDisagreesRefusesTheRest) {
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xYz"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(3)}).Insert(Ann(1), "xyz"), ErrorCode::kReplicaConflict);
  Refuse(Change(Bob(4), {Ann(2)}).Insert(Ann(2), "xyz"), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(4), {Ann(3)}).Delete(Ann(1)).Insert(Ann(1), "Z!"), ErrorCode::kReplicaConflict);
  Refuse(Change(Ann(4), {Ann(3)}).Delete(Ann(1), 3), ErrorCode::kReplicaConflict);
}

// Counters may be consecutive where the causal graph is not: Dan hears of Ann's 1 between his 1
// and 2.
class MergedKnownChangeTest : public testing::Test {
 protected:
  static constexpr OpId Dan(uint64_t counter) {
    return OpId{.counter = counter, .replica = ReplicaId{60}};
  }

  static bool Integrates(Rga& rga, const Change& change) {
    const auto done = rga.Integrate(change.view(), Rga::Effects::kIgnore);
    if (!done) EXPECT_EQ(done.error().code, ErrorCode::kReplicaConflict);
    rga.CheckInvariants();
    return done.has_value();
  }

  Rga rga_{ReplicaId{50}};
};

TEST_F(MergedKnownChangeTest, AMergeInTheMiddleIsAConflictForAChangeWithoutIt) {
  ASSERT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "d")));
  ASSERT_TRUE(Integrates(rga_, Change(Ann(1), {}).Insert(kRoot, "a")));
  ASSERT_TRUE(Integrates(rga_, Change(Dan(2), {Ann(1), Dan(1)}).Insert(Dan(1), "e")));
  EXPECT_TRUE(Integrates(rga_, Change(Dan(2), {Ann(1), Dan(1)}).Insert(Dan(1), "ef")));
  EXPECT_FALSE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "de")));
  EXPECT_FALSE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "d").Insert(Dan(1), "e")));
  EXPECT_FALSE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "defg")));
  EXPECT_EQ(TextOf(rga_), "defa");
}

TEST_F(MergedKnownChangeTest, AMergeThatIsNotHereIsAConflict) {
  ASSERT_TRUE(Integrates(rga_, Change(Ann(1), {}).Insert(kRoot, "a")));
  ASSERT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "de")));
  EXPECT_FALSE(Integrates(rga_, Change(Dan(2), {Ann(1), Dan(1)}).Insert(Dan(1), "e")));
}

// Dan's second element has the number after Ann's, and Ann's as its origin.
TEST_F(MergedKnownChangeTest, AnOriginIsComparedByIdNotByArrival) {
  ASSERT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "d")));
  ASSERT_TRUE(Integrates(rga_, Change(Ann(1), {}).Insert(kRoot, "a")));
  ASSERT_TRUE(Integrates(rga_, Change(Dan(2), {Dan(1)}).Insert(Ann(1), "e")));
  EXPECT_FALSE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "de")));
  EXPECT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "d").Insert(Ann(1), "e")));
}

// A typed run that arrived in two pieces, with something else in between, is still one run.
TEST_F(MergedKnownChangeTest, ARunThatArrivedInPiecesIsKnownAsAWhole) {
  ASSERT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "d")));
  ASSERT_TRUE(Integrates(rga_, Change(Ann(1), {}).Insert(kRoot, "a")));
  ASSERT_TRUE(Integrates(rga_, Change(Dan(2), {Dan(1)}).Insert(Dan(1), "e")));
  EXPECT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "de")));
  EXPECT_TRUE(Integrates(rga_, Change(Dan(1), {}).Insert(kRoot, "def")));
  EXPECT_EQ(TextOf(rga_), "defa");
}

}  // namespace
}  // namespace cotext
