#include "ot/ot_replica.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "ot/client_codec.h"
#include "ot/submission.h"
#include "ot/text_hash.h"
#include "tests/support/document_mirror.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

constexpr OtClientId kAnn{1};
constexpr OtClientId kBob{2};

Delta Typed(uint64_t at, std::string_view text) { return Delta().Retain(at).Insert(text); }

OtCommit ByBob(uint64_t revision, Delta operation) {
  return OtCommit{
      .revision = revision, .client = kBob, .seq = revision, .operation = std::move(operation)};
}

OtSubmission ByAnn(uint64_t seq, uint64_t base, Delta operation) {
  return OtSubmission{.client = kAnn, .seq = seq, .base = base, .operation = std::move(operation)};
}

// Ann, at revision 5 of the text "0123456789".
std::unique_ptr<OtReplica> Ann(const OtReplicaOptions& options = {}) {
  return *OtReplica::FromText(kAnn, 5, "0123456789", options);
}

void Type(OtReplica& replica, uint64_t at, std::string_view text) {
  ASSERT_TRUE(replica.document().Insert(CodePointOffset{at}, text).has_value());
}

void Expect(const Expected<void>& done) { EXPECT_TRUE(done.has_value()) << done.error().message; }

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST(OtReplicaTest, AnEditIsHandedOutOnce) {
  const auto ann = Ann();
  EXPECT_FALSE(ann->NextSubmission().has_value());
  Type(*ann, 2, "aa");
  EXPECT_EQ(ann->NextSubmission(), ByAnn(1, 5, Typed(2, "aa")));
  EXPECT_FALSE(ann->NextSubmission().has_value());
  EXPECT_EQ(ann->edits_unacknowledged(), 1U);
  ann->CheckInvariants();
}

TEST(OtReplicaTest, AnEditIsStillHandedOutAfterSomethingCameIn) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  Expect(ann->OnCommit(ByBob(6, Typed(0, "z"))));
  Expect(ann->OnRevision(9));
  EXPECT_EQ(ann->NextSubmission(), ByAnn(1, 5, Typed(2, "aa")));
}

// What came in before it could be handed out has decided it: it will not be sent.
TEST(OtReplicaTest, NothingIsHandedOutOnceItIsAnswered) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  Expect(ann->OnAcknowledged(1, 6));
  EXPECT_FALSE(ann->NextSubmission().has_value());
  ann->Reconnect();
  EXPECT_FALSE(ann->NextSubmission().has_value());
  ann->CheckInvariants();
}

TEST(OtReplicaTest, ATransactionIsOneSubmissionAndSoIsWhatGathersBehindIt) {
  const auto ann = Ann();
  ann->document().Transact([&] {
    Type(*ann, 0, "a");
    Type(*ann, 3, "b");
  });
  EXPECT_EQ(ann->NextSubmission(), ByAnn(1, 5, Typed(0, "a").Retain(2).Insert("b")));
  Type(*ann, 0, "c");
  Type(*ann, 1, "d");
  EXPECT_FALSE(ann->NextSubmission().has_value());
  EXPECT_EQ(ann->edits_unacknowledged(), 1U);
  EXPECT_EQ(ann->edits_unsent(), 2U);
  Expect(ann->OnAcknowledged(1, 6));
  EXPECT_EQ(ann->NextSubmission(), ByAnn(2, 6, Typed(0, "cd")));
  EXPECT_EQ(ann->edits_unsent(), 0U);
}

TEST(OtReplicaTest, CommitsOfOthersAreEventsOfTheDocument) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  const DocumentMirror mirror(ann->document());
  Expect(ann->OnCommit(ByBob(6, Typed(2, "z"))));
  EXPECT_EQ(mirror.origins(), std::vector{EditOrigin::kRemote});
  EXPECT_EQ(mirror.last(), Typed(4, "z"));
  EXPECT_EQ(ann->document().Text(), "01aaz23456789");
  EXPECT_EQ(ann->document().revision(), 6U);
  ann->CheckInvariants();
}

