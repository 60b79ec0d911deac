// A graph of transactions, each made at the merged state of its parents, replayed with TTF: the
// control for histories that no single server ordered.
//
// A transaction's edits mean positions in the text at its parents. To apply them, the model
// (tombstone_text.h) is made to show exactly that version: what belongs to only one of two versions
// is found by a walk from their heads down to where they agree, and shown or hidden. Nothing is
// ever transformed pair by pair, and no composition is kept; what a position is for somebody else
// follows from counting what they see.
//
// A transaction's operations take one counter each, deletes before inserts in an edit that does
// both, from 1 + the greatest counter of its parents on; these are the ids that order concurrent
// inserts.
//
// Costs: a transaction O((d + e) log n) for n runs, e edits, and d runs and transactions that
// belong to only one of the version before and its own. Memory: see the model; 40 bytes a
// transaction, 4 a parent and 8 a range of deleted characters. All counts are in code points.
// Errors: kOutOfRange if an edit is not within the text at the parents; kTooLarge if there would be
// too many cells. Then the history is not to be used any more.
#ifndef COTEXT_OT_TTF_HISTORY_H_
#define COTEXT_OT_TTF_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "document/error.h"
#include "ot/edit_history.h"
#include "ot/tombstone_text.h"

namespace cotext {

class TtfHistory {
 public:
  TtfHistory() = default;
  explicit TtfHistory(const TombstoneText::Options& options) : text_(options) {}

  // Begins a transaction, numbered next, at the merged state of its parents, and says whose ids its
  // inserts get.
  // REQUIRES: the parents are numbers of earlier transactions; an author's transactions are never
  // concurrent.
  void Begin(uint32_t author, std::span<const uint32_t> parents);

  // Edits the text in the transaction that began last.
  // REQUIRES: the inserted text is valid UTF-8.
  [[nodiscard]] Expected<void> Apply(const TextEdit& edit);

  size_t transaction_count() const { return transactions_.size(); }

  // Returns the text after all transactions.
  std::string MergedText();

  uint64_t AllocatedBytes() const;

  void CheckInvariants() const { text_.CheckInvariants(); }

 private:
  struct Transaction {
    uint64_t last_counter;  // The greatest of its own and its parents'.
    uint32_t author;
    uint32_t first_parent;  // In parents_; they end where the next one's begin. So below.
    uint32_t first_cell;
    uint32_t first_deleted;  // In deleted_.
    bool has_children = false;
  };

  // To which of two versions a transaction belongs.
  enum Side : uint8_t { kNeither = 0, kShown = 1, kWanted = 2, kBoth = 3 };

  std::span<const uint32_t> ParentsOf(uint32_t transaction) const;
  CellRange InsertsOf(uint32_t transaction) const;
  std::span<const CellRange> DeletesOf(uint32_t transaction) const;
  // Makes the text show the version of these heads.
  void Show(std::span<const uint32_t> heads);
  void Mark(uint32_t transaction, Side side);
  void Hide(uint32_t transaction);
  void ShowOne(uint32_t transaction);

  TombstoneText text_;
  std::vector<Transaction> transactions_;
  std::vector<uint32_t> parents_;
  std::vector<CellRange> deleted_;
  std::vector<uint32_t>
      shown_;  // Heads of the version that is shown, and perhaps some before them.

  // For a walk: transactions to look at, a heap with the greatest first; how each was reached, by
  // transaction; and how many of them belong to only one version.
  std::vector<uint32_t> pending_;
  std::vector<Side> sides_;
  size_t undecided_ = 0;
  std::vector<uint32_t> to_show_;
};

}  // namespace cotext

#endif  // COTEXT_OT_TTF_HISTORY_H_
