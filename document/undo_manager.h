// What can be undone and redone, and what belongs together: the part of undo that knows no engine.
//
// A *step* is what one undo takes back: one's own operations, as ranges of the engine's numbers,
// and the selections before and after them. Taking a step back makes operations, which are a step
// on the other stack.
//
// Grouping. Each outermost transaction is a step, unless it joins the latest one:
// - by time: it comes less than UndoOptions::group_interval_ms after the transaction before it.
//   Nothing here reads a clock: times are what SetTime was given, and without times nothing is
//   grouped by them;
// - between BeginGroup and EndGroup, which nest: all of it is one step.
// Edits of others in between, and one's own that are not tracked, do not end a group; Undo, Redo
// and StopGrouping do.
//
// Tracking. A transaction whose label is not tracked leaves both stacks as they are and is never
// undone; to the steps around it, it is like an edit of another's.
//
// Selections. An application may say where its selection was before a step and where it is after
// (Document::SetSelectionBefore and SetSelectionAfter), as anchors, and as bytes of its own. Undo
// gives back the one before, redo the one after. A group has the first one before and the last one
// after.
//
// Limits. Past the most steps, or the most bytes that all steps take, the oldest are forgotten.
//
// Events. Listeners hear of every change to the stacks once all of it is done, and after the
// document's own listeners: they may call anything, even edit, and hear of that afterwards.
//
// All calls are O(1) amortised, beside what they copy, forget and tell. Thread-compatible.
#ifndef COTEXT_DOCUMENT_UNDO_MANAGER_H_
#define COTEXT_DOCUMENT_UNDO_MANAGER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/anchor.h"
#include "document/edit_label.h"
#include "document/ring.h"

namespace cotext {

struct UndoOptions {
  uint64_t group_interval_ms = 500;
  size_t max_steps = 10'000;             // Of both stacks together.
  size_t max_bytes = size_t{16} << 20U;  // Of memory for steps and their selections.
  friend bool operator==(const UndoOptions&, const UndoOptions&) = default;
};

// Operations [first, first + length) of one's own, as the engine numbers them.
struct OperationRange {
  uint64_t first = 0;
  uint64_t length = 0;
  friend bool operator==(const OperationRange&, const OperationRange&) = default;
};

// A selection: anchors, and bytes that say what they are (which is the caret, what is scrolled to).
struct UndoSelection {
  std::vector<Anchor> anchors = {};
  std::string data = {};

  bool empty() const { return anchors.empty() && data.empty(); }
  friend bool operator==(const UndoSelection&, const UndoSelection&) = default;
};

// One step, as whoever stores steps sees it.
struct UndoStep {
  std::vector<OperationRange> ranges;  // Ascending, with gaps or without.
  UndoSelection before;
  UndoSelection after;
  friend bool operator==(const UndoStep&, const UndoStep&) = default;
};

enum class UndoStack : uint8_t { kUndo, kRedo };

struct UndoEvent {
  enum class Kind : uint8_t {
    kPushed,   // A new step, or one that was taken back, on the other stack.
    kJoined,   // The latest step grew.
    kPopped,   // The latest step was taken back.
    kCleared,  // The stack is empty now.
  };

  Kind kind{};
  UndoStack stack{};
  // What taking the step back gives back, or gave.
  UndoSelection selection;
  // After all that the event was part of.
  bool can_undo = false;
  bool can_redo = false;
};

class UndoManager {
 public:
  using Listener = std::function<void(const UndoEvent&)>;
  using SubscriptionId = uint64_t;

  const UndoOptions& options() const { return options_; }
  // What is beyond the new limits is forgotten.
  void SetOptions(const UndoOptions& options);

  // Says when the transactions that follow are made. Time should not go back: a transaction that
  // seems older than the one before it joins nothing.
  void SetTime(uint64_t milliseconds) {
    time_ms_ = milliseconds;
    FindIfPlain();
  }

  // The next transaction begins a step, whatever the time and the group.
  void StopGrouping() { cut_ = true; }
  void BeginGroup();
  // REQUIRES: a group is open.
  void EndGroup();
  bool in_group() const { return group_depth_ > 0; }

  // Which labels are tracked: all at first.
  void TrackAll() { TrackAllBut({}); }
  void TrackAllBut(std::vector<EditLabel> labels);
  void TrackOnly(std::vector<EditLabel> labels);
  bool Tracks(EditLabel label) const;

