#include "sync/ot_client.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "document/offset.h"
#include "ot/ot_replica.h"
#include "sync/messages.h"
#include "sync/revision_bytes.h"

namespace cotext::sync {
namespace {

constexpr Channel kChannel = 9;

class OtClientTest : public testing::Test {
 protected:
  // Opens the document of a replica that holds the empty text of revision 0.
  void Open(uint64_t revision, uint64_t horizon) {
    ASSERT_TRUE(client_.OnOpened({.channel = kChannel,
                                  .request = 1,
                                  .engine = Engine::kOt,
                                  .rights = kAllRights,
                                  .horizon = horizon,
                                  .version = RevisionBytes(revision)}));
  }

  void SayText(uint64_t revision, std::string text) {
    const uint64_t total = text.size();
    ASSERT_TRUE(client_.OnMessage(ToMessage(Snapshot{
        .channel = kChannel, .revision = revision, .total = total, .piece = std::move(text)})));
  }

  std::vector<MessageKind> Says() {
    std::vector<MessageKind> kinds;
    const auto messages = client_.TakeMessages(SIZE_MAX);
    for (const Message& message : *messages) kinds.push_back(message.kind);
    return kinds;
  }

  std::unique_ptr<OtReplica> replica_ = *OtReplica::FromText({7}, 0, "");
  OtClient client_{*replica_};
};

using Kinds = std::vector<MessageKind>;

// While it was open, the server dropped what the client was still to be sent, among it the client's
// own commit: the text comes in place of it, and is of no use while something is in flight.
TEST_F(OtClientTest, ATextThatWasNotAskedForTellsThatTheCommitsAreGone) {
  Open(0, 0);
  ASSERT_TRUE(replica_->document().Insert(CodePointOffset(0), "a"));
  EXPECT_EQ(Says(), (Kinds{MessageKind::kSubmit}));
  SayText(9, "bcda");
  EXPECT_EQ(Says(), (Kinds{MessageKind::kSubmit}));
  ASSERT_TRUE(client_.OnMessage(ToMessage(Ack{
      .channel = kChannel, .level = AckLevel::kDurable, .writer = 7, .upto = 1, .revision = 4})));
  EXPECT_EQ(Says(), (Kinds{MessageKind::kRequest}));
  SayText(9, "bcda");
  EXPECT_TRUE(client_.is_caught_up());
  EXPECT_EQ(replica_->document().Text(), "bcda");
  EXPECT_TRUE(client_.TakeHandedBack().empty());
}

// Its own commit takes it one further, and the others behind that are gone with the rest.
TEST_F(OtClientTest, WhoseCommitIsTheNextAsksForTheTextAllTheSame) {
  Open(0, 0);
  ASSERT_TRUE(replica_->document().Insert(CodePointOffset(0), "a"));
  SayText(3, "bca");
  ASSERT_TRUE(client_.OnMessage(ToMessage(Ack{
      .channel = kChannel, .level = AckLevel::kDurable, .writer = 7, .upto = 1, .revision = 1})));
  EXPECT_EQ(Says(), (Kinds{MessageKind::kRequest}));
  SayText(3, "bca");
  EXPECT_EQ(replica_->document().Text(), "bca");
}

TEST_F(OtClientTest, WhoHasNothingPendingTakesSuchATextAtOnce) {
  Open(9, 0);
  SayText(9, "bcd");
  EXPECT_EQ(Says(), Kinds());
  EXPECT_TRUE(client_.is_caught_up());
  EXPECT_EQ(replica_->document().Text(), "bcd");
}

}  // namespace
}  // namespace cotext::sync
