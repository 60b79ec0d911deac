// Dropping history: what is left of a document when all below a version is given up.
//
// The version must be *critical*: every operation is in it or comes after all of it, here and with
// everybody who is to go on. Then the counters of all that comes after it are greater than all in
// it, so no insert ever skips an element of the version; and nobody knows one deleted in the
// version who types behind it. So elements that the version deleted decide nothing any more:
// without them, everything goes where it would have gone (docs/CRDT.md §7 has the proof, and what
// happens if only the deletes are known to all).
//
// What is left: the elements visible at the version, the *base*, numbered anew in document order,
// and all operations after it. Since those arrived after all of the version, the version's
// operations, and the elements it inserted, are the first ones by number.
//
// O(runs + bytes + elements of the version), beside the check of the version.
#ifndef COTEXT_CRDT_TRIM_H_
#define COTEXT_CRDT_TRIM_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "crdt/bit_ranges.h"
#include "crdt/history.h"
#include "crdt/local_index.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/error.h"

namespace cotext {

// How elements and operations are numbered after a trim.
class Renumbering {
 public:
  // For each element of the version, `kept` says whether it is, and `base` has its new number, or
  // that of the element of the base that stood next behind one that was dropped: `base_size` if
  // there was none. So many elements are left of the version, and none of so many operations.
  Renumbering(std::vector<Lv> base, BitRanges kept, uint32_t operations, uint32_t base_size)
      : base_(std::move(base)),
        kept_(std::move(kept)),
        operations_(operations),
        base_size_(base_size) {}

  // Returns the new number of an element; kNoLv if it was dropped.
  Lv Of(Lv element) const {
    if (!InVersion(element)) {
      return Lv{element.value - static_cast<uint32_t>(base_.size()) + base_size_};
    }
    return kept_.At(element.value) ? base_[element.value] : kNoLv;
  }

  // Returns the new number of the element in front of which one that was dropped stood, and all
  // that is inserted later goes where it would have gone; nothing if that is the end.
  // REQUIRES: Of(element) is kNoLv.
  std::optional<Lv> NextOf(Lv element) const {
    const Lv next = base_[element.value];
    return next < Lv{base_size_} ? std::optional(next) : std::nullopt;
  }

  // Returns whether an element was inserted in the version.
  bool InVersion(Lv element) const { return element.value < base_.size(); }

  // Returns how many operations were dropped: the others have numbers less by that.
  uint32_t operations() const { return operations_; }

 private:
  std::vector<Lv> base_;  // By element.
  BitRanges kept_;
  uint32_t operations_;
  uint32_t base_size_;
};

struct Trimmed {
  History history;
  Renumbering numbers;
};

// Returns what is left of a history and of the sequence of its elements. kUnknownVersion,
// kHistoryTrimmed as in known_version.h; kNotCritical, also if an operation that is left names an
// element that the version deleted, as no replica that keeps the rules makes it.
Expected<Trimmed> TrimHistory(const History& history, const Sequence& sequence,
                              const VersionVector& version);

}  // namespace cotext

#endif  // COTEXT_CRDT_TRIM_H_
