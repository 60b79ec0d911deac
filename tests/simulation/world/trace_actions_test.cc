#include "simulation/world/trace_actions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "simulation/trace/trace.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

// Somebody types, corrects and goes on, at random.
Trace RandomSequentialTrace(Random& random) {
  Trace trace("random", Trace::Kind::kSequential, 1);
  uint64_t length = 0;
  for (uint32_t t = 0; t < 60; ++t) {
    trace.AddTransaction(0, t == 0 ? std::vector<uint32_t>{} : std::vector<uint32_t>{t - 1});
    const auto position = static_cast<uint32_t>(random.Between(0, length));
    const auto deleted =
        static_cast<uint32_t>(random.Below(std::min<uint64_t>(length - position, 3) + 1));
    const std::string text(random.Below(4), static_cast<char>('a' + t % 26));
    trace.AddPatch({.position = position, .deleted = deleted, .inserted = text});
    length += text.size() - deleted;
  }
  return trace;
}

std::string Replay(const Trace& trace) {
  RgaDocument document(ReplicaId{1});
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const TracePatch patch : trace.patches(t)) {
      EXPECT_TRUE(document.Replace(CodePointOffset{patch.position},
                                   CodePointOffset{patch.position + patch.deleted},
                                   patch.inserted));
    }
  }
  return document.Text();
}

TEST(TraceActionsTest, DealtToPeopleAtOneKeyboardTheTraceComesOutAsItWas) {
  ForEachSeed(100, [](Random& random) {
    const Trace trace = RandomSequentialTrace(random);
    const auto actions = DealTrace(trace, {.seed = random.Next(), .replicas = 3});
    RgaDocument document(ReplicaId{1});
    UserActor actor(document);
    std::set<uint32_t> replicas;
    for (const UserAction& action : actions) {
      // Whose turn it is has his own caret; at one keyboard, each turn begins with a move.
      ASSERT_TRUE(actor.Do(action));
      replicas.insert(action.replica);
    }
    EXPECT_EQ(document.Text(), Replay(trace));
    EXPECT_GT(replicas.size(), 1U);
  });
}

}  // namespace
}  // namespace cotext
