#include "ot/component_tree.h"

#include <array>
#include <utility>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

// Texts are compacted when this much and half of all is unused.
constexpr size_t kUnusedTextMin = 4096;

std::array<uint64_t, 2> SumsOf(Kind kind, uint64_t count) {
  return {kind == Kind::kInsert ? 0 : count, kind == Kind::kDelete ? 0 : count};
}

// Returns the byte at which code point number `count` of `total` begins, searched for from the
// nearer end.
size_t ByteOf(std::string_view text, uint64_t count, uint64_t total) {
  if (text.size() == total) return static_cast<size_t>(count);
  if (count <= total / 2) return ByteOfCodePoint(text, count);
  size_t byte = text.size();
  for (uint64_t left = total - count; left > 0; --left) {
    do --byte;
    while (IsContinuationByte(text[byte]));
  }
  return byte;
}

}  // namespace

ComponentTree::ComponentTree(const Delta& delta, uint32_t fanout) : tree_(fanout), pieces_(1) {
  std::vector<Tree::Sums> sums(1);
  for (const Component& component : delta) {
    pieces_.push_back({component.kind, component.count, text_.size(), component.text.size()});
    text_ += component.text;
    sums.push_back(SumsOf(component.kind, component.count));
  }
  tree_.Build(std::move(sums), std::vector<NoKey>(pieces_.size()));
}

Delta ComponentTree::ToDelta() const {
  Delta delta;
  for (Leaf leaf = tree_.Next(kHead); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    const Piece& piece = pieces_[leaf];
    delta.Append({piece.kind, piece.count, TextOf(piece)});
  }
  return delta;
}

bool ComponentTree::TypeOn(uint64_t target, std::string_view text, uint64_t count) {
  if (typing_ == kHead || target != typing_target_) return false;
  Piece& piece = pieces_[typing_];
  if (!EndsText(piece)) return false;
  text_ += text;
  piece.text_bytes += text.size();
  piece.count += count;
  typing_target_ += count;
  typed_ += count;
  return true;
}

bool ComponentTree::TakeBack(uint64_t target, uint64_t count, std::string_view expected_text) {
  if (typing_ == kHead || target != typing_target_) return false;
  Piece& piece = pieces_[typing_];
  if (!EndsText(piece) || piece.count <= count) return false;
  const std::string_view text = TextOf(piece);
  const size_t kept = ByteOf(text, piece.count - count, piece.count);
  if (!expected_text.empty() && expected_text != text.substr(kept)) return false;
  text_.resize(piece.text_begin + kept);
  piece.text_bytes = kept;
  piece.count -= count;
  typing_target_ -= count;
  typed_ -= count;
  return true;
}

void ComponentTree::Type(const Place& place) {
  Settle();
  const Piece& piece = pieces_[place.leaf];
  if (piece.kind != Kind::kInsert || place.offset != piece.count) return;
  typing_ = place.leaf;
  typing_target_ = place.target;
}

void ComponentTree::Settle() {
  if (typed_ != 0) tree_.AddTo(kTarget, typing_, static_cast<int64_t>(typed_));
  typed_ = 0;
  typing_ = kHead;
}

auto ComponentTree::End() const -> Place { return At(tree_.Last(), pieces_[tree_.Last()].count); }

bool ComponentTree::AtEnd(const Place& place) const {
  return place.offset == pieces_[place.leaf].count && tree_.Next(place.leaf) == Tree::kNone;
}

auto ComponentTree::At(Leaf leaf, uint64_t offset) const -> Place {
  const Tree::Sums before = tree_.Before(leaf);
  const std::array<uint64_t, 2> inside = SumsOf(pieces_[leaf].kind, offset);
  Place place;
  place.base = before[kBase] + inside[kBase];
  place.target = before[kTarget] + inside[kTarget];
  place.leaf = leaf;
  place.offset = offset;
  if (offset == 0 && leaf != kHead) {
    place.leaf = tree_.Previous(leaf);
    place.offset = pieces_[place.leaf].count;
  }
  return place;
}

auto ComponentTree::Behind(size_t dimension, uint64_t count) const -> Place {
  if (count == 0) return Begin();
  const Tree::Found found =
      tree_.Find(count - 1, [dimension](const Tree::Sums& sums) { return sums[dimension]; });
  return At(found.leaf, found.offset + 1);
}

auto ComponentTree::Before(size_t dimension, uint64_t count) const -> Place {
  if (count == tree_.Total()[dimension]) return End();
  const Tree::Found found =
      tree_.Find(count, [dimension](const Tree::Sums& sums) { return sums[dimension]; });
  return At(found.leaf, found.offset);
}

auto ComponentTree::PassInserts(const Place& place) const -> Place {
  if (AtEnd(place) || After(place).kind != Kind::kInsert) return place;
  return Before(kBase, place.base);
}

auto ComponentTree::PassDeletes(const Place& place) const -> Place {
  if (AtEnd(place) || After(place).kind != Kind::kDelete) return place;
  return Before(kTarget, place.target);
}

