#include "simulation/comparison/crossover.h"

#include <cmath>
#include <cstddef>

namespace cotext {
namespace {

constexpr double kEqual = 1.1;  // Up to this ratio.

// Returns where the ratio of both costs is 1 between two points.
double Interpolated(const CostPair& before, const CostPair& after) {
  const auto excess = [](const CostPair& costs) { return std::log(costs.first / costs.second); };
  const double share = excess(before) / (excess(before) - excess(after));
  return std::exp(std::lerp(std::log(before.x), std::log(after.x), share));
}

}  // namespace

Cheaper CheaperOf(const CostPair& costs) {
  if (costs.second >= kEqual * costs.first) return Cheaper::kFirst;
  return costs.first >= kEqual * costs.second ? Cheaper::kSecond : Cheaper::kNeither;
}

std::vector<Crossover> FindCrossovers(const std::vector<CostPair>& costs) {
  std::vector<Crossover> found;
  const CostPair* last = nullptr;  // The last point at which one was cheaper.
  for (const CostPair& now : costs) {
    if (CheaperOf(now) == Cheaper::kNeither) continue;
    if (last != nullptr && CheaperOf(*last) != CheaperOf(now)) {
      found.push_back(Crossover{.at = Interpolated(*last, now),
                                .after = last->x,
                                .before = now.x,
                                .first_was_cheaper = CheaperOf(*last) == Cheaper::kFirst});
    }
    last = &now;
  }
  return found;
}

}  // namespace cotext
