// The leaves of a TextBuffer: gap buffers of one capacity in an arena, named by index.
//
// A leaf's text stands in two pieces, the front at the start of its block and the back at its end,
// with the gap between them. Text is inserted and erased at the gap, which is moved there first:
// the next edit at the same place then moves nothing. Both pieces are kept with their lengths in
// bytes and in code points, so a place at the gap, and any place of an ASCII leaf, is known without
// reading text.
//
// Invariants: (1) front and back together fit into the capacity; (2) each is valid UTF-8, so no
// character straddles the gap; (3) their lengths are right; (4) a freed leaf is empty.
//
// Complexity: reading and editing are linear in the capacity at worst, a constant. Memory: the
// capacity and 16 bytes a leaf, plus the arena's slack of at most a quarter. Blocks move when the
// arena grows: views into a leaf are good until the next New.
#ifndef COTEXT_DOCUMENT_TEXT_LEAVES_H_
#define COTEXT_DOCUMENT_TEXT_LEAVES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "document/check.h"
#include "document/offset.h"
#include "document/utf8.h"

namespace cotext {

class TextLeaves {
 public:
  using Leaf = uint32_t;

  // Two 4-byte characters, so that every leaf can be split.
  static constexpr uint32_t kMinCapacity = 8;

  // A place in a leaf between two characters, or a length, in both units.
  struct Place {
    uint32_t bytes = 0;
    uint32_t code_points = 0;
    friend constexpr bool operator==(Place, Place) = default;
    friend constexpr Place operator+(Place left, Place right) {
      return {left.bytes + right.bytes, left.code_points + right.code_points};
    }
    friend constexpr Place operator-(Place left, Place right) {
      return {left.bytes - right.bytes, left.code_points - right.code_points};
    }
  };

  // The length of an ASCII character.
  static constexpr Place kAscii{1, 1};

  // REQUIRES: capacity >= kMinCapacity.
  explicit TextLeaves(uint32_t capacity) : capacity_(capacity) {
    COTEXT_CHECK(capacity >= kMinCapacity);
  }

  // Makes room for `count` leaves in all.
  void Reserve(size_t count);

  // Returns an empty leaf.
  Leaf New();

  // REQUIRES: leaf is in use.
  void Free(Leaf leaf);

  uint32_t capacity() const { return capacity_; }
  Place Size(Leaf leaf) const { return heads_[leaf].front + heads_[leaf].back; }
  Place Gap(Leaf leaf) const { return heads_[leaf].front; }
  uint32_t Room(Leaf leaf) const { return capacity_ - Size(leaf).bytes; }
  bool IsAscii(Leaf leaf) const { return Size(leaf).bytes == Size(leaf).code_points; }

  // The text before the gap and the text behind it.
  std::string_view Front(Leaf leaf) const { return {Block(leaf), heads_[leaf].front.bytes}; }
  std::string_view Back(Leaf leaf) const {
    const uint32_t bytes = heads_[leaf].back.bytes;
    return {Block(leaf) + (capacity_ - bytes), bytes};
  }

  // Returns the place in front of code point number `code_point`, or the end.
  // REQUIRES: code_point <= Size(leaf).code_points.
  Place AtCodePoint(Leaf leaf, uint32_t code_point) const {
    const Head& head = heads_[leaf];
    if (IsAscii(leaf)) return {code_point, code_point};
    if (code_point == head.front.code_points) return head.front;
    return ScanToCodePoint(leaf, code_point);
  }

  // Returns the last place that is not behind byte number `byte`.
  // REQUIRES: byte <= Size(leaf).bytes.
  Place AtByte(Leaf leaf, uint32_t byte) const;

  // Returns the metrics of the whole leaf.
  TextMetrics MeasureLeaf(Leaf leaf) const;

  // Inserts `text` of `code_points` code points; the gap ends up behind it.
  // REQUIRES: it fits, and does not lie in this leaf.
  void Insert(Leaf leaf, Place at, std::string_view text, uint32_t code_points) {
    COTEXT_DCHECK(text.size() <= Room(leaf));
    if (at.bytes != Gap(leaf).bytes) MoveGap(leaf, at);
    Head& head = heads_[leaf];
    std::memcpy(Block(leaf) + head.front.bytes, text.data(), text.size());
    head.front = head.front + Place{static_cast<uint32_t>(text.size()), code_points};
  }

  // Inserts one ASCII character.
  // REQUIRES: it fits.
  void InsertAscii(Leaf leaf, Place at, char character) {
    COTEXT_DCHECK(Room(leaf) > 0);
    if (at.bytes != Gap(leaf).bytes) MoveGap(leaf, at);
    Head& head = heads_[leaf];
    Block(leaf)[head.front.bytes] = character;
    head.front = head.front + kAscii;
  }

  // Erases the text between two places and returns its metrics; the gap ends up there.
  TextMetrics Erase(Leaf leaf, Place begin, Place end);

  // Erases one ASCII character and returns it.
  // REQUIRES: there is one behind `at`.
  char EraseAscii(Leaf leaf, Place at) {
    Head& head = heads_[leaf];
    if (at + kAscii == head.front) {
      head.front = at;
      return Block(leaf)[at.bytes];
    }
    if (at.bytes != head.front.bytes) MoveGap(leaf, at);
    const char erased = Back(leaf)[0];
    head.back = head.back - kAscii;
    return erased;
  }

  // Moves the text from `at` on to the empty leaf `to`, and returns its metrics.
  TextMetrics MoveTail(Leaf from, Place at, Leaf to);

  // Moves all text of `right` to the end of `left`.
  // REQUIRES: it fits.
  void Append(Leaf left, Leaf right);

  uint64_t AllocatedBytes() const {
    return heads_.capacity() * sizeof(Head) + bytes_.capacity() + free_.capacity() * sizeof(Leaf);
  }

  // Returns how many leaves are in use.
  size_t CountUsed() const { return heads_.size() - free_.size(); }

  // Stops the program if an invariant of `leaf` is broken.
  void CheckLeaf(Leaf leaf) const;

  // Stops the program if an invariant of the arena is broken.
  void CheckInvariants() const;

 private:
  friend struct TextBufferPeer;  // Corrupts leaves in tests.

  struct Head {
    Place front;
    Place back;
  };

  char* Block(Leaf leaf) { return bytes_.data() + size_t{leaf} * capacity_; }
  const char* Block(Leaf leaf) const { return bytes_.data() + size_t{leaf} * capacity_; }

  void MoveGap(Leaf leaf, Place to);
  Place ScanToCodePoint(Leaf leaf, uint32_t code_point) const;

  std::vector<Head> heads_;
  std::vector<char> bytes_;  // Leaf i has [i * capacity_, (i + 1) * capacity_).
  std::vector<Leaf> free_;
  uint32_t capacity_;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_TEXT_LEAVES_H_
