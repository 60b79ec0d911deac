// The text of a document as a file keeps it: what is visible, in document order, for whoever only
// reads; and what was deleted.
#ifndef COTEXT_CRDT_STORED_TEXT_H_
#define COTEXT_CRDT_STORED_TEXT_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crdt/bit_ranges.h"
#include "crdt/element_range.h"
#include "crdt/local_index.h"

namespace cotext {

struct StoredText {
  std::string_view current;  // Of the visible elements, in document order.
  std::string_view deleted;  // Of the deleted ones, in the order in which they were inserted.
  // Whether the text of deleted elements was left out: each gets PackedUpdate::kSubstitute.
  bool lacks_deleted = false;
};

// Returns the text of all elements in the order in which they were inserted, or nothing if there is
// too little or too much. `runs` are the elements [0, end) in document order, `deleted` those of
// deleted runs. O(bytes), and O(runs * log runs) unless all is ASCII. REQUIRES: the texts are valid
// UTF-8.
std::optional<std::string> InInsertionOrder(std::span<const ElementRun> runs,
                                            const BitRanges& deleted, Lv end,
                                            const StoredText& text);

}  // namespace cotext

#endif  // COTEXT_CRDT_STORED_TEXT_H_
