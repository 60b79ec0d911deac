// What each engine can do, and what was done for its speed, in words.
#ifndef COTEXT_SIMULATION_COMPARISON_CAPABILITIES_H_
#define COTEXT_SIMULATION_COMPARISON_CAPABILITIES_H_

#include "simulation/report/report.h"

namespace cotext {

// Three columns: the RGA, OT with a server, OT with tombstones.
ReportTable CapabilityTable();
ReportTable OptimisationTable();

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_CAPABILITIES_H_
