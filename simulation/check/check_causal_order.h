// An edit takes effect nowhere before those that its author had seen.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_CAUSAL_ORDER_H_
#define COTEXT_SIMULATION_CHECK_CHECK_CAUSAL_ORDER_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "simulation/check/check_durability.h"
#include "simulation/check/violation.h"

namespace cotext {

// A copy of a document took edits of one writer in.
struct Delivery {
  uint64_t copy = 0;  // Which copy: another number for each life of a node.
  uint64_t at_us = 0;
  uint64_t writer = 0;
  uint64_t first = 0;  // His numbers.
  uint64_t last = 0;
  EditExtent seen = {};  // What he had seen, his own before these included.
};

// REQUIRES: the deliveries of each copy are in order.
std::vector<Violation> CheckCausalOrder(std::span<const Delivery> deliveries);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_CAUSAL_ORDER_H_