TEST(OtReplicaTest, UndoIsSubmittedAndTakesBackOnesOwnOnly) {
  const auto ann = Ann();
  Type(*ann, 2, "abcd");
  (void)ann->NextSubmission();
  Expect(ann->OnAcknowledged(1, 6));
  Expect(ann->OnCommit(ByBob(7, Typed(4, "ZZ"))));
  EXPECT_EQ(ann->document().Text(), "01abZZcd23456789");
  EXPECT_EQ(ann->document().Undo(), true);
  EXPECT_EQ(ann->document().Text(), "01ZZ23456789");
  EXPECT_EQ(ann->NextSubmission(), ByAnn(2, 7, Delta().Retain(2).Delete(2).Retain(2).Delete(2)));
  EXPECT_EQ(ann->document().Redo(), true);
  Expect(ann->OnAcknowledged(2, 8));
  EXPECT_EQ(ann->document().Text(), "01abZZcd23456789");
  EXPECT_EQ(ann->NextSubmission(), ByAnn(3, 8, Typed(2, "ab").Retain(2).Insert("cd")));
}

TEST(OtReplicaTest, GapsAreAskedForOnce) {
  const auto ann = Ann();
  Expect(ann->OnCommit(ByBob(8, Typed(0, "z"))));
  EXPECT_EQ(ann->NextMissing(), (OtMissing{.after = 5, .up_to = 8}));
  EXPECT_FALSE(ann->NextMissing().has_value());
  Expect(ann->OnRevision(9));
  EXPECT_EQ(ann->NextMissing(), (OtMissing{.after = 5, .up_to = 9}));
  EXPECT_EQ(ann->document().Text(), "0123456789");
}

TEST(OtReplicaTest, AfterReconnectingWhatIsInFlightIsHandedOutAgainAsItWas) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  const std::optional<OtSubmission> sent = ann->NextSubmission();
  Expect(ann->OnCommit(ByBob(6, Typed(0, "z"))));
  Type(*ann, 0, "b");
  ann->Reconnect();
  EXPECT_EQ(ann->NextSubmission(), sent);
  EXPECT_FALSE(ann->NextSubmission().has_value());
}

TEST(OtReplicaTest, WhatIsSavedComesBackWithUnsentEdits) {
  auto ann = Ann();
  Type(*ann, 2, "aa");
  const std::optional<OtSubmission> sent = ann->NextSubmission();
  Type(*ann, 0, "b");
  Expect(ann->OnCommit(ByBob(6, Typed(0, "z"))));
  const std::string saved = ann->Save().value();
  ann = *OtReplica::Load(saved);
  ann->CheckInvariants();
  EXPECT_EQ(ann->document().Text(), "bz01aa23456789");
  EXPECT_EQ(ann->Save(), saved);
  EXPECT_EQ(ann->NextSubmission(), sent);
  EXPECT_EQ(ann->edits_unsent(), 1U);
  Expect(ann->OnAcknowledged(1, 7));
  EXPECT_EQ(ann->NextSubmission(), ByAnn(2, 7, Typed(0, "b")));
}

TEST(OtReplicaTest, SavedTextsThatDoNotFitAreRefused) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  OtSavedReplica saved = *DecodeOtReplica(ann->Save().value());
  saved.text += "x";
  EXPECT_EQ(CodeOf(OtReplica::Load(EncodeOtReplica(saved))), ErrorCode::kMalformedState);
  saved.text.resize(saved.text.size() - 1);
  EXPECT_TRUE(OtReplica::Load(EncodeOtReplica(saved)).has_value());
  saved.returned = OtReturned{.operation = Typed(0, "a"), .revision = 5};
  EXPECT_EQ(CodeOf(OtReplica::Load(EncodeOtReplica(saved))), ErrorCode::kMalformedState);
  OtSavedReplica returned{.client = OtClientState(kAnn, 5, 10).Save(), .text = "0123456789"};
  returned.client.needs_snapshot = true;
  returned.returned = OtReturned{.operation = Typed(9, "abc"), .revision = 5};
  EXPECT_EQ(CodeOf(OtReplica::Load(EncodeOtReplica(returned))), ErrorCode::kMalformedState);
  returned.returned->operation = Typed(7, "abc");
  EXPECT_TRUE(OtReplica::Load(EncodeOtReplica(returned)).has_value());
}