  bool can_undo() const { return !undo_.empty(); }
  bool can_redo() const { return !redo_.empty(); }
  size_t step_count(UndoStack stack) const { return StackOf(stack).size(); }
  // Returns the bytes that all steps take, approximately.
  size_t bytes() const { return (undo_.size() + redo_.size()) * sizeof(Item) + extra_bytes_; }

  // Returns what the latest undo or redo gave back, the anchors where its characters are now.
  const UndoSelection& restored() const { return restored_; }

  // Forgets all steps.
  void Clear();

  SubscriptionId Subscribe(Listener listener);
  // Does nothing if there is no such subscription.
  void Unsubscribe(SubscriptionId id);

  // Visits the steps of a stack, oldest first.
  template <typename Visitor>
  void ForEachStep(UndoStack stack, Visitor visit) const {
    const Steps& items = StackOf(stack);
    for (size_t i = 0; i < items.size(); ++i) visit(ToStep(items, items.items[i]));
  }

  // Returns the first operation of any step, if there is one.
  std::optional<uint64_t> OldestOperation() const;

  // Stops the program unless steps ascend, and bytes() is what they take and within the limits.
  void CheckInvariants() const;

 private:
  friend class Document;          // Tells what was done.
  friend struct UndoManagerPeer;  // Corrupts steps in tests.

  struct Selections {
    UndoSelection before;
    UndoSelection after;
    bool empty() const { return before.empty() && after.empty(); }
  };

  // What a step has beside one range: nearly none has any.
  struct Extras {
    std::vector<OperationRange> ranges;  // All of them.
    Selections selections;
  };
  // A step: its range, or the number of its extras. A keystroke must cost little, and remembering
  // ten thousand of them little memory.
  struct Item {
    static constexpr uint32_t kHasExtras = ~0U;

    uint32_t first;
    uint32_t length;

    bool has_extras() const { return length == kHasExtras; }
    OperationRange range() const { return OperationRange{.first = first, .length = length}; }
  };
  struct Steps {
    Ring<Item> items;
    Ring<Extras> extras;        // Of the items that have any, in order.
    uint32_t extras_begin = 0;  // The number of the first; they are numbered one after another.

    bool empty() const { return items.empty(); }
    size_t size() const { return items.size(); }
    static bool Fits(OperationRange range) {
      return (range.first | range.length) <= Item::kHasExtras && range.length != Item::kHasExtras;
    }
    // REQUIRES: Fits(range).
    void Add(OperationRange range) {
      Item& item = items.AddBack();
      item.first = static_cast<uint32_t>(range.first);
      item.length = static_cast<uint32_t>(range.length);
    }
    void Add(std::vector<OperationRange> ranges, Selections selections);
    const Extras& ExtrasOf(const Item& item) const { return extras[item.first - extras_begin]; }
    // Returns the extras of the latest step, which gets some if it has none.
    Extras& MakeExtras();
    std::vector<OperationRange> RangesOf(const Item& item) const;
    Selections SelectionsOf(const Item& item) const;
    OperationRange FirstRangeOf(const Item& item) const {
      return item.has_extras() ? ExtrasOf(item).ranges.front() : item.range();
    }
    size_t ExtraCostOf(const Item& item) const {
      return item.has_extras() ? CostOf(ExtrasOf(item)) : 0;
    }
    void DropBack();
  };

  struct Subscription {
    SubscriptionId id;
    Listener listener;  // Null once unsubscribed.
  };

