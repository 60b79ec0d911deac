#include "crdt/codec/id_packer.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

using Kind = PackedOperation::Kind;

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

PackedOperation Delete(Kind kind, uint32_t length, uint32_t first) {
  return PackedOperation{.length = length, .reference = Reference::Within(first), .kind = kind};
}

// Returns the operations of a change that inserts "abcdef" as 1@1 to 6@1, behind its first one.
template <typename Add>
std::vector<PackedOperation> Behind(Add add) {
  IdPacker packer;
  packer.BeginChange(Id(1, 1));
  packer.AddInsert(kRoot, 6, "abcdef");
  add(packer);
  const PackedUpdate update = packer.Take();
  return {update.operations.begin() + 1, update.operations.end()};
}

TEST(IdPackerTest, TypingOnIsOneInsert) {
  EXPECT_TRUE(Behind([](IdPacker& packer) { packer.AddInsert(Id(6, 1), 2, "gh"); }).empty());
  EXPECT_EQ(Behind([](IdPacker& packer) { packer.AddInsert(Id(5, 1), 2, "gh"); }).size(), 1U);
}

TEST(IdPackerTest, ADeleteIsJoinedInTheDirectionOfItsSecondTarget) {
  const auto deletes = [](std::vector<uint64_t> targets) {
    return Behind([&targets](IdPacker& packer) {
      for (const uint64_t target : targets) packer.AddDelete(Id(target, 1), 1, /*backward=*/true);
    });
  };
  EXPECT_EQ(deletes({3}), (std::vector{Delete(Kind::kDeleteForward, 1, 2)}));
  EXPECT_EQ(deletes({3, 4, 5}), (std::vector{Delete(Kind::kDeleteForward, 3, 2)}));
  EXPECT_EQ(deletes({3, 2, 1}), (std::vector{Delete(Kind::kDeleteBackward, 3, 2)}));
  EXPECT_EQ(deletes({3, 4, 2}),
            (std::vector{Delete(Kind::kDeleteForward, 2, 2), Delete(Kind::kDeleteForward, 1, 1)}));
}

TEST(IdPackerTest, DeletesThatTurnBackAreNotJoined) {
  // 3, 4, and 3 once more; in both ways in which two may be one operation.
  EXPECT_EQ(Behind([](IdPacker& packer) {
              packer.AddDelete(Id(3, 1), 2, /*backward=*/false);
              packer.AddDelete(Id(3, 1), 1, /*backward=*/false);
            }),
            (std::vector{Delete(Kind::kDeleteForward, 2, 2), Delete(Kind::kDeleteForward, 1, 2)}));
  EXPECT_EQ(Behind([](IdPacker& packer) {
              packer.AddDelete(Id(3, 1), 1, /*backward=*/false);
              packer.AddDelete(Id(4, 1), 2, /*backward=*/true);
            }),
            (std::vector{Delete(Kind::kDeleteForward, 1, 2), Delete(Kind::kDeleteBackward, 2, 3)}));
}

TEST(IdPackerTest, ADeleteIsCutWhereTheUpdateHasItsTargetsAndWhereNot) {
  for (const bool backward : {false, true}) {
    IdPacker packer;
    packer.BeginChange(Id(3, 1));
    packer.AddParent(Id(2, 1));
    packer.AddInsert(Id(2, 1), 2, "cd");
    packer.BeginChange(Id(7, 2));
    packer.AddParent(Id(6, 1));
    EXPECT_EQ(packer.TargetsAtOnce(backward ? Id(6, 1) : Id(1, 1), 6, backward), 2U);
    EXPECT_EQ(packer.TargetsAtOnce(Id(1, 9), 6, backward), 6U);
    packer.AddDelete(backward ? Id(6, 1) : Id(1, 1), 6, backward);
    const PackedUpdate update = packer.Take();
    ASSERT_EQ(update.operations.size(), 4U);
    EXPECT_EQ(update.operations[2],
              Delete(backward ? Kind::kDeleteBackward : Kind::kDeleteForward, 2, backward ? 1 : 0));
    EXPECT_TRUE(update.operations[1].reference.is_elsewhere());
    EXPECT_TRUE(update.operations[3].reference.is_elsewhere());
    EXPECT_EQ(Unpack(update)[1].operations[2].reference, backward ? Id(2, 1) : Id(5, 1));
  }
}

TEST(IdPackerTest, OperationsAreTheSameHoweverTheyWereCut) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(40);
    const Update update = replicas.Any().rga.ChangesSince(replicas.Any().rga.version_vector());
    // The same changes, their operations cut anew.
    Update cut;
    for (size_t i = 0; i < update.size(); ++i) {
      cut.Append(ChangeOf(random, AtomsOf(update[i])).view());
    }
    ASSERT_EQ(AtomsOf(Unpack(Pack(cut))), AtomsOf(update));
    ASSERT_EQ(EncodePackedUpdate(Pack(cut)), EncodePackedUpdate(Pack(update)));
  });
}

}  // namespace
}  // namespace cotext
