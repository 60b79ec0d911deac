// The components of a delta in a tree, to be found and changed anywhere in logarithmic time.
//
// A piece is a component or, of an insert or a delete with text, a part of one: so that two texts
// that come to lie side by side need not be copied together. Reading and changing goes by places: a
// place lies between two code points of the components, everything before it is passed.
//
// Invariants (those of the Delta that the pieces make, kept so that texts of deletes are lost
// exactly when a Delta's would be):
// 1. No piece is empty, neighbours of one kind are inserts or deletes with text, the last piece is
//    no retain. Between a change and the Join and TrimEnd after it this may be broken.
// 2. A piece's text is `text_bytes` of text_ from `text_begin` on, valid UTF-8 of `count` code
//    points. Texts of pieces do not overlap.
// 3. Leaf 0 is the empty head; the tree holds for every other leaf what it covers of base and
//    target, but for what was typed into the last piece since it was settled.
//
// With n pieces, everything is O(log n) amortised and linear in the text handed in, unless it says
// otherwise; typing on is O(1). A text is cut from its nearer end, so that the cuts of a text of m
// bytes cost O(m log m) altogether. Memory: 60 to 85 bytes a piece, and text_, of which about half
// is in use at least. All positions and counts are in code points.
#ifndef COTEXT_OT_COMPONENT_TREE_H_
#define COTEXT_OT_COMPONENT_TREE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/sum_tree.h"

namespace cotext {

class ComponentTree {
  static constexpr size_t kBase = 0;  // Dimensions of the tree.
  static constexpr size_t kTarget = 1;
  using Tree = SumTree<2, NoKey, uint64_t>;
  using Leaf = Tree::Leaf;

 public:
  static constexpr uint32_t kMaxFanout = Tree::kMaxFanout;

  // A place, and how much of base and target is passed there. Good until the next change; what
  // changes something returns a place that is good after it, or says that the one it got still is.
  struct Place {
    uint64_t base = 0;
    uint64_t target = 0;

   private:
    friend class ComponentTree;
    Leaf leaf = kHead;
    uint64_t offset = 0;  // Into the leaf; not 0, but at the head.
  };

  // What stands behind a place: the rest of a piece.
  struct Rest {
    Delta::Kind kind;
    uint64_t count;
    bool has_text;
  };

  // Small fan-outs are for tests.
  explicit ComponentTree(const Delta& delta, uint32_t fanout = kMaxFanout);

  // Makes the delta of all pieces. O(n), and linear in its text.
  Delta ToDelta() const;

  // The lengths of ToDelta().
  uint64_t base_length() const { return tree_.Total()[kBase]; }
  uint64_t target_length() const { return tree_.Total()[kTarget] + typed_; }
  // How many pieces there are.
  size_t size() const { return pieces_.size() - free_.size() - 1; }

  // Typing: puts `text` of `count` code points behind, or takes as many as `count` from the end of
  // what Type named or these two changed last, if that ends in front of target unit `target` and
  // more than it is taken from. Returns whether it did; if not, nothing is changed.
  bool TypeOn(uint64_t target, std::string_view text, uint64_t count);
  bool TakeBack(uint64_t target, uint64_t count, std::string_view expected_text);
  // Makes the insert that ends at `place` the one that is typed.
  void Type(const Place& place);
  // Tells the tree what was typed.
  // Everything below requires that nothing was typed since.
  void Settle();

  // The place before everything, and behind everything.
  Place Begin() const { return Place(); }
  Place End() const;
  bool AtEnd(const Place& place) const;

  // The places right behind as many units of the base or the target.
  // REQUIRES: there are as many.
  Place BehindBase(uint64_t base) const { return Behind(kBase, base); }
  Place BehindTarget(uint64_t target) const { return Behind(kTarget, target); }

  // Returns the place behind all inserts, or deletes, that stand at `place`: in front of the next
  // unit of the base, or of the target, if there is one.
  Place PassInserts(const Place& place) const;
  Place PassDeletes(const Place& place) const;

  // Returns what is behind a place.
  // REQUIRES: !AtEnd(place).
  Rest After(const Place& place) const;
  // Returns the first `count` code points of the text behind it.
  // REQUIRES: After(place) has as many and text.
  std::string_view TextAfter(const Place& place, uint64_t count) const;

  // Takes out the `count` code points behind `place`, which stays.
  // REQUIRES: 0 < count <= After(place).count.
  void Cut(const Place& place, uint64_t count);

  // Puts in `component` and returns the place behind it. A delete with text beside one without
  // loses it, and so does that one.
  // REQUIRES: component.count > 0; a delete is not put into a delete.
  Place Put(Place place, const Delta::Component& component);

  // Makes the two sides of a place one, where they are of one kind. Returns the same place.
  Place Join(Place place);

  // Drops a last retain, and texts that nothing refers to if they are many. Ends what was typed.
  void TrimEnd();

  // Stops the program if an invariant is broken. O(n), and linear in all text.
  void CheckInvariants() const;

 private:
  friend struct ComponentTreePeer;  // Corrupts pieces in tests.

  static constexpr Leaf kHead = 0;

  struct Piece {
    Delta::Kind kind = Delta::Kind::kRetain;
    uint64_t count = 0;
    size_t text_begin = 0;
    size_t text_bytes = 0;  // 0 without text.

    bool has_text() const { return text_bytes > 0; }
  };

  std::string_view TextOf(const Piece& piece) const {
    if (!piece.has_text()) return {};
    return std::string_view(text_).substr(piece.text_begin, piece.text_bytes);
  }
  bool EndsText(const Piece& piece) const {
    return piece.text_begin + piece.text_bytes == text_.size();
  }

  // Returns the place behind `count` units of a dimension.
  Place Behind(size_t dimension, uint64_t count) const;
  // Returns the place in front of the unit that follows `count` units, or the end.
  Place Before(size_t dimension, uint64_t count) const;
  // Returns the place `offset` into `leaf`, at its end or before it.
  Place At(Leaf leaf, uint64_t offset) const;

  // Puts a piece behind `left`. Its text must lie in text_.
  Leaf Add(Leaf left, const Piece& piece);
  void Remove(Leaf leaf);
  // Changes the length of a piece in the tree, not its text.
  void Resize(Leaf leaf, uint64_t count);
  // Moves what is behind `offset` into a piece of its own.
  void Split(Leaf leaf, uint64_t offset);
  // Forgets the first or last `count` code points of a piece that has more.
  void CutFront(Leaf leaf, uint64_t count);
  void CutBack(Leaf leaf, uint64_t count);
  // Notes that `bytes` of text from `begin` on are in no piece any more.
  void DropText(size_t begin, size_t bytes);

  // Makes one piece, without text, of the deletes in a row with the one that `place` is behind, up
  // to the leaf `stop`. Returns the same place.
  Place MakeTextless(Place place, Leaf stop);

  void CompactText();
  void CheckPiece(Leaf leaf, Leaf previous, Tree::Sums sums) const;

  Tree tree_;
  std::vector<Piece> pieces_;  // By leaf.
  std::vector<Leaf> free_;
  std::string text_;
  size_t unused_text_ = 0;  // Bytes of text_ in no piece.

  Leaf typing_ = kHead;         // The insert that is typed, or the head.
  uint64_t typing_target_ = 0;  // Where it ends.
  uint64_t typed_ = 0;          // By how much it is longer than the tree knows; wraps.
};

}  // namespace cotext

#endif  // COTEXT_OT_COMPONENT_TREE_H_
