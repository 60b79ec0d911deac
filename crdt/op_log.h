// What every operation did, in the order of arrival, run-length encoded.
//
// An entry is a run of operations that continue each other: characters typed one after another
// (each the origin of the next), or characters deleted forwards or backwards whose Lvs are
// consecutive. An entry stores where it begins, as operation and as element; it ends where the next
// one begins.
//
// The log of a trimmed history begins with its base: elements that were there before the first
// operation, each counting as the origin of the next. They are an entry without operations.
//
// Invariants: (1) entries tile the operations; (2) the base and the inserts tile the elements;
// (3) a run that could continue its predecessor does; (4) only the first entry is the base.
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
#include "document/for_each_where.h"
#include "document/grow.h"
#include "document/made_for_size.h"

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

  OpLog() = default;

  // Makes the log of a history whose base has so many elements.
  explicit OpLog(uint32_t base) : element_end_{base}, base_end_{base} {
    if (base == 0) return;
    Entry& entry = entries_.emplace_back();
    entry.reference = kNoLv;
    entry.kind = Kind::kBase;
  }

  // Returns the number of elements of the base.
  Lv base_end() const { return base_end_; }

  // Makes room for `entries` more, of so many operations and elements.
  void Reserve(size_t entries, uint32_t operations, uint32_t elements) {
    MakeRoomFor(entries_, entries);
    operation_finder_.Reserve((end_ + operations).value);
    element_finder_.Reserve((element_end_ + elements).value);
  }

  // Adds an insert of `length` elements after `origin` (kNoLv for the root).
  [[gnu::always_inline]] inline void AppendInsert(uint32_t length, Lv origin) {
    COTEXT_DCHECK(length > 0);
    if (!ContinuesInsert(origin)) AddEntry(origin, Kind::kInsert);
    end_ = end_ + length;
    element_end_ = element_end_ + length;
  }

  // Adds deletes of `length` elements from `first` on, upwards or downwards.
  [[gnu::always_inline]] inline void AppendDelete(uint32_t length, Lv first, bool backward) {
    COTEXT_DCHECK(length > 0);
    const Kind kind = KindOfDelete(length, backward);
    if (!ContinueDelete(length, first, kind)) AddEntry(first, kind);
    end_ = end_ + length;
  }

  // Adds what either would, without a branch on which: for one after another of an update.
  [[gnu::always_inline]] inline void Append(uint32_t length, Lv reference, bool is_insert,
                                            bool backward) {
    COTEXT_DCHECK(length > 0);
    if (kMadeForSize || MayContinue(reference, is_insert)) {
      is_insert ? AppendInsert(length, reference) : AppendDelete(length, reference, backward);
      return;
    }
    AddEntryInline(reference, is_insert ? Kind::kInsert : KindOfDelete(length, backward));
    end_ = end_ + length;
    element_end_ = element_end_ + (is_insert ? length : 0);
  }

  // Returns the numbers of operations and of elements.
  OpIndex end() const { return end_; }
  Lv element_end() const { return element_end_; }

  // Returns the run from operation `at` to the end of its entry.
  Run At(OpIndex at) const;

  // Walks the entries in order, the base left out.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (size_t i = base_end_ > Lv{0} ? 1 : 0; i < entries_.size(); ++i) visit(RunOf(i));
  }

  // The same for those that insert, and for those that delete.
  template <typename Visitor>
  void ForEachInsert(Visitor visit) const {
    ForEachWhere(
        entries_.size(), [this](size_t i) { return entries_[i].kind == Kind::kInsert; },
        [this, &visit](size_t i) { visit(RunOf(i)); });
  }
  template <typename Visitor>
  void ForEachDelete(Visitor visit) const {
    ForEachWhere(
        entries_.size(), [this](size_t i) { return entries_[i].kind > Kind::kBase; },
        [this, &visit](size_t i) { visit(RunOf(i)); });
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
  // REQUIRES: here and for ConsecutiveFrom, it is not of the base.
  OpIndex InsertOf(Lv element) const;

  // Returns the origin of `element`, kNoLv for the root.
  Lv OriginOf(Lv element) const;

  // Returns how many elements from `element` on were inserted by consecutive operations, at most
  // to the end of the entry.
  uint32_t ConsecutiveFrom(Lv element) const;

  // Returns the element that operation `at` inserted, if it inserted one.
  std::optional<Lv> ElementOf(OpIndex at) const;

  // Returns whether the last operation inserted something.
  bool EndsWithInsert() const { return !entries_.empty() && entries_.back().kind == Kind::kInsert; }

  size_t entry_count() const { return entries_.size(); }
  uint64_t AllocatedBytes() const {
    return entries_.capacity() * sizeof(Entry) + operation_finder_.AllocatedBytes() +
           element_finder_.AllocatedBytes();
  }

  void CheckInvariants() const;

 private:
  friend struct OpLogPeer;  // Corrupts entries in tests.

  enum class Kind : uint32_t { kInsert, kBase, kDeleteForward, kDeleteBackward };

  struct Entry {
    OpIndex first;
    Lv element;  // The number of elements before this entry, whatever its kind.
    Lv reference;
    Kind kind;
  };

  // Returns all of an entry that is not the base.
  Run RunOf(size_t i) const {
    const Entry& entry = entries_[i];
    return Run{.first = entry.first,
               .length = EndOf(i) - entry.first,
               .is_insert = entry.kind == Kind::kInsert,
               .backward = entry.kind == Kind::kDeleteBackward,
               .element = entry.element,
               .reference = entry.reference};
  }

  bool ContinuesInsert(Lv origin) const {
    return origin != kNoLv && origin + 1 == element_end_ && entries_.back().kind == Kind::kInsert;
  }
  // Returns whether what is added may continue the last entry; it hardly ever says so in vain.
  bool MayContinue(Lv reference, bool is_insert) const {
    if (entries_.empty()) return false;
    const Entry& last = entries_.back();
    const uint32_t so_far = end_ - last.first;
    // For kNoLv, too: an entry of inserts has elements before its end.
    const bool goes_on = (reference.value + 1 == element_end_.value) & (last.kind == Kind::kInsert);
    const bool is_beside = (reference.value == last.reference.value + so_far) |
                           (reference.value + so_far == last.reference.value);
    return (is_insert & goes_on) | (!is_insert & is_beside & (last.kind > Kind::kBase));
  }
  // One delete alone has no direction yet.
  static Kind KindOfDelete(uint32_t length, bool backward) {
    return backward && length > 1 ? Kind::kDeleteBackward : Kind::kDeleteForward;
  }
  // Lets the finders know of all entries.
  void FindEntries();
  // Returns the last entry that begins at or before `at`, where `begin_of(entry)` says.
  template <typename BeginOf>
  size_t Find(const RunFinder& finder, uint32_t at, BeginOf begin_of) const;

  // What keystrokes rarely do is not part of their code.
  [[gnu::noinline]] void AddEntry(Lv reference, Kind kind) { AddEntryInline(reference, kind); }
  [[gnu::always_inline]] inline void AddEntryInline(Lv reference, Kind kind) {
    // Not pushed back whole: assembling it first costs more than all else here.
    MakeRoomFor(entries_, 1);
    Entry& added = entries_.emplace_back();
    added.first = end_;
    added.element = element_end_;
    added.reference = reference;
    added.kind = kind;
    if (entries_.size() - found_ == kUnfoundMax) FindEntries();
  }
  // Lets the last entry go on with deletes, if they continue it; returns whether they do.
  bool ContinueDelete(uint32_t length, Lv first, Kind kind) {
    if (entries_.empty() || entries_.back().kind <= Kind::kBase) return false;
    Entry& last = entries_.back();
    const uint32_t so_far = end_ - last.first;
    const bool up = first.value == last.reference.value + so_far;
    if (!up && first.value + so_far != last.reference.value) return false;
    const Kind together = up ? Kind::kDeleteForward : Kind::kDeleteBackward;
    if ((so_far > 1 && last.kind != together) || (length > 1 && kind != together)) return false;
    last.kind = together;
    return true;
  }
  size_t EntryOf(OpIndex at) const;
  Run RunAt(size_t entry, OpIndex at) const;
  size_t EntryOfElement(Lv element) const;
  OpIndex EndOf(size_t entry) const {
    return entry + 1 < entries_.size() ? entries_[entry + 1].first : end_;
  }

  // The last entries are searched by halves, in six steps at most: the finders are told of so many
  // at once, which takes less for each.
  static constexpr size_t kUnfoundMax = 64;

  std::vector<Entry> entries_;
  size_t found_ = 0;  // So many entries are known to the finders.
  RunFinder operation_finder_;
  RunFinder element_finder_;
  OpIndex end_;
  Lv element_end_;
  Lv base_end_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_OP_LOG_H_
