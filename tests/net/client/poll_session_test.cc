// The client's end of long polling against the server's: whatever is lost, every frame arrives once
// and in order.
#include "net/client/poll_session.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "net/base/poll_frames.h"
#include "net/client/http_client.h"
#include "net/endpoints/poll_connection.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

// A server with one connection, as its endpoints answer.
class PollServer {
 public:
  // Nothing: a GET is held.
  std::optional<HttpAnswer> Answer(const PollCall& call, uint64_t now_ms) {
    if (call.path == "/v1/connections") {
      return HttpAnswer{
          .status = 201, .body = R"({"connection":"5ec2e7","held_ms":1000})", .failure = {}};
    }
    const size_t equals = call.path.find('=');
    const uint64_t number =
        equals == call.path.npos ? 0 : std::stoull(call.path.substr(equals + 1));
    if (call.method == "DELETE") {
      is_deleted_ = true;
      return HttpAnswer{.status = 204};
    }
    if (connection_.is_over()) return HttpAnswer{.status = 410};
    if (call.method == "POST") {
      const auto post = connection_.OnPost(number, call.body);
      EXPECT_TRUE(post);
      EXPECT_FALSE(post->is_gap);
      for (const std::string_view frame : post->frames) received_.emplace_back(frame);
      return HttpAnswer{.status = 204};
    }
    EXPECT_TRUE(connection_.OnGet(call.number, number, now_ms));
    return std::nullopt;
  }

  std::vector<std::pair<uint64_t, HttpAnswer>> TakeAnswers(uint64_t now_ms) {
    std::vector<std::pair<uint64_t, HttpAnswer>> answers;
    for (PollAnswer& answer : connection_.TakeAnswers(now_ms)) {
      const int status = answer.kind == PollAnswer::Kind::kFrames ? 200
                         : answer.kind == PollAnswer::Kind::kNone ? 204
                                                                  : 410;
      answers.emplace_back(answer.request,
                           HttpAnswer{.status = status, .body = std::move(answer.body)});
    }
    return answers;
  }

