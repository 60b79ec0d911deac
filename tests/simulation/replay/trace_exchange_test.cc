// The form in which a trace's history reaches whoever merges it: AsSentByPeer, and what Replay says
// of it.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/rga_text.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/replay/replay.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"

namespace cotext {
namespace {

// A trace's changes as made and as sent.
struct Histories {
  Update made;
  Update sent;
};

// Makes both; neither if the trace is wrong, which fails the test.
Histories HistoriesOf(const Trace& trace) {
  auto made = BuildHistory(trace);
  if (!made) {
    ADD_FAILURE() << made.error().message;
    return {};
  }
  auto sent = AsSentByPeer(trace, made->changes);
  if (!sent) {
    ADD_FAILURE() << sent.error().message;
    return {};
  }
  return {.made = std::move(made->changes), .sent = *std::move(sent)};
}

// Returns whether `next` goes on where `change` ends, its author knowing nothing else.
bool Continues(const ChangeView& change, const ChangeView& next) {
  const OpId last{.counter = change.first_counter + change.Length() - 1, .replica = change.replica};
  return next.replica == change.replica && next.parents.size() == 1 && next.parents[0] == last;
}

// Six keys, two of them deletes with the backspace key, and a key elsewhere.
Trace TypedTrace() {
  return ParseRightTrace(R"({"endContent":"xhe","txns":[)"
                         R"({"patches":[[0,0,"h"]]},{"patches":[[1,0,"e"]]},)"
                         R"({"patches":[[2,0,"l"]]},{"patches":[[3,0,"p"]]},)"
                         R"({"patches":[[3,1,""]]},{"patches":[[2,1,""]]},)"
                         R"({"patches":[]},{"patches":[[0,0,"x"]]}]})");
}

// Two agents who type two characters each without hearing of each other, and then one who has heard
// of both.
Trace TwoTypists() {
  return ParseConcurrentTrace(2,
                              R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                              R"({"parents":[0],"agent":0,"patches":[[1,0,"b"]]},)"
                              R"({"parents":[],"agent":1,"patches":[[0,0,"c"]]},)"
                              R"({"parents":[2],"agent":1,"patches":[[1,0,"d"]]},)"
                              R"({"parents":[1,3],"agent":0,"patches":[[4,0,"e"],[0,1,""]]})",
                              "dabe");
}

TEST(TraceExchangeTest, ASequentialTraceIsOneChange) {
  const Histories histories = HistoriesOf(TypedTrace());
  EXPECT_EQ(histories.made.size(), 7U);
  ASSERT_EQ(histories.sent.size(), 1U);
  const ChangeView change = histories.sent[0];
  EXPECT_EQ(change.replica, ReplicaId{1});
  EXPECT_EQ(change.first_counter, 1U);
  EXPECT_TRUE(change.parents.empty());
  EXPECT_EQ(change.text, "helpx");
}

TEST(TraceExchangeTest, WhatContinuesIsOneOperation) {
  const Histories histories = HistoriesOf(TypedTrace());
  ASSERT_EQ(histories.sent.size(), 1U);
  const ChangeView change = histories.sent[0];
  ASSERT_EQ(change.operations.size(), 3U);
  EXPECT_EQ(change.operations[0].length, 4U);
  EXPECT_EQ(change.operations[1].length, 2U);
  EXPECT_TRUE(change.operations[1].backward);
  EXPECT_EQ(change.operations[2].length, 1U);
}

TEST(TraceExchangeTest, AChangeEndsWhereItsAuthorHearsOfAnother) {
  const Histories histories = HistoriesOf(TwoTypists());
  EXPECT_EQ(histories.made.size(), 5U);
  ASSERT_EQ(histories.sent.size(), 3U);
  EXPECT_EQ(histories.sent[0].text, "ab");
  EXPECT_EQ(histories.sent[1].text, "cd");
  EXPECT_EQ(histories.sent[2].parents.size(), 2U);
}

TEST(TraceExchangeTest, OperationsAreCounted) {
  EXPECT_EQ(CountOperations(Update()), 0U);
  const Histories histories = HistoriesOf(TwoTypists());
  EXPECT_EQ(CountOperations(histories.made), 6U);
  EXPECT_EQ(CountOperations(histories.sent), 4U);
}

TEST(TraceExchangeTest, APeerHasReceivedAllOfIt) {
  const auto peer = BuildPeer(TwoTypists());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->replica(), ReplicaId{3});
  EXPECT_EQ(VisibleText(*peer), "dabe");
  EXPECT_EQ(AtomsOf(peer->ChangesSince({})), AtomsOf(HistoriesOf(TwoTypists()).sent));
  const auto refused =
      BuildPeer(ParseRightTrace(R"({"endContent":"","txns":[{"patches":[[1,0,"a"]]}]})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidTrace);
}

TEST(TraceExchangeTest, TheReaderIsNoAgent) {
  EXPECT_EQ(ReaderOf(TwoTypists()), ReplicaId{3});
  EXPECT_EQ(ReaderOf(TypedTrace()), ReplicaId{2});
}

// Merges both forms of a history.
void ExpectSameDocument(const Trace& trace) {
  const Histories histories = HistoriesOf(trace);
  RgaDocument from_made(ReaderOf(trace));
  RgaDocument from_sent(ReaderOf(trace));
  ASSERT_TRUE(from_made.MergeUpdate(histories.made));
  ASSERT_TRUE(from_sent.MergeUpdate(histories.sent));
  from_sent.CheckInvariants();
  EXPECT_EQ(from_sent.Text(), trace.end_content());
  EXPECT_EQ(from_sent.Text(), from_made.Text());
  EXPECT_EQ(from_sent.version_vector(), from_made.version_vector());
  EXPECT_EQ(from_sent.frontier(), from_made.frontier());
}

TEST(TraceExchangeTest, BothFormsMergeToTheSame) {
  ForEachSeed(300, [](Random& random) { ExpectSameDocument(RandomTrace(random)); });
}

TEST(TraceExchangeTest, BothFormsHoldTheSameOperations) {
  ForEachSeed(100, [](Random& random) {
    const Histories histories = HistoriesOf(RandomTrace(random));
    EXPECT_EQ(AtomsOf(histories.sent), AtomsOf(histories.made));
  });
}

TEST(TraceExchangeTest, NoChangeContinuesTheOneBefore) {
  uint64_t joined = 0;
  ForEachSeed(100, [&joined](Random& random) {
    const Histories histories = HistoriesOf(RandomTrace(random));
    ASSERT_LE(histories.sent.size(), histories.made.size());
    joined += histories.made.size() - histories.sent.size();
    for (size_t i = 1; i < histories.sent.size(); ++i) {
      ASSERT_FALSE(Continues(histories.sent[i - 1], histories.sent[i])) << "change " << i;
    }
  });
  EXPECT_GT(joined, 0U);
}

TEST(TraceExchangeTest, AReplayTellsWhatWasMerged) {
  const auto typed = Replay(TypedTrace(), {.mode = ReplayMode::kMerge, .repeat = 2});
  ASSERT_TRUE(typed);
  EXPECT_TRUE(typed->ok());
  EXPECT_EQ(typed->changes, 1U);
  EXPECT_EQ(typed->operations, 3U);
  const auto merged = Replay(TwoTypists(), {.mode = ReplayMode::kMerge});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->changes, 3U);
  EXPECT_EQ(merged->operations, 4U);
}

TEST(TraceExchangeTest, ALocalReplayMergesNothing) {
  const auto typed = Replay(TypedTrace(), {.mode = ReplayMode::kLocal});
  ASSERT_TRUE(typed);
  EXPECT_TRUE(typed->ok());
  EXPECT_EQ(typed->changes, 0U);
  EXPECT_EQ(typed->operations, 0U);
}

TEST(TraceExchangeTest, AnEmptyTraceIsNoChange) {
  const auto result = Replay(Trace("t", Trace::Kind::kConcurrent, 1), {.mode = ReplayMode::kMerge});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->changes, 0U);
  EXPECT_TRUE(result->ok());
}

// Replays a sequential trace that has to be refused, either way; returns the message.
std::string Refusal(const std::string& transactions) {
  const Trace trace = ParseRightTrace(R"({"endContent":"","txns":[)" + transactions + "]}");
  const auto local = Replay(trace, {.mode = ReplayMode::kLocal});
  const auto merged = Replay(trace, {.mode = ReplayMode::kMerge});
  if (local || merged) return "";
  EXPECT_EQ(local.error().message, merged.error().message);
  return local.error().message;
}

TEST(TraceExchangeTest, ARefusedPatchIsNamedByItsTransactionWhateverWasBefore) {
  EXPECT_EQ(Refusal(R"({"patches":[[1,0,"a"]]})"),
            "test.json: transaction 0: patch 0: position 1 is out of range of a text of 0 code "
            "points");
  EXPECT_EQ(Refusal(R"({"patches":[]},{"patches":[[0,0,"a"],[1,0,"b"]]},{"patches":[]},)"
                    R"({"patches":[]},{"patches":[[2,0,"c"],[4,0,"d"]]},{"patches":[[0,1,""]]})"),
            "test.json: transaction 4: patch 1: position 4 is out of range of a text of 3 code "
            "points");
  EXPECT_EQ(Refusal(R"({"patches":[[0,0,"a"],[1,0,"b"]]},{"patches":[[0,3,""]]})"),
            "test.json: transaction 1: patch 0: position 0 plus 3 deleted is out of range of a "
            "text of 2 code points");
}

}  // namespace
}  // namespace cotext
