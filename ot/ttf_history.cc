#include "ot/ttf_history.h"

#include <algorithm>
#include <ranges>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {

void TtfHistory::Begin(uint32_t author, std::span<const uint32_t> parents) {
  Show(parents);
  uint64_t last_counter = 0;
  for (const uint32_t parent : parents) {
    COTEXT_CHECK(parent < transactions_.size());
    last_counter = std::max(last_counter, transactions_[parent].last_counter);
    transactions_[parent].has_children = true;
  }
  const auto fresh = static_cast<uint32_t>(transactions_.size());
  transactions_.push_back(Transaction{.last_counter = last_counter,
                                      .author = author,
                                      .first_parent = static_cast<uint32_t>(parents_.size()),
                                      .first_cell = text_.cell_count(),
                                      .first_deleted = static_cast<uint32_t>(deleted_.size())});
  parents_.insert(parents_.end(), parents.begin(), parents.end());
  sides_.push_back(kNeither);
  shown_.assign(1, fresh);
}

Expected<void> TtfHistory::Apply(const TextEdit& edit) {
  Transaction& transaction = transactions_.back();
  if (edit.position > text_.length() || edit.deleted > text_.length() - edit.position) {
    return MakeError(ErrorCode::kOutOfRange, "position " + std::to_string(edit.position) + " and " +
                                                 std::to_string(edit.deleted) +
                                                 " deleted characters are not within " +
                                                 std::to_string(text_.length()));
  }
  const uint64_t count = CountCodePoints(edit.inserted);
  if (count > TombstoneText::kMaxCells - text_.cell_count()) {
    return MakeError(ErrorCode::kTooLarge, "a history has at most 2^32 - 1 inserted characters");
  }
  // The insert goes right behind its left neighbour, in front of what is deleted; its ids are
  // greater than those of the deletes.
  const CellId id{.counter = transaction.last_counter + edit.deleted + 1,
                  .author = transaction.author};
  if (count > 0) {
    text_.Insert(edit.position, edit.inserted, static_cast<uint32_t>(count), id);
  }
  if (edit.deleted > 0) text_.Delete(edit.position + count, edit.deleted, deleted_);
  transaction.last_counter += edit.deleted + count;
  return {};
}

std::string TtfHistory::MergedText() {
  std::vector<uint32_t> heads;
  for (uint32_t i = 0; i < transactions_.size(); ++i) {
    if (!transactions_[i].has_children) heads.push_back(i);
  }
  Show(heads);
  return text_.Text();
}

std::span<const uint32_t> TtfHistory::ParentsOf(uint32_t transaction) const {
  const size_t begin = transactions_[transaction].first_parent;
  const size_t end = transaction + 1 < transactions_.size()
                         ? transactions_[transaction + 1].first_parent
                         : parents_.size();
  return std::span(parents_).subspan(begin, end - begin);
}

CellRange TtfHistory::InsertsOf(uint32_t transaction) const {
  return CellRange{.begin = transactions_[transaction].first_cell,
                   .end = transaction + 1 < transactions_.size()
                              ? transactions_[transaction + 1].first_cell
                              : text_.cell_count()};
}

std::span<const CellRange> TtfHistory::DeletesOf(uint32_t transaction) const {
  const size_t begin = transactions_[transaction].first_deleted;
  const size_t end = transaction + 1 < transactions_.size()
                         ? transactions_[transaction + 1].first_deleted
                         : deleted_.size();
  return std::span(deleted_).subspan(begin, end - begin);
}

// From the heads of both versions down, latest first: a transaction is looked at after all that
// have it as a parent, and so belongs to the versions of those by which it was reached. Once all
// that wait belong to both, so does the rest.
void TtfHistory::Show(std::span<const uint32_t> heads) {
  if (std::ranges::equal(heads, shown_)) return;
  for (const uint32_t head : shown_) Mark(head, kShown);
  for (const uint32_t head : heads) Mark(head, kWanted);
  while (undecided_ > 0) {
    std::ranges::pop_heap(pending_);
    const uint32_t latest = pending_.back();
    pending_.pop_back();
    const Side side = sides_[latest];
    sides_[latest] = kNeither;
    if (side != kBoth) {
      --undecided_;
      if (side == kShown) Hide(latest);
      if (side == kWanted) to_show_.push_back(latest);
    }
    for (const uint32_t parent : ParentsOf(latest)) Mark(parent, side);
  }
  for (const uint32_t transaction : pending_) sides_[transaction] = kNeither;
  pending_.clear();
  for (const uint32_t transaction : std::views::reverse(to_show_)) ShowOne(transaction);
  to_show_.clear();
  shown_.assign(heads.begin(), heads.end());
}

void TtfHistory::Mark(uint32_t transaction, Side side) {
  const Side before = sides_[transaction];
  const auto after = static_cast<Side>(before | side);
  if (before == after) return;
  sides_[transaction] = after;
  if (before == kNeither) {
    pending_.push_back(transaction);
    std::ranges::push_heap(pending_);
    if (after != kBoth) ++undecided_;
  } else {
    --undecided_;
  }
}

void TtfHistory::Hide(uint32_t transaction) {
  for (const CellRange& cells : DeletesOf(transaction)) text_.HideDelete(cells);
  text_.HideInsert(InsertsOf(transaction));
}

void TtfHistory::ShowOne(uint32_t transaction) {
  text_.ShowInsert(InsertsOf(transaction));
  for (const CellRange& cells : DeletesOf(transaction)) text_.ShowDelete(cells);
}

uint64_t TtfHistory::AllocatedBytes() const {
  return text_.AllocatedBytes() + transactions_.capacity() * sizeof(Transaction) +
         parents_.capacity() * sizeof(uint32_t) + deleted_.capacity() * sizeof(CellRange) +
         sides_.capacity() + (shown_.capacity() + pending_.capacity()) * sizeof(uint32_t);
}

}  // namespace cotext
