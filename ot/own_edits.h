// One's own edits on one of the two stacks of undo, each with the way back, and what others did in
// between.
//
// Each edit replaced text at one place and has a number: that of the text it was made in, where
// each character inserted or deleted by anybody makes a new one. Text typed in one go is one run
// however many keystrokes it took, of which any part can be taken back.
//
// The way back from the latest one is transformed past what others did since, and applies to the
// text as it is. What others did, transformed past the way back, is then what they did since the
// edit before it: the text is that before the edit, with their edits. So edits are taken back in
// the reverse order only, as stacks are.
//
// Text is kept for what was deleted, not for what was inserted.
//
// Complexity: Push O(1) amortised beside its text. TakeBackFrom, for k edits taken back, m edits of
// others: O(k) without others, O(k log k + (k + m) (log m)^2) amortised with them. Memory: 32 bytes
// an edit, or a run of them, the deleted text, and O(m).
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
  // Returns how many edits and runs there are.
  size_t size() const { return edits_.size(); }
  // Returns the number of the latest edit, or of the last character of the latest run.
  // REQUIRES: !empty().
  uint64_t latest() const {
    const Edit& last = edits_.back();
    return last.inserted == 0 ? last.number : last.number + last.inserted - 1;
  }

  // Adds an edit that inserted `inserted` characters at `position` and deleted `erased` behind
  // them. REQUIRES: it does something; number is past those of the latest; erased is valid UTF-8.
  void Push(uint64_t number, uint64_t position, uint64_t inserted, std::string_view erased) {
    if (erased.empty() && GoesOn(number, position)) {
      edits_.back().inserted += inserted;
    } else {
      PushNew(number, position, inserted, erased);
    }
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
    size_t erased_bytes = 0;  // 0 if it is a run of several.
  };

  // What others did when there were `below` edits, counted with the forgotten ones.
  struct Others {
    uint64_t below = 0;
    ForeignEdits edits;
  };

  void PushNew(uint64_t number, uint64_t position, uint64_t inserted, std::string_view erased);
  uint64_t height() const { return forgotten_ + edits_.size(); }
  bool HasOthersOnTop() const { return !others_.empty() && others_.back().below == height(); }
  // Returns whether an insert goes on where the latest edit, an insert, ended.
  bool GoesOn(uint64_t number, uint64_t position) const {
    if (edits_.empty()) return false;
    const Edit& last = edits_.back();
    return last.number + last.inserted == number && last.position + last.inserted == position &&
           last.erased_bytes == 0 && !HasOthersOnTop();
  }
  // Returns how much of the latest edit was inserted before number `first`.
  uint64_t InsertedBefore(uint64_t first) const {
    const uint64_t number = edits_.back().number;
    return number < first ? first - number : 0;
  }
  // Returns the way back from the latest edit, or what of it is numbered from `first` on, right
  // after it, and forgets that.
  Delta PopInverse(uint64_t first);
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
