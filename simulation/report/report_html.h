// A report as one page of HTML that needs nothing else: styles, the chart library and all numbers
// are in it, so it can be mailed, kept, and opened without a network.
//
// It can be read in light and dark, on paper, and on a phone without scrolling sideways, where each
// row of a table becomes a list. A chart names the table that has its numbers; where scripts do not
// run, the tables are all there is, and nothing is missing. All numbers are once more in the
// element `report-data`, as ReportToJson has them.
#ifndef COTEXT_SIMULATION_REPORT_REPORT_HTML_H_
#define COTEXT_SIMULATION_REPORT_REPORT_HTML_H_

#include <string>

#include "simulation/report/report.h"

namespace cotext {

std::string ReportToHtml(const Report& report);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPORT_REPORT_HTML_H_