  // For Document.
  // Adds what a transaction did.
  [[gnu::always_inline]] inline void Commit(EditLabel label, OperationRange made) {
    // A keystroke costs a few nanoseconds, so what most applications never ask for must not be
    // felt: it is left to calls that nothing comes after, so that no register is saved for them.
    if (!is_plain_ || !Steps::Fits(made) || undo_.items.is_full()) return CommitAny(label, made);
    latest_is_new_ = true;
    cut_ = false;
    undo_.Add(made);
    if (!ExceedsLimits()) return;
    if (undo_.items.front().has_extras()) return ForgetOldest(undo_);
    undo_.items.DropFront();
  }
  void CommitAny(EditLabel label, OperationRange made);
  std::vector<OperationRange> LatestRanges(UndoStack stack) const;
  // Returns what taking the latest step back gives back.
  UndoSelection LatestSelection(UndoStack stack) const;
  // Moves the latest step to the other stack, where it is `made`; if that is empty, it is gone.
  void Move(UndoStack from, OperationRange made, UndoSelection restored);
  // Goes on with the steps of an earlier time.
  void Restore(std::vector<UndoStep> undo, std::vector<UndoStep> redo);
  // Forgets steps with operations before number `operation`, and whatever is older; that operation
  // is number 0 from now on.
  void ForgetBefore(uint64_t operation);
  // Visits, to be changed, the anchors of all selections that may be given back, always in the same
  // order.
  template <typename Visitor>
  void ForEachAnchor(Visitor visit) {
    const auto visit_all = [&visit](UndoSelection& selection) {
      for (Anchor& anchor : selection.anchors) visit(anchor);
    };
    for (Steps* const steps : {&undo_, &redo_}) {
      for (size_t i = 0; i < steps->extras.size(); ++i) {
        visit_all(steps->extras[i].selections.before);
        visit_all(steps->extras[i].selections.after);
      }
    }
    visit_all(next_.before);
    visit_all(next_.after);
    visit_all(restored_);
    for (UndoEvent& event : events_) visit_all(event.selection);
  }
  // What the next transaction begins and ends with, and what the latest step ended with.
  void SetNextBefore(UndoSelection selection) {
    next_.before = std::move(selection);
    has_next_ = true;
    FindIfPlain();
  }
  void SetNextAfter(UndoSelection selection) {
    next_.after = std::move(selection);
    has_next_ = true;
    FindIfPlain();
  }
  void SetLatestAfter(UndoSelection selection);
  // Whether nothing was said of the next transaction and nobody listens, among much else.
  bool is_plain() const { return is_plain_; }
  // Whether nobody hears of what it does with the next transaction: nothing, or what is plain.
  bool is_quiet() const { return is_plain_ || is_idle_; }
  void DropNextSelections() {
    if (has_next_) ForgetNext();
  }
  void TellListeners() {
    if (!events_.empty()) TellEvents();
  }

  Steps& StackOf(UndoStack stack) { return stack == UndoStack::kUndo ? undo_ : redo_; }
  const Steps& StackOf(UndoStack stack) const { return stack == UndoStack::kUndo ? undo_ : redo_; }
  static size_t CostOf(const Extras& extras);
  static UndoStep ToStep(const Steps& items, const Item& item);
  static const UndoSelection& SelectionOf(const Selections& selections, UndoStack stack) {
    return stack == UndoStack::kUndo ? selections.before : selections.after;
  }
  void ForgetNext();
  void TellEvents();
  bool Joins() const;
  void Join(OperationRange made);
  void PushStep(Steps& stack, UndoStep step);
  void ForgetOldest(Steps& stack);
  // To be called after whatever it depends on.
  void FindIfPlain() {
    is_plain_ = tracks_others_ && exceptions_.empty() && redo_.empty() && listeners_.empty() &&
                !has_next_ && !time_ms_ && group_depth_ == 0;
    is_idle_ = !tracks_others_ && exceptions_.empty() && !has_next_;
  }
  bool ForgetAll(Steps& stack);
  bool ExceedsLimits() const {
    return undo_.size() + redo_.size() > options_.max_steps || bytes() > options_.max_bytes;
  }
  void EnforceLimits();
  void AddEvent(UndoEvent::Kind kind, UndoStack stack, UndoSelection selection);
  void AddEventOfLatest(UndoEvent::Kind kind, UndoStack stack);

  UndoOptions options_;
  Steps undo_;
  Steps redo_;
  size_t extra_bytes_ = 0;  // The costs of all extras.
  std::optional<uint64_t> time_ms_;
  std::optional<uint64_t> last_time_ms_;  // When the latest tracked transaction was made.
  uint32_t group_depth_ = 0;
  bool cut_ = false;                   // The next transaction begins a step.
  bool latest_is_new_ = false;         // The latest step has, or is, the latest of one's own edits.
  bool tracks_others_ = true;          // Than these:
  std::vector<EditLabel> exceptions_;  // Ascending.
  Selections next_;
  bool has_next_ = false;  // Whether next_ may hold something.
  bool is_idle_ = false;   // No transaction is tracked, and nothing was said of the next one.
  bool is_plain_ = true;   // Every transaction is a step, of which nobody hears.
  UndoSelection restored_;
  std::vector<Subscription> listeners_;
  std::vector<UndoEvent> events_;  // Not told yet.
  SubscriptionId next_subscription_ = 1;
  bool telling_ = false;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_UNDO_MANAGER_H_
