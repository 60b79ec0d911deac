// Once the faults have stopped and nobody edits any more, everything that waits is done within a
// certain time.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_LIVENESS_H_
#define COTEXT_SIMULATION_CHECK_CHECK_LIVENESS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

struct NodeProgress {
  uint64_t node = 0;
  std::optional<uint64_t> settled_at_us = {};  // Since then nothing waits.
  // What waits otherwise, by what it is: "unsent", "not durable", "connections", ...
  std::map<std::string, uint64_t> waiting = {};
};

struct LivenessRecord {
  uint64_t quiet_since_us = 0;
  uint64_t patience_us = 0;
  std::vector<NodeProgress> nodes = {};
};

std::vector<Violation> CheckLiveness(const LivenessRecord& record);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_LIVENESS_H_
