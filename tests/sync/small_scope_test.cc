// Two clients and a server through every interleaving of a few edits and faults: a packet lost, a
// packet twice, a reconnect and a crash together, with one edit each; each of them alone with two.
// COTEXT_FULL_SCOPE=1 has all of them with two edits each. A walk that may use a fault has all
// without it, too.
//
// Where no packet is lost, connections are taken to lose nothing as long as they last: what is not
// sent again with the next one never is.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/sync/small_scope_walk.h"

namespace cotext::sync {
namespace {

void Print(const SmallScope& scope, const SmallScopeReport& report) {
  std::printf(
      "%u and %u edits, %u lost, %u twice, %u reconnects, %u crashes%s: %llu states, %llu steps, "
      "%llu complete states; %zu states of nodes, come to again %llu times\n",
      scope.edits[0], scope.edits[1], scope.losses, scope.duplicates, scope.reconnects,
      scope.crashes, scope.begins_connected ? "" : ", from the start",
      static_cast<unsigned long long>(report.states),
      static_cast<unsigned long long>(report.transitions),
      static_cast<unsigned long long>(report.complete_states), report.node_states,
      static_cast<unsigned long long>(report.merged));
}

// Walks through a scope and prints how large it is; then sees whether what was taken for one state
// of a node behaves as one.
SmallScopeReport Walk(const SmallScope& scope) {
  SmallScopeWalk walk(scope);
  SmallScopeReport report = walk.Run();
  Print(scope, report);
  std::string path;
  for (const std::string& step : report.path) path += "\n  " + step;
  EXPECT_EQ(report.failure, "") << path;
  EXPECT_GT(report.complete_states, 0);
  constexpr uint64_t kFollowed = 500;
  ForEachSeed(kFollowed, [&](Random& random) { EXPECT_EQ(walk.Follow(random), ""); });
  return report;
}

bool IsFull() { return std::getenv("COTEXT_FULL_SCOPE") != nullptr; }

TEST(SmallScopeTest, OneEditEachFromTheStart) {
  Walk({.begins_connected = false});
  Walk({.edits = {1, 0}, .losses = 1, .begins_connected = false});
}

TEST(SmallScopeTest, OneEditEachAndAllFaults) {
  Walk({.losses = 1, .duplicates = 1, .reconnects = 1, .crashes = 1});
}

TEST(SmallScopeTest, OneEditEachAndAllFaultsButLosses) {
  Walk({.duplicates = 1, .reconnects = 1, .crashes = 1});
}

TEST(SmallScopeTest, TwoEditsEachAndOneFault) {
  Walk({.edits = {2, 2}, .losses = 1});
  Walk({.edits = {2, 2}, .duplicates = 1});
  Walk({.edits = {2, 2}, .reconnects = 1});
  Walk({.edits = {2, 2}, .crashes = 1});
}

TEST(SmallScopeTest, WhatIsLeftOutComesToNoOtherEnd) {
  for (SmallScope scope :
       {SmallScope{.losses = 1, .crashes = 1}, SmallScope{.duplicates = 1, .reconnects = 1},
        SmallScope{.edits = {1, 0}, .reconnects = 1, .crashes = 1},
        SmallScope{.edits = {2, 1}, .losses = 1, .reconnects = 1}}) {
    const SmallScopeReport some = Walk(scope);
    scope.takes_all_orders = true;
    const SmallScopeReport all = Walk(scope);
    EXPECT_EQ(some.complete_states, all.complete_states);
    EXPECT_EQ(some.ends, all.ends);
    EXPECT_LT(some.transitions, all.transitions);
  }
}

TEST(SmallScopeTest, FullTwoEditsEachAndAllFaults) {
  if (!IsFull()) GTEST_SKIP() << "COTEXT_FULL_SCOPE is not set";
  SmallScope scope{
      .edits = {2, 2}, .duplicates = 1, .reconnects = 1, .crashes = 1, .shows_progress = true};
  Walk(scope);
  scope.losses = 1;
  Walk(scope);
}

}  // namespace
}  // namespace cotext::sync
