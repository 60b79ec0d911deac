// Document order the way it came about: every insert is linked in behind its origin.
//
// The operations of a history are gone through in the order of arrival. An insert whose id is
// greater than all before it, as nearly all are, goes right behind its origin; any other one passes
// over what has a greater id first (the flat rule of sequence.h). Only where something was put
// behind an element is the next one written down; everywhere else it is the one numbered next.
//
// O(entries + elements / 64) if little has to be passed over. Where many replicas wrote at one
// place that would be quadratic, so after a budget of steps it gives up.
#ifndef COTEXT_CRDT_LINKED_ORDER_H_
#define COTEXT_CRDT_LINKED_ORDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/history.h"

namespace cotext {

// Returns what DocumentOrder returns, or nothing if it would take more than `steps` steps over
// elements with greater ids.
std::optional<std::vector<ElementRun>> LinkedOrder(const History& history, uint32_t max_length,
                                                   uint64_t steps);

}  // namespace cotext

#endif  // COTEXT_CRDT_LINKED_ORDER_H_
