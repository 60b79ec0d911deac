// The heads of a causal graph: the operations without a successor, ascending.
//
// A new operation is greater than all others, so it is added at the end, and nearly always takes
// the place of the one that was there. One removed from a long list stays as a gap until half of
// the list is gaps: a graph may have as many heads as replicas, each removed in a moment.
//
// insert at the end O(1); erase O(log n) amortised; a walk O(n). Memory: nothing is allocated for
// the first four.
#ifndef COTEXT_CRDT_HEAD_SET_H_
#define COTEXT_CRDT_HEAD_SET_H_

#include <algorithm>
#include <cstddef>
#include <span>

#include "absl/container/inlined_vector.h"
#include "crdt/local_index.h"
#include "document/check.h"

namespace cotext {

class HeadSet {
 public:
  size_t size() const { return entries_.size() - gaps_; }

  // Adds a head. Cheap at the end only.
  // REQUIRES: it is none yet.
  void insert(OpIndex head) {
    entries_.insert(LowerBound(head), Entry{.head = head, .gap = false});
  }

  // Removes a head; does nothing if it is none.
  void erase(OpIndex head) {
    const auto at = LowerBound(head);
    if (at == entries_.end() || at->head != head || at->gap) return;
    if (entries_.size() <= kFew) {
      entries_.erase(at);
      return;
    }
    at->gap = true;
    ++gaps_;
    if (gaps_ * 2 >= entries_.size()) Compact();
  }

  // Removes `parents` and adds `head`, which comes after them.
  // REQUIRES: it is greater than all heads.
  void Advance(std::span<const OpIndex> parents, OpIndex head) {
    if (entries_.size() > kFew) {
      for (const OpIndex parent : parents) erase(parent);
      insert(head);
      return;
    }
    size_t kept = 0;
    for (const Entry& entry : entries_) {
      if (std::ranges::find(parents, entry.head) == parents.end()) entries_[kept++] = entry;
    }
    entries_.resize(kept);
    entries_.push_back(Entry{.head = head, .gap = false});
  }

  // Puts a newer head in the place of the newest one.
  // REQUIRES: the newest that was ever added is a head; the new one is greater.
  void ReplaceNewest(OpIndex head) {
    COTEXT_DCHECK(!entries_.back().gap);
    entries_.back().head = head;
  }

  // Returns whether `newest` is the only head.
  bool IsOnly(OpIndex newest) const { return entries_.size() == 1 && entries_[0].head == newest; }

  bool contains(OpIndex head) const {
    const auto at = std::ranges::lower_bound(entries_, head, {}, &Entry::head);
    return at != entries_.end() && at->head == head && !at->gap;
  }

  // Returns whether these, ascending, are all heads.
  bool Equals(std::span<const OpIndex> heads) const {
    if (heads.size() != size()) return false;
    return std::ranges::all_of(entries_, [at = heads.begin()](const Entry& entry) mutable {
      return entry.gap || entry.head == *at++;
    });
  }

  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const Entry& entry : entries_) {
      if (!entry.gap) visit(entry.head);
    }
  }

  size_t AllocatedBytes() const {
    return entries_.capacity() > kInlined ? entries_.capacity() * sizeof(Entry) : 0;
  }

 private:
  static constexpr size_t kInlined = 4;
  static constexpr size_t kFew = 16;  // Moving so many takes no longer than counting gaps.

  struct Entry {
    OpIndex head;
    bool gap;
  };

  auto LowerBound(OpIndex head) -> absl::InlinedVector<Entry, kInlined>::iterator {
    if (entries_.empty() || entries_.back().head < head) return entries_.end();
    // What many know is a parent of them all, and no head since the first.
    if (head <= entries_.front().head) return entries_.begin();
    return std::ranges::lower_bound(entries_, head, {}, &Entry::head);
  }

  void Compact() {
    const auto gap = std::remove_if(entries_.begin(), entries_.end(),
                                    [](const Entry& entry) { return entry.gap; });
    entries_.erase(gap, entries_.end());
    gaps_ = 0;
  }

  absl::InlinedVector<Entry, kInlined> entries_;
  size_t gaps_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_HEAD_SET_H_
