#include "crdt/resolve_packed.h"
#include "document/sort.h"

#include <algorithm>
#include <utility>

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
  own_last_.resize(update.replicas.size());
  absl::InlinedVector<uint64_t, 2> last_counters(update.replicas.size());
  for (size_t i = 0; i < update.replicas.size(); ++i) {
    last_counters[i] = history.graph.CounterOf(update.replicas[i]);
    if (last_counters[i] == 0) continue;
    own_last_[i] =
        history.graph.IndexOf(OpId{.counter = last_counters[i], .replica = update.replicas[i]});
  }
  for (size_t i = 0; i < update.changes.size(); ++i) {
    const Change& change = update.changes[i];
    uint64_t& last = last_counters[change.replica];
    if (change.first_counter <= last) is_all_new_ = false;
    last = change.first_counter + update.LengthOf(i) - 1;
  }
  if (!is_all_new_) return;
  elements_.reserve(update.ids.size());
  for (const OpId id : update.ids) {
    elements_.push_back(
        history.ElementsFrom(id, UINT32_MAX).value_or(ElementRange{.first = kNoLv, .length = 0}));
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
