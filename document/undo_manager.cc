#include "document/undo_manager.h"

#include <algorithm>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

size_t BytesOf(const UndoSelection& selection) {
  return selection.anchors.size() * sizeof(Anchor) + selection.data.size();
}

UndoStack Other(UndoStack stack) {
  return stack == UndoStack::kUndo ? UndoStack::kRedo : UndoStack::kUndo;
}

}  // namespace

void UndoManager::SetOptions(const UndoOptions& options) {
  options_ = options;
  EnforceLimits();
  TellListeners();
}

void UndoManager::Item::SetRanges(std::span<const OperationRange> ranges) {
  COTEXT_CHECK(!ranges.empty());
  range = ranges.front();
  if (ranges.size() > 1) {
    MakeExtras().ranges.assign(ranges.begin(), ranges.end());
  } else if (extras != nullptr) {
    extras->ranges.clear();
  }
}

void UndoManager::Item::AddRange(OperationRange added) {
  auto& all = MakeExtras().ranges;
  if (all.empty()) all.push_back(range);
  all.push_back(added);
}

// Grouping and tracking.

void UndoManager::BeginGroup() {
  if (group_depth_++ == 0) cut_ = true;
  FindIfPlain();
}

void UndoManager::EndGroup() {
  COTEXT_CHECK(group_depth_ > 0);
  if (--group_depth_ == 0) cut_ = true;
  FindIfPlain();
}

void UndoManager::TrackAllBut(std::vector<EditLabel> labels) {
  std::ranges::sort(labels);
  exceptions_ = std::move(labels);
  tracks_others_ = true;
  FindIfPlain();
}

void UndoManager::TrackOnly(std::vector<EditLabel> labels) {
  TrackAllBut(std::move(labels));
  tracks_others_ = false;
  FindIfPlain();
}

bool UndoManager::Tracks(EditLabel label) const {
  if (exceptions_.empty()) return tracks_others_;
  return std::ranges::binary_search(exceptions_, label) != tracks_others_;
}

bool UndoManager::Joins() const {
  if (cut_ || undo_.empty()) return false;
  if (group_depth_ > 0) return true;
  return time_ms_ && last_time_ms_ && *time_ms_ >= *last_time_ms_ &&
         *time_ms_ - *last_time_ms_ < options_.group_interval_ms;
}

void UndoManager::CommitAny(EditLabel label, OperationRange made) {
  latest_is_new_ = Tracks(label);
  if (!latest_is_new_) return;
  const bool had_redo = ForgetAll(redo_);
  FindIfPlain();
  const bool joins = Joins();
  if (joins) {
    Join(made);
  } else {
    PushStep(undo_, UndoStep{.ranges = {made},
                             .before = std::move(next_.before),
                             .after = std::move(next_.after)});
    EnforceLimits();
  }
  cut_ = false;
  last_time_ms_ = time_ms_;
  if (listeners_.empty()) return;
  if (had_redo) AddEvent(UndoEvent::Kind::kCleared, UndoStack::kRedo, {});
  AddEventOfLatest(joins ? UndoEvent::Kind::kJoined : UndoEvent::Kind::kPushed, UndoStack::kUndo);
}

void UndoManager::Join(OperationRange made) {
  Item& item = undo_.back();
  bytes_ -= CostOf(item);
  OperationRange& last = item.last();
  if (last.first + last.length == made.first) {
    last.length += made.length;
  } else {
    item.AddRange(made);
  }
  bytes_ += CostOf(item);
  if (has_next_ && !next_.after.empty()) SetLatestAfter(std::move(next_.after));
  EnforceLimits();
}

// Taking back.

std::span<const OperationRange> UndoManager::LatestRanges(UndoStack stack) const {
  COTEXT_CHECK(!StackOf(stack).empty());
  return StackOf(stack).back().ranges();
}

UndoSelection UndoManager::SelectionOf(const Item& item, UndoStack stack) {
  if (item.extras == nullptr) return {};
  const Selections& selections = item.extras->selections;
  return stack == UndoStack::kUndo ? selections.before : selections.after;
}

UndoSelection UndoManager::LatestSelection(UndoStack stack) const {
  COTEXT_CHECK(!StackOf(stack).empty());
  return SelectionOf(StackOf(stack).back(), stack);
}

void UndoManager::Move(UndoStack from, OperationRange made, UndoSelection restored) {
  COTEXT_CHECK(!StackOf(from).empty());
  Item item = StackOf(from).PopBack();
  bytes_ -= CostOf(item);
  const UndoStack to = Other(from);
  if (made.length > 0) {
    item.SetRanges(std::span(&made, 1));
    bytes_ += CostOf(item);
    StackOf(to).AddBack() = std::move(item);
  }
  FindIfPlain();
  cut_ = true;
  latest_is_new_ = false;
  restored_ = std::move(restored);
  AddEvent(UndoEvent::Kind::kPopped, from, restored_);
  if (made.length > 0) AddEventOfLatest(UndoEvent::Kind::kPushed, to);
}

// Selections.

void UndoManager::SetSelections(Item& item, UndoSelection before, UndoSelection after) {
  Selections selections{.before = std::move(before), .after = std::move(after)};
  if (item.extras == nullptr && selections.empty()) return;
  item.MakeExtras().selections = std::move(selections);
}

void UndoManager::ForgetNext() {
  next_ = {};
  has_next_ = false;
  FindIfPlain();
}

