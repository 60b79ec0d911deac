#include "simulation/trace/trace_history.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_generator.h"
#include "tests/simulation/parse_trace.h"
#include "tests/simulation/random_trace.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(TraceHistoryTest, ChangesHaveTheReplicaAndTheParentsOfTheirTransactions) {
  const Trace trace =
      ParseConcurrentTrace(3, R"({"parents":[],"agent":0,"patches":[[0,0,"ab"]]},)"
                              R"({"parents":[],"agent":2,"patches":[[0,0,"c"]]},)"
                              R"({"parents":[0,1],"agent":1,"patches":[]},)"
                              R"({"parents":[2],"agent":0,"patches":[[0,1,"x"],[3,0,"y"]]})");
  const auto history = BuildHistory(trace);
  ASSERT_TRUE(history) << history.error().message;
  ASSERT_EQ(history->changes.size(), 3U);  // The merge edits nothing.
  EXPECT_EQ(history->changes[0].replica, ReplicaId{1});
  EXPECT_EQ(history->changes[1].replica, ReplicaId{3});
  const ChangeView last = history->changes[2];
  EXPECT_EQ(last.replica, ReplicaId{1});
  EXPECT_EQ(last.first_counter, 3U);
  ASSERT_EQ(last.parents.size(), 2U);
  EXPECT_EQ(last.parents[0], (OpId{1, ReplicaId{3}}));
  EXPECT_EQ(last.parents[1], (OpId{2, ReplicaId{1}}));
  EXPECT_EQ(last.Length(), 3U);
  EXPECT_EQ(last.text, "xy");
}

TEST(TraceHistoryTest, PositionsOutOfRangeNameTheirTransaction) {
  const Trace trace =
      ParseConcurrentTrace(2, R"({"parents":[],"agent":0,"patches":[[0,0,"ab"]]},)"
                              R"({"parents":[],"agent":1,"patches":[[0,0,"c"],[0,2,""]]})");
  const auto history = BuildHistory(trace);
  ASSERT_FALSE(history);
  EXPECT_EQ(
      history.error().message,
      "test.json: transaction 1: patch 1: position 0 plus 2 deleted is out of range of a text "
      "of 1 code points");
}

// Merges a history change by change, in trace order, and compares with the oracle on the way.
void ExpectTextsOfOracle(const Trace& trace) {
  const auto history = BuildHistory(trace);
  ASSERT_TRUE(history) << history.error().message;
  RgaDocument document(ReplicaId{uint64_t{trace.agent_count()} + 1});
  NaiveRga oracle(trace.agent_count());
  size_t change = 0;
  for (uint32_t t = 0; t < trace.transaction_count(); ++t) {
    ASSERT_TRUE(oracle.Apply(trace));
    if (trace.patches(t).size() == 0) continue;
    const auto integrated = document.Integrate(history->changes[change++]);
    ASSERT_TRUE(integrated) << integrated.error().message;
    ASSERT_EQ(document.Text(), oracle.TextOf(oracle.CheckoutAll())) << "transaction " << t;
  }
  EXPECT_EQ(change, history->changes.size());
}

TEST(TraceHistoryTest, MergesAsTheOracleDoes) {
  ForEachSeed(200, [](Random& random) { ExpectTextsOfOracle(RandomTrace(random)); });
}

TEST(TraceHistoryTest, MoreLiveBranchesThanReplicasAreReplayedFromFurtherBack) {
  const auto trace = Generate({.agents = 150, .transactions = 1500, .merge_percent = 20});
  ASSERT_TRUE(trace);
  ExpectTextsOfOracle(*trace);
  EXPECT_EQ(BuildHistory(*trace)->replicas, 64U);
}

TEST(TraceHistoryTest, TwoPeopleHearOfEachChangeOnce) {
  const auto trace = Generate({.agents = 2, .transactions = 1000});
  const auto history = BuildHistory(*trace);
  ASSERT_TRUE(history);
  EXPECT_LE(history->integrated, history->changes.size());
  EXPECT_LE(history->copied, history->changes.size() / 10);
}

