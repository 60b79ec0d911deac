#include "net/endpoints/poll_connection.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "document/varint.h"
#include "net/base/poll_frames.h"

namespace cotext::net {
namespace {

using Kind = PollAnswer::Kind;
using End = PollConnection::End;

std::string Body(const std::vector<std::string>& frames) {
  std::string body;
  for (const std::string& frame : frames) AppendFrame(body, frame);
  return body;
}

std::vector<std::string_view> Frames(std::vector<std::string_view> frames) { return frames; }

PollAnswer OnlyAnswer(PollConnection& connection, uint64_t now_ms) {
  const auto answers = connection.TakeAnswers(now_ms);
  EXPECT_EQ(answers.size(), 1U);
  return answers.size() == 1 ? answers[0] : PollAnswer{};
}

TEST(PollFramesTest, FramesComeBackAsTheyWere) {
  const std::vector<std::string> frames = {"", "a", std::string(200, 'b'), std::string(1, '\0')};
  const std::string body = Body(frames);
  const auto read = ReadFrames(body);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(std::vector<std::string>(read->begin(), read->end()), frames);
  EXPECT_TRUE(ReadFrames("")->empty());
  size_t bytes = 0;
  for (const std::string& frame : frames) bytes += FrameBytes(frame);
  EXPECT_EQ(bytes, body.size());
}

TEST(PollFramesTest, WhatIsCutOffOrTooLargeIsRefused) {
  const std::string body = Body({"abc", std::string(300, 'x')});
  for (size_t size = 1; size < body.size(); ++size) {
    if (size == 4) continue;  // The first is whole.
    EXPECT_EQ(ReadFrames(body.substr(0, size)).error().code, ErrorCode::kBadMessage) << size;
  }
  EXPECT_EQ(ReadFrames("\x80").error().code, ErrorCode::kBadMessage);
  std::string huge;
  AppendVarint(huge, kPollFrameBytesMax + 1);
  EXPECT_EQ(ReadFrames(huge).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(ReadFrames(std::string(kPollBodyBytesMax + 1, '\0')).error().code,
            ErrorCode::kTooLarge);
  EXPECT_TRUE(ReadFrames(std::string(kPollFramesMax, '\0')).has_value());
  EXPECT_EQ(ReadFrames(std::string(kPollFramesMax + 1, '\0')).error().code, ErrorCode::kTooLarge);
}

TEST(PollConnectionTest, AHeldGetIsAnsweredOnceThereAreFrames) {
  PollConnection connection(0);
  ASSERT_TRUE(connection.OnGet(7, 0, 100).has_value());
  EXPECT_TRUE(connection.TakeAnswers(100).empty());
  EXPECT_TRUE(connection.is_held());
  EXPECT_EQ(connection.NextTimeMs(), 25'100U);
  connection.Send("a");
  connection.Send("b");
  EXPECT_EQ(connection.NextTimeMs(), 0U);
  const PollAnswer answer = OnlyAnswer(connection, 200);
  EXPECT_EQ(answer.request, 7U);
  EXPECT_EQ(answer.kind, Kind::kFrames);
  EXPECT_EQ(answer.body, Body({"a", "b"}));
  EXPECT_FALSE(connection.is_held());
}

TEST(PollConnectionTest, WithoutFramesItIsAnsweredAfterAWhile) {
  PollConnection connection(0);
  ASSERT_TRUE(connection.OnGet(7, 0, 100).has_value());
  EXPECT_TRUE(connection.TakeAnswers(25'099).empty());
  EXPECT_EQ(OnlyAnswer(connection, 25'100).kind, Kind::kNone);
  EXPECT_FALSE(connection.is_over());
}

TEST(PollConnectionTest, AnswersComeAgainUntilTheyAreAcknowledged) {
  PollConnection connection(0);
  connection.Send("a");
  for (uint64_t request = 1; request < 4; ++request) {
    ASSERT_TRUE(connection.OnGet(request, 0, request).has_value());
    EXPECT_EQ(OnlyAnswer(connection, request).body, Body({"a"}));
  }
  EXPECT_EQ(connection.queued_bytes(), 1U);
  connection.Send("b");
  ASSERT_TRUE(connection.OnGet(4, 1, 4).has_value());
  EXPECT_EQ(OnlyAnswer(connection, 4).body, Body({"b"}));
  ASSERT_TRUE(connection.OnGet(5, 2, 5).has_value());
  EXPECT_TRUE(connection.TakeAnswers(5).empty());
  EXPECT_EQ(connection.queued_bytes(), 0U);
}

TEST(PollConnectionTest, ANewerGetEndsTheOlder) {
  PollConnection connection(0);
  ASSERT_TRUE(connection.OnGet(1, 0, 0).has_value());
  ASSERT_TRUE(connection.OnGet(2, 0, 10).has_value());
  const PollAnswer answer = OnlyAnswer(connection, 10);
  EXPECT_EQ(answer.request, 1U);
  EXPECT_EQ(answer.kind, Kind::kNone);
  connection.Send("a");
  EXPECT_EQ(OnlyAnswer(connection, 20).request, 2U);
}

TEST(PollConnectionTest, AGetThatWasOvertakenGetsNothing) {
  PollConnection connection(0);
  connection.Send("a");
  ASSERT_TRUE(connection.OnGet(1, 0, 0).has_value());
  (void)connection.TakeAnswers(0);
  ASSERT_TRUE(connection.OnGet(2, 1, 1).has_value());
  ASSERT_TRUE(connection.OnGet(3, 0, 2).has_value());
  const PollAnswer answer = OnlyAnswer(connection, 2);
  EXPECT_EQ(answer.request, 3U);
  EXPECT_EQ(answer.kind, Kind::kNone);
  connection.Send("b");
  EXPECT_EQ(OnlyAnswer(connection, 3).request, 2U);  // That one is held still.
}

TEST(PollConnectionTest, WhatWasNotSentCannotBeAcknowledged) {
  PollConnection connection(0);
  connection.Send("a");
  EXPECT_EQ(connection.OnGet(1, 2, 0).error().code, ErrorCode::kBadMessage);
  EXPECT_EQ(connection.OnGet(1, ~uint64_t{0}, 0).error().code, ErrorCode::kBadMessage);
  EXPECT_TRUE(connection.TakeAnswers(0).empty());
}

TEST(PollConnectionTest, FramesUpAreTakenOnceAndInOrder) {
  PollConnection connection(0);
  EXPECT_EQ(connection.OnPost(1, Body({"a", "b"}))->frames, Frames({"a", "b"}));
  EXPECT_TRUE(connection.OnPost(1, Body({"a", "b"}))->frames.empty());
  const std::string more = Body({"b", "c"});
  const auto post = connection.OnPost(2, more);
  EXPECT_EQ(post->frames, Frames({"c"}));
  EXPECT_EQ(post->received, 3U);
  EXPECT_TRUE(connection.OnPost(1, Body({"a"}))->frames.empty());
  EXPECT_TRUE(connection.OnPost(4, "")->frames.empty());
}

TEST(PollConnectionTest, AGapIsToldAndNothingTaken) {
  PollConnection connection(0);
  ASSERT_TRUE(connection.OnPost(1, Body({"a"})).has_value());
  const auto gap = connection.OnPost(3, Body({"c"}));
  ASSERT_TRUE(gap.has_value());
  EXPECT_TRUE(gap->is_gap);
  EXPECT_TRUE(gap->frames.empty());
  EXPECT_EQ(gap->received, 1U);
  EXPECT_TRUE(connection.OnPost(~uint64_t{0}, Body({"c"}))->is_gap);
}

TEST(PollConnectionTest, MalformedPostsChangeNothing) {
  PollConnection connection(0);
  EXPECT_EQ(connection.OnPost(0, Body({"a"})).error().code, ErrorCode::kBadMessage);
  EXPECT_EQ(connection.OnPost(1, Body({"a"}) + "\x05x").error().code, ErrorCode::kBadMessage);
  EXPECT_EQ(connection.received(), 0U);
}

TEST(PollConnectionTest, ItIsLostWhenNoGetComes) {
  PollConnection connection(1000);
  EXPECT_EQ(connection.NextTimeMs(), 16'000U);
  ASSERT_TRUE(connection.OnPost(1, Body({"a"})).has_value());
  (void)connection.TakeAnswers(15'999);
  EXPECT_FALSE(connection.is_over());
  // A held one is somebody, however long.
  ASSERT_TRUE(connection.OnGet(1, 0, 15'999).has_value());
  (void)connection.TakeAnswers(40'000);
  EXPECT_FALSE(connection.is_over());
  connection.OnRequestGone(1, 40'000);
  EXPECT_EQ(connection.NextTimeMs(), 55'000U);
  (void)connection.TakeAnswers(54'999);
  EXPECT_FALSE(connection.is_over());
  (void)connection.TakeAnswers(55'000);
  EXPECT_EQ(connection.end(), End::kLost);
  EXPECT_EQ(connection.NextTimeMs(), std::nullopt);
  ASSERT_TRUE(connection.OnGet(2, 0, 55'001).has_value());
  EXPECT_EQ(OnlyAnswer(connection, 55'001).kind, Kind::kGone);
}

TEST(PollConnectionTest, TooMuchWaitingEndsIt) {
  PollConnection by_bytes(0, {.queue_bytes_max = 10});
  by_bytes.Send("0123456789");
  EXPECT_FALSE(by_bytes.is_over());
  ASSERT_TRUE(by_bytes.OnGet(1, 0, 0).has_value());
  (void)by_bytes.TakeAnswers(0);
  ASSERT_TRUE(by_bytes.OnGet(2, 1, 0).has_value());  // Acknowledged: there is room again.
  by_bytes.Send("0123456789");
  EXPECT_FALSE(by_bytes.is_over());
  by_bytes.Send("0");
  EXPECT_EQ(by_bytes.end(), End::kOverflow);
  EXPECT_EQ(by_bytes.queued_bytes(), 0U);
  EXPECT_EQ(OnlyAnswer(by_bytes, 0).kind, Kind::kGone);

  PollConnection by_frames(0, {.queue_frames_max = 2});
  for (int i = 0; i < 2; ++i) by_frames.Send("");
  EXPECT_FALSE(by_frames.is_over());
  by_frames.Send("");
  EXPECT_EQ(by_frames.end(), End::kOverflow);
}

TEST(PollConnectionTest, AnAnswerHasNoMoreThanItMay) {
  PollConnection connection(0, {.answer_bytes_max = 8});
  connection.Send("0123456789");  // More than that alone.
  for (const char* frame : {"abc", "def", "g"}) connection.Send(frame);
  const auto body = [&](uint64_t after) {
    EXPECT_TRUE(connection.OnGet(after, after, 0).has_value());
    return OnlyAnswer(connection, 0).body;
  };
  EXPECT_EQ(body(0), Body({"0123456789"}));
  EXPECT_EQ(body(1), Body({"abc", "def"}));
  EXPECT_EQ(body(3), Body({"g"}));
  PollConnection many(0);
  for (size_t i = 0; i < kPollFramesMax + 1; ++i) many.Send("");
  ASSERT_TRUE(many.OnGet(1, 0, 0).has_value());
  EXPECT_EQ(ReadFrames(OnlyAnswer(many, 0).body)->size(), kPollFramesMax);
}

TEST(PollConnectionTest, ClosingWaitsForWhatWasSent) {
  PollConnection connection(0);
  connection.Send("last");
  connection.Close();
  connection.Send("not any more");
  EXPECT_TRUE(connection.OnPost(1, Body({"a"}))->frames.empty());
  ASSERT_TRUE(connection.OnGet(1, 0, 0).has_value());
  EXPECT_EQ(OnlyAnswer(connection, 0).body, Body({"last"}));
  EXPECT_FALSE(connection.is_over());
  ASSERT_TRUE(connection.OnGet(2, 1, 1).has_value());
  EXPECT_EQ(OnlyAnswer(connection, 1).kind, Kind::kGone);
  EXPECT_EQ(connection.end(), End::kClosed);

  PollConnection gone(0);
  gone.Send("last");
  gone.Close();
  (void)gone.TakeAnswers(15'000);
  EXPECT_EQ(gone.end(), End::kLost);
}

}  // namespace
}  // namespace cotext::net
