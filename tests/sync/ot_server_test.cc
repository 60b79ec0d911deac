#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "ot/operation_codec.h"
#include "sync/messages.h"
#include "sync/revision_bytes.h"
#include "tests/sync/server_fixture.h"

namespace cotext::sync {
namespace {

class OtServerTest : public ServerTest {
 protected:
  explicit OtServerTest(const ServerOptions& options = {}) : ServerTest(options) {}

  Channel JoinOt(Peer& peer, uint64_t client, std::string version) {
    SendControl(peer, ToMessage(Hello{}));
    Send(peer, ToMessage(Open{.request = 1,
                              .engine = Engine::kOt,
                              .writer = client,
                              .name = "doc",
                              .version = std::move(version)}));
    const std::vector<Message> opened = Of(peer, MessageKind::kOpened);
    return opened.empty() ? 0 : opened[0].channel;
  }

  void SubmitInsert(Peer& peer, Channel channel, uint64_t client, uint64_t seq, uint64_t base) {
    Delta operation;
    operation.Insert("x");
    Send(peer, ToMessage(Submit{.channel = channel,
                                .client = client,
                                .seq = seq,
                                .base = base,
                                .operation = EncodeOperation(operation)}));
  }
};

TEST_F(OtServerTest, ACommitGoesToAllAndIsTheAnswer) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(bob, 6, RevisionBytes(0));
  SubmitInsert(ann, channel, 5, 1, 0);
  for (const Peer* peer : {&ann, &bob}) {
    ASSERT_EQ(Of(*peer, MessageKind::kCommit).size(), 1U);
    EXPECT_EQ(ReadCommit(Of(*peer, MessageKind::kCommit)[0])->revision, 1U);
  }
  SubmitInsert(ann, channel, 5, 1, 0);
  EXPECT_EQ(Of(bob, MessageKind::kCommit).size(), 1U);
  ASSERT_EQ(Of(ann, MessageKind::kAck).size(), 1U);
  EXPECT_EQ(ReadAck(Of(ann, MessageKind::kAck)[0])->revision, 1U);
}

TEST_F(OtServerTest, ARefusalGoesToWhoSubmitted) {
  Peer& ann = Connect("ann");
  Peer& bob = Connect("bob");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(bob, 6, RevisionBytes(0));
  SubmitInsert(ann, channel, 5, 1, 99);
  ASSERT_EQ(Of(ann, MessageKind::kRefusal).size(), 1U);
  EXPECT_EQ(ReadRefusal(Of(ann, MessageKind::kRefusal)[0])->code, ErrorCode::kUnknownRevision);
  EXPECT_TRUE(Of(bob, MessageKind::kRefusal).empty());
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(OtServerTest, WhoWasAwayGetsCommitsAndWhoHasNothingGetsTheText) {
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  for (uint64_t seq = 1; seq <= 5; ++seq) SubmitInsert(ann, channel, 5, seq, seq - 1);
  Peer& away = Connect("bob");
  JoinOt(away, 6, RevisionBytes(2));
  EXPECT_EQ(Of(away, MessageKind::kCommit).size(), 3U);
  EXPECT_TRUE(Of(away, MessageKind::kSnapshot).empty());
  Peer& fresh = Connect("eve");
  JoinOt(fresh, 7, {});
  EXPECT_TRUE(Of(fresh, MessageKind::kCommit).empty());
  ASSERT_EQ(Of(fresh, MessageKind::kSnapshot).size(), 1U);
  EXPECT_EQ(ReadSnapshot(Of(fresh, MessageKind::kSnapshot)[0])->piece, "xxxxx");
  // Nor does either get anything twice.
  SubmitInsert(ann, channel, 5, 6, 5);
  EXPECT_EQ(Of(away, MessageKind::kCommit).size(), 4U);
  EXPECT_EQ(Of(fresh, MessageKind::kCommit).size(), 1U);
  EXPECT_EQ(Of(away, MessageKind::kSnapshot).size() + Of(fresh, MessageKind::kSnapshot).size(), 1U);
}

TEST_F(OtServerTest, SubmittingUnderAnotherUsersClientIdEndsTheSession) {
  Peer& ann = Connect("ann");
  Peer& eve = Connect("eve");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  JoinOt(eve, 6, RevisionBytes(0));
  SubmitInsert(ann, channel, 5, 1, 0);
  SubmitInsert(eve, channel, 5, 2, 1);
  EXPECT_EQ(LastError(eve), ErrorCode::kForgedIdentity);
  EXPECT_FALSE(ann.closed.has_value());
}

TEST_F(OtServerTest, TheAnswerGoesToWhereTheClientIsNow) {
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  answers_ = false;
  SubmitInsert(ann, channel, 5, 1, 99);
  SendControl(ann, ToMessage(Leave{}));
  Peer& again = Connect("ann");
  JoinOt(again, 5, RevisionBytes(0));
  SubmitInsert(again, channel, 5, 1, 99);
  answers_ = true;
  Settle();
  AnswerStore();
  Settle();
  EXPECT_EQ(Of(again, MessageKind::kRefusal).size(), 1U);
}

TEST_F(OtServerTest, WhoHasMissedVeryManyCommitsGetsThemAll) {
  constexpr uint64_t kCommits = 5000;
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  for (uint64_t seq = 1; seq <= kCommits; ++seq) {
    SubmitInsert(ann, channel, 5, seq, seq - 1);
    AcknowledgeAll(ann);
  }
  Peer& away = Connect("bob");
  JoinOt(away, 6, RevisionBytes(0));
  for (int i = 0; i < 100; ++i) AcknowledgeAll(away);
  EXPECT_EQ(Of(away, MessageKind::kCommit).size(), kCommits);
  EXPECT_TRUE(Of(away, MessageKind::kSnapshot).empty());
}

class ForgetfulOtServerTest : public OtServerTest {
 protected:
  ForgetfulOtServerTest() : OtServerTest(Options()) {}

  static ServerOptions Options() {
    ServerOptions options;
    options.hub.commits_max = 4;
    return options;
  }
};

TEST_F(ForgetfulOtServerTest, OfTooManyCommitsTheOlderHalfGoes) {
  Peer& ann = Connect("ann");
  const Channel channel = JoinOt(ann, 5, RevisionBytes(0));
  for (uint64_t seq = 1; seq <= 5; ++seq) SubmitInsert(ann, channel, 5, seq, seq - 1);
  Peer& away = Connect("bob");
  JoinOt(away, 6, RevisionBytes(3));
  EXPECT_EQ(ReadOpened(Of(away, MessageKind::kOpened)[0])->horizon, 3U);
  EXPECT_EQ(Of(away, MessageKind::kCommit).size(), 2U);
  Peer& longer = Connect("eve");
  const Channel same = JoinOt(longer, 7, RevisionBytes(2));
  EXPECT_EQ(Of(longer, MessageKind::kSnapshot).size(), 1U);
  SubmitInsert(longer, same, 7, 1, 2);
  ASSERT_EQ(Of(longer, MessageKind::kRefusal).size(), 1U);
  const auto refusal = ReadRefusal(Of(longer, MessageKind::kRefusal)[0]);
  EXPECT_EQ(refusal->code, ErrorCode::kTooOld);
  EXPECT_EQ(refusal->horizon, 3U);
}

}  // namespace
}  // namespace cotext::sync
