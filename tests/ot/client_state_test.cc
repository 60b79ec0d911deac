#include "ot/client_state.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/text_buffer.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "ot/text_hash.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

using State = OtClientState::State;

constexpr OtClientId kAnn{1};
constexpr OtClientId kBob{2};

Delta Typed(uint64_t at, std::string_view text) { return Delta().Retain(at).Insert(text); }

OtCommit ByBob(uint64_t revision, Delta operation) {
  return OtCommit{
      .revision = revision, .client = kBob, .seq = revision, .operation = std::move(operation)};
}

// Ann, at revision 5 of a text of ten characters.
OtClientState Ann() { return OtClientState(kAnn, 5, 10); }

OtClientState AnnAwaiting() {
  OtClientState ann = Ann();
  (void)*ann.Edit(Typed(2, "aa"));
  return ann;
}

OtClientState AnnAwaitingWithBuffer() {
  OtClientState ann = AnnAwaiting();
  (void)*ann.Edit(Typed(4, "bb"));
  return ann;
}

bool IsNothing(const OtClientEffects& effects) {
  return effects.change.empty() && !effects.send && !effects.missing && !effects.returned;
}

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST(OtClientStateTest, TheFirstEditIsSent) {
  OtClientState ann = Ann();
  EXPECT_EQ(ann.state(), State::kSynchronized);
  const OtClientEffects effects = *ann.Edit(Typed(2, "aa"));
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 1, .base = 5, .operation = Typed(2, "aa")}));
  EXPECT_TRUE(effects.change.empty());
  EXPECT_EQ(ann.state(), State::kAwaiting);
  EXPECT_EQ(ann.local_length(), 12U);
  EXPECT_EQ(ann.edits_in_flight(), 1U);
  EXPECT_EQ(ann.edits_unsent(), 0U);
}

TEST(OtClientStateTest, AnEditThatChangesNothingIsNotSent) {
  OtClientState ann = Ann();
  EXPECT_TRUE(IsNothing(*ann.Edit(Delta())));
  EXPECT_EQ(ann.state(), State::kSynchronized);
}

TEST(OtClientStateTest, EditsWhileOneIsInFlightGatherInTheBuffer) {
  OtClientState ann = AnnAwaiting();
  EXPECT_TRUE(IsNothing(*ann.Edit(Typed(4, "b"))));
  EXPECT_TRUE(IsNothing(*ann.Edit(Typed(5, "c"))));
  EXPECT_EQ(ann.state(), State::kAwaitingWithBuffer);
  EXPECT_EQ(ann.edits_in_flight(), 1U);
  EXPECT_EQ(ann.edits_unsent(), 2U);
  const OtClientEffects effects = *ann.OnAcknowledged(1, 6);
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 2, .base = 6, .operation = Typed(4, "bc")}));
  EXPECT_EQ(ann.state(), State::kAwaiting);
  EXPECT_EQ(ann.revision(), 6U);
  EXPECT_EQ(ann.edits_in_flight(), 2U);
  EXPECT_EQ(ann.edits_unsent(), 0U);
}

TEST(OtClientStateTest, ABufferThatCameToNothingIsNotSent) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.Edit(Delta().Retain(4).DeleteText("bb"));
  EXPECT_EQ(ann.state(), State::kAwaiting);
  EXPECT_TRUE(IsNothing(*ann.OnAcknowledged(1, 6)));
  EXPECT_EQ(ann.state(), State::kSynchronized);
  EXPECT_EQ(ann.edits_unsent(), 0U);
}

TEST(OtClientStateTest, CommitsOfOthersComePastWhatIsPending) {
  OtClientState synchronized = Ann();
  EXPECT_EQ(synchronized.OnCommitted(ByBob(6, Typed(9, "z")))->change, Typed(9, "z"));
  OtClientState awaiting = AnnAwaiting();
  EXPECT_EQ(awaiting.OnCommitted(ByBob(6, Typed(9, "z")))->change, Typed(11, "z"));
  OtClientState buffering = AnnAwaitingWithBuffer();
  EXPECT_EQ(buffering.OnCommitted(ByBob(6, Typed(9, "z")))->change, Typed(13, "z"));
  for (const OtClientState* state : {&synchronized, &awaiting, &buffering}) {
    EXPECT_EQ(state->revision(), 6U);
    state->CheckInvariants();
  }
  EXPECT_EQ(buffering.local_length(), 15U);
}