auto ComponentTree::After(const Place& place) const -> Rest {
  const Piece* piece = &pieces_[place.leaf];
  uint64_t count = piece->count - place.offset;
  if (count == 0) {
    piece = &pieces_[tree_.Next(place.leaf)];
    count = piece->count;
  }
  return {.kind = piece->kind, .count = count, .has_text = piece->has_text()};
}

std::string_view ComponentTree::TextAfter(const Place& place, uint64_t count) const {
  const Piece* piece = &pieces_[place.leaf];
  uint64_t offset = place.offset;
  if (offset == piece->count) {
    piece = &pieces_[tree_.Next(place.leaf)];
    offset = 0;
  }
  const std::string_view text = TextOf(*piece);
  const size_t begin = ByteOf(text, offset, piece->count);
  return text.substr(begin, ByteOf(text, offset + count, piece->count) - begin);
}

auto ComponentTree::Add(Leaf left, const Piece& piece) -> Leaf {
  Leaf leaf;
  if (free_.empty()) {
    leaf = static_cast<Leaf>(pieces_.size());
    pieces_.push_back(piece);
  } else {
    leaf = free_.back();
    free_.pop_back();
    pieces_[leaf] = piece;
  }
  tree_.InsertAfter(left, leaf);
  const std::array<uint64_t, 2> sums = SumsOf(piece.kind, piece.count);
  tree_.Add(leaf, {static_cast<int64_t>(sums[kBase]), static_cast<int64_t>(sums[kTarget])});
  return leaf;
}

void ComponentTree::Remove(Leaf leaf) {
  DropText(pieces_[leaf].text_begin, pieces_[leaf].text_bytes);
  tree_.Remove(leaf);
  pieces_[leaf] = Piece{};
  free_.push_back(leaf);
}

void ComponentTree::Resize(Leaf leaf, uint64_t count) {
  Piece& piece = pieces_[leaf];
  const auto change = static_cast<int64_t>(count - piece.count);
  piece.count = count;
  tree_.Add(leaf, {piece.kind == Kind::kInsert ? 0 : change,  //
                   piece.kind == Kind::kDelete ? 0 : change});
}

void ComponentTree::DropText(size_t begin, size_t bytes) {
  if (begin + bytes == text_.size()) {
    text_.resize(begin);
  } else {
    unused_text_ += bytes;
  }
}

void ComponentTree::Split(Leaf leaf, uint64_t offset) {
  Piece back = pieces_[leaf];
  back.count -= offset;
  if (back.has_text()) {
    const size_t byte = ByteOf(TextOf(back), offset, pieces_[leaf].count);
    back.text_begin += byte;
    back.text_bytes -= byte;
    pieces_[leaf].text_bytes = byte;
  }
  Resize(leaf, offset);
  Add(leaf, back);
}

void ComponentTree::CutFront(Leaf leaf, uint64_t count) {
  Piece& piece = pieces_[leaf];
  if (piece.has_text()) {
    const size_t byte = ByteOf(TextOf(piece), count, piece.count);
    DropText(piece.text_begin, byte);
    piece.text_begin += byte;
    piece.text_bytes -= byte;
  }
  Resize(leaf, piece.count - count);
}

void ComponentTree::CutBack(Leaf leaf, uint64_t count) {
  Piece& piece = pieces_[leaf];
  if (piece.has_text()) {
    const size_t byte = ByteOf(TextOf(piece), piece.count - count, piece.count);
    DropText(piece.text_begin + byte, piece.text_bytes - byte);
    piece.text_bytes = byte;
  }
  Resize(leaf, piece.count - count);
}

void ComponentTree::Cut(const Place& place, uint64_t count) {
  COTEXT_DCHECK(count > 0);
  const Piece& piece = pieces_[place.leaf];
  if (place.offset < piece.count) {
    const bool to_its_end = piece.count - place.offset == count;
    if (to_its_end || !piece.has_text()) {
      CutBack(place.leaf, count);
      return;
    }
    Split(place.leaf, place.offset);
  }
  const Leaf next = tree_.Next(place.leaf);
  if (pieces_[next].count == count) {
    Remove(next);
  } else {
    CutFront(next, count);
  }
}

auto ComponentTree::Put(Place place, const Component& component) -> Place {
  const std::array<uint64_t, 2> sums = SumsOf(component.kind, component.count);
  place.base += sums[kBase];
  place.target += sums[kTarget];
  Piece* left = &pieces_[place.leaf];
  if (left->kind == component.kind && place.leaf != kHead) {
    if (left->has_text() && !component.has_text()) {
      COTEXT_DCHECK(place.offset == left->count);
      place = MakeTextless(place, tree_.Next(place.leaf));
      left = &pieces_[place.leaf];
    }
    const bool at_end = place.offset == left->count;
    if (!left->has_text() || (at_end && EndsText(*left))) {
      if (left->has_text()) {
        text_ += component.text;
        left->text_bytes += component.text.size();
      }
      place.offset += component.count;
      Resize(place.leaf, left->count + component.count);
      return place;
    }
  }
  if (place.offset < left->count) Split(place.leaf, place.offset);
  if (component.kind == Kind::kRetain) {
    const Leaf next = tree_.Next(place.leaf);
    if (next != Tree::kNone && pieces_[next].kind == Kind::kRetain) {
      Resize(next, pieces_[next].count + component.count);
      place.leaf = next;
      place.offset = component.count;
      return place;
    }
  }
  const size_t text_begin = text_.size();
  text_ += component.text;
  place.leaf =
      Add(place.leaf, {component.kind, component.count, text_begin, component.text.size()});
  place.offset = component.count;
  return place;
}

