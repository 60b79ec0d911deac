#include "simulation/check/check_liveness.h"

#include <string_view>

namespace cotext {
namespace {

std::string Describe(const std::map<std::string, uint64_t>& waiting) {
  std::string text;
  std::string_view separator;
  for (const auto& [what, count] : waiting) {
    if (count == 0) continue;
    text += separator;
    text += std::to_string(count) + " " + what;
    separator = ", ";
  }
  return text.empty() ? "nothing it knows of" : text;
}

}  // namespace

std::vector<Violation> CheckLiveness(const LivenessRecord& record) {
  Violations found("liveness");
  for (const NodeProgress& node : record.nodes) {
    if (!node.settled_at_us) {
      found.Add(NodeName(node.node) + " still waits for " + Describe(node.waiting));
    } else if (*node.settled_at_us > record.quiet_since_us + record.patience_us) {
      found.Add(NodeName(node.node) + " was done only " +
                std::to_string(*node.settled_at_us - record.quiet_since_us) +
                " us after the last fault");
    }
  }
  return found.Take();
}

}  // namespace cotext
