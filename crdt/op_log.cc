#include "crdt/op_log.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {

void OpLog::FindEntries() {
  const auto first = static_cast<uint32_t>(found_);
  const auto end = static_cast<uint32_t>(entries_.size());
  operation_finder_.AddAll(first, end, [this](uint32_t i) { return entries_[i].first.value; });
  element_finder_.AddAll(first, end, [this](uint32_t i) { return entries_[i].element.value; });
  found_ = entries_.size();
}

template <typename BeginOf>
size_t OpLog::Find(const RunFinder& finder, uint32_t at, BeginOf begin_of) const {
  const auto end = static_cast<uint32_t>(entries_.size());
  const auto found = static_cast<uint32_t>(found_);
  if (found == end || at < begin_of(found)) return finder.Find(at, found, begin_of);
  return LastRunFrom(at, found, end, begin_of);
}

size_t OpLog::EntryOf(OpIndex at) const {
  COTEXT_DCHECK(at < end_);
  if (entries_.back().first <= at) return entries_.size() - 1;
  return Find(operation_finder_, at.value,
              [this](uint32_t entry) { return entries_[entry].first.value; });
}

size_t OpLog::EntryOfElement(Lv element) const {
  COTEXT_DCHECK(element < element_end_);
  if (entries_.back().element <= element) return entries_.size() - 1;
  // Deletes repeat the element number of the next insert, which comes after them: the last entry
  // that begins at or before the element is its insert.
  return Find(element_finder_, element.value,
              [this](uint32_t entry) { return entries_[entry].element.value; });
}

OpLog::Run OpLog::At(OpIndex at) const { return RunAt(EntryOf(at), at); }

OpLog::Run OpLog::RunAt(size_t index, OpIndex at) const {
  const Entry& entry = entries_[index];
  const uint32_t skipped = at - entry.first;
  Run run{.first = at,
          .length = EndOf(index) - at,
          .is_insert = entry.kind == Kind::kInsert,
          .backward = entry.kind == Kind::kDeleteBackward,
          .element = entry.element,
          .reference = entry.reference};
  if (run.is_insert) {
    run.element = entry.element + skipped;
    if (skipped > 0) run.reference = run.element - 1;
  } else {
    run.reference = run.backward ? entry.reference - skipped : entry.reference + skipped;
  }
  return run;
}

OpIndex OpLog::InsertOf(Lv element) const {
  const Entry& entry = entries_[EntryOfElement(element)];
  return entry.first + (element - entry.element);
}

Lv OpLog::OriginOf(Lv element) const {
  const Entry& entry = entries_[EntryOfElement(element)];
  return entry.element == element ? entry.reference : element - 1;
}

uint32_t OpLog::ConsecutiveFrom(Lv element) const {
  const size_t index = EntryOfElement(element);
  const Entry& entry = entries_[index];
  return (EndOf(index) - entry.first) - (element - entry.element);
}

std::optional<Lv> OpLog::ElementOf(OpIndex at) const {
  const Entry& entry = entries_[EntryOf(at)];
  if (entry.kind != Kind::kInsert) return std::nullopt;
  return entry.element + (at - entry.first);
}

void OpLog::CheckInvariants() const {
  Lv elements;
  const bool has_base = !entries_.empty() && entries_[0].kind == Kind::kBase;
  COTEXT_CHECK(has_base == (base_end_ > Lv{0}));
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const uint32_t length = EndOf(i) - entry.first;
    if (entry.kind == Kind::kBase) {
      COTEXT_CHECK(i == 0);
      COTEXT_CHECK(length == 0);
      elements = base_end_;
      continue;
    }
    COTEXT_CHECK(entry.first < EndOf(i));
    COTEXT_CHECK(entry.element == elements);
    if (entry.kind == Kind::kInsert) {
      COTEXT_CHECK(entry.reference == kNoLv || entry.reference < entry.element);
      elements = elements + length;
    } else if (entry.kind == Kind::kDeleteForward) {
      COTEXT_CHECK(entry.reference + length <= elements);
    } else {
      COTEXT_CHECK(entry.reference < elements);
      COTEXT_CHECK(entry.reference.value + 1 >= length);
    }
  }
  COTEXT_CHECK(elements == element_end_);
}

}  // namespace cotext
