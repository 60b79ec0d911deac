// Once everybody has everything, all have the same text, version and history.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_CONVERGENCE_H_
#define COTEXT_SIMULATION_CHECK_CHECK_CONVERGENCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

// A copy of the document at the end.
struct FinalCopy {
  uint64_t node = 0;
  std::string text = {};
  std::string version = {};
  std::string history = {};  // All of it in a form that is the same for the same history.
};

// Compares each copy with the first.
std::vector<Violation> CheckConvergence(std::span<const FinalCopy> copies);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_CONVERGENCE_H_
