#include "document/document.h"

#include <algorithm>
#include <span>
#include <utility>

#include "document/check.h"
#include "document/text_diff.h"
#include "document/utf8.h"

namespace cotext {

std::string Document::Text() const {
  const TextMetrics size = metrics();
  std::string text;
  text.reserve(static_cast<size_t>(size.bytes));
  const Expected<void> read = ForEachChunk(CodePointOffset{0}, CodePointOffset{size.code_points},
                                           [&text](std::string_view chunk) { text += chunk; });
  COTEXT_CHECK(read.has_value());
  return text;
}

Expected<std::string> Document::Slice(const AnyOffset& begin, const AnyOffset& end) const {
  const Expected<CodePointOffset> first = ToCodePoint(begin);
  if (!first) return std::unexpected(first.error());
  const Expected<CodePointOffset> last = ToCodePoint(end);
  if (!last) return std::unexpected(last.error());
  std::string text;
  COTEXT_RETURN_IF_ERROR(
      ForEachChunk(*first, *last, [&text](std::string_view chunk) { text += chunk; }));
  return text;
}

Expected<void> Document::ReplaceRange(CodePointOffset begin, CodePointOffset end,
                                      std::string_view text) {
  if (notifying_) return CheckMayEdit();
  if (end < begin) {
    return MakeError(ErrorCode::kOutOfRange, "the range ends before it begins");
  }
  if (in_transaction()) return ReplaceCodePoints(begin, end.value - begin.value, text);
  const TransactionScope scope(*this);
  return ReplaceCodePoints(begin, end.value - begin.value, text);
}

Expected<void> Document::ReplaceConverted(const AnyOffset& begin, const AnyOffset& end,
                                          std::string_view text) {
  COTEXT_RETURN_IF_ERROR(CheckMayEdit());
  const Expected<CodePointOffset> first = ToCodePoint(begin);
  if (!first) return std::unexpected(first.error());
  const Expected<CodePointOffset> last = ToCodePoint(end);
  if (!last) return std::unexpected(last.error());
  return ReplaceRange(*first, *last, text);
}

Expected<void> Document::CheckDelta(const Delta& delta) const {
  const uint64_t length = metrics().code_points;
  if (delta.base_length() > length) {
    return MakeError(ErrorCode::kDeltaMismatch,
                     "the delta is for a text of at least " + std::to_string(delta.base_length()) +
                         " characters, this one has " + std::to_string(length));
  }
  uint64_t position = 0;
  for (const Delta::Component component : delta) {
    if (component.kind == Delta::Kind::kInsert) continue;
    if (component.has_text()) {
      const Expected<std::string> here =
          Slice(CodePointOffset{position}, CodePointOffset{position + component.count});
      if (!here) return std::unexpected(here.error());
      if (*here != component.text) {
        return MakeError(ErrorCode::kDeltaMismatch,
                         "the text deleted at " + std::to_string(position) + " differs");
      }
    }
    position += component.count;
  }
  return {};
}

Expected<void> Document::Apply(const Delta& delta) {
  COTEXT_RETURN_IF_ERROR(CheckMayEdit());
  COTEXT_RETURN_IF_ERROR(CheckDelta(delta));
  const TransactionScope scope(*this);
  uint64_t position = 0;
  uint64_t count = 0;
  std::string text;
  // Inserts and deletes at one place are one replacement, whatever their order.
  const auto replace = [&]() -> Expected<void> {
    if (count == 0 && text.empty()) return {};
    COTEXT_RETURN_IF_ERROR(ReplaceCodePoints(CodePointOffset{position}, count, text));
    position += CountCodePoints(text);
    count = 0;
    text.clear();
    return {};
  };
  for (const Delta::Component component : delta) {
    switch (component.kind) {
      case Delta::Kind::kInsert: text += component.text; break;
      case Delta::Kind::kDelete: count += component.count; break;
      case Delta::Kind::kRetain:
        COTEXT_RETURN_IF_ERROR(replace());
        position += component.count;
        break;
    }
  }
  return replace();
}

Expected<void> Document::ReplaceAll(std::string_view text) {
  COTEXT_RETURN_IF_ERROR(CheckMayEdit());
  if (!IsValidUtf8(text)) return MakeError(ErrorCode::kInvalidUtf8, "the text is not valid UTF-8");
  return Apply(DiffTexts(Text(), text));
}

void Document::FinishTransaction() {
  OnCommit();
  if (recorded_.empty() && undo_manager_.is_plain()) {
    label_ = {};
    return;
  }
  undo_manager_.DropNextSelections();
  Notify(EditOrigin::kLocal);
  label_ = {};
  undo_manager_.TellListeners();
}

Expected<bool> Document::TakeBack(UndoStack from) {
  COTEXT_RETURN_IF_ERROR(CheckMayMerge());
  if (undo_manager_.step_count(from) == 0) return false;
  const Expected<OperationRange> made = TakeBackOperations(undo_manager_.LatestRanges(from));
  if (!made) return std::unexpected(made.error());
  UndoSelection restored = undo_manager_.LatestSelection(from);
  for (Anchor& anchor : restored.anchors) anchor = AnchorOnLiving(anchor);
  undo_manager_.Move(from, *made, std::move(restored));
  Notify(EditOrigin::kUndo);
  undo_manager_.TellListeners();
  return true;
}

Document::SubscriptionId Document::Subscribe(Listener listener) {
  listeners_.push_back(Subscription{
      .id = next_subscription_, .listener = std::move(listener), .heard = recorded_.size()});
  return next_subscription_++;
}

void Document::Unsubscribe(SubscriptionId id) {
  // Its place stays until nobody is being called, so that a listener may unsubscribe itself.
  for (Subscription& subscription : listeners_) {
    if (subscription.id == id) subscription.listener = nullptr;
  }
  if (!notifying_) DropUnsubscribed();
}

void Document::DropUnsubscribed() {
  std::erase_if(listeners_, [](const Subscription& entry) { return entry.listener == nullptr; });
}

void Document::Record(Delta step) { recorded_.push_back(std::move(step)); }

void Document::Notify(EditOrigin origin) {
  if (recorded_.empty() || notifying_) return;
  const Expected<Delta> whole = ComposeAll(recorded_);
  COTEXT_CHECK(whole.has_value());
  notifying_ = true;
  // By index and copy: a listener may subscribe others, for whom there is nothing to hear yet.
  for (size_t i = 0; i < listeners_.size(); ++i) {
    const Subscription subscription = listeners_[i];
    if (subscription.listener != nullptr) Tell(subscription, *whole, origin);
  }
  notifying_ = false;
  recorded_.clear();
  for (Subscription& subscription : listeners_) subscription.heard = 0;
  DropUnsubscribed();
}

void Document::Tell(const Subscription& subscription, const Delta& whole, EditOrigin origin) const {
  if (subscription.heard == 0) {
    if (!whole.empty()) {
      subscription.listener(DeltaEvent{.delta = whole, .origin = origin, .label = label_});
    }
    return;
  }
  const Expected<Delta> rest = ComposeAll(std::span(recorded_).subspan(subscription.heard));
  COTEXT_CHECK(rest.has_value());
  if (!rest->empty()) {
    subscription.listener(DeltaEvent{.delta = *rest, .origin = origin, .label = label_});
  }
}

Expected<void> Document::CheckMayEdit() const {
  if (!notifying_) return {};
  return MakeError(ErrorCode::kReentrantEdit, "a listener cannot edit the document it hears from");
}

Expected<void> Document::CheckMayMerge() const {
  COTEXT_RETURN_IF_ERROR(CheckMayEdit());
  if (!in_transaction()) return {};
  return MakeError(ErrorCode::kTransactionOpen, "the document is inside a transaction");
}

}  // namespace cotext
