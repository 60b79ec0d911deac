// A B+-tree of running sums over an ordered sequence of leaves that somebody else stores.
//
// The owner keeps the leaves in an arena and names them by index; the tree keeps, per leaf, a few
// additive sums (characters, newlines, ...) and optionally a least key, both held in the *parent*,
// so that a search reads one node per level and never a leaf. TextBuffer and the RGA's Sequence are
// two owners of this one structure.
//
// Invariants: (1) all leaves are at one depth; (2) a node holds 1 to `fanout` children; (3) a
// child's sums equal the sums of everything below it, its least key the least below it; (4) every
// child, node or leaf, is linked back to its parent and slot; (5) the sums in unused slots are
// zero.
//
// With n leaves: Build is O(n); InsertAfter, Remove, Add, Before, Find, FirstBelow are O(fanout *
// log n); Next and Previous are O(1) amortised over a walk. A sum fits into Number. A node that
// loses children merges with a sibling once both fit into one. Nodes lie in one vector by index.
#ifndef COTEXT_DOCUMENT_SUM_TREE_H_
#define COTEXT_DOCUMENT_SUM_TREE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "document/check.h"
#include "document/grow.h"
#include "document/prefix_search.h"
#include "document/sum_tree_node.h"

namespace cotext {

template <size_t kDimensions, typename Key = NoKey, typename Number = uint32_t>
class SumTree {
 public:
  // Wide enough for a node's sums to be added in a few vector loads per dimension, narrow enough to
  // move on a split without being felt; 16 to 64 measured alike in the literature on text ropes.
  static constexpr uint32_t kMaxFanout = kPrefixSearchMax;
  static constexpr uint32_t kNone = SumTreeLink::kNone;

  using Leaf = uint32_t;
  using Sums = std::array<Number, kDimensions>;
  using Delta = std::array<int64_t, kDimensions>;

  struct Found {
    Leaf leaf;
    uint64_t offset;  // Of the wanted unit inside the leaf, in the unit of the search.
  };

  // Small fan-outs are for tests. REQUIRES: 2 <= fanout <= kMaxFanout.
  explicit SumTree(uint32_t fanout = kMaxFanout) : fanout_(fanout) {
    COTEXT_CHECK(fanout >= 2);
    COTEXT_CHECK(fanout <= kMaxFanout);
  }

  bool empty() const { return root_ == kNone; }

  // Adds the first leaf, with zero sums and `key`.
  // REQUIRES: empty().
  void InsertFirst(Leaf fresh, const Key& key = {});

  // Adds leaves 0, 1, ... in this order, with these sums and keys. O(n), every node filled.
  // REQUIRES: empty(); as many sums as keys.
  void Build(std::vector<Sums> sums, std::vector<Key> keys);

  // Adds `fresh` right after `left`, with zero sums and `key`.
  // REQUIRES: left is in the tree and fresh is not.
  void InsertAfter(Leaf left, Leaf fresh, const Key& key = {});

  // Takes `leaf` out.
  void Remove(Leaf leaf);

  // Adds `delta` to the sums of `leaf`, or to one of them.
  void Add(Leaf leaf, const Delta& delta);
  void AddTo(size_t dimension, Leaf leaf, int64_t delta);

  // Replaces the least key of `leaf`.
  void SetKey(Leaf leaf, const Key& key);

  Sums SumsOf(Leaf leaf) const {
    const Link link = links_[leaf];
    return nodes_[link.parent].SumsAt(link.slot);
  }
  const Key& KeyOf(Leaf leaf) const { return nodes_[links_[leaf].parent].keys[links_[leaf].slot]; }

  // Returns the sums of all leaves before `leaf`, and of all leaves.
  Sums Before(Leaf leaf) const;
  const Sums& Total() const { return total_; }

  // Returns the leaf that holds unit number `target`, counting `weight(sums)` units per child.
  // REQUIRES: the tree is not empty. A target past the last unit is found in the last leaf.
  template <typename Weight>
  Found Find(uint64_t target, Weight weight) const;

