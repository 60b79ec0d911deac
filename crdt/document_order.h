// The document order of a whole history at once: what integrating its operations one by one comes
// to, in linear time.
//
// The order is the pre-order walk of the tree of origins (sequence.h). Its nodes here are *chains*:
// the elements of an entry of the op log, each the origin of the next. What has its origin inside a
// chain comes right behind that, if its id is greater than that of the chain's next element;
// otherwise the rest of the chain is a greater sibling, and it comes behind all that (and behind
// what has its origin further right, for the same reason).
//
// Example: "abc" typed, then X with origin b, then, by somebody who knew only "a", Y with origin a
// and an id less than b's. Order: a b X c Y.
//
// O(entries + elements / 64 + chains * log(chains with one origin)), beside the look-ups of ids.
#ifndef COTEXT_CRDT_DOCUMENT_ORDER_H_
#define COTEXT_CRDT_DOCUMENT_ORDER_H_

#include <cstdint>
#include <vector>

#include "crdt/bit_ranges.h"
#include "crdt/element_range.h"
#include "crdt/history.h"

namespace cotext {

// Returns all elements in document order, as runs of at most `max_length` neighbours with
// consecutive Lvs, each the origin of the next, all deleted or none. `deleted` is what
// DeletedElements returns.
std::vector<ElementRun> DocumentOrder(const History& history, const BitRanges& deleted,
                                      uint32_t max_length);

// The same by way of the tree only, which takes no longer however many siblings there are.
std::vector<ElementRun> TreeOrder(const History& history, const BitRanges& deleted,
                                  uint32_t max_length);

}  // namespace cotext

#endif  // COTEXT_CRDT_DOCUMENT_ORDER_H_
