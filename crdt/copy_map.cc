#include "crdt/copy_map.h"

#include <algorithm>
#include <utility>

#include "document/check.h"

namespace cotext {

CopyMap::CopyMap(uint32_t fanout) : fanout_(fanout) {
  COTEXT_CHECK(fanout >= 3);
  COTEXT_CHECK(fanout <= kMaxFanout);
}

// Returns the leaf that holds an element's entry, or would.
uint32_t CopyMap::LeafFor(Lv element) const {
  uint32_t at = root_;
  for (int height = height_; height > 0; --height) {
    const Node& node = nodes_[at];
    at = node.below[std::max(node.CountUpTo(element), 1U) - 1];
  }
  return at;
}

std::optional<CopyMap::Entry> CopyMap::LastUpTo(Lv element) const {
  if (size_ == 0) return std::nullopt;
  const Node& leaf = nodes_[LeafFor(element)];
  const uint32_t up_to = leaf.CountUpTo(element);
  if (up_to == 0) return std::nullopt;
  return leaf.At(up_to - 1);
}

Lv CopyMap::FirstBehind(Lv element) const {
  if (size_ == 0) return kNoLv;
  const Node& leaf = nodes_[LeafFor(element)];
  const uint32_t up_to = leaf.CountUpTo(element);
  if (up_to < leaf.count) return leaf.firsts[up_to];
  return leaf.next == kNone ? kNoLv : nodes_[leaf.next].firsts[0];
}

void CopyMap::Assign(const Entry& entry) {
  if (size_ == 0) nodes_.resize(1);
  const uint32_t split = AssignBelow(root_, height_, entry);
  if (split == kNone) return;
  const auto root = static_cast<uint32_t>(nodes_.size());
  Node& above = nodes_.emplace_back();
  for (const uint32_t child : {root_, split}) {
    above.Set(above.count++,
              Entry{.source = nodes_[child].firsts[0], .copy = {.first = Lv{child}, .length = 0}});
  }
  root_ = root;
  ++height_;
}

// Returns the node that was split off behind this one, kNone if none was.
uint32_t CopyMap::AssignBelow(uint32_t at, int height, const Entry& entry) {
  const uint32_t up_to = nodes_[at].CountUpTo(entry.source);
  if (height == 0) {
    if (up_to > 0 && nodes_[at].firsts[up_to - 1] == entry.source) {
      nodes_[at].Set(up_to - 1, entry);
      return kNone;
    }
    ++size_;
    return Put(at, up_to, entry);
  }
  const uint32_t slot = std::max(up_to, 1U) - 1;
  nodes_[at].firsts[slot] = std::min(nodes_[at].firsts[slot], entry.source);
  const uint32_t split = AssignBelow(nodes_[at].below[slot], height - 1, entry);
  if (split == kNone) return kNone;
  return Put(at, slot + 1,
             Entry{.source = nodes_[split].firsts[0], .copy = {.first = Lv{split}, .length = 0}});
}

// Puts an entry into a slot of a node, which may be full; returns what was split off then.
uint32_t CopyMap::Put(uint32_t at, uint32_t slot, const Entry& entry) {
  uint32_t split = kNone;
  if (nodes_[at].count == fanout_) {
    // What ascends behind everything leaves full nodes behind.
    const bool at_end = slot == fanout_ && nodes_[at].next == kNone;
    const uint32_t kept = at_end ? fanout_ : fanout_ / 2;
    split = SplitOff(at, kept);
    if (slot > kept || at_end) {
      at = split;
      slot -= kept;
    }
  }
  Node& node = nodes_[at];
  for (uint32_t i = node.count; i > slot; --i) node.Set(i, node.At(i - 1));
  node.Set(slot, entry);
  ++node.count;
  return split;
}

// Moves the entries of a node from number `kept` on to a new one behind it.
uint32_t CopyMap::SplitOff(uint32_t at, uint32_t kept) {
  const auto fresh = static_cast<uint32_t>(nodes_.size());
  Node& to = nodes_.emplace_back();
  Node& from = nodes_[at];
  for (uint32_t i = kept; i < from.count; ++i) to.Set(to.count++, from.At(i));
  std::fill(from.firsts.data() + kept, from.firsts.data() + from.count, kNoLv);
  from.count = kept;
  to.next = std::exchange(from.next, fresh);
  return fresh;
}

void CopyMap::CheckInvariants() const {
  if (size_ > 0) CheckNode(root_, height_, Lv{0});
  size_t count = 0;
  ForEach([&count](const Entry&) { ++count; });
  COTEXT_CHECK(count == size_);
}

Lv CopyMap::CheckNode(uint32_t at, int height, Lv from) const {
  const Node& node = nodes_[at];
  COTEXT_CHECK(node.count >= 1);
  COTEXT_CHECK(node.count <= fanout_);
  for (uint32_t i = 0; i < node.count; ++i) {
    COTEXT_CHECK(node.firsts[i] >= from);
    from = height == 0 ? node.firsts[i] + node.lengths[i]
                       : CheckNode(node.below[i], height - 1, node.firsts[i]);
  }
  for (uint32_t i = node.count; i < kMaxFanout; ++i) COTEXT_CHECK(node.firsts[i] == kNoLv);
  return from;
}

}  // namespace cotext
