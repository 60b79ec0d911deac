#include "simulation/world/virtual_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "simulation/world/network_path.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Kind = NetworkEvent::Kind;

constexpr uint64_t kSecond = 1'000'000;

NetworkOptions Steady(uint64_t latency_us) {
  return {.path = {.latency = {.least_us = latency_us}}};
}

// Everything that happens up to a time, with when it does.
std::string Trace(VirtualNetwork& network, uint64_t until_us) {
  std::string trace;
  while (network.NextTimeUs().value_or(UINT64_MAX) <= until_us) {
    const uint64_t at_us = *network.NextTimeUs();
    while (const auto event = network.TakeEvent(at_us)) {
      trace += std::to_string(at_us) + ":" + std::to_string(event->node);
      if (event->kind == Kind::kOpened) trace += " opened; ";
      if (event->kind == Kind::kClosed) trace += " closed; ";
      if (event->kind == Kind::kPacket) trace += "<" + event->packet + "; ";
    }
  }
  return trace;
}

TEST(VirtualNetworkTest, BothEndsSeeAConnectionOpenAndCloseAtTheirOwnTimes) {
  VirtualNetwork network(1, Steady(10));
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  EXPECT_EQ(Trace(network, 30), "10:2 opened; 20:1 opened; ");
  network.Send(connection, 1, "a", 30);
  network.Send(connection, 1, "b", 31);
  network.Close(connection, 1, 32);
  network.Send(connection, 1, "c", 33);
  network.Send(connection, 2, "d", 33);
  EXPECT_EQ(Trace(network, kSecond), "40:2<a; 41:2<b; 42:2 closed; ");
  EXPECT_TRUE(network.OpenConnections().empty());
}

TEST(VirtualNetworkTest, AResetLosesWhatIsOnItsWay) {
  VirtualNetwork network(1, Steady(10));
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  Trace(network, 20);
  network.Send(connection, 1, "a", 20);
  network.Reset(connection, 25);
  network.Send(connection, 2, "b", 26);
  EXPECT_EQ(Trace(network, kSecond), "35:2 closed; 35:1 closed; ");
}

TEST(VirtualNetworkTest, ABlockedDirectionHoldsUpOrderedPacketsUntilItIsFree) {
  VirtualNetwork network(1, Steady(10));
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  Trace(network, 20);
  network.Send(connection, 1, "early", 95);
  network.Block(1, 2);
  network.Block(1, 2);
  network.Send(connection, 1, "a", 100);
  network.Send(connection, 2, "other way", 100);
  EXPECT_EQ(Trace(network, 200), "110:1<other way; ");
  EXPECT_EQ(network.BacklogBytes(connection, 1), 6U);
  network.Free(1, 2, 200);
  EXPECT_EQ(Trace(network, 250), "");
  network.Send(connection, 1, "b", 295);
  network.Free(1, 2, 300);
  EXPECT_EQ(Trace(network, 400), "300:2<early; 300:2<a; 305:2<b; ");
  EXPECT_EQ(network.BacklogBytes(connection, 1), 0U);
}

TEST(VirtualNetworkTest, ABlockedDirectionLosesLossyPackets) {
  VirtualNetwork network(1, Steady(10));
  const auto connection = network.Connect(1, 2, ConnectionKind::kLossy, 0);
  Trace(network, 20);
  network.Block(1, 2);
  network.Send(connection, 1, "a", 100);
  EXPECT_EQ(Trace(network, 200), "");
  network.Free(1, 2, 200);
  network.Send(connection, 1, "b", 200);
  EXPECT_EQ(Trace(network, 300), "210:2<b; ");
  EXPECT_EQ(network.BacklogBytes(connection, 1), 0U);
}

TEST(VirtualNetworkTest, AConnectionThatNobodyAcceptsEndsInTime) {
  VirtualNetwork network(1, {.path = {.latency = {.least_us = 10}}, .connect_timeout_us = 500});
  network.Stop(2);
  network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  EXPECT_EQ(Trace(network, kSecond), "500:1 closed; ");
  network.Kill(2, 1000);
  network.Connect(1, 2, ConnectionKind::kOrdered, 1000);
  EXPECT_EQ(Trace(network, kSecond), "1020:1 closed; ");
  network.Start(2);
  network.Connect(1, 2, ConnectionKind::kOrdered, 3000);
  EXPECT_EQ(Trace(network, kSecond), "3010:2 opened; 3020:1 opened; ");
}

TEST(VirtualNetworkTest, ATimedOutConnectionClosesForWhoeverAcceptedIt) {
  VirtualNetwork network(1, {.path = {.latency = {.least_us = 10}}, .connect_timeout_us = 500});
  network.Block(2, 1);
  network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  EXPECT_EQ(Trace(network, kSecond), "10:2 opened; 500:1 closed; 510:2 closed; ");
}

