// Everything that happened to a document, in the order of arrival: who did it and when
// (CausalGraph), what it was (OpLog), and the text that was inserted (TextStore).
//
// The three share their numbering: operation n of the log is operation n of the graph, element n of
// the log is element n of the text. Look-ups are O(log) of the runs involved.
//
// A trimmed history begins at a horizon (of the graph), with the elements that were visible there,
// its base: they have numbers and text like others, but no operation. Ids of elements after the
// horizon are greater than all in it, so where the order of elements is decided, an element of the
// base has the *key* kRoot; any other has its id. What anybody inserts stands right before an
// element of the base or behind it, never beyond it.
#ifndef COTEXT_CRDT_HISTORY_H_
#define COTEXT_CRDT_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "crdt/base_ids.h"
#include "crdt/causal_graph.h"
#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/op_log.h"
#include "crdt/text_store.h"

namespace cotext {

struct History {
  CausalGraph graph;
  OpLog log;
  TextStore text;
  BaseIds base = {};

  bool InBase(Lv element) const { return element < log.base_end(); }

  // Returns the id of an element.
  OpId IdOf(Lv element) const {
    return InBase(element) ? base.IdsFrom(element).first : graph.IdOf(log.InsertOf(element));
  }

  // Returns what decides where an element stands: its id, kRoot for the base.
  OpId KeyOf(Lv element) const {
    return InBase(element) ? kRoot : graph.IdOf(log.InsertOf(element));
  }

  // Returns the element with this id, if there is one: the id may be unknown, or that of a delete.
  std::optional<Lv> ElementOf(OpId id) const {
    const std::optional<OpIndex> at = graph.IndexOf(id);
    return at ? log.ElementOf(*at) : BaseElementOf(id);
  }

  // Elements with consecutive ids.
  struct Ids {
    OpId first;
    uint32_t length;
  };
  // Returns the id of `element` and how many elements from there on, at most `limit`, continue it.
  Ids IdsFrom(Lv element, uint32_t limit) const;
  // Returns the number of elements from `element` on, at most `limit`, whose ids are consecutive.
  uint32_t ConsecutiveIds(Lv element, uint32_t limit) const {
    return IdsFrom(element, limit).length;
  }

  // Returns the elements with ids from `id` on that are consecutive here too, at most `limit`;
  // nothing if there is none with that id.
  std::optional<ElementRange> ElementsFrom(OpId id, uint32_t limit) const;

  // Whether the order of elements is that of their keys: so it is while one replica writes.
  bool IdsAscend() const { return graph.replica_count() <= 1; }

  // Returns whether the origin of `element` is the element numbered just before it. If so, and if
  // the two are neighbours in the sequence, they may stand in one run.
  // REQUIRES: element.value > 0, and the two are neighbours in the sequence.
  bool Chained(Lv element) const {
    // The origin is the nearest element to the left with a smaller id (see sequence.h).
    return IdsAscend() || log.OriginOf(element) == element - 1;
  }

  // Adds operations; the text, the log and the graph grow together.
  void AppendInsert(std::string_view inserted, uint32_t length, Lv origin) {
    text.Append(inserted, length);
    log.AppendInsert(length, origin);
  }

  uint64_t AllocatedBytes() const {
    return graph.AllocatedBytes() + log.AllocatedBytes() + text.AllocatedBytes() +
           base.AllocatedBytes();
  }

  void CheckInvariants() const;

 private:
  std::optional<Lv> BaseElementOf(OpId id) const;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_HISTORY_H_
