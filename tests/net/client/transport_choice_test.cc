#include "net/client/transport_choice.h"

#include <gtest/gtest.h>

#include <optional>

namespace cotext::net {
namespace {

constexpr auto kWebSocket = TransportKind::kWebSocket;
constexpr auto kPoll = TransportKind::kPoll;

TEST(TransportChoiceTest, PollingIsTriedAfterWebSocketsFailed) {
  TransportChoice choice({.failures_max = 2});
  EXPECT_EQ(choice.Next(), kWebSocket);
  choice.OnFailed(kWebSocket);
  EXPECT_EQ(choice.Next(), kWebSocket);
  choice.OnFailed(kWebSocket);
  EXPECT_EQ(choice.Next(), kPoll);
  choice.OnFailed(kPoll);
  EXPECT_EQ(choice.Next(), kWebSocket) << "the server is down, not WebSockets blocked";
}

TEST(TransportChoiceTest, WhatWorkedInBetweenCounts) {
  TransportChoice choice({.failures_max = 2});
  choice.OnFailed(kWebSocket);
  choice.OnWorks(kWebSocket, 0);
  choice.OnFailed(kWebSocket);
  EXPECT_EQ(choice.Next(), kWebSocket);
}

TEST(TransportChoiceTest, PollingStaysUntilAWebSocketWorks) {
  TransportChoice choice({.failures_max = 1, .retry_ms_min = 100, .retry_ms_max = 300});
  EXPECT_EQ(choice.probe_at_ms(), std::nullopt);
  choice.OnFailed(kWebSocket);
  choice.OnWorks(kPoll, 1'000);
  EXPECT_EQ(choice.Next(), kPoll);
  EXPECT_EQ(choice.probe_at_ms(), 1'100);
  choice.OnProbeFailed(1'100);
  EXPECT_EQ(choice.probe_at_ms(), 1'300);
  choice.OnProbeFailed(1'300);
  EXPECT_EQ(choice.probe_at_ms(), 1'600) << "no longer than retry_ms_max";
  choice.OnProbeOpened();
  choice.OnWorks(kWebSocket, 1'700);
  EXPECT_EQ(choice.Next(), kWebSocket);
  EXPECT_EQ(choice.probe_at_ms(), std::nullopt);
}

TEST(TransportChoiceTest, AWebSocketThatOpensAndBringsNothingGivesWayAtOnce) {
  TransportChoice choice({.failures_max = 2, .retry_ms_min = 100});
  choice.OnRefused();
  EXPECT_EQ(choice.Next(), kPoll);
  choice.OnWorks(kPoll, 0);
  choice.OnProbeOpened();
  choice.OnFailed(kWebSocket);
  EXPECT_EQ(choice.Next(), kPoll);
  choice.OnWorks(kPoll, 1'000);
  EXPECT_EQ(choice.probe_at_ms(), 1'200) << "and is tried later than before";
}

TEST(TransportChoiceTest, WhoAsksForOneWayGetsNoOther) {
  TransportChoice polls({.mode = TransportMode::kPoll});
  polls.OnFailed(kPoll);
  EXPECT_EQ(polls.Next(), kPoll);
  polls.OnWorks(kPoll, 0);
  EXPECT_EQ(polls.probe_at_ms(), std::nullopt);
  TransportChoice sockets({.mode = TransportMode::kWebSocket, .failures_max = 1});
  sockets.OnFailed(kWebSocket);
  sockets.OnRefused();
  EXPECT_EQ(sockets.Next(), kWebSocket);
}

}  // namespace
}  // namespace cotext::net
