#include "sync/peer_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext::sync {
namespace {

constexpr Channel kChannel = 1;

// Peers, with a session at each end of each pair that knows the other.
class Mesh {
 public:
  struct Edge {
    size_t from;
    size_t to;
    std::unique_ptr<PeerSession> session;  // At `from`.
    std::deque<Message> out;               // From there.
  };

  Mesh(Random& random, size_t peers) : random_(&random) {
    for (size_t i = 0; i < peers; ++i) {
      documents_.push_back(std::make_unique<RgaDocument>(ReplicaId{.value = 10 + i}));
    }
    // A line at least, and some more.
    for (size_t i = 0; i + 1 < peers; ++i) Join(i, i + 1);
    for (size_t i = 0; i + 2 < peers; ++i) {
      if (random.Chance(30)) Join(i, i + 2);
    }
  }

  void Join(size_t a, size_t b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      edges_.push_back(Edge{.from = from,
                            .to = to,
                            .session = std::make_unique<PeerSession>(*documents_[from], kChannel),
                            .out = {}});
    }
  }

  void Take() {
    for (Edge& edge : edges_) {
      auto messages = edge.session->TakeMessages(now_ms_);
      ASSERT_TRUE(messages.has_value());
      messages_ += messages->size();
      for (Message& message : *messages) edge.out.push_back(std::move(message));
    }
  }

  void Deliver(Edge& edge, size_t which, bool keeps) {
    if (which >= edge.out.size()) return;
    const auto at = edge.out.begin() + static_cast<std::ptrdiff_t>(which);
    const Message message = *at;
    if (!keeps) edge.out.erase(at);
    for (Edge& back : edges_) {
      if (back.from != edge.to || back.to != edge.from) continue;
      const auto taken = back.session->OnMessage(message, now_ms_);
      ASSERT_TRUE(taken.has_value()) << taken.error().message;
    }
    Take();
  }

  // One of a peer's copies is lost; it goes on with an older one under a new id.
  void Restore(size_t peer, std::unique_ptr<RgaDocument> older) {
    documents_[peer] = std::move(older);
    for (Edge& edge : edges_) {
      if (edge.from == peer) {
        edge.session = std::make_unique<PeerSession>(*documents_[peer], kChannel);
      }
      if (edge.to == peer || edge.from == peer) edge.out.clear();
    }
  }

  void Step() {
    Edge& edge = edges_[random_->Below(edges_.size())];
    switch (random_->Below(8)) {
      case 0:
      case 1: {
        RgaDocument& document = *documents_[random_->Below(documents_.size())];
        const uint64_t length = document.metrics().code_points;
        const uint64_t begin = random_->Below(length + 1);
        const uint64_t end = begin + random_->Below(std::min<uint64_t>(length - begin, 3) + 1);
        ASSERT_TRUE(
            document.Replace(CodePointOffset(begin), CodePointOffset(end), RandomText(*random_, 4))
                .has_value());
        return Take();
      }
      case 2: now_ms_ += random_->Below(800); return Take();
      case 3:
        if (!edge.out.empty()) edge.out.pop_front();
        return;
      case 4:
        if (random_->Chance(5)) {
          const size_t peer = random_->Below(documents_.size());
          if (random_->Chance(50))
            saved_ = documents_[peer]->Fork(ReplicaId{.value = ++fresh_});
          else if (saved_)
            Restore(peer, std::move(saved_));
        }
        return;
      default: return Deliver(edge, random_->Below(3), random_->Chance(20));
    }
  }

  void Quiesce() {
    for (int round = 0; round < 200; ++round) {
      now_ms_ += 500;
      Take();
      for (Edge& edge : edges_) {
        while (!edge.out.empty()) Deliver(edge, 0, false);
      }
    }
  }

  Random* random_;
  uint64_t now_ms_ = 0;
  uint64_t fresh_ = 1000;
  size_t messages_ = 0;
  std::vector<std::unique_ptr<RgaDocument>> documents_;
  std::vector<Edge> edges_;
  std::unique_ptr<RgaDocument> saved_;
};

TEST(PeerSessionTest, AMeshConvergesWhateverHappensToMessagesAndCopies) {
  ForEachSeed(400, [](Random& random) {
    Mesh mesh(random, random.Between(2, 5));
    for (uint64_t steps = random.Between(20, 300); steps > 0; --steps) mesh.Step();
    mesh.Quiesce();
    for (const auto& document : mesh.documents_) {
      ASSERT_EQ(document->Text(), mesh.documents_[0]->Text());
      EXPECT_EQ(document->version_vector(), mesh.documents_[0]->version_vector());
    }
    // And then nothing is said any more.
    const size_t said = mesh.messages_;
    mesh.Quiesce();
    EXPECT_EQ(mesh.messages_, said);
    for (const auto& edge : mesh.edges_) {
      EXPECT_TRUE(edge.session->is_in_step());
      EXPECT_FALSE(edge.session->NextTimeMs().has_value());
    }
  });
}

