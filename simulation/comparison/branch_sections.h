// The sections of the comparison that are about concurrency and branches, and where the engines
// cross.
#ifndef COTEXT_SIMULATION_COMPARISON_BRANCH_SECTIONS_H_
#define COTEXT_SIMULATION_COMPARISON_BRANCH_SECTIONS_H_

#include <vector>

#include "simulation/comparison/branch_costs.h"
#include "simulation/report/report.h"

namespace cotext {

ReportSection MergeSection(const std::vector<MergeCost>& merges, double budget_seconds);
ReportSection ReturnSection(const std::vector<ReturnCost>& returns, double budget_seconds);
ReportSection CrossoverSection(const std::vector<MergeCost>& merges,
                               const std::vector<ReturnCost>& returns);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_BRANCH_SECTIONS_H_
