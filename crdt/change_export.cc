#include "crdt/change_export.h"

#include <algorithm>
#include <vector>

#include "document/check.h"

namespace cotext {
namespace {

class Exporter {
 public:
  explicit Exporter(const History& history) : history_(history) {}

  void AddStretch(const CausalGraph::Stretch& stretch) {
    update_.BeginChange(stretch.id.replica, stretch.id.counter);
    for (const OpId parent : history_.graph.ParentsOf(stretch.first)) update_.AddParent(parent);
    OpIndex at = stretch.first;
    for (uint32_t left = stretch.length; left > 0;) {
      const OpLog::Run run = history_.log.At(at);
      const uint32_t length = std::min(run.length, left);
      if (run.is_insert) {
        const OpId origin = run.reference == kNoLv ? kRoot : history_.IdOf(run.reference);
        update_.AddInsert(origin, length, history_.text.Slice(run.element, length));
      } else if (run.backward) {
        AddBackwardDelete(run.reference, length);
      } else {
        AddDelete(run.reference, length);
      }
      at = at + length;
      left -= length;
    }
  }

  Update TakeUpdate() { return std::move(update_); }

 private:
  // Neighbours by Lv may have arrived from different replicas: a delete is cut where ids break off.
  void AddDelete(Lv first, uint32_t length) {
    while (length > 0) {
      const uint32_t part = history_.ConsecutiveIds(first, length);
      update_.AddDelete(history_.IdOf(first), part, /*backward=*/false);
      first = first + part;
      length -= part;
    }
  }

  // The same from the other end: cuts [first - length + 1, first] upwards, then adds the parts in
  // descending order.
  void AddBackwardDelete(Lv first, uint32_t length) {
    std::vector<ElementPart> parts;
    for (Lv at = first + 1 - length; at <= first;) {
      const uint32_t part = history_.ConsecutiveIds(at, first + 1 - at);
      parts.push_back(ElementPart{.last = at + part - 1, .length = part});
      at = at + part;
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      update_.AddDelete(history_.IdOf(part->last), part->length, /*backward=*/true);
    }
  }

  struct ElementPart {
    Lv last;
    uint32_t length;
  };

  const History& history_;
  Update update_;
};

}  // namespace

Update ExportChanges(const History& history, std::span<const CausalGraph::Stretch> stretches) {
  Exporter exporter(history);
  for (const CausalGraph::Stretch& stretch : stretches) exporter.AddStretch(stretch);
  return exporter.TakeUpdate();
}

}  // namespace cotext
