// A report with a bit of everything.
#ifndef COTEXT_TESTS_SIMULATION_REPORT_SAMPLE_REPORT_H_
#define COTEXT_TESTS_SIMULATION_REPORT_SAMPLE_REPORT_H_

#include <cstdint>
#include <string>

#include "simulation/report/report.h"

namespace cotext {

inline ReportTable SampleTable() {
  return {.name = "sample",
          .title = "A table",
          .columns = {{.key = "engine", .title = "Engine"},
                      {.key = "n", .title = "Number"},
                      {.key = "ms", .title = "Time, <ms>"},
                      {.key = "ok", .title = "Right"}},
          .rows = {{std::string("rga"), uint64_t{10}, 5.25, true},
                   {std::string("rga"), uint64_t{1}, 0.5, true},
                   {std::string("ot"), uint64_t{1}, 0.25, false},
                   {std::string("ot"), uint64_t{10}, {}, true}}};
}

// Its title and a cell hold what has a meaning in HTML, a terminal, or a script.
inline Report SampleReport() {
  ReportTable names{.name = "names",
                    .title = "Names & more",
                    .columns = {{.key = "name", .title = "Name"}},
                    .rows = {{std::string("</script><b>\x1b[1m\"&")}, {std::string("\xff")}}};
  ReportSection section{.title = "One", .paragraphs = {"A < B"}};
  section.charts.push_back(
      ChartOf(SampleTable(), {.x = "n", .y = {"ms"}, .label = {"engine"}}, "Time by n", "ms"));
  section.tables = {SampleTable(), names};
  return {.title = "A <sample>", .paragraphs = {"What it is."}, .sections = {section}};
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SIMULATION_REPORT_SAMPLE_REPORT_H_
