#include "crdt/history.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {

History::Ids History::IdsFrom(Lv element, uint32_t limit) const {
  const CausalGraph::Stretch stretch = graph.StretchAt(log.InsertOf(element));
  return Ids{.first = stretch.id,
             .length = std::min({limit, log.ConsecutiveFrom(element), stretch.length})};
}

std::optional<ElementRange> History::ElementsFrom(OpId id, uint32_t limit) const {
  const std::optional<CausalGraph::Stretch> stretch = graph.StretchFrom(id);
  if (!stretch) return std::nullopt;
  const OpLog::Run run = log.At(stretch->first);
  if (!run.is_insert) return std::nullopt;
  return ElementRange{.first = run.element,
                      .length = std::min({limit, stretch->length, run.length})};
}

void History::CheckInvariants() const {
  graph.CheckInvariants();
  log.CheckInvariants();
  text.CheckInvariants();
  COTEXT_CHECK(graph.end() == log.end());
  COTEXT_CHECK(log.element_end() == text.end());
}

}  // namespace cotext
