#include "crdt/history.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {

History::Ids History::IdsFrom(Lv element, uint32_t limit) const {
  if (InBase(element)) {
    const BaseIds::Run run = base.IdsFrom(element);
    return Ids{.first = run.first, .length = std::min(limit, run.length)};
  }
  const CausalGraph::Stretch stretch = graph.StretchAt(log.InsertOf(element));
  return Ids{.first = stretch.id,
             .length = std::min({limit, log.ConsecutiveFrom(element), stretch.length})};
}

std::optional<ElementRange> History::ElementsFrom(OpId id, uint32_t limit) const {
  const std::optional<CausalGraph::Stretch> stretch = graph.StretchFrom(id);
  if (!stretch) {
    std::optional<ElementRange> found = base.ElementsFrom(id);
    if (found) found->length = std::min(found->length, limit);
    return found;
  }
  const OpLog::Run run = log.At(stretch->first);
  if (!run.is_insert) return std::nullopt;
  return ElementRange{.first = run.element,
                      .length = std::min({limit, stretch->length, run.length})};
}

std::optional<Lv> History::BaseElementOf(OpId id) const {
  const std::optional<ElementRange> found = base.ElementsFrom(id);
  if (!found) return std::nullopt;
  return found->first;
}

void History::CheckInvariants() const {
  graph.CheckInvariants();
  log.CheckInvariants();
  text.CheckInvariants();
  COTEXT_CHECK(graph.end() == log.end());
  COTEXT_CHECK(log.element_end() == text.end());
  base.CheckInvariants();
  COTEXT_CHECK(base.end() == log.base_end());
  base.ForEach([this](const BaseIds::Run& run) {
    OpId last = run.first;
    last.counter += run.length - 1;
    COTEXT_CHECK(graph.horizon().version.Covers(last));
  });
}

}  // namespace cotext
