// The sections of the comparison that are about traces: time, memory, bytes.
#ifndef COTEXT_SIMULATION_COMPARISON_TRACE_SECTIONS_H_
#define COTEXT_SIMULATION_COMPARISON_TRACE_SECTIONS_H_

#include <cstdint>
#include <vector>

#include "simulation/comparison/trace_costs.h"
#include "simulation/report/report.h"

namespace cotext {

ReportSection TimeSection(const std::vector<TraceCosts>& traces, uint32_t repeat);
ReportSection MemorySection(const std::vector<TraceCosts>& traces);
ReportSection ByteSection(const std::vector<TraceCosts>& traces, const std::string& profile);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_TRACE_SECTIONS_H_
