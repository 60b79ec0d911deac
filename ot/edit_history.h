// A history of edits by position, made by several authors who knew more or less of each other: what
// OT keeps of a document, and what its submissions say.
//
// A *change* is what one author did at the merged state of its parents, as edits one after another.
// An *edit* deletes characters and then inserts text in front of what it deleted. Edits that
// continue each other, as while somebody types or holds down backspace, are one.
//
// Invariants: parents ascend and are below their change; an author's changes are never concurrent
// (a caller keeps that); no edit is empty; texts are valid UTF-8. Whether positions are within the
// text shows only on replay.
//
// Compact: 12 bytes a change, 12 an edit, 4 a parent, and the texts end to end. Positions and
// lengths are in code points, below 2^32.
#ifndef COTEXT_OT_EDIT_HISTORY_H_
#define COTEXT_OT_EDIT_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cotext {

// Deletes `deleted` characters from `position` on, then inserts text there.
struct TextEdit {
  uint64_t position = 0;
  uint64_t deleted = 0;
  std::string_view inserted = {};  // Belongs to whatever the edit was read from.
  friend bool operator==(const TextEdit&, const TextEdit&) = default;
};

class EditHistory {
 public:
  // The most changes, edits, parents, characters or bytes of text.
  static constexpr uint64_t kColumnMax = UINT32_MAX;

  // Adds a change without edits.
  // REQUIRES: parents as in the invariants; there is room.
  void AddChange(uint32_t author, std::span<const uint32_t> parents);
  // Adds an edit to the last change, or makes its last edit do that, too. An edit that does nothing
  // is left out.
  // REQUIRES: there is a change, and room; the text is valid UTF-8.
  void AddEdit(const TextEdit& edit);
  // Adds an edit as one of its own. REQUIRES: as above, and it does something.
  void AppendEdit(const TextEdit& edit);

  size_t change_count() const { return changes_.size(); }
  size_t edit_count() const { return edits_.size(); }
  size_t text_bytes() const { return text_.size(); }
  // REQUIRES: change < change_count(), here and below.
  uint32_t author(size_t change) const { return changes_[change].author; }
  std::span<const uint32_t> parents(size_t change) const;
  // Calls `visit(edit)` for the edits of a change while it returns true; returns whether it always
  // did.
  template <typename Visitor>
  bool ForEachEdit(size_t change, Visitor visit) const {
    const size_t end =
        change + 1 < changes_.size() ? changes_[change + 1].first_edit : edits_.size();
    for (size_t i = changes_[change].first_edit; i < end; ++i) {
      if (!visit(EditAt(i))) return false;
    }
    return true;
  }

  // Returns the changes that none has as a parent, ascending.
  std::vector<uint32_t> Heads() const;

  friend bool operator==(const EditHistory&, const EditHistory&) = default;

 private:
  struct Change {
    uint32_t author;
    uint32_t first_edit;
    uint32_t first_parent;
    friend bool operator==(const Change&, const Change&) = default;
  };
  struct Edit {
    uint32_t position;
    uint32_t deleted;
    uint32_t text_begin;  // Ends where the next one's begins.
    friend bool operator==(const Edit&, const Edit&) = default;
  };

  TextEdit EditAt(size_t edit) const;
  bool Continue(const TextEdit& edit);

  std::vector<Change> changes_;
  std::vector<uint32_t> parents_;
  std::vector<Edit> edits_;
  std::string text_;
  uint64_t last_length_ = 0;  // Of the last edit's text, in code points.
};

}  // namespace cotext

#endif  // COTEXT_OT_EDIT_HISTORY_H_
