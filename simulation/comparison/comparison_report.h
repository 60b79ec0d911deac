// All that was measured of both engines, as a report.
#ifndef COTEXT_SIMULATION_COMPARISON_COMPARISON_REPORT_H_
#define COTEXT_SIMULATION_COMPARISON_COMPARISON_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/comparison/anomalies.h"
#include "simulation/comparison/branch_costs.h"
#include "simulation/comparison/live_sections.h"
#include "simulation/comparison/trace_costs.h"
#include "simulation/report/report.h"

namespace cotext {

struct Comparison {
  std::string profile;        // As on the command line.
  uint32_t repeat = 1;        // Runs of each measurement of a trace.
  double budget_seconds = 0;  // Of BranchOptions.
  std::vector<TraceCosts> traces = {};
  std::vector<MergeCost> merges = {};
  std::vector<ReturnCost> returns = {};
  std::vector<TypistRun> typists = {};
  std::vector<AnomalyCount> anomalies = {};
};

// Returns whether every text was right and nothing was lost. Ties and anomalies of order are
// findings, not failures.
bool IsOk(const Comparison& comparison);

// Tables: times, memory, bytes, branches, returns, crossovers, typist, anomalies, capabilities,
// optimised. What is found in no clock is the same in every run.
Report MakeComparisonReport(const Comparison& comparison);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_COMPARISON_REPORT_H_