void UndoManager::SetLatestAfter(UndoSelection selection) {
  if (!latest_is_new_ || undo_.empty()) return;
  Item& item = undo_.back();
  bytes_ -= CostOf(item);
  SetSelections(item, SelectionOf(item, UndoStack::kUndo), std::move(selection));
  bytes_ += CostOf(item);
  EnforceLimits();
}

// Storing.

UndoStep UndoManager::ToStep(const Item& item) {
  const auto ranges = item.ranges();
  return UndoStep{.ranges = {ranges.begin(), ranges.end()},
                  .before = SelectionOf(item, UndoStack::kUndo),
                  .after = SelectionOf(item, UndoStack::kRedo)};
}

void UndoManager::PushStep(Items& stack, UndoStep step) {
  Item& item = stack.AddBack();
  item.SetRanges(step.ranges);
  SetSelections(item, std::move(step.before), std::move(step.after));
  bytes_ += CostOf(item);
}

void UndoManager::Restore(std::vector<UndoStep> undo, std::vector<UndoStep> redo) {
  Clear();
  for (UndoStep& step : undo) PushStep(undo_, std::move(step));
  for (UndoStep& step : redo) PushStep(redo_, std::move(step));
  FindIfPlain();
  cut_ = true;
  latest_is_new_ = false;
  EnforceLimits();
  for (const UndoStack stack : {UndoStack::kUndo, UndoStack::kRedo}) {
    if (!StackOf(stack).empty()) AddEventOfLatest(UndoEvent::Kind::kPushed, stack);
  }
  TellListeners();
}

// Forgetting.

size_t UndoManager::CostOf(const Extras& extras) {
  return sizeof(Extras) + extras.ranges.size() * sizeof(OperationRange) +
         BytesOf(extras.selections.before) + BytesOf(extras.selections.after);
}

// Returns whether there was anything.
bool UndoManager::ForgetAll(Items& stack) {
  if (stack.empty()) return false;
  while (!stack.empty()) ForgetOldest(stack);
  return true;
}

void UndoManager::Clear() {
  const bool had_undo = ForgetAll(undo_);
  const bool had_redo = ForgetAll(redo_);
  FindIfPlain();
  if (had_undo) AddEvent(UndoEvent::Kind::kCleared, UndoStack::kUndo, {});
  if (had_redo) AddEvent(UndoEvent::Kind::kCleared, UndoStack::kRedo, {});
  TellListeners();
}

std::optional<uint64_t> UndoManager::OldestOperation() const {
  std::optional<uint64_t> oldest;
  for (const Items* items : {&undo_, &redo_}) {
    if (items->empty()) continue;
    const uint64_t first = items->front().ranges().front().first;
    oldest = oldest ? std::min(*oldest, first) : first;
  }
  return oldest;
}

// Events.

UndoManager::SubscriptionId UndoManager::Subscribe(Listener listener) {
  listeners_.push_back(Subscription{.id = next_subscription_, .listener = std::move(listener)});
  FindIfPlain();
  return next_subscription_++;
}

void UndoManager::Unsubscribe(SubscriptionId id) {
  // Its place stays until nobody is being told anything.
  for (Subscription& subscription : listeners_) {
    if (subscription.id == id) subscription.listener = nullptr;
  }
  if (telling_) return;
  std::erase_if(listeners_, [](const Subscription& entry) { return entry.listener == nullptr; });
  FindIfPlain();
}

void UndoManager::AddEvent(UndoEvent::Kind kind, UndoStack stack, UndoSelection selection) {
  if (listeners_.empty()) return;
  events_.push_back(UndoEvent{.kind = kind,
                              .stack = stack,
                              .selection = std::move(selection),
                              .can_undo = can_undo(),
                              .can_redo = can_redo()});
}

void UndoManager::AddEventOfLatest(UndoEvent::Kind kind, UndoStack stack) {
  if (listeners_.empty()) return;
  const Items& items = StackOf(stack);
  AddEvent(kind, stack, items.empty() ? UndoSelection{} : SelectionOf(items.back(), stack));
}

void UndoManager::TellEvents() {
  if (telling_) return;
  telling_ = true;
  // By index and copy: listeners may cause events, and subscribe others.
  for (size_t at = 0; at < events_.size(); ++at) {
    const UndoEvent event = std::move(events_[at]);
    for (size_t i = 0; i < listeners_.size(); ++i) {
      const Listener listener = listeners_[i].listener;
      if (listener != nullptr) listener(event);
    }
  }
  events_.clear();
  telling_ = false;
  Unsubscribe(0);
}

void UndoManager::CheckInvariants() const {
  size_t bytes = 0;
  for (const Items* items : {&undo_, &redo_}) {
    uint64_t end = 0;
    for (size_t i = 0; i < items->size(); ++i) {
      const Item& item = (*items)[i];
      for (const OperationRange& range : item.ranges()) {
        COTEXT_CHECK(range.length > 0);
        COTEXT_CHECK(range.first >= end);
        end = range.first + range.length;
      }
      bytes += CostOf(item);
    }
  }
  COTEXT_CHECK(bytes == bytes_);
  COTEXT_CHECK(!is_plain_ || (redo_.empty() && listeners_.empty() && !has_next_ && !time_ms_));
  COTEXT_CHECK(bytes_ <= options_.max_bytes);
  COTEXT_CHECK(undo_.size() + redo_.size() <= options_.max_steps);
}

}  // namespace cotext