TEST(VirtualNetworkTest, AKilledNodeIsMissedAtOnceAndAStoppedOneWhenItIsStartedAgain) {
  VirtualNetwork network(1, Steady(10));
  network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  Trace(network, 20);
  network.Kill(2, 100);
  EXPECT_EQ(Trace(network, 200), "110:1 closed; ");
  network.Start(2);
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 200);
  Trace(network, 220);
  network.Stop(2);
  network.Send(connection, 1, "a", 300);
  EXPECT_EQ(Trace(network, 400), "");
  network.Start(2);
  network.Send(connection, 1, "b", 400);
  EXPECT_EQ(Trace(network, 500), "420:1 closed; ");
}

TEST(VirtualNetworkTest, ASlowReaderGetsItsBytesOneAfterTheOther) {
  VirtualNetwork network(1, Steady(10));
  network.SetReadRate(2, 1000);
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  Trace(network, 20);
  network.Send(connection, 1, std::string(5, 'a'), 100);
  network.Send(connection, 1, std::string(5, 'b'), 100);
  network.Send(connection, 2, std::string(5, 'c'), 100);
  EXPECT_EQ(network.BacklogBytes(connection, 1), 10U);
  EXPECT_EQ(Trace(network, kSecond), "110:1<ccccc; 5110:2<aaaaa; 10110:2<bbbbb; ");
}

