// What a writer was told to be durable is there ever after: in everything that a server finds in
// its store after a crash, and at the end.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_DURABILITY_H_
#define COTEXT_SIMULATION_CHECK_CHECK_DURABILITY_H_

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

// Per writer, up to which of his edits all are there. RGA: the counter of the last operation; OT:
// the number of the last submission.
using EditExtent = std::map<uint64_t, uint64_t>;

struct DurabilityEvent {
  enum class Kind : uint8_t {
    kAcknowledged,  // A client was told that these edits are durable.
    kFound,         // A store, or a copy at the end, has these edits.
  };

  Kind kind{};
  uint64_t at_us = 0;
  uint64_t node = 0;
  EditExtent extent = {};
  uint64_t store = 0;  // Of kAcknowledged: the node whose disk has them.
};

// REQUIRES: the events are in order of time.
std::vector<Violation> CheckDurability(std::span<const DurabilityEvent> events);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_DURABILITY_H_
