// What concurrency costs: B authors edit a text of 8 L characters on branches of L edits each, and
// know nothing of each other (MergeCost); or all but one are there while he writes, and he returns
// (ReturnCost).
//
// MergeCost, of one document that gets all branches, from decoded inputs to the text:
//   rga      a replica integrates B changes.
//   ot       a server commits B submissions. Each client has composed its edits into one operation,
//            which is what clients do that are away; `compose` is what that took all of them.
//   ttf      OT with tombstones takes B changes and keeps each edit as it was.
// ReturnCost, of one branch of `branch` edits after `live` edits that its author has not seen,
// which were integrated, or committed, one after the other:
//   rga      a peer integrates the branch; the one who returns integrates the others' edits.
//   ot       the server commits the branch as one operation, transformed past each revision; the
//            client takes each commit past what it has not sent.
// With a branch of one edit, `live` is how far an edit is behind: its concurrency.
//
// Milliseconds of processor time, on one thread; medians of up to 15 runs where these are short, of
// one run where not. The texts that the RGA and tombstones come to are compared, those of OT by
// their length, since ties are decided otherwise.
//
// A measurement that is expected to take longer than the budget, inputs included, is left out
// (cost_budget.h). No more than kEditsMax edits are merged at once, for their memory.
#ifndef COTEXT_SIMULATION_COMPARISON_BRANCH_COSTS_H_
#define COTEXT_SIMULATION_COMPARISON_BRANCH_COSTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "simulation/comparison/branch_edits.h"
#include "simulation/progress.h"

namespace cotext {

struct BranchOptions {
  static constexpr uint64_t kEditsMax = 8'000'000;

  uint64_t length_max = 1'000'000;  // Branches have 10, 100, ... edits up to this,
  uint64_t branches_max = 64;       // and there are 2, 4, 8, ... up to this.
  double budget_seconds = 10;       // For one measurement of one engine.
  uint64_t seed = 1;
  Progress progress = {};  // Counts measurements.
};

// Nothing where a measurement was left out.
struct MergeCost {
  BranchStyle style = BranchStyle::kScattered;
  uint64_t branches = 0;
  uint64_t length = 0;
  std::optional<double> rga_ms = {};
  std::optional<double> ot_ms = {};
  std::optional<double> compose_ms = {};
  std::optional<double> ttf_ms = {};
  bool ok = true;  // The texts agree.
};

struct ReturnCost {
  BranchStyle style = BranchStyle::kScattered;
  uint64_t live = 0;
  uint64_t branch = 0;
  std::optional<double> rga_peer_ms = {};
  std::optional<double> ot_server_ms = {};
  std::optional<double> rga_client_ms = {};
  std::optional<double> ot_client_ms = {};
  bool ok = true;
};

std::vector<MergeCost> MeasureMerges(BranchStyle style, const BranchOptions& options);
std::vector<ReturnCost> MeasureReturns(BranchStyle style, const BranchOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_BRANCH_COSTS_H_
