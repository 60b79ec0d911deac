// The worked examples and tables of docs/PROTOCOL.md are what the code does.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/anchor.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "proto/wire.h"
#include "sync/link.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "tests/docs/page_examples.h"

namespace cotext {
namespace {

using sync::Message;
using sync::Packet;
using sync::PacketHead;

constexpr char kPage[] = "docs/PROTOCOL.md";
// Keep 40 characters, insert "x": docs/FORMAT.md §9.1.
constexpr char kOperation[] = "\xa0\x01\x05x";
constexpr DocumentId kId{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

Packet PacketOf(const PacketHead& head, std::vector<Message> messages) {
  return {.head = head, .messages = std::move(messages)};
}

std::string FirstLetter() {
  RgaDocument document(ReplicaId{7});
  EXPECT_TRUE(document.Insert(CodePointOffset{0}, "a").has_value());
  return document.EncodeSince(RgaDocument(ReplicaId{9}).version()).value();
}

std::string CaretBehindIt() {
  RgaDocument document(ReplicaId{7});
  EXPECT_TRUE(document.Insert(CodePointOffset{0}, "a").has_value());
  const Anchor anchor = *document.CreateAnchor(CodePointOffset{1}, Bias::kBefore);
  return std::string(anchor.bytes());
}

std::map<std::string, Packet> Examples() {
  const Message update =
      sync::ToMessage(sync::UpdateMessage{.channel = 5, .update = FirstLetter()});
  return {
      {"hello", PacketOf({}, {sync::ToMessage(sync::Hello{.agent = "cotext 1.0"})})},
      {"welcome",
       PacketOf({}, {sync::ToMessage(sync::Welcome{.session = 3,
                                                   .expiry_ms = 15000,
                                                   .token = "4f1d0c8e9a3b27564f1d0c8e9a3b2756",
                                                   .user = "ada"})})},
      {"open", PacketOf({.first = 1}, {sync::ToMessage(sync::Open{
                                          .request = 1, .writer = 7, .name = "notes/\u00fcber"})})},
      {"opened", PacketOf({.first = 1, .received = 1},
                          {sync::ToMessage(sync::Opened{
                              .channel = 5,
                              .request = 1,
                              .rights = sync::kMayRead | sync::kMayWrite | sync::kMayShow,
                              .id = kId,
                              .version = RgaDocument(ReplicaId{7}).version().bytes})})},
      {"keystroke", PacketOf({.first = 2, .received = 1}, {update})},
      {"fan_out", PacketOf({.first = 9, .received = 3}, {update})},
      {"ack",
       PacketOf({.first = 2, .received = 2},
                {sync::ToMessage(sync::Ack{
                    .channel = 5, .level = sync::AckLevel::kDurable, .writer = 7, .upto = 1})})},
      {"received", PacketOf({.received = 2}, {})},
      {"again", PacketOf({.received = 3, .again = true}, {})},
      {"error",
       PacketOf({}, {sync::ToMessage(sync::ErrorMessage{.code = ErrorCode::kForgedIdentity,
                                                        .text = "replica 7 is somebody else's"})})},
      {"submit",
       PacketOf(
           {.first = 2, .received = 1},
           {sync::ToMessage(sync::Submit{
               .channel = 6, .client = 300, .seq = 5, .base = 1000, .operation = kOperation})})},
      {"commit", PacketOf({.first = 3, .received = 2},
                          {sync::ToMessage(sync::Commit{.channel = 6,
                                                        .revision = 1001,
                                                        .client = 300,
                                                        .seq = 5,
                                                        .operation = kOperation})})},
      {"presence",
       PacketOf({.first = 3, .received = 2},
                {sync::ToMessage(sync::Presence{.channel = 5, .state = CaretBehindIt()})})},
  };
}

TEST(ProtocolTest, ExamplesAreWhatIsWrittenAndRead) {
  for (const auto& [name, packet] : Examples()) {
    SCOPED_TRACE(name);
    const std::string bytes = ExampleBytes(kPage, name);
    EXPECT_EQ(Hex(proto::EncodePacket(packet)), Hex(bytes));
    EXPECT_EQ(proto::DecodePacket(bytes), packet);
  }
}

TEST(ProtocolTest, AKindOfALaterVersionIsRead) {
  const auto packet = proto::DecodePacket(ExampleBytes(kPage, "later"));
  ASSERT_TRUE(packet.has_value()) << packet.error().message;
  EXPECT_EQ(packet->head, (PacketHead{.first = 7}));
  ASSERT_EQ(packet->messages.size(), 1U);
  EXPECT_EQ(packet->messages[0].kind, sync::MessageKind::kUnknown);
}

TEST(ProtocolTest, EveryExampleIsCompared) {
  const auto examples = Examples();
  for (const std::string& name : ExampleNames(kPage)) {
    EXPECT_TRUE(examples.contains(name) || name == "later") << name;
  }
  EXPECT_EQ(ExampleNames(kPage).size(), examples.size() + 1);
}

// A kind's number is that of the field in which a message has it.
TEST(ProtocolTest, KindsHaveTheNumbersOfTheTable) {
  const auto rows = TableRows(kPage, "| number | kind | from | about | § |");
  std::map<std::string, int> kinds;
  for (const auto& row : rows) kinds[row[1]] = std::stoi(row[0]);
  const std::map<std::string, Message> messages = {
      {"`hello`", sync::ToMessage(sync::Hello{})},
      {"`welcome`", sync::ToMessage(sync::Welcome{})},
      {"`leave`", sync::ToMessage(sync::Leave{})},
      {"`going_away`", sync::ToMessage(sync::GoingAway{})},
      {"`ping`", sync::ToMessage(sync::Ping{})},
      {"`pong`", sync::ToMessage(sync::Pong{})},
      {"`error`", sync::ToMessage(sync::ErrorMessage{})},
      {"`open`", sync::ToMessage(sync::Open{})},
      {"`opened`", sync::ToMessage(sync::Opened{})},
      {"`close`", sync::ToMessage(sync::Close{})},
      {"`rights`", sync::ToMessage(sync::RightsMessage{})},
      {"`ack`", sync::ToMessage(sync::Ack{})},
      {"`request`", sync::ToMessage(sync::Request{})},
      {"`writer`", sync::ToMessage(sync::WriterMessage{})},
      {"`update`", sync::ToMessage(sync::UpdateMessage{})},
      {"`version`", sync::ToMessage(sync::VersionMessage{})},
      {"`base`", sync::ToMessage(sync::BaseMessage{})},
      {"`submit`", sync::ToMessage(sync::Submit{})},
      {"`commit`", sync::ToMessage(sync::Commit{})},
      {"`refusal`", sync::ToMessage(sync::Refusal{})},
      {"`snapshot`", sync::ToMessage(sync::Snapshot{})},
      {"`hash`", sync::ToMessage(sync::HashMessage{})},
      {"`join`", sync::ToMessage(sync::Join{})},
      {"`part`", sync::ToMessage(sync::Part{})},
      {"`presence`", sync::ToMessage(sync::Presence{})},
      {"`typing`", sync::ToMessage(sync::Typing{})},
  };
  EXPECT_EQ(kinds.size(), messages.size());
  for (const auto& [name, message] : messages) {
    EXPECT_EQ(kinds[name], static_cast<int>(message.kind)) << name;
  }
}

TEST(ProtocolTest, ErrorsHaveTheNamesOfTheTable) {
  const auto rows = TableRows(kPage, "| code | name | when |");
  std::set<int> codes;
  for (const auto& row : rows) {
    const int code = std::stoi(row[0]);
    codes.insert(code);
    EXPECT_EQ("`" + std::string(ErrorName(static_cast<ErrorCode>(code))) + "`", row[1]) << code;
  }
  // What is there for sessions alone is all there.
  for (int code = 60; code <= 255; ++code) {
    const bool is_known = ErrorName(static_cast<ErrorCode>(code)) != "unknown";
    EXPECT_EQ(codes.contains(code), is_known) << code;
  }
}

TEST(ProtocolTest, LimitsAreThoseOfTheTable) {
  const std::map<std::string, size_t> limits = {
      {"a packet, bytes", proto::kPacketBytesMax},
      {"messages of a packet", proto::kPacketMessagesMax},
      {"strings of a message, bytes together", sync::kMessageBytesMax},
      {"a piece of an update or a text, bytes", sync::kPieceBytesMax},
      {"name of a document, bytes", sync::kDocumentNameMax},
      {"user, agent, bytes", sync::kUserNameMax},
      {"state of presence, bytes", sync::kPresenceStateMax},
      {"token, bytes", sync::kTokenMax},
      {"text of an error, bytes", sync::kErrorTextMax},
      {"window, bytes", sync::LinkOptions{}.window_bytes},
  };
  std::map<std::string, size_t> said;
  for (const auto& row : TableRows(kPage, "| what | limit |")) said[row[0]] = std::stoul(row[1]);
  EXPECT_EQ(said, limits);
}

}  // namespace
}  // namespace cotext