  // Returns the first leaf after `leaf` whose key is less than `bound`, or kNone.
  Leaf FirstBelow(Leaf leaf, const Key& bound) const;

  Leaf First() const { return empty() ? kNone : EdgeLeaf(root_, height_, 0); }
  Leaf Last() const { return empty() ? kNone : EdgeLeaf(root_, height_, 1); }
  Leaf Next(Leaf leaf) const;      // kNone after the last.
  Leaf Previous(Leaf leaf) const;  // kNone before the first.

  // Returns a number that ascends along the leaves, good until leaves come or go.
  uint64_t OrderOf(Leaf leaf) const;
  // Returns whether `left` comes before `right`.
  bool Precedes(Leaf left, Leaf right) const { return OrderOf(left) < OrderOf(right); }

  // Returns the last of the leaves with a weight for which `is_before(leaf)` is true, kNone if
  // there is none. Asks O(log n) times. REQUIRES: it is true for no leaf behind one for which it is
  // false.
  template <typename Weight, typename IsBefore>
  Leaf LastBefore(Weight weight, IsBefore is_before) const;

  // Returns the bytes this tree has allocated.
  uint64_t AllocatedBytes() const {
    return nodes_.capacity() * sizeof(Node) + links_.capacity() * sizeof(Link) +
           free_nodes_.capacity() * sizeof(uint32_t);
  }

  // Stops the program if an invariant is broken. O(n).
  void CheckInvariants() const;

 private:
  friend struct SumTreePeer;  // Corrupts nodes in tests.

  using Link = SumTreeLink;
  using Node = SumTreeNode<kDimensions, Key, Number>;
  static constexpr bool kHasKey = Node::kHasKey;

  Link& LinkOf(uint32_t child, int child_height) {
    return child_height == 0 ? links_[child] : nodes_[child].link;
  }
  const Link& LinkOf(uint32_t child, int child_height) const {
    return child_height == 0 ? links_[child] : nodes_[child].link;
  }

  uint32_t NewNode();
  void FreeNode(uint32_t node) { free_nodes_.push_back(node); }

  // Points the children of `node` in slots [from, count) back at it.
  void Relink(uint32_t node, int height, uint32_t from);

  // Makes a node of the children [first, first + count), given their sums and keys.
  uint32_t NodeOf(int height, uint32_t first, uint32_t count, std::span<const Sums> sums,
                  std::span<const Key> keys);

  // Puts `child` into `slot` of `node`, which has room.
  void PlaceChild(uint32_t node, int height, uint32_t slot, uint32_t child, const Sums& sums,
                  const Key& key);

  // Makes room in the full `node` by moving its upper part to a new right sibling. Afterwards
  // `node` and `slot` name the place where a child meant for the old `slot` now belongs.
  void Split(uint32_t& node, int height, uint32_t& slot);

  // Drops the child in `slot` of `node`, then mends the tree upwards.
  void DropChild(uint32_t node, int height, uint32_t slot);

  // Moves all children of the node in `slot + 1` of `parent` into the node in `slot`, if they fit.
  bool MergeWithNext(uint32_t parent, int height, uint32_t slot);

  // Recomputes what the ancestors of `node` hold about it; the second only keys, while they change.
  void RefreshUpwards(uint32_t node);
  void RefreshKeysUpwards(uint32_t node);
  // Does the second where `key` came in below `node`.
  void LowerKeysUpwards(uint32_t node, const Key& key);

  Leaf EdgeLeaf(uint32_t node, int height, int last) const;
  // Returns the first leaf with a weight below a node, or the leaf that it is itself.
  // REQUIRES: there is one.
  template <typename Weight>
  Leaf FirstWeighted(uint32_t node, int height, Weight weight) const;
  void CheckNode(uint32_t node, int height) const;

