// What a server does because time has passed, and what that costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "sync/messages.h"
#include "sync/server.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

uint64_t ThreadNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  constexpr uint64_t kNsPerS = 1'000'000'000;
  return static_cast<uint64_t>(time.tv_sec) * kNsPerS + static_cast<uint64_t>(time.tv_nsec);
}

class ServerTimesTest : public ServerTest {};

TEST_F(ServerTimesTest, NextTimeIsThatOfWhateverComesFirst) {
  const ServerOptions options;
  EXPECT_EQ(server_.NextTimeMs(), std::nullopt);
  Peer& peer = Connect("ann");
  EXPECT_EQ(server_.NextTimeMs(), now_ms_ + options.greeting_ms);
  now_ms_ += 100;
  SendControl(peer, ToMessage(Hello{}));
  EXPECT_EQ(server_.NextTimeMs(), now_ms_ + options.ping_ms);
  // Once it was asked and has answered it is asked again in time, which is before it would have
  // been given up.
  Wait(options.ping_ms);
  EXPECT_EQ(Of(peer, MessageKind::kPing).size(), 1U);
  EXPECT_EQ(server_.NextTimeMs(), now_ms_ - options.ping_ms + options.silence_ms);
  SendControl(peer, ToMessage(Pong{}));
  Wait(options.ping_ms);
  EXPECT_EQ(Of(peer, MessageKind::kPing).size(), 2U);
  SendControl(peer, ToMessage(Pong{}));
  EXPECT_EQ(server_.NextTimeMs(), now_ms_ + options.ping_ms);
  server_.OnDisconnect(peer.connection, now_ms_);
  EXPECT_EQ(server_.NextTimeMs(), now_ms_ + options.expiry_ms);
  Wait(options.expiry_ms);
  EXPECT_EQ(server_.session_count(), 0U);
  EXPECT_EQ(server_.NextTimeMs(), std::nullopt);
}

TEST_F(ServerTimesTest, WhoEntersAnewWithATokenThatIsNoGoodIsGivenUpLikeAnyone) {
  Peer& first = Connect("ann");
  SendControl(first, ToMessage(Hello{}));
  const std::string token = ReadWelcome(Of(first, MessageKind::kWelcome).at(0))->token;
  const uint64_t since_ms = now_ms_;
  now_ms_ += 15'000;
  Peer& second = Connect("ann");
  SendControl(second, ToMessage(Hello{.received = 77, .token = token}));
  ASSERT_FALSE(first.closed);
  // The first connection has no session any more, and said no hello in time.
  EXPECT_EQ(server_.NextTimeMs(), since_ms + ServerOptions().greeting_ms);
  Wait(50);
  EXPECT_TRUE(peers_.at(first.connection).closed);
}

// A turn while many are idle: one that says something, the time, and when to be called again.
class IdleTurns : public ServerTest {
 public:
  explicit IdleTurns(int idle) {
    for (int i = 0; i <= idle; ++i) {
      Peer& peer = Connect("ann");
      SendControl(peer, ToMessage(Hello{}));
      // All are there for different times, as they are in life.
      if (i % 16 == 0) ++now_ms_;
    }
  }
  void TestBody() override {}

  // The least of several, in nanoseconds.
  uint64_t Measure() {
    constexpr int kTurns = 200;
    uint64_t least = UINT64_MAX;
    for (int round = 0; round < 9; ++round) {
      const uint64_t began = ThreadNs();
      for (int turn = 0; turn < kTurns; ++turn) {
        server_.OnPacket(connections_, {.head = {}, .messages = {ToMessage(Ping{})}}, 10, now_ms_);
        server_.OnTick(now_ms_);
        EXPECT_TRUE(server_.NextTimeMs().has_value());
        EXPECT_EQ(server_.TakeActions(now_ms_).size(), 1U);
      }
      least = std::min(least, (ThreadNs() - began) / kTurns);
    }
    return least;
  }
};

TEST(ServerTurnTest, CostsTheSameHoweverManyAreIdle) {
  const uint64_t few = IdleTurns(100).Measure();
  const uint64_t more = IdleTurns(1'000).Measure();
  const uint64_t many = IdleTurns(10'000).Measure();
  // A walk through all would cost a hundred times as much.
  EXPECT_LT(more, 4 * few) << few << " " << more << " " << many;
  EXPECT_LT(many, 4 * few) << few << " " << more << " " << many;
  RecordProperty("ns_100", std::to_string(few));
  RecordProperty("ns_10000", std::to_string(many));
}

}  // namespace
}  // namespace cotext::sync
