// The worked examples of docs/FORMAT.md §9 are what the codecs write, and say what the page says.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/text_buffer.h"
#include "ot/client_codec.h"
#include "ot/client_state.h"
#include "ot/commit_codec.h"
#include "ot/log_codec.h"
#include "ot/log_entry.h"
#include "ot/ot_replica.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"
#include "ot/text_hash.h"
#include "tests/docs/page_examples.h"

namespace cotext {
namespace {

std::string ExampleBytes(const std::string& name) {
  return cotext::ExampleBytes("docs/FORMAT.md", name);
}

constexpr OtClientId kSeven{7};
constexpr OtClientId kThreeHundred{300};
constexpr OtClientId kThreeHundredSeven{307};

Delta Typed() { return Delta().Retain(40).Insert("x"); }

// Client 300 with its fifth submission, and without it, at revision 1000 of a text of 50.
OtClientState ThreeHundred() {
  OtSavedClient saved{.client = kThreeHundred,
                      .next_seq = 5,
                      .revision = 1000,
                      .text_length = 50,
                      .in_flight = {},
                      .in_flight_now = {},
                      .buffer = {}};
  return *OtClientState::Restore(saved);
}

TEST(OtFormatTest, ASubmission) {
  OtClientState client = ThreeHundred();
  const OtSubmission submission = *client.Edit(Typed())->send;
  EXPECT_EQ(Hex(EncodeSubmission(submission)), Hex(ExampleBytes("ot_submission")));
  EXPECT_EQ(DecodeSubmission(ExampleBytes("ot_submission")), submission);
}

TEST(OtFormatTest, Commits) {
  const std::vector<OtCommit> commits{
      {.revision = 1001, .client = kThreeHundred, .seq = 5, .operation = Typed()},
      {.revision = 1002, .client = kSeven, .seq = 1, .operation = Delta()},
      {.revision = 1003, .client = kThreeHundred, .seq = 6, .operation = Delta().Delete(1)}};
  EXPECT_EQ(Hex(EncodeCommits(commits)), Hex(ExampleBytes("ot_commits")));
  EXPECT_EQ(DecodeCommits(ExampleBytes("ot_commits")), commits);
}

TEST(OtFormatTest, ATruncation) {
  EXPECT_EQ(Hex(EncodeLogEntry(OtTruncation{1002})), Hex(ExampleBytes("ot_truncation")));
  EXPECT_EQ(DecodeLogEntry(ExampleBytes("ot_truncation")), OtLogEntry(OtTruncation{1002}));
}

TEST(OtFormatTest, ASnapshot) {
  const OtSubmission committed{
      .client = kSeven, .seq = 3, .base = 1, .operation = Delta().Retain(1).Insert("b")};
  const OtSubmission refused{
      .client = kThreeHundredSeven, .seq = 1, .base = 0, .operation = Delta().Insert("c")};
  const OtSnapshot snapshot{
      .log_position = 300,
      .revision = 2,
      .forgotten_below = 1,
      .text = "ab",
      .decisions =
          {{.client = kSeven, .seq = 3, .fingerprint = HashSubmission(committed), .revision = 2},
           {.client = kThreeHundredSeven,
            .seq = 1,
            .fingerprint = HashSubmission(refused),
            .revision = 1,
            .refusal = ErrorCode::kTooOld}},
      .history = {{.revision = 2, .client = kSeven, .seq = 3, .operation = committed.operation}},
      .hashes = {{.revision = 2, .hash = HashText(*TextBuffer::FromText("ab"))}}};
  EXPECT_EQ(Hex(EncodeOtSnapshot(snapshot)), Hex(ExampleBytes("ot_snapshot")));
  const Expected<OtSnapshot> decoded = DecodeOtSnapshot(ExampleBytes("ot_snapshot"));
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(*decoded, snapshot);
  Expected<OtServerState> state = OtServerState::FromSnapshot(*decoded);
  ASSERT_TRUE(state.has_value()) << state.error().message;
  EXPECT_TRUE(state->Apply(committed).is_duplicate);
  EXPECT_EQ(state->Apply(refused).revision.error().code, ErrorCode::kTooOld);
}

TEST(OtFormatTest, AClient) {
  OtClientState client = ThreeHundred();
  (void)*client.Edit(Typed());
  (void)*client.Edit(Delta().Retain(41).Insert("y"));
  (void)*client.OnCommitted(
      {.revision = 1001, .client = kSeven, .seq = 1, .operation = Delta().Delete(1)});
  EXPECT_EQ(Hex(EncodeOtClient(client.Save())), Hex(ExampleBytes("ot_client")));
  EXPECT_EQ(DecodeOtClient(ExampleBytes("ot_client")), client.Save());
}

TEST(OtFormatTest, ADocument) {
  const auto replica = OtReplica::FromText(kSeven, 2, "ab").value();
  ASSERT_TRUE(replica->document().Insert(CodePointOffset{0}, "z").has_value());
  ASSERT_TRUE(replica->OnRefused(1, ErrorCode::kTooLarge, 2).has_value());
  EXPECT_EQ(Hex(replica->Save().value()), Hex(ExampleBytes("ot_document")));
  EXPECT_TRUE(OtReplica::Load(ExampleBytes("ot_document")).has_value());
}

}  // namespace
}  // namespace cotext
