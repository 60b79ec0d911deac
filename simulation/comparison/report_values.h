// Cells of reports, from what was measured.
#ifndef COTEXT_SIMULATION_COMPARISON_REPORT_VALUES_H_
#define COTEXT_SIMULATION_COMPARISON_REPORT_VALUES_H_

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "document/document.h"
#include "simulation/report/report.h"

namespace cotext {

// Rounds to six digits: more than any clock here has.
inline double Rounded(double number) {
  if (number == 0 || !std::isfinite(number)) return 0;
  const double unit = std::pow(10.0, std::floor(std::log10(std::abs(number))) - 5);
  return std::round(number / unit) * unit;
}

inline ReportValue ValueOf(const std::optional<double>& number) {
  return number ? ReportValue(Rounded(*number)) : ReportValue();
}

// Returns a share of a whole, times `unit`; nothing of nothing.
inline ReportValue RatioOf(double part, double whole, double unit = 1) {
  return whole == 0 ? ReportValue() : ReportValue(Rounded(unit * part / whole));
}

inline ReportValue NameOf(Engine engine) {
  return std::string(engine == Engine::kOt ? "ot" : "rga");
}

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_REPORT_VALUES_H_
