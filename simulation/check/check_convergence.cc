#include "simulation/check/check_convergence.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace cotext {
namespace {

size_t FirstDifference(std::string_view left, std::string_view right) {
  const auto [at, other] = std::ranges::mismatch(left, right);
  return static_cast<size_t>(at - left.begin());
}

void Compare(const FinalCopy& first, const FinalCopy& other, std::string_view what,
             std::string FinalCopy::* part, Violations& found) {
  const std::string& left = first.*part;
  const std::string& right = other.*part;
  if (left == right) return;
  found.Add("the " + std::string(what) + " of " + NodeName(other.node) + " (" +
            std::to_string(right.size()) + " bytes) is not that of " + NodeName(first.node) + " (" +
            std::to_string(left.size()) + " bytes), from byte " +
            std::to_string(FirstDifference(left, right)) + " on");
}

}  // namespace

std::vector<Violation> CheckConvergence(std::span<const FinalCopy> copies) {
  Violations found("convergence");
  for (const FinalCopy& copy : copies) {
    Compare(copies[0], copy, "text", &FinalCopy::text, found);
    Compare(copies[0], copy, "version", &FinalCopy::version, found);
    Compare(copies[0], copy, "history", &FinalCopy::history, found);
  }
  return found.Take();
}

}  // namespace cotext
