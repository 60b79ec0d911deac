// A stack that forgets its oldest entries beyond a limit.
//
// Entries lie in a vector that becomes a ring once it is full. Push and Pop O(1) amortised.
#ifndef COTEXT_CRDT_BOUNDED_STACK_H_
#define COTEXT_CRDT_BOUNDED_STACK_H_

#include <cstddef>
#include <vector>

#include "document/check.h"

namespace cotext {

template <typename Entry, size_t kMax>
class BoundedStack {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  void Push(const Entry& entry) {
    if (entries_.size() < kMax && top_ == entries_.size()) {
      entries_.push_back(entry);
    } else {
      if (top_ == kMax) top_ = 0;
      entries_[top_] = entry;
    }
    ++top_;
    if (size_ < kMax) ++size_;
  }

  // Returns the newest entry.
  // REQUIRES: not empty().
  const Entry& Top() const {
    COTEXT_DCHECK(size_ > 0);
    return entries_[top_ - 1];
  }

  // REQUIRES: not empty().
  void Pop() {
    COTEXT_DCHECK(size_ > 0);
    --size_;
    if (--top_ == 0 && size_ > 0) top_ = entries_.size();
  }

  void Clear() {
    entries_.clear();
    size_ = 0;
    top_ = 0;
  }

  // Visits the entries from the newest to the oldest.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (size_t i = 0, at = top_; i < size_; ++i) {
      if (at == 0) at = entries_.size();
      visit(entries_[--at]);
    }
  }

 private:
  std::vector<Entry> entries_;
  size_t size_ = 0;
  size_t top_ = 0;  // The newest entry is in front of it; the oldest, size_ before, wraps around.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_BOUNDED_STACK_H_
