#include "crdt/undo_history.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crdt/causal_graph.h"
#include "crdt/op_log.h"
#include "crdt/sequence.h"
#include "document/check.h"
#include "document/sort.h"

namespace cotext {
namespace {

// Copies fewer than this are not worth looking for those that no step needs.
constexpr size_t kFewCopies = 64;

// Visits the runs of a step's operations, and with each the number of elements there were when its
// range began.
template <typename Visitor>
void ForEachRun(const Rga& rga, std::span<const OperationRange> step, Visitor visit) {
  const OpLog& log = rga.history().log;
  for (const OperationRange& range : step) {
    const OpIndex first{static_cast<uint32_t>(range.first)};
    const Lv fresh = log.At(first).element;
    log.ForEachIn(first, static_cast<uint32_t>(range.length),
                  [&](const OpLog::Run& run) { visit(run, fresh); });
  }
}

// Returns the lowest target of the first `length` deletes of a run.
Lv LowestTarget(const OpLog::Run& run, uint32_t length) {
  return run.backward ? run.reference - (length - 1) : run.reference;
}

}  // namespace

// Returns kTooLarge if taking back a step may need more operations or text than there is room for,
// since nothing is to be changed then. It needs no more than the step had.
Expected<void> UndoHistory::CheckRoom(const Rga& rga, Step step) {
  uint64_t operations = 0;
  for (const OperationRange& range : step) operations += range.length;
  if (rga.HasRoom(operations, rga.history().text.bytes())) return {};
  uint64_t bytes = 0;
  ForEachRun(rga, step, [&](const OpLog::Run& run, Lv /*fresh*/) {
    if (run.is_insert) return;
    bytes += rga.history().text.Slice(LowestTarget(run, run.length), run.length).size();
  });
  if (rga.HasRoom(operations, bytes)) return {};
  return MakeError(ErrorCode::kTooLarge, "the document has no room for taking the step back");
}

Expected<UndoHistory::TakenBack> UndoHistory::TakeBack(Rga& rga, Step step) {
  COTEXT_RETURN_IF_ERROR(CheckRoom(rga, step));
  LearnForeignDeletes(rga);
  const OpIndex first = rga.history().graph.end();
  std::vector<Replacement> replacements;
  for (const ElementRange& range : LivingInserts(rga, step)) {
    Expected<Replacement> erased = Erase(rga, range);
    if (!erased) return std::unexpected(std::move(erased).error());
    replacements.push_back(*std::move(erased));
  }
  for (const Lost& lost : Deleted(rga, step)) {
    Expected<Replacement> restored = Restore(rga, lost);
    if (!restored) return std::unexpected(std::move(restored).error());
    replacements.push_back(*std::move(restored));
  }
  scanned_ = rga.history().graph.end();
  return TakenBack{.replacements = std::move(replacements),
                   .operations = {.first = first.value, .length = scanned_ - first}};
}

// Deleting what a step inserted.

std::vector<ElementRange> UndoHistory::LivingInserts(const Rga& rga, Step step) const {
  std::vector<ElementRange> living;
  ForEachRun(rga, step, [&](const OpLog::Run& run, Lv /*fresh*/) {
    if (!run.is_insert) return;
    const auto ranges = Living(rga, ElementRange{.first = run.element, .length = run.length});
    living.insert(living.end(), ranges.begin(), ranges.end());
  });
  return living;
}

// Returns the visible elements among `range` and, where they died and came back, their copies.
std::vector<ElementRange> UndoHistory::Living(const Rga& rga, ElementRange range) const {
  std::vector<ElementRange> living;
  std::vector<ElementRange> pending{range};
  while (!pending.empty()) {
    ElementRange& next = pending.back();
    if (next.length == 0) {
      pending.pop_back();
      continue;
    }
    const Sequence::Run run = rga.sequence().RunOf(next.first);
    ElementRange part{.first = next.first,
                      .length = std::min(next.length, run.first + run.length - next.first)};
    std::optional<ElementRange> copy;
    if (run.deleted) {
      copy = CopyFrom(part.first, part.length);
      part.length = copy ? copy->length : WithoutCopy(part.first, part.length);
    }
    next.first = next.first + part.length;
    next.length -= part.length;
    if (!run.deleted) living.push_back(part);
    if (copy) pending.push_back(*copy);
  }
  return living;
}

// Returns the copy of the elements from `element` on, at most `limit`, if there is one.
std::optional<ElementRange> UndoHistory::CopyFrom(Lv element, uint32_t limit) const {
  const std::optional<CopyMap::Entry> entry = copy_of_.LastUpTo(element);
  if (!entry) return std::nullopt;
  const uint32_t skipped = element - entry->source;
  if (skipped >= entry->copy.length) return std::nullopt;
  return ElementRange{.first = entry->copy.first + skipped,
                      .length = std::min(limit, entry->copy.length - skipped)};
}

// Returns how many elements from `element` on, at most `limit`, have no copy.
uint32_t UndoHistory::WithoutCopy(Lv element, uint32_t limit) const {
  return std::min(limit, copy_of_.FirstBehind(element) - element);
}

Expected<UndoHistory::Replacement> UndoHistory::Erase(Rga& rga, const ElementRange& range) const {
  const uint64_t position = rga.sequence().RankOf(range.first).position;
  const auto edit = rga.Replace(position, range.length, {});
  if (!edit) return std::unexpected(edit.error());
  return Replacement{.position = position, .erased = range.length, .inserted = {}};
}

// Bringing back what a step deleted.

std::vector<UndoHistory::Lost> UndoHistory::Deleted(const Rga& rga, Step step) const {
  std::vector<Lost> deleted;
  std::vector<ElementRange> inserted;  // What the step itself inserted was not there before it.
  ForEachRun(rga, step, [&](const OpLog::Run& run, Lv fresh) {
    if (run.is_insert) {
      inserted.push_back(ElementRange{.first = run.element, .length = run.length});
      return;
    }
    const Lv first = LowestTarget(run, run.length);
    const Lv end = first + run.length;
    for (Lv element = first; element < end;) {
      const auto after = std::ranges::upper_bound(
          inserted, element, {}, [](const ElementRange& range) { return range.first; });
      const Lv own_end =
          after == inserted.begin() ? element : std::prev(after)->first + std::prev(after)->length;
      const Lv next = after == inserted.end() ? end : std::min(end, after->first);
      if (own_end > element) {
        element = std::min(own_end, next);
        continue;
      }
      AddLost(rga, {.first = element, .length = next - element}, fresh, deleted);
      element = next;
    }
  });
  SortByPlace(rga.sequence(), deleted);
  return deleted;
}

// In document order, neighbours come back as one run.
void UndoHistory::SortByPlace(const Sequence& sequence, std::vector<Lost>& lost) {
  if (lost.size() <= 1) return;
  struct Placed {
    Sequence::Place place;
    Lost lost;
  };
  std::vector<Placed> placed;
  placed.reserve(lost.size());
  for (const Lost& each : lost) {
    placed.push_back(Placed{.place = sequence.PlaceOf(each.elements.first), .lost = each});
  }
  Sort(placed, {}, &Placed::place);
  std::ranges::transform(placed, lost.begin(), &Placed::lost);
}

// Adds elements in parts that stand together in the document, without what others deleted too.
void UndoHistory::AddLost(const Rga& rga, ElementRange elements, Lv fresh,
                          std::vector<Lost>& to) const {
  const Lv end = elements.first + elements.length;
  for (Lv element = elements.first; element < end;) {
    const Sequence::Run stand = rga.sequence().RunOf(element);
    const uint32_t together = std::min(end - element, stand.first + stand.length - element);
    const Shared part = ForeignDeletedFrom(element, together);
    if (!part.deleted) {
      to.push_back(Lost{.elements = {.first = element, .length = part.length}, .fresh = fresh});
    }
    element = element + part.length;
  }
}

// Returns how many operations from `id` on, at most `limit`, are one's own.
uint32_t UndoHistory::OwnFrom(const Rga& rga, OpId id, uint32_t limit) const {
  if (id.replica == rga.replica()) return limit;
  const auto self = std::ranges::lower_bound(former_selves_, id.replica, {}, &FormerSelf::replica);
  if (self == former_selves_.end() || self->replica != id.replica) return 0;
  if (id.counter > self->last_counter) return 0;
  return static_cast<uint32_t>(std::min<uint64_t>(limit, self->last_counter - id.counter + 1));
}

void UndoHistory::LearnForeignDeletes(const Rga& rga) {
  const History& history = rga.history();
  while (scanned_ < history.graph.end()) {
    const OpLog::Run run = history.log.At(scanned_);
    const CausalGraph::Stretch stretch = history.graph.StretchAt(scanned_);
    const uint32_t length = std::min(run.length, stretch.length);
    const uint32_t own = OwnFrom(rga, stretch.id, length);
    if (own == 0 && !run.is_insert) {
      const Lv first = LowestTarget(run, length);
      AddForeignDelete(first, first + length);
    }
    scanned_ = scanned_ + (own > 0 ? own : length);
  }
}

void UndoHistory::AddForeignDelete(Lv first, Lv end) {
  auto at = foreign_deletes_.upper_bound(first);
  if (at != foreign_deletes_.begin() && std::prev(at)->second >= first) --at;
  while (at != foreign_deletes_.end() && at->first <= end) {
    first = std::min(first, at->first);
    end = std::max(end, at->second);
    at = foreign_deletes_.erase(at);
  }
  foreign_deletes_.emplace(first, end);
}

// Returns how many elements from `element` on, at most `limit`, share whether others deleted them.
UndoHistory::Shared UndoHistory::ForeignDeletedFrom(Lv element, uint32_t limit) const {
  const auto after = foreign_deletes_.upper_bound(element);
  if (after != foreign_deletes_.begin() && element < std::prev(after)->second) {
    return Shared{.length = std::min(limit, std::prev(after)->second - element), .deleted = true};
  }
  const uint32_t gap =
      after == foreign_deletes_.end() ? limit : std::min(limit, after->first - element);
  return Shared{.length = gap, .deleted = false};
}

// Returns how many copies begin at or before `element`.
size_t UndoHistory::CopiesUpTo(Lv element) const {
  if (copies_.empty() || element < copies_.front().copy.first) return 0;
  return 1 + size_t{copy_finder_.Find(element.value, static_cast<uint32_t>(copies_.size()),
                                      [this](uint32_t i) { return copies_[i].copy.first.value; })};
}

// Returns the last copy that begins at or before `element`, if there is one.
const UndoHistory::Copy* UndoHistory::CopyUpTo(Lv element) const {
  const size_t count = CopiesUpTo(element);
  return count == 0 ? nullptr : &copies_[count - 1];
}

UndoHistory::Form UndoHistory::FormOf(Lv element) const {
  const Copy* copy = CopyUpTo(element);
  const uint32_t offset = copy == nullptr ? 0 : element - copy->copy.first;
  if (copy == nullptr || offset >= copy->copy.length) {
    return Form{.source = element, .earlier = element, .depth = 0};
  }
  return Form{
      .source = copy->source + offset, .earlier = copy->earlier + offset, .depth = copy->depth};
}

void UndoHistory::AddCopy(Lv source, ElementRange copy) {
  copy_of_.Assign({.source = source, .copy = copy});
  for (uint32_t length = 0; copy.length > 0; copy.length -= length) {
    const Form form = FormOf(source);
    const Form earlier = FormOf(form.earlier);
    const Form earliest = FormOf(earlier.earlier);
    const bool far = form.depth - earlier.depth == earlier.depth - earliest.depth;
    length = AlikeFrom(source, copy.length);
    copy_finder_.Add(copy.first.value, static_cast<uint32_t>(copies_.size()));
    copies_.push_back(Copy{.copy = {.first = copy.first, .length = length},
                           .source = source,
                           .earlier = far ? earlier.earlier : source,
                           .depth = form.depth + 1});
    source = source + length;
    copy.first = copy.first + length;
  }
}

// Returns how many elements from `element` on, at most `limit`, lie in one copy or are none.
uint32_t UndoHistory::AlikeFrom(Lv element, uint32_t limit) const {
  const size_t after = CopiesUpTo(element);
  if (FormOf(element).depth > 0) {
    const ElementRange& copy = copies_[after - 1].copy;
    return std::min(limit, copy.first + copy.length - element);
  }
  return after == copies_.size() ? limit : std::min(limit, copies_[after].copy.first - element);
}

// Returns the element numbered below `fresh` that `element` is, or is a copy of, or a copy's copy;
// nothing if that was not there yet.
std::optional<Lv> UndoHistory::FormBefore(Lv element, Lv fresh) const {
  while (element >= fresh) {
    const Form form = FormOf(element);
    if (form.depth == 0) return std::nullopt;
    element = form.earlier >= fresh ? form.earlier : form.source;
  }
  return element;
}

// Returns how many neighbours up to `element`, which has no form before `fresh`, have none either:
// at least 1, and all of its run if that is no copy.
uint32_t UndoHistory::ForeignUpTo(const Rga& rga, Lv element, Lv fresh) const {
  Lv first = std::max(fresh, rga.sequence().RunOf(element).first);
  if (const Copy* copy = CopyUpTo(element)) {
    first = std::max(first, std::min(copy->copy.first + copy->copy.length, element));
  }
  return element - first + 1;
}

// Returns the position behind the visible left neighbour of a tombstone, left of the copies of what
// stood behind it before the step, whose elements are numbered from `fresh` on.
uint64_t UndoHistory::RestorePosition(const Rga& rga, Lv element, Lv fresh) const {
  const Sequence& sequence = rga.sequence();
  const Sequence::Place place = sequence.PlaceOf(element);
  const auto stood_in_front = [&](Lv left) {
    const std::optional<Lv> form = FormBefore(left, fresh);
    return !form || sequence.PlaceOf(*form) < place;
  };
  uint64_t position = sequence.RankOf(element).position;
  uint64_t end = position;
  for (uint32_t foreign_runs = 0; end > 0 && foreign_runs <= kMaxForeignRuns;) {
    const Lv left = sequence.ElementAt(end - 1);
    if (!FormBefore(left, fresh)) {
      end -= ForeignUpTo(rga, left, fresh);
      ++foreign_runs;
      continue;
    }
    if (stood_in_front(left)) break;
    end = sequence.BorderBefore(end, stood_in_front);
    position = end;
  }
  return position;
}

Expected<UndoHistory::Replacement> UndoHistory::Restore(Rga& rga, const Lost& lost) {
  const ElementRange& elements = lost.elements;
  const uint64_t position = RestorePosition(rga, elements.first, lost.fresh);
  std::string text(rga.history().text.Slice(elements.first, elements.length));
  const auto edit = rga.Replace(position, 0, text);
  if (!edit) return std::unexpected(edit.error());
  AddCopy(elements.first, edit->inserted);
  return Replacement{.position = position, .erased = 0, .inserted = std::move(text)};
}

Lv UndoHistory::LivingForm(const Rga& rga, Lv element) const {
  for (uint32_t forms = 0; forms < kMaxForms && rga.sequence().RunOf(element).deleted; ++forms) {
    const std::optional<ElementRange> copy = CopyFrom(element, 1);
    if (!copy) break;
    element = copy->first;
  }
  return element;
}

Lv UndoHistory::KeptForm(Lv element, const Renumbering& numbers) const {
  for (uint32_t forms = 0; forms < kMaxForms && numbers.Of(element) == kNoLv; ++forms) {
    const std::optional<ElementRange> copy = CopyFrom(element, 1);
    if (!copy) break;
    element = copy->first;
  }
  return element;
}

void UndoHistory::ForgetCopiesBefore(const Rga& rga, OpIndex oldest) {
  if (copies_.size() < 2 * copies_kept_ + kFewCopies) return;
  // Whoever looks for what an element was before a step stops at elements older than the step.
  needed_from_ = rga.history().log.At(oldest).element;
  const auto is_needless = [this](const ElementRange& copy) {
    return copy.first + copy.length <= needed_from_;
  };
  std::erase_if(copies_, [&](const Copy& copy) { return is_needless(copy.copy); });
  copy_finder_ = RunFinder();
  copy_finder_.AddAll(0, static_cast<uint32_t>(copies_.size()),
                      [this](uint32_t i) { return copies_[i].copy.first.value; });
  CopyMap kept;
  copy_of_.ForEach([&](const CopyMap::Entry& entry) {
    if (!is_needless(entry.copy)) kept.Assign(entry);
  });
  copy_of_ = std::move(kept);
  copies_kept_ = copies_.size();
}

// Steps that are left look for what an element was before their first operation, so they need no
// copies that were made in the version.
void UndoHistory::Renumber(const Renumbering& numbers) {
  const std::vector<Copy> copies = std::exchange(copies_, {});
  copy_of_ = CopyMap();
  copy_finder_ = RunFinder();
  foreign_deletes_.clear();
  scanned_ = OpIndex{0};
  needed_from_ = Lv{0};
  for (const Copy& copy : copies) {
    const auto is_kept = [&](uint32_t i) {
      return !numbers.InVersion(copy.copy.first + i) && numbers.Of(copy.source + i) != kNoLv;
    };
    for (uint32_t at = 0; at < copy.copy.length;) {
      if (!is_kept(at)) {
        ++at;
        continue;
      }
      const Lv source = numbers.Of(copy.source + at);
      const Lv first = numbers.Of(copy.copy.first + at);
      uint32_t length = 1;
      while (at + length < copy.copy.length && is_kept(at + length) &&
             numbers.Of(copy.source + (at + length)) == source + length) {
        ++length;
      }
      AddCopy(source, ElementRange{.first = first, .length = length});
      at += length;
    }
  }
  copies_kept_ = copies_.size();
}

void UndoHistory::CheckInvariants() const {
  copy_of_.CheckInvariants();
  Lv end;
  for (const Copy& copy : copies_) {
    COTEXT_CHECK(copy.copy.first >= end);
    COTEXT_CHECK(copy.source < copy.copy.first);
    COTEXT_CHECK(copy.earlier < copy.copy.first);
    const bool knows_source = copy.source >= needed_from_;
    COTEXT_CHECK(!knows_source || copy.depth == FormOf(copy.source).depth + 1);
    end = copy.copy.first + copy.copy.length;
  }
  end = Lv{0};
  for (const auto& [first, range_end] : foreign_deletes_) {
    COTEXT_CHECK(first >= end);
    COTEXT_CHECK(first < range_end);
    end = range_end;
  }
}

}  // namespace cotext
