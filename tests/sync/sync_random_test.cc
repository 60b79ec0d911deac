// Random editing through everything that can go wrong between clients, a server and its disk.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>

#include "document/offset.h"
#include "document/random.h"
#include "sync/client.h"
#include "sync/server.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/sync/sync_rig.h"

namespace cotext::sync {
namespace {

void Edit(Random& random, Document& document) {
  const uint64_t length = document.metrics().code_points;
  const uint64_t begin = random.Below(length + 1);
  const uint64_t count =
      random.Chance(30) ? random.Below(std::min<uint64_t>(length - begin, 4) + 1) : 0;
  const std::string text = random.Chance(80) ? RandomText(random, 4) : std::string();
  const CodePointOffset from(begin);
  const CodePointOffset to(begin + count);
  ASSERT_TRUE(document.Replace(from, to, text).has_value());
  if (random.Chance(10)) ASSERT_TRUE(document.Undo().has_value());
}

struct Hostility {
  Engine engine = Engine::kRga;
  bool is_lossy = false;
  bool crashes = false;
  bool store_fails = false;
};

void Step(Random& random, SyncRig& rig, const Hostility& hostility) {
  const size_t client = random.Below(rig.client_count());
  const bool to_server = random.Chance(50);
  switch (random.Below(12)) {
    case 0:
    case 1: Edit(random, rig.document(client)); return rig.Settle();
    case 2: return rig.Advance(random.Below(400));
    case 3:
      if (random.Chance(20)) rig.Disconnect(client);
      return rig.Settle();
    case 4:
      if (hostility.is_lossy) rig.DropNext(client, to_server);
      return;
    case 5:
      if (hostility.is_lossy) rig.Deliver(client, to_server, random.Below(3), random.Chance(50));
      return;
    case 6:
      if (hostility.crashes && random.Chance(10)) rig.CrashServer();
      return;
    case 7:
      if (hostility.crashes && random.Chance(10)) rig.RestartClient(client);
      return;
    case 8:
    case 9: rig.AnswerStore(hostility.store_fails && random.Chance(10)); return;
    default: rig.Deliver(client, to_server); return;
  }
}

void ExpectConvergence(SyncRig& rig) {
  ASSERT_TRUE(rig.Quiesce()) << rig.Describe();
  const std::string stored = rig.StoredText();
  for (size_t i = 0; i < rig.client_count(); ++i) {
    ASSERT_EQ(rig.document(i).Text(), stored) << i << rig.Describe();
    EXPECT_EQ(rig.document(i).version(), rig.document(0).version());
    EXPECT_EQ(rig.handed_back(i), 0U);
    EXPECT_EQ(rig.client(i).presence(rig.key(i)).users().size(), rig.client_count() - 1);
    for (const ClientEvent& event : rig.events(i)) {
      const auto* const failed = std::get_if<DocumentFailed>(&event);
      EXPECT_EQ(failed, nullptr) << failed->error.message;
    }
  }
}

void RunSchedules(uint64_t seeds, const Hostility& hostility) {
  ForEachSeed(seeds, [&](Random& random) {
    RigOptions options{.clients = random.Between(2, 4), .engine = hostility.engine};
    if (hostility.is_lossy) {
      options.server.link.resend_ms = 1000;
      options.client.link.resend_ms = 1000;
    }
    if (random.Chance(30)) options.server.lag_bytes = 300;  // Nearly every client is slow.
    if (random.Chance(30)) options.server.hub.compact_bytes_min = 100;
    if (random.Chance(50)) {
      options.server.hub.piece_bytes = random.Between(100, 300);
      options.server.hub.copy_bytes = random.Between(1, 300);
      options.server.hub.merge_bytes = random.Between(1, 300);
    }
    SyncRig rig(random, options);
    for (uint64_t step = random.Between(50, 400); step > 0; --step) {
      Step(random, rig, hostility);
      if (testing::Test::HasFailure()) return;
    }
    ExpectConvergence(rig);
  });
}

TEST(SyncRandomTest, ClientsConvergeOverConnectionsThatBreak) { RunSchedules(300, {}); }

TEST(SyncRandomTest, ClientsConvergeOverConnectionsThatLosePackets) {
  RunSchedules(300, {.is_lossy = true});
}

TEST(SyncRandomTest, NothingIsLostWhenServersAndClientsCrash) {
  RunSchedules(300, {.is_lossy = true, .crashes = true});
}

TEST(SyncRandomTest, NothingIsLostWhenTheStoreFails) {
  RunSchedules(300, {.is_lossy = true, .crashes = true, .store_fails = true});
}

TEST(SyncRandomTest, ClientsOfOtConvergeOverConnectionsThatLosePackets) {
  RunSchedules(300, {.engine = Engine::kOt, .is_lossy = true});
}

TEST(SyncRandomTest, NothingOfOtIsLostWhenServersAndClientsCrash) {
  RunSchedules(300, {.engine = Engine::kOt, .is_lossy = true, .crashes = true});
}

TEST(SyncRandomTest, NothingOfOtIsLostWhenTheStoreFails) {
  RunSchedules(300,
               {.engine = Engine::kOt, .is_lossy = true, .crashes = true, .store_fails = true});
}

}  // namespace
}  // namespace cotext::sync
