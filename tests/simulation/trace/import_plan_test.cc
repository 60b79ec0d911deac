#include "simulation/trace/import_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "simulation/trace/git_history.h"
#include "simulation/trace/trace.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/git_histories.h"

namespace cotext {
namespace {

using Indices = std::vector<uint32_t>;

struct Planned {
  uint32_t commit;
  uint32_t agent;
  Indices parents;  // Transactions.
  friend bool operator==(const Planned&, const Planned&) = default;
};

void PrintTo(const Planned& planned, std::ostream* out) {
  *out << "commit " << planned.commit << ", agent " << planned.agent << ", parents "
       << testing::PrintToString(planned.parents);
}

std::vector<Planned> Plan(const GitHistory& history) {
  const auto plan = PlanImport(history);
  if (!plan) {
    ADD_FAILURE() << plan.error().message;
    return {};
  }
  std::vector<Planned> all;
  for (size_t t = 0; t < plan->commits.size(); ++t) {
    const auto parents = plan->graph.parents(t);
    all.push_back({plan->commits[t], plan->graph.agent(t), {parents.begin(), parents.end()}});
  }
  return all;
}

TEST(ImportPlanTest, ACommitThatLeavesTheFileAsItWasIsNoTransaction) {
  GitHistory history;
  AddCommit(history, {}, std::nullopt);
  AddCommit(history, {0}, "a");
  AddCommit(history, {1}, "a");
  AddCommit(history, {2}, "b");
  AddCommit(history, {3}, "b");
  EXPECT_EQ(Plan(history), (std::vector<Planned>{{1, 0, {}}, {3, 0, {0}}}));
}

TEST(ImportPlanTest, AMergeOfBranchesThatBothChangedTheFileIsATransaction) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "ab");
  AddCommit(history, {0}, "ca", "Bob <b@x>");
  AddCommit(history, {2, 1}, "cab");
  EXPECT_EQ(Plan(history),
            (std::vector<Planned>{{0, 0, {}}, {1, 0, {0}}, {2, 1, {0}}, {3, 0, {1, 2}}}));
}

TEST(ImportPlanTest, AMergeWithABranchThatLeftTheFileAloneIsNone) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "ab");
  AddCommit(history, {0}, "a");
  AddCommit(history, {2, 1}, "ab");
  AddCommit(history, {3}, "abc");
  EXPECT_EQ(Plan(history), (std::vector<Planned>{{0, 0, {}}, {1, 0, {0}}, {4, 0, {1}}}));
}

TEST(ImportPlanTest, AMergeThatBringsBackAnOldTextIsATransactionOfTheNewOne) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "ab");
  AddCommit(history, {0}, "a");
  AddCommit(history, {1, 2}, "a");
  EXPECT_EQ(Plan(history), (std::vector<Planned>{{0, 0, {}}, {1, 0, {0}}, {3, 0, {1}}}));
}

TEST(ImportPlanTest, AnEvilMergeIsATransactionOfItsOneNearest) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, "a");
  AddCommit(history, {0}, "a");
  AddCommit(history, {1, 2}, "evil");
  EXPECT_EQ(Plan(history), (std::vector<Planned>{{0, 0, {}}, {3, 0, {0}}}));
}

TEST(ImportPlanTest, ACrissCrossKeepsBothMerges) {
  GitHistory history;
  AddCommit(history, {}, "-");
  AddCommit(history, {0}, "a-");
  AddCommit(history, {0}, "-b", "Bob <b@x>");
  AddCommit(history, {1, 2}, "a-b");
  AddCommit(history, {2, 1}, "a-b!", "Bob <b@x>");
  AddCommit(history, {3, 4}, "a-b!");
  EXPECT_EQ(
      Plan(history),
      (std::vector<Planned>{
          {0, 0, {}}, {1, 0, {0}}, {2, 1, {0}}, {3, 0, {1, 2}}, {4, 1, {1, 2}}, {5, 0, {3, 4}}}));
}

TEST(ImportPlanTest, TwoRootsAndAnOctopus) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {}, "b", "Bob <b@x>");
  AddCommit(history, {}, std::nullopt);
  AddCommit(history, {0}, "aa");
  AddCommit(history, {0, 1, 2, 3}, "all");
  EXPECT_EQ(Plan(history),
            (std::vector<Planned>{{0, 0, {}}, {1, 1, {}}, {3, 0, {0}}, {4, 0, {1, 2}}}));
}

TEST(ImportPlanTest, AFileMayBeDeletedAndCreatedAgain) {
  GitHistory history;
  AddCommit(history, {}, "a");
  AddCommit(history, {0}, std::nullopt);
  AddCommit(history, {1}, std::nullopt);
  AddCommit(history, {2}, "a");
  EXPECT_EQ(Plan(history), (std::vector<Planned>{{0, 0, {}}, {1, 0, {0}}, {3, 0, {1}}}));
}

