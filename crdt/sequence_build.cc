// Building a Sequence from a whole history, and checking one.
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "crdt/document_order.h"
#include "crdt/sequence.h"
#include "document/check.h"

namespace cotext {

void Sequence::Rebuild(const History& history) {
  Rebuild(history, DocumentOrder(history, options_.max_run));
}

void Sequence::Rebuild(const History& history, std::span<const Run> runs) {
  *this = Sequence(options_);
  // Leaves are left with some room, so that the next edits need not split them.
  const size_t fill = options_.leaf_runs - options_.leaf_runs / 8;
  leaves_.reserve(runs.size() / fill + 1);
  std::vector<LeafIndex::Place> places;
  places.reserve(runs.size());
  for (size_t begin = 0; begin < runs.size(); begin += fill) {
    const auto part = runs.subspan(begin, std::min(fill, runs.size() - begin));
    AppendLeaf(history, part);
    const auto leaf = static_cast<uint32_t>(leaves_.size() - 1);
    for (const Run& run : part) {
      places.push_back({.elements = {.first = run.first, .length = run.length}, .leaf = leaf});
    }
  }
  index_ = LeafIndex(places, history.text.end());
}

void Sequence::AppendLeaf(const History& history, std::span<const Run> runs) {
  // The first one is there already, and empty.
  if (leaves_[0].count > 0) leaves_.emplace_back();
  const auto at = static_cast<uint32_t>(leaves_.size() - 1);
  Leaf& leaf = leaves_[at];
  TextMetrics size;
  for (const Run& run : runs) {
    leaf.Set(leaf.count++, run);
    if (!run.deleted) size = size + history.text.Measure(run.first, run.length);
  }
  // Of many writers' ids, only a bound that always holds is at hand: the first search that comes by
  // looks closer.
  const OpId bound = history.IdsAscend() ? LeastOf(history, leaf) : OpId{};
  if (at == 0) {
    tree_.SetKey(0, bound);
  } else {
    tree_.InsertAfter(at - 1, at, bound);
  }
  AddSize(at, size);
}

void Sequence::CheckInvariants(const History& history) const {
  tree_.CheckInvariants();
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
      COTEXT_CHECK(offset == 0 ||
                   history.IdOf(run.first + (offset - 1)) < history.IdOf(run.first + offset));
    }
    COTEXT_CHECK(tree_.KeyOf(leaf) <= history.IdOf(run.first));
    if (!run.deleted) total = total + history.text.Measure(run.first, run.length);
  }
  COTEXT_CHECK(tree_.SumsOf(leaf) == ToSums(total));
}

}  // namespace cotext
