#include "crdt/resolve_packed.h"

#include <algorithm>
#include <utility>

#include "crdt/element_finder.h"
#include "document/sort.h"

namespace cotext {

using Change = PackedUpdate::Change;

PackedResolver::PackedResolver(const History& history, const PackedUpdate& update)
    : history_(history),
      update_(update),
      operation_base_(history.graph.end()),
      element_base_(history.log.element_end()),
      is_all_new_(history.graph.end().value + uint64_t{update.end.operation} <=
                      PackedUpdate::kOperationsMax &&
                  history.text.bytes() + update.text.size() <= kIndexLimit) {
  FindOwnLast();
  if (!is_all_new_) return;
  elements_.reserve(update.ids.size());
  ElementFinder finder(history);
  for (const OpId id : update.ids) {
    elements_.push_back(
        finder.From(id, UINT32_MAX).value_or(ElementRange{.first = kNoLv, .length = 0}));
  }
}

// Finds the last operation here of each replica that changes are of, and whether all of them come
// after that.
void PackedResolver::FindOwnLast() {
  // Most of the replicas that an update names are those of what it refers to.
  constexpr uint64_t kUnknown = ~uint64_t{0};
  absl::InlinedVector<uint64_t, 2> last_counters(update_.replicas.size(), kUnknown);
  own_last_.resize(update_.replicas.size());
  for (size_t i = 0; i < update_.changes.size(); ++i) {
    const Change& change = update_.changes[i];
    uint64_t& last = last_counters[change.replica];
    if (last == kUnknown) {
      const ReplicaId replica = update_.replicas[change.replica];
      last = history_.graph.CounterOf(replica);
      // Of nothing and of what was trimmed there is no number.
      own_last_[change.replica] = history_.graph.IndexOf(OpId{.counter = last, .replica = replica});
    }
    if (change.first_counter <= last) is_all_new_ = false;
    last = change.first_counter + update_.LengthOf(i) - 1;
  }
}

std::optional<OpIndexes> PackedResolver::Check(size_t change) {
  const Change& checked = update_.changes[change];
  std::optional<OpIndex>& own_last = own_last_[checked.replica];
  std::optional<OpIndexes> parents(std::in_place);
  if (!ParentsOf(change, *parents) || !AreCompleteParents(history_, *parents, own_last) ||
      !OperationsAreSimple(change)) {
    parents.reset();
  }
  // If ResolveChange accepts it, it is there next time all the same.
  own_last = operation_base_ + (update_.EndOf(change).operation - 1);
  if (update_.ElementsIn(change) > 0) {
    bounds_.Add(checked.element, update_.ElementsIn(change),
                checked.first_counter + update_.LengthOf(change) - 1);
  }
  return parents;
}

bool PackedResolver::ParentsOf(size_t change, OpIndexes& parents) const {
  for (const Reference parent : update_.ParentsOf(change)) {
    if (parent.is_within()) {
      parents.push_back(operation_base_ + parent.number());
      continue;
    }
    const std::optional<OpIndex> found = history_.graph.IndexOf(update_.ids[parent.place()]);
    if (!found) return parents.empty() && IsBehindHorizon(change);
    parents.push_back(*found);
  }
  if (parents.empty()) return IsBehindHorizon(change);
  if (parents.size() > 1 && !std::ranges::is_sorted(parents)) Sort(parents);
  return true;
}

// Returns whether the parents of a change are the frontier of the horizon; or none, if there is no
// horizon.
bool PackedResolver::IsBehindHorizon(size_t change) const {
  const auto is_same = [this](Reference parent, OpId head) {
    return parent.is_elsewhere() && update_.ids[parent.place()] == head;
  };
  return std::ranges::equal(update_.ParentsOf(change), history_.graph.horizon().frontier, is_same);
}

bool PackedResolver::OperationsAreSimple(size_t change) const {
  // The ids of the latest change are greater than all others.
  const bool is_latest = update_.changes[change].first_counter > history_.graph.max_counter();
  if (is_latest && update_.ids.empty()) return true;
  for (const PackedOperation& operation : update_.OperationsOf(change)) {
    if (operation.reference.is_root()) continue;
    if (is_latest && operation.reference.is_within()) continue;
    if (!IsSimple(operation, update_.changes[change])) return false;
  }
  return true;
}

// Returns whether all that an operation refers to is here and has a lesser counter than the change,
// or is inserted by the change itself.
bool PackedResolver::IsSimple(const PackedOperation& operation, const Change& change) const {
  const uint32_t count = operation.is_insert() ? 1 : operation.length;
  const uint32_t reach = operation.backward() ? count - 1 : 0;
  if (operation.reference.is_elsewhere()) {
    OpId low = update_.ids[operation.reference.place()];
    if (low.counter + (count - 1 - reach) >= change.first_counter) return false;
    if (reach == 0) return elements_[operation.reference.place()].length >= count;
    low.counter -= reach;
    const std::optional<ElementRange> found = history_.ElementsFrom(low, count);
    return found && found->length == count;
  }
  uint32_t at = operation.reference.number() - reach;
  const uint32_t end = std::min(at + count, change.element);
  if (at >= end || bounds_.Of(at, end - at) < change.first_counter) return true;
  while (at < end) {
    const Lv element = element_base_ + at;
    const uint32_t length = history_.ConsecutiveIds(element, end - at);
    if (history_.IdOf(element).counter + (length - 1) >= change.first_counter) return false;
    at += length;
  }
  return true;
}

}  // namespace cotext
