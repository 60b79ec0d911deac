#include "crdt/known_version.h"
#include "document/sort.h"

#include <optional>
#include <string>

namespace cotext {
namespace {

Expected<std::vector<OpIndex>> IndexesOf(const CausalGraph& graph, std::span<const OpId> ids) {
  std::vector<OpIndex> indexes;
  indexes.reserve(ids.size());
  for (const OpId id : ids) {
    const std::optional<OpIndex> at = graph.IndexOf(id);
    if (!at && graph.horizon().Covers(id)) continue;
    if (!at) {
      return MakeError(ErrorCode::kUnknownVersion,
                       "operation " + std::to_string(id.counter) + " of replica " +
                           std::to_string(id.replica.value) + " is not in this document");
    }
    indexes.push_back(*at);
  }
  return indexes;
}

std::unexpected<Error> Trimmed() {
  return MakeError(ErrorCode::kHistoryTrimmed, "the version is from before what was trimmed");
}

// Returns whether all of the second are among the first.
bool HaveAll(std::span<const OpId> ids, const std::vector<OpId>& wanted) {
  std::vector<OpId> sorted(ids.begin(), ids.end());
  Sort(sorted);
  return std::ranges::includes(sorted, wanted);
}

// Returns the last operation of each replica in a version.
std::vector<OpId> LastOf(const VersionVector& version) {
  std::vector<OpId> last;
  last.reserve(version.entries().size());
  for (const VersionVector::Entry& entry : version.entries()) {
    last.push_back(OpId{.counter = entry.counter, .replica = entry.replica});
  }
  return last;
}

}  // namespace

Expected<VersionVector> VersionOf(const CausalGraph& graph, std::span<const OpId> heads) {
  const auto indexes = IndexesOf(graph, heads);
  if (!indexes) return std::unexpected(indexes.error());
  // Everything here comes after the horizon. If nothing was named, its own frontier has to be.
  if (indexes->empty() && !HaveAll(heads, graph.horizon().frontier)) return Trimmed();
  return graph.VersionOf(*indexes);
}

Expected<void> CheckVersion(const CausalGraph& graph, const VersionVector& version) {
  if (!version.Covers(graph.horizon().version)) return Trimmed();
  const auto past = VersionOf(graph, LastOf(version));
  if (!past) return std::unexpected(past.error());
  if (*past == version) return {};
  return MakeError(ErrorCode::kUnknownVersion,
                   "the version lacks what some of its operations come after");
}

// What comes after an operation comes after a child of it. A child that is not simply the next one
// begins a span; and whoever made the next one has a later operation in the version.
std::vector<OpId> FrontierOf(const CausalGraph& graph, const VersionVector& version) {
  struct Head {
    OpIndex at;
    OpId id;
    bool has_child;
  };
  std::vector<Head> heads;
  for (const OpId id : LastOf(version)) {
    // What was trimmed came before all that is here.
    const std::optional<OpIndex> at = graph.IndexOf(id);
    if (at) heads.push_back(Head{.at = *at, .id = id, .has_child = false});
  }
  if (heads.empty()) return graph.horizon().frontier;
  Sort(heads, {}, &Head::at);
  ForEachCovered(graph, version, [&](OpIndex first, uint32_t) {
    for (const OpIndex parent : graph.ParentIndexesOf(first)) {
      const auto head = std::ranges::lower_bound(heads, parent, {}, &Head::at);
      if (head != heads.end() && head->at == parent) head->has_child = true;
    }
  });
  std::vector<OpId> frontier;
  for (const Head& head : heads) {
    if (!head.has_child) frontier.push_back(head.id);
  }
  Sort(frontier);
  return frontier;
}

}  // namespace cotext
