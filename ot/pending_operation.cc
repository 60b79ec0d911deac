#include "ot/pending_operation.h"

#include <utility>

#include "document/check.h"
#include "ot/compose_tree.h"
#include "ot/stream_transform.h"

namespace cotext {

PendingOperation::PendingOperation(Delta delta, Options options) : options_(options) {
  Set(std::move(delta));
}

void PendingOperation::Set(Delta delta) {
  bool small = delta.size() <= options_.small_components;
  if (small) {
    size_t text_bytes = 0;
    for (const Delta::Component& component : delta) text_bytes += component.text.size();
    small = text_bytes <= kSmallTextBytes;
  }
  if (small) {
    small_ = std::move(delta);
  } else {
    tree_.emplace(delta, options_.fanout);
    small_ = Delta();
  }
}

Expected<void> PendingOperation::Compose(const Delta& then) {
  if (tree_) return ComposeOnto(*tree_, then);
  Expected<Delta> composed = cotext::Compose(small_, then);
  COTEXT_RETURN_IF_ERROR(composed);
  Set(*std::move(composed));
  return {};
}

Expected<Delta> PendingOperation::TransformPast(const Delta& other, Side side) {
  if (tree_) return cotext::TransformPast(*tree_, other, side);
  const bool is_left = side == Side::kLeft;
  Expected<TransformedPair> pair =
      is_left ? TransformPair(small_, other) : TransformPair(other, small_);
  COTEXT_RETURN_IF_ERROR(pair);
  Set(std::move(is_left ? pair->left : pair->right));
  return std::move(is_left ? pair->right : pair->left);
}

void PendingOperation::CheckInvariants() const {
  small_.CheckInvariants();
  if (!tree_) return;
  COTEXT_CHECK(small_.empty());
  tree_->CheckInvariants();
}

}  // namespace cotext
