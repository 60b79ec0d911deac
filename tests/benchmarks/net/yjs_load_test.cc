// What the load generator says to servers of Yjs documents, and hears of them. The bytes are those
// of yjs 13.6.27, y-protocols 1.0.7 and the provider of Hocuspocus 4.7.0.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/net/load_protocol.h"

namespace cotext {
namespace {

// Two digits a byte.
std::string Bytes(std::string_view hex) {
  std::string bytes;
  for (; hex.size() >= 2; hex.remove_prefix(2)) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16));
  }
  return bytes;
}

using Edits = std::vector<std::pair<uint64_t, uint64_t>>;  // Writer, how many.

Edits Heard(LoadProtocol& load, const std::string& message) {
  Edits edits;
  for (const auto& heard : load.OnMessage(message).heard) {
    edits.emplace_back(heard.writer, heard.edits);
  }
  return edits;
}

TEST(YjsLoadTest, AsksForTheDocumentAndThenHasIt) {
  const auto load = MakeYjsLoad(1);
  EXPECT_EQ(load->Begin(), std::vector{Bytes("00000100")});
  EXPECT_FALSE(load->IsReady());
  EXPECT_TRUE(load->OnMessage(Bytes("0001020000")).replies.empty());
  EXPECT_TRUE(load->IsReady());
}

TEST(YjsLoadTest, AnswersThatItHasNothing) {
  const auto load = MakeYjsLoad(1);
  EXPECT_EQ(load->OnMessage(Bytes("00000100")).replies, std::vector{Bytes("0001020000")});
  EXPECT_FALSE(load->IsReady());
}

TEST(YjsLoadTest, EditsAreUpdatesOfYjs) {
  const auto load = MakeYjsLoad(200);
  EXPECT_EQ(load->Edit(), Bytes("00020f0101c8010004010474657874017800"));
  EXPECT_EQ(load->Edit(), Bytes("00020c0101c8010184c80100017800"));
  EXPECT_EQ(load->Edit(), Bytes("00020c0101c8010284c80101017800"));
}

TEST(YjsLoadTest, HearsAnUpdateOfOneEdit) {
  const auto load = MakeYjsLoad(7);
  EXPECT_EQ(Heard(*load, Bytes("00020f0101c8010004010474657874017800")), (Edits{{200, 1}}));
  EXPECT_EQ(Heard(*load, Bytes("00020c0101c8010284c80101017800")), (Edits{{200, 3}}));
}

TEST(YjsLoadTest, HearsUpdatesOfManyEditsAndWriters) {
  const auto load = MakeYjsLoad(7);
  // Y.mergeUpdates of three edits of writer 200 and two of writer 1.
  EXPECT_EQ(Heard(*load, Bytes("00022c0203c8010004010474657874017884c80100017884c80101017802010004"
                               "0104746578740178840100017800")),
            (Edits{{200, 3}, {1, 2}}));
  // Y.encodeStateAsUpdate, in which neighbours are one.
  EXPECT_EQ(Heard(*load, Bytes("00021001010100040104746578740378787800")), (Edits{{1, 3}}));
}

TEST(YjsLoadTest, HearsNothingInWhoIsThere) {
  const auto answer = MakeYjsLoad(1)->OnMessage(Bytes("010100"));
  EXPECT_TRUE(answer.heard.empty());
  EXPECT_TRUE(answer.replies.empty());
}

// As a provider and a server of Hocuspocus spoke with each other.
TEST(HocuspocusLoadTest, OpensAsAProviderDoes) {
  const auto load = MakeHocuspocusLoad(200, "load");
  EXPECT_EQ(load->Begin(),
            (std::vector{Bytes("046c6f616402000005342e372e30"), Bytes("046c6f616400000100")}));
  EXPECT_TRUE(load->OnMessage(Bytes("046c6f616402020a726561642d7772697465")).replies.empty());
  EXPECT_EQ(load->OnMessage(Bytes("046c6f616400000100")).replies,
            std::vector{Bytes("046c6f61640001020000")});
  EXPECT_FALSE(load->IsReady());
  EXPECT_TRUE(load->OnMessage(Bytes("046c6f61640001020000")).replies.empty());
  EXPECT_TRUE(load->IsReady());
  EXPECT_TRUE(load->OnMessage(Bytes("046c6f61640801")).replies.empty());
}

TEST(HocuspocusLoadTest, EditsNameTheDocument) {
  const auto load = MakeHocuspocusLoad(200, "load");
  EXPECT_EQ(load->Edit(), Bytes("046c6f616400020f0101c8010004010474657874017800"));
  EXPECT_EQ(load->Edit(), Bytes("046c6f616400020c0101c8010184c80100017800"));
}

TEST(HocuspocusLoadTest, HearsWhatCameInOneTurnOfTheServer) {
  EXPECT_EQ(Heard(*MakeHocuspocusLoad(7, "load"),
                  Bytes("046c6f61640002150102c8010004010474657874017884c80100017800")),
            (Edits{{200, 2}}));
}

TEST(HocuspocusLoadTest, NeverWritesOnWhenItIsDeniedOrClosedOrNotApplied) {
  const auto load = MakeHocuspocusLoad(1, "load");
  EXPECT_DEATH(load->OnMessage(Bytes("046c6f61640201026e6f")), "kAccepted");
  EXPECT_DEATH(load->OnMessage(Bytes("046c6f616407026e6f")), "kClosed");
  EXPECT_DEATH(load->OnMessage(Bytes("046c6f61640800")), "TakeNumber");
  EXPECT_DEATH(load->OnMessage(Bytes("056f7468657200000100")), "address_");
}

}  // namespace
}  // namespace cotext
