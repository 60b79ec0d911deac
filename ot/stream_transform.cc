#include "ot/stream_transform.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "document/utf8.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;
using Place = ComponentTree::Place;

// Returns the error of deleting what the tree deletes with another text.
Expected<void> CheckDeletedText(const ComponentTree& tree, uint64_t position, Component deleted) {
  while (deleted.count > 0 && position < tree.base_length()) {
    const Place place = tree.PassInserts(tree.BehindBase(position));
    const ComponentTree::Rest rest = tree.After(place);
    const uint64_t count = std::min(rest.count, deleted.count);
    const std::string_view text = deleted.text.substr(0, ByteOfCodePoint(deleted.text, count));
    if (rest.has_text && tree.TextAfter(place, count) != text) {
      return DeletesDiffer(position, position + count);
    }
    position += count;
    deleted.count -= count;
    deleted.text.remove_prefix(text.size());
  }
  return {};
}

Expected<void> CheckDeletedTexts(const ComponentTree& tree, const Delta& other) {
  uint64_t position = 0;
  for (const Component& component : other) {
    if (component.kind == Kind::kInsert) continue;
    if (component.has_text()) COTEXT_RETURN_IF_ERROR(CheckDeletedText(tree, position, component));
    position += component.count;
  }
  return {};
}

// One delta on its way past the tree, from left to right. Left of the current place the tree is in
// coordinates after the delta, and `result` in those after the tree. What comes to lie side by side
// is joined at the end only: before, a later component may come between.
class Passage {
 public:
  Passage(ComponentTree& tree, const Delta& other, Side side)
      : tree_(tree), cursor_(other), side_(side) {}

  Delta Run() {
    while (!cursor_.AtEnd()) {
      switch (cursor_.Peek().kind) {
        case Kind::kRetain: Retain(); break;
        case Kind::kInsert: Insert(); break;
        case Kind::kDelete: DeletePiece(); break;
      }
    }
    tree_.Join(place_);
    for (const uint64_t base : seams_) tree_.Join(tree_.BehindBase(base));
    tree_.TrimEnd();
    return std::move(result_);
  }

 private:
  void Retain() {
    if (place_.base > 0) seams_.push_back(place_.base);
    const uint64_t base = place_.base + cursor_.Take(cursor_.Peek().count).count;
    if (base <= tree_.base_length()) {
      place_ = tree_.BehindBase(base);
      return;
    }
    // Behind the end of X no place tells how far.
    place_ = tree_.End();
    CatchUp();
    result_.Retain(base - tree_.base_length());
  }

  void Insert() {
    const Component inserted = cursor_.Take(cursor_.Peek().count);
    if (side_ == Side::kLeft) place_ = tree_.PassInserts(place_);
    Emit(inserted);
    if (tree_.AtEnd(place_)) return;  // The retain would be X's last component.
    place_ = tree_.Put(place_, {Kind::kRetain, inserted.count});
    emitted_ = place_.target;
  }

  void DeletePiece() {
    const uint64_t count = cursor_.Peek().count;
    place_ = tree_.PassInserts(place_);
    if (tree_.AtEnd(place_)) {
      Emit(cursor_.Take(count));
      return;
    }
    const ComponentTree::Rest rest = tree_.After(place_);
    const Component piece = cursor_.Take(std::min(count, rest.count));
    tree_.Cut(place_, piece.count);
    if (rest.kind == Kind::kRetain) Emit(piece);
  }

  // Appends what stands at the current place.
  void Emit(const Component& component) {
    CatchUp();
    result_.Append(component);
  }

  // Lets the result retain what of the target was passed.
  void CatchUp() {
    result_.Retain(place_.target - emitted_);
    emitted_ = place_.target;
  }

  ComponentTree& tree_;
  DeltaCursor cursor_;
  Side side_;
  Place place_;
  Delta result_;
  uint64_t emitted_ = 0;         // Up to where in the tree's target the result reaches.
  std::vector<uint64_t> seams_;  // Where the tree was changed, in its base.
};

}  // namespace

Expected<Delta> TransformPast(ComponentTree& tree, const Delta& other, Side side) {
  tree.Settle();
  COTEXT_RETURN_IF_ERROR(CheckTransformedLengths(tree.base_length(), tree.target_length(), other));
  COTEXT_RETURN_IF_ERROR(CheckDeletedTexts(tree, other));
  return Passage(tree, other, side).Run();
}

}  // namespace cotext
