#include "crdt/leaf_index.h"

#include <algorithm>
#include <bit>

#include "document/check.h"
#include "document/grow.h"

namespace cotext {
namespace {

constexpr uint32_t kBits = 64;

uint64_t BitOf(Lv element) { return uint64_t{1} << element.value % kBits; }

// Returns the place in a sorted list of the entry that holds `element`.
template <typename List>
size_t EntryOf(const List& list, uint32_t element) {
  // Which half it is cannot be predicted, so there is no branch on it.
  size_t low = 0;
  for (size_t count = list.size(); count > 1;) {
    const size_t half = count / 2;
    low += list[low + half].first <= element ? half : 0;
    count -= half;
  }
  return low;
}

// Returns the place in a sorted list behind the entries that begin at or before `element`.
template <typename List>
auto EntryAfter(List& list, uint32_t element) {
  return list.begin() + static_cast<ptrdiff_t>(EntryOf(list, element) + 1);
}

}  // namespace

LeafIndex::LeafIndex(std::span<const Place> places, Lv end) : end_(end) {
  // Sorted without comparing: a bit where a place begins, and its leaf at the number of bits
  // before.
  std::vector<uint64_t> begins(size_t{end.value} / kBits + 1);
  for (const Place& place : places) begins[place.first.value / kBits] |= BitOf(place.first);
  std::vector<uint32_t> before(begins.size());
  uint32_t count = 0;
  for (size_t word = 0; word < begins.size(); ++word) {
    before[word] = count;
    count += static_cast<uint32_t>(std::popcount(begins[word]));
  }
  COTEXT_DCHECK(count == places.size());
  std::vector<uint32_t> leaves(places.size());
  for (const Place& place : places) {
    const size_t word = place.first.value / kBits;
    const int inside = std::popcount(begins[word] & (BitOf(place.first) - 1));
    leaves[before[word] + static_cast<uint32_t>(inside)] = place.leaf;
  }
  AddPages(begins, leaves);
  if (!pages_.empty() && (pages_.back() & kTableBit) == 0) last_leaf_ = At(end - 1);
}

// Adds all pages; a place begins at every bit of `begins`, and is in the next of `leaves`.
void LeafIndex::AddPages(std::span<const uint64_t> begins, std::span<const uint32_t> leaves) {
  constexpr uint32_t kWords = kPageElements / kBits;
  pages_.reserve(begins.size() / kWords + 1);
  std::array<Entry, kPageElements + 1> changes;
  size_t next = 0;
  uint32_t leaf = kNoLeaf;
  for (uint32_t begin = 0; begin < end_.value; begin += kPageElements) {
    // It may begin inside a place.
    size_t count = 0;
    if ((begins[begin / kBits] & 1U) == 0) changes[count++] = Entry{.first = 0, .leaf = leaf};
    for (uint32_t word = 0; word < kWords && begin / kBits + word < begins.size(); ++word) {
      for (uint64_t bits = begins[begin / kBits + word]; bits != 0; bits &= bits - 1) {
        // Whether it is a change cannot be predicted, so there is no branch on it.
        const bool is_change = count == 0 || leaves[next] != leaf;
        leaf = leaves[next++];
        changes[count].first = word * kBits + static_cast<uint32_t>(std::countr_zero(bits));
        changes[count].leaf = leaf;
        count += is_change ? 1 : 0;
      }
    }
    AddPage(std::span(changes).first(count), std::min(end_.value - begin, kPageElements));
  }
}

// Adds a page with `used` elements, given by the places where the leaf changes.
void LeafIndex::AddPage(std::span<const Entry> changes, uint32_t used) {
  pages_.push_back(changes.front().leaf);
  if (changes.size() == 1) return;
  pages_.back() = static_cast<uint32_t>(lists_.size()) | kListBit;
  lists_.emplace_back(changes.begin(), changes.end());
  if (changes.size() > kListMax) MakeTable(static_cast<uint32_t>(pages_.size() - 1), used);
}

uint32_t LeafIndex::At(Lv at) const {
  COTEXT_DCHECK(at < end_);
  const uint32_t page = pages_[at.value / kPageElements];
  const uint32_t inside = at.value % kPageElements;
  if ((page & kTableBit) != 0) return tables_[page & kNumberMask][inside];
  if ((page & kListBit) == 0) return page;
  const List& list = lists_[page & kNumberMask];
  return list[EntryOf(list, inside)].leaf;
}

void LeafIndex::AssignByPages(Lv begin, uint32_t count, uint32_t leaf) {
  COTEXT_DCHECK(begin <= end_);
  if (count == 0) return;
  const uint32_t inside = begin.value % kPageElements;
  if (begin == end_ && inside != 0 && count <= kPageElements - inside &&
      (pages_.back() & kTableBit) == 0) {
    AssignBehind(inside, count, leaf);
    return;
  }
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
  if (last == end_.value) last_leaf_ = leaf;
  if ((pages_.back() & kTableBit) != 0) last_leaf_ = kNoLeaf;
}

void LeafIndex::AssignBehind(uint32_t used, uint32_t count, uint32_t leaf) {
  end_ = end_ + count;
  if (leaf == last_leaf_) return;
  last_leaf_ = leaf;
  const auto page = static_cast<uint32_t>(pages_.size() - 1);
  List& list = ListOf(page);
  list.push_back(Entry{.first = used, .leaf = leaf});
  if (list.size() <= kListMax) return;
  MakeTable(page, used + count);
  last_leaf_ = kNoLeaf;
}

LeafIndex::List& LeafIndex::ListOf(uint32_t page) {
  if ((pages_[page] & kListBit) == 0) {
    const uint32_t leaf = pages_[page];
    pages_[page] = static_cast<uint32_t>(lists_.size()) | kListBit;
    MakeRoomFor(lists_, 1);
    List& list = lists_.emplace_back();
    list.reserve(kFirstEntries);
    list.push_back(Entry{.first = 0, .leaf = leaf});
  }
  return lists_[pages_[page] & kNumberMask];
}

void LeafIndex::MakeTable(uint32_t page, uint32_t used) {
  List& list = lists_[pages_[page] & kNumberMask];
  Table& table = tables_.emplace_back();
  pages_[page] = static_cast<uint32_t>(tables_.size() - 1) | kTableBit;
  for (size_t i = 0; i < list.size(); ++i) {
    const uint32_t end = i + 1 < list.size() ? list[i + 1].first : used;
    std::fill(table.data() + list[i].first, table.data() + end, list[i].leaf);
  }
  list = List();
}

void LeafIndex::AssignInPage(uint32_t page, uint32_t begin, uint32_t end, uint32_t used,
                             uint32_t leaf) {
  if (page == pages_.size()) {
    pages_.push_back(leaf);
    return;
  }
  if ((pages_[page] & kTableBit) != 0) {
    Table& table = tables_[pages_[page] & kNumberMask];
    std::fill(table.data() + begin, table.data() + end, leaf);
    return;
  }
  if ((pages_[page] & kListBit) == 0 && (pages_[page] == leaf || (begin == 0 && end >= used))) {
    pages_[page] = leaf;
    return;
  }
  List& list = ListOf(page);
  if (begin == used) {
    // New elements, behind all others of the page.
    if (list.back().leaf != leaf) list.push_back(Entry{.first = begin, .leaf = leaf});
  } else {
    const size_t index = EntryOf(list, begin);
    const uint32_t entry_end =
        index + 1 == list.size() ? std::max(used, end) : list[index + 1].first;
    if (end <= entry_end) {
      AssignInEntry(list, index, begin, end, entry_end, leaf);
    } else {
      AssignEntries(list, begin, end, used, leaf);
    }
  }
  if (list.size() > kListMax) MakeTable(page, std::max(used, end));
}

// Handles a part of one entry: all of it where a leaf is split, most of the time.
void LeafIndex::AssignInEntry(List& list, size_t index, uint32_t begin, uint32_t end,
                              uint32_t entry_end, uint32_t leaf) {
  if (list[index].leaf == leaf) return;
  const bool at_front = list[index].first == begin;
  const bool at_back = end == entry_end;
  const bool joins_previous = at_front && index > 0 && list[index - 1].leaf == leaf;
  const bool joins_next = at_back && index + 1 < list.size() && list[index + 1].leaf == leaf;
  const auto entry = list.begin() + static_cast<ptrdiff_t>(index);
  if (joins_next) {
    entry[1].first = begin;
    // The entry before the next one ends there, or goes, with the one it joins if there are two.
    if (at_front) list.erase(entry, entry + (joins_previous ? 2 : 1));
  } else if (joins_previous) {
    if (at_back) {
      list.erase(entry);
    } else {
      entry->first = end;
    }
  } else if (at_front && at_back) {
    entry->leaf = leaf;
  } else if (at_front) {
    entry->first = end;
    list.insert(entry, Entry{.first = begin, .leaf = leaf});
  } else if (at_back) {
    list.insert(entry + 1, Entry{.first = begin, .leaf = leaf});
  } else {
    list.insert(entry + 1,
                {Entry{.first = begin, .leaf = leaf}, Entry{.first = end, .leaf = entry->leaf}});
  }
}

// Handles what touches several entries.
void LeafIndex::AssignEntries(List& list, uint32_t begin, uint32_t end, uint32_t used,
                              uint32_t leaf) {
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
  uint64_t bytes = pages_.capacity() * sizeof(uint32_t) + lists_.capacity() * sizeof(List) +
                   tables_.size() * sizeof(Table);
  for (const List& list : lists_) bytes += list.capacity() * sizeof(Entry);
  return bytes;
}

void LeafIndex::CheckInvariants() const {
  COTEXT_CHECK(pages_.size() == (uint64_t{end_.value} + kPageElements - 1) / kPageElements);
  COTEXT_CHECK(last_leaf_ == kNoLeaf || At(end_ - 1) == last_leaf_);
  for (const uint32_t page : pages_) {
    if ((page & kTableBit) != 0) COTEXT_CHECK((page & kNumberMask) < tables_.size());
    if ((page & kListBit) != 0) CheckList(lists_[page & kNumberMask]);
  }
}

void LeafIndex::CheckList(const List& list) {
  COTEXT_CHECK(!list.empty());
  COTEXT_CHECK(list.size() <= kListMax);
  COTEXT_CHECK(list.front().first == 0);
  COTEXT_CHECK(list.back().first < kPageElements);
  for (size_t i = 0; i < list.size(); ++i) {
    COTEXT_CHECK(list[i].leaf < kLeafLimit);
    COTEXT_CHECK(i == 0 || list[i - 1].first < list[i].first);
    COTEXT_CHECK(i == 0 || list[i - 1].leaf != list[i].leaf);
  }
}

}  // namespace cotext
