// A collaborative text, whichever engine keeps it: the RGA (crdt/) or OT (ot/).
//
// Editing. Positions are given in any unit (offset.h). An edit that returns an error has changed
// nothing. Edits between BeginTransaction and CommitTransaction (which nest) form one change: one
// event, and one step of undo, or a part of one (undo_manager.h).
//
// Observing. Listeners get one Delta per change, in code points, that turns the text before into
// the text after, with its origin. They are called after the change, in the order they subscribed,
// and may read the document but not change it (kReentrantEdit). Who subscribes inside a transaction
// hears of what comes after that.
//
// Replacing text is written insert, then delete: the new text goes right behind its left neighbour,
// in front of what was deleted. Both engines, and the deltas they emit, follow this.
//
// Complexity: edits, conversions and anchors O(log n) beyond the text they touch.
// Thread-compatible.
#ifndef COTEXT_DOCUMENT_DOCUMENT_H_
#define COTEXT_DOCUMENT_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "document/anchor.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/edit_label.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/undo_manager.h"

namespace cotext {

enum class Engine : uint8_t { kRga, kOt };

// Who caused a change: an edit through this object, a merge, or Undo and Redo.
enum class EditOrigin : uint8_t { kLocal, kRemote, kUndo };

struct DeltaEvent {
  const Delta& delta;
  EditOrigin origin;
  EditLabel label = {};  // That of the transaction, if it was a local one.
};

// A set of edits, as bytes that only the engine reads.
struct Version {
  std::string bytes;
  friend bool operator==(const Version&, const Version&) = default;
};

class Document {
 public:
  using Listener = std::function<void(const DeltaEvent&)>;
  using SubscriptionId = uint64_t;
  using ChunkReader = std::function<void(std::string_view)>;

  // Listeners know one object: a document is neither copied nor moved.
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  virtual ~Document() = default;

  virtual Engine engine() const = 0;

  // Reading.
  virtual TextMetrics metrics() const = 0;
  virtual Expected<CodePointOffset> ToCodePoint(AnyOffset at) const = 0;
  virtual Expected<ByteOffset> ToByte(CodePointOffset at) const = 0;
  virtual Expected<Utf16Offset> ToUtf16(CodePointOffset at) const = 0;
  virtual Expected<Point> ToPoint(CodePointOffset at) const = 0;
  // Calls `reader` with the text in [begin, end), piece by piece and without copying it.
  // REQUIRES: the reader does not edit the document.
  virtual Expected<void> ForEachChunk(CodePointOffset begin, CodePointOffset end,
                                      const ChunkReader& reader) const = 0;
  std::string Text() const;
  Expected<std::string> Slice(const AnyOffset& begin, const AnyOffset& end) const;

  // Editing.
  Expected<void> Insert(const AnyOffset& at, std::string_view text) {
    return Replace(at, at, text);
  }
  Expected<void> Erase(const AnyOffset& begin, const AnyOffset& end) {
    return Replace(begin, end, {});
  }
  // Inline, so that a unit known to the compiler costs nothing.
  Expected<void> Replace(const AnyOffset& begin, const AnyOffset& end, std::string_view text) {
    const auto* const first = std::get_if<CodePointOffset>(&begin);
    const auto* const last = std::get_if<CodePointOffset>(&end);
    if (first == nullptr || last == nullptr) return ReplaceConverted(begin, end, text);
    return ReplaceRange(*first, *last, text);
  }
  // Applies a delta as one transaction, all or nothing.
  Expected<void> Apply(const Delta& delta);
  // Makes the text what somebody says it is now, by the edits that DiffTexts finds, as one
  // transaction; O(n log n) for n bytes of both texts.
  Expected<void> ReplaceAll(std::string_view text);

  // Transactions. The label is that of the outermost one; edits outside of any have label 0.
  void BeginTransaction() { ++transaction_depth_; }
  void BeginTransaction(EditLabel label) {
    if (transaction_depth_++ == 0) label_ = label;
  }
  // REQUIRES: a transaction is open.
  [[gnu::always_inline]] inline void CommitTransaction() {
    COTEXT_CHECK(transaction_depth_ > 0);
    if (--transaction_depth_ == 0) FinishTransaction();
  }
  bool in_transaction() const { return transaction_depth_ > 0; }
  // Calls `edits` inside a transaction and returns what it returns.
  template <typename Edits>
  auto Transact(Edits edits) {
    return Transact(EditLabel{}, std::move(edits));
  }
  template <typename Edits>
  auto Transact(EditLabel label, Edits edits) {
    const TransactionScope scope(*this, label);
    return edits();
  }

  // Observing.
  SubscriptionId Subscribe(Listener listener);
  // Does nothing if there is no such subscription.
  void Unsubscribe(SubscriptionId id);

  // Anchors. An anchor on a character that was deleted resolves to where it stood.
  virtual Expected<Anchor> CreateAnchor(AnyOffset at, Bias bias) const = 0;
  virtual Expected<CodePointOffset> ResolveAnchor(const Anchor& anchor) const = 0;

  // Versions and merging. EncodeSince gives what a holder of `version` lacks; Merge takes that, any
  // number of times. If a change in it depends on one that is not here, Merge keeps what came
  // before it and returns kMissingDependency: merge again once that is here. An engine that cannot
  // merge peers returns kUnsupported.
  virtual Version version() const = 0;
  virtual Expected<std::string> EncodeSince(const Version& version) const = 0;
  virtual Expected<void> Merge(std::string_view update) = 0;

