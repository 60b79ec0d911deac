#include "sync/peer_connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/client_event.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext::sync {
namespace {

constexpr Channel kChannel = 1;

// Two peers, and a wire between them that the test cuts.
struct Pair {
  struct End {
    End(uint64_t replica, bool connects, Random& random, const PeerConnectionOptions& given)
        : document(ReplicaId{.value = replica}),
          connection(
              document, kChannel, [&random] { return random.Next(); }, With(given, connects)) {}

    static PeerConnectionOptions With(PeerConnectionOptions options, bool connects) {
      options.connects = connects;
      return options;
    }

    RgaDocument document;
    PeerConnection connection;
    std::deque<Packet> out;
  };

  explicit Pair(Random& random, const PeerConnectionOptions& options = {})
      : ends{End(7, true, random, options), End(8, false, random, options)} {
    for (End& end : ends) end.connection.Start(now_ms);
  }

  void Take() {
    for (End& end : ends) {
      for (ClientAction& action : end.connection.TakeActions(now_ms)) {
        if (auto* const packet = std::get_if<Packet>(&action)) {
          end.out.push_back(std::move(*packet));
        } else if (std::holds_alternative<Connect>(action)) {
          ++connects;
          if (can_connect) {
            Clear();
            for (End& each : ends) each.connection.OnConnected(now_ms);
          } else {
            end.connection.OnDisconnected(now_ms);
          }
        } else {
          ++disconnects;
        }
      }
    }
  }

  void Clear() {
    for (End& end : ends) end.out.clear();
  }

  void Cut() {
    Clear();
    for (End& end : ends) end.connection.OnDisconnected(now_ms);
  }

  void Deliver(size_t from, size_t which = 0, bool keeps = false) {
    End& end = ends[from];
    if (which >= end.out.size()) return;
    const Packet packet = end.out[which];
    if (!keeps) end.out.erase(end.out.begin() + static_cast<std::ptrdiff_t>(which));
    ends[1 - from].connection.OnPacket(packet, 100, now_ms);
    Take();
  }

  void Wait(uint64_t ms) {
    for (uint64_t end_ms = now_ms + ms; now_ms < end_ms;) {
      now_ms += 50;
      for (End& end : ends) end.connection.OnTick(now_ms);
      Take();
      if (is_silent) Clear();
      for (size_t i : {size_t{0}, size_t{1}}) {
        while (!ends[i].out.empty()) Deliver(i);
      }
    }
  }

  bool IsInStep() const {
    return ends[0].connection.is_in_step() && ends[1].connection.is_in_step();
  }
  std::string Seen(size_t by) const {
    const auto& seen = ends[by].connection.seen();
    return seen ? seen->state : "nothing";
  }

