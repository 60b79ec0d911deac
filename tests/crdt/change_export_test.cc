#include "crdt/change_export.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

constexpr ReplicaId kAnn{1};
constexpr ReplicaId kBob{2};

OpId Id(uint64_t counter, ReplicaId replica) {
  return OpId{.counter = counter, .replica = replica};
}

Update Everything(const Rga& rga) { return rga.ChangesSince(VersionVector{}); }

// Returns the atoms that `known` lacks.
Atoms Lacking(const Atoms& atoms, const VersionVector& known) {
  Atoms lacking;
  for (const auto& [id, atom] : atoms) {
    if (!known.Covers(id)) lacking[id] = atom;
  }
  return lacking;
}

// Returns a version vector that need not be closed under causality: a peer may send any.
VersionVector RandomVersion(Random& random, const Atoms& atoms) {
  VersionVector version;
  for (const auto& [id, atom] : atoms) {
    if (random.Chance(10)) version.Observe(Id(id.counter + random.Below(2), id.replica));
  }
  return version;
}

TEST(ChangeExportTest, TypingIsOneChangeOfOneOperation) {
  Rga ann(kAnn);
  for (uint64_t i = 0; i < 5; ++i) ASSERT_TRUE(ann.Replace(i, 0, "x").has_value());
  const Update update = Everything(ann);
  ASSERT_EQ(update.size(), 1U);
  EXPECT_TRUE(update[0].parents.empty());
  EXPECT_EQ(update[0].first_counter, 1U);
  ASSERT_EQ(update[0].operations.size(), 1U);
  EXPECT_EQ(update[0].operations[0].length, 5U);
  EXPECT_EQ(update[0].text, "xxxxx");
}

TEST(ChangeExportTest, BackspacingIsOneBackwardDelete) {
  Rga ann(kAnn);
  ASSERT_TRUE(ann.Replace(0, 0, "abcde").has_value());
  for (uint64_t i = 5; i > 1; --i) ASSERT_TRUE(ann.Replace(i - 1, 1, "").has_value());
  const Update update = Everything(ann);
  ASSERT_EQ(update.size(), 1U);
  ASSERT_EQ(update[0].operations.size(), 2U);
  EXPECT_EQ(update[0].operations[1], (Operation{.reference = Id(5, kAnn),
                                                .length = 4,
                                                .kind = Operation::Kind::kDelete,
                                                .backward = true}));
}

TEST(ChangeExportTest, AStretchThatBeginsInsideAChangeHasTheOperationBeforeAsItsParent) {
  Rga ann(kAnn);
  ASSERT_TRUE(ann.Replace(0, 0, "abcde").has_value());
  VersionVector known;
  known.Observe(Id(2, kAnn));
  const Update update = ann.ChangesSince(known);
  ASSERT_EQ(update.size(), 1U);
  EXPECT_EQ(update[0].first_counter, 3U);
  EXPECT_EQ(Loosen(update[0]).parents, std::vector{Id(2, kAnn)});
  EXPECT_EQ(update[0].operations[0].reference, Id(2, kAnn));
  EXPECT_EQ(update[0].text, "cde");
}

// Deletes of elements that are neighbours by arrival, but not by id, are cut.
TEST(ChangeExportTest, ADeleteIsCutWhereTheIdsOfItsTargetsBreakOff) {
  for (const bool backward : {false, true}) {
    Rga ann(kAnn);
    Rga bob(kBob);
    ASSERT_TRUE(ann.Replace(0, 0, "ab").has_value());
    MustIntegrate(bob, Everything(ann));
    ASSERT_TRUE(bob.Replace(2, 0, "cd").has_value());
    for (uint64_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(bob.Replace(backward ? 3 - i : 0, 1, "").has_value());
    }
    const Update update = bob.OwnChangesFrom(5);
    ASSERT_EQ(update.size(), 1U);
    ASSERT_EQ(update[0].operations.size(), 2U);
    const Operation anns{.reference = Id(backward ? 2 : 1, kAnn),
                         .length = 2,
                         .kind = Operation::Kind::kDelete,
                         .backward = backward};
    const Operation bobs{.reference = Id(backward ? 4 : 3, kBob),
                         .length = 2,
                         .kind = Operation::Kind::kDelete,
                         .backward = backward};
    EXPECT_EQ(update[0].operations[0], backward ? bobs : anns);
    EXPECT_EQ(update[0].operations[1], backward ? anns : bobs);
  }
}

TEST(ChangeExportTest, OwnChangesLeaveOutTheOthersAndWhatIsBeforeACounter) {
  Rga ann(kAnn);
  Rga bob(kBob);
  ASSERT_TRUE(ann.Replace(0, 0, "ab").has_value());
  MustIntegrate(bob, Everything(ann));
  ASSERT_TRUE(bob.Replace(1, 0, "xyz").has_value());
  EXPECT_TRUE(bob.OwnChangesFrom(6).empty());
  const Update update = bob.OwnChangesFrom(4);
  ASSERT_EQ(update.size(), 1U);
  EXPECT_EQ(update[0].text, "yz");
  EXPECT_EQ(AtomsOf(bob.OwnChangesFrom(0)), AtomsOf(bob.OwnChangesFrom(3)));
}

// The whole truth: what is exported says of every operation exactly what it did.
TEST(ChangeExportTest, RandomHistoriesAreExportedOperationByOperation) {
  ForEachSeed(150, [](Random& random) {
    TwinReplicas replicas(random, random.Between(2, 4));
    for (int round = 0; round < 4; ++round) {
      ASSERT_NO_FATAL_FAILURE(replicas.Run(20));
      const Twin& twin = replicas.Any();
      ASSERT_NO_FATAL_FAILURE(CheckTwin(twin));
      ASSERT_EQ(AtomsOf(Everything(twin.rga)), twin.naive.atoms());
      const VersionVector known = RandomVersion(random, twin.naive.atoms());
      ASSERT_EQ(AtomsOf(twin.rga.ChangesSince(known)), Lacking(twin.naive.atoms(), known));
    }
  });
}

TEST(ChangeExportTest, EveryChangeComesAfterItsParents) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    ASSERT_NO_FATAL_FAILURE(replicas.Run(60));
    const Rga& rga = replicas.Any().rga;
    const Update update = Everything(rga);
    std::set<OpId> seen;
    for (size_t i = 0; i < update.size(); ++i) {
      for (const OpId parent : update[i].parents) ASSERT_TRUE(seen.contains(parent));
      for (const auto& [id, atom] : AtomsOf(update[i])) ASSERT_TRUE(seen.insert(id).second);
    }
  });
}

TEST(ChangeExportTest, AnEmptyReplicaThatIntegratesEverythingIsEqual) {
  ForEachSeed(100, [](Random& random) {
    TwinReplicas replicas(random, 3);
    ASSERT_NO_FATAL_FAILURE(replicas.Run(60));
    Twin& twin = replicas.Any();
    Twin fresh{.rga = Rga(ReplicaId{kIdLimit - 1}), .naive = twin.naive};
    ASSERT_NO_FATAL_FAILURE(MustIntegrate(fresh.rga, Everything(twin.rga)));
    ASSERT_NO_FATAL_FAILURE(CheckTwin(fresh));
    // And so it is if what it exports is exported again.
    ASSERT_EQ(AtomsOf(Everything(fresh.rga)), twin.naive.atoms());
  });
}

}  // namespace
}  // namespace cotext
