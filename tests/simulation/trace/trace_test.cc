#include "simulation/trace/trace.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace cotext {
namespace {

// A trace of two agents whose transactions have these agents and parents, and no patches.
struct Node {
  uint32_t agent;
  std::vector<uint32_t> parents;
};
Trace Graph(const std::vector<Node>& nodes) {
  Trace trace("t", Trace::Kind::kConcurrent, 2);
  for (const Node& node : nodes) trace.AddTransaction(node.agent, node.parents);
  return trace;
}

TEST(TraceTest, PatchesKeepTheirTexts) {
  Trace trace("t", Trace::Kind::kSequential, 1);
  trace.AddTransaction(0, {});
  trace.AddPatch({.position = 1, .deleted = 2, .inserted = "ab"});
  trace.AddPatch({.position = 3});
  trace.AddTransaction(0, std::vector<uint32_t>{0});
  trace.AddTransaction(0, std::vector<uint32_t>{1});
  trace.AddPatch({.inserted = "c"});
  EXPECT_EQ(trace.patches(0).ToVector(),
            (std::vector{TracePatch{.position = 1, .deleted = 2, .inserted = "ab"},
                         TracePatch{.position = 3}}));
  EXPECT_EQ(trace.patches(1).size(), 0U);
  EXPECT_EQ(trace.patches(2).ToVector(), (std::vector{TracePatch{.inserted = "c"}}));
  EXPECT_EQ(trace.patch_count(), 3U);
  EXPECT_EQ(trace.parent_count(), 2U);
  EXPECT_EQ(trace.inserted_bytes(), 3U);
}

TEST(TraceTest, HeadsAreTransactionsWithoutChildren) {
  EXPECT_EQ(Heads(Graph({})), std::vector<uint32_t>());
  EXPECT_EQ(Heads(Graph({{0, {}}, {1, {}}, {0, {0}}})), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(Heads(Graph({{0, {}}, {1, {}}, {0, {0, 1}}})), std::vector<uint32_t>{2});
}

TEST(TraceTest, LinearIsWhereEachHasSeenTheOneBefore) {
  EXPECT_TRUE(IsLinear(Graph({})));
  EXPECT_TRUE(IsLinear(Graph({{0, {}}, {1, {0}}, {0, {1}}})));
  EXPECT_TRUE(IsLinear(Graph({{0, {}}, {1, {0}}, {0, {0, 1}}})));
  EXPECT_FALSE(IsLinear(Graph({{0, {}}, {1, {}}})));
  EXPECT_FALSE(IsLinear(Graph({{0, {}}, {1, {0}}, {0, {0}}})));
}

}  // namespace
}  // namespace cotext
