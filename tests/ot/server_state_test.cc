#include "ot/server_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "ot/server_snapshot.h"
#include "ot/submission.h"
#include "ot/text_hash.h"
#include "ot/transform.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_hosts.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

constexpr OtClientId kAnn{1};
constexpr OtClientId kBob{2};
constexpr OtClientId kCid{3};

Delta Typed(uint64_t at, std::string_view text) { return Delta().Retain(at).Insert(text); }

OtSubmission By(OtClientId client, uint64_t seq, uint64_t base, Delta operation) {
  return OtSubmission{
      .client = client, .seq = seq, .base = base, .operation = std::move(operation)};
}

OtServerState StateOf(std::string text, const OtServerOptions& options = {}) {
  return *OtServerState::FromSnapshot(OtSnapshot{.text = std::move(text)}, options);
}

// Applies a submission that must be committed.
uint64_t Commit(OtServerState& state, const OtSubmission& submission) {
  const OtOutcome outcome = state.Apply(submission);
  EXPECT_TRUE(outcome.revision.has_value()) << outcome.revision.error().message;
  EXPECT_FALSE(outcome.is_duplicate);
  return outcome.revision.value_or(0);
}

ErrorCode RefusalOf(const OtOutcome& outcome) {
  EXPECT_FALSE(outcome.revision.has_value());
  return outcome.revision ? ErrorCode{} : outcome.revision.error().code;
}

TEST(OtServerStateTest, ASubmissionIsTransformedPastWhatItsAuthorDidNotKnow) {
  OtServerState state = StateOf("ab");
  EXPECT_EQ(Commit(state, By(kAnn, 1, 0, Typed(0, "xy"))), 1U);
  EXPECT_EQ(Commit(state, By(kBob, 1, 0, Delta().Retain(1).Delete(1))), 2U);
  EXPECT_EQ(state.text().Text(), "xya");
  EXPECT_EQ(
      state.CommitAt(2),
      (OtCommit{
          .revision = 2, .client = kBob, .seq = 1, .operation = Delta().Retain(3).Delete(1)}));
}

TEST(OtServerStateTest, AtOnePlaceTheLaterSubmissionComesFirst) {
  OtServerState state = StateOf("ab");
  Commit(state, By(kAnn, 1, 0, Typed(1, "1")));
  Commit(state, By(kBob, 1, 0, Typed(1, "2")));
  EXPECT_EQ(state.text().Text(), "a21b");
}

TEST(OtServerStateTest, HistoryIsPassedStepByStepAndNotComposed) {
  // Composed, the history would be an insert in front of the deleted character, behind which x is.
  OtServerState state = StateOf("a");
  Commit(state, By(kAnn, 1, 0, Delta().Delete(1)));
  Commit(state, By(kAnn, 2, 1, Typed(0, "x")));
  Commit(state, By(kBob, 1, 0, Typed(1, "y")));
  EXPECT_EQ(state.text().Text(), "yx");
}

TEST(OtServerStateTest, ADuplicateGetsTheFirstAnswerAndDoesNothing) {
  OtServerState state = StateOf("");
  const OtSubmission submission = By(kAnn, 1, 0, Typed(0, "a"));
  Commit(state, submission);
  Commit(state, By(kBob, 1, 1, Typed(1, "b")));
  for (int i = 0; i < 2; ++i) {
    const OtOutcome again = state.Apply(submission);
    EXPECT_TRUE(again.is_duplicate);
    EXPECT_EQ(again.revision.value_or(0), 1U);
  }
  EXPECT_EQ(state.text().Text(), "ab");
  EXPECT_EQ(state.revision(), 2U);
  EXPECT_EQ(state.log_position(), 4U);
}

TEST(OtServerStateTest, AnEmptyOperationTakesARevision) {
  OtServerState state = StateOf("a");
  Commit(state, By(kAnn, 1, 0, Delta().Delete(1)));
  EXPECT_EQ(Commit(state, By(kBob, 1, 0, Delta().Delete(1))), 2U);
  EXPECT_TRUE(state.CommitAt(2).operation.empty());
}