TEST(VirtualNetworkTest, LossyPacketsSufferAsOftenAsTheyShould) {
  const uint64_t packets = 50'000;
  VirtualNetwork network(7, {.path = {.latency = {.least_us = 10, .mean_us = 100},
                                      .loss_ppm = 100'000,
                                      .duplicate_ppm = 50'000,
                                      .reorder_ppm = 200'000,
                                      .corrupt_ppm = 30'000}});
  const auto connection = network.Connect(1, 2, ConnectionKind::kLossy, 0);
  Trace(network, kSecond);
  std::map<std::string, int> copies;
  uint64_t overtaken = 0;
  uint64_t latest = 0;
  uint64_t damaged = 0;
  for (uint64_t i = 1; i <= packets; ++i) {
    const uint64_t now_us = kSecond + 10 * i;
    while (const auto event = network.TakeEvent(now_us)) {
      const std::string number = event->packet.substr(0, 8);
      if (event->packet != number + number + number) {
        ++damaged;
        continue;
      }
      ++copies[number];
      overtaken += std::stoull(number) < latest ? 1 : 0;
      latest = std::max<uint64_t>(latest, std::stoull(number));
    }
    const std::string number = std::to_string(10'000'000 + i);
    network.Send(connection, 1, number + number + number, now_us);
  }
  const NetworkCounts& counts = network.counts();
  EXPECT_EQ(counts.sent, packets);
  EXPECT_NEAR(static_cast<double>(counts.lost), 5000, 300);
  EXPECT_NEAR(static_cast<double>(counts.duplicated), 2500, 200);
  EXPECT_NEAR(static_cast<double>(counts.reordered), 9000, 400);
  EXPECT_NEAR(static_cast<double>(counts.corrupted), 1350, 150);
  EXPECT_NEAR(static_cast<double>(damaged), 1350, 150);
  EXPECT_GT(overtaken, 5000U);
  EXPECT_GT(std::ranges::count_if(copies, [](const auto& copy) { return copy.second == 2; }), 1500);
}

TEST(VirtualNetworkTest, WhatWaitsForASlowReaderComesQuicklyOnceHeIsQuick) {
  VirtualNetwork network(1, Steady(10));
  network.SetReadRate(2, 1000);
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  Trace(network, 20);
  for (const char* packet : {"aaaaa", "b", "c"}) network.Send(connection, 1, packet, 100);
  network.Close(connection, 1, 100, "enough");
  network.SetReadRate(2, 0);
  EXPECT_EQ(Trace(network, 5109), "");
  EXPECT_EQ(Trace(network, kSecond), "5110:2<aaaaa; 5110:2<b; 5110:2<c; 5110:2 closed; ");
}

TEST(VirtualNetworkTest, WhoClosesCanSayWhy) {
  VirtualNetwork network(1, Steady(10));
  const auto connection = network.Connect(1, 2, ConnectionKind::kOrdered, 0);
  Trace(network, 20);
  network.Close(connection, 2, 100, "enough");
  const auto event = network.TakeEvent(110);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, Kind::kClosed);
  EXPECT_EQ(event->packet, "enough");
}

NetworkOptions RandomOptions(Random& random) {
  NetworkPath path{
      .latency = {.shape = Latency::Shape::kExponential, .least_us = 5, .mean_us = 50}};
  path.loss_ppm = random.Below(100'000);
  path.duplicate_ppm = random.Below(100'000);
  path.reorder_ppm = random.Below(300'000);
  path.corrupt_ppm = random.Below(10'000);
  return {.path = path, .connect_timeout_us = 2000, .retransmit_us = 300};
}

// Makes random calls on four nodes, and knows what each end may see.
class RandomCalls {
 public:
  explicit RandomCalls(uint64_t seed) : random_(seed), network_(seed, RandomOptions(random_)) {}

  // Returns everything that happened.
  std::string Run() {
    for (uint64_t now_us = 0; now_us < 20'000; now_us += random_.Below(20)) {
      while (network_.NextTimeUs().value_or(UINT64_MAX) <= now_us) {
        const uint64_t at_us = *network_.NextTimeUs();
        if (const auto event = network_.TakeEvent(at_us)) See(*event, at_us);
      }
      Call(now_us);
    }
    return trace_;
  }

 private:
  using End = std::pair<ConnectionNumber, NodeNumber>;

  void See(const NetworkEvent& event, uint64_t at_us) {
    trace_ += std::to_string(at_us) + " " + std::to_string(event.connection) + " " +
              std::to_string(event.node) + " " + std::to_string(static_cast<int>(event.kind)) +
              event.packet + "\n";
    const End end(event.connection, event.node);
    const auto before = seen_.find(end);
    const bool is_open = before != seen_.end() && before->second == Kind::kOpened;
    if (event.kind == Kind::kPacket) {
      EXPECT_TRUE(is_open) << "not open";
      if (kinds_[event.connection] == ConnectionKind::kLossy) return;
      const uint64_t number = std::stoull(event.packet);
      EXPECT_GT(number, last_[end]);
      last_[end] = number;
      return;
    }
    EXPECT_TRUE(before == seen_.end() || (is_open && event.kind == Kind::kClosed)) << "twice";
    seen_[end] = event.kind;
  }

  void Call(uint64_t now_us) {
    const auto from = static_cast<NodeNumber>(random_.Below(4));
    const auto to = static_cast<NodeNumber>((from + 1 + random_.Below(3)) % 4);
    const ConnectionNumber connection = random_.Below(kinds_.size());
    switch (random_.Below(20)) {
      case 0: return Connect(from, to, now_us);
      case 1: return Close(connection, from, now_us);
      case 2:
        if (random_.Chance(20)) network_.Reset(connection, now_us);
        return;
      case 3:
        if (blocked_.insert({from, to}).second) network_.Block(from, to);
        return;
      case 4:
      case 5:
        if (blocked_.erase({from, to}) > 0) network_.Free(from, to, now_us);
        return;
      case 6: return TakeDown(from, now_us);
      case 7: return network_.Start(from);
      case 8: return network_.SetReadRate(from, random_.Below(100'000));
      default:
        if (!seen_.contains({connection, from})) return;
        network_.Send(connection, from, std::to_string(++sent_), now_us);
    }
  }

  void Connect(NodeNumber from, NodeNumber to, uint64_t now_us) {
    const auto kind = random_.Chance(50) ? ConnectionKind::kOrdered : ConnectionKind::kLossy;
    EXPECT_EQ(network_.Connect(from, to, kind, now_us), kinds_.size());
    kinds_.push_back(kind);
  }

  void Close(ConnectionNumber connection, NodeNumber by, uint64_t now_us) {
    if (!seen_.contains({connection, by}) || !random_.Chance(20)) return;
    network_.Close(connection, by, now_us);
    seen_[{connection, by}] = Kind::kClosed;
  }

  void TakeDown(NodeNumber node, uint64_t now_us) {
    if (!random_.Chance(10)) return;
    random_.Chance(50) ? network_.Stop(node) : network_.Kill(node, now_us);
    for (auto& [end, state] : seen_) {
      if (end.second == node) state = Kind::kClosed;
    }
  }

  Random random_;
  VirtualNetwork network_;
  std::vector<ConnectionKind> kinds_{{}};
  std::map<End, Kind> seen_;
  std::map<End, uint64_t> last_;  // Of the packets on ordered connections.
  std::set<std::pair<NodeNumber, NodeNumber>> blocked_;
  std::string trace_;
  uint64_t sent_ = 0;
};

std::string RunRandomly(uint64_t seed) { return RandomCalls(seed).Run(); }

TEST(VirtualNetworkTest, NothingComesBeforeAnEndIsOpenOrAfterItIsClosed) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RunRandomly(seed);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(VirtualNetworkTest, TheSameSeedGivesTheSameTrace) {
  for (uint64_t seed = 1; seed <= 20; ++seed) EXPECT_EQ(RunRandomly(seed), RunRandomly(seed));
  EXPECT_NE(RunRandomly(1), RunRandomly(2));
}

}  // namespace
}  // namespace cotext
