#include "simulation/world/user_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/random.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Kind = UserAction::Kind;

TEST(UserModelTest, EveryReplicaMakesAsManyEditsAsAskedForInOrderOfTime) {
  const auto actions = GenerateUserActions({.seed = 3, .replicas = 4, .edits = 50});
  std::map<uint32_t, int> edits;
  std::map<Kind, int> kinds;
  for (const UserAction& action : actions) {
    edits[action.replica] += IsEdit(action.kind) ? 1 : 0;
    ++kinds[action.kind];
  }
  EXPECT_TRUE(std::ranges::is_sorted(actions, {}, &UserAction::at_us));
  EXPECT_EQ(edits.size(), 4U);
  for (const auto& [replica, count] : edits) EXPECT_EQ(count, 50);
  EXPECT_EQ(kinds.size(), static_cast<size_t>(kUserActionLast) + 1);
}

TEST(UserModelTest, TheSameSeedGivesTheSameActions) {
  EXPECT_EQ(GenerateUserActions({.seed = 5}), GenerateUserActions({.seed = 5}));
  EXPECT_NE(GenerateUserActions({.seed = 5}), GenerateUserActions({.seed = 6}));
}

TEST(UserActorTest, TypingFollowsTheCaretAndBackspaceGoesBack) {
  RgaDocument document(ReplicaId{1});
  UserActor actor(document);
  ASSERT_TRUE(actor.Do({.kind = Kind::kType, .text = "ab"}));
  ASSERT_TRUE(actor.Do({.kind = Kind::kType, .text = "cd"}));
  EXPECT_EQ(document.Text(), "abcd");
  ASSERT_TRUE(actor.Do({.kind = Kind::kMove, .places = {kWholeText / 2}}));
  ASSERT_TRUE(actor.Do({.kind = Kind::kBackspace, .count = 1}));
  EXPECT_EQ(document.Text(), "acd");
  ASSERT_TRUE(actor.Do({.kind = Kind::kReplace, .count = 9, .text = "xy"}));
  EXPECT_EQ(document.Text(), "axy");
  EXPECT_EQ(actor.Caret(), 3U);
  ASSERT_TRUE(actor.Do({.kind = Kind::kInsertAt, .places = {0, kWholeText}, .text = "-"}));
  EXPECT_EQ(document.Text(), "-axy-");
  ASSERT_TRUE(actor.Do({.at_us = 9'000'000, .kind = Kind::kUndo}));
  ASSERT_TRUE(actor.Do({.kind = Kind::kBackspace, .count = 99}));
}

TEST(UserActorTest, WhicheverActionsAreDroppedTheRestAppliesToDocumentsThatOthersEdit) {
  ForEachSeed(200, [](Random& random) {
    const auto actions = GenerateUserActions({.seed = random.Next(), .replicas = 2, .edits = 15});
    RgaDocument first(ReplicaId{1});
    RgaDocument second(ReplicaId{2});
    UserActor actors[] = {UserActor(first), UserActor(second)};
    for (const UserAction& action : actions) {
      if (random.Chance(30)) continue;
      ASSERT_TRUE(actors[action.replica].Do(action));
      if (!random.Chance(30)) continue;
      ASSERT_TRUE(first.Merge(*second.EncodeSince(first.version())));
      ASSERT_TRUE(second.Merge(*first.EncodeSince(second.version())));
      EXPECT_EQ(first.Text(), second.Text());
    }
  });
}

}  // namespace
}  // namespace cotext
