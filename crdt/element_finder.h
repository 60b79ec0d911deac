// Finds elements by their ids, for whoever looks many up: what an update deletes is often of one
// replica, inserted at one time. The span and the run of the last one are remembered, and the next
// one is looked for there first.
//
// A finder is good until the history grows. From is that of History::ElementsFrom, O(1) where the
// last one was. Thread-compatible.
#ifndef COTEXT_CRDT_ELEMENT_FINDER_H_
#define COTEXT_CRDT_ELEMENT_FINDER_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "crdt/causal_graph.h"
#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/op_log.h"
#include "document/made_for_size.h"

namespace cotext {

class ElementFinder {
 public:
  explicit ElementFinder(const History& history) : history_(history) {}

  // Returns the elements with ids from `id` on that are consecutive here too, at most `limit`;
  // nothing if there is none with that id.
  std::optional<ElementRange> From(OpId id, uint32_t limit) {
    if constexpr (kMadeForSize) return history_.ElementsFrom(id, limit);
    // A counter before the span's wraps around to a huge offset.
    uint64_t offset = id.counter - span_.id.counter;
    if (id.replica != span_.id.replica || offset >= span_.length) {
      const std::optional<CausalGraph::Stretch> span = history_.graph.SpanWith(id);
      if (!span) return history_.ElementsFrom(id, limit);
      span_ = *span;
      offset = id.counter - span_.id.counter;
    }
    const auto inside = static_cast<uint32_t>(offset);
    const OpIndex at = span_.first + inside;
    if (at - run_.first >= run_.length) run_ = history_.log.At(at);
    if (!run_.is_insert) return std::nullopt;
    const uint32_t skipped = at - run_.first;
    return ElementRange{.first = run_.element + skipped,
                        .length = std::min({limit, span_.length - inside, run_.length - skipped})};
  }

 private:
  const History& history_;
  CausalGraph::Stretch span_{};  // Without operations at first, as is the run.
  OpLog::Run run_{};
};

}  // namespace cotext

#endif  // COTEXT_CRDT_ELEMENT_FINDER_H_
