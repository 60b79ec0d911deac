#include "ot/own_edits.h"

#include <algorithm>
#include <utility>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

std::optional<PositionMap> MapUnlessLong(const ForeignEdits& edits) {
  if (edits.size() > OwnEdits::kMaxMapped) return std::nullopt;
  return edits.ToPositionMap();
}

}  // namespace

void OwnEdits::PushNew(uint64_t number, uint64_t position, uint64_t inserted,
                       std::string_view erased) {
  Edit& edit = edits_.AddBack();
  edit.number = number;
  edit.position = position;
  edit.inserted = inserted;
  edit.erased_bytes = erased.size();
  text_ += erased;
}

// Others.

void OwnEdits::AddForeign(const Delta& delta) {
  if (empty() || delta.empty()) return;
  if (!HasOthersOnTop()) others_.AddBack().below = height();
  others_.back().edits.Add(delta);
}

ForeignEdits OwnEdits::TakeOthers() {
  if (!HasOthersOnTop()) return {};
  return others_.PopBack().edits;
}

void OwnEdits::PutOthers(ForeignEdits edits) {
  if (edits.empty()) return;
  Others& others = others_.AddBack();
  others.below = height();
  others.edits = std::move(edits);
}

// Taking back.

Delta OwnEdits::PopInverse(uint64_t first) {
  Delta inverse;
  if (const uint64_t kept = InsertedBefore(first); kept > 0) {
    Edit& run = edits_.back();
    COTEXT_DCHECK(run.erased_bytes == 0);
    inverse.Retain(run.position + kept).Delete(run.inserted - kept);
    run.inserted = kept;
    return inverse;
  }
  const Edit edit = edits_.PopBack();
  const size_t kept = text_.size() - edit.erased_bytes;
  inverse.Retain(edit.position).Delete(edit.inserted).Insert(std::string_view(text_).substr(kept));
  text_.resize(kept);
  return inverse;
}

size_t OwnEdits::ErasedBytesFrom(uint64_t first) const {
  size_t bytes = 0;
  for (size_t i = edits_.size(); i > 0 && edits_[i - 1].number >= first; --i) {
    bytes += edits_[i - 1].erased_bytes;
  }
  return bytes;
}

OwnEdits::TakenBack OwnEdits::TakeBackFrom(uint64_t first) {
  TakenBack taken;
  ForeignEdits passed = TakeOthers();
  std::vector<Delta> steps;
  while (!empty() && latest() >= first) {
    steps.push_back(passed.TransformPast(PopInverse(first)));
    if (empty() || latest() < first) taken.others = MapUnlessLong(passed);
    // What others did between two edits is passed by the earlier one, too.
    ForeignEdits earlier = TakeOthers();
    if (!earlier.empty()) passed.AddBefore(std::move(earlier));
  }
  if (!empty()) PutOthers(std::move(passed));
  if (steps.size() == 1) {
    taken.delta = std::move(steps.front());
    return taken;
  }
  Expected<Delta> whole = ComposeAll(steps);
  COTEXT_CHECK(whole.has_value());
  taken.delta = *std::move(whole);
  return taken;
}

std::vector<Delta> OwnEdits::TakeOutFrom(uint64_t first) {
  std::vector<Delta> deltas;
  while (!empty() && latest() >= first) {
    const uint64_t position = edits_.back().position + InsertedBefore(first);
    const Delta inverse = PopInverse(first);
    Delta delta;
    delta.Retain(position);
    for (const Delta::Component component : inverse) {
      // Nobody reads the text of what is only passed.
      if (component.kind == Delta::Kind::kDelete)
        delta.Insert(std::string(static_cast<size_t>(component.count), '?'));
      if (component.kind == Delta::Kind::kInsert) delta.Delete(component.count);
    }
    deltas.push_back(std::move(delta));
  }
  std::ranges::reverse(deltas);
  return deltas;
}

// Forgetting.

void OwnEdits::ForgetBefore(uint64_t number) {
  while (!empty() && edits_.front().number < number) {
    Edit& oldest = edits_.front();
    if (oldest.number + oldest.inserted > number) {  // A run, of which a part is needed.
      const uint64_t needless = number - oldest.number;
      oldest.number += needless;
      oldest.position += needless;
      oldest.inserted -= needless;
      break;
    }
    needless_text_ += oldest.erased_bytes;
    edits_.DropFront();
    ++forgotten_;
  }
  while (!others_.empty() && (empty() || others_.front().below <= forgotten_)) others_.DropFront();
  if (2 * needless_text_ < text_.size()) return;
  text_.erase(0, needless_text_);
  needless_text_ = 0;
}

void OwnEdits::CheckInvariants() const {
  size_t bytes = needless_text_;
  for (size_t i = 0; i < edits_.size(); ++i) {
    COTEXT_CHECK(edits_[i].inserted + edits_[i].erased_bytes > 0);
    if (i > 0) {
      const Edit& before = edits_[i - 1];
      COTEXT_CHECK(before.number + std::max<uint64_t>(before.inserted, 1) <= edits_[i].number);
    }
    bytes += edits_[i].erased_bytes;
  }
  COTEXT_CHECK(bytes == text_.size());
  COTEXT_CHECK(IsValidUtf8(std::string_view(text_).substr(needless_text_)));
  uint64_t below = forgotten_;
  for (size_t i = 0; i < others_.size(); ++i) {
    // What lies under the lowest edit is passed by nothing.
    COTEXT_CHECK(others_[i].below > below);
    COTEXT_CHECK(others_[i].below <= height());
    COTEXT_CHECK(!others_[i].edits.empty());
    below = others_[i].below;
    others_[i].edits.CheckInvariants();
  }
}

}  // namespace cotext
