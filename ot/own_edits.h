// One's own edits on one of the two stacks of undo, each with the way back, and what others did in
// between.
//
// Each edit replaced text at one place and has a number, greater than those of the edits before it.
// The way back from the latest one is transformed past what others did since, and applies to the
// text as it is. What others did, transformed past the way back, is then what they did since the
// edit before it: the text is that before the edit, with their edits. So edits are taken back in
// the reverse order only, as stacks are.
//
// Text is kept for what was deleted, not for what was inserted.
//
// Complexity: Push O(1) amortised beside its text. TakeBackFrom, for k edits taken back, m edits of
// others: O(k) without others, O(k log k + (k + m) (log m)^2) amortised with them. Memory: 32 bytes
// an edit, the deleted text, and O(m).
#ifndef COTEXT_OT_OWN_EDITS_H_
#define COTEXT_OT_OWN_EDITS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/ring.h"
#include "ot/foreign_edits.h"
#include "ot/position_map.h"

namespace cotext {

class OwnEdits {
 public:
  // Mapping positions past what others did is linear, and is not always needed.
  static constexpr uint64_t kMaxMapped = 64;

  bool empty() const { return edits_.empty(); }
  size_t size() const { return edits_.size(); }
  // Returns the number of the latest edit.
  // REQUIRES: !empty().
  uint64_t latest() const { return edits_.back().number; }

  // Adds an edit that inserted `inserted` characters at `position` and deleted `erased` behind
  // them. REQUIRES: number is greater than that of the latest; erased is valid UTF-8.
  void Push(uint64_t number, uint64_t position, uint64_t inserted, std::string_view erased) {
    Edit& edit = edits_.AddBack();
    edit.number = number;
    edit.position = position;
    edit.inserted = inserted;
    edit.erased_bytes = erased.size();
    if (!erased.empty()) text_ += erased;
  }

  // Adds an edit of another's, which is not taken back.
  void AddForeign(const Delta& delta);

  // Returns how many bytes those numbered from `first` on deleted.
  size_t ErasedBytesFrom(uint64_t first) const;

  struct TakenBack {
    Delta delta;  // That takes the edits back; its deletes carry no text.
    // What others did since the first of the edits, as if those had never been. Nothing if that is
    // more than kMaxMapped components.
    std::optional<PositionMap> others;
  };

  // Takes back what is numbered from `first` on.
  TakenBack TakeBackFrom(uint64_t first);

  // Takes out what is numbered from `first` on, between which there is nothing of others, and
  // returns it in order: characters that were inserted are some characters.
  std::vector<Delta> TakeOutFrom(uint64_t first);

  // Forgets edits numbered before `number`.
  void ForgetBefore(uint64_t number);
  void Clear() { *this = OwnEdits(); }

  // Stops the program if an invariant is broken. Linear.
  void CheckInvariants() const;

 private:
  friend struct OwnEditsPeer;  // Corrupts edits in tests.

  struct Edit {
    uint64_t number = 0;
    uint64_t position = 0;
    uint64_t inserted = 0;
    size_t erased_bytes = 0;
  };

  // What others did when there were `below` edits, counted with the forgotten ones.
  struct Others {
    uint64_t below = 0;
    ForeignEdits edits;
  };

  uint64_t height() const { return forgotten_ + edits_.size(); }
  // Returns the way back from the latest edit, right after it, and forgets it.
  Delta PopInverse();
  // Takes out what others did since the latest edit.
  ForeignEdits TakeOthers();
  void PutOthers(ForeignEdits edits);

  Ring<Edit> edits_;
  // Texts of the edits in order; in front of them, up to as much that is not needed any more.
  std::string text_;
  size_t needless_text_ = 0;
  Ring<Others> others_;  // Ascending by `below`; none is empty.
  uint64_t forgotten_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_OT_OWN_EDITS_H_
