// What it takes to take back one's own operations in an RGA, as ordinary edits.
//
// A step of undo (document/undo_manager.h) is ranges of operations of one's own; between the ranges
// there may be others. Taking it back deletes what it inserted, as far as that is still visible,
// and brings back what it found and deleted: a copy is inserted right behind the tombstone's
// visible left neighbour, except for characters that another replica is known to have deleted too.
// Taking back the edits that did this is redo.
//
// Copies. Once a character came back as a copy, earlier steps mean the copy. Characters brought
// back by separate steps keep their order: a copy goes in front of the copies of whatever stood
// behind its character when the range began that deleted it. Those stand together, in the order
// they had then, perhaps with text in between that others wrote since: past kMaxForeignRuns runs of
// that nothing is looked for.
//
// With no remote edit that touches the step's characters, undo followed by redo restores the text
// exactly. Otherwise all replicas converge, no foreign character is removed, and only one's own
// text comes back.
//
// One's own is what this replica did, and what former selves did: replicas under which the same
// user wrote before, each up to an operation.
//
// Taking a step back is O(k log^2 n) for k runs touched (a search that asks of O(log n) characters
// what they are copies of and where that stands), beside a scan, once, of operations not seen
// before. Copies take memory until no step is as old as they are (ForgetCopiesBefore).
#ifndef COTEXT_CRDT_UNDO_HISTORY_H_
#define COTEXT_CRDT_UNDO_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crdt/copy_map.h"
#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/run_finder.h"
#include "crdt/sequence.h"
#include "crdt/trim.h"
#include "document/error.h"
#include "document/undo_manager.h"

namespace cotext {

class UndoHistory {
 public:
  static constexpr uint32_t kMaxForeignRuns = 64;
  static constexpr uint32_t kMaxForms = 256;

  // A replacement that was made in the document, for whoever describes it to listeners.
  struct Replacement {
    uint64_t position;
    uint64_t erased;
    std::string inserted;
  };

  // What took a step back: the edits, in order, and the operations; none if the step no longer had
  // any effect.
  struct TakenBack {
    std::vector<Replacement> replacements;
    OperationRange operations;
  };

  // A replica under which the user wrote before, and the last counter it had then.
  struct FormerSelf {
    ReplicaId replica;
    uint64_t last_counter;
    friend bool operator==(const FormerSelf&, const FormerSelf&) = default;
  };

  // Takes back a step, or what took one back.
  // REQUIRES: the ranges are one's own operations, ascending.
  Expected<TakenBack> TakeBack(Rga& rga, std::span<const OperationRange> step);

  // Returns the element that one lives on as, if it was deleted and brought back; otherwise itself.
  // One that came and went more than kMaxForms times is where it went then.
  Lv LivingForm(const Rga& rga, Lv element) const;

  // Forgets copies that no step needs, if they are many; so this may be called each time.
  // REQUIRES: no step has an operation before `oldest`.
  void ForgetCopiesBefore(const Rga& rga, OpIndex oldest);

  // Returns the first form that a trim keeps, of an element and what it came back as, or the last
  // form there is; within kMaxForms. For elements numbered as before the trim, until Renumber.
  Lv KeptForm(Lv element, const Renumbering& numbers) const;

  // Goes on after history was trimmed. Copies of what was dropped are copies no longer.
  // REQUIRES: no step has an operation that was dropped.
  void Renumber(const Renumbering& numbers);

  // For storing: one's former selves, and the copies, as ranges in ascending order of the copies.
  const std::vector<FormerSelf>& former_selves() const { return former_selves_; }
  // REQUIRES: they ascend by replica; nothing was taken back yet.
  void SetFormerSelves(std::vector<FormerSelf> selves) { former_selves_ = std::move(selves); }
  template <typename Visitor>
  void ForEachCopy(Visitor visit) const {
    for (const Copy& copy : copies_) visit(copy.source, copy.copy);
  }
  // Remembers that the elements from `source` on came back as `copy`.
  // REQUIRES: the source is older than the copy, and all other copies are.
  void AddCopy(Lv source, ElementRange copy);

  void CheckInvariants() const;

 private:
  friend struct UndoHistoryPeer;  // Corrupts copies in tests.

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

  // Elements that a step deleted, and the first number that was not given yet when the range of
  // operations began that did.
  struct Lost {
    ElementRange elements;
    Lv fresh;
  };

  using Step = std::span<const OperationRange>;

  static Expected<void> CheckRoom(const Rga& rga, Step step);
  // The elements that a step inserted, as they live on now, and those that it found and deleted, in
  // document order.
  std::vector<ElementRange> LivingInserts(const Rga& rga, Step step) const;
  std::vector<Lost> Deleted(const Rga& rga, Step step) const;
  void AddLost(const Rga& rga, ElementRange elements, Lv fresh, std::vector<Lost>& to) const;
  static void SortByPlace(const Sequence& sequence, std::vector<Lost>& lost);

  std::vector<ElementRange> Living(const Rga& rga, ElementRange range) const;
  std::optional<ElementRange> CopyFrom(Lv element, uint32_t limit) const;
  uint32_t WithoutCopy(Lv element, uint32_t limit) const;
  size_t CopiesUpTo(Lv element) const;
  const Copy* CopyUpTo(Lv element) const;
  Form FormOf(Lv element) const;
  uint32_t AlikeFrom(Lv element, uint32_t limit) const;
  std::optional<Lv> FormBefore(Lv element, Lv fresh) const;
  uint32_t OwnFrom(const Rga& rga, OpId id, uint32_t limit) const;
  void LearnForeignDeletes(const Rga& rga);
  void AddForeignDelete(Lv first, Lv end);
  Shared ForeignDeletedFrom(Lv element, uint32_t limit) const;

  uint32_t ForeignUpTo(const Rga& rga, Lv element, Lv fresh) const;
  uint64_t RestorePosition(const Rga& rga, Lv element, Lv fresh) const;
  Expected<Replacement> Erase(Rga& rga, const ElementRange& range) const;
  Expected<Replacement> Restore(Rga& rga, const Lost& lost);

  CopyMap copy_of_;
  std::vector<Copy> copies_;               // Ascending by copy.
  RunFinder copy_finder_;                  // Which of them are near an element.
  std::map<Lv, Lv> foreign_deletes_;       // From the first of a range to its end; disjoint.
  OpIndex scanned_;                        // Operations before it are in foreign_deletes_.
  size_t copies_kept_ = 0;                 // How many, when copies were forgotten last.
  Lv needed_from_;                         // Copies of elements before it may have been forgotten.
  std::vector<FormerSelf> former_selves_;  // Ascending.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_UNDO_HISTORY_H_
