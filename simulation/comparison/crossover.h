// Where one of two measured curves overtakes the other.
//
// Costs that differ by less than a tenth count as equal: measuring again may say otherwise. Between
// neighbouring points of which different ones are cheaper both curves are taken as straight lines
// on logarithmic axes, so a crossing is an interpolation, and is said with the two points that it
// lies between.
#ifndef COTEXT_SIMULATION_COMPARISON_CROSSOVER_H_
#define COTEXT_SIMULATION_COMPARISON_CROSSOVER_H_

#include <cstdint>
#include <vector>

namespace cotext {

// What two ways cost at one x.
struct CostPair {
  double x = 0;
  double first = 0;
  double second = 0;
};

struct Crossover {
  double at = 0;
  double after = 0;                // The measured x before it,
  double before = 0;               // and the one behind it.
  bool first_was_cheaper = false;  // Up to there.
};

enum class Cheaper : uint8_t { kFirst, kSecond, kNeither };

// Returns which of both costs is less, by a tenth or more.
Cheaper CheaperOf(const CostPair& costs);

// Returns all crossings, ascending. REQUIRES: x ascends strictly; all numbers are above 0.
std::vector<Crossover> FindCrossovers(const std::vector<CostPair>& costs);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_CROSSOVER_H_
