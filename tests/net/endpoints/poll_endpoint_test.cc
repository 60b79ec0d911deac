// Long polling end to end without sockets: an ordinary client whose packets travel in requests.
#include "net/endpoints/poll_endpoint.h"

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "crdt/rga_document.h"
#include "document/random.h"
#include "net/access/access.h"
#include "net/access/access_watch.h"
#include "net/base/poll_frames.h"
#include "proto/wire.h"
#include "sync/client.h"
#include "tests/net/parsed_target.h"
#include "tests/net/served_documents.h"

namespace cotext::net {
namespace {

class PollEndpointTest : public testing::Test {
 protected:
  std::string Connect() {
    const KeptRequest request = Begin(endpoint_.Connect(admission_));
    EXPECT_EQ(request.answer().status, 201);
    return nlohmann::json::parse(request.answer().body).at("connection");
  }
  KeptRequest Get(const std::string& secret, const std::string& after) {
    HttpRequest request;
    request.target = ParseTarget("/x?after=" + after).value();
    return Begin(endpoint_.GetFrames(request, secret));
  }
  HttpResponse Post(const std::string& secret, const std::string& first, std::string body) {
    HttpRequest request;
    request.method = HttpMethod::kPost;
    request.target = ParseTarget("/x?first=" + first).value();
    request.body = std::move(body);
    return Begin(endpoint_.PostFrames(request, secret)).answer();
  }

  ServedDocuments served_;
  Access access_{{.anonymous_rights = sync::kAllRights}, std::nullopt, served_.random()};
  Admission admission_ = access_.Admit({}, 0).value();
  AccessWatch watch_{access_, served_.schedule(), [this] { return served_.now_ms(); }};
  PollEndpoint endpoint_{served_.driver(), watch_, served_.schedule(), served_.random()};
};

// A client with a document, over requests of which answers may get lost.
class PollingUser {
 public:
  using Get = std::function<KeptRequest(const std::string&, const std::string&)>;
  using Post = std::function<HttpResponse(const std::string&, const std::string&, std::string)>;

  PollingUser(ServedDocuments& served, std::string secret, Get get, Post post, uint64_t replica)
      : served_(&served),
        secret_(std::move(secret)),
        get_(std::move(get)),
        post_(std::move(post)),
        document_(ReplicaId{replica}),
        client_(served.random()) {
    key_ = client_.Open("d", document_);
    client_.Start(served.now_ms());
  }

  RgaDocument& document() { return document_; }
  bool is_settled() const { return client_.IsCaughtUp(key_) && client_.Count(key_).all_durable(); }
  int posts_repeated = 0;

  // One round: sends what there is, and takes what has come. Losing is of answers.
  void Pump(Random& random, uint64_t loss_percent) {
    client_.OnTick(served_->now_ms());
    for (const sync::ClientAction& action : client_.TakeActions(served_->now_ms())) {
      if (std::holds_alternative<sync::Connect>(action)) client_.OnConnected(served_->now_ms());
      const auto* packet = std::get_if<sync::Packet>(&action);
      if (packet == nullptr) continue;
      AppendFrame(unanswered_, proto::EncodePacket(*packet));
      ++unanswered_count_;
    }
    if (unanswered_count_ > 0) {
      const HttpResponse response = post_(secret_, std::to_string(first_), unanswered_);
      EXPECT_EQ(response.status, 200) << response.body;
      if (random.Chance(loss_percent)) {
        ++posts_repeated;
      } else {
        first_ += std::exchange(unanswered_count_, 0);
        unanswered_.clear();
      }
    }
    if (!held_) held_ = get_(secret_, std::to_string(after_));
    served_->Run(20);
    if (!held_->is_answered()) return;
    const KeptRequest answered = *std::exchange(held_, std::nullopt);
    if (random.Chance(loss_percent) || answered.answer().status != 200) return;
    for (const std::string_view frame : ReadFrames(answered.answer().body).value()) {
      ++after_;
      client_.OnPacket(proto::DecodePacket(frame).value(), frame.size(), served_->now_ms());
    }
  }

