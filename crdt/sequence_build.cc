// Building a Sequence from a whole history, and checking one.
#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/deleted_elements.h"
#include "crdt/document_order.h"
#include "crdt/sequence.h"
#include "crdt/text_store.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext {

namespace {

// Measures the visible elements of runs in document order.
class RunMeasure {
 public:
  RunMeasure(const TextStore& text, std::optional<std::string_view> visible)
      : text_(text), visible_(visible) {}

  TextMetrics Of(std::span<const ElementRun> runs) {
    TextMetrics size;
    if (!visible_) {
      for (const ElementRun& run : runs) {
        if (!run.deleted) size = size + text_.Measure(run.first, run.length);
      }
      return size;
    }
    uint64_t length = 0;
    for (const ElementRun& run : runs) length += run.deleted ? 0 : run.length;
    // In one piece.
    const size_t bytes =
        text_.all_ascii() ? static_cast<size_t>(length) : ByteOfCodePoint(*visible_, length);
    size = Measure(visible_->substr(0, bytes), length);
    visible_->remove_prefix(bytes);
    return size;
  }

 private:
  const TextStore& text_;
  std::optional<std::string_view> visible_;
};

}  // namespace

void Sequence::Rebuild(const History& history) {
  Rebuild(history, DocumentOrder(history, DeletedElements(history.log), options_.max_run),
          std::nullopt);
}

void Sequence::Rebuild(const History& history, std::span<const Run> runs,
                       std::optional<std::string_view> text) {
  *this = Sequence(options_);
  if (runs.empty()) return;
  RunMeasure measure(history.text, text);
  // Leaves are left with some room, so that the next edits need not split them.
  const size_t fill = options_.leaf_runs - options_.leaf_runs / 8;
  leaves_.resize((runs.size() + fill - 1) / fill);
  std::vector<Tree::Sums> sums;
  std::vector<OpId> bounds;
  sums.reserve(leaves_.size());
  bounds.reserve(leaves_.size());
  for (uint32_t at = 0; at < leaves_.size(); ++at) {
    Leaf& leaf = leaves_[at];
    const auto part = runs.subspan(at * fill).first(std::min(fill, runs.size() - at * fill));
    for (const Run& run : part) leaf.Set(leaf.count++, run);
    sums.push_back(ToSums(measure.Of(part)));
    // Of many writers' ids, only a bound that always holds is at hand: the first search that comes
    // by looks closer.
    bounds.push_back(history.IdsAscend() ? LeastOf(history, leaf) : OpId{});
  }
  tree_ = Tree(options_.fanout);
  tree_.Build(std::move(sums), std::move(bounds));
  backlog_.AddEverything(history.text.end());
}

void Sequence::CheckInvariants(const History& history) const {
  tree_.CheckInvariants();
  Settled();
  index_.CheckInvariants();
  uint64_t elements = 0;
  for (uint32_t leaf = tree_.First(); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    CheckLeaf(history, leaf);
    for (uint32_t i = 0; i < leaves_[leaf].count; ++i) elements += leaves_[leaf].LengthAt(i);
  }
  COTEXT_CHECK(elements == index_.end().value);
  COTEXT_CHECK(elements == history.text.end().value);
}

void Sequence::CheckLeaf(const History& history, uint32_t leaf) const {
  TextMetrics total;
  COTEXT_CHECK(leaves_[leaf].count <= options_.leaf_runs);
  for (uint32_t i = leaves_[leaf].count; i < kMaxLeafRuns; ++i) {
    COTEXT_CHECK(leaves_[leaf].lengths[i] == 0);
  }
  for (uint32_t i = 0; i < leaves_[leaf].count; ++i) {
    const Run run = leaves_[leaf].At(i);
    COTEXT_CHECK(run.length > 0);
    COTEXT_CHECK(run.length <= options_.max_run);
    for (uint32_t offset = 0; offset < run.length; ++offset) {
      COTEXT_CHECK(index_.At(run.first + offset) == leaf);
      COTEXT_CHECK(offset == 0 || history.InBase(run.first + offset) ||
                   history.KeyOf(run.first + (offset - 1)) < history.KeyOf(run.first + offset));
    }
    COTEXT_CHECK(tree_.KeyOf(leaf) <= history.KeyOf(run.first));
    if (!run.deleted) total = total + history.text.Measure(run.first, run.length);
  }
  COTEXT_CHECK(tree_.SumsOf(leaf) == ToSums(total));
}

}  // namespace cotext
