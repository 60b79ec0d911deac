#include "crdt/text_store.h"

#include <algorithm>
#include <bit>
#include <span>

#include "document/check.h"
#include "document/grow.h"
#include "document/newline_bits.h"
#include "document/shrink.h"
#include "document/utf8.h"

namespace cotext {

void TextStore::AppendByPages(std::string_view text, uint32_t count) {
  // The rest of a page too: its characters are appended without asking, and would double it.
  MakeRoomFor(bytes_, std::max(text.size(), size_t{kPageElements}));
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
  if (end_.value % kPageElements == 0) BeginPage();
  if (text.size() != count) page_is_ascii_.back() = 0;
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  end_ = end_ + count;
}

// Counts the page in progress, which is full, and begins another.
void TextStore::BeginPage() {
  if (!page_begin_.empty()) MarkNewlines();
  const TextMetrics before = page_begin_.empty() ? TextMetrics{} : MeasureBefore(end_);
  page_begin_.push_back(static_cast<uint32_t>(before.bytes));
  page_newlines_.push_back(static_cast<uint32_t>(before.newlines));
  page_is_ascii_.push_back(1);
  const auto astral = static_cast<uint32_t>(before.utf16 - before.code_points);
  if (astral == 0) return;
  page_astral_.resize(page_begin_.size());
  page_astral_.back() = astral;
}

// Marks the newlines of the last page, which is full.
void TextStore::MarkNewlines() {
  newlines_.resize(newlines_.size() + kPageElements / kBits);
  const std::span<uint64_t> words = std::span(newlines_).last(kPageElements / kBits);
  const std::string_view text = Bytes().substr(page_begin_.back());
  if (page_is_ascii_.back() != 0) {
    for (size_t i = 0; i < words.size(); ++i) words[i] = NewlinesOf64(text.data() + i * kBits);
    return;
  }
  uint32_t at = 0;
  for (const char byte : text) {
    if (byte == '\n') words[at / kBits] |= uint64_t{1} << at % kBits;
    if (!IsContinuationByte(byte)) ++at;
  }
}

// Returns the number of newlines among elements.
uint64_t TextStore::CountNewlines(Lv begin, uint32_t count) const {
  uint64_t newlines = 0;
  for (uint32_t at = begin.value; count > 0;) {
    const uint32_t here = std::min(count, kBits - at % kBits);
    const uint64_t bits = newlines_[at / kBits] >> at % kBits << (kBits - here);
    // Most stretches of text have none, and not every processor counts bits in one step.
    if (bits != 0) newlines += static_cast<uint64_t>(std::popcount(bits));
    at += here;
    count -= here;
  }
  return newlines;
}

// Returns whether elements, of two pages at most, are ASCII and their newlines are marked.
// REQUIRES: count > 0.
bool TextStore::IsMarkedAscii(Lv begin, uint32_t count) const {
  if ((begin + count).value > newlines_.size() * kBits) return false;
  if (all_ascii()) return true;
  return page_is_ascii_[begin.value / kPageElements] != 0 &&
         page_is_ascii_[(begin + (count - 1)).value / kPageElements] != 0;
}

// Returns the size of all elements before `at`.
// REQUIRES: there are elements.
TextMetrics TextStore::MeasureBefore(Lv at) const {
  const uint32_t last_page = (end_ - 1).value / kPageElements;
  const uint32_t page = std::min(at.value / kPageElements, last_page);
  const TextMetrics before = BeforePage(page);
  const uint32_t inside_page = at - FirstOf(page);
  if (page_is_ascii_[page] != 0 && page < newlines_.size() / (kPageElements / kBits)) {
    return before + MeasureAscii(FirstOf(page), inside_page);
  }
  const auto begin = static_cast<size_t>(before.bytes);
  const std::string_view inside = Bytes().substr(begin, ByteOf(at) - begin);
  return before + cotext::Measure(inside, inside_page);
}

size_t TextStore::ByteOf(Lv at) const {
  if (at == end_) return bytes_.size();
  const uint32_t page = at.value / kPageElements;
  const uint32_t inside = at.value % kPageElements;
  const size_t begin = page_begin_[page];
  if (inside == 0 || page_is_ascii_[page] != 0) return begin + inside;
  return begin + ByteOfCodePoint(Bytes().substr(begin), inside);
}

void TextStore::ShrinkToFit() {
  Shrink(bytes_);
  Shrink(page_begin_);
  Shrink(page_newlines_);
  Shrink(page_astral_);
  Shrink(page_is_ascii_);
  Shrink(newlines_);
}

std::string_view TextStore::Slice(Lv begin, uint32_t count) const {
  const std::string_view bytes = Bytes();
  if (all_ascii()) return bytes.substr(begin.value, count);
  const size_t first = ByteOf(begin);
  const Lv end = begin + count;
  if (begin.value % kPageElements + count >= kPageElements || end == end_) {
    return bytes.substr(first, ByteOf(end) - first);
  }
  // Both ends are in one page, which is not scanned twice.
  if (page_is_ascii_[begin.value / kPageElements] != 0) return bytes.substr(first, count);
  return bytes.substr(first, ByteOfCodePoint(bytes.substr(first), count));
}

TextMetrics TextStore::MeasureSlice(Lv begin, uint32_t count) const {
  if (count == 0) return TextMetrics{};
  if (count <= kPageElements) {
    return IsMarkedAscii(begin, count) ? MeasureAscii(begin, count)
                                       : cotext::Measure(Slice(begin, count), count);
  }
  return MeasureBefore(begin + count) - MeasureBefore(begin);
}

TextStore::Piece TextStore::FindPiece(Lv begin, uint32_t count, TextUnit unit,
                                      uint64_t number) const {
  const Lv end = begin + count;
  uint32_t page = begin.value / kPageElements;
  uint32_t last = (end - 1).value / kPageElements;
  if (page == last) return Piece{.first = begin, .length = count, .before = {}, .rest = number};
  const TextMetrics start = MeasureBefore(begin);
  const uint64_t target = SizeIn(unit, start) + number;
  while (page < last) {
    const uint32_t middle = last - (last - page) / 2;
    if (SizeIn(unit, BeforePage(middle)) <= target) {
      page = middle;
    } else {
      last = middle - 1;
    }
  }
  const Lv first = std::max(begin, FirstOf(page));
  const TextMetrics before = first == begin ? start : BeforePage(page);
  return Piece{.first = first,
               .length = std::min(end - first, kPageElements - first.value % kPageElements),
               .before = before - start,
               .rest = target - SizeIn(unit, before)};
}

void TextStore::CheckInvariants() const {
  COTEXT_CHECK(CountCodePoints(Bytes()) == end_.value);
  COTEXT_CHECK(page_begin_.size() == (end_.value + kPageElements - 1) / kPageElements);
  COTEXT_CHECK(page_is_ascii_.size() == page_begin_.size());
  COTEXT_CHECK(page_newlines_.size() == page_begin_.size());
  const size_t whole_pages = page_begin_.empty() ? 0 : page_begin_.size() - 1;
  COTEXT_CHECK(newlines_.size() == whole_pages * (kPageElements / kBits));
  if (!page_astral_.empty()) {
    COTEXT_CHECK(page_astral_.size() == page_begin_.size());
    COTEXT_CHECK(page_astral_.back() > 0);
  }
  TextMetrics before;
  for (uint32_t page = 0; page < page_begin_.size(); ++page) {
    const bool is_last = page + 1 == page_begin_.size();
    const uint32_t count = is_last ? end_ - FirstOf(page) : kPageElements;
    const size_t limit = is_last ? bytes_.size() : page_begin_[page + 1];
    const std::string_view text = Bytes().substr(page_begin_[page], limit - page_begin_[page]);
    COTEXT_CHECK(CountCodePoints(text) == count);
    COTEXT_CHECK((text.size() == count) == (page_is_ascii_[page] != 0));
    COTEXT_CHECK(BeforePage(page).newlines == before.newlines);
    COTEXT_CHECK(BeforePage(page).utf16 == before.utf16);
    const TextMetrics here = cotext::Measure(text);
    COTEXT_CHECK(is_last || CountNewlines(FirstOf(page), kPageElements) == here.newlines);
    before = before + here;
  }
}

}  // namespace cotext
