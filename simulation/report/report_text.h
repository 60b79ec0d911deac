// A report for a terminal: its tables in aligned columns, its prose in lines.
#ifndef COTEXT_SIMULATION_REPORT_REPORT_TEXT_H_
#define COTEXT_SIMULATION_REPORT_REPORT_TEXT_H_

#include <string>

#include "simulation/report/report.h"

namespace cotext {

// Returns all of a report but its charts. Control characters, which a file name may hold, show as
// question marks.
std::string ReportToText(const Report& report);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPORT_REPORT_TEXT_H_
