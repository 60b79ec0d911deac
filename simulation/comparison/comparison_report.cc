#include "simulation/comparison/comparison_report.h"

#include <algorithm>
#include <utility>

#include "simulation/comparison/branch_sections.h"
#include "simulation/comparison/capabilities.h"
#include "simulation/comparison/trace_sections.h"

namespace cotext {
namespace {

ReportSection CapabilitySection() {
  return {.title = "What each can do, and what was done for its speed",
          .paragraphs = {"Both engines are at their best: the same trees, allocator, compiler, "
                         "reader of traces and compression, and no step that is quadratic where "
                         "it need not be."},
          .charts = {},
          .tables = {CapabilityTable(), OptimisationTable()}};
}

}  // namespace

bool IsOk(const Comparison& comparison) {
  return std::ranges::all_of(comparison.traces, &TraceCosts::ok) &&
         std::ranges::all_of(comparison.merges, &MergeCost::ok) &&
         std::ranges::all_of(comparison.returns, &ReturnCost::ok) &&
         std::ranges::all_of(comparison.typists,
                             [](const TypistRun& run) { return run.result.ok; }) &&
         std::ranges::all_of(comparison.anomalies,
                             [](const AnomalyCount& count) { return count.lost == 0; });
}

Report MakeComparisonReport(const Comparison& comparison) {
  Report report{.title = "RGA beside OT",
                .paragraphs = {"Two engines for one kind of document, measured in one program and "
                               "one run. Times are of this machine and this moment: compare them "
                               "with each other and with no others. What is not a time is the "
                               "same in every run."}};
  const double budget = comparison.budget_seconds;
  report.sections.push_back(TimeSection(comparison.traces, comparison.repeat));
  report.sections.push_back(MemorySection(comparison.traces));
  report.sections.push_back(ByteSection(comparison.traces, comparison.profile));
  report.sections.push_back(MergeSection(comparison.merges, budget));
  report.sections.push_back(ReturnSection(comparison.returns, budget));
  report.sections.push_back(CrossoverSection(comparison.merges, comparison.returns));
  report.sections.push_back(TypistSection(comparison.typists));
  report.sections.push_back(AnomalySection(comparison.anomalies));
  report.sections.push_back(CapabilitySection());
  return report;
}

}  // namespace cotext