TEST(OtClientStateTest, WhereBothInsertTheOwnTextComesFirstAsOnTheServer) {
  OtClientState ann = AnnAwaiting();
  EXPECT_EQ(ann.OnCommitted(ByBob(6, Typed(2, "z")))->change, Typed(4, "z"));
}

TEST(OtClientStateTest, WhatIsInFlightIsResentAsItWasSentFirst) {
  OtClientState ann = AnnAwaiting();
  const std::optional<OtSubmission> sent = ann.Resend();
  ASSERT_TRUE(sent.has_value());
  (void)*ann.OnCommitted(ByBob(6, Typed(0, "zzz")));
  (void)*ann.Edit(Typed(0, "later"));
  EXPECT_EQ(ann.Resend(), sent);
  EXPECT_EQ(ann.Save().in_flight_now, Typed(5, "aa"));
  (void)*ann.OnAcknowledged(1, 7);
  EXPECT_EQ(ann.Resend()->seq, 2U);
  EXPECT_EQ(ann.Resend()->base, 7U);
}

TEST(OtClientStateTest, AnOwnCommitActsAsTheAcknowledgement) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.OnCommitted(ByBob(6, Typed(0, "z")));
  const OtClientEffects effects =
      *ann.OnCommitted({.revision = 7, .client = kAnn, .seq = 1, .operation = Typed(3, "aa")});
  EXPECT_TRUE(effects.change.empty());
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 2, .base = 7, .operation = Typed(5, "bb")}));
  EXPECT_TRUE(IsNothing(*ann.OnAcknowledged(1, 7)));
}

TEST(OtClientStateTest, NothingIsAppliedOutOfOrder) {
  OtClientState ann = AnnAwaiting();
  EXPECT_EQ(ann.OnCommitted(ByBob(8, Typed(0, "z")))->missing, (OtMissing{.after = 5, .up_to = 8}));
  EXPECT_EQ(ann.OnAcknowledged(1, 7)->missing, (OtMissing{.after = 5, .up_to = 7}));
  EXPECT_EQ(ann.OnRevision(9)->missing, (OtMissing{.after = 5, .up_to = 9}));
  EXPECT_EQ(ann.revision(), 5U);
  EXPECT_EQ(ann.state(), State::kAwaiting);
}

TEST(OtClientStateTest, OldAndRepeatedFramesChangeNothing) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.OnAcknowledged(1, 6);
  (void)*ann.OnCommitted(ByBob(7, Typed(0, "z")));
  const OtSavedClient before = ann.Save();
  EXPECT_TRUE(IsNothing(*ann.OnCommitted(ByBob(7, Typed(0, "z")))));
  EXPECT_TRUE(IsNothing(*ann.OnCommitted(ByBob(3, Typed(0, "z")))));
  EXPECT_TRUE(IsNothing(
      *ann.OnCommitted({.revision = 6, .client = kAnn, .seq = 1, .operation = Typed(2, "aa")})));
  EXPECT_TRUE(IsNothing(*ann.OnAcknowledged(1, 6)));
  EXPECT_TRUE(IsNothing(*ann.OnRefused(1, ErrorCode::kSuperseded)));
  EXPECT_TRUE(IsNothing(*ann.OnRevision(7)));
  EXPECT_TRUE(IsNothing(*ann.OnHorizon(7)));
  EXPECT_FALSE(*ann.OnSnapshot(9, 3));
  EXPECT_EQ(ann.Save(), before);
}

TEST(OtClientStateTest, AnswersToWhatWasNeverSentAreErrors) {
  OtClientState ann = AnnAwaiting();
  EXPECT_EQ(CodeOf(ann.OnAcknowledged(2, 6)), ErrorCode::kUnexpectedAnswer);
  EXPECT_EQ(CodeOf(ann.OnAcknowledged(0, 6)), ErrorCode::kUnexpectedAnswer);
  EXPECT_EQ(CodeOf(ann.OnRefused(2, ErrorCode::kTooOld)), ErrorCode::kUnexpectedAnswer);
  EXPECT_EQ(CodeOf(ann.OnAcknowledged(1, 5)), ErrorCode::kDiverged);
  EXPECT_EQ(CodeOf(ann.OnCommitted({.revision = 6, .client = kAnn, .seq = 2, .operation = {}})),
            ErrorCode::kReplicaConflict);
  EXPECT_EQ(CodeOf(ann.OnCommitted(
                {.revision = 6, .client = kAnn, .seq = 1, .operation = Typed(2, "ab")})),
            ErrorCode::kDiverged);
  EXPECT_EQ(CodeOf(ann.OnCommitted(ByBob(6, Delta().Retain(10).Delete(1)))), ErrorCode::kDiverged);
  EXPECT_EQ(ann.Save(), AnnAwaiting().Save());
}