  std::vector<Node> nodes_;
  std::vector<Link> links_;  // Of leaves, by leaf.
  std::vector<uint32_t> free_nodes_;
  Sums total_{};  // Of all leaves.
  uint32_t root_ = kNone;
  int height_ = 0;  // Of the root: 1 if its children are leaves.
  uint32_t fanout_;
};

template <size_t kDimensions, typename Key, typename Number>
uint32_t SumTree<kDimensions, Key, Number>::NewNode() {
  if (!free_nodes_.empty()) {
    const uint32_t node = free_nodes_.back();
    free_nodes_.pop_back();
    nodes_[node] = Node{};
    return node;
  }
  MakeRoomFor(nodes_, 1);
  nodes_.emplace_back();
  return static_cast<uint32_t>(nodes_.size() - 1);
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::Relink(uint32_t node, int height, uint32_t from) {
  for (uint32_t i = from; i < nodes_[node].count; ++i) {
    LinkOf(nodes_[node].children[i], height - 1) = Link{.parent = node, .slot = i};
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::InsertFirst(Leaf fresh, const Key& key) {
  COTEXT_CHECK(empty());
  if (links_.size() <= fresh) links_.resize(fresh + 1);
  root_ = NewNode();
  height_ = 1;
  PlaceChild(root_, 1, 0, fresh, Sums{}, key);
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::Build(std::vector<Sums> sums, std::vector<Key> keys) {
  COTEXT_CHECK(empty());
  COTEXT_CHECK(sums.size() == keys.size());
  if (sums.empty()) return;
  links_.resize(sums.size());
  free_nodes_.clear();
  nodes_.clear();
  // The nodes of a level are numbered one after another, as leaves are.
  uint32_t first = 0;
  do {
    ++height_;
    const auto above = static_cast<uint32_t>(nodes_.size());
    const auto children = static_cast<uint32_t>(sums.size());
    for (uint32_t begin = 0; begin < children; begin += fanout_) {
      const uint32_t count = std::min(fanout_, children - begin);
      const uint32_t node = NodeOf(height_, first + begin, count, std::span(sums).subspan(begin),
                                   std::span(keys).subspan(begin));
      // Behind what is still to be read.
      sums[begin / fanout_] = nodes_[node].Total();
      if constexpr (kHasKey) keys[begin / fanout_] = nodes_[node].Least();
    }
    first = above;
    sums.resize(nodes_.size() - above);
    keys.resize(nodes_.size() - above);
  } while (sums.size() > 1);
  root_ = first;
  total_ = sums[0];
}

template <size_t kDimensions, typename Key, typename Number>
uint32_t SumTree<kDimensions, Key, Number>::NodeOf(int height, uint32_t first, uint32_t count,
                                                   std::span<const Sums> sums,
                                                   std::span<const Key> keys) {
  const uint32_t made = NewNode();
  Node& node = nodes_[made];
  node.count = count;
  for (uint32_t i = 0; i < count; ++i) node.SetChild(i, first + i, sums[i], keys[i]);
  Relink(made, height, 0);
  return made;
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::InsertAfter(Leaf left, Leaf fresh, const Key& key) {
  if (links_.size() <= fresh) {
    MakeRoomFor(links_, 1);
    links_.resize(fresh + 1);
  }
  uint32_t node = links_[left].parent;
  uint32_t slot = links_[left].slot + 1;
  const bool full = nodes_[node].count == fanout_;
  if (full) Split(node, 1, slot);
  PlaceChild(node, 1, slot, fresh, Sums{}, key);
  if (full) {
    RefreshUpwards(node);
  } else if constexpr (kHasKey) {
    LowerKeysUpwards(node, key);
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::PlaceChild(uint32_t node, int height, uint32_t slot,
                                                   uint32_t child, const Sums& sums,
                                                   const Key& key) {
  Node& into = nodes_[node];
  COTEXT_DCHECK(into.count < fanout_);
  for (uint32_t i = into.count; i > slot; --i) into.CopyChild(i, into, i - 1);
  into.SetChild(slot, child, sums, key);
  ++into.count;
  Relink(node, height, slot);
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::Split(uint32_t& node, int height, uint32_t& slot) {
  if (node == root_) {
    const uint32_t root = NewNode();
    PlaceChild(root, height + 1, 0, node, nodes_[node].Total(), nodes_[node].Least());
    root_ = root;
    height_ = height + 1;
  }
  uint32_t parent = nodes_[node].link.parent;
  uint32_t right_slot = nodes_[node].link.slot + 1;
  if (nodes_[parent].count == fanout_) Split(parent, height + 1, right_slot);

  // Appending leaves the left node full, so that typing at the end fills nodes instead of halving
  // them; the new child then starts the right node alone.
  const uint32_t kept = slot == fanout_ ? fanout_ : fanout_ / 2;
  const uint32_t right = NewNode();
  Node& from = nodes_[node];
  Node& to = nodes_[right];
  for (uint32_t i = kept; i < from.count; ++i) to.CopyChild(i - kept, from, i);
  to.count = from.count - kept;
  from.Truncate(kept);
  Relink(right, height, 0);
  PlaceChild(parent, height + 1, right_slot, right, Sums{}, Key{});
  // The two may have different parents now, and the right one may be empty until its child comes.
  RefreshUpwards(node);
  RefreshUpwards(right);
  if (slot > kept || kept == fanout_) {
    node = right;
    slot -= kept;
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::Remove(Leaf leaf) {
  const Link link = links_[leaf];
  const Sums sums = SumsOf(leaf);
  for (size_t d = 0; d < kDimensions; ++d) total_[d] -= sums[d];
  links_[leaf] = Link{};
  DropChild(link.parent, 1, link.slot);
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::DropChild(uint32_t node, int height, uint32_t slot) {
  Node& from = nodes_[node];
  for (uint32_t i = slot + 1; i < from.count; ++i) from.CopyChild(i - 1, from, i);
  from.Truncate(from.count - 1);
  Relink(node, height, slot);
  if (node == root_) {
    if (from.count == 0) {
      FreeNode(node);
      root_ = kNone;
      height_ = 0;
      return;
    }
    while (height_ > 1 && nodes_[root_].count == 1) {
      FreeNode(root_);
      root_ = nodes_[root_].children[0];
      nodes_[root_].link = Link{};
      --height_;
    }
    return;
  }
  const Link link = from.link;
  if (from.count == 0) {
    RefreshUpwards(node);
    FreeNode(node);
    DropChild(link.parent, height + 1, link.slot);
    return;
  }
  RefreshUpwards(node);
  if (!MergeWithNext(link.parent, height, link.slot) && link.slot > 0) {
    MergeWithNext(link.parent, height, link.slot - 1);
  }
}

template <size_t kDimensions, typename Key, typename Number>
bool SumTree<kDimensions, Key, Number>::MergeWithNext(uint32_t parent, int height, uint32_t slot) {
  if (slot + 1 >= nodes_[parent].count) return false;
  const uint32_t left = nodes_[parent].children[slot];
  const uint32_t right = nodes_[parent].children[slot + 1];
  const uint32_t total = nodes_[left].count + nodes_[right].count;
  // Half full at most, so that a merge is not undone by the next insertion.
  if (total > std::max(fanout_ / 2, 1U)) return false;
  const uint32_t kept = nodes_[left].count;
  for (uint32_t i = 0; i < nodes_[right].count; ++i) {
    nodes_[left].CopyChild(kept + i, nodes_[right], i);
  }
  nodes_[left].count = total;
  Relink(left, height, kept);
  FreeNode(right);
  RefreshUpwards(left);
  DropChild(parent, height + 1, slot + 1);
  return true;
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::RefreshUpwards(uint32_t node) {
  for (; node != root_; node = nodes_[node].link.parent) {
    const Link link = nodes_[node].link;
    const Sums total = nodes_[node].Total();
    Node& above = nodes_[link.parent];
    for (size_t d = 0; d < kDimensions; ++d) above.sums[d][link.slot] = total[d];
    if (kHasKey && nodes_[node].count > 0) above.keys[link.slot] = nodes_[node].Least();
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::RefreshKeysUpwards(uint32_t node) {
  for (; node != root_; node = nodes_[node].link.parent) {
    const Link link = nodes_[node].link;
    const Key least = nodes_[node].Least();
    Key& held = nodes_[link.parent].keys[link.slot];
    if (held == least) return;
    held = least;
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::LowerKeysUpwards(uint32_t node, const Key& key) {
  for (; node != root_; node = nodes_[node].link.parent) {
    const Link link = nodes_[node].link;
    Key& held = nodes_[link.parent].keys[link.slot];
    if (!(key < held)) return;
    held = key;
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::AddTo(size_t dimension, Leaf leaf, int64_t delta) {
  const auto wrapped = static_cast<Number>(delta);  // Wraps; the sum it yields does not.
  total_[dimension] += wrapped;
  for (Link link = links_[leaf]; link.parent != kNone; link = nodes_[link.parent].link) {
    nodes_[link.parent].sums[dimension][link.slot] += wrapped;
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::Add(Leaf leaf, const Delta& delta) {
  for (size_t d = 0; d < kDimensions; ++d) total_[d] += static_cast<Number>(delta[d]);
  for (Link link = links_[leaf]; link.parent != kNone; link = nodes_[link.parent].link) {
    for (size_t d = 0; d < kDimensions; ++d) {
      nodes_[link.parent].sums[d][link.slot] += static_cast<Number>(delta[d]);
    }
  }
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::SetKey(Leaf leaf, const Key& key) {
  const Link link = links_[leaf];
  nodes_[link.parent].keys[link.slot] = key;
  RefreshKeysUpwards(link.parent);
}

template <size_t kDimensions, typename Key, typename Number>
auto SumTree<kDimensions, Key, Number>::Before(Leaf leaf) const -> Sums {
  Sums before{};
  for (Link link = links_[leaf]; link.parent != kNone; link = nodes_[link.parent].link) {
    const Node& node = nodes_[link.parent];
    for (size_t d = 0; d < kDimensions; ++d) {
      for (uint32_t i = 0; i < link.slot; ++i) before[d] += node.sums[d][i];
    }
  }
  return before;
}

template <size_t kDimensions, typename Key, typename Number>
template <typename Weight>
auto SumTree<kDimensions, Key, Number>::Find(uint64_t target, Weight weight) const -> Found {
  if (target >= weight(total_)) {
    const Leaf last = Last();
    return Found{.leaf = last, .offset = target - weight(Before(last))};
  }
  uint32_t at = root_;
  for (int height = height_; height > 0; --height) {
    const Node& node = nodes_[at];
    const PrefixFound found = SearchPrefixSums(
        target, [&](uint32_t slot) { return static_cast<Number>(weight(node.SumsAt(slot))); });
    at = node.children[found.index];
    target = found.rest;
  }
  return Found{.leaf = at, .offset = target};
}

template <size_t kDimensions, typename Key, typename Number>
auto SumTree<kDimensions, Key, Number>::FirstBelow(Leaf leaf, const Key& bound) const -> Leaf {
  Link link = links_[leaf];
  int height = 1;
  while (true) {
    const Node& node = nodes_[link.parent];
    uint32_t slot = link.slot + 1;
    while (slot < node.count && !(node.keys[slot] < bound)) ++slot;
    if (slot < node.count) {
      uint32_t at = node.children[slot];
      while (--height > 0) {
        const Node& below = nodes_[at];
        uint32_t first = 0;
        while (!(below.keys[first] < bound)) ++first;
        at = below.children[first];
      }
      return at;
    }
    if (link.parent == root_) return kNone;
    link = node.link;
    ++height;
  }
}

template <size_t kDimensions, typename Key, typename Number>
auto SumTree<kDimensions, Key, Number>::EdgeLeaf(uint32_t node, int height, int last) const
    -> Leaf {
  for (; height > 0; --height) {
    node = nodes_[node].children[last != 0 ? nodes_[node].count - 1 : 0];
  }
  return node;
}

template <size_t kDimensions, typename Key, typename Number>
auto SumTree<kDimensions, Key, Number>::Next(Leaf leaf) const -> Leaf {
  int height = 0;
  for (Link link = links_[leaf]; link.parent != kNone; link = nodes_[link.parent].link) {
    const Node& node = nodes_[link.parent];
    if (link.slot + 1 < node.count) return EdgeLeaf(node.children[link.slot + 1], height, 0);
    ++height;
  }
  return kNone;
}

template <size_t kDimensions, typename Key, typename Number>
auto SumTree<kDimensions, Key, Number>::Previous(Leaf leaf) const -> Leaf {
  int height = 0;
  for (Link link = links_[leaf]; link.parent != kNone; link = nodes_[link.parent].link) {
    if (link.slot > 0) {
      return EdgeLeaf(nodes_[link.parent].children[link.slot - 1], height, 1);
    }
    ++height;
  }
  return kNone;
}

template <size_t kDimensions, typename Key, typename Number>
uint64_t SumTree<kDimensions, Key, Number>::OrderOf(Leaf leaf) const {
  uint64_t order = 0;
  uint64_t scale = 1;
  for (Link link = links_[leaf]; link.parent != kNone; link = nodes_[link.parent].link) {
    order += scale * link.slot;
    scale *= fanout_;
  }
  return order;
}

template <size_t kDimensions, typename Key, typename Number>
template <typename Weight>
auto SumTree<kDimensions, Key, Number>::FirstWeighted(uint32_t node, int height,
                                                      Weight weight) const -> Leaf {
  for (; height > 0; --height) {
    const Node& above = nodes_[node];
    node = above.children[above.FirstWeighted(0, above.count, weight)];
  }
  return node;
}

// A node is gone down to if its first leaf is before; so the first of the next one is asked for.
template <size_t kDimensions, typename Key, typename Number>
template <typename Weight, typename IsBefore>
auto SumTree<kDimensions, Key, Number>::LastBefore(Weight weight, IsBefore is_before) const
    -> Leaf {
  if (weight(total_) == 0 || !is_before(FirstWeighted(root_, height_, weight))) return kNone;
  uint32_t at = root_;
  for (int height = height_; height > 0; --height) {
    const Node& node = nodes_[at];
    uint32_t low = node.FirstWeighted(0, node.count, weight);
    for (uint32_t high = node.count; high - low > 1;) {
      const uint32_t middle = low + (high - low) / 2;
      const uint32_t slot = node.FirstWeighted(middle, high, weight);
      if (slot < high && is_before(FirstWeighted(node.children[slot], height - 1, weight))) {
        low = slot;
      } else {
        high = middle;
      }
    }
    at = node.children[low];
  }
  return at;
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::CheckInvariants() const {
  COTEXT_CHECK(total_ == (empty() ? Sums{} : nodes_[root_].Total()));
  if (empty()) return;
  COTEXT_CHECK(nodes_[root_].link.parent == kNone);
  COTEXT_CHECK(height_ >= 1);
  CheckNode(root_, height_);
}

template <size_t kDimensions, typename Key, typename Number>
void SumTree<kDimensions, Key, Number>::CheckNode(uint32_t node, int height) const {
  const Node& at = nodes_[node];
  COTEXT_CHECK(at.count >= 1);
  COTEXT_CHECK(at.count <= fanout_);
  for (uint32_t i = at.count; i < kMaxFanout; ++i) COTEXT_CHECK(at.SumsAt(i) == Sums{});
  for (uint32_t i = 0; i < at.count; ++i) {
    const Link& link = LinkOf(at.children[i], height - 1);
    COTEXT_CHECK(link.parent == node);
    COTEXT_CHECK(link.slot == i);
    if (height == 1) continue;
    const Node& child = nodes_[at.children[i]];
    COTEXT_CHECK(child.Total() == at.SumsAt(i));
    COTEXT_CHECK(child.Least() == at.keys[i]);
    CheckNode(at.children[i], height - 1);
  }
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_SUM_TREE_H_
