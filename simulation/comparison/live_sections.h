// The sections of the comparison that are about people at work together: a typist on a slow line,
// and what concurrent edits do to the order of the text.
#ifndef COTEXT_SIMULATION_COMPARISON_LIVE_SECTIONS_H_
#define COTEXT_SIMULATION_COMPARISON_LIVE_SECTIONS_H_

#include <vector>

#include "document/document.h"
#include "simulation/comparison/anomalies.h"
#include "simulation/comparison/typist.h"
#include "simulation/report/report.h"

namespace cotext {

struct TypistRun {
  Engine engine = Engine::kRga;
  TypistOptions options;
  TypistResult result;
};

ReportSection TypistSection(const std::vector<TypistRun>& runs);
ReportSection AnomalySection(const std::vector<AnomalyCount>& counts);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_LIVE_SECTIONS_H_