TEST(OtServerStateTest, ADuplicateIsKnownAfterItsCommitWasTruncated) {
  OtServerState state = StateOf("");
  const OtSubmission submission = By(kAnn, 1, 0, Typed(0, "a"));
  Commit(state, submission);
  ASSERT_TRUE(state.TruncateBefore(1).has_value());
  EXPECT_EQ(state.horizon(), 1U);
  const OtOutcome again = state.Apply(submission);
  EXPECT_TRUE(again.is_duplicate);
  EXPECT_EQ(again.revision.value_or(0), 1U);
  EXPECT_EQ(state.text().Text(), "a");
}

TEST(OtServerStateTest, WhatIsDecidedCanBeAnsweredWithoutTheLog) {
  OtServerState state = StateOf("");
  const OtSubmission submission = By(kAnn, 1, 0, Typed(0, "a"));
  EXPECT_FALSE(state.FindDecided(submission).has_value());
  Commit(state, submission);
  const std::optional<OtOutcome> found = state.FindDecided(submission);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->revision.value_or(0), 1U);
  EXPECT_TRUE(found->is_duplicate);
  EXPECT_EQ(state.log_position(), 1U);
}

TEST(OtServerStateTest, ARefusalStaysDecidedEvenIfItWouldBeAcceptedNow) {
  OtServerState state = StateOf("");
  const OtSubmission early = By(kAnn, 1, 0, Delta().Delete(1));
  EXPECT_EQ(RefusalOf(state.Apply(early)), ErrorCode::kDeltaMismatch);
  const OtSubmission newer = By(kBob, 1, 1, Typed(0, "b"));
  EXPECT_EQ(RefusalOf(state.Apply(newer)), ErrorCode::kUnknownRevision);
  EXPECT_EQ(Commit(state, By(kAnn, 2, 0, Typed(0, "ab"))), 1U);
  const OtOutcome again = state.Apply(newer);
  EXPECT_TRUE(again.is_duplicate);
  EXPECT_EQ(RefusalOf(again), ErrorCode::kUnknownRevision);
  EXPECT_EQ(state.text().Text(), "ab");
  EXPECT_EQ(Commit(state, By(kBob, 2, 1, Typed(0, "b"))), 2U);
}

TEST(OtServerStateTest, AGapIsRefusedAndDecidesNothing) {
  OtServerState state = StateOf("");
  const OtSubmission second = By(kAnn, 2, 0, Typed(0, "b"));
  EXPECT_EQ(RefusalOf(state.Apply(second)), ErrorCode::kSequenceGap);
  EXPECT_EQ(state.client_count(), 0U);
  Commit(state, By(kAnn, 1, 0, Typed(0, "a")));
  EXPECT_EQ(Commit(state, second), 2U);
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 4, 2, Delta()))), ErrorCode::kSequenceGap);
}

TEST(OtServerStateTest, AnOlderSubmissionThanTheLastIsSuperseded) {
  OtServerState state = StateOf("");
  const OtSubmission first = By(kAnn, 1, 0, Typed(0, "a"));
  Commit(state, first);
  Commit(state, By(kAnn, 2, 1, Typed(0, "b")));
  EXPECT_EQ(RefusalOf(state.Apply(first)), ErrorCode::kSuperseded);
  EXPECT_EQ(state.text().Text(), "ba");
}

TEST(OtServerStateTest, TwoSubmissionsUnderOneNumberAreAConflict) {
  OtServerState state = StateOf("");
  Commit(state, By(kAnn, 1, 0, Typed(0, "a")));
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 1, 0, Typed(0, "b")))), ErrorCode::kReplicaConflict);
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 1, 1, Typed(0, "a")))), ErrorCode::kReplicaConflict);
  EXPECT_EQ(state.text().Text(), "a");
}

TEST(OtServerStateTest, IdsOutOfTheirRangeAreRefused) {
  OtServerState state = StateOf("");
  for (const auto& [client, seq] : std::vector<std::pair<uint64_t, uint64_t>>{
           {0, 1}, {kOtIdLimit, 1}, {1, 0}, {1, kOtIdLimit}, {UINT64_MAX, UINT64_MAX}}) {
    EXPECT_EQ(RefusalOf(state.Apply(By(OtClientId{client}, seq, 0, Typed(0, "a")))),
              ErrorCode::kInvalidId);
  }
  EXPECT_EQ(state.client_count(), 0U);
}

