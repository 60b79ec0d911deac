#include "document/undo_manager.h"

#include <algorithm>
#include <utility>

#include "document/check.h"
#include "document/sort.h"

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

// Steps.

void UndoManager::Steps::Add(std::vector<OperationRange> ranges, Selections selections) {
  COTEXT_CHECK(!ranges.empty());
  if (ranges.size() == 1 && selections.empty() && Fits(ranges.front())) {
    Add(ranges.front());
    return;
  }
  const auto number = extras_begin + static_cast<uint32_t>(extras.size());
  extras.AddBack() = Extras{.ranges = std::move(ranges), .selections = std::move(selections)};
  items.AddBack() = Item{.first = number, .length = Item::kHasExtras};
}

UndoManager::Extras& UndoManager::Steps::MakeExtras() {
  Item& item = items.back();
  if (!item.has_extras()) {
    extras.AddBack().ranges.push_back(item.range());
    item.first = extras_begin + static_cast<uint32_t>(extras.size() - 1);
    item.length = Item::kHasExtras;
  }
  return extras.back();
}

std::vector<OperationRange> UndoManager::Steps::RangesOf(const Item& item) const {
  return item.has_extras() ? ExtrasOf(item).ranges : std::vector{item.range()};
}

UndoManager::Selections UndoManager::Steps::SelectionsOf(const Item& item) const {
  return item.has_extras() ? ExtrasOf(item).selections : Selections();
}

void UndoManager::Steps::DropBack() {
  if (items.back().has_extras()) extras.PopBack();
  items.PopBack();
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
  Sort(labels);
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
  Item& item = undo_.items.back();
  const OperationRange whole{.first = item.first, .length = item.length + made.length};
  if (!item.has_extras() && item.range().first + item.length == made.first && Steps::Fits(whole)) {
    item.length = static_cast<uint32_t>(whole.length);
  } else {
    extra_bytes_ -= undo_.ExtraCostOf(item);
    std::vector<OperationRange>& ranges = undo_.MakeExtras().ranges;
    if (ranges.back().first + ranges.back().length == made.first) {
      ranges.back().length += made.length;
    } else {
      ranges.push_back(made);
    }
    extra_bytes_ += undo_.ExtraCostOf(item);
  }
  if (has_next_ && !next_.after.empty()) SetLatestAfter(std::move(next_.after));
  EnforceLimits();
}

// Taking back.

std::vector<OperationRange> UndoManager::LatestRanges(UndoStack stack) const {
  COTEXT_CHECK(!StackOf(stack).empty());
  return StackOf(stack).RangesOf(StackOf(stack).items.back());
}

UndoSelection UndoManager::LatestSelection(UndoStack stack) const {
  COTEXT_CHECK(!StackOf(stack).empty());
  const Item& item = StackOf(stack).items.back();
  if (!item.has_extras()) return {};
  return SelectionOf(StackOf(stack).ExtrasOf(item).selections, stack);
}

void UndoManager::Move(UndoStack from, OperationRange made, UndoSelection restored) {
  COTEXT_CHECK(!StackOf(from).empty());
  const Item item = StackOf(from).items.back();
  Selections selections = StackOf(from).SelectionsOf(item);
  extra_bytes_ -= StackOf(from).ExtraCostOf(item);
  StackOf(from).DropBack();
  const UndoStack to = Other(from);
  if (made.length > 0 && selections.empty() && Steps::Fits(made)) {
    StackOf(to).Add(made);
  } else if (made.length > 0) {
    PushStep(StackOf(to), UndoStep{.ranges = {made},
                                   .before = std::move(selections.before),
                                   .after = std::move(selections.after)});
  }
  FindIfPlain();
  cut_ = true;
  latest_is_new_ = false;
  restored_ = std::move(restored);
  AddEvent(UndoEvent::Kind::kPopped, from, restored_);
  if (made.length > 0) AddEventOfLatest(UndoEvent::Kind::kPushed, to);
}

// Selections.

void UndoManager::ForgetNext() {
  next_ = {};
  has_next_ = false;
  FindIfPlain();
}