TEST(ImportPlanTest, AnAuthorOnTwoBranchesHasTwoAgents) {
  GitHistory history;
  AddCommit(history, {}, "-");
  AddCommit(history, {0}, "a-");
  AddCommit(history, {0}, "-b");
  AddCommit(history, {1}, "aa-");
  AddCommit(history, {2}, "-bb");
  AddCommit(history, {3, 4}, "aa-bb");  // Both are free again: the older one it is.
  AddCommit(history, {5}, "end");
  EXPECT_EQ(Plan(history), (std::vector<Planned>{{0, 0, {}},
                                                 {1, 0, {0}},
                                                 {2, 1, {0}},
                                                 {3, 0, {1}},
                                                 {4, 1, {2}},
                                                 {5, 0, {3, 4}},
                                                 {6, 0, {5}}}));
  EXPECT_EQ(PlanImport(history)->authors, 1U);
}

TEST(ImportPlanTest, AuthorsWithoutTransactionsDoNotCount) {
  GitHistory history;
  AddCommit(history, {}, "a", "Ann <a@x>");
  AddCommit(history, {0}, "a", "Bob <b@x>");
  const auto plan = PlanImport(history);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->authors, 1U);
  EXPECT_EQ(plan->graph.agent_count(), 1U);
}

TEST(ImportPlanTest, NothingComesOfNothing) {
  EXPECT_EQ(Plan({}), std::vector<Planned>());
  GitHistory history;
  AddCommit(history, {}, std::nullopt);
  EXPECT_EQ(Plan(history), std::vector<Planned>());
}

TEST(ImportPlanTest, WhatTheLastCommitDoesNotReachIsAnError) {
  GitHistory history{.name = "h"};
  AddCommit(history, {}, "a");
  AddCommit(history, {}, "b");
  const auto plan = PlanImport(history);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kInvalidTrace);
  EXPECT_EQ(plan.error().message, "h: the last commit does not have all the others in its past");
}

TEST(ImportPlanTest, AgentsHaveALimit) {
  GitHistory history{.name = "crowd"};
  for (uint32_t i = 0; i <= Trace::kAgentsMax; ++i) {
    history.authors.push_back(std::to_string(i));
    history.blobs.push_back(std::to_string(i));
    history.commits.push_back(GitCommit{
        .id = "c", .parents = i == 0 ? Indices() : Indices{i - 1}, .author = i, .blob = i});
  }
  const auto plan = PlanImport(history);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(plan.error().message,
            "crowd: takes more than 65536 agents, which is the most that a trace may have");
}

// The definition, by searches through the whole past.
class NaivePlanner {
 public:
  explicit NaivePlanner(const GitHistory& history) : history_(history) {
    for (uint32_t commit = 0; commit < history.commits.size(); ++commit) Visit(commit);
  }

  const std::vector<Planned>& plan() const { return plan_; }

 private:
  void Visit(uint32_t commit) {
    std::vector<bool> past(history_.commits.size());
    for (const uint32_t parent : history_.commits[commit].parents) {
      past[parent] = true;
      for (uint32_t i = 0; i < commit; ++i) past[i] = past[i] || pasts_[parent][i];
    }
    pasts_.push_back(past);
    Indices nearest;
    for (uint32_t t = 0; t < plan_.size(); ++t) {
      const bool is_covered = std::ranges::any_of(plan_, [&](const Planned& later) {
        return past[later.commit] && pasts_[later.commit][plan_[t].commit];
      });
      if (past[plan_[t].commit] && !is_covered) nearest.push_back(t);
    }
    const uint32_t before =
        nearest.empty() ? kNoBlob : history_.commits[plan_[nearest[0]].commit].blob;
    if (nearest.size() <= 1 && history_.commits[commit].blob == before) return;
    plan_.push_back({commit, AgentFor(history_.commits[commit].author, past), nearest});
  }

  uint32_t AgentFor(uint32_t author, const std::vector<bool>& past) {
    for (uint32_t agent = 0; agent < author_of_.size(); ++agent) {
      const bool is_free = std::ranges::all_of(
          plan_, [&](const Planned& made) { return made.agent != agent || past[made.commit]; });
      if (author_of_[agent] == author && is_free) return agent;
    }
    author_of_.push_back(author);
    return static_cast<uint32_t>(author_of_.size() - 1);
  }

  const GitHistory& history_;
  std::vector<std::vector<bool>> pasts_;  // By commit.
  Indices author_of_;                     // By agent.
  std::vector<Planned> plan_;
};

TEST(ImportPlanTest, EqualsTheDefinition) {
  uint64_t merges = 0;
  uint64_t further_agents = 0;
  ForEachSeed(1000, [&](Random& random) {
    const GitHistory history = RandomGitHistory(random);
    const std::vector<Planned> expected = NaivePlanner(history).plan();
    ASSERT_EQ(Plan(history), expected);
    const auto plan = PlanImport(history);
    EXPECT_LE(Heads(plan->graph).size(), 1U);
    further_agents += plan->graph.agent_count() - plan->authors;
    for (const Planned& planned : expected) merges += planned.parents.size() > 1 ? 1 : 0;
  });
  EXPECT_GT(merges, 1000U);
  EXPECT_GT(further_agents, 500U);
}

}  // namespace
}  // namespace cotext
