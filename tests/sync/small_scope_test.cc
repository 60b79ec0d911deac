// Two clients and a server through every interleaving of a few edits and faults: one edit each, and
// each pair of faults; two pairs that make many states with one edit in all. COTEXT_FULL_SCOPE=1
// has those with one edit each as well, then all faults together, with one edit each and with two.

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/sync/small_scope_walk.h"

namespace cotext::sync {
namespace {

// Walks through a scope and prints how large it is.
SmallScopeReport Walk(const SmallScope& scope) {
  SmallScopeReport report = SmallScopeWalk(scope).Run();
  std::printf(
      "%u and %u edits, %u lost, %u twice, %u reconnects, %u crashes%s: %llu states, %llu steps, "
      "%llu complete states on %.3g paths, %zu states of nodes\n",
      scope.edits[0], scope.edits[1], scope.losses, scope.duplicates, scope.reconnects,
      scope.crashes, scope.begins_connected ? "" : ", from the start",
      static_cast<unsigned long long>(report.states),
      static_cast<unsigned long long>(report.transitions),
      static_cast<unsigned long long>(report.complete_states), report.complete_paths,
      report.node_states);
  std::string path;
  for (const std::string& step : report.path) path += "\n  " + step;
  EXPECT_EQ(report.failure, "") << path;
  EXPECT_GT(report.complete_states, 0);
  return report;
}

bool IsFull() { return std::getenv("COTEXT_FULL_SCOPE") != nullptr; }

TEST(SmallScopeTest, OneEditEach) { Walk({}); }

TEST(SmallScopeTest, OneEditEachFromTheStart) { Walk({.begins_connected = false}); }

// Without losses, connections are taken to lose nothing as long as they last: what is not sent
// again with the next one never is.
TEST(SmallScopeTest, ADuplicateAndAReconnect) { Walk({.duplicates = 1, .reconnects = 1}); }

TEST(SmallScopeTest, ACrash) { Walk({.crashes = 1}); }

TEST(SmallScopeTest, ADuplicateAndACrashWithOneEdit) {
  for (const auto& edits : {std::array{1U, 0U}, std::array{0U, 1U}}) {
    Walk({.edits = edits, .duplicates = 1, .crashes = 1});
  }
}

TEST(SmallScopeTest, AReconnectAndACrashWithOneEdit) {
  Walk({.edits = {1, 0}, .reconnects = 1, .crashes = 1});
}

TEST(SmallScopeTest, ALossAndADuplicate) { Walk({.losses = 1, .duplicates = 1}); }

TEST(SmallScopeTest, ALossAndAReconnect) { Walk({.losses = 1, .reconnects = 1}); }

TEST(SmallScopeTest, ALossAndACrash) { Walk({.losses = 1, .crashes = 1}); }

TEST(SmallScopeTest, TwoEditsEach) { Walk({.edits = {2, 2}}); }

TEST(SmallScopeTest, TwoEditsOfOneClientAndACrash) { Walk({.edits = {2, 0}, .crashes = 1}); }

TEST(SmallScopeTest, TwoEditsOfOneClientAndAReconnect) {
  Walk({.edits = {2, 0}, .duplicates = 1, .reconnects = 1});
}

TEST(SmallScopeTest, FullADuplicateAndACrash) {
  if (!IsFull()) GTEST_SKIP() << "COTEXT_FULL_SCOPE is not set";
  Walk({.duplicates = 1, .crashes = 1});
}

TEST(SmallScopeTest, FullAReconnectAndACrash) {
  if (!IsFull()) GTEST_SKIP() << "COTEXT_FULL_SCOPE is not set";
  Walk({.reconnects = 1, .crashes = 1});
}

TEST(SmallScopeTest, FullAllFaults) {
  if (!IsFull()) GTEST_SKIP() << "COTEXT_FULL_SCOPE is not set";
  SmallScope scope{
      .losses = 1, .duplicates = 1, .reconnects = 1, .crashes = 1, .shows_progress = true};
  Walk(scope);
  scope.edits = {2, 2};
  Walk(scope);
}

}  // namespace
}  // namespace cotext::sync