TEST(OtServerStateTest, ABaseBeforeTheHorizonIsTooOld) {
  OtServerState state = StateOf("");
  for (uint64_t i = 0; i < 3; ++i) Commit(state, By(kAnn, i + 1, i, Typed(0, "a")));
  ASSERT_TRUE(state.TruncateBefore(2).has_value());
  EXPECT_EQ(RefusalOf(state.Apply(By(kBob, 1, 1, Typed(0, "b")))), ErrorCode::kTooOld);
  EXPECT_EQ(Commit(state, By(kBob, 2, 2, Typed(0, "b"))), 4U);
  ASSERT_TRUE(state.TruncateBefore(1).has_value());
  EXPECT_EQ(state.horizon(), 2U);
  EXPECT_EQ(state.TruncateBefore(5).error().code, ErrorCode::kUnknownRevision);
  EXPECT_EQ(state.horizon(), 2U);
}

TEST(OtServerStateTest, AnOperationLongerThanItsBaseIsRefusedThoughTheTextHasGrownSince) {
  OtServerState state = StateOf("a");
  Commit(state, By(kAnn, 1, 0, Typed(0, "xyz")));
  EXPECT_EQ(RefusalOf(state.Apply(By(kBob, 1, 0, Delta().Delete(2)))), ErrorCode::kDeltaMismatch);
  EXPECT_EQ(RefusalOf(state.Apply(By(kBob, 2, 1, Delta().Retain(5).Insert("b")))),
            ErrorCode::kDeltaMismatch);
  EXPECT_EQ(RefusalOf(state.Apply(By(kBob, 3, 0, Delta().Delete(Delta::kMaxLength)))),
            ErrorCode::kDeltaMismatch);
}

TEST(OtServerStateTest, DeletedTextsAreCheckedWhereTheyAreCarried) {
  OtServerState state = StateOf("abc");
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 1, 0, Delta().DeleteText("b")))),
            ErrorCode::kDeltaMismatch);
  Commit(state, By(kAnn, 2, 0, Delta().DeleteText("a")));
  EXPECT_EQ(RefusalOf(state.Apply(By(kBob, 1, 0, Delta().DeleteText("b")))),
            ErrorCode::kDeltaMismatch);
  Commit(state, By(kBob, 2, 0, Delta().DeleteText("ab")));
  EXPECT_EQ(state.text().Text(), "c");
  EXPECT_EQ(state.CommitAt(2).operation, Delta().DeleteText("b"));
}

TEST(OtServerStateTest, ATextPastTheMaximumIsRefused) {
  OtServerState state = StateOf("", {.max_text_bytes = 4});
  Commit(state, By(kAnn, 1, 0, Typed(0, "abcd")));
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 2, 1, Typed(0, "e")))), ErrorCode::kTooLarge);
  EXPECT_EQ(Commit(state, By(kAnn, 3, 1, Typed(0, "\xc3\xa9").Delete(2))), 2U);
}

TEST(OtServerStateTest, TheClientOfTheOldestLastDecisionIsForgotten) {
  OtServerState state = StateOf("", {.max_clients = 2});
  const OtSubmission by_ann = By(kAnn, 1, 0, Typed(0, "a"));
  Commit(state, by_ann);
  Commit(state, By(kBob, 1, 1, Typed(0, "b")));
  Commit(state, By(kAnn, 2, 2, Typed(0, "a")));
  EXPECT_EQ(state.forgotten_below(), 0U);
  Commit(state, By(kCid, 1, 3, Typed(0, "c")));
  EXPECT_EQ(state.client_count(), 2U);
  EXPECT_EQ(state.forgotten_below(), 3U);  // Bob's last was revision 2.
  EXPECT_TRUE(state.FindDecided(By(kAnn, 2, 2, Typed(0, "a")))->revision.has_value());
  EXPECT_FALSE(state.FindDecided(By(kBob, 1, 1, Typed(0, "b"))).has_value());
  state.CheckInvariants();
}

