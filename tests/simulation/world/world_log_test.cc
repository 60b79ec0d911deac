#include "simulation/world/world_log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "proto/wire.h"
#include "simulation/world/virtual_network.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext {
namespace {

using sync::ToMessage;

std::string PacketOf(std::vector<sync::Message> messages, sync::PacketHead head = {}) {
  return proto::EncodePacket({.head = head, .messages = std::move(messages)});
}

// What is written down when node 0 gets a packet from node 5.
LogLine LineOf(WorldLog& log, std::string packet, uint64_t at_us = 1) {
  log.NoteEvent({.kind = NetworkEvent::Kind::kPacket, .node = 0, .peer = 5, .packet = packet},
                at_us);
  const std::vector<LogLine> lines = log.Take();
  EXPECT_EQ(lines.size(), 1U);
  return lines.at(0);
}

std::string TextOf(WorldLog& log, sync::Message message) {
  const std::string who = "node 0 gets from node 5: ";
  const std::string text = LineOf(log, PacketOf({std::move(message)})).text;
  EXPECT_TRUE(text.starts_with(who)) << text;
  return text.substr(who.size());
}

sync::Message OpenAs(uint64_t writer) {
  return ToMessage(sync::Open{.request = 1, .writer = writer, .name = "doc"});
}

TEST(WorldLogTest, WritersAreCalledAfterTheirNodesAndLives) {
  WorldLog log;
  EXPECT_EQ(TextOf(log, OpenAs(111)), "open \"doc\" as node 5, here is nothing");
  EXPECT_EQ(TextOf(log, OpenAs(111)), "open \"doc\" as node 5, here is nothing");
  EXPECT_EQ(TextOf(log, OpenAs(222)), "open \"doc\" as node 5 (life 2), here is nothing");
  VersionVector version;
  for (const uint64_t writer : {111U, 222U, 333U}) {
    version.Observe({.counter = writer * 10, .replica = {.value = writer}});
  }
  EXPECT_EQ(TextOf(log, ToMessage(sync::Request{.channel = 1, .version = version.Encode()})),
            "send what is missing beyond node 5 up to 1110, node 5 (life 2) up to 2220, writer 3 "
            "up to 3330");
}

TEST(WorldLogTest, AHelloWithATokenGoesOn) {
  WorldLog log;
  EXPECT_EQ(TextOf(log, ToMessage(sync::Hello{})), "hello");
  EXPECT_EQ(TextOf(log, ToMessage(sync::Hello{.token = std::string(16, 't')})), "hello, once more");
}

TEST(WorldLogTest, LevelsOfAcknowledgementAreTold) {
  WorldLog log;
  for (const auto& [level, name] : {std::pair(sync::AckLevel::kReceived, "received"),
                                    std::pair(sync::AckLevel::kDurable, "durable")}) {
    EXPECT_EQ(
        TextOf(log, ToMessage(sync::Ack{.channel = 1, .level = level, .writer = 9, .upto = 4})),
        std::string(name) + ": writer 1 up to 4");
  }
}

TEST(WorldLogTest, SubmissionsAndCommitsHaveTheirNumbers) {
  WorldLog log;
  EXPECT_EQ(TextOf(log, ToMessage(sync::Submit{.channel = 1, .client = 9, .seq = 2, .base = 7})),
            "submission 2 of writer 1 at revision 7");
  EXPECT_EQ(
      TextOf(log, ToMessage(sync::Commit{.channel = 1, .revision = 8, .client = 9, .seq = 2})),
      "revision 8 is submission 2 of writer 1");
  EXPECT_EQ(TextOf(log, ToMessage(sync::Refusal{.channel = 1, .client = 9, .seq = 3})),
            "refused: submission 3 of writer 1");
}

TEST(WorldLogTest, WhatIsToBeSentAgainBeginsBehindWhatCame) {
  WorldLog log;
  const LogLine line = LineOf(log, PacketOf({}, {.received = 6, .again = true}));
  EXPECT_EQ(line.text, "node 0 gets from node 5: send again from 7");
  EXPECT_EQ(LineOf(log, PacketOf({}, {.received = 6})).text,
            "node 0 gets from node 5: nothing but how much has come");
}

TEST(WorldLogTest, APacketIsAboutTheMostImportantOfItsMessages) {
  WorldLog log;
  const sync::Message ping = ToMessage(sync::Ping{.value = 1});
  const sync::Message typing = ToMessage(sync::Typing{.channel = 1, .is_typing = true});
  const sync::Message ack = ToMessage(sync::Ack{.channel = 1, .writer = 9, .upto = 4});
  EXPECT_EQ(LineOf(log, PacketOf({ping})).topic, LogTopic::kUpkeep);
  EXPECT_EQ(LineOf(log, PacketOf({ping, typing})).topic, LogTopic::kPresence);
  EXPECT_EQ(LineOf(log, PacketOf({typing, OpenAs(1), typing})).topic, LogTopic::kSessions);
  EXPECT_EQ(LineOf(log, PacketOf({OpenAs(1), ack, ping})).topic, LogTopic::kEdits);
  EXPECT_EQ(LineOf(log, "no packet").text, "node 0 gets from node 5: what cannot be read");
}

TEST(WorldLogTest, LinesComeByTimeThoseOfOneTimeAsTheyCame) {
  WorldLog log;
  log.Note(20, LogTopic::kEdits, "third");
  log.Note(10, LogTopic::kEdits, "first");
  log.Note(20, LogTopic::kEdits, "fourth");
  log.Note(10, LogTopic::kEdits, "second");
  std::vector<std::string> texts;
  for (const LogLine& line : log.Take()) texts.push_back(line.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"first", "second", "third", "fourth"}));
  EXPECT_TRUE(log.Take().empty());
}

}  // namespace
}  // namespace cotext