TEST(OtReplicaTest, ARefusedEditIsHandedBackWithAllThatCameAfterIt) {
  auto ann = Ann();
  Type(*ann, 2, "aa");
  Type(*ann, 4, "bb");
  Expect(ann->OnRefused(1, ErrorCode::kTooOld, 9));
  EXPECT_TRUE(ann->needs_snapshot());
  Type(*ann, 6, "cc");
  EXPECT_FALSE(ann->NextSubmission().has_value());
  EXPECT_EQ(ann->edits_unsent(), 3U);
  // Also if the program ends in between.
  ann = *OtReplica::Load(ann->Save().value());
  EXPECT_TRUE(ann->needs_snapshot());
  Type(*ann, 8, "dd");
  EXPECT_EQ(ann->edits_unsent(), 4U);
  ann->CheckInvariants();

  const OtSnapshotOutcome outcome = *ann->OnSnapshot(9, "0123");
  EXPECT_TRUE(outcome.is_taken);
  ASSERT_TRUE(outcome.handed_back.has_value());
  EXPECT_EQ(outcome.handed_back->returned.operation, Typed(2, "aabbccdd"));
  EXPECT_EQ(outcome.handed_back->returned.revision, 5U);
  EXPECT_EQ(outcome.handed_back->local_text, "01aabbccdd23456789");
  EXPECT_EQ(ann->document().Text(), "0123");
  EXPECT_EQ(ann->edits_unsent(), 0U);
  Type(*ann, 4, "x");
  EXPECT_EQ(ann->NextSubmission(), ByAnn(2, 9, Typed(4, "x")));
  ann->CheckInvariants();
}

TEST(OtReplicaTest, BehindTheHorizonWithNothingPendingTheTextIsReplaced) {
  const auto ann = Ann();
  const Anchor behind_seven = *ann->document().CreateAnchor(CodePointOffset{8}, Bias::kBefore);
  Expect(ann->OnTooOld(9));
  EXPECT_TRUE(ann->needs_snapshot());
  const OtSnapshotOutcome outcome = *ann->OnSnapshot(9, "ab0123456789");
  EXPECT_TRUE(outcome.is_taken);
  EXPECT_FALSE(outcome.handed_back.has_value());
  EXPECT_EQ(ann->document().Text(), "ab0123456789");
  EXPECT_EQ(ann->document().ResolveAnchor(behind_seven), CodePointOffset{10});
  EXPECT_EQ(ann->document().revision(), 9U);
}

TEST(OtReplicaTest, BehindTheHorizonWhatIsInFlightIsHandedOutAgain) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  const std::optional<OtSubmission> sent = ann->NextSubmission();
  Type(*ann, 4, "bb");
  Expect(ann->OnTooOld(9));
  EXPECT_FALSE(ann->needs_snapshot());
  EXPECT_EQ(ann->NextSubmission(), sent);
  Expect(ann->OnAcknowledged(1, 8));
  EXPECT_TRUE(ann->needs_snapshot());
  EXPECT_EQ(ann->edits_unsent(), 1U);
  const OtSnapshotOutcome outcome = *ann->OnSnapshot(9, "aa");
  ASSERT_TRUE(outcome.handed_back.has_value());
  EXPECT_EQ(outcome.handed_back->returned.operation, Typed(4, "bb"));
  EXPECT_TRUE(outcome.handed_back->returned.follows_in_flight);
}

TEST(OtReplicaTest, AForgottenClientSubmitsAnewOnceItHasFollowed) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  (void)ann->NextSubmission();
  Expect(ann->OnRefused(1, ErrorCode::kClientForgotten, 6));
  EXPECT_EQ(ann->NextMissing(), (OtMissing{.after = 5, .up_to = 6}));
  EXPECT_FALSE(ann->NextSubmission().has_value());
  Expect(ann->OnCommit(ByBob(6, Typed(0, "z"))));
  EXPECT_EQ(ann->NextSubmission(), ByAnn(2, 6, Typed(3, "aa")));
}

TEST(OtReplicaTest, AStoppedClientHandsAllBackAndTheDocumentLivesOn) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  Expect(ann->OnRefused(1, ErrorCode::kReplicaConflict, 5));
  EXPECT_TRUE(ann->is_stopped());
  EXPECT_EQ(CodeOf(ann->Save()), ErrorCode::kClientStopped);
  Type(*ann, 4, "bb");
  const std::optional<OtHandedBack> handed_back = ann->GiveUp();
  ASSERT_TRUE(handed_back.has_value());
  EXPECT_EQ(handed_back->returned.operation, Typed(2, "aabb"));
  Type(*ann, 0, "c");
  EXPECT_FALSE(ann->GiveUp().has_value());
  EXPECT_EQ(ann->document().Text(), "c01aabb23456789");
  EXPECT_EQ(CodeOf(ann->OnCommit(ByBob(6, Delta()))), ErrorCode::kClientStopped);
  ann->CheckInvariants();
}

