// The text of every element ever inserted, in the order of arrival, deleted or not.
//
// One append-only UTF-8 buffer, for every page of kPageElements elements the size of everything
// before it, and of every page but the last a bit for each element that is a newline. Splitting,
// moving and deleting runs never touches text. A page of ASCII needs no scan to find a character,
// nor, but for the last, to be measured; any other is scanned from its start, at most
// 4 * kPageElements bytes. What lies between two places far from each other is measured as the
// difference of what is before them.
//
// Invariants: (1) a page begins behind what is counted before it; (2) a page is known as ASCII
// while all its characters are, the page in progress too; (3) page_astral_ is empty until a page
// begins behind a character beyond the Basic Multilingual Plane.
//
// Append is amortised O(bytes); everything else is O(1) plus the bytes of two pages, FindPiece also
// O(log(pages of its range)). Memory: the bytes, a bit an element, and 9 / kPageElements, 13 with
// page_astral_. At most kIndexLimit bytes.
#ifndef COTEXT_CRDT_TEXT_STORE_H_
#define COTEXT_CRDT_TEXT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "crdt/local_index.h"
#include "document/offset.h"
#include "document/text_conversion.h"

namespace cotext {

class TextStore {
 public:
  static constexpr uint32_t kPageElements = 256;

  // Some neighbours of a range of elements, all in one page.
  struct Piece {
    Lv first;
    uint32_t length;
    TextMetrics before;  // The part of the range in front of them.
    uint64_t rest;       // Of the wanted unit, inside the piece, in units of the search.
  };

  // Adds `count` elements with the text `text`.
  // REQUIRES: text is valid UTF-8 of `count` code points; bytes() + text.size() <= kIndexLimit.
  void Append(std::string_view text, uint32_t count) {
    // A character, or what fits into a page; the first of a page has more to do.
    const uint32_t used = end_.value % kPageElements;
    if (text.size() == 1 && used != 0) {
      [[clang::always_inline]] bytes_.push_back(text[0]);
      end_ = end_ + 1;
    } else if (text.size() == count && used != 0 && count <= kPageElements - used) {
      bytes_.insert(bytes_.end(), text.begin(), text.end());
      end_ = end_ + count;
    } else {
      AppendByPages(text, count);
    }
  }

  // The same for one ASCII character: a keystroke.
  [[gnu::always_inline]] inline void AppendAscii(char character) {
    if (end_.value % kPageElements == 0) return AppendByPages({&character, 1}, 1);
    [[clang::always_inline]] bytes_.push_back(character);
    end_ = end_ + 1;
  }

  // Gives back memory that was kept for more.
  void ShrinkToFit();

  // Returns the text of the elements [begin, begin + count). Valid until the next Append.
  std::string_view Slice(Lv begin, uint32_t count) const;

  // Returns the character of an element, if everything in its page is ASCII.
  std::optional<char> AsciiAt(Lv at) const {
    const uint32_t page = at.value / kPageElements;
    if (page_is_ascii_[page] == 0) return std::nullopt;
    return bytes_[size_t{page_begin_[page]} + at.value % kPageElements];
  }

  // Returns the size of Slice(begin, count) in every unit.
  TextMetrics Measure(Lv begin, uint32_t count) const {
    if (count != 1) return MeasureSlice(begin, count);
    const std::optional<char> character = AsciiAt(begin);
    if (!character) return MeasureSlice(begin, count);
    const uint64_t newlines = *character == '\n' ? 1 : 0;
    return TextMetrics{.bytes = 1, .code_points = 1, .utf16 = 1, .newlines = newlines};
  }

  // Returns the part of [begin, begin + count), as large as its page allows, that holds unit number
  // `number` of the range.
  // REQUIRES: number < the size of the range in that unit.
  Piece FindPiece(Lv begin, uint32_t count, TextUnit unit, uint64_t number) const;

  // Returns the number of elements.
  Lv end() const { return end_; }
  uint64_t bytes() const { return bytes_.size(); }
  // Whether all elements are one byte long, so that sizes in every unit are the same.
  bool all_ascii() const { return bytes_.size() == end_.value; }

  uint64_t AllocatedBytes() const {
    return bytes_.capacity() + page_begin_.capacity() * sizeof(uint32_t) +
           page_is_ascii_.capacity() + page_newlines_.capacity() * sizeof(uint32_t) +
           page_astral_.capacity() * sizeof(uint32_t) + newlines_.capacity() * sizeof(uint64_t);
  }

  void CheckInvariants() const;

 private:
  friend struct TextStorePeer;  // Corrupts pages in tests.

  static constexpr uint32_t kBits = 64;

  uint64_t CountNewlines(Lv begin, uint32_t count) const;
  bool IsMarkedAscii(Lv begin, uint32_t count) const;
  TextMetrics MeasureAscii(Lv begin, uint32_t count) const {
    return TextMetrics{.bytes = count,
                       .code_points = count,
                       .utf16 = count,
                       .newlines = CountNewlines(begin, count)};
  }
  void AppendByPages(std::string_view text, uint32_t count);
  void AppendToPage(std::string_view text, uint32_t count);
  void MarkNewlines();
  void BeginPage();
  TextMetrics MeasureSlice(Lv begin, uint32_t count) const;
  TextMetrics MeasureBefore(Lv at) const;
  size_t ByteOf(Lv at) const;

  static Lv FirstOf(uint32_t page) { return Lv{page * kPageElements}; }
  TextMetrics BeforePage(uint32_t page) const {
    const uint64_t code_points = FirstOf(page).value;
    return TextMetrics{.bytes = page_begin_[page],
                       .code_points = code_points,
                       .utf16 = code_points + (page_astral_.empty() ? 0 : page_astral_[page]),
                       .newlines = page_newlines_[page]};
  }

  std::string_view Bytes() const { return {bytes_.data(), bytes_.size()}; }

  // A vector, since a string also asks where its bytes are and ends them with a zero.
  std::vector<char> bytes_;
  // By page; all but page_is_ascii_ count what is before it.
  std::vector<uint32_t> page_begin_;  // Bytes.
  std::vector<uint32_t> page_newlines_;
  std::vector<uint32_t> page_astral_;
  std::vector<uint8_t> page_is_ascii_;
  std::vector<uint64_t> newlines_;  // By element, of all pages but the last.
  Lv end_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_TEXT_STORE_H_
