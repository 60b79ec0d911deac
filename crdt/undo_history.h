// Undo and redo of what one document's user did, as ordinary edits.
//
// A step is a range of operations of one's own. Taking it back deletes what it inserted, as far as
// that is still visible, and brings back what it found and deleted: a copy is inserted right behind
// the tombstone's visible left neighbour, except for characters that another replica is known to
// have deleted too. The edits that take a step back are a step themselves; taking that back is
// redo.
//
// Copies. Once a character came back as a copy, earlier steps mean the copy. Characters brought
// back by separate steps keep their order: a copy goes in front of the copies of whatever stood
// behind its character when the step began. Those stand together, in the order they had then,
// perhaps with text in between that others wrote since: past kMaxForeignRuns runs of that nothing
// is looked for.
//
// With no remote edit that touches the step's characters, undo followed by redo restores the text
// exactly. Otherwise all replicas converge, no foreign character is removed, and only one's own
// text comes back.
//
// Taking a step back is O(k log^3 n) for k runs touched (a search, in each of its steps one for the
// character there and one along the chain of its copies), beside a scan, once, of operations not
// seen before. At most kMaxSteps are kept, the oldest forgotten first.
#ifndef COTEXT_CRDT_UNDO_HISTORY_H_
#define COTEXT_CRDT_UNDO_HISTORY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "crdt/bounded_stack.h"
#include "crdt/element_range.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"

namespace cotext {

class UndoHistory {
 public:
  static constexpr size_t kMaxSteps = 10'000;
  static constexpr uint32_t kMaxForeignRuns = 64;

  // One's own operations [first, first + length), with nothing foreign between them.
  struct Step {
    OpIndex first;
    uint32_t length;
  };

  // A replacement that was made in the document, for whoever describes it to listeners.
  struct Replacement {
    uint64_t position;
    uint64_t erased;
    std::string inserted;
  };

  bool can_undo() const { return !undo_.empty(); }
  bool can_redo() const { return !redo_.empty(); }

  // Adds a step that was just made; what could be redone no longer can.
  void Push(Step step) {
    undo_.Push(step);
    if (!redo_.empty()) redo_.Clear();
  }

  // Takes back the latest step, or the latest undo; returns the edits, in order.
  // REQUIRES: can_undo(), or can_redo().
  Expected<std::vector<Replacement>> Undo(Rga& rga) { return TakeBack(rga, undo_, redo_); }
  Expected<std::vector<Replacement>> Redo(Rga& rga) { return TakeBack(rga, redo_, undo_); }

  // Forgets everything, as when the document goes on under another identity.
  void Clear() { *this = UndoHistory(); }

  void CheckInvariants() const;

 private:
  friend struct UndoHistoryPeer;  // Corrupts copies in tests.

  using Steps = BoundedStack<Step, kMaxSteps>;

  // A copy, of what its first element is a copy, and an earlier form of that element, far enough
  // back for any other to be O(log depth) such steps away (Myers: "An applicative random-access
  // stack", 1983). What `source` and `earlier` begin lies in one copy each, or in none.
  struct Copy {
    ElementRange copy;
    Lv source;
    Lv earlier;
    uint32_t depth;  // The number of copies from what is none up to this one.
  };

  // The same for one element; one that is no copy has depth 0 and leads to itself.
  struct Form {
    Lv source;
    Lv earlier;
    uint32_t depth;
  };

  // A stretch of elements that others deleted too, or did not.
  struct Shared {
    uint32_t length;
    bool deleted;
  };

  Expected<std::vector<Replacement>> TakeBack(Rga& rga, Steps& from, Steps& to);

  // The elements that a step inserted, as they live on now, and those older than it that it
  // deleted: the ones numbered below `fresh`.
  std::vector<ElementRange> LivingInserts(const Rga& rga, Step step) const;
  std::vector<ElementRange> Deleted(const Rga& rga, Step step, Lv fresh) const;

  std::vector<ElementRange> Living(const Rga& rga, ElementRange range) const;
  std::optional<ElementRange> CopyFrom(Lv element, uint32_t limit) const;
  uint32_t WithoutCopy(Lv element, uint32_t limit) const;
  void AddCopy(Lv source, ElementRange copy);
  std::vector<Copy>::const_iterator CopyAfter(Lv element) const;
  const Copy* CopyUpTo(Lv element) const;
  Form FormOf(Lv element) const;
  uint32_t AlikeFrom(Lv element, uint32_t limit) const;
  std::optional<Lv> FormBefore(Lv element, Lv fresh) const;
  void LearnForeignDeletes(const Rga& rga);
  void AddForeignDelete(Lv first, Lv end);
  Shared ForeignDeletedFrom(Lv element, uint32_t limit) const;

  uint32_t ForeignUpTo(const Rga& rga, Lv element, Lv fresh) const;
  uint64_t RestorePosition(const Rga& rga, Lv element, Lv fresh) const;
  Expected<Replacement> Erase(Rga& rga, const ElementRange& range) const;
  Expected<Replacement> Restore(Rga& rga, const ElementRange& range, Lv fresh);

  Steps undo_;
  Steps redo_;
  std::map<Lv, ElementRange> copy_of_;  // From the first of a range to its copy, of equal length.
  std::vector<Copy> copies_;            // Ascending by copy.
  std::map<Lv, Lv> foreign_deletes_;    // From the first of a range to its end; disjoint.
  OpIndex scanned_;                     // Operations before it are in foreign_deletes_.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_UNDO_HISTORY_H_
