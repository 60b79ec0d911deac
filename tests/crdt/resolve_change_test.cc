// Changes made by hand, each bad in one way. What is here already: resolve_known_change_test.cc.
#include "crdt/resolve_change.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "tests/support/integration_fixture.h"

namespace cotext {
namespace {

using ResolveChangeTest = IntegrationTest;

// All that Eve can know: a change of hers with these parents begins at 6.
const std::vector<OpId> kFrontier = {Cid(1), Ann(5), Bob(5)};

Change EvesChange() { return {Eve(6), kFrontier}; }

// Ids.

TEST_F(ResolveChangeTest, ReplicasOutOfRangeAreInvalid) {
  for (const uint64_t replica : {uint64_t{0}, kIdLimit, ~uint64_t{0}}) {
    Change change = EvesChange().Insert(kRoot, "e");
    change.loose().replica = ReplicaId{replica};
    Refuse(change, ErrorCode::kInvalidId);
  }
}

TEST_F(ResolveChangeTest, CountersOutOfRangeAreInvalid) {
  Refuse(Change(Eve(0), {}).Insert(kRoot, "e"), ErrorCode::kInvalidId);
  Refuse(Change(Eve(kIdLimit), {}).Insert(kRoot, "e"), ErrorCode::kInvalidId);
  Refuse(Change(Eve(~uint64_t{0}), {}).Insert(kRoot, "e"), ErrorCode::kInvalidId);
  Refuse(Change(Eve(~uint64_t{0}), {}).Insert(kRoot, "ee"), ErrorCode::kInvalidId);
  Refuse(Change(Eve(kIdLimit - 1), {}).Insert(kRoot, "ee"), ErrorCode::kInvalidId);
  // The last that there is would be in range, were it the next.
  Refuse(Change(Eve(kIdLimit - 1), {}).Insert(kRoot, "e"), ErrorCode::kWrongCounter);
}

TEST_F(ResolveChangeTest, ParentsOutOfRangeAreInvalid) {
  for (const OpId parent : {kRoot, Ann(0), Ann(kIdLimit), OpId{.counter = 5, .replica = {}},
                            OpId{.counter = 5, .replica = ReplicaId{kIdLimit}}}) {
    Refuse(Change(Eve(6), {parent}).Insert(kRoot, "e"), ErrorCode::kInvalidId);
  }
}

TEST_F(ResolveChangeTest, OriginsOutOfRangeAreInvalid) {
  for (const OpId origin : {Ann(0), Ann(kIdLimit), OpId{.counter = 5, .replica = {}},
                            OpId{.counter = 5, .replica = ReplicaId{kIdLimit}}}) {
    Refuse(EvesChange().Insert(origin, "e"), ErrorCode::kInvalidId);
  }
}

TEST_F(ResolveChangeTest, TargetsOutOfRangeAreInvalid) {
  Refuse(EvesChange().Delete(kRoot), ErrorCode::kInvalidId);
  Refuse(EvesChange().Delete(OpId{.counter = 5, .replica = {}}), ErrorCode::kInvalidId);
  Refuse(EvesChange().Delete(Ann(kIdLimit)), ErrorCode::kInvalidId);
  Refuse(EvesChange().Delete(Ann(kIdLimit - 1), 2), ErrorCode::kInvalidId);
  Refuse(EvesChange().Backspace(Ann(2), 3), ErrorCode::kInvalidId);
  Refuse(EvesChange().Backspace(Ann(2), 0xffffffefU), ErrorCode::kInvalidId);
  // At the limits, but inside.
  Refuse(EvesChange().Delete(Ann(kIdLimit - 2), 2), ErrorCode::kUnknownTarget);
  Accept(EvesChange().Backspace(Ann(2), 2), "Z?xyc");
}

// Shapes.

TEST_F(ResolveChangeTest, AChangeWithoutOperationsIsInvalid) {
  Refuse(EvesChange(), ErrorCode::kInvalidChange);
}

TEST_F(ResolveChangeTest, OperationsOfNoLengthAreInvalid) {
  Refuse(EvesChange().Insert(kRoot, ""), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Insert(kRoot, "e", 0), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Delete(Ann(2), 0), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Backspace(Ann(2), 0), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Insert(kRoot, "e").Delete(Ann(2), 0), ErrorCode::kInvalidChange);
}

TEST_F(ResolveChangeTest, OperationsOfImpossibleLengthAreInvalid) {
  Refuse(EvesChange().Delete(Ann(1), static_cast<uint32_t>(kIndexLimit)),
         ErrorCode::kInvalidChange);
  Refuse(EvesChange().Insert(kRoot, "e", 0xffffffffU), ErrorCode::kInvalidChange);
}

TEST_F(ResolveChangeTest, MoreOperationsThanCanBeNumberedAreTooLarge) {
  constexpr auto kMost = static_cast<uint32_t>(kIndexLimit - 1);
  Refuse(EvesChange().Delete(Ann(1), kMost), ErrorCode::kTooLarge);
  Change change = EvesChange();
  for (int i = 0; i < 100; ++i) change.Delete(Ann(1), kMost);
  Refuse(change, ErrorCode::kTooLarge);
}

TEST_F(ResolveChangeTest, AnInsertWithTooLittleOrTooMuchTextIsInvalid) {
  Refuse(EvesChange().Insert(kRoot, "ee", 3), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Insert(kRoot, "eee", 2), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Insert(kRoot, "\u00e9", 2), ErrorCode::kInvalidChange);
  Refuse(EvesChange().Insert(kRoot, "", 1), ErrorCode::kInvalidChange);
  Accept(EvesChange().Insert(kRoot, "\u00e9", 1), "\u00e9Z?bxyc");
}

TEST_F(ResolveChangeTest, TextBesideTheOperationsIsInvalid) {
  Change too_long = EvesChange().Insert(kRoot, "e");
  too_long.loose().text += "e";
  Refuse(too_long, ErrorCode::kInvalidChange);
  Change too_short = EvesChange().Insert(kRoot, "e").Insert(kRoot, "ee");
  too_short.loose().text.pop_back();
  Refuse(too_short, ErrorCode::kInvalidChange);
  Change with_delete = EvesChange().Insert(kRoot, "e").Delete(Ann(2));
  with_delete.loose().text += "e";
  Refuse(with_delete, ErrorCode::kInvalidChange);
  with_delete.loose().operations[1].text_bytes = 1;
  Refuse(with_delete, ErrorCode::kInvalidChange);
}

TEST_F(ResolveChangeTest, AShareOfTextThatWouldOverflowIsInvalid) {
  Change change = EvesChange().Insert(kRoot, "e").Insert(kRoot, "e");
  change.loose().operations[0].text_bytes = 0xffffffffU;
  Refuse(change, ErrorCode::kInvalidChange);
  change.loose().operations[0].text_bytes = 1;
  change.loose().operations[1].text_bytes = 0xffffffffU;
  Refuse(change, ErrorCode::kInvalidChange);
}

TEST_F(ResolveChangeTest, TextSplitInsideACharacterIsInvalid) {
  // Both shares of "éé" have one first byte of a character, but they meet inside one.
  Change change = EvesChange().Insert(kRoot, "\u00e9\u00e9", 1).Insert(kRoot, "", 1);
  for (uint32_t share = 1; share < 4; ++share) {
    change.loose().operations[0].text_bytes = share;
    change.loose().operations[1].text_bytes = 4 - share;
    if (share != 2) Refuse(change, ErrorCode::kInvalidChange);
  }
  // A delete in between takes no text.
  Change gap = EvesChange().Insert(kRoot, "\u00e9\u00e9", 1).Delete(Ann(2)).Insert(kRoot, "", 1);
  gap.loose().operations[0].text_bytes = 3;
  gap.loose().operations[2].text_bytes = 1;
  Refuse(gap, ErrorCode::kInvalidChange);
  change.loose().operations[0].text_bytes = 2;
  change.loose().operations[1].text_bytes = 2;
  Accept(change, "\u00e9\u00e9Z?bxyc");
}

TEST_F(ResolveChangeTest, BytesThatAreNotUtf8AreInvalid) {
  for (const char* text :
       {"\xff", "\x80", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    Refuse(EvesChange().Insert(kRoot, text, 1), ErrorCode::kInvalidUtf8);
  }
  Refuse(EvesChange().Insert(kRoot, "e\xff", 2), ErrorCode::kInvalidUtf8);
}

// Parents.

TEST_F(ResolveChangeTest, AChangeWaitsForItsParents) {
  const Change first = EvesChange().Insert(kRoot, "ef");
  const Change second = Change(Eve(8), {Eve(7)}).Insert(Eve(7), "g");
  const Change bobs = Change(Bob(9), {Eve(8)}).Delete(Eve(7));
  Refuse(bobs, ErrorCode::kMissingDependency);
  Refuse(second, ErrorCode::kMissingDependency);
  Accept(first, "efZ?bxyc");
  Refuse(bobs, ErrorCode::kMissingDependency);
  Accept(second, "efgZ?bxyc");
  Accept(bobs, "egZ?bxyc");
}

TEST_F(ResolveChangeTest, AParentThatWasPassedOverIsNone) {
  // Bob went from 3@ann to 4 and 5: his 3 can never come.
  Refuse(Change(Eve(4), {Bob(3)}).Insert(kRoot, "e"), ErrorCode::kInvalidChange);
}

TEST_F(ResolveChangeTest, OneMissingParentOfSeveralIsEnough) {
  Refuse(Change(Eve(7), {Ann(5), Bob(6)}).Insert(kRoot, "e"), ErrorCode::kMissingDependency);
  Accept(Change(Bob(6), {Bob(5)}).Insert(kRoot, "!"), "!Z?bxyc");
  Accept(Change(Eve(7), {Ann(5), Bob(6)}).Insert(kRoot, "e"), "e!Z?bxyc");
}

TEST_F(ResolveChangeTest, ParentsThatAreNotAscendingAreInvalid) {
  Refuse(Change(Eve(6), {Bob(5), Ann(5)}).Insert(kRoot, "e"), ErrorCode::kInvalidChange);
  Refuse(Change(Eve(6), {Ann(5), Cid(1)}).Insert(kRoot, "e"), ErrorCode::kInvalidChange);
  Refuse(Change(Eve(6), {Ann(5), Ann(5)}).Insert(kRoot, "e"), ErrorCode::kInvalidChange);
  // By counter, then replica, although Bob's 5 arrived before Ann's.
  Accept(Change(Eve(6), {Ann(5), Bob(5)}).Insert(kRoot, "e"), "eZ?bxyc");
}

TEST_F(ResolveChangeTest, AParentThatCameBeforeAnotherIsIncomplete) {
  // In the same span, in the span before, and in another replica's past.
  Refuse(Change(Eve(6), {Ann(4), Ann(5)}).Insert(kRoot, "e"), ErrorCode::kIncompleteParents);
  Refuse(Change(Eve(6), {Ann(1), Ann(5)}).Insert(kRoot, "e"), ErrorCode::kIncompleteParents);
  Refuse(Change(Eve(6), {Ann(3), Bob(5)}).Insert(kRoot, "e"), ErrorCode::kIncompleteParents);
  Refuse(Change(Eve(6), {Ann(3), Ann(5), Bob(5)}).Insert(kRoot, "e"),
         ErrorCode::kIncompleteParents);
  Accept(Change(Eve(5), {Ann(4), Bob(4)}).Insert(kRoot, "e"), "eZ?bxyc");
}

TEST_F(ResolveChangeTest, ParentsMustCoverTheReplicasPreviousOperation) {
  Refuse(Change(Ann(6), {Bob(5)}).Insert(kRoot, "A"), ErrorCode::kIncompleteParents);
  Refuse(Change(Bob(6), {Ann(5)}).Insert(kRoot, "B"), ErrorCode::kIncompleteParents);
  Refuse(Change(Bob(6), {Cid(1), Ann(5)}).Insert(kRoot, "B"), ErrorCode::kIncompleteParents);
  // Covered, but through another.
  Accept(Change(Eve(6), {Ann(5), Bob(5)}).Insert(kRoot, "e"), "eZ?bxyc");
  Accept(Change(Ann(7), {Eve(6)}).Insert(kRoot, "A"), "AeZ?bxyc");
}

TEST_F(ResolveChangeTest, AFirstChangeWithoutParentsMayComeLate) {
  Accept(Change(Eve(1), {}).Insert(kRoot, "e"), "Ze?bxyc");
}

// Counters.

TEST_F(ResolveChangeTest, TheFirstCounterIsOneMoreThanTheGreatestOfTheParents) {
  for (const uint64_t counter : {1U, 2U, 5U, 7U, 8U, 1000U}) {
    Refuse(Change(Eve(counter), kFrontier).Insert(kRoot, "e"), ErrorCode::kWrongCounter);
  }
  Refuse(Change(Eve(2), {}).Insert(kRoot, "e"), ErrorCode::kWrongCounter);
  Refuse(Change(Eve(3), {Cid(1)}).Insert(kRoot, "e"), ErrorCode::kWrongCounter);
  // The greatest counter here does not matter, only that of the parents.
  Accept(Change(Eve(2), {Cid(1)}).Insert(Cid(1), "e"), "Z?ebxyc");
}

// Origins.

TEST_F(ResolveChangeTest, AnOriginThatIsNotHereIsUnknown) {
  Refuse(EvesChange().Insert(Ann(6), "e"), ErrorCode::kUnknownOrigin);
  Refuse(EvesChange().Insert(OpId{.counter = 3, .replica = kEve}, "e"), ErrorCode::kUnknownOrigin);
  Refuse(EvesChange().Insert(OpId{.counter = 3, .replica = ReplicaId{41}}, "e"),
         ErrorCode::kUnknownOrigin);
  // Between two stretches of Bob, in none.
  Refuse(EvesChange().Insert(Bob(3), "e"), ErrorCode::kUnknownOrigin);
  Refuse(EvesChange().Insert(kRoot, "e").Insert(Ann(6), "e"), ErrorCode::kUnknownOrigin);
}

TEST_F(ResolveChangeTest, AnOriginThatIsADeleteIsUnknown) {
  Refuse(EvesChange().Insert(Ann(4), "e"), ErrorCode::kUnknownOrigin);
  // In the change itself, too.
  Refuse(EvesChange().Delete(Ann(2)).Insert(Eve(6), "e"), ErrorCode::kUnknownOrigin);
}

TEST_F(ResolveChangeTest, AnOriginMustBeSmaller) {
  Accept(EvesChange().Insert(kRoot, "efg"), "efgZ?bxyc");
  // Eve's 6 to 8 are here, but Bob's 6 is smaller than they. Of one counter, the replica decides.
  Refuse(Change(Bob(6), {Bob(5)}).Insert(Eve(6), "B"), ErrorCode::kOriginNotSmaller);
  Refuse(Change(Bob(6), {Bob(5)}).Insert(Eve(7), "B"), ErrorCode::kOriginNotSmaller);
  Refuse(Change(Bob(6), {Bob(5)}).Insert(kRoot, "B").Insert(Eve(8), "B"),
         ErrorCode::kOriginNotSmaller);
}

TEST_F(ResolveChangeTest, AnOriginInTheChangeItselfMustComeBefore) {
  Refuse(EvesChange().Insert(Eve(6), "e"), ErrorCode::kOriginNotSmaller);
  Refuse(EvesChange().Insert(Eve(7), "ef"), ErrorCode::kOriginNotSmaller);
  Refuse(EvesChange().Insert(kRoot, "e").Insert(Eve(7), "f"), ErrorCode::kOriginNotSmaller);
  Refuse(EvesChange().Insert(kRoot, "e").Insert(Eve(8), "f"), ErrorCode::kOriginNotSmaller);
  Accept(EvesChange().Insert(kRoot, "efg").Insert(Eve(7), "h").Insert(Eve(6), "i"), "eifhgZ?bxyc");
}

TEST_F(ResolveChangeTest, AnOriginMayBeATombstone) {
  Accept(EvesChange().Insert(Ann(1), "e"), "Z?ebxyc");
}

// Targets.

TEST_F(ResolveChangeTest, ATargetThatIsNotHereIsUnknown) {
  Refuse(EvesChange().Delete(Ann(6)), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Delete(Bob(3)), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Delete(Eve(3)), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Delete(OpId{.counter = 3, .replica = ReplicaId{41}}),
         ErrorCode::kUnknownTarget);
}

TEST_F(ResolveChangeTest, ATargetThatIsADeleteIsUnknown) {
  Refuse(EvesChange().Delete(Ann(4)), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Delete(Ann(2)).Delete(Eve(6)), ErrorCode::kUnknownTarget);
}

TEST_F(ResolveChangeTest, TargetsThatRunPastWhatIsKnownAreUnknown) {
  // From b to c is known, Ann's 4 is a delete, then Z, and Ann's 6 is not here.
  Refuse(EvesChange().Delete(Ann(2), 3), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Delete(Ann(5), 2), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Backspace(Ann(5), 2), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Backspace(Bob(5), 3), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Backspace(Bob(6), 2), ErrorCode::kUnknownTarget);
  Accept(EvesChange().Delete(Ann(2), 2), "Z?xy");
}

TEST_F(ResolveChangeTest, WhatTheAuthorCannotHaveKnownIsUnknown) {
  const auto change = [] { return Change(Eve(2), {Cid(1)}); };
  Refuse(change().Delete(Ann(2)), ErrorCode::kUnknownTarget);
  Refuse(change().Delete(Ann(1), 2), ErrorCode::kUnknownTarget);
  Refuse(change().Backspace(Ann(2), 2), ErrorCode::kUnknownTarget);
  Refuse(change().Insert(kRoot, "efgh").Insert(Ann(3), "!"), ErrorCode::kUnknownOrigin);
  Accept(change().Insert(kRoot, "efgh").Insert(Eve(3), "!"), "Zef!gh?bxyc");
}

TEST_F(ResolveChangeTest, AChangeMayDeleteWhatItInserted) {
  Refuse(EvesChange().Insert(kRoot, "efg").Delete(Eve(8), 2), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Delete(Eve(7)).Insert(kRoot, "efg"), ErrorCode::kUnknownTarget);
  Refuse(EvesChange().Insert(kRoot, "e").Delete(Eve(7)), ErrorCode::kUnknownTarget);
  Accept(EvesChange().Insert(kRoot, "efgh").Backspace(Eve(8), 2).Delete(Eve(6)), "hZ?bxyc");
}

TEST_F(ResolveChangeTest, TargetsMayReachFromWhatIsHereIntoTheChange) {
  Accept(EvesChange().Insert(kRoot, "ef"), "efZ?bxyc");
  Accept(Change(Eve(8), {Eve(7)}).Insert(Eve(7), "gh").Delete(Eve(7), 2), "ehZ?bxyc");
  Accept(Change(Eve(12), {Eve(11)}).Insert(Eve(9), "i").Backspace(Eve(9), 2), "eiZ?bxyc");
}

TEST_F(ResolveChangeTest, TargetsMayReachOverSeveralOperationsOfTheChange) {
  Accept(
      EvesChange().Insert(kRoot, "ef").Insert(kRoot, "gh").Insert(Eve(7), "ij").Delete(Eve(7), 4),
      "ejZ?bxyc");
}

TEST_F(ResolveChangeTest, DeletingWhatIsDeletedIsAccepted) {
  Accept(EvesChange().Delete(Ann(1), 3).Delete(Ann(1)), "Z?xy");
  Accept(Change(Eve(10), {Eve(9)}).Backspace(Ann(3), 3), "Z?xy");
}

// What is told of the effects.

TEST_F(ResolveChangeTest, EffectsTellWhatBecameVisibleAndWhatVanished) {
  const Change change = EvesChange().Insert(Ann(1), "ef").Delete(Ann(1), 3);
  const auto effects = rga_.Integrate(change.view(), Rga::Effects::kCollect);
  ASSERT_TRUE(effects.has_value());
  ASSERT_EQ(effects->size(), 3U);
  EXPECT_EQ((*effects)[0].position, 2U);  // "Z?efbxyc"
  EXPECT_EQ((*effects)[0].inserted.length, 2U);
  EXPECT_EQ((*effects)[1].position, 4U);  // Without b.
  EXPECT_EQ((*effects)[1].erased, 1U);
  EXPECT_EQ((*effects)[2].position, 6U);  // Without c.
  EXPECT_EQ((*effects)[2].erased, 1U);
  EXPECT_EQ(TextOf(rga_), "Z?efxy");
}

}  // namespace
}  // namespace cotext