TEST(OtClientStateTest, DeletedTextsOfACommitAreNotHeldAgainstThoseInFlight) {
  OtClientState ann = Ann();
  (void)*ann.Edit(Delta().DeleteText("a"));
  EXPECT_TRUE(ann.OnCommitted(ByBob(6, Delta().DeleteText("b")))->change.empty());
  EXPECT_EQ(ann.local_length(), 9U);
}

TEST(OtClientStateTest, EditsThatDoNotFitTheLocalTextAreErrors) {
  OtClientState ann = AnnAwaiting();
  EXPECT_EQ(CodeOf(ann.Edit(Delta().Delete(13))), ErrorCode::kDeltaMismatch);
  EXPECT_EQ(CodeOf(ann.Edit(Delta().Retain(2).Delete(1).Retain(10).Insert("x"))),
            ErrorCode::kDeltaMismatch);
  (void)*ann.Edit(Typed(0, "b"));
  EXPECT_EQ(CodeOf(ann.Edit(Delta().DeleteText("c"))), ErrorCode::kDeltaMismatch);
  EXPECT_EQ(ann.Save().buffer, Typed(0, "b"));
  OtClientState full(kAnn, 0, OtClientState::kMaxTextLength);
  EXPECT_EQ(CodeOf(full.Edit(Typed(0, "x"))), ErrorCode::kTooLarge);
}

TEST(OtClientStateTest, ARefusedSubmissionIsHandedBackWithTheBufferAsOneOperation) {
  for (const ErrorCode code : {ErrorCode::kDeltaMismatch, ErrorCode::kTooLarge}) {
    OtClientState ann = AnnAwaitingWithBuffer();
    (void)*ann.OnCommitted(ByBob(6, Typed(0, "z")));
    const OtClientEffects effects = *ann.OnRefused(1, code);
    ASSERT_TRUE(effects.returned.has_value());
    EXPECT_EQ(effects.returned->operation, Typed(3, "aabb"));
    EXPECT_EQ(effects.returned->revision, 6U);
    EXPECT_FALSE(effects.returned->follows_in_flight);
    EXPECT_FALSE(effects.send.has_value());
    EXPECT_EQ(ann.state(), State::kNeedsSnapshot);
    EXPECT_EQ(CodeOf(ann.Edit(Typed(0, "x"))), ErrorCode::kTooOld);
    EXPECT_TRUE(IsNothing(*ann.OnCommitted(ByBob(7, Typed(0, "z")))));
    EXPECT_FALSE(*ann.OnSnapshot(5, 10));
    EXPECT_TRUE(*ann.OnSnapshot(8, 12));
    EXPECT_EQ(ann.Edit(Typed(12, "x"))->send,
              (OtSubmission{.client = kAnn, .seq = 2, .base = 8, .operation = Typed(12, "x")}));
  }
}

TEST(OtClientStateTest, ABufferThatDeletesAnotherTextThanItSaysIsStillHandedBack) {
  OtClientState ann = AnnAwaiting();
  (void)*ann.Edit(Delta().Retain(2).DeleteText("xa"));  // It is "aa".
  const OtClientEffects effects = *ann.OnRefused(1, ErrorCode::kTooLarge);
  ASSERT_TRUE(effects.returned.has_value());
  EXPECT_TRUE(effects.returned->operation.empty());
}

