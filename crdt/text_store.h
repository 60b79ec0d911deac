// The text of every element ever inserted, in the order of arrival, deleted or not.
//
// One append-only UTF-8 buffer, and for every kPageElements elements the byte at which they begin.
// Splitting, moving and deleting runs never touches text. A page of ASCII needs no scan to find a
// character; any other is scanned from its start, at most 4 * kPageElements bytes.
//
// Append is amortised O(bytes); everything else O(1) plus the bytes of a page, and Measure the
// bytes of its range. Memory: the bytes and 5 / kPageElements per element. At most kIndexLimit
// bytes.
#ifndef COTEXT_CRDT_TEXT_STORE_H_
#define COTEXT_CRDT_TEXT_STORE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/local_index.h"
#include "document/offset.h"

namespace cotext {

class TextStore {
 public:
  static constexpr uint32_t kPageElements = 256;

  // Adds `count` elements with the text `text`.
  // REQUIRES: text is valid UTF-8 of `count` code points; bytes() + text.size() <= kIndexLimit.
  void Append(std::string_view text, uint32_t count) {
    // A keystroke, or what fits into a page; the first one of a page has more to do.
    const uint32_t used = end_.value % kPageElements;
    if (text.size() == 1 && used != 0) {
      bytes_ += text[0];
      end_ = end_ + 1;
    } else if (text.size() == count && used != 0 && count <= kPageElements - used) {
      bytes_ += text;
      end_ = end_ + count;
    } else {
      AppendByPages(text, count);
    }
  }

  // Returns the text of the elements [begin, begin + count). Valid until the next Append.
  std::string_view Slice(Lv begin, uint32_t count) const;

  // Returns the size of Slice(begin, count) in every unit.
  TextMetrics Measure(Lv begin, uint32_t count) const {
    if (count != 1 || !all_ascii()) return MeasureSlice(begin, count);
    const uint64_t newlines = bytes_[begin.value] == '\n' ? 1 : 0;
    return TextMetrics{.bytes = 1, .code_points = 1, .utf16 = 1, .newlines = newlines};
  }

  // Returns the number of elements.
  Lv end() const { return end_; }
  uint64_t bytes() const { return bytes_.size(); }
  // Whether all elements are one byte long, so that sizes in every unit are the same.
  bool all_ascii() const { return bytes_.size() == end_.value; }

  uint64_t AllocatedBytes() const {
    return bytes_.capacity() + page_begin_.capacity() * sizeof(uint32_t) +
           page_is_ascii_.capacity();
  }

  void CheckInvariants() const;

 private:
  friend struct TextStorePeer;  // Corrupts pages in tests.

  void AppendByPages(std::string_view text, uint32_t count);
  void AppendToPage(std::string_view text, uint32_t count);
  TextMetrics MeasureSlice(Lv begin, uint32_t count) const;
  size_t ByteOf(Lv at) const;

  std::string bytes_;
  std::vector<uint32_t> page_begin_;
  std::vector<uint8_t> page_is_ascii_;
  Lv end_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_TEXT_STORE_H_
