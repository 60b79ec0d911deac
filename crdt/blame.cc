#include "crdt/blame.h"

#include <algorithm>
#include <utility>

#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/sequence.h"

namespace cotext {
namespace {

// Turns visible elements in document order into ranges.
class BlameWriter {
 public:
  BlameWriter(const History& history, CodePointOffset begin) : history_(history), at_(begin) {}

  void Add(ElementRange elements) {
    while (elements.length > 0) {
      const History::Ids ids = history_.IdsFrom(elements.first, elements.length);
      Add(ids);
      elements.first = elements.first + ids.length;
      elements.length -= ids.length;
    }
  }

  std::vector<BlameRange> Take() { return std::move(ranges_); }

 private:
  void Add(const History::Ids& ids) {
    if (!ranges_.empty() && Continues(ranges_.back(), ids.first)) {
      ranges_.back().length += ids.length;
    } else {
      ranges_.push_back(BlameRange{.begin = at_, .length = ids.length, .first = ids.first});
    }
    at_.value += ids.length;
  }

  static bool Continues(const BlameRange& range, OpId id) {
    return id.replica == range.first.replica && id.counter == range.first.counter + range.length;
  }

  const History& history_;
  CodePointOffset at_;
  std::vector<BlameRange> ranges_;
};

}  // namespace

std::vector<BlameRange> Blame(const Rga& rga, CodePointOffset begin, CodePointOffset end) {
  BlameWriter writer(rga.history(), begin);
  uint64_t left = end.value - begin.value;
  if (left == 0) return {};
  rga.sequence().ForEachVisibleFrom(begin.value, [&](const Sequence::Run& run, uint32_t offset) {
    const auto length = static_cast<uint32_t>(std::min<uint64_t>(left, run.length - offset));
    writer.Add(ElementRange{.first = run.first + offset, .length = length});
    left -= length;
    return left > 0;
  });
  return writer.Take();
}

std::vector<BlameRange> Blame(const Rga& rga, const Checkout& checkout) {
  BlameWriter writer(rga.history(), CodePointOffset{0});
  checkout.ForEachRange([&](const ElementRange& elements) { writer.Add(elements); });
  return writer.Take();
}

}  // namespace cotext