void UndoManager::SetLatestAfter(UndoSelection selection) {
  if (!latest_is_new_ || undo_.empty()) return;
  const Item& item = undo_.items.back();
  if (!item.has_extras() && selection.empty()) return;
  extra_bytes_ -= undo_.ExtraCostOf(item);
  undo_.MakeExtras().selections.after = std::move(selection);
  extra_bytes_ += undo_.ExtraCostOf(item);
  EnforceLimits();
}

// Storing.

UndoStep UndoManager::ToStep(const Steps& items, const Item& item) {
  Selections selections = items.SelectionsOf(item);
  return UndoStep{.ranges = items.RangesOf(item),
                  .before = std::move(selections.before),
                  .after = std::move(selections.after)};
}

void UndoManager::PushStep(Steps& stack, UndoStep step) {
  stack.Add(std::move(step.ranges),
            Selections{.before = std::move(step.before), .after = std::move(step.after)});
  extra_bytes_ += stack.ExtraCostOf(stack.items.back());
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

void UndoManager::ForgetOldest(Steps& stack) {
  const Item& oldest = stack.items.front();
  if (oldest.has_extras()) {
    extra_bytes_ -= stack.ExtraCostOf(oldest);
    stack.extras.DropFront();
    ++stack.extras_begin;
  }
  stack.items.DropFront();
}

void UndoManager::EnforceLimits() {
  while (ExceedsLimits()) ForgetOldest(undo_.empty() ? redo_ : undo_);
}

// Returns whether there was anything.
bool UndoManager::ForgetAll(Steps& stack) {
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

void UndoManager::ForgetBefore(uint64_t operation) {
  std::vector<UndoStack> cleared;
  for (const UndoStack stack : {UndoStack::kUndo, UndoStack::kRedo}) {
    Steps& steps = StackOf(stack);
    if (steps.empty()) continue;
    while (!steps.empty() && steps.FirstRangeOf(steps.items.front()).first < operation) {
      ForgetOldest(steps);
    }
    Steps left;  // Which takes no more room than it needs.
    for (size_t i = 0; i < steps.size(); ++i) {
      const Item& item = steps.items[i];
      std::vector<OperationRange> ranges = steps.RangesOf(item);
      for (OperationRange& range : ranges) range.first -= operation;
      left.Add(std::move(ranges), steps.SelectionsOf(item));
      extra_bytes_ -= steps.ExtraCostOf(item);
      extra_bytes_ += left.ExtraCostOf(left.items.back());
    }
    steps = std::move(left);
    if (steps.empty()) cleared.push_back(stack);
  }
  FindIfPlain();
  for (const UndoStack stack : cleared) AddEvent(UndoEvent::Kind::kCleared, stack, {});
  TellListeners();
}

std::optional<uint64_t> UndoManager::OldestOperation() const {
  std::optional<uint64_t> oldest;
  for (const Steps* items : {&undo_, &redo_}) {
    if (items->empty()) continue;
    const uint64_t first = items->FirstRangeOf(items->items.front()).first;
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
  AddEvent(kind, stack, StackOf(stack).empty() ? UndoSelection() : LatestSelection(stack));
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
  size_t extra_bytes = 0;
  for (const Steps* items : {&undo_, &redo_}) {
    uint64_t end = 0;
    uint32_t extras = 0;
    for (size_t i = 0; i < items->size(); ++i) {
      const Item& item = items->items[i];
      if (item.has_extras()) COTEXT_CHECK(item.first - items->extras_begin == extras++);
      for (const OperationRange& range : items->RangesOf(item)) {
        COTEXT_CHECK(range.length > 0);
        COTEXT_CHECK(range.first >= end);
        end = range.first + range.length;
      }
      extra_bytes += items->ExtraCostOf(item);
    }
    COTEXT_CHECK(items->extras.size() == extras);
  }
  COTEXT_CHECK(extra_bytes == extra_bytes_);
  COTEXT_CHECK(!is_plain_ || (redo_.empty() && listeners_.empty() && !has_next_ && !time_ms_));
  COTEXT_CHECK(bytes() <= options_.max_bytes);
  COTEXT_CHECK(undo_.size() + redo_.size() <= options_.max_steps);
}

}  // namespace cotext