TEST(OtClientStateTest, WhereTheIdCannotGoOnTheClientStops) {
  for (const ErrorCode code :
       {ErrorCode::kUnknownRevision, ErrorCode::kSequenceGap, ErrorCode::kReplicaConflict,
        ErrorCode::kSuperseded, ErrorCode::kInvalidId}) {
    OtClientState ann = AnnAwaitingWithBuffer();
    const OtClientEffects effects = *ann.OnRefused(1, code);
    ASSERT_TRUE(effects.returned.has_value());
    EXPECT_EQ(effects.returned->operation, Typed(2, "aabb"));
    EXPECT_EQ(ann.state(), State::kStopped);
    EXPECT_EQ(CodeOf(ann.Edit(Typed(0, "x"))), ErrorCode::kClientStopped);
    EXPECT_EQ(CodeOf(ann.OnCommitted(ByBob(6, Delta()))), ErrorCode::kClientStopped);
    EXPECT_EQ(CodeOf(ann.OnAcknowledged(1, 6)), ErrorCode::kClientStopped);
    EXPECT_EQ(CodeOf(ann.OnSnapshot(9, 9)), ErrorCode::kClientStopped);
  }
}

TEST(OtClientStateTest, GivingUpHandsEverythingBack) {
  OtClientState ann = AnnAwaitingWithBuffer();
  EXPECT_EQ(ann.GiveUp().operation, Typed(2, "aabb"));
  EXPECT_EQ(ann.state(), State::kStopped);
  EXPECT_FALSE(ann.Resend().has_value());
}

TEST(OtClientStateTest, ATooOldSubmissionOfAClientThatHasFollowedIsSubmittedAnew) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.OnCommitted(ByBob(6, Typed(0, "z")));
  const OtClientEffects effects = *ann.OnRefused(1, ErrorCode::kTooOld);
  EXPECT_FALSE(effects.returned.has_value());
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 2, .base = 6, .operation = Typed(3, "aabb")}));
  EXPECT_EQ(ann.edits_in_flight(), 2U);
  EXPECT_EQ(ann.state(), State::kAwaiting);
  ann.CheckInvariants();
}

TEST(OtClientStateTest, ATooOldSubmissionThatHasComeToNothingIsForgotten) {
  OtClientState ann = Ann();
  (void)*ann.Edit(Delta().Delete(1));
  (void)*ann.OnCommitted(ByBob(6, Delta().Delete(1)));
  EXPECT_TRUE(IsNothing(*ann.OnRefused(1, ErrorCode::kTooOld)));
  EXPECT_EQ(ann.state(), State::kSynchronized);
  EXPECT_EQ(ann.edits_in_flight(), 0U);
  ann.CheckInvariants();
}

TEST(OtClientStateTest, ATooOldSubmissionOfAClientAsOldIsHandedBack) {
  OtClientState ann = AnnAwaitingWithBuffer();
  const OtClientEffects effects = *ann.OnRefused(1, ErrorCode::kTooOld);
  ASSERT_TRUE(effects.returned.has_value());
  EXPECT_EQ(effects.returned->operation, Typed(2, "aabb"));
  EXPECT_EQ(effects.returned->revision, 5U);
  EXPECT_EQ(ann.state(), State::kNeedsSnapshot);
}

TEST(OtClientStateTest, BehindTheHorizonTheClientLearnsWhatBecameOfItsSubmission) {
  OtClientState ann = AnnAwaitingWithBuffer();
  EXPECT_EQ(ann.OnHorizon(20)->send, ann.Resend());
  const OtClientEffects effects = *ann.OnAcknowledged(1, 8);
  ASSERT_TRUE(effects.returned.has_value());
  EXPECT_EQ(effects.returned->operation, Typed(4, "bb"));
  EXPECT_EQ(effects.returned->revision, 5U);
  EXPECT_TRUE(effects.returned->follows_in_flight);
  EXPECT_EQ(ann.state(), State::kNeedsSnapshot);
  EXPECT_FALSE(*ann.OnSnapshot(19, 10));
  EXPECT_TRUE(*ann.OnSnapshot(20, 10));
  EXPECT_EQ(ann.state(), State::kSynchronized);
}

TEST(OtClientStateTest, BehindTheHorizonWithNothingPendingTheClientNeedsASnapshot) {
  OtClientState ann = Ann();
  EXPECT_TRUE(IsNothing(*ann.OnHorizon(6)));
  EXPECT_EQ(ann.state(), State::kNeedsSnapshot);
}

TEST(OtClientStateTest, WhoseSubmissionIsTheLastThatItCanFollowNeedsASnapshotBehindIt) {
  OtClientState ann = AnnAwaiting();
  EXPECT_EQ(ann.OnHorizon(20)->send, ann.Resend());
  EXPECT_TRUE(IsNothing(*ann.OnAcknowledged(1, 6)));
  EXPECT_EQ(ann.revision(), 6U);
  EXPECT_EQ(ann.state(), State::kNeedsSnapshot);
  EXPECT_TRUE(*ann.OnSnapshot(20, 10));
  EXPECT_EQ(ann.state(), State::kSynchronized);
}

