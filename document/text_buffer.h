// A plain text that is edited in place and read by offsets of any unit: a rope.
//
// The text lies in leaves, gap buffers of a few hundred bytes (text_leaves.h), under a SumTree of
// their bytes, code points, UTF-16 units and newlines. The leaf of the last edit is remembered, so
// typing at one place searches no tree and moves no text: it writes one byte and updates the sums.
//
// Law: a TextBuffer behaves as the sequence of its code points.
//
// Invariants: (1) every leaf's sums are those of its text; (2) no character straddles two leaves;
// (3) no leaf is empty, except the only one; (4) of two neighbours at most one is small, that is,
// less than three eighths full. Full leaves are halved and small neighbours merge to less than
// three quarters, so neither is undone by the next edit.
//
// Complexity, n leaves: an edit O(log n + its own length), O(1) beyond the sums where the last one
// was; conversions O(log n); a chunk O(1). Memory: by (4) at most 8 bytes a byte of text, about 2
// after real editing, 1.2 for text built in one piece; the leaves of erased text are kept for
// reuse. Nothing is allocated for an edit inside a leaf.
//
// Ranges are half-open. Thread-compatible. A buffer that was moved from may only be destroyed or
// assigned to. Errors, which change nothing: kOutOfRange past the end of the text, or of the line
// for a column; kInsideCharacter; kInvalidUtf8; kTooLarge past options.max_bytes.
//
// Boehm, Atkinson, Plass: "Ropes: an alternative to strings", 1995. Gap buffers as leaves follow
// jumprope's idea.
#ifndef COTEXT_DOCUMENT_TEXT_BUFFER_H_
#define COTEXT_DOCUMENT_TEXT_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/sum_tree.h"
#include "document/text_conversion.h"
#include "document/text_leaves.h"

namespace cotext {

struct TextBufferOptions {
  // Sums are 32-bit, and no length may look like an index that means "none".
  static constexpr uint64_t kMaxBytes = 0xfffffffeU;

  // At least TextLeaves::kMinCapacity. On recorded editing 384 to 1024 are alike in time and
  // memory, and less is slower; the least of them suits small texts.
  uint32_t leaf_bytes = 384;
  uint32_t fanout = 32;  // In [2, 32]; small ones are for tests.
  uint64_t max_bytes = kMaxBytes;
};

class TextBuffer {
 public:
  // REQUIRES: the options are within their bounds.
  explicit TextBuffer(const TextBufferOptions& options = {});

  [[nodiscard]] static Expected<TextBuffer> FromText(std::string_view text,
                                                     const TextBufferOptions& options = {});

  const TextMetrics& metrics() const { return total_; }
  uint64_t line_count() const { return total_.newlines + 1; }

  // The next four edit.
  // REQUIRES: text does not lie in this buffer.
  [[nodiscard]] Expected<void> Insert(CodePointOffset at, std::string_view text);
  [[nodiscard]] Expected<void> Erase(CodePointOffset begin, uint64_t count);
  [[nodiscard]] Expected<void> Replace(CodePointOffset begin, uint64_t count,
                                       std::string_view text);
  // kDeltaMismatch if the delta is longer than the text or deletes another text than it says.
  [[nodiscard]] Expected<void> Apply(const Delta& delta);

  // Conversions between units.
  [[nodiscard]] Expected<CodePointOffset> ToCodePoint(const AnyOffset& offset) const;
  [[nodiscard]] Expected<ByteOffset> ToByte(CodePointOffset at) const;
  [[nodiscard]] Expected<Utf16Offset> ToUtf16(CodePointOffset at) const;
  [[nodiscard]] Expected<Point> ToPoint(CodePointOffset at) const;

  // Returns where line number `line` begins, counted from 0.
  [[nodiscard]] Expected<CodePointOffset> LineStart(uint64_t line) const;

  // Returns the piece of text that holds unit number `number`; for text_conversion.h.
  // REQUIRES: number is less than the size of the text in that unit.
  FoundText Find(TextUnit unit, uint64_t number) const;

  // Calls `visit` with the text in [begin, end) in pieces, each of them valid UTF-8 and not empty.
  // They are good until the next edit.
  template <typename Visitor>
  [[nodiscard]] Expected<void> ForEachChunk(CodePointOffset begin, CodePointOffset end,
                                            Visitor visit) const;

  std::string Text() const;
  [[nodiscard]] Expected<std::string> Slice(CodePointOffset begin, CodePointOffset end) const;

  // Returns the bytes this buffer has allocated.
  uint64_t AllocatedBytes() const { return leaves_.AllocatedBytes() + tree_.AllocatedBytes(); }