 private:
  ServedDocuments* served_;
  std::string secret_;
  Get get_;
  Post post_;
  RgaDocument document_;
  sync::Client client_;
  sync::DocumentKey key_ = 0;
  uint64_t first_ = 1;
  std::string unanswered_;
  uint64_t unanswered_count_ = 0;
  uint64_t after_ = 0;
  std::optional<KeptRequest> held_;
};

TEST_F(PollEndpointTest, ClientsConvergeThoughAnswersAreLost) {
  for (const uint64_t seed : {1U, 2U, 3U}) {
    Random random(seed);
    ServedUser ada(served_, "ada", "d");
    const auto user = [&](uint64_t replica) {
      return std::make_unique<PollingUser>(
          served_, Connect(), [this](auto& s, auto& a) { return Get(s, a); },
          [this](auto& s, auto& f, auto b) { return Post(s, f, std::move(b)); },
          seed * 10 + replica);
    };
    const auto bob = user(1);
    const auto cid = user(2);
    for (int round = 0; round < 60; ++round) {
      for (auto* polling : {bob.get(), cid.get()}) {
        const uint64_t length = polling->document().metrics().code_points;
        ASSERT_TRUE(
            polling->document().Insert(CodePointOffset{random.Below(length + 1)}, "b").has_value());
        polling->Pump(random, 30);
      }
      if (round % 10 == 0) ada.Insert(0, "a");
    }
    for (int round = 0; round < 40; ++round) {
      bob->Pump(random, 0);
      cid->Pump(random, 0);
    }
    served_.Run(100);
    EXPECT_TRUE(bob->is_settled() && cid->is_settled()) << "seed " << seed;
    EXPECT_GT(bob->posts_repeated, 0);
    EXPECT_EQ(bob->document().Text(), ada.document().Text()) << "seed " << seed;
    EXPECT_EQ(cid->document().Text(), ada.document().Text()) << "seed " << seed;
    EXPECT_EQ(std::ranges::count(ada.document().Text(), 'b'), 120 * static_cast<int>(seed));
  }
}

TEST_F(PollEndpointTest, AGetIsHeldUntilThereAreFramesOrItIsTime) {
  const std::string secret = Connect();
  const KeptRequest held = Get(secret, "0");
  served_.Run(9'000);
  EXPECT_FALSE(held.is_answered());
  served_.Run(1'200);
  ASSERT_TRUE(held.is_answered()) << "it never said Hello, and is told so";
  EXPECT_EQ(held.answer().status, 200);

  PollEndpoint brief(served_.driver(), watch_, served_.schedule(), served_.random(),
                     {.poll = {.held_ms = 3'000}});
  const std::string other =
      nlohmann::json::parse(Begin(brief.Connect(admission_)).answer().body).at("connection");
  HttpRequest request;
  request.target = ParseTarget("/x?after=0").value();
  const KeptRequest none = Begin(brief.GetFrames(request, other));
  served_.Run(2'900);
  EXPECT_FALSE(none.is_answered());
  served_.Run(200);
  EXPECT_EQ(none.answer().status, 204);
}

TEST_F(PollEndpointTest, ANewerGetEndsTheOlder) {
  const std::string secret = Connect();
  const KeptRequest first = Get(secret, "0");
  const KeptRequest second = Get(secret, "0");
  served_.Run(5);
  EXPECT_EQ(first.answer().status, 204);
  EXPECT_FALSE(second.is_answered());
}

TEST_F(PollEndpointTest, AGetThatItsClientGaveUpHoldsNothing) {
  const std::string secret = Connect();
  {
    const KeptRequest held = Get(secret, "0");
    served_.Run(5);
  }
  served_.Run(14'000);
  EXPECT_EQ(endpoint_.count(), 1U);
  served_.Run(2'000);
  EXPECT_EQ(endpoint_.count(), 0U);
  EXPECT_EQ(served_.driver().connection_count(), 0U);
  EXPECT_EQ(Get(secret, "0").answer().status, 410);
}

TEST_F(PollEndpointTest, WhatIsWrongIsAnswered) {
  const std::string secret = Connect();
  EXPECT_EQ(Get("0123", "0").answer().status, 410);
  EXPECT_EQ(Post("0123", "1", "").status, 410);
  EXPECT_EQ(Begin(endpoint_.Disconnect("0123")).answer().status, 410);
  for (const char* number : {"", "x", "-1", "99999999999999999999"}) {
    EXPECT_EQ(Get(secret, number).answer().status, 400) << number;
    EXPECT_EQ(Post(secret, number, "").status, 400) << number;
  }
  EXPECT_EQ(Get(secret, "7").answer().status, 400) << "frames that were not sent";
  EXPECT_EQ(Post(secret, "0", "").status, 400);
  EXPECT_EQ(Post(secret, "1", "\x05").status, 400) << "a frame that is cut off";
  std::string frame;
  AppendFrame(frame, "no packet");
  EXPECT_EQ(Post(secret, "3", frame).status, 409);
  EXPECT_EQ(Post(secret, "1", frame).status, 200);
  // Garbage ends the connection: it is told why, and then is gone.
  const KeptRequest why = Get(secret, "0");
  served_.Run(50);
  ASSERT_EQ(why.answer().status, 200);
  const KeptRequest gone = Get(secret, "1");
  served_.Run(50);
  EXPECT_EQ(gone.answer().status, 410);
  EXPECT_EQ(endpoint_.count(), 0U);
}

TEST_F(PollEndpointTest, DeletingEndsItAndWhoeverWaits) {
  const std::string secret = Connect();
  const KeptRequest held = Get(secret, "0");
  EXPECT_EQ(Begin(endpoint_.Disconnect(secret)).answer().status, 204);
  served_.Run(5);
  EXPECT_EQ(held.answer().status, 410);
  EXPECT_EQ(served_.driver().connection_count(), 0U);
  EXPECT_EQ(access_.connection_count(), 0U);
}

TEST_F(PollEndpointTest, WhoIsRefusedLoses) {
  const std::string secret = Connect();
  const KeptRequest held = Get(secret, "0");
  ASSERT_TRUE(access_.Restrict("anonymous", 0).has_value());
  watch_.Check();
  served_.Run(6'000);
  EXPECT_TRUE(held.is_answered());
  EXPECT_EQ(Get(secret, "0").answer().status, 410);
}

TEST_F(PollEndpointTest, TooManyAreRefused) {
  PollEndpoint few(served_.driver(), watch_, served_.schedule(), served_.random(),
                   {.connections_max = 1});
  EXPECT_EQ(Begin(few.Connect(admission_)).answer().status, 201);
  EXPECT_EQ(Begin(few.Connect(admission_)).answer().status, 503);
}

// A connection that was dropped goes in the next turn, or with the endpoint.
TEST_F(PollEndpointTest, AConnectionThatWasDroppedDoesNotOutliveTheEndpoint) {
  auto endpoint = std::make_unique<PollEndpoint>(served_.driver(), watch_, served_.schedule(),
                                                 served_.random());
  const KeptRequest made = Begin(endpoint->Connect(admission_));
  const std::string secret = nlohmann::json::parse(made.answer().body).at("connection");
  EXPECT_EQ(served_.driver().connection_count(), 1U);
  EXPECT_EQ(Begin(endpoint->Disconnect(secret)).answer().status, 204);
  endpoint.reset();
  EXPECT_EQ(served_.driver().connection_count(), 0U);
  served_.Run(10);
}

}  // namespace
}  // namespace cotext::net
