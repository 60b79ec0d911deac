// A report's tables as JSON.
#ifndef COTEXT_SIMULATION_REPORT_REPORT_JSON_H_
#define COTEXT_SIMULATION_REPORT_REPORT_JSON_H_

#include <ostream>
#include <string>

#include "simulation/report/report.h"

namespace cotext {

// Writes each row of each table as one object on a line: "table", and the columns by their keys.
void WriteJsonLines(const Report& report, std::ostream& out);

// Returns all of a report as one object: its texts, its tables as arrays of such rows, and what its
// charts show. It can stand in a script element as it is: no "<" is in it.
std::string ReportToJson(const Report& report);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPORT_REPORT_JSON_H_