auto ComponentTree::Join(Place place) -> Place {
  const Leaf left = place.leaf;
  if (left == kHead || place.offset < pieces_[left].count) return place;
  const Leaf right = tree_.Next(left);
  if (right == Tree::kNone || pieces_[left].kind != pieces_[right].kind) return place;
  if (pieces_[left].kind == Kind::kRetain) {
    const uint64_t count = pieces_[right].count;
    Remove(right);
    Resize(left, pieces_[left].count + count);
  } else if (!pieces_[left].has_text() || !pieces_[right].has_text()) {
    return MakeTextless(place, Tree::kNone);
  }
  return place;
}

auto ComponentTree::MakeTextless(Place place, Leaf stop) -> Place {
  for (Leaf left = tree_.Previous(place.leaf); pieces_[left].kind == Kind::kDelete;
       left = tree_.Previous(left)) {
    place.leaf = left;
    place.offset += pieces_[left].count;
  }
  uint64_t count = pieces_[place.leaf].count;
  Leaf next = tree_.Next(place.leaf);
  while (next != stop && pieces_[next].kind == Kind::kDelete) {
    count += pieces_[next].count;
    Remove(next);
    next = tree_.Next(place.leaf);
  }
  Piece& piece = pieces_[place.leaf];
  DropText(piece.text_begin, std::exchange(piece.text_bytes, 0));
  Resize(place.leaf, count);
  return place;
}

void ComponentTree::TrimEnd() {
  Settle();
  const Leaf last = tree_.Last();
  if (last != kHead && pieces_[last].kind == Kind::kRetain) Remove(last);
  // Passing over all pieces and texts is paid for by the bytes that it frees.
  if (unused_text_ > kUnusedTextMin && unused_text_ > text_.size() / 2 && unused_text_ > size()) {
    CompactText();
  }
}

void ComponentTree::CompactText() {
  std::string compacted;
  compacted.reserve(text_.size() - unused_text_);
  for (Leaf leaf = tree_.Next(kHead); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    Piece& piece = pieces_[leaf];
    const std::string_view text = TextOf(piece);
    piece.text_begin = compacted.size();
    compacted += text;
  }
  text_ = std::move(compacted);
  unused_text_ = 0;
}

void ComponentTree::CheckInvariants() const {
  tree_.CheckInvariants();
  COTEXT_CHECK(tree_.First() == kHead);
  COTEXT_CHECK(pieces_[kHead].count == 0);
  COTEXT_CHECK(pieces_[kHead].kind == Kind::kRetain);
  COTEXT_CHECK(tree_.SumsOf(kHead) == Tree::Sums{});
  COTEXT_CHECK(typed_ == 0 || typing_ != kHead);
  std::vector<bool> used(text_.size());
  size_t used_bytes = 0;
  size_t count = 0;
  Leaf previous = kHead;
  for (Leaf leaf = tree_.Next(kHead); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    CheckPiece(leaf, previous, tree_.SumsOf(leaf));
    const Piece& piece = pieces_[leaf];
    for (size_t i = 0; i < piece.text_bytes; ++i) {
      COTEXT_CHECK(!used[piece.text_begin + i]);
      used[piece.text_begin + i] = true;
    }
    used_bytes += piece.text_bytes;
    previous = leaf;
    ++count;
  }
  COTEXT_CHECK(previous == kHead || pieces_[previous].kind != Kind::kRetain);
  COTEXT_CHECK(count == size());
  COTEXT_CHECK(used_bytes + unused_text_ == text_.size());
}

void ComponentTree::CheckPiece(Leaf leaf, Leaf previous, Tree::Sums sums) const {
  const Piece& piece = pieces_[leaf];
  COTEXT_CHECK(piece.count > 0);
  if (leaf == typing_) {
    COTEXT_CHECK(typing_target_ == tree_.Before(leaf)[kTarget] + piece.count);
    sums[kTarget] += typed_;
  }
  COTEXT_CHECK(sums == SumsOf(piece.kind, piece.count));
  COTEXT_CHECK(piece.kind != Kind::kInsert || piece.has_text());
  COTEXT_CHECK(piece.kind != Kind::kRetain || !piece.has_text());
  if (piece.has_text()) {
    COTEXT_CHECK(piece.text_begin <= text_.size());
    COTEXT_CHECK(piece.text_bytes <= text_.size() - piece.text_begin);
    COTEXT_CHECK(IsValidUtf8(TextOf(piece)));
    COTEXT_CHECK(CountCodePoints(TextOf(piece)) == piece.count);
  }
  if (previous != kHead && pieces_[previous].kind == piece.kind) {
    COTEXT_CHECK(piece.has_text());
    COTEXT_CHECK(pieces_[previous].has_text());
  }
}

}  // namespace cotext
