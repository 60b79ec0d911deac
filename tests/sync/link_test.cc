#include "sync/link.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "document/random.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "tests/support/for_each_seed.h"

namespace cotext::sync {
namespace {

Message Numbered(uint64_t number, size_t bytes = 0) {
  Message message = ToMessage(Ping{.value = number});
  message.bytes[0] = std::string(bytes, 'x');
  return message;
}

// One end, with the packets on their way to the other and what has been handled here.
struct End {
  explicit End(const LinkOptions& options) : link(pool, options) {}

  MessagePool pool;
  Link link;
  std::deque<Packet> out;
  std::vector<uint64_t> handled;
  uint64_t pushed = 0;

  void Take(uint64_t now_ms) {
    while (auto packet = link.TakePacket(now_ms)) {
      Packet copy{.head = packet->head, .messages = {}};
      for (const MessageRef ref : packet->messages) copy.messages.push_back(pool.Get(ref));
      out.push_back(std::move(copy));
    }
  }

  void Receive(const Packet& packet, uint64_t now_ms) {
    const auto fresh = link.Accept(packet.head, packet.messages.size(), 10, now_ms);
    ASSERT_TRUE(fresh.has_value());
    for (size_t i = *fresh; i < packet.messages.size(); ++i) {
      handled.push_back(packet.messages[i].numbers[0]);
    }
  }
};

void ExpectFirst(const std::vector<uint64_t>& handled) {
  for (size_t i = 0; i < handled.size(); ++i) ASSERT_EQ(handled[i], i + 1);
}

TEST(LinkTest, EverythingArrivesOnceAndInOrderWhateverHappensToPackets) {
  ForEachSeed(500, [](Random& random) {
    const LinkOptions options{.window_bytes = 64 * random.Between(1, 20),
                              .packet_bytes = 64 * random.Between(1, 5),
                              .ack_delay_ms = random.Below(300),
                              .resend_ms = 200};
    End ends[2] = {End(options), End(options)};
    uint64_t now_ms = 0;
    for (int step = 0; step < 300; ++step) {
      const size_t from = random.Below(2);
      End& sender = ends[from];
      End& receiver = ends[1 - from];
      switch (random.Below(6)) {
        case 0:
        case 1: sender.link.Push(Numbered(++sender.pushed)); break;
        case 2: now_ms += random.Below(150); break;
        case 3:
          if (random.Chance(10)) {
            for (End& end : ends) end.out.clear();
            ASSERT_TRUE(ends[0].link.Resume(ends[1].link.received()));
            ASSERT_TRUE(ends[1].link.Resume(ends[0].link.received()));
          }
          break;
        default:
          if (sender.out.empty()) break;
          const size_t which = random.Below(std::min<size_t>(sender.out.size(), 3));
          const Packet packet = sender.out[which];
          if (random.Chance(80)) sender.out.erase(sender.out.begin() + static_cast<long>(which));
          if (random.Chance(80)) receiver.Receive(packet, now_ms);
      }
      for (End& end : ends) {
        end.Take(now_ms);
        end.link.CheckInvariants();
        ExpectFirst(end.handled);
      }
    }
    // Faults stop.
    for (int step = 0; step < 2000; ++step) {
      now_ms += 100;
      for (const size_t from : {size_t{0}, size_t{1}}) {
        ends[from].Take(now_ms);
        for (; !ends[from].out.empty(); ends[from].out.pop_front()) {
          ends[1 - from].Receive(ends[from].out.front(), now_ms);
        }
      }
    }
    EXPECT_EQ(ends[0].handled.size(), ends[1].pushed);
    EXPECT_EQ(ends[1].handled.size(), ends[0].pushed);
    for (End& end : ends) {
      EXPECT_EQ(end.link.queued_bytes(), 0U);
      EXPECT_EQ(end.pool.size(), 0U);
    }
  });
}

TEST(LinkTest, NoMoreThanTheWindowIsOnItsWay) {
  MessagePool pool;
  Link link(pool, {.window_bytes = 1000, .packet_bytes = 400});
  for (uint64_t i = 0; i < 100; ++i) link.Push(Numbered(i, 36));  // 100 bytes each.
  size_t messages = 0;
  while (const auto packet = link.TakePacket(0)) {
    EXPECT_LE(packet->messages.size(), 4U);
    messages += packet->messages.size();
  }
  EXPECT_EQ(messages, 10U);
  ASSERT_TRUE(link.Accept({.received = 3}, 0, 0, 0).has_value());
  const auto more = link.TakePacket(0);
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ(more->head.first, 11U);
  EXPECT_EQ(more->messages.size(), 3U);
}

// What is sent again and again waits since it was sent first: an end that never answers is found
// out, however often it is tried.
TEST(LinkTest, HowLongNothingIsAcknowledgedIsCountedFromTheFirstSendingOn) {
  MessagePool pool;
  Link link(pool, {.resend_ms = 100});
  link.Push(Numbered(1));
  size_t sendings = 0;
  for (uint64_t now = 1000; now <= 41'000; now += 50) {
    while (link.TakePacket(now)) ++sendings;
    ASSERT_EQ(link.waiting_since_ms(), std::optional<uint64_t>(1000));
    ASSERT_GT(*link.NextTimeMs(), now);
  }
  EXPECT_GT(sendings, 5U);
  EXPECT_LT(sendings, 12U);  // The waits grow.
  link.Push(Numbered(2));
  while (link.TakePacket(41'000)) continue;
  ASSERT_TRUE(link.Accept({.received = 1}, 0, 0, 42'000).has_value());
  EXPECT_EQ(link.waiting_since_ms(), std::optional<uint64_t>(42'000));
  ASSERT_TRUE(link.Accept({.received = 2}, 0, 0, 43'000).has_value());
  EXPECT_FALSE(link.waiting_since_ms().has_value());
}

TEST(LinkTest, AMessageGreaterThanTheWindowGoesAlone) {
  MessagePool pool;
  Link link(pool, {.window_bytes = 1000, .packet_bytes = 400});
  link.Push(Numbered(1, 5000));
  link.Push(Numbered(2));
  const auto packet = link.TakePacket(0);
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(packet->messages.size(), 1U);
  EXPECT_FALSE(link.TakePacket(0).has_value());
}

TEST(LinkTest, AcknowledgingWhatWasNeverSentIsAnError) {
  MessagePool pool;
  Link link(pool);
  link.Push(Numbered(1));
  const auto early = link.Accept({.received = 1}, 0, 0, 0);
  ASSERT_FALSE(early.has_value());
  EXPECT_EQ(early.error().code, ErrorCode::kBadMessage);
  ASSERT_TRUE(link.TakePacket(0).has_value());
  EXPECT_TRUE(link.Accept({.received = 1}, 0, 0, 0).has_value());
}

// Found by LinkTest.EverythingArrivesOnceAndInOrder: it was taken for one of what was never sent.
TEST(LinkTest, AnAcknowledgementOfWhatIsToBeSentAgainCounts) {
  MessagePool pool;
  Link link(pool);
  link.Push(Numbered(1));
  link.Push(Numbered(2));
  ASSERT_TRUE(link.TakePacket(0).has_value());
  ASSERT_TRUE(link.Accept({.again = true}, 0, 0, 0).has_value());
  ASSERT_TRUE(link.Accept({.received = 1}, 0, 0, 0).has_value());
  const auto again = link.TakePacket(0);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->head.first, 2U);
  EXPECT_EQ(again->messages.size(), 1U);
}

TEST(LinkTest, AWindowIsSentAgainOnceForEachPlaceThatItIsAskedFrom) {
  MessagePool pool;
  Link link(pool);
  link.Push(Numbered(1));
  ASSERT_TRUE(link.TakePacket(0).has_value());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(link.Accept({.again = true}, 0, 0, 0).has_value());
    EXPECT_EQ(link.TakePacket(0).has_value(), i == 0);
  }
}

TEST(LinkTest, AGapIsAskedForAndWhatFollowsItIsDropped) {
  MessagePool pool;
  Link link(pool);
  const auto fresh = link.Accept({.first = 3}, 2, 20, 0);
  ASSERT_TRUE(fresh.has_value());
  EXPECT_EQ(*fresh, 2U);
  EXPECT_EQ(link.received(), 0U);
  const auto answer = link.TakePacket(0);
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->head.again);
  EXPECT_EQ(answer->head.received, 0U);
}

TEST(LinkTest, NumbersAtTheEndOfTheirRangeAreRefusedOrDropped) {
  MessagePool pool;
  Link link(pool);
  const uint64_t last = ~uint64_t{0};
  EXPECT_FALSE(link.Accept({.received = last}, 0, 0, 0).has_value());
  const auto fresh = link.Accept({.first = last}, 5, 0, 0);
  ASSERT_TRUE(fresh.has_value());
  EXPECT_EQ(*fresh, 5U);
}

TEST(LinkTest, AnAcknowledgementWaitsForARideButNotForLong) {
  MessagePool pool;
  Link link(pool, {.ack_delay_ms = 500});
  ASSERT_TRUE(link.Accept({.first = 1}, 1, 10, 100).has_value());
  EXPECT_FALSE(link.TakePacket(100).has_value());
  EXPECT_EQ(link.NextTimeMs(), std::optional<uint64_t>(600));
  EXPECT_FALSE(link.TakePacket(599).has_value());
  const auto late = link.TakePacket(600);
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(late->head.received, 1U);
  EXPECT_FALSE(link.NextTimeMs().has_value());
}

TEST(LinkTest, AnotherEndThatHasForgottenCannotGoOn) {
  MessagePool pool;
  Link link(pool);
  for (uint64_t i = 1; i <= 3; ++i) link.Push(Numbered(i));
  ASSERT_TRUE(link.TakePacket(0).has_value());
  ASSERT_TRUE(link.Accept({.received = 2}, 0, 0, 0).has_value());
  EXPECT_FALSE(link.Resume(1));
  EXPECT_FALSE(link.Resume(4));
  EXPECT_TRUE(link.Resume(2));
  const auto again = link.TakePacket(0);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->head.first, 3U);
}

}  // namespace
}  // namespace cotext::sync
