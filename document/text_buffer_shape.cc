// Edits that change the leaves of a TextBuffer. A text that does not fit into its leaf is put in by
// one of two ways:
//
//     halves      leaf "abcdefgh", insert "X" at 6  ->  "abcd" "efXgh"
//     at the gap  leaf "abcdefgh", insert "X" at 6  ->  "abcdefX" "gh"
//
// The second is taken where the last edit of the leaf was: typing in the middle of a text then
// leaves full leaves behind itself, where halving would leave half-full ones. A longer text is put
// in that way too: it fills the leaf, then as many new ones as it takes.
#include <algorithm>
#include <string_view>

#include "document/check.h"
#include "document/text_buffer.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Returns the size of the longest prefix of `text` that has at most `bytes` and is valid.
size_t WholeCharacters(std::string_view text, size_t bytes) {
  if (bytes >= text.size()) return text.size();
  while (bytes > 0 && IsContinuationByte(text[bytes])) --bytes;
  return bytes;
}

}  // namespace

void TextBuffer::InsertOverflowing(Leaf leaf, Place at, std::string_view text) {
  const Place size = leaves_.Size(leaf);
  const Place middle = leaves_.AtByte(leaf, size.bytes / 2);
  const uint32_t longer_half = std::max(middle.bytes, size.bytes - middle.bytes);
  Leaf last = leaf;
  if (at == size) {
    last = Fill(leaf, text);
  } else if (at == leaves_.Gap(leaf) || text.size() + longer_half > leaves_.capacity()) {
    last = SplitLeaf(leaf, at);
    Fill(leaf, text);
  } else {
    last = SplitLeaf(leaf, middle);
    const bool in_left = at.bytes <= middle.bytes;
    Put(in_left ? leaf : last, in_left ? at : at - middle, text);
  }
  Settle(leaf, last);
  ResetCursor();
}

auto TextBuffer::Fill(Leaf leaf, std::string_view text) -> Leaf {
  while (true) {
    const size_t fitting = WholeCharacters(text, leaves_.Room(leaf));
    if (fitting > 0) Put(leaf, leaves_.Size(leaf), text.substr(0, fitting));
    text.remove_prefix(fitting);
    if (text.empty()) return leaf;
    leaf = NewLeafAfter(leaf);
  }
}

void TextBuffer::EraseSpanning(Leaf leaf, Place from, uint64_t count) {
  const Place size = leaves_.Size(leaf);
  count -= size.code_points - from.code_points;
  Cut(leaf, from, size);
  Leaf next = tree_.Next(leaf);
  while (count > 0 && leaves_.Size(next).code_points <= count) {
    const Leaf after = tree_.Next(next);
    count -= leaves_.Size(next).code_points;
    RemoveLeaf(next);
    next = after;
  }
  Leaf last = leaf;
  if (count > 0) {
    Cut(next, Place{}, leaves_.AtCodePoint(next, static_cast<uint32_t>(count)));
    last = next;
  }
  Settle(leaf, last);
  ResetCursor();
}

auto TextBuffer::NewLeafAfter(Leaf left) -> Leaf {
  const Leaf fresh = leaves_.New();
  tree_.InsertAfter(left, fresh);
  return fresh;
}

auto TextBuffer::SplitLeaf(Leaf leaf, Place at) -> Leaf {
  const Leaf right = NewLeafAfter(leaf);
  const TextMetrics moved = leaves_.MoveTail(leaf, at, right);
  Shrink(leaf, moved);
  Grow(right, moved);
  return right;
}

void TextBuffer::MergeLeaves(Leaf left, Leaf right) {
  const TextMetrics moved = ToMetrics(tree_.SumsOf(right));
  leaves_.Append(left, right);
  RemoveLeaf(right);
  Grow(left, moved);
}

void TextBuffer::RemoveLeaf(Leaf leaf) {
  total_ = total_ - ToMetrics(tree_.SumsOf(leaf));
  tree_.Remove(leaf);
  leaves_.Free(leaf);
}

void TextBuffer::Settle(Leaf first, Leaf last) {
  const auto is_empty = [this](Leaf leaf) { return leaves_.Size(leaf).bytes == 0; };
  const Leaf stop = tree_.Next(last);
  Leaf left = tree_.Previous(first);
  if (left == Tree::kNone) left = first;
  while (left != stop) {
    const Leaf right = tree_.Next(left);
    if (right == Tree::kNone) return;
    if ((IsSmall(left) && IsSmall(right)) || is_empty(left) || is_empty(right)) {
      MergeLeaves(left, right);
      // Behind it nothing is to be done: if `stop` was small, the leaf behind it is not, and if it
      // was not, it came into an empty leaf and is as large as before.
      if (right == stop) return;
    } else {
      left = right;
    }
  }
}

void TextBuffer::CheckInvariants() const {
  leaves_.CheckInvariants();
  tree_.CheckInvariants();
  COTEXT_CHECK(ToMetrics(tree_.Total()) == total_);
  COTEXT_CHECK(total_.bytes <= max_bytes_);
  CheckLeaves();
}

void TextBuffer::CheckLeaves() const {
  size_t count = 0;
  bool cursor_found = false;
  uint64_t before = 0;
  Leaf previous = Tree::kNone;
  for (Leaf leaf = tree_.First(); leaf != Tree::kNone; leaf = tree_.Next(leaf)) {
    leaves_.CheckLeaf(leaf);
    const Place size = leaves_.Size(leaf);
    const TextMetrics measured = leaves_.MeasureLeaf(leaf);
    COTEXT_CHECK(ToMetrics(tree_.SumsOf(leaf)) == measured);
    COTEXT_CHECK(size.bytes > 0 || total_.bytes == 0);
    if (previous != Tree::kNone) COTEXT_CHECK(!IsSmall(previous) || !IsSmall(leaf));
    if (leaf == cursor_.leaf) {
      cursor_found = true;
      COTEXT_CHECK(cursor_.begin == before);
    }
    before += measured.code_points;
    previous = leaf;
    ++count;
  }
  COTEXT_CHECK(cursor_found);
  COTEXT_CHECK(count == leaves_.CountUsed());
  COTEXT_CHECK(total_.bytes > 0 || count == 1);
}

}  // namespace cotext
