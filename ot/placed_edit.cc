#include "ot/placed_edit.h"

#include <utility>

#include "ot/transform.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;

// Returns the gap of the base in which a delta inserts, if it inserts.
std::optional<uint64_t> InsertGap(const Delta& delta) {
  uint64_t base = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Kind::kInsert) return base;
    base += component.count;
  }
  return std::nullopt;
}

// Returns whether a delta deletes what stands right before a gap.
bool TakesOrigin(const Delta& delta, std::optional<uint64_t> gap) {
  if (!gap) return false;
  uint64_t base = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Kind::kInsert) continue;
    const bool is_before = base < *gap && *gap <= base + component.count;
    if (component.kind == Kind::kDelete && is_before) return true;
    base += component.count;
  }
  return false;
}

}  // namespace

Expected<bool> PlacedEdit::Transform(PlacedEdit& left, PlacedEdit& right) {
  if (left.EndsBefore(right)) {
    right.position_ = left.LengthAfter(right.position_);
    return true;
  }
  if (right.EndsBefore(left)) {
    left.position_ = right.LengthAfter(left.position_);
    return true;
  }
  const Delta left_delta = left.ToDelta();
  const Delta right_delta = right.ToDelta();
  const std::optional<uint64_t> left_gap = InsertGap(left_delta);
  const std::optional<uint64_t> right_gap = InsertGap(right_delta);
  const bool left_lost = left.lost_origin_ || TakesOrigin(right_delta, left_gap);
  const bool right_lost = right.lost_origin_ || TakesOrigin(left_delta, right_gap);
  if (left_gap && left_gap == right_gap && left_lost && right_lost) return false;
  const bool left_first = left_lost != right_lost ? right_lost : left.id_ > right.id_;
  Expected<TransformedPair> pair =
      left_first ? TransformPair(left_delta, right_delta) : TransformPair(right_delta, left_delta);
  if (!pair) return std::unexpected(std::move(pair).error());
  if (!left_first) std::swap(pair->left, pair->right);
  left.Become(std::move(pair->left));
  right.Become(std::move(pair->right));
  left.lost_origin_ = left_lost;
  right.lost_origin_ = right_lost;
  return true;
}

Expected<void> PlacedEdit::ApplyTo(TextBuffer& text) const {
  if (whole_) return text.Apply(*whole_);
  return text.Replace(CodePointOffset{position_}, deleted_, inserted_);
}

Delta PlacedEdit::ToDelta() const {
  if (whole_) return *whole_;
  Delta delta;
  delta.Retain(position_).Insert(inserted_).Delete(deleted_);
  return delta;
}

// Keeps a delta, as an edit of one place if it is one.
void PlacedEdit::Become(Delta delta) {
  uint64_t position = 0;
  uint64_t deleted = 0;
  size_t i = 0;
  const auto takes = [&](Kind kind) { return i < delta.size() && delta[i].kind == kind; };
  if (takes(Kind::kRetain)) position = delta[i++].count;
  if (takes(Kind::kInsert)) ++i;  // As it always was: one text, whole.
  if (takes(Kind::kDelete)) deleted = delta[i++].count;
  if (i < delta.size()) {
    whole_ = std::move(delta);
    return;
  }
  position_ = position;
  deleted_ = deleted;
  whole_.reset();
}

}  // namespace cotext