  PollConnection connection_{0, {.held_ms = 1'000}};
  std::vector<std::string> received_;
  bool is_deleted_ = false;
};

// Client and server with a network between them that loses requests and answers.
struct Rig {
  explicit Rig(Random& random_bits) : random(&random_bits) {}

  void Step(uint64_t loss) {
    now_ms += random->Below(40);
    session.OnTick(now_ms);
    for (const PollCall& call : session.TakeCalls(now_ms)) {
      if (random->Chance(loss)) {
        lost.push_back(call.number);
        continue;
      }
      if (auto answer = server.Answer(call, now_ms)) Bring(call.number, *std::move(answer), loss);
    }
    for (auto& [call, answer] : server.TakeAnswers(now_ms)) Bring(call, std::move(answer), loss);
    // Whoever waits for what was lost gives up.
    for (const uint64_t call : std::exchange(lost, {})) {
      session.OnAnswer(call, {.status = random->Chance(50) ? 0 : 502, .failure = "lost"}, now_ms);
    }
    for (std::string& frame : session.TakeFrames()) received.push_back(std::move(frame));
  }

  void Bring(uint64_t call, HttpAnswer answer, uint64_t loss) {
    if (random->Chance(loss)) {
      lost.push_back(call);
    } else {
      session.OnAnswer(call, answer, now_ms);
    }
  }

  Random* random;
  uint64_t now_ms = 0;
  PollSession session{0};
  PollServer server;
  std::vector<uint64_t> lost;
  std::vector<std::string> received;
};

TEST(PollSessionTest, EveryFrameArrivesOnceAndInOrder) {
  ForEachSeed(300, [](Random& random) {
    Rig rig(random);
    while (!rig.session.is_open()) rig.Step(0);
    std::vector<std::string> up;
    std::vector<std::string> down;
    const uint64_t loss = random.Below(40);
    for (int i = 0; i < 200; ++i) {
      if (random.Chance(30)) rig.session.Send(up.emplace_back("up" + std::to_string(i)));
      if (random.Chance(30))
        rig.server.connection_.Send(down.emplace_back("down" + std::to_string(i)));
      rig.Step(loss);
    }
    // One that was lost for good ends without a word of what was on its way.
    if (rig.session.end()) return;
    for (int i = 0; i < 200; ++i) rig.Step(0);
    EXPECT_EQ(rig.server.received_, up);
    EXPECT_EQ(rig.received, down);
    EXPECT_FALSE(rig.session.end());
  });
}

TEST(PollSessionTest, FinishSendsWhatWaitsAndTellsTheServer) {
  Random random(1);
  Rig rig(random);
  while (!rig.session.is_open()) rig.Step(0);
  rig.session.Send("last");
  rig.session.Finish(rig.now_ms);
  for (int i = 0; i < 10; ++i) rig.Step(0);
  EXPECT_EQ(rig.server.received_, std::vector<std::string>{"last"});
  EXPECT_TRUE(rig.server.is_deleted_);
  ASSERT_TRUE(rig.session.end());
  EXPECT_FALSE(rig.session.end()->is_final);
}

class PollSessionAnswerTest : public testing::Test {
 protected:
  PollCall Only() {
    auto calls = session_.TakeCalls(now_ms_);
    EXPECT_EQ(calls.size(), 1U);
    return calls.empty() ? PollCall{} : calls[0];
  }
  void Open() {
    session_.OnAnswer(Only().number,
                      {.status = 201, .body = R"({"connection":"a1","held_ms":25000})"}, now_ms_);
    ASSERT_TRUE(session_.is_open());
  }

  uint64_t now_ms_ = 0;
  PollSession session_{0};
};

TEST_F(PollSessionAnswerTest, WhoIsRefusedByAServerNeedNotComeAgain) {
  session_.OnAnswer(
      Only().number,
      {.status = 401, .body = R"({"error":{"code":"unauthenticated","message":"no token"}})"}, 0);
  ASSERT_TRUE(session_.end());
  EXPECT_TRUE(session_.end()->is_final);
  EXPECT_EQ(session_.end()->error.message, "HTTP 401: no token");
}

TEST_F(PollSessionAnswerTest, OthersCannotRefuseForGood) {
  session_.OnAnswer(Only().number, {.status = 403, .body = "<h1>Forbidden</h1>"}, 0);
  ASSERT_TRUE(session_.end());
  EXPECT_FALSE(session_.end()->is_final);
}

TEST_F(PollSessionAnswerTest, NoFrameIsRefusedForGood) {
  Open();
  session_.OnAnswer(Only().number,
                    {.status = 403, .body = R"({"error":{"code":"forbidden","message":"x"}})"}, 0);
  ASSERT_TRUE(session_.end());
  EXPECT_FALSE(session_.end()->is_final);
}

TEST_F(PollSessionAnswerTest, WhatIsNoServerIsNotTalkedTo) {
  for (const char* const body : {"<html>", "{}", R"({"connection":7})", R"({"connection":"../x"})",
                                 R"({"connection":""})", "[]", ""}) {
    PollSession session(0);
    session.OnAnswer(session.TakeCalls(0)[0].number, {.status = 200, .body = body}, 0);
    ASSERT_TRUE(session.end()) << body;
    EXPECT_EQ(session.end()->error.code, ErrorCode::kBadMessage);
  }
}

TEST_F(PollSessionAnswerTest, AConnectionThatIsGoneIsLostAndNotForGood) {
  Open();
  session_.OnAnswer(Only().number, {.status = 410}, 0);
  ASSERT_TRUE(session_.end());
  EXPECT_FALSE(session_.end()->is_final);
}

TEST_F(PollSessionAnswerTest, IsLostWhenNothingIsAnsweredForLong) {
  Open();
  int tries = 0;
  for (; !session_.end() && tries < 100; ++tries) {
    now_ms_ = session_.NextTimeMs().value();
    session_.OnAnswer(Only().number, {.status = 0, .failure = "cut"}, now_ms_);
  }
  EXPECT_GT(tries, 4);
  EXPECT_GE(now_ms_, PollSessionOptions().lost_ms);
  EXPECT_LT(now_ms_, PollSessionOptions().lost_ms + PollSessionOptions().retry_ms_max + 1);
}

TEST_F(PollSessionAnswerTest, AServerThatGotSomethingElseIsLeft) {
  for (const char* const body : {R"({"received":1})", R"({"received":3})", R"({"received":"x"})"}) {
    PollSession session(0);
    session.OnAnswer(session.TakeCalls(0)[0].number,
                     {.status = 201, .body = R"({"connection":"a"})"}, 0);
    session.Send("one");
    session.Send("two");
    const auto calls = session.TakeCalls(0);
    ASSERT_EQ(calls.size(), 2U);
    session.OnAnswer(calls[0].number, {.status = 200, .body = body}, 0);
    EXPECT_TRUE(session.end()) << body;
  }
}

TEST_F(PollSessionAnswerTest, AServerThatHoldsNothingIsNotAskedAllTheTime) {
  Open();
  session_.OnAnswer(Only().number, {.status = 204}, 0);
  EXPECT_TRUE(session_.TakeCalls(0).empty());
  EXPECT_EQ(session_.NextTimeMs(), PollSessionOptions().retry_ms_min);
}

TEST_F(PollSessionAnswerTest, MoreThanMayWaitEndsIt) {
  Open();
  session_.Send(std::string(kOutgoingBytesMax, 'x'));
  EXPECT_FALSE(session_.end());
  session_.Send("x");
  ASSERT_TRUE(session_.end());
  EXPECT_EQ(session_.end()->error.code, ErrorCode::kTooSlow);
}

TEST_F(PollSessionAnswerTest, FramesThatAreNoneEndIt) {
  Open();
  session_.OnAnswer(Only().number, {.status = 200, .body = "\xff"}, 0);
  ASSERT_TRUE(session_.end());
  EXPECT_TRUE(session_.TakeFrames().empty());
}

}  // namespace
}  // namespace cotext::net
