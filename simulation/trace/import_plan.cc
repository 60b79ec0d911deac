#include "simulation/trace/import_plan.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "simulation/trace/live_versions.h"

namespace cotext {
namespace {

using Counts = LiveVersions::Counts;

constexpr uint32_t kNone = UINT32_MAX;

// Returns the number of commits that have each one as a parent.
std::vector<uint32_t> CountChildren(const GitHistory& history) {
  std::vector<uint32_t> children(history.commits.size());
  for (const GitCommit& commit : history.commits) {
    for (const uint32_t parent : commit.parents) ++children[parent];
  }
  return children;
}

// A commit passes the version of its nearest transaction on to its children: it holds it once for
// each.
class Planner {
 public:
  explicit Planner(const GitHistory& history)
      : history_(history),
        children_(CountChildren(history)),
        nearest_(history.commits.size(), kNone),
        agents_of_(history.authors.size()) {}

  Expected<ImportPlan> Run() {
    for (uint32_t commit = 0; commit < history_.commits.size(); ++commit) {
      Visit(commit);
      if (made_.size() <= Trace::kAgentsMax) continue;
      return MakeError(ErrorCode::kTooLarge,
                       history_.name + ": takes more than " + std::to_string(Trace::kAgentsMax) +
                           " agents, which is the most that a trace may have");
    }
    return Finish();
  }

 private:
  struct Transaction {
    uint32_t commit;
    uint32_t agent;
    uint32_t number;  // From 1, among its agent's.
    std::vector<uint32_t> parents;
  };

  void Visit(uint32_t commit);
  std::vector<uint32_t> NearestBefore(const GitCommit& commit);
  bool Covers(uint32_t later, uint32_t earlier) const;
  void Pass(uint32_t commit, uint32_t transaction);
  void AddTransaction(uint32_t commit, std::vector<uint32_t> parents);
  uint32_t ChooseAgent(uint32_t author, const Counts& covered);
  Expected<ImportPlan> Finish() const;

  const GitHistory& history_;
  std::vector<uint32_t> children_;  // By commit.
  std::vector<uint32_t> nearest_;   // By commit, the transaction that its children begin at.
  std::vector<Transaction> transactions_;
  LiveVersions versions_;                         // By transaction.
  std::vector<std::vector<uint32_t>> agents_of_;  // By author, in the order of their numbers.
  std::vector<uint32_t> made_;                    // By agent: its transactions so far.
};

void Planner::Visit(uint32_t commit) {
  std::vector<uint32_t> nearest = NearestBefore(history_.commits[commit]);
  const uint32_t blob = history_.commits[commit].blob;
  if (nearest.empty() && blob == kNoBlob) return;
  if (nearest.size() == 1 && blob == history_.commits[transactions_[nearest[0]].commit].blob) {
    Pass(commit, nearest[0]);
  } else {
    AddTransaction(commit, std::move(nearest));
  }
}

// Returns a commit's nearest transactions but itself, ascending, and leaves one hold on each.
std::vector<uint32_t> Planner::NearestBefore(const GitCommit& commit) {
  std::vector<uint32_t> candidates;
  for (const uint32_t parent : commit.parents) {
    const uint32_t nearest = nearest_[parent];
    if (nearest == kNone) continue;
    if (std::ranges::find(candidates, nearest) != candidates.end()) {
      versions_.Release(nearest);
    } else {
      candidates.push_back(nearest);
    }
  }
  std::ranges::sort(candidates);
  std::vector<uint32_t> nearest;
  std::vector<uint32_t> covered;
  for (const uint32_t candidate : candidates) {
    const bool is_covered = std::ranges::any_of(
        candidates, [&](uint32_t later) { return later > candidate && Covers(later, candidate); });
    (is_covered ? covered : nearest).push_back(candidate);
  }
  for (const uint32_t transaction : covered) versions_.Release(transaction);
  return nearest;
}

bool Planner::Covers(uint32_t later, uint32_t earlier) const {
  const Counts& counts = versions_.Get(later);
  const Transaction& transaction = transactions_[earlier];
  return transaction.agent < counts.size() && counts[transaction.agent] >= transaction.number;
}

// Gives the hold on a commit's one nearest transaction to its children.
void Planner::Pass(uint32_t commit, uint32_t transaction) {
  nearest_[commit] = transaction;
  versions_.Hold(transaction, children_[commit]);
  versions_.Release(transaction);
}

void Planner::AddTransaction(uint32_t commit, std::vector<uint32_t> parents) {
  Counts version;
  if (!parents.empty()) version = versions_.Take(parents[0]);
  for (size_t i = 1; i < parents.size(); ++i) {
    Join(version, versions_.Get(parents[i]));
    versions_.Release(parents[i]);
  }
  const uint32_t agent = ChooseAgent(history_.commits[commit].author, version);
  if (agent >= version.size()) version.resize(size_t{agent} + 1);
  version[agent] = ++made_[agent];
  nearest_[commit] = static_cast<uint32_t>(transactions_.size());
  transactions_.push_back(Transaction{
      .commit = commit, .agent = agent, .number = made_[agent], .parents = std::move(parents)});
  versions_.Keep(nearest_[commit], std::move(version), children_[commit]);
}

// Returns the author's agent for a transaction whose parents cover this.
uint32_t Planner::ChooseAgent(uint32_t author, const Counts& covered) {
  for (const uint32_t agent : agents_of_[author]) {
    if (agent < covered.size() && covered[agent] == made_[agent]) return agent;
  }
  const auto added = static_cast<uint32_t>(made_.size());
  agents_of_[author].push_back(added);
  made_.push_back(0);
  return added;
}

Expected<ImportPlan> Planner::Finish() const {
  const auto agents = static_cast<uint32_t>(made_.size());
  ImportPlan plan{.graph = Trace(history_.name, Trace::Kind::kConcurrent, agents)};
  for (const Transaction& transaction : transactions_) {
    plan.graph.AddTransaction(transaction.agent, transaction.parents);
    plan.commits.push_back(transaction.commit);
  }
  plan.authors = static_cast<uint32_t>(
      std::ranges::count_if(agents_of_, [](const auto& agents) { return !agents.empty(); }));
  if (Heads(plan.graph).size() <= 1) return plan;
  return MakeError(ErrorCode::kInvalidTrace,
                   history_.name + ": the last commit does not have all the others in its past");
}

}  // namespace

Expected<ImportPlan> PlanImport(const GitHistory& history) { return Planner(history).Run(); }

}  // namespace cotext
