// A client and a server that talk by requests over a network which loses, repeats and delays them
// and their answers: every frame arrives once and in order, both ways.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "document/random.h"
#include "net/base/poll_frames.h"
#include "net/endpoints/poll_connection.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

constexpr uint64_t kFaultyMs = 60'000;
constexpr uint64_t kEndMs = 240'000;

struct Faults {
  uint64_t lost = 0;      // Percent of requests, and of answers.
  uint64_t repeated = 0;  // Of requests.
  uint64_t delay_ms = 0;
  uint64_t impatient = 0;  // Percent of times that a client asks again while an answer is awaited.
};

std::string FrameOf(const char* side, size_t number) { return side + std::to_string(number); }

class PollWorld {
 public:
  PollWorld(Random& random, const Faults& faults)
      : random_(random),
        faults_(faults),
        connection_(0, {.held_ms = random.Between(100, 5000),
                        .absent_ms = kEndMs * 2,
                        .answer_bytes_max = random.Between(1, 40)}) {}

  void Run() {
    At(0, [this] { Get(); });
    At(0, [this] { Post(); });
    At(0, [this] { Type(); });
    while (!events_.empty() && events_.begin()->first <= kEndMs) {
      auto event = events_.extract(events_.begin());
      now_ms_ = event.key();
      event.mapped()();
      Flush();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

  void Check() const {
    EXPECT_GT(server_sent_, 0U);
    EXPECT_GT(client_made_, 0U);
    EXPECT_EQ(client_got_, Numbered("down", server_sent_));
    EXPECT_EQ(server_got_, Numbered("up", client_made_));
    EXPECT_EQ(connection_.queued_bytes(), 0U);
    EXPECT_FALSE(connection_.is_over());
  }

  uint64_t gaps() const { return gaps_; }

 private:
  static std::vector<std::string> Numbered(const char* side, size_t count) {
    std::vector<std::string> frames;
    for (size_t i = 1; i <= count; ++i) frames.push_back(FrameOf(side, i));
    return frames;
  }

  bool is_faulty() const { return now_ms_ < kFaultyMs; }
  void At(uint64_t at_ms, std::function<void()> event) { events_.emplace(at_ms, std::move(event)); }
  uint64_t Delay() { return random_.Below(is_faulty() ? faults_.delay_ms + 1 : 20); }

  // Has `arrive` happen after a while, never, or twice.
  void Travel(bool may_repeat, const std::function<void()>& arrive) {
    if (is_faulty() && random_.Chance(faults_.lost)) return;
    At(now_ms_ + Delay(), arrive);
    if (may_repeat && is_faulty() && random_.Chance(faults_.repeated)) {
      At(now_ms_ + Delay(), arrive);
    }
  }

  // Both sides have something to say now and then.
  void Type() {
    if (random_.Chance(50)) connection_.Send(FrameOf("down", ++server_sent_));
    if (random_.Chance(50)) ++client_made_;
    if (is_faulty()) At(now_ms_ + random_.Below(400), [this] { Type(); });
  }

  // --- The client's requests. Each is made again after a while, whatever came of it.
  void Get() {
    const uint64_t after = client_got_.size();
    Travel(true, [this, after] { OnGet(after); });
    const bool is_impatient = is_faulty() && random_.Chance(faults_.impatient);
    At(now_ms_ + random_.Between(1, is_impatient ? 10 : 2000), [this] { Get(); });
  }

  void Post() {
    // Now and then the client begins too late, as one does whose request before was lost.
    const uint64_t first = client_acknowledged_ + 1 + (random_.Chance(20) ? random_.Below(3) : 0);
    std::string body;
    uint64_t last = first - 1;
    for (uint64_t i = first; i <= client_made_ && random_.Chance(80); ++i) {
      AppendFrame(body, FrameOf("up", i));
      last = i;
    }
    if (last >= first) Travel(true, [this, first, body] { OnPost(first, body); });
    At(now_ms_ + random_.Between(1, 1000), [this] { Post(); });
  }

  // --- The server.
  void OnGet(uint64_t after) {
    const uint64_t request = ++requests_;
    asked_after_[request] = after;
    ASSERT_TRUE(connection_.OnGet(request, after, now_ms_).has_value());
    if (is_faulty() && random_.Chance(faults_.impatient)) {
      At(now_ms_ + Delay(), [this, request] { connection_.OnRequestGone(request, now_ms_); });
    }
  }

  void OnPost(uint64_t first, const std::string& body) {
    const auto post = connection_.OnPost(first, body);
    ASSERT_TRUE(post.has_value());
    for (const auto frame : post->frames) server_got_.emplace_back(frame);
    if (post->is_gap) {
      ++gaps_;
      ASSERT_GT(first, server_got_.size() + 1);
    }
    ASSERT_EQ(post->received, server_got_.size());
    Travel(false, [this, received = post->received] {
      client_acknowledged_ = std::max(client_acknowledged_, received);
    });
  }

  void Flush() {
    for (const PollAnswer& answer : connection_.TakeAnswers(now_ms_)) {
      ASSERT_NE(answer.kind, PollAnswer::Kind::kGone);
      const uint64_t after = asked_after_.at(answer.request);
      ASSERT_EQ(asked_after_.erase(answer.request), 1U);  // Answered once.
      if (answer.kind == PollAnswer::Kind::kFrames) {
        Travel(false, [this, after, body = answer.body] { OnFrames(after, body); });
      }
    }
    if (const auto next_ms = connection_.NextTimeMs(); next_ms && next_ms != woken_ms_) {
      woken_ms_ = *next_ms;
      ASSERT_GT(*next_ms, now_ms_);  // All that was due is done.
      At(*next_ms, [] {});
    }
  }

  // The client takes what is new to it.
  void OnFrames(uint64_t after, const std::string& body) {
    const auto frames = ReadFrames(body);
    ASSERT_TRUE(frames.has_value());
    uint64_t number = after;
    for (const auto frame : *frames) {
      if (++number == client_got_.size() + 1) client_got_.emplace_back(frame);
    }
  }

  Random& random_;
  Faults faults_;
  PollConnection connection_;
  std::multimap<uint64_t, std::function<void()>> events_;
  uint64_t now_ms_ = 0;
  uint64_t woken_ms_ = 0;

  uint64_t client_made_ = 0;
  uint64_t client_acknowledged_ = 0;
  std::vector<std::string> client_got_;
  uint64_t server_sent_ = 0;
  std::vector<std::string> server_got_;
  uint64_t requests_ = 0;
  std::map<uint64_t, uint64_t> asked_after_;  // By request that was not answered.
  uint64_t gaps_ = 0;
};

TEST(PollConnectionRandomTest, EveryFrameArrivesOnceAndInOrder) {
  uint64_t gaps = 0;
  ForEachSeed(150, [&](Random& random) {
    const Faults faults{.lost = random.Below(60),
                        .repeated = random.Below(60),
                        .delay_ms = random.Below(3000),
                        .impatient = random.Below(50)};
    PollWorld world(random, faults);
    world.Run();
    world.Check();
    gaps += world.gaps();
  });
  EXPECT_GT(gaps, 0U);
}

TEST(PollConnectionRandomTest, WithoutFaultsToo) {
  ForEachSeed(20, [](Random& random) {
    PollWorld world(random, Faults());
    world.Run();
    world.Check();
  });
}

}  // namespace
}  // namespace cotext::net
