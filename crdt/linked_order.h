// Document order the way it came about: every insert is linked in behind its origin.
//
// The operations of a history are gone through in the order of arrival. An insert whose id is
// greater than all before it, as nearly all are, goes right behind its origin; any other one passes
// over what has a greater id first (the flat rule of sequence.h). Only where something was put
// behind an element is the next one written down; everywhere else it is the one numbered next.
//
// O(entries + elements / 64) if little has to be passed over. Where many replicas wrote at one
// place that would be quadratic, so it gives up once that took too many steps for the inserts so
// far.
#ifndef COTEXT_CRDT_LINKED_ORDER_H_
#define COTEXT_CRDT_LINKED_ORDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/bit_ranges.h"
#include "crdt/element_range.h"
#include "crdt/history.h"

namespace cotext {

// Returns what DocumentOrder returns, or nothing if the inserts up to some place pass over more
// runs of elements with greater ids than `steps_per_insert` times their number and kFreeSteps.
inline constexpr uint64_t kFreeSteps = 64;
std::optional<std::vector<ElementRun>> LinkedOrder(const History& history, const BitRanges& deleted,
                                                   uint32_t max_length, uint64_t steps_per_insert);

}  // namespace cotext

#endif  // COTEXT_CRDT_LINKED_ORDER_H_