TEST(OtServerStateTest, WhatAForgottenClientResendsIsNotAppliedAgain) {
  OtServerState state = StateOf("", {.max_clients = 1});
  const OtSubmission by_ann = By(kAnn, 1, 0, Typed(0, "a"));
  Commit(state, by_ann);
  Commit(state, By(kBob, 1, 1, Typed(0, "b")));
  for (const bool is_truncated : {false, true}) {
    if (is_truncated) ASSERT_TRUE(state.TruncateBefore(2).has_value());
    const OtOutcome again = state.Apply(by_ann);
    EXPECT_EQ(RefusalOf(again), ErrorCode::kClientForgotten);
    EXPECT_FALSE(again.is_duplicate);
    EXPECT_EQ(state.text().Text(), "ba");
    EXPECT_EQ(state.client_count(), 1U);
  }
  // So is what cannot be told from it, of whomever.
  EXPECT_EQ(RefusalOf(state.Apply(By(kCid, 1, 1, Typed(0, "c")))), ErrorCode::kClientForgotten);
}

TEST(OtServerStateTest, AForgottenClientGoesOnUnderItsNextNumber) {
  OtServerState state = StateOf("", {.max_clients = 1});
  Commit(state, By(kAnn, 1, 0, Typed(0, "a")));
  Commit(state, By(kBob, 1, 1, Typed(0, "b")));
  EXPECT_EQ(Commit(state, By(kAnn, 2, 2, Typed(0, "c"))), 3U);
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 1, 0, Typed(0, "a")))), ErrorCode::kSuperseded);
  EXPECT_EQ(RefusalOf(state.Apply(By(kAnn, 4, 3, Typed(0, "d")))), ErrorCode::kSequenceGap);
}

// An author who is up to date may always write, however many others were refused just now.
TEST(OtServerStateTest, RefusalsShutNobodyOut) {
  OtServerState state = StateOf("", {.max_clients = 2});
  const OtSubmission by_ann = By(kAnn, 1, 0, Typed(0, "a"));
  Commit(state, by_ann);
  for (uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(RefusalOf(state.Apply(By(OtClientId{100 + i}, 1, 1, Delta().Delete(9)))),
              ErrorCode::kDeltaMismatch);
  }
  EXPECT_EQ(state.forgotten_below(), 1U);
  EXPECT_EQ(RefusalOf(state.Apply(by_ann)), ErrorCode::kClientForgotten);
  EXPECT_EQ(Commit(state, By(kBob, 1, 1, Typed(0, "b"))), 2U);
  EXPECT_EQ(Commit(state, By(kAnn, 2, 2, Typed(0, "c"))), 3U);
  state.CheckInvariants();
}

TEST(OtServerStateTest, OneClientAtLeastIsRemembered) {
  OtServerState state = StateOf("", {.max_clients = 0});
  Commit(state, By(kAnn, 1, 0, Typed(0, "a")));
  EXPECT_EQ(state.client_count(), 1U);
}

TEST(OtServerStateTest, CommitsAreServedFromTheHorizonOnInPieces) {
  OtServerState state = StateOf("");
  for (uint64_t i = 0; i < 5; ++i) Commit(state, By(kAnn, i + 1, i, Typed(i, "a")));
  ASSERT_TRUE(state.TruncateBefore(1).has_value());
  const std::vector<OtCommit> commits = state.CommittedSince(2, 2).value();
  ASSERT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits[0], state.CommitAt(3));
  EXPECT_EQ(commits[1], state.CommitAt(4));
  EXPECT_EQ(state.CommittedSince(1, 100)->size(), 4U);
  EXPECT_TRUE(state.CommittedSince(5, 100)->empty());
  EXPECT_EQ(state.CommittedSince(0, 1).error().code, ErrorCode::kTooOld);
  EXPECT_EQ(state.CommittedSince(6, 1).error().code, ErrorCode::kUnknownRevision);
}

