#include "simulation/world/user_actor.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "document/check.h"
#include "document/offset.h"
#include "document/utf8.h"

namespace cotext {

Expected<void> UserActor::Do(const UserAction& action) {
  using Kind = UserAction::Kind;
  document_->undo_manager().SetTime(action.at_us / 1000);
  const uint64_t length = document_->metrics().code_points;
  const uint64_t caret = Caret();
  switch (action.kind) {
    case Kind::kMove:
      COTEXT_CHECK(!action.places.empty());
      return SetCaret(PlaceOf(action.places.front()));
    case Kind::kType: return Replace(caret, caret, action.text);
    case Kind::kBackspace: return Replace(caret - std::min(caret, action.count), caret, {});
    case Kind::kReplace:
      return Replace(caret, caret + std::min(length - caret, action.count), action.text);
    case Kind::kInsertAt: return InsertAt(action);
    case Kind::kUndo: COTEXT_RETURN_IF_ERROR(document_->Undo()); return {};
    case Kind::kRedo: COTEXT_RETURN_IF_ERROR(document_->Redo()); return {};
  }
  return {};
}

uint64_t UserActor::Caret() const {
  if (!caret_) return 0;
  const auto resolved = document_->ResolveAnchor(*caret_);
  COTEXT_CHECK(resolved.has_value());
  return resolved->value;
}

uint64_t UserActor::PlaceOf(uint64_t share) const {
  COTEXT_CHECK(share <= kWholeText);
  return document_->metrics().code_points * share / kWholeText;
}

Expected<void> UserActor::SetCaret(uint64_t position) {
  auto anchor = document_->CreateAnchor(CodePointOffset{position}, Bias::kBefore);
  COTEXT_RETURN_IF_ERROR(anchor);
  caret_ = *anchor;
  return {};
}

Expected<void> UserActor::Replace(uint64_t begin, uint64_t end, std::string_view text) {
  const std::string typed = keyboard_(text);
  COTEXT_RETURN_IF_ERROR(document_->Replace(CodePointOffset{begin}, CodePointOffset{end}, typed));
  return SetCaret(begin + CountCodePoints(typed));
}

Expected<void> UserActor::InsertAt(const UserAction& action) {
  std::vector<uint64_t> places;
  for (const uint64_t share : action.places) places.push_back(PlaceOf(share));
  // From the end on, so that none moves another.
  std::ranges::sort(places, std::greater<>());
  return document_->Transact([&]() -> Expected<void> {
    for (const uint64_t place : places) {
      COTEXT_RETURN_IF_ERROR(document_->Insert(CodePointOffset{place}, keyboard_(action.text)));
    }
    return {};
  });
}

}  // namespace cotext
