#include "crdt/leaf_index.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {
namespace {

// Returns the place in a sorted list behind the entries that begin at or before `element`.
template <typename List>
auto EntryAfter(List& list, uint32_t element) {
  return std::upper_bound(list.begin(), list.end(), element,
                          [](uint32_t at, const auto& entry) { return at < entry.first; });
}

}  // namespace

uint32_t LeafIndex::At(Lv at) const {
  COTEXT_DCHECK(at < end_);
  const uint32_t page = pages_[at.value / kPageElements];
  if ((page & kListBit) == 0) return page;
  const std::vector<Entry>& list = lists_[page & ~kListBit];
  return std::prev(EntryAfter(list, at.value % kPageElements))->leaf;
}

void LeafIndex::Assign(Lv begin, uint32_t count, uint32_t leaf) {
  COTEXT_DCHECK(begin <= end_);
  const uint32_t old_end = end_.value;
  const uint32_t last = begin.value + count;
  end_ = std::max(end_, begin + count);
  for (uint32_t at = begin.value; at < last;) {
    const uint32_t page = at / kPageElements;
    const uint32_t page_begin = page * kPageElements;
    const uint32_t stop = std::min(last - page_begin, kPageElements);
    const uint32_t used = old_end <= page_begin ? 0 : std::min(old_end - page_begin, kPageElements);
    AssignInPage(page, at - page_begin, stop, used, leaf);
    at = page_begin + stop;
  }
}

std::vector<LeafIndex::Entry>& LeafIndex::ListOf(uint32_t page) {
  if ((pages_[page] & kListBit) == 0) {
    const uint32_t leaf = pages_[page];
    pages_[page] = static_cast<uint32_t>(lists_.size()) | kListBit;
    lists_.push_back({Entry{.first = 0, .leaf = leaf}});
  }
  return lists_[pages_[page] & ~kListBit];
}

void LeafIndex::AssignInPage(uint32_t page, uint32_t begin, uint32_t end, uint32_t used,
                             uint32_t leaf) {
  if (page == pages_.size()) {
    pages_.push_back(leaf);
    return;
  }
  if ((pages_[page] & kListBit) == 0 && (pages_[page] == leaf || (begin == 0 && end >= used))) {
    pages_[page] = leaf;
    return;
  }
  std::vector<Entry>& list = ListOf(page);
  // Typing: the new elements stand behind all others of the page, in the leaf of the last of them.
  if (begin >= list.back().first && list.back().leaf == leaf) return;

  const uint32_t leaf_at_end = std::prev(EntryAfter(list, end))->leaf;
  auto first = std::lower_bound(list.begin(), list.end(), begin,
                                [](const Entry& entry, uint32_t at) { return entry.first < at; });
  const auto last = EntryAfter(list, end);
  first = list.erase(first, last);
  // What follows goes on as before; elements not assigned yet have no "before".
  if (end < used && leaf_at_end != leaf) {
    first = list.insert(first, Entry{.first = end, .leaf = leaf_at_end});
  }
  if (first == list.begin() || std::prev(first)->leaf != leaf) {
    list.insert(first, Entry{.first = begin, .leaf = leaf});
  }
}

uint64_t LeafIndex::AllocatedBytes() const {
  uint64_t bytes =
      pages_.capacity() * sizeof(uint32_t) + lists_.capacity() * sizeof(std::vector<Entry>);
  for (const std::vector<Entry>& list : lists_) bytes += list.capacity() * sizeof(Entry);
  return bytes;
}

void LeafIndex::CheckInvariants() const {
  COTEXT_CHECK(pages_.size() == (uint64_t{end_.value} + kPageElements - 1) / kPageElements);
  for (const std::vector<Entry>& list : lists_) {
    COTEXT_CHECK(!list.empty());
    COTEXT_CHECK(list.front().first == 0);
    COTEXT_CHECK(list.back().first < kPageElements);
    for (size_t i = 0; i < list.size(); ++i) {
      COTEXT_CHECK(list[i].leaf < kLeafLimit);
      COTEXT_CHECK(i == 0 || list[i - 1].first < list[i].first);
      COTEXT_CHECK(i == 0 || list[i - 1].leaf != list[i].leaf);
    }
  }
}

}  // namespace cotext