TEST(OtServerStateTest, EveryFewRevisionsTheTextIsHashed) {
  OtServerState state = StateOf("", {.hash_interval = 2});
  for (uint64_t i = 0; i < 5; ++i) Commit(state, By(kAnn, i + 1, i, Typed(i, "a")));
  EXPECT_FALSE(state.HashAt(1).has_value());
  EXPECT_FALSE(state.HashAt(3).has_value());
  EXPECT_EQ(state.HashAt(4), HashText(*TextBuffer::FromText("aaaa")));
  ASSERT_TRUE(state.TruncateBefore(4).has_value());
  EXPECT_FALSE(state.HashAt(2).has_value());
  EXPECT_TRUE(state.HashAt(4).has_value());
}

TEST(OtServerStateTest, ALongTextIsHashedMoreRarely) {
  OtServerState state = StateOf(std::string(2000, 'x'), {.hash_interval = 2});
  for (uint64_t i = 0; i < 16; ++i) Commit(state, By(kAnn, i + 1, i, Typed(0, "a")));
  for (uint64_t i = 0; i <= 16; ++i) {
    EXPECT_EQ(state.HashAt(i).has_value(), i == 8 || i == 16) << i;  // 8 * 256 > 2016
  }
}

TEST(OtServerStateTest, TheTextHashIsXxh64OfItsBytes) {
  // The reference value of the algorithm for no bytes.
  EXPECT_EQ(HashText(TextBuffer()), 0xef46db3751d8e999U);
  EXPECT_EQ(HashText(*TextBuffer::FromText("a")), 0xd24ec4f1a98c6e5bU);
}

TEST(OtServerStateTest, SnapshotsThatContradictThemselvesAreRefused) {
  OtServerState state = StateOf("ab", {.hash_interval = 1});
  Commit(state, By(kAnn, 1, 0, Typed(0, "x")));
  Commit(state, By(kBob, 1, 1, Delta().Delete(2)));
  (void)state.Apply(By(kBob, 2, 9, Delta()));
  const OtSnapshot good = state.Snapshot();
  ASSERT_TRUE(OtServerState::FromSnapshot(good).has_value());
  std::vector<OtSnapshot> bad(16, good);
  bad[0].log_position = 1;
  std::swap(bad[1].decisions[0], bad[1].decisions[1]);
  bad[2].decisions[0].client = OtClientId{0};
  bad[3].decisions[0].revision = 3;
  bad[4].decisions[0].revision = 0;
  bad[5].decisions[1].refusal = ErrorCode::kSequenceGap;
  bad[6].history[0].revision = 2;
  bad[7].history[1].operation = Typed(5, "abc");
  bad[8].history[0].client = OtClientId{3};
  bad[9].hashes[1].hash ^= 1U;
  std::swap(bad[10].hashes[0], bad[10].hashes[1]);
  bad[11].decisions[0].seq = 0;
  bad[12].forgotten_below = 3;
  bad[13].log_position = kOtCountLimit;
  bad[14].history[1].seq = 3;
  bad[15].decisions[1].revision = 1;
  for (size_t i = 0; i < bad.size(); ++i) {
    const Expected<OtServerState> loaded = OtServerState::FromSnapshot(bad[i]);
    ASSERT_FALSE(loaded.has_value()) << i;
    EXPECT_EQ(loaded.error().code, ErrorCode::kMalformedState) << i;
  }
  OtSnapshot no_text = good;
  no_text.text = "\xff";
  EXPECT_EQ(OtServerState::FromSnapshot(no_text).error().code, ErrorCode::kInvalidUtf8);
  EXPECT_EQ(OtServerState::FromSnapshot(good, {.max_clients = 1}).error().code,
            ErrorCode::kTooManyClients);
}

// A submission of anything: a repeated, an impossible, an old one, or most of the time a right one.
OtSubmission AnySubmission(Random& random, const OtLog& log, const NaiveOtServer& naive,
                           std::vector<uint64_t>& next) {
  if (!log.empty() && random.Chance(15)) {
    const auto* repeated = std::get_if<OtSubmission>(&log[random.Below(log.size())]);
    if (repeated != nullptr) return *repeated;
  }
  const size_t client = random.Below(next.size());
  const uint64_t last = naive.texts().size() - 1;
  const uint64_t base =
      random.Chance(5) ? last + 1 : last - random.Below(std::min<uint64_t>(last, 6) + 1);
  Delta operation =
      random.Chance(90)
          ? RandomDelta(random, naive.texts()[std::min(base, last)], DeletedText::kSome)
          : RandomDelta(random, "some text that is not there", DeletedText::kSome);
  OtSubmission submission = By(OtClientId{client + 1}, next[client], base, std::move(operation));
  random.Chance(5) ? ++submission.seq : ++next[client];
  return submission;
}

