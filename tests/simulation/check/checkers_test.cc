// Each checker sees its violation, made by hand, and nothing in a record without one.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/check/check_buffers.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/check_intent.h"
#include "simulation/check/check_liveness.h"
#include "simulation/check/check_presence.h"
#include "simulation/check/violation.h"

namespace cotext {
namespace {

std::string Join(const std::vector<Violation>& violations) {
  std::string joined;
  for (const Violation& violation : violations) {
    joined += violation.promise + ": " + violation.what + "\n";
  }
  return joined;
}

TEST(CheckConvergenceTest, SeesEveryPartThatDiffers) {
  const FinalCopy copy{.node = 1, .text = "abc", .version = "v", .history = "h"};
  FinalCopy other = copy;
  other.node = 2;
  EXPECT_EQ(Join(CheckConvergence({{copy, other}})), "");
  other.text = "abd";
  EXPECT_EQ(
      Join(CheckConvergence({{copy, other}})),
      "convergence: the text of node 2 (3 bytes) is not that of node 1 (3 bytes), from byte 2 "
      "on\n");
  other = copy;
  other.version = "";
  EXPECT_EQ(CheckConvergence({{copy, other}}).size(), 1U);
  other = copy;
  other.history += "h";
  EXPECT_EQ(CheckConvergence({{copy, copy, other}}).size(), 1U);
}

using Durability = DurabilityEvent::Kind;

TEST(CheckDurabilityTest, SeesWhatWasToldToBeDurableAndIsNotThere) {
  std::vector<DurabilityEvent> events{
      {.kind = Durability::kFound, .at_us = 1, .node = 9, .extent = {}},
      {.kind = Durability::kAcknowledged, .at_us = 2, .node = 1, .extent = {{7, 4}}},
      {.kind = Durability::kFound, .at_us = 3, .node = 9, .extent = {{7, 5}, {8, 1}}},
  };
  EXPECT_EQ(Join(CheckDurability(events)), "");
  // It need not be lost for ever to be wrong.
  events.push_back({.kind = Durability::kFound, .at_us = 4, .node = 9, .extent = {{7, 3}}});
  events.push_back({.kind = Durability::kFound, .at_us = 5, .node = 9, .extent = {{7, 4}}});
  EXPECT_EQ(Join(CheckDurability(events)),
            "durability: at 4 us node 9 has the edits of writer 7 up to 3, though he was told that "
            "they are durable up to 4\n");
  events[3].extent.clear();
  EXPECT_EQ(CheckDurability(events).size(), 1U);
}

TEST(CheckExactlyOnceTest, SeesWhatCameTwiceChangedNeverOrFromNowhere) {
  ExactlyOnceRecord good;
  good.made = {{1, 1, "a"}, {1, 2, "b"}, {2, 1, "c"}};
  good.copies = {{.node = 1, .is_final = true, .applied = {{2, 1, "c"}, {1, 1, "a"}, {1, 2, "b"}}},
                 {.node = 2, .is_final = false, .applied = {{2, 1, "c"}}}};
  EXPECT_EQ(Join(CheckExactlyOnce(good)), "");

  ExactlyOnceRecord twice = good;
  twice.copies[1].applied.push_back({2, 1, "c"});
  EXPECT_EQ(Join(CheckExactlyOnce(twice)),
            "exactly once: node 2 applied edit 1 of writer 2 twice\n");

  // The same edit once more under another number.
  ExactlyOnceRecord again = good;
  again.copies[0].applied.push_back({1, 3, "b"});
  EXPECT_EQ(Join(CheckExactlyOnce(again)),
            "exactly once: node 1 has edit 3 of writer 1, which nobody made\n");

  ExactlyOnceRecord changed = good;
  changed.copies[0].applied[2].content = "x";
  EXPECT_EQ(Join(CheckExactlyOnce(changed)),
            "exactly once: node 1 has edit 2 of writer 1 with other content\n");

  ExactlyOnceRecord missing = good;
  missing.copies[0].applied.pop_back();
  EXPECT_EQ(Join(CheckExactlyOnce(missing)), "exactly once: node 1 lacks edit 2 of writer 1\n");
  missing.lost = {{1, 2, "b"}};
  EXPECT_EQ(Join(CheckExactlyOnce(missing)), "");

  ExactlyOnceRecord conflict = good;
  conflict.made.push_back({1, 1, "z"});
  EXPECT_EQ(Join(CheckExactlyOnce(conflict)), "exactly once: edit 1 of writer 1 was made twice\n");
}

TEST(CheckCausalOrderTest, SeesAnEditBeforeWhatItsAuthorHadSeen) {
  std::vector<Delivery> deliveries{
      {.copy = 1, .at_us = 1, .writer = 1, .first = 1, .last = 3, .seen = {}},
      {.copy = 1, .at_us = 2, .writer = 2, .first = 4, .last = 4, .seen = {{1, 3}}},
      {.copy = 2, .at_us = 3, .writer = 1, .first = 1, .last = 2, .seen = {}},
      {.copy = 2, .at_us = 4, .writer = 1, .first = 3, .last = 3, .seen = {{1, 2}}},
  };
  EXPECT_EQ(Join(CheckCausalOrder(deliveries)), "");
  deliveries[1].copy = 2;
  EXPECT_EQ(Join(CheckCausalOrder(deliveries)),
            "causal order: at 2 us copy 2 took edits 4 to 4 of writer 2, who had seen those of "
            "writer 1 up to 3; it had them up to 0\n");
  deliveries[1].copy = 1;
  deliveries.push_back({.copy = 2, .at_us = 5, .writer = 1, .first = 3, .last = 3, .seen = {}});
  EXPECT_EQ(Join(CheckCausalOrder(deliveries)),
            "causal order: at 5 us copy 2 took edit 3 of writer 1 behind its own edit 3\n");
}

// Somebody wrote 1 2 3, then two at once 4 between 1 and 2, and 5 behind 3; 2 was deleted.
IntentRecord GoodIntent() {
  IntentRecord record;
  record.inserted = {{1, 0, 0, 1}, {2, 1, 0, 1}, {3, 2, 0, 1}, {4, 1, 2, 2}, {5, 3, 0, 3}};
  record.deleted = {{2, 3}};
  record.text = {1, 4, 3, 5};
  return record;
}

TEST(CheckIntentTest, SeesCharactersOnTheWrongSideOfTheirNeighbours) {
  EXPECT_EQ(Join(CheckIntent(GoodIntent())), "");
  IntentRecord wrong = GoodIntent();
  wrong.text = {4, 1, 3, 5};
  EXPECT_EQ(
      Join(CheckIntent(wrong)),
      "intent: character 4 stands left of character 1, and node 2 inserted it right of that\n");
  wrong = GoodIntent();
  wrong.deleted.clear();
  wrong.text = {1, 2, 4, 3, 5};
  EXPECT_EQ(
      Join(CheckIntent(wrong)),
      "intent: character 4 stands right of character 2, and node 2 inserted it left of that\n");
}

TEST(CheckIntentTest, SeesCharactersThatVanishStayAppearOrComeTwice) {
  IntentRecord gone = GoodIntent();
  gone.text = {1, 4, 3};
  EXPECT_EQ(Join(CheckIntent(gone)),
            "intent: character 5 of node 3 is not in the text, and nobody deleted it\n");
  gone.brought_back = {5};
  EXPECT_EQ(Join(CheckIntent(gone)), "");

  IntentRecord kept = GoodIntent();
  kept.text = {1, 4, 2, 3, 5};
  EXPECT_EQ(Join(CheckIntent(kept)), "intent: character 2 was deleted, and is in the text\n");

  IntentRecord twice = GoodIntent();
  twice.text = {1, 4, 3, 5, 5};
  EXPECT_EQ(Join(CheckIntent(twice)), "intent: character 5 is in the text twice\n");

  IntentRecord strange = GoodIntent();
  strange.text = {1, 4, 3, 5, 6};
  EXPECT_EQ(Join(CheckIntent(strange)),
            "intent: character 6 is in the text, and nobody inserted it\n");

  IntentRecord blind = GoodIntent();
  blind.deleted.push_back({9, 2});
  EXPECT_EQ(Join(CheckIntent(blind)),
            "intent: node 2 deleted character 9, which nobody inserted\n");
}

TEST(CheckPresenceTest, SeesGhosts) {
  PresenceRecord record;
  record.grace_us = 10;
  record.gone_at_us = {{5, 100}};
  record.samples = {{.at_us = 110, .node = 1, .seen = {{5, ""}, {6, ""}}}};
  EXPECT_EQ(Join(CheckPresence(record)), "");
  record.samples[0].at_us = 111;
  EXPECT_EQ(Join(CheckPresence(record)),
            "presence: at 111 us node 1 sees session 5, gone since 100 us\n");
}

TEST(CheckPresenceTest, SeesThatSomebodyIsMissingOutdatedOrNotThere) {
  PresenceRecord record;
  record.present = {{1, "a"}, {2, "b"}};
  record.views = {{1, {.node = 11, .seen = {{2, "b"}}}}, {2, {.node = 12, .seen = {{1, "a"}}}}};
  EXPECT_EQ(Join(CheckPresence(record)), "");
  PresenceRecord missing = record;
  missing.views[1].seen.clear();
  EXPECT_EQ(Join(CheckPresence(missing)),
            "presence: in the end node 11 in session 1 does not see session 2\n");
  PresenceRecord outdated = record;
  outdated.views[2].seen[1] = "old";
  EXPECT_EQ(Join(CheckPresence(outdated)),
            "presence: in the end node 12 in session 2 sees session 1 with an outdated state\n");
  PresenceRecord ghost = record;
  ghost.views[2].seen[3] = "";
  EXPECT_EQ(Join(CheckPresence(ghost)),
            "presence: in the end node 12 in session 2 sees session 3, which is not there\n");
}

TEST(CheckBuffersTest, SeesWhatGrowsPastItsMaximum) {
  BufferRecord record;
  record.maxima = {{"queue", 10}};
  record.samples = {{.at_us = 3, .node = 1, .buffer = "queue", .depth = 10}};
  EXPECT_EQ(Join(CheckBuffers(record)), "");
  record.samples[0].depth = 11;
  EXPECT_EQ(Join(CheckBuffers(record)),
            "bounded buffers: at 3 us the queue of node 1 holds 11, and may hold 10\n");
  record.samples[0].buffer = "other";
  EXPECT_EQ(Join(CheckBuffers(record)), "bounded buffers: the other of node 1 has no maximum\n");
}

TEST(CheckLivenessTest, SeesWhoIsNotDoneInTime) {
  LivenessRecord record{.quiet_since_us = 100, .patience_us = 50};
  record.nodes = {{.node = 1, .settled_at_us = 150}};
  EXPECT_EQ(Join(CheckLiveness(record)), "");
  record.nodes[0].settled_at_us = 151;
  EXPECT_EQ(Join(CheckLiveness(record)),
            "liveness: node 1 was done only 51 us after the last fault\n");
  record.nodes[0].settled_at_us.reset();
  record.nodes[0].waiting = {{"not durable", 2}, {"unsent", 0}};
  EXPECT_EQ(Join(CheckLiveness(record)), "liveness: node 1 still waits for 2 not durable\n");
}

}  // namespace
}  // namespace cotext
