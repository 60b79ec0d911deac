#include "ot/edit_history.h"

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {

void EditHistory::AddChange(uint32_t author, std::span<const uint32_t> parents) {
  COTEXT_CHECK(changes_.size() < kColumnMax);
  COTEXT_CHECK(parents.size() <= kColumnMax - parents_.size());
  for (const uint32_t parent : parents) COTEXT_CHECK(parent < changes_.size());
  changes_.push_back(Change{.author = author,
                            .first_edit = static_cast<uint32_t>(edits_.size()),
                            .first_parent = static_cast<uint32_t>(parents_.size())});
  parents_.insert(parents_.end(), parents.begin(), parents.end());
}

void EditHistory::AddEdit(const TextEdit& edit) {
  COTEXT_CHECK(!changes_.empty());
  if (edit.deleted == 0 && edit.inserted.empty()) return;
  if (!Continue(edit)) AppendEdit(edit);
}

void EditHistory::AppendEdit(const TextEdit& edit) {
  COTEXT_CHECK(!changes_.empty());
  COTEXT_CHECK(edit.position <= kColumnMax);
  COTEXT_CHECK(edit.deleted <= kColumnMax);
  COTEXT_CHECK(edit.inserted.size() <= kColumnMax - text_.size());
  COTEXT_CHECK(edits_.size() < kColumnMax);
  edits_.push_back(Edit{.position = static_cast<uint32_t>(edit.position),
                        .deleted = static_cast<uint32_t>(edit.deleted),
                        .text_begin = static_cast<uint32_t>(text_.size())});
  text_ += edit.inserted;
  last_length_ = CountCodePoints(edit.inserted);
}

// Makes the last edit of the change do the same too, if one edit can: deletes and inserts keep
// their order, which the ids that order concurrent inserts depend on. Returns whether it did.
bool EditHistory::Continue(const TextEdit& edit) {
  if (changes_.back().first_edit == edits_.size()) return false;
  if (edit.inserted.size() > kColumnMax - text_.size()) return false;
  Edit& last = edits_.back();
  if (edit.deleted == 0) {
    if (last_length_ == 0 || edit.position != last.position + last_length_) return false;
    text_ += edit.inserted;
    last_length_ += CountCodePoints(edit.inserted);
    return true;
  }
  const bool only_deletes =
      edit.inserted.empty() && last_length_ == 0 && edit.deleted <= kColumnMax - last.deleted;
  if (!only_deletes) return false;
  const bool backwards = edit.position + edit.deleted == last.position;
  if (!backwards && edit.position != last.position) return false;
  last.position = static_cast<uint32_t>(edit.position);
  last.deleted += static_cast<uint32_t>(edit.deleted);
  return true;
}

std::span<const uint32_t> EditHistory::parents(size_t change) const {
  const size_t begin = changes_[change].first_parent;
  const size_t end =
      change + 1 < changes_.size() ? changes_[change + 1].first_parent : parents_.size();
  return std::span(parents_).subspan(begin, end - begin);
}

TextEdit EditHistory::EditAt(size_t edit) const {
  const size_t begin = edits_[edit].text_begin;
  const size_t end = edit + 1 < edits_.size() ? edits_[edit + 1].text_begin : text_.size();
  return TextEdit{.position = edits_[edit].position,
                  .deleted = edits_[edit].deleted,
                  .inserted = std::string_view(text_).substr(begin, end - begin)};
}

std::vector<uint32_t> EditHistory::Heads() const {
  std::vector<bool> has_children(changes_.size());
  for (const uint32_t parent : parents_) has_children[parent] = true;
  std::vector<uint32_t> heads;
  for (uint32_t i = 0; i < changes_.size(); ++i) {
    if (!has_children[i]) heads.push_back(i);
  }
  return heads;
}

}  // namespace cotext