TEST(OtServerStateTest, StateIsAFunctionOfTheLogFromAnySnapshotOn) {
  uint64_t committed = 0;
  uint64_t forgotten = 0;
  ForEachSeed(600, [&](Random& random) {
    const OtServerOptions options{.max_text_bytes = 60,
                                  .max_clients = random.Between(1, 4),
                                  .hash_interval = random.Between(1, 3)};
    OtServerState state(options);
    NaiveOtServer naive("", options.max_clients);
    OtLog log;
    std::vector<uint64_t> next(3, 1);
    std::vector<OtSnapshot> snapshots;
    for (int i = 0; i < 40; ++i) {
      snapshots.push_back(state.Snapshot());
      if (random.Chance(10)) {
        log.emplace_back(OtTruncation{random.Below(state.revision() + 2)});
        ApplyLog(log, log.size() - 1, state);
        naive.TruncateBefore(std::get<OtTruncation>(log.back()).revision);
        continue;
      }
      const OtSubmission submission = AnySubmission(random, log, naive, next);
      log.emplace_back(submission);
      const OtOutcome outcome = state.Apply(submission);
      state.CheckInvariants();
      // The naive one knows no maximum.
      if (!outcome.is_duplicate && !outcome.revision &&
          outcome.revision.error().code == ErrorCode::kTooLarge) {
        naive.Refuse(submission);
        continue;
      }
      const std::optional<Expected<uint64_t>> expected = naive.Apply(submission);
      const bool is_known = outcome.is_duplicate;
      ASSERT_EQ(is_known, !expected.has_value());
      if (!expected) continue;
      ASSERT_EQ(outcome.revision.has_value(), expected->has_value());
      if (*expected) {
        ++committed;
        ASSERT_EQ(*outcome.revision, **expected);
      } else {
        ASSERT_EQ(outcome.revision.error().code, expected->error().code);
        forgotten += expected->error().code == ErrorCode::kClientForgotten;
      }
      ASSERT_EQ(state.text().Text(), naive.text());
    }
    const OtSnapshot end = state.Snapshot();
    for (const OtSnapshot& snapshot : snapshots) {
      OtServerState again = *OtServerState::FromSnapshot(snapshot, options);
      ApplyLog(log, static_cast<size_t>(snapshot.log_position), again);
      ASSERT_EQ(again.Snapshot(), end);
    }
  });
  EXPECT_GT(committed, 5000U);
  EXPECT_GT(forgotten, 500U);
}

TEST(OtServerStateTest, ALongAbsenceIsCaughtUpAsIfStepByStep) {
  constexpr uint64_t kLag = 20000;
  Random random(7);
  std::string base;
  for (int i = 0; i < 2000; ++i) base += "abcdefghij";
  OtServerState state = StateOf(base);
  Delta late;
  for (int i = 0; i < 1000; ++i) late.Retain(9).Insert("X").Delete(1);
  Delta expected = late;
  for (uint64_t i = 0; i < kLag; ++i) {
    const uint64_t length = state.text().metrics().code_points;
    Delta edit;
    if (i % 20 != 0) {
      edit = Typed(length, "z");  // Behind all that Bob does.
    } else if (random.Chance(70)) {
      edit = Typed(random.Below(length), "y");
    } else {
      edit.Retain(random.Below(length - 3)).Delete(random.Between(1, 3));
    }
    if (i % 20 == 0) expected = Transform(expected, edit, Side::kLeft).value();
    Commit(state, By(kAnn, i + 1, i, std::move(edit)));
  }
  Commit(state, By(kBob, 1, 0, late));
  EXPECT_EQ(state.CommitAt(kLag + 1).operation, expected);
}

}  // namespace
}  // namespace cotext
