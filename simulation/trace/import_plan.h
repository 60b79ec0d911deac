// Which commits of a file's history become transactions, what each has as parents, and whose it is.
//
// The nearest transactions of a commit are what its past holds of them, as a frontier: none is in
// the past of another. A commit becomes a transaction if there are two or more of these, so that it
// joins branches which both changed the file; or if the file in it is another than in the nearest
// one, or is there for the first time. Its parents are the nearest. Any other commit leaves the
// file as it was, and what comes after it has its nearest transaction instead.
//
// An author is an agent. But an agent is never concurrent with itself (invariant 3 of Trace), so an
// author has further ones: a transaction gets the author's oldest agent whose transactions are all
// in its past, or else a new one. Agents are numbered by their first transactions.
//
// O(commits + parents), and O(agents) for every merge or branch. Memory: besides the plan, a
// version for each commit whose children are still to come (live_versions.h).
#ifndef COTEXT_SIMULATION_TRACE_IMPORT_PLAN_H_
#define COTEXT_SIMULATION_TRACE_IMPORT_PLAN_H_

#include <cstdint>
#include <vector>

#include "document/error.h"
#include "simulation/trace/git_history.h"
#include "simulation/trace/trace.h"

namespace cotext {

struct ImportPlan {
  Trace graph;                         // The transactions, without patches. One head, its last one.
  std::vector<uint32_t> commits = {};  // By transaction, the one that it is made from.
  uint32_t authors = 0;                // Who have an agent.
};

// Returns the plan for a history. kTooLarge if it takes more than Trace::kAgentsMax agents;
// kInvalidTrace if the last commit does not have all the others in its past.
Expected<ImportPlan> PlanImport(const GitHistory& history);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_IMPORT_PLAN_H_