TEST(OtReplicaTest, GivingUpHandsBackWhatIsInFlightAndUnsent) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  (void)ann->NextSubmission();
  Type(*ann, 4, "bb");
  EXPECT_EQ(ann->GiveUp()->returned.operation, Typed(2, "aabb"));
  EXPECT_FALSE(ann->NextSubmission().has_value());
}

TEST(OtReplicaTest, NothingComesInInsideATransactionOrAnEvent) {
  const auto ann = Ann();
  ann->document().BeginTransaction();
  Type(*ann, 0, "a");
  EXPECT_EQ(CodeOf(ann->OnCommit(ByBob(6, Typed(0, "z")))), ErrorCode::kTransactionOpen);
  EXPECT_EQ(CodeOf(ann->OnSnapshot(6, "z")), ErrorCode::kTransactionOpen);
  EXPECT_EQ(CodeOf(ann->Save()), ErrorCode::kTransactionOpen);
  EXPECT_EQ(ann->OnTextHash(5, 1), false);
  ann->document().CommitTransaction();
  EXPECT_EQ(ann->revision(), 5U);
  ErrorCode inside{};
  ann->document().Subscribe([&](const DeltaEvent& /*event*/) {
    inside = CodeOf(ann->OnCommit(ByBob(6, Typed(0, "z"))));
  });
  Type(*ann, 0, "b");
  EXPECT_EQ(inside, ErrorCode::kReentrantEdit);
  Expect(ann->OnCommit(ByBob(6, Typed(0, "z"))));
  EXPECT_EQ(ann->document().Text(), "baz0123456789");
}

// What a listener of the application sees is what has been submitted.
TEST(OtReplicaTest, AListenerCanHandOutTheSubmissionOfWhatItHears) {
  const auto ann = Ann();
  std::optional<OtSubmission> next;
  ann->document().Subscribe([&](const DeltaEvent& /*event*/) { next = ann->NextSubmission(); });
  Type(*ann, 0, "a");
  EXPECT_EQ(next, ByAnn(1, 5, Typed(0, "a")));
}

TEST(OtReplicaTest, WhatOthersInsertBeyondTheLimitIsRefusedAsAWhole) {
  const auto ann = Ann({.document = {.text = {.max_bytes = 12}}});
  Type(*ann, 0, "a");
  EXPECT_EQ(CodeOf(ann->OnCommit(ByBob(6, Typed(0, "xy")))), ErrorCode::kTooLarge);
  EXPECT_EQ(ann->revision(), 5U);
  EXPECT_EQ(CodeOf(ann->OnSnapshot(6, "0123456789012")), ErrorCode::kTooLarge);
  Expect(ann->OnCommit(ByBob(6, Typed(0, "x"))));
  ann->CheckInvariants();
}

TEST(OtReplicaTest, ATextThatDiffersAtARevisionIsADivergence) {
  const auto ann = Ann();
  EXPECT_EQ(ann->OnTextHash(5, HashText(ann->document().buffer())), true);
  EXPECT_EQ(CodeOf(ann->OnTextHash(5, 1)), ErrorCode::kDiverged);
  Type(*ann, 0, "a");
  EXPECT_EQ(ann->OnTextHash(5, 1), false);
}

TEST(OtReplicaTest, WhatCannotBeStartedFromIsRefused) {
  EXPECT_EQ(CodeOf(OtReplica::FromText(OtClientId{0}, 0, "")), ErrorCode::kInvalidId);
  EXPECT_EQ(CodeOf(OtReplica::FromText(kAnn, kOtCountLimit, "")), ErrorCode::kTooLarge);
  EXPECT_EQ(CodeOf(OtReplica::FromText(kAnn, 0, "\xff")), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(CodeOf(Ann()->OnSnapshot(6, "\xff")), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(CodeOf(Ann()->OnSnapshot(kOtCountLimit, "")), ErrorCode::kTooLarge);
}

TEST(OtReplicaTest, PositionsOfOthersAreShownPastWhatIsPending) {
  const auto ann = Ann();
  Type(*ann, 2, "aa");
  EXPECT_EQ(ann->ToLocal(5, CodePointOffset{3}, Bias::kBefore), CodePointOffset{5});
  EXPECT_EQ(ann->ToLocal(4, CodePointOffset{3}, Bias::kBefore), std::nullopt);
}

}  // namespace
}  // namespace cotext