  uint64_t now_ms = 1000;
  bool can_connect = true;
  bool is_silent = false;  // What is sent does not arrive, and nobody is told.
  size_t connects = 0;
  size_t disconnects = 0;
  End ends[2];
};

void Type(RgaDocument& document, std::string_view text) {
  ASSERT_TRUE(document.Insert(CodePointOffset(0), text).has_value());
}

TEST(PeerConnectionTest, BothHaveWhatEitherTypes) {
  Random random(1);
  Pair pair(random);
  Type(pair.ends[0].document, "a");
  pair.Wait(3000);
  Type(pair.ends[1].document, "b");
  pair.Wait(3000);
  EXPECT_EQ(pair.ends[0].document.Text(), "ba");
  EXPECT_EQ(pair.ends[1].document.Text(), "ba");
  EXPECT_TRUE(pair.IsInStep());
  EXPECT_EQ(pair.connects, 1U);
}

TEST(PeerConnectionTest, OneEndMakesTheConnectionAgainAndTheWaitsGrow) {
  Random random(1);
  Pair pair(random);
  pair.Wait(1000);
  pair.can_connect = false;
  pair.Cut();
  Type(pair.ends[1].document, "offline");
  pair.Wait(120'000);
  EXPECT_FALSE(pair.ends[0].connection.is_connected());
  EXPECT_GT(pair.connects, 5U);
  EXPECT_LT(pair.connects, 40U);
  pair.can_connect = true;
  pair.Wait(35'000);
  EXPECT_EQ(pair.ends[0].document.Text(), "offline");
  EXPECT_TRUE(pair.IsInStep());
}

// One peer lost its power and came back: the other has nothing to say, and would never know.
TEST(PeerConnectionTest, AConnectionThatIsDeadWithoutAWordIsFoundOut) {
  Random random(1);
  Pair pair(random);
  pair.Wait(3000);
  ASSERT_TRUE(pair.IsInStep());
  pair.is_silent = true;
  pair.can_connect = false;
  pair.Wait(26'000);
  EXPECT_FALSE(pair.ends[0].connection.is_connected());
  EXPECT_FALSE(pair.ends[1].connection.is_connected());
  EXPECT_EQ(pair.disconnects, 2U);
}

TEST(PeerConnectionTest, ASilentButLivingPeerIsKept) {
  Random random(1);
  Pair pair(random);
  pair.Wait(120'000);
  EXPECT_EQ(pair.connects, 1U);
  EXPECT_EQ(pair.disconnects, 0U);
}

TEST(PeerConnectionTest, WhatOneShowsTheOtherSeesUntilTheConnectionIsGone) {
  Random random(1);
  Pair pair(random);
  ASSERT_TRUE(pair.ends[0].connection.SetPresence("early").has_value());
  pair.Wait(1000);
  EXPECT_EQ(pair.Seen(1), "early");
  EXPECT_EQ(pair.Seen(0), "");
  ASSERT_TRUE(pair.ends[0].connection.SetPresence("later").has_value());
  pair.ends[0].connection.SetTyping(true);
  pair.Wait(1000);
  EXPECT_EQ(pair.Seen(1), "later");
  EXPECT_TRUE(pair.ends[1].connection.seen()->is_typing());
  pair.Wait(6000);
  EXPECT_FALSE(pair.ends[1].connection.seen()->is_typing());
  pair.Cut();
  EXPECT_EQ(pair.Seen(1), "nothing");
  pair.Wait(35'000);
  EXPECT_EQ(pair.Seen(1), "later");
}

TEST(PeerConnectionTest, PresenceIsToldAtMostEvery50Milliseconds) {
  Random random(1);
  Pair pair(random);
  pair.Wait(3000);
  size_t packets = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    ++pair.now_ms;
    ASSERT_TRUE(pair.ends[0].connection.SetPresence(std::to_string(i)).has_value());
    pair.Take();
    packets += pair.ends[0].out.size();
    while (!pair.ends[0].out.empty()) pair.Deliver(0);
  }
  EXPECT_LE(packets, 3U);
  pair.Wait(100);
  EXPECT_EQ(pair.Seen(1), "99");
  EXPECT_EQ(
      pair.ends[0].connection.SetPresence(std::string(kPresenceStateMax + 1, 'x')).error().code,
      ErrorCode::kTooLarge);
}

TEST(PeerConnectionTest, WhoSendsNonsenseIsLeftForGood) {
  Random random(1);
  Pair pair(random);
  pair.Wait(1000);
  Packet packet{.head = {.first = 100}, .messages = {}};
  PeerConnection& victim = pair.ends[0].connection;
  // How many messages have come so far.
  for (uint64_t first = 1; !victim.failure(); ++first) {
    packet = {.head = {.first = first},
              .messages = {ToMessage(UpdateMessage{.channel = kChannel, .update = "\xff"})}};
    victim.OnPacket(packet, 100, pair.now_ms);
    ASSERT_LT(first, 100U);
  }
  EXPECT_EQ(victim.failure()->code, ErrorCode::kMalformedUpdate);
  pair.Wait(60'000);
  EXPECT_EQ(pair.connects, 1U);
}

TEST(PeerConnectionTest, TheQueueOfWhoTakesNothingIsBounded) {
  Random random(1);
  PeerConnectionOptions options;
  options.link.window_bytes = 1000;
  Pair pair(random, options);
  pair.Wait(1000);
  for (int i = 0; i < 1000; ++i) {
    Type(pair.ends[0].document, "0123456789");
    pair.Take();
  }
  EXPECT_LE(pair.ends[0].connection.queued_bytes(), 1200U);
  pair.Wait(10'000);
  EXPECT_EQ(pair.ends[1].document.Text(), pair.ends[0].document.Text());
}

TEST(PeerConnectionTest, WhateverTheNetworkDoesBothHaveAllInTheEnd) {
  ForEachSeed(300, [](Random& random) {
    PeerConnectionOptions options;
    options.link.resend_ms = 500;
    if (random.Chance(50)) options.link.window_bytes = 300;
    if (random.Chance(50)) options.link.packet_bytes = 100;
    Pair pair(random, options);
    for (uint64_t steps = random.Between(20, 200); steps > 0; --steps) {
      Pair::End& end = pair.ends[random.Below(2)];
      switch (random.Below(8)) {
        case 0: Type(end.document, RandomText(random, 5)); break;
        case 1: pair.now_ms += random.Below(2000); break;
        case 2:
          if (random.Chance(10)) pair.Cut();
          break;
        case 3:
          if (!end.out.empty()) end.out.pop_front();
          break;
        case 4: ASSERT_TRUE(end.connection.SetPresence(RandomText(random, 3)).has_value()); break;
        default: pair.Deliver(random.Below(2), random.Below(3), random.Chance(20)); break;
      }
      for (Pair::End& each : pair.ends) each.connection.OnTick(pair.now_ms);
      pair.Take();
    }
    pair.Wait(120'000);
    EXPECT_TRUE(pair.IsInStep());
    EXPECT_EQ(pair.ends[0].document.Text(), pair.ends[1].document.Text());
    EXPECT_EQ(pair.ends[0].document.version_vector(), pair.ends[1].document.version_vector());
    for (const Pair::End& end : pair.ends) {
      EXPECT_FALSE(end.connection.failure().has_value());
      EXPECT_EQ(end.connection.queued_bytes(), 0U);
    }
  });
}

}  // namespace
}  // namespace cotext::sync
