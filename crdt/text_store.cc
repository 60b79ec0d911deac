#include "crdt/text_store.h"

#include <algorithm>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {

void TextStore::AppendByPages(std::string_view text, uint32_t count) {
  while (count > 0) {
    const uint32_t room = kPageElements - end_.value % kPageElements;
    const uint32_t here = std::min(room, count);
    const size_t size = here == count          ? text.size()
                        : text.size() == count ? here
                                               : ByteOfCodePoint(text, here);
    AppendToPage(text.substr(0, size), here);
    text.remove_prefix(size);
    count -= here;
  }
  COTEXT_DCHECK(text.empty());
}

void TextStore::AppendToPage(std::string_view text, uint32_t count) {
  if (end_.value % kPageElements == 0) {
    page_begin_.push_back(static_cast<uint32_t>(bytes_.size()));
    page_is_ascii_.push_back(1);
  }
  if (text.size() != count) page_is_ascii_.back() = 0;
  bytes_ += text;
  end_ = end_ + count;
}

size_t TextStore::ByteOf(Lv at) const {
  if (at == end_) return bytes_.size();
  const uint32_t page = at.value / kPageElements;
  const uint32_t inside = at.value % kPageElements;
  const size_t begin = page_begin_[page];
  if (page_is_ascii_[page] != 0) return begin + inside;
  return begin + ByteOfCodePoint(std::string_view(bytes_).substr(begin), inside);
}

std::string_view TextStore::Slice(Lv begin, uint32_t count) const {
  if (all_ascii()) return std::string_view(bytes_).substr(begin.value, count);
  const size_t first = ByteOf(begin);
  return std::string_view(bytes_).substr(first, ByteOf(begin + count) - first);
}

TextMetrics TextStore::MeasureSlice(Lv begin, uint32_t count) const {
  return cotext::Measure(Slice(begin, count), count);
}

void TextStore::CheckInvariants() const {
  COTEXT_CHECK(CountCodePoints(bytes_) == end_.value);
  COTEXT_CHECK(page_begin_.size() == (end_.value + kPageElements - 1) / kPageElements);
  COTEXT_CHECK(page_is_ascii_.size() == page_begin_.size());
  for (size_t page = 0; page < page_begin_.size(); ++page) {
    const Lv begin{static_cast<uint32_t>(page * kPageElements)};
    const Lv end = std::min(begin + kPageElements, end_);
    const size_t limit = end == end_ ? bytes_.size() : page_begin_[page + 1];
    const std::string_view text =
        std::string_view(bytes_).substr(page_begin_[page], limit - page_begin_[page]);
    COTEXT_CHECK(CountCodePoints(text) == end - begin);
    COTEXT_CHECK((text.size() == end - begin) == (page_is_ascii_[page] != 0));
  }
}

}  // namespace cotext