TEST(TraceHistoryTest, ABranchThatBeginsFarBackTakesACopyAndIsNotReplayed) {
  // A line of 300 transactions by agent 0, from every tenth of which another agent begins a branch
  // later on.
  constexpr uint32_t kLine = 300;
  Trace trace("t", Trace::Kind::kConcurrent, 1 + kLine / 10);
  const auto add = [&trace](uint32_t agent, const std::vector<uint32_t>& parents) {
    trace.AddTransaction(agent, parents);
    for (int i = 0; i < 50; ++i) trace.AddPatch({.inserted = "x"});
  };
  for (uint32_t t = 0; t < kLine; ++t)
    add(0, t == 0 ? std::vector<uint32_t>{} : std::vector{t - 1});
  for (uint32_t i = 0; i < kLine / 10; ++i) add(1 + i, {i * 10});
  const auto history = BuildHistory(trace);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->integrated, 0U);
  EXPECT_EQ(history->copied, kLine / 10);
}

TEST(TraceHistoryTest, OfReplicasThatNobodyClaimsOnlyAFewAreKept) {
  // Agent 0 again and again merges what agent 1, 2, ... has done from the beginning.
  Trace trace("t", Trace::Kind::kConcurrent, 50);
  std::vector<uint32_t> main;
  for (uint32_t i = 1; i < 50; ++i) {
    const auto branch = static_cast<uint32_t>(trace.transaction_count());
    trace.AddTransaction(i, {});
    trace.AddPatch({.inserted = "x"});
    main.push_back(branch);
    trace.AddTransaction(0, main);
    trace.AddPatch({.inserted = "y"});
    main = {branch + 1};
  }
  const auto history = BuildHistory(trace);
  ASSERT_TRUE(history);
  EXPECT_LE(history->replicas, 6U);
}

TEST(TraceHistoryTest, AReplicaThatNobodyClaimsIsTakenOver) {
  // One agent after the other, each going on where the last one stopped.
  Trace trace("t", Trace::Kind::kConcurrent, 100);
  for (uint32_t t = 0; t < 100; ++t) {
    trace.AddTransaction(t, t == 0 ? std::vector<uint32_t>{} : std::vector{t - 1});
    trace.AddPatch({.inserted = "x"});
  }
  const auto history = BuildHistory(trace);
  ASSERT_TRUE(history);
  EXPECT_EQ(history->integrated, 0U);
  EXPECT_EQ(history->copied, 0U);
}

TEST(TraceHistoryTest, EditsCanDependOnTheStateAtTheParents) {
  // Each of two branches begins with "a"; whoever sees "aa" puts the length of the text behind it.
  Trace graph("t", Trace::Kind::kConcurrent, 2);
  graph.AddTransaction(0, {});
  graph.AddTransaction(1, {});
  graph.AddTransaction(1, std::vector<uint32_t>{0, 1});
  const auto history =
      BuildHistoryWith(graph, [&](size_t transaction, Rga& replica) -> Expected<uint64_t> {
        EXPECT_EQ(replica.replica(), ReplicaId{uint64_t{graph.agent(transaction)} + 1});
        const uint64_t length = replica.sequence().metrics().code_points;
        const std::string text = length == 2 ? std::to_string(length) : "a";
        EXPECT_TRUE(replica.Replace(length, 0, text));
        return 1;
      });
  ASSERT_TRUE(history) << history.error().message;
  RgaDocument document(ReplicaId{3});
  ASSERT_TRUE(document.MergeUpdate(history->changes));
  EXPECT_EQ(document.Text(), "aa2");
}

TEST(TraceHistoryTest, AnErrorOfWhoMakesTheEditsStopsIt) {
  Trace graph("t", Trace::Kind::kConcurrent, 1);
  graph.AddTransaction(0, {});
  const auto history = BuildHistoryWith(graph, [](size_t, Rga&) -> Expected<uint64_t> {
    return MakeError(ErrorCode::kIo, "no text");
  });
  ASSERT_FALSE(history);
  EXPECT_EQ(history.error().message, "no text");
}

TEST(TraceHistoryTest, TellsItsProgress) {
  const auto trace = Generate({.transactions = 10});
  std::vector<uint64_t> steps;
  ASSERT_TRUE(BuildHistory(*trace, [&](uint64_t done, uint64_t total) {
    steps.push_back(done);
    EXPECT_EQ(total, trace->transaction_count());
  }));
  EXPECT_EQ(steps.size(), trace->transaction_count());
  EXPECT_EQ(steps.back(), trace->transaction_count());
}

}  // namespace
}  // namespace cotext
