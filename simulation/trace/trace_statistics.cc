#include "simulation/trace/trace_statistics.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "document/utf8.h"
#include "simulation/trace/version_walk.h"

namespace cotext {
namespace {

// A startContent is what the text begins with, and nobody's edit.
size_t FirstEdit(const Trace& trace) { return trace.has_start_content() ? 1 : 0; }

void CountPatches(const Trace& trace, TraceStatistics& statistics) {
  std::vector<bool> active(trace.agent_count());
  for (size_t t = FirstEdit(trace); t < trace.transaction_count(); ++t) {
    active[trace.agent(t)] = true;
    statistics.patches += trace.patches(t).size();
    for (const TracePatch patch : trace.patches(t)) {
      statistics.inserted += CountCodePoints(patch.inserted);
      statistics.deleted += patch.deleted;
    }
  }
  statistics.agents = static_cast<uint64_t>(std::ranges::count(active, true));
}

void CountGraph(const Trace& trace, TraceStatistics& statistics) {
  std::vector<bool> has_child(trace.transaction_count());
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    const auto parents = trace.parents(t);
    const bool continues = parents.size() == 1 && parents[0] + 1 == t;
    statistics.graph_runs += continues ? 0 : 1;
    statistics.roots += parents.empty() ? 1 : 0;
    ++statistics.heads;
    for (const uint32_t parent : parents) {
      statistics.heads -= has_child[parent] ? 0 : 1;
      has_child[parent] = true;
    }
    statistics.heads_max = std::max(statistics.heads_max, statistics.heads);
  }
}

void CountConcurrency(const Trace& trace, TraceStatistics& statistics) {
  uint64_t sum = 0;
  VersionWalk walk(trace);
  while (walk.Next()) {
    const auto& covered = walk.covered();
    const uint64_t seen = std::accumulate(covered.begin(), covered.end(), uint64_t{0});
    const uint64_t unseen = walk.transaction() - seen;
    sum += unseen;
    statistics.concurrency_max = std::max(statistics.concurrency_max, unseen);
  }
  if (statistics.transactions > 0) {
    statistics.concurrency_mean =
        static_cast<double>(sum) / static_cast<double>(statistics.transactions);
  }
}

}  // namespace

TraceStatistics ComputeStatistics(const Trace& trace) {
  TraceStatistics statistics{.transactions = trace.transaction_count() - FirstEdit(trace),
                             .final_chars = CountCodePoints(trace.end_content())};
  CountPatches(trace, statistics);
  CountGraph(trace, statistics);
  CountConcurrency(trace, statistics);
  return statistics;
}

TraceSize MeasureTrace(const Trace& trace) {
  TraceStatistics statistics;
  CountPatches(trace, statistics);
  return TraceSize{.transactions = trace.transaction_count() - FirstEdit(trace),
                   .patches = statistics.patches,
                   .events = statistics.events()};
}

}  // namespace cotext