  // Undo of this document's own transactions, latest first. Undoing and redoing are edits like any
  // other. They return whether there was anything to undo or redo.
  bool CanUndo() const { return undo_manager_.can_undo(); }
  bool CanRedo() const { return undo_manager_.can_redo(); }
  Expected<bool> Undo() { return TakeBack(UndoStack::kUndo); }
  Expected<bool> Redo() { return TakeBack(UndoStack::kRedo); }
  // What belongs together, what is tracked and kept, and who hears of it.
  UndoManager& undo_manager() { return undo_manager_; }
  const UndoManager& undo_manager() const { return undo_manager_; }
  // Says where the selection is before the next transaction, or before the one that is open.
  void SetSelectionBefore(UndoSelection selection) {
    undo_manager_.SetNextBefore(std::move(selection));
  }
  // Says where it is after the transaction that is open, or after the one before if that is tracked
  // and nothing was undone or redone since.
  void SetSelectionAfter(UndoSelection selection) {
    in_transaction() ? undo_manager_.SetNextAfter(std::move(selection))
                     : undo_manager_.SetLatestAfter(std::move(selection));
  }

 protected:
  Document() = default;

  // Replaces `count` characters from `begin` by `text`; called inside a transaction. Calls Record.
  // kOutOfRange and kInvalidUtf8 are for the engine to find, and change nothing.
  virtual Expected<void> ReplaceCodePoints(CodePointOffset begin, uint64_t count,
                                           std::string_view text) = 0;
  // Ends a change of the engine at the end of the outermost transaction, if there was one: calls
  // RecordStep.
  virtual void OnCommit() = 0;
  // Takes back a step of undo, calling Record, and returns the operations that did it.
  virtual Expected<OperationRange> TakeBackOperations(std::span<const OperationRange> step) = 0;
  // Returns an anchor on what an anchor's character lives on as, if it was deleted and an undo or
  // redo brought it back; otherwise the anchor itself.
  virtual Anchor AnchorOnLiving(const Anchor& anchor) const = 0;

  // The label of the transaction that is open.
  EditLabel transaction_label() const { return label_; }
  // Whether anybody wants deltas; if not, an engine need not make them.
  bool observed() const { return !listeners_.empty(); }
  // Whether an edit is a change of its own that nobody hears of, here or from undo.
  bool is_quiet() const {
    return listeners_.empty() && transaction_depth_ == 0 && undo_manager_.is_quiet();
  }
  // Adds a step to the delta of the change in progress.
  void Record(Delta step);
  // Says which operations the transaction that ends made.
  [[gnu::always_inline]] inline void RecordStep(OperationRange operations) {
    undo_manager_.Commit(label_, operations);
  }
  // Goes on with steps of undo from an earlier time.
  void RestoreSteps(std::vector<UndoStep> undo, std::vector<UndoStep> redo) {
    undo_manager_.Restore(std::move(undo), std::move(redo));
  }
  // Visits, to be changed, the anchors of all selections that undo may give back, always in the
  // same order.
  template <typename Visitor>
  void ForEachUndoAnchor(Visitor visit) {
    undo_manager_.ForEachAnchor(std::move(visit));
  }
  // Forgets steps of undo with operations that are gone; the others were numbered anew, from that
  // operation on.
  void ForgetStepsBefore(uint64_t operation) { undo_manager_.ForgetBefore(operation); }
  // Ends the change in progress: tells the listeners, if anything was recorded.
  void Notify(EditOrigin origin);
  // Returns kReentrantEdit inside a listener.
  Expected<void> CheckMayEdit() const;
  // Returns kTransactionOpen inside a transaction, or what CheckMayEdit returns.
  Expected<void> CheckMayMerge() const;

 private:
  class TransactionScope {
   public:
    explicit TransactionScope(Document& document) : document_(document) {
      document_.BeginTransaction();
    }
    TransactionScope(Document& document, EditLabel label) : document_(document) {
      document_.BeginTransaction(label);
    }
    TransactionScope(const TransactionScope&) = delete;
    TransactionScope& operator=(const TransactionScope&) = delete;
    [[gnu::always_inline]] ~TransactionScope() { document_.CommitTransaction(); }

   private:
    Document& document_;
  };

  struct Subscription {
    SubscriptionId id;
    Listener listener;  // Null once unsubscribed.
    size_t heard;       // What was recorded before it came, which it is not told.
  };

  void FinishTransaction();
  Expected<void> ReplaceRange(CodePointOffset begin, CodePointOffset end, std::string_view text);
  Expected<void> ReplaceConverted(const AnyOffset& begin, const AnyOffset& end,
                                  std::string_view text);
  Expected<void> CheckDelta(const Delta& delta) const;
  void Tell(const Subscription& subscription, const Delta& whole, EditOrigin origin) const;
  void DropUnsubscribed();
  Expected<bool> TakeBack(UndoStack from);

  UndoManager undo_manager_;
  std::vector<Subscription> listeners_;
  std::vector<Delta> recorded_;  // The steps of the change in progress that were observed.
  SubscriptionId next_subscription_ = 1;
  uint32_t transaction_depth_ = 0;
  EditLabel label_;  // Of the transaction that is open.
  bool notifying_ = false;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_DOCUMENT_H_
