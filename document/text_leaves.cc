#include "document/text_leaves.h"

#include <algorithm>

namespace cotext {
namespace {

uint32_t Narrow(uint64_t value) { return static_cast<uint32_t>(value); }

// Returns the size of `prefix`, the first bytes of a piece, in both units.
TextLeaves::Place SizeOf(std::string_view prefix) {
  return {Narrow(prefix.size()), Narrow(CountCodePoints(prefix))};
}

}  // namespace

void TextLeaves::Reserve(size_t count) {
  heads_.reserve(count);
  bytes_.reserve(count * capacity_);
}

auto TextLeaves::New() -> Leaf {
  if (!free_.empty()) {
    const Leaf leaf = free_.back();
    free_.pop_back();
    return leaf;
  }
  // By a quarter, not by half or all: the slack is most of what a big text costs beyond itself.
  if (bytes_.capacity() - bytes_.size() < capacity_) {
    Reserve(heads_.size() + heads_.size() / 4 + 1);
  }
  const auto leaf = Narrow(heads_.size());
  heads_.emplace_back();
  bytes_.resize(bytes_.size() + capacity_);
  return leaf;
}

void TextLeaves::Free(Leaf leaf) {
  heads_[leaf] = Head{};
  free_.push_back(leaf);
}

auto TextLeaves::AtByte(Leaf leaf, uint32_t byte) const -> Place {
  if (IsAscii(leaf)) return {byte, byte};
  const Place gap = Gap(leaf);
  const bool in_front = byte < gap.bytes;
  const std::string_view piece = in_front ? Front(leaf) : Back(leaf);
  size_t inside = in_front ? byte : byte - gap.bytes;
  while (inside < piece.size() && IsContinuationByte(piece[inside])) --inside;
  return (in_front ? Place{} : gap) + SizeOf(piece.substr(0, inside));
}

TextMetrics TextLeaves::MeasureLeaf(Leaf leaf) const {
  return Measure(Front(leaf)) + Measure(Back(leaf));
}

auto TextLeaves::ScanToCodePoint(Leaf leaf, uint32_t code_point) const -> Place {
  const Place gap = Gap(leaf);
  if (code_point + 1 == gap.code_points) {
    // What backspace asks for.
    uint32_t byte = gap.bytes - 1;
    while (IsContinuationByte(Front(leaf)[byte])) --byte;
    return {byte, code_point};
  }
  if (code_point < gap.code_points) {
    return {Narrow(ByteOfCodePoint(Front(leaf), code_point)), code_point};
  }
  const size_t in_back = ByteOfCodePoint(Back(leaf), code_point - gap.code_points);
  return {gap.bytes + Narrow(in_back), code_point};
}

void TextLeaves::MoveGap(Leaf leaf, Place to) {
  Head& head = heads_[leaf];
  char* const front_end = Block(leaf) + head.front.bytes;
  char* const back_begin = Block(leaf) + (capacity_ - head.back.bytes);
  if (to.bytes < head.front.bytes) {
    const Place moved = head.front - to;
    std::memmove(back_begin - moved.bytes, front_end - moved.bytes, moved.bytes);
    head.back = head.back + moved;
  } else {
    const Place moved = to - head.front;
    std::memmove(front_end, back_begin, moved.bytes);
    head.back = head.back - moved;
  }
  head.front = to;
}

TextMetrics TextLeaves::Erase(Leaf leaf, Place begin, Place end) {
  Head& head = heads_[leaf];
  // To the nearer end of the range; not at all if it contains the gap.
  if (end.bytes < head.front.bytes) MoveGap(leaf, end);
  if (begin.bytes > head.front.bytes) MoveGap(leaf, begin);
  const Place in_front = head.front - begin;
  const Place behind = end - head.front;
  const TextMetrics erased =
      Measure(Front(leaf).substr(begin.bytes)) + Measure(Back(leaf).substr(0, behind.bytes));
  head.front = head.front - in_front;
  head.back = head.back - behind;
  return erased;
}

TextMetrics TextLeaves::MoveTail(Leaf from, Place at, Leaf to) {
  MoveGap(from, at);
  const std::string_view tail = Back(from);
  Insert(to, Place{}, tail, heads_[from].back.code_points);
  heads_[from].back = Place{};
  return Measure(tail);
}

void TextLeaves::Append(Leaf left, Leaf right) {
  Insert(left, Size(left), Front(right), heads_[right].front.code_points);
  Insert(left, Size(left), Back(right), heads_[right].back.code_points);
  heads_[right] = Head{};
}

void TextLeaves::CheckLeaf(Leaf leaf) const {
  const Head& head = heads_[leaf];
  COTEXT_CHECK(head.front.bytes <= capacity_);
  COTEXT_CHECK(head.back.bytes <= capacity_ - head.front.bytes);
  COTEXT_CHECK(IsValidUtf8(Front(leaf)));
  COTEXT_CHECK(IsValidUtf8(Back(leaf)));
  COTEXT_CHECK(SizeOf(Front(leaf)) == head.front);
  COTEXT_CHECK(SizeOf(Back(leaf)) == head.back);
}

void TextLeaves::CheckInvariants() const {
  COTEXT_CHECK(bytes_.size() == heads_.size() * capacity_);
  for (const Leaf leaf : free_) COTEXT_CHECK(Size(leaf) == Place{});
}

}  // namespace cotext
