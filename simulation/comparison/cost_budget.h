// What a series of measurements of growing size may take.
#ifndef COTEXT_SIMULATION_COMPARISON_COST_BUDGET_H_
#define COTEXT_SIMULATION_COMPARISON_COST_BUDGET_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "simulation/replay/run_meter.h"

namespace cotext {

// Leaves out what is expected to take too long, judged by the next smaller sizes: ten times the
// length to take twelve times as long, twice the branches three times. What was left out at a
// smaller size is left out at a larger one.
class CostBudget {
 public:
  explicit CostBudget(double seconds) : seconds_(seconds) {}

  // Returns what `measure` returns, unless it is left out.
  std::optional<double> Measure(uint64_t branches, uint64_t length,
                                const std::function<double()>& measure) {
    const std::pair size(branches, length);
    if (Expected(branches, length) > seconds_) {
      taken_[size] = kTooLong;
      return std::nullopt;
    }
    const Stopwatch watch(ClockKind::kProcessor);
    const double result = measure();
    taken_[size] = watch.Milliseconds() / 1000;
    return result;
  }

 private:
  static constexpr double kTooLong = 1e9;

  double TakenBy(uint64_t branches, uint64_t length) const {
    const auto found = taken_.find(std::pair(branches, length));
    return found == taken_.end() ? 0 : found->second;
  }
  double Expected(uint64_t branches, uint64_t length) const {
    return std::max(12 * TakenBy(branches, length / 10), 3 * TakenBy(branches / 2, length));
  }

  double seconds_;
  std::map<std::pair<uint64_t, uint64_t>, double> taken_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_COST_BUDGET_H_
