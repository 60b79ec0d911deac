// What every operation did, in the order of arrival, run-length encoded.
//
// An entry is a run of operations that continue each other: characters typed one after another
// (each the origin of the next), or characters deleted forwards or backwards whose Lvs are
// consecutive. An entry stores where it begins, as operation and as element; it ends where the next
// one begins.
//
// Invariants: (1) entries tile the operations; (2) the inserts among them tile the elements;
// (3) a run that could continue its predecessor does.
//
// Append is O(1) amortised, look-ups O(log entries), O(1) where entries are long. Memory: 16 bytes
// an entry and 1/16 an operation.
#ifndef COTEXT_CRDT_OP_LOG_H_
#define COTEXT_CRDT_OP_LOG_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/local_index.h"
#include "crdt/run_finder.h"
#include "document/check.h"

namespace cotext {

class OpLog {
 public:
  // A run of operations that is one entry or a part of one.
  struct Run {
    OpIndex first;
    uint32_t length;
    bool is_insert;
    bool backward;  // Of a delete: each target is one less than the one before.
    Lv element;  // Of an insert: its first element. Of a delete: the number of elements before it.
    Lv reference;  // Of an insert: the origin, kNoLv for the root. Of a delete: the first target.
  };

  // Makes room for `entries` more.
  void Reserve(size_t entries) {
    const size_t size = entries_.size() + entries;
    if (size > entries_.capacity()) entries_.reserve(std::max(size, 2 * entries_.capacity()));
  }

  // Adds an insert of `length` elements after `origin` (kNoLv for the root).
  void AppendInsert(uint32_t length, Lv origin) {
    COTEXT_DCHECK(length > 0);
    const bool continues =
        origin != kNoLv && origin + 1 == element_end_ && entries_.back().kind == Kind::kInsert;
    if (!continues) AddEntry(origin, Kind::kInsert);
    end_ = end_ + length;
    element_end_ = element_end_ + length;
  }

  // Adds deletes of `length` elements from `first` on, upwards or downwards.
  void AppendDelete(uint32_t length, Lv first, bool backward);

  // Returns the numbers of operations and of elements.
  OpIndex end() const { return end_; }
  Lv element_end() const { return element_end_; }

  // Returns the run from operation `at` to the end of its entry.
  Run At(OpIndex at) const;

  // Walks the entries in order.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      visit(Run{.first = entry.first,
                .length = EndOf(i) - entry.first,
                .is_insert = entry.kind == Kind::kInsert,
                .backward = entry.kind == Kind::kDeleteBackward,
                .element = entry.element,
                .reference = entry.reference});
    }
  }

  // Walks the runs of the operations [first, first + length), each an entry or a part of one.
  template <typename Visitor>
  void ForEachIn(OpIndex first, uint32_t length, Visitor visit) const {
    if (length == 0) return;
    const OpIndex end = first + length;
    size_t entry = EntryOf(first);
    for (OpIndex at = first; at < end; ++entry) {
      Run run = RunAt(entry, at);
      run.length = std::min(run.length, end - at);
      at = at + run.length;
      visit(run);
    }
  }

  // Returns the operation that inserted `element`.
  OpIndex InsertOf(Lv element) const;

  // Returns the origin of `element`, kNoLv for the root.
  Lv OriginOf(Lv element) const;

  // Returns how many elements from `element` on were inserted by consecutive operations, at most
  // to the end of the entry.
  uint32_t ConsecutiveFrom(Lv element) const;

  // Returns the element that operation `at` inserted, if it inserted one.
  std::optional<Lv> ElementOf(OpIndex at) const;

  size_t entry_count() const { return entries_.size(); }
  uint64_t AllocatedBytes() const {
    return entries_.capacity() * sizeof(Entry) + operation_finder_.AllocatedBytes() +
           element_finder_.AllocatedBytes();
  }

  void CheckInvariants() const;

 private:
  friend struct OpLogPeer;  // Corrupts entries in tests.

  enum class Kind : uint32_t { kInsert, kDeleteForward, kDeleteBackward };

  struct Entry {
    OpIndex first;
    Lv element;  // The number of elements before this entry, whatever its kind.
    Lv reference;
    Kind kind;
  };

  void AddEntry(Lv reference, Kind kind);
  bool ContinuesDelete(uint32_t length, Lv first, bool backward) const;
  size_t EntryOf(OpIndex at) const;
  Run RunAt(size_t entry, OpIndex at) const;
  size_t EntryOfElement(Lv element) const;
  OpIndex EndOf(size_t entry) const {
    return entry + 1 < entries_.size() ? entries_[entry + 1].first : end_;
  }

  std::vector<Entry> entries_;
  RunFinder operation_finder_;
  RunFinder element_finder_;
  OpIndex end_;
  Lv element_end_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_OP_LOG_H_
