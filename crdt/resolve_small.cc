#include "crdt/resolve_small.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "crdt/codec/packed_update.h"
#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Kind = PackedOperation::Kind;

// Finds the parents; returns whether all are here, and complete, and none of the change is.
bool ResolveParents(const History& history, const SmallUpdate& update, OpIndexes& parents) {
  const OpId own{.counter = history.graph.CounterOf(update.first.replica),
                 .replica = update.first.replica};
  if (update.first.counter <= own.counter) return false;
  std::optional<OpIndex> own_last;
  for (const OpId parent : update.Parents()) {
    const std::optional<OpIndex> found = history.graph.IndexOf(parent);
    if (!found) return false;
    if (parent == own) own_last = found;
    parents.push_back(*found);
  }
  if (parents.size() > 1 && parents[1] < parents[0]) std::swap(parents[0], parents[1]);
  // One parent that is the replica's own last operation is complete.
  if (own_last && parents.size() == 1) return true;
  if (own.counter > 0 && !own_last) own_last = history.graph.IndexOf(own);
  return AreCompleteParents(history, parents, own_last);
}

// Returns the first element that an operation refers to here, if all are here and consecutive, and
// have lesser counters than the change.
std::optional<Lv> ResolveReference(const History& history, const SmallUpdate::Operation& operation,
                                   uint64_t first_counter) {
  OpId low = operation.reference;
  if (low == kRoot) return kNoLv;
  const uint32_t count = operation.kind == Kind::kInsert ? 1 : operation.length;
  const uint32_t reach = operation.kind == Kind::kDeleteBackward ? count - 1 : 0;
  if (low.counter + (count - 1 - reach) >= first_counter) return std::nullopt;
  low.counter -= reach;
  const std::optional<ElementRange> found = history.ElementsFrom(low, count);
  if (!found || found->length < count) return std::nullopt;
  return found->first + reach;
}

}  // namespace

std::optional<ResolvedChange> ResolveSmall(const History& history, const SmallUpdate& update) {
  std::optional<ResolvedChange> resolved(std::in_place);
  if (!ResolveParents(history, update, resolved->parents)) return std::nullopt;
  resolved->first = update.first;
  resolved->length = update.length;
  std::string_view text = update.text;
  for (const SmallUpdate::Operation& operation : update.Operations()) {
    const std::optional<Lv> reference = ResolveReference(history, operation, update.first.counter);
    if (!reference) return std::nullopt;
    // Field by field: a copy of a step just written would wait until the writes are done.
    ResolvedChange::Step& step = resolved->steps.emplace_back();
    step.is_insert = operation.kind == Kind::kInsert;
    step.backward = operation.kind == Kind::kDeleteBackward;
    step.length = operation.length;
    step.reference = *reference;
    if (!step.is_insert) continue;
    const size_t bytes = update.size.bytes == update.size.code_points
                             ? operation.length
                             : ByteOfCodePoint(text, operation.length);
    step.text = text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return resolved;
}

}  // namespace cotext
