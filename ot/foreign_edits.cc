#include "ot/foreign_edits.h"

#include <utility>

#include "document/check.h"

namespace cotext {

uint64_t ForeignEdits::size() const {
  uint64_t size = 0;
  for (const Part& part : parts_) size += part.size;
  return size;
}

void ForeignEdits::Add(const Delta& delta) {
  if (delta.empty()) return;
  // Whether texts that were deleted are right was checked against the document.
  const Delta plain = WithoutDeletedText(delta);
  if (parts_.empty()) {
    parts_.push_back(Part{.operation = PendingOperation(plain), .size = plain.size()});
    return;
  }
  const Expected<void> composed = parts_.back().operation.Compose(plain);
  COTEXT_CHECK(composed.has_value());
  parts_.back().size += plain.size();
}

void ForeignEdits::AddPart(Part part) {
  parts_.push_back(std::move(part));
  while (parts_.size() > 1) {
    Part& earlier = parts_[parts_.size() - 2];
    const Part& later = parts_.back();
    if (2 * earlier.size < later.size) return;
    const Expected<void> composed = earlier.operation.Compose(later.operation.ToDelta());
    COTEXT_CHECK(composed.has_value());
    earlier.size += later.size;
    parts_.pop_back();
  }
}

void ForeignEdits::AddBefore(ForeignEdits earlier) {
  for (Part& part : parts_) earlier.AddPart(std::move(part));
  parts_ = std::move(earlier.parts_);
}

Delta ForeignEdits::TransformPast(Delta own) {
  for (Part& part : parts_) {
    Expected<Delta> passed = part.operation.TransformPast(own, Side::kLeft);
    COTEXT_CHECK(passed.has_value());
    own = *std::move(passed);
  }
  return own;
}

PositionMap ForeignEdits::ToPositionMap() const {
  PositionMap map;
  for (const Part& part : parts_) map = map.Then(PositionMap::Of(part.operation.ToDelta()));
  return map;
}

void ForeignEdits::CheckInvariants() const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    COTEXT_CHECK(parts_[i].size > 0);
    if (i > 0) COTEXT_CHECK(parts_[i].size > 2 * parts_[i - 1].size);
    parts_[i].operation.CheckInvariants();
  }
}

}  // namespace cotext
