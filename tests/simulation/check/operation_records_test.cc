#include "simulation/check/operation_records.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "simulation/world/user_model.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(OperationRecordsTest, EveryCharacterIsAnOperationOfItsOwn) {
  RgaDocument document(ReplicaId{7});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "a\xc3\xa9"));
  ASSERT_TRUE(document.Erase(CodePointOffset{1}, CodePointOffset{2}));
  ASSERT_TRUE(document.Erase(CodePointOffset{0}, CodePointOffset{1}));
  std::vector<std::string> operations;
  for (const EditRecord& record : OperationsOf(document.ChangesSince({}))) {
    EXPECT_EQ(record.writer, 7U);
    EXPECT_EQ(record.number, operations.size() + 1);
    operations.push_back(record.content);
  }
  // Kind, counter and replica of the origin or target, character.
  EXPECT_EQ(operations, (std::vector<std::string>{std::string("i\0\0a", 4), "i\x01\x07\xc3\xa9",
                                                  "d\x02\x07", "d\x01\x07"}));
}

TEST(OperationRecordsTest, AHistoryIsTheSameHoweverItCameTogether) {
  ForEachSeed(100, [](Random& random) {
    const auto actions = GenerateUserActions({.seed = random.Next(), .replicas = 2, .edits = 10});
    RgaDocument first(ReplicaId{1});
    RgaDocument second(ReplicaId{2});
    RgaDocument reader(ReplicaId{3});
    UserActor actors[] = {UserActor(first), UserActor(second)};
    for (const UserAction& action : actions) {
      ASSERT_TRUE(actors[action.replica].Do(action));
      if (random.Chance(30)) {
        ASSERT_TRUE(second.Merge(*first.EncodeSince(second.version())));
      }
      if (random.Chance(30)) {
        ASSERT_TRUE(reader.Merge(*second.EncodeSince(reader.version())));
      }
    }
    ASSERT_TRUE(first.Merge(*second.EncodeSince(first.version())));
    ASSERT_TRUE(first.Insert(CodePointOffset{0}, "new"));
    EXPECT_NE(CanonicalHistory(first.ChangesSince({})), CanonicalHistory(reader.ChangesSince({})));
    ASSERT_TRUE(reader.Merge(*first.EncodeSince(reader.version())));
    EXPECT_EQ(CanonicalHistory(first.ChangesSince({})), CanonicalHistory(reader.ChangesSince({})));
    EXPECT_EQ(OperationsOf(first.ChangesSince({})).size(),
              OperationsOf(reader.ChangesSince({})).size());
    const auto deliveries = DeliveriesOf(reader.ChangesSince({}), 1, 0);
    EXPECT_TRUE(CheckCausalOrder(deliveries).empty());
  });
}

}  // namespace
}  // namespace cotext
