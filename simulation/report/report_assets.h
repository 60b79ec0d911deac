// What every page of a report carries with it, compiled in from files by //build:embed.bzl.
#ifndef COTEXT_SIMULATION_REPORT_REPORT_ASSETS_H_
#define COTEXT_SIMULATION_REPORT_REPORT_ASSETS_H_

#include <string_view>

namespace cotext {

// report.css and report.js.
std::string_view ReportStyle();
std::string_view ReportScript();

// The chart library: script, style, and the licence that copies must carry.
std::string_view ChartLibraryScript();
std::string_view ChartLibraryStyle();
std::string_view ChartLibraryLicense();

}  // namespace cotext

#endif  // COTEXT_SIMULATION_REPORT_REPORT_ASSETS_H_