TEST(OtClientStateTest, DelayedCommitsMayStillBringTheClientPastTheHorizon) {
  OtClientState ann = AnnAwaiting();
  (void)*ann.OnHorizon(7);
  EXPECT_EQ(ann.OnCommitted(ByBob(9, Delta()))->send, ann.Resend());
  (void)*ann.OnCommitted(ByBob(6, Typed(0, "z")));
  (void)*ann.OnCommitted(ByBob(7, Typed(0, "z")));
  EXPECT_EQ(ann.OnCommitted(ByBob(9, Delta()))->missing, (OtMissing{.after = 7, .up_to = 9}));
}

TEST(OtClientStateTest, AnOwnCommitThatASnapshotDidNotHoldYetIsLikeAnybodys) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.OnHorizon(7);
  (void)*ann.OnAcknowledged(1, 9);
  EXPECT_TRUE(*ann.OnSnapshot(8, 10));  // It was under way before.
  (void)*ann.Edit(Typed(0, "c"));
  const OtCommit own{.revision = 9, .client = kAnn, .seq = 1, .operation = Typed(2, "aa")};
  EXPECT_EQ(ann.OnCommitted(own)->change, Typed(3, "aa"));
  EXPECT_EQ(ann.state(), State::kAwaiting);
}

TEST(OtClientStateTest, AForgottenClientThatHasFollowedEverythingSubmitsAnew) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.OnCommitted(ByBob(6, Typed(0, "z")));
  const OtClientEffects effects = *ann.OnForgotten(1, 6);
  EXPECT_FALSE(effects.returned.has_value());
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 2, .base = 6, .operation = Typed(3, "aabb")}));
  EXPECT_EQ(ann.edits_in_flight(), 2U);
  EXPECT_TRUE(IsNothing(*ann.OnForgotten(1, 6)));
  ann.CheckInvariants();
}

TEST(OtClientStateTest, AForgottenClientFollowsFirstAndThenSubmitsAnew) {
  OtClientState ann = AnnAwaiting();
  EXPECT_EQ(ann.OnForgotten(1, 7)->missing, (OtMissing{.after = 5, .up_to = 7}));
  EXPECT_EQ(ann.OnForgotten(1, 6)->missing, (OtMissing{.after = 5, .up_to = 6}));
  EXPECT_FALSE(ann.OnCommitted(ByBob(6, Typed(0, "z")))->send.has_value());
  const OtClientEffects effects = *ann.OnCommitted(ByBob(7, Typed(0, "z")));
  EXPECT_EQ(effects.change, Typed(0, "z"));
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 2, .base = 7, .operation = Typed(4, "aa")}));
  EXPECT_FALSE(ann.OnCommitted(ByBob(8, Typed(0, "z")))->send.has_value());
}

TEST(OtClientStateTest, AForgottenClientThatMeetsItsOwnCommitWasAcknowledged) {
  OtClientState ann = AnnAwaitingWithBuffer();
  (void)*ann.OnForgotten(1, 7);
  const OtClientEffects effects =
      *ann.OnCommitted({.revision = 6, .client = kAnn, .seq = 1, .operation = Typed(2, "aa")});
  EXPECT_EQ(effects.send,
            (OtSubmission{.client = kAnn, .seq = 2, .base = 6, .operation = Typed(4, "bb")}));
  EXPECT_FALSE(ann.OnCommitted(ByBob(7, Typed(0, "z")))->send.has_value());
  ann.CheckInvariants();
}

TEST(OtClientStateTest, AForgottenClientThatCannotFollowHandsBackInDoubt) {
  OtClientState ann = AnnAwaitingWithBuffer();
  EXPECT_EQ(ann.OnHorizon(8)->send, ann.Resend());
  const OtClientEffects effects = *ann.OnForgotten(1, 12);
  ASSERT_TRUE(effects.returned.has_value());
  EXPECT_EQ(effects.returned->operation, Typed(2, "aabb"));
  EXPECT_EQ(effects.returned->revision, 5U);
  EXPECT_FALSE(effects.returned->follows_in_flight);
  EXPECT_TRUE(effects.returned->may_be_committed);
  EXPECT_EQ(ann.state(), State::kNeedsSnapshot);
  EXPECT_FALSE(*ann.OnSnapshot(11, 10));  // It may lack what was committed as 12.
  EXPECT_TRUE(*ann.OnSnapshot(12, 10));
}

