// The text at any version, and what changed between two, without replaying anything.
//
// The elements visible at a version are those inserted in it that no delete in it names: a bit per
// element, set and cleared by the ranges of the log. Their order is that of the sequence, whatever
// the version, since integrating never changes the order of two elements. So one walk over its runs
// gives the text, and one that looks at the bits of two versions the delta.
//
// With n runs of the sequence, d run-length operations and s spans in the version: a checkout takes
// O((d + s) log s) + a bit per element, its text O(n + bytes), a delta O(n + its bytes). Memory: a
// bit per element. Sources: Roh et al. 2011 for the order; the idea of visibility by version is
// that of Nicolaescu et al. (Yjs snapshots) and of Automerge's `text_at`.
#ifndef COTEXT_CRDT_CHECKOUT_H_
#define COTEXT_CRDT_CHECKOUT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "crdt/bit_ranges.h"
#include "crdt/element_range.h"
#include "crdt/rga.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/error.h"

namespace cotext {

class Checkout {
 public:
  // Returns the text of `rga` at a version. kUnknownVersion as in known_version.h.
  // REQUIRES: the RGA outlives what is returned, unchanged.
  static Expected<Checkout> At(const Rga& rga, const VersionVector& version);

  // Calls visit(ElementRange) for the visible elements in document order.
  template <typename Visitor>
  void ForEachRange(Visitor visit) const {
    rga_->sequence().ForEachRun([&](const Sequence::Run& run) {
      for (uint32_t at = 0; at < run.length;) {
        const uint32_t first = run.first.value + at;
        const uint32_t length = visible_.AlikeFrom(first, run.length - at);
        if (visible_.At(first)) visit(ElementRange{.first = Lv{first}, .length = length});
        at += length;
      }
    });
  }

  std::string Text() const;

  // Returns the edit that turns the text of `from` into that of `to`. Elements of both are
  // retained; between two of them stands what is inserted, then what is deleted, with its text.
  // REQUIRES: both are of one RGA.
  friend Delta DeltaBetween(const Checkout& from, const Checkout& to);

 private:
  Checkout(const Rga& rga, BitRanges visible) : rga_(&rga), visible_(std::move(visible)) {}

  const Rga* rga_;
  BitRanges visible_;  // By element.
};

Delta DeltaBetween(const Checkout& from, const Checkout& to);

}  // namespace cotext

#endif  // COTEXT_CRDT_CHECKOUT_H_