  // Stops the program if an invariant is broken. O(n).
  void CheckInvariants() const;

 private:
  friend struct TextBufferPeer;  // Corrupts buffers in tests.

  enum Dimension : size_t { kBytes, kCodePoints, kUtf16, kNewlines, kDimensions };

  using Tree = SumTree<kDimensions>;
  using Leaf = Tree::Leaf;
  using Place = TextLeaves::Place;

  // A leaf, and how many code points stand before it.
  struct Cursor {
    Leaf leaf = 0;
    uint64_t begin = 0;
  };

  // A reader's place, and how much it still has to read.
  struct Walk {
    Leaf leaf;
    uint32_t byte;
    size_t missing_bytes;
  };

  static TextMetrics ToMetrics(const Tree::Sums& sums) {
    return {sums[kBytes], sums[kCodePoints], sums[kUtf16], sums[kNewlines]};
  }

  bool InRange(CodePointOffset begin, uint64_t count) const {
    return begin.value <= total_.code_points && count <= total_.code_points - begin.value;
  }
  std::unexpected<Error> RangeError(uint64_t begin, uint64_t end) const;
  std::unexpected<Error> SizeError() const;
  Expected<void> CheckDelta(const Delta& delta) const;
  uint64_t ErasedBytes(const Delta& delta) const;

  // What the public edits do, once their arguments are known to be right.
  void InsertValid(uint64_t at, std::string_view text);
  void EraseValid(uint64_t begin, uint64_t count);
  void InsertOverflowing(Leaf leaf, Place at, std::string_view text);
  void EraseSpanning(Leaf leaf, Place from, uint64_t count);

  // Puts the cursor on the leaf that holds the range, or at least its first character; on the one
  // that holds the character before an empty range.
  void Seek(uint64_t begin, uint64_t count);
  bool CursorHolds(uint64_t begin, uint64_t count) const {
    return begin >= cursor_.begin &&
           begin + count <= cursor_.begin + leaves_.Size(cursor_.leaf).code_points;
  }
  void ResetCursor() { cursor_ = Cursor{.leaf = tree_.First(), .begin = 0}; }
  Place PlaceInCursor(uint64_t at) const {
    return leaves_.AtCodePoint(cursor_.leaf, static_cast<uint32_t>(at - cursor_.begin));
  }

  void Grow(Leaf leaf, const TextMetrics& by);
  void Shrink(Leaf leaf, const TextMetrics& by);
  void CountAscii(Leaf leaf, char character, int64_t step);  // The step is 1 or -1.

  // Edits of one leaf and its sums.
  void Put(Leaf leaf, Place at, std::string_view text);
  void Cut(Leaf leaf, Place begin, Place end);

  // Changes of the tree's shape.
  Leaf NewLeafAfter(Leaf left);
  Leaf SplitLeaf(Leaf leaf, Place at);
  void MergeLeaves(Leaf left, Leaf right);
  void RemoveLeaf(Leaf leaf);
  // Appends `text` to `leaf` and as many new leaves as it takes; returns the last of them.
  Leaf Fill(Leaf leaf, std::string_view text);
  // Restores invariants 3 and 4 after changes to the leaves from `first` to `last`.
  void Settle(Leaf first, Leaf last);
  bool IsSmall(Leaf leaf) const { return leaves_.Size(leaf).bytes < small_bytes_; }

  // REQUIRES: number is less than the size of the text in that unit.
  Tree::Found FindLeaf(TextUnit unit, uint64_t number) const;
  // REQUIRES: the range is in the text.
  Walk StartWalk(uint64_t begin, uint64_t end) const;
  size_t BytesOf(uint64_t begin, uint64_t end) const;
  // Returns the next piece, empty at the end.
  std::string_view NextChunk(Walk& walk) const;
  bool Holds(uint64_t begin, uint64_t count, std::string_view text) const;

  void CheckLeaves() const;

  TextLeaves leaves_;
  Tree tree_;
  TextMetrics total_;
  Cursor cursor_;  // Always a leaf of the tree; it changes with edits only.
  uint32_t small_bytes_;
  uint64_t max_bytes_;
};

template <typename Visitor>
Expected<void> TextBuffer::ForEachChunk(CodePointOffset begin, CodePointOffset end,
                                        Visitor visit) const {
  if (!InRange(begin, end.value - begin.value)) return RangeError(begin.value, end.value);
  Walk walk = StartWalk(begin.value, end.value);
  for (std::string_view chunk = NextChunk(walk); !chunk.empty(); chunk = NextChunk(walk)) {
    visit(chunk);
  }
  return {};
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_TEXT_BUFFER_H_