TEST(OtClientStateTest, ALongOperationIsSentInParts) {
  OtClientState ann(kAnn, 5, 10, {.max_submission_bytes = 19});
  const std::string text = "abcdefghijklmnop";
  const OtClientEffects effects = *ann.Edit(Typed(2, text + text));
  EXPECT_EQ(effects.send->operation, Typed(2, "abcdefgh"));
  EXPECT_EQ(ann.state(), State::kAwaitingWithBuffer);
  EXPECT_EQ(ann.edits_in_flight(), 1U);
  EXPECT_EQ(ann.edits_unsent(), 1U);
  EXPECT_EQ(
      ann.OnAcknowledged(1, 6)->send,
      (OtSubmission{.client = kAnn, .seq = 2, .base = 6, .operation = Typed(10, "ijklmnop")}));
  EXPECT_EQ(ann.edits_unsent(), 1U);
  EXPECT_EQ(ann.OnAcknowledged(2, 7)->send->operation, Typed(18, text));
  EXPECT_EQ(ann.edits_unsent(), 0U);
  EXPECT_TRUE(IsNothing(*ann.OnAcknowledged(3, 8)));
  EXPECT_EQ(ann.state(), State::kSynchronized);
  EXPECT_EQ(ann.local_length(), 42U);
  ann.CheckInvariants();
}

TEST(OtClientStateTest, ASnapshotBringsAClientForwardThatHasNothingPending) {
  OtClientState ann = Ann();
  EXPECT_FALSE(*ann.OnSnapshot(5, 10));
  EXPECT_TRUE(*ann.OnSnapshot(7, 3));
  EXPECT_EQ(ann.revision(), 7U);
  EXPECT_EQ(ann.local_length(), 3U);
}

TEST(OtClientStateTest, ATextThatDiffersAtARevisionIsADivergence) {
  OtClientState ann(kAnn, 5, 2);
  const TextBuffer text = *TextBuffer::FromText("ab");
  EXPECT_TRUE(*ann.OnTextHash(5, HashText(text), text));
  EXPECT_FALSE(*ann.OnTextHash(6, HashText(text) + 1, text));
  EXPECT_EQ(CodeOf(ann.OnTextHash(5, HashText(text) + 1, text)), ErrorCode::kDiverged);
  (void)*ann.Edit(Typed(0, "x"));
  EXPECT_FALSE(*ann.OnTextHash(5, HashText(text) + 1, text));
}

TEST(OtClientStateTest, PositionsOfOthersAreShownPastWhatIsPending) {
  const OtClientState ann = AnnAwaitingWithBuffer();  // "aabb" at 2.
  const auto local = [&ann](uint64_t position, Bias bias) {
    return ann.ToLocal(5, CodePointOffset{position}, bias);
  };
  EXPECT_EQ(local(1, Bias::kBefore), CodePointOffset{1});
  EXPECT_EQ(local(2, Bias::kBefore), CodePointOffset{2});
  EXPECT_EQ(local(2, Bias::kAfter), CodePointOffset{6});
  EXPECT_EQ(local(10, Bias::kBefore), CodePointOffset{14});
  EXPECT_EQ(local(11, Bias::kBefore), std::nullopt);
  EXPECT_EQ(ann.ToLocal(6, CodePointOffset{1}, Bias::kBefore), std::nullopt);
}

TEST(OtClientStateTest, OwnPositionsAreToldAsTheyAreWithoutWhatIsPending) {
  OtClientState ann = AnnAwaitingWithBuffer();  // "aabb" at 2.
  (void)*ann.Edit(Delta().Retain(8).Delete(1));
  const auto told = [&ann](uint64_t position, Bias bias) {
    return ann.FromLocal(CodePointOffset{position}, bias);
  };
  EXPECT_EQ(told(1, Bias::kBefore), CodePointOffset{1});
  for (const uint64_t inside : {3U, 4U, 5U}) {
    EXPECT_EQ(told(inside, Bias::kBefore), CodePointOffset{2});
    EXPECT_EQ(told(inside, Bias::kAfter), CodePointOffset{2});
  }
  EXPECT_EQ(told(8, Bias::kBefore), CodePointOffset{4});
  EXPECT_EQ(told(8, Bias::kAfter), CodePointOffset{5});
  EXPECT_EQ(told(13, Bias::kBefore), CodePointOffset{10});
  EXPECT_EQ(told(14, Bias::kBefore), std::nullopt);
  (void)ann.GiveUp();
  EXPECT_EQ(told(0, Bias::kBefore), std::nullopt);
}