TEST(PeerSessionTest, AKeystrokeIsOneMessageAndOneAnswer) {
  Random random(1);
  Mesh mesh(random, 2);
  mesh.Quiesce();
  const size_t said = mesh.messages_;
  ASSERT_TRUE(mesh.documents_[0]->Insert(CodePointOffset(0), "x").has_value());
  mesh.Quiesce();
  EXPECT_EQ(mesh.documents_[1]->Text(), "x");
  EXPECT_LE(mesh.messages_ - said, 3U);
}

void Append(RgaDocument& document, std::string_view text) {
  ASSERT_TRUE(document.Insert(CodePointOffset(document.metrics().code_points), text).has_value());
}

TEST(PeerSessionTest, WhoHasNothingIsSentWhatATrimmedDocumentBeginsWith) {
  Random random(1);
  Mesh mesh(random, 2);
  RgaDocument& document = *mesh.documents_[0];
  // So much that it comes with several calls.
  Append(document, std::string(20 * kPieceBytesMax, 'a'));
  ASSERT_TRUE(document.Trim(document.version_vector()));
  Append(document, "b");
  mesh.Quiesce();
  EXPECT_EQ(mesh.documents_[1]->Text(), document.Text());
  EXPECT_EQ(mesh.documents_[1]->horizon(), document.horizon());
  Append(*mesh.documents_[1], "c");
  mesh.Quiesce();
  EXPECT_EQ(document.Text(), mesh.documents_[1]->Text());
  EXPECT_TRUE(mesh.edges_[0].session->is_in_step());
}

TEST(PeerSessionTest, ABeginningOfWhichSomeIsLostComesAgain) {
  Random random(1);
  Mesh mesh(random, 2);
  RgaDocument& document = *mesh.documents_[0];
  Append(document, std::string(5 * kPieceBytesMax, 'a'));
  ASSERT_TRUE(document.Trim(document.version_vector()));
  mesh.Take();
  mesh.Deliver(mesh.edges_[1], 0, false);
  ASSERT_GT(mesh.edges_[0].out.size(), 5U);
  mesh.edges_[0].out.erase(mesh.edges_[0].out.begin() + 2);
  mesh.Quiesce();
  EXPECT_EQ(mesh.documents_[1]->Text(), document.Text());
}

// One that was trimmed, one that was not, and one that has nothing, in all orders.
TEST(PeerSessionTest, ANewcomerGetsWhatWasTrimmedFromAnybody) {
  ForEachSeed(100, [](Random& random) {
    Mesh mesh(random, 3);
    RgaDocument& document = *mesh.documents_[0];
    Append(document, "one");
    mesh.Quiesce();
    mesh.Restore(2, std::make_unique<RgaDocument>(ReplicaId{.value = 99}));
    Append(document, "two");
    const std::string update = *document.EncodeSince(mesh.documents_[1]->version());
    ASSERT_TRUE(mesh.documents_[1]->Merge(update).has_value());
    ASSERT_TRUE(document.Trim(document.version_vector()));
    if (random.Chance(50)) mesh.Join(0, 2);
    for (int i = 0; i < 100; ++i) {
      if (random.Chance(20)) mesh.now_ms_ += random.Below(800);
      mesh.Take();
      mesh.Deliver(mesh.edges_[random.Below(mesh.edges_.size())], 0, false);
    }
    mesh.Quiesce();
    EXPECT_EQ(mesh.documents_[2]->Text(), "onetwo");
  });
}

TEST(PeerSessionTest, WhoLacksWhatWasTrimmedForTooLongCannotGoOn) {
  RgaDocument trimmed(ReplicaId{.value = 5});
  Append(trimmed, "text");
  ASSERT_TRUE(trimmed.Trim(trimmed.version_vector()));
  RgaDocument other(ReplicaId{.value = 6});
  Append(other, "other");
  const PeerOptions options;
  PeerSession session(trimmed, kChannel, options);
  const auto say = [&](uint64_t now_ms) {
    const Message version =
        ToMessage(VersionMessage{.channel = kChannel, .version = other.version().bytes});
    return session.OnMessage(version, now_ms).has_value();
  };
  ASSERT_TRUE(say(1000));
  EXPECT_TRUE(session.TakeMessages(1000).has_value());
  EXPECT_GT(session.NextTimeMs().value_or(0), 1000U) << "there is nothing to be done at once";
  Append(other, "more");
  ASSERT_TRUE(say(9000));
  EXPECT_TRUE(session.TakeMessages(9000).has_value());
  EXPECT_TRUE(session.TakeMessages(1000 + options.behind_ms).has_value()) << "it comes on";
  const auto taken = session.TakeMessages(9000 + options.behind_ms);
  ASSERT_FALSE(taken.has_value());
  EXPECT_EQ(taken.error().code, ErrorCode::kHistoryTrimmed);
}

TEST(PeerSessionTest, BytesThatAreNoUpdateOrVersionAreErrors) {
  RgaDocument document(ReplicaId{.value = 5});
  PeerSession session(document, kChannel);
  EXPECT_FALSE(
      session.OnMessage(ToMessage(UpdateMessage{.channel = 1, .update = "\xff"}), 0).has_value());
  EXPECT_FALSE(
      session.OnMessage(ToMessage(VersionMessage{.channel = 1, .version = "\x01"}), 0).has_value());
  EXPECT_TRUE(session.OnMessage(ToMessage(Ping{}), 0).has_value());
}

}  // namespace
}  // namespace cotext::sync
