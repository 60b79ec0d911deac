#include "crdt/checkout.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "crdt/history.h"
#include "crdt/known_version.h"
#include "crdt/local_index.h"
#include "crdt/text_store.h"
#include "crdt/visible_elements.h"

namespace cotext {
namespace {

BitRanges VisibleAt(const History& history, const VersionVector& version) {
  VisibleElements visible(history.log);
  ForEachCovered(history.graph, version,
                 [&](OpIndex first, uint32_t length) { visible.Apply(first, length); });
  return visible.Take();
}

// Writes a delta in which deletes wait for the end of their gap.
class GapWriter {
 public:
  explicit GapWriter(const TextStore& text) : text_(text) {}

  void Retain(uint32_t count) {
    Flush();
    delta_.Retain(count);
  }
  void Insert(Lv first, uint32_t count) { delta_.Insert(text_.Slice(first, count)); }
  void Delete(Lv first, uint32_t count) {
    deleted_.push_back(ElementRange{.first = first, .length = count});
  }

  Delta Take() {
    Flush();
    return std::move(delta_);
  }

 private:
  void Flush() {
    for (const ElementRange& range : deleted_) {
      delta_.DeleteText(text_.Slice(range.first, range.length));
    }
    deleted_.clear();
  }

  const TextStore& text_;
  std::vector<ElementRange> deleted_;  // Of the gap in progress.
  Delta delta_;
};

}  // namespace

Expected<Checkout> Checkout::At(const Rga& rga, const VersionVector& version) {
  COTEXT_RETURN_IF_ERROR(CheckVersion(rga.history().graph, version));
  return Checkout(rga, VisibleAt(rga.history(), version));
}

std::string Checkout::Text() const {
  std::string text;
  ForEachRange([&](const ElementRange& range) {
    text += rga_->history().text.Slice(range.first, range.length);
  });
  return text;
}

Delta DeltaBetween(const Checkout& from, const Checkout& to) {
  GapWriter writer(from.rga_->history().text);
  from.rga_->sequence().ForEachRun([&](const Sequence::Run& run) {
    uint32_t alike_from = 0;  // Elements from here on that are alike in each.
    uint32_t alike_to = 0;
    for (uint32_t at = 0; at < run.length;) {
      const Lv first = run.first + at;
      if (alike_from == 0) alike_from = from.visible_.AlikeFrom(first.value, run.length - at);
      if (alike_to == 0) alike_to = to.visible_.AlikeFrom(first.value, run.length - at);
      const uint32_t length = std::min(alike_from, alike_to);
      const bool was_visible = from.visible_.At(first.value);
      const bool is_visible = to.visible_.At(first.value);
      if (was_visible && is_visible) writer.Retain(length);
      if (!was_visible && is_visible) writer.Insert(first, length);
      if (was_visible && !is_visible) writer.Delete(first, length);
      at += length;
      alike_from -= length;
      alike_to -= length;
    }
  });
  return writer.Take();
}

}  // namespace cotext