TEST(OtClientStateTest, EveryStateComesBackFromWhatWasSaved) {
  OtClientState needs_snapshot = AnnAwaiting();
  (void)*needs_snapshot.OnRefused(1, ErrorCode::kTooOld);
  for (const OtClientState& ann : {Ann(), AnnAwaiting(), AnnAwaitingWithBuffer(), needs_snapshot}) {
    OtClientState again = *OtClientState::Restore(ann.Save());
    again.CheckInvariants();
    EXPECT_EQ(again.Save(), ann.Save());
    EXPECT_EQ(again.state(), ann.state());
    EXPECT_EQ(again.Resend(), ann.Resend());
  }
}

TEST(OtClientStateTest, SavedStatesThatContradictThemselvesAreRefused) {
  const OtSavedClient good = AnnAwaitingWithBuffer().Save();
  std::vector<OtSavedClient> bad(16, good);
  bad[0].client = OtClientId{0};
  bad[1].next_seq = 0;
  bad[2].next_seq = 3;
  bad[3].in_flight->client = kBob;
  bad[4].in_flight->base = 6;
  bad[5].in_flight.reset();
  bad[6].needs_snapshot = true;
  bad[7].edits_in_flight = 0;
  bad[8].edits_unsent = 0;
  bad[9].text_length = 1;
  bad[10].buffer = Delta().Delete(13);
  bad[11].text_length = UINT64_MAX;
  bad[12].revision = kOtCountLimit;
  bad[13].next_seq = kOtCountLimit;
  bad[13].in_flight->seq = kOtCountLimit - 1;
  bad[14].edits_in_flight = kOtCountLimit;
  bad[15].next_seq = 1;
  bad[15].in_flight->seq = 0;
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_EQ(CodeOf(OtClientState::Restore(bad[i])), ErrorCode::kMalformedState) << i;
  }
}

// The schedule that makes @codemirror/collab 6.1 diverge: there the authority transforms past the
// composition of Ann's two updates, while Bob's client transforms past one and then the other.
TEST(OtClientStateTest, TheDivergenceOfCodeMirrorsCollabConverges) {
  OtServerState server = *OtServerState::FromSnapshot(OtSnapshot{.text = "ab"});
  OtClientState ann(kAnn, 0, 2);
  OtClientState bob(kBob, 0, 2);
  std::string ann_text = "ab";
  std::string bob_text = "ab";
  const auto edit = [](OtClientState& client, std::string& text, const Delta& delta) {
    text = *Apply(delta, text);
    return client.Edit(delta)->send;
  };
  const auto hear = [](OtClientState& client, std::string& text, const OtCommit& commit) {
    text = *Apply(client.OnCommitted(commit)->change, text);
  };
  const OtSubmission inserted = *edit(ann, ann_text, Typed(1, "x"));
  const OtSubmission deleted = *edit(bob, bob_text, Delta().Retain(1).Delete(1));
  EXPECT_FALSE(edit(bob, bob_text, Typed(1, "y")).has_value());
  ASSERT_EQ(server.Apply(deleted).revision.value_or(0), 1U);
  const OtSubmission typed = *bob.OnAcknowledged(1, 1)->send;
  ASSERT_EQ(server.Apply(typed).revision.value_or(0), 2U);
  (void)*bob.OnAcknowledged(2, 2);
  ASSERT_EQ(server.Apply(inserted).revision.value_or(0), 3U);
  hear(ann, ann_text, server.CommitAt(1));
  hear(ann, ann_text, server.CommitAt(2));
  (void)*ann.OnAcknowledged(1, 3);
  hear(bob, bob_text, server.CommitAt(3));
  EXPECT_EQ(ann_text, "axy");
  EXPECT_EQ(bob_text, ann_text);
  EXPECT_EQ(server.text().Text(), ann_text);
}

}  // namespace
}  // namespace cotext
