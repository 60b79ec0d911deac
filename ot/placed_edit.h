// An edit of one place, which transforming another edit of one place seldom changes but for its
// position; and, where it does, the delta that it became.
//
// An insert belongs behind its origin, the character in front of it, and among the inserts behind
// one origin the greater id comes first. So the edit remembers whether somebody whom its author did
// not know deleted what is in front of it: a tombstone, which another insert in that gap need not
// have had in front of it. Of two in one gap, that which has lost its origin comes last; if both
// have, only the tombstones would tell.
//
// Transforming two edits of places apart is O(1) and copies nothing; otherwise see transform.h.
#ifndef COTEXT_OT_PLACED_EDIT_H_
#define COTEXT_OT_PLACED_EDIT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"
#include "document/text_buffer.h"
#include "ot/cell_id.h"
#include "ot/edit_history.h"

namespace cotext {

class PlacedEdit {
 public:
  // REQUIRES: `id` is that of the first inserted character; `count` their number; the text outlives
  // this.
  PlacedEdit(const TextEdit& edit, uint64_t count, CellId id)
      : position_(edit.position),
        deleted_(edit.deleted),
        inserted_(edit.inserted),
        count_(count),
        id_(id) {}

  // Returns how long a text of `length` is afterwards.
  uint64_t LengthAfter(uint64_t length) const {
    return whole_ ? length - whole_->base_length() + whole_->target_length()
                  : length - deleted_ + count_;
  }

  // Makes of both, which have one base, what they are after each other. Returns false, and leaves
  // both as they are, if they insert in one gap and both have lost their origins.
  static Expected<bool> Transform(PlacedEdit& left, PlacedEdit& right);

  Expected<void> ApplyTo(TextBuffer& text) const;

  Delta ToDelta() const;

 private:
  bool EndsBefore(const PlacedEdit& other) const {
    return !whole_ && !other.whole_ && position_ + deleted_ < other.position_;
  }
  void Become(Delta delta);

  uint64_t position_;  // Of a simple edit; so deleted_ and inserted_.
  uint64_t deleted_;
  std::string_view inserted_;
  uint64_t count_;
  CellId id_;
  bool lost_origin_ = false;
  std::optional<Delta> whole_;  // Where it is an edit of more than one place.
};

}  // namespace cotext

#endif  // COTEXT_OT_PLACED_EDIT_H_
