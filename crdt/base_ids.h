// The ids of the base: of the elements that a trimmed document begins with, numbered from 0 on in
// document order.
//
// Whoever did not trim, or trimmed at another version, refers to them by id. Neighbours with
// consecutive ids are a run. Runs stand in the order of their ids, by replica and then by counter,
// with the numbers of their elements; a permutation gives document order. A counter is kept as its
// low half: replicas are listed once for each of its high halves (nearly always one).
//
// Look-ups are O(log runs). Memory: 12 bytes a run, 36 while they are built.
#ifndef COTEXT_CRDT_BASE_IDS_H_
#define COTEXT_CRDT_BASE_IDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"

namespace cotext {

class BaseIds {
 public:
  // Neighbours with consecutive ids.
  struct Run {
    OpId first;
    uint32_t length;
    friend bool operator==(const Run&, const Run&) = default;
  };

  // Takes the ids of elements in document order.
  class Builder;

  BaseIds() = default;

  // Returns the number of elements.
  Lv end() const { return end_; }

  // Returns the id of an element, and how many from there on have consecutive ones.
  // REQUIRES: element < end().
  Run IdsFrom(Lv element) const;

  // Returns the elements with ids from `id` on that are neighbours; nothing if none has that id.
  std::optional<ElementRange> ElementsFrom(OpId id) const;

  // Visits the runs in document order.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (Lv at; at < end_;) {
      const Run run = IdsFrom(at);
      visit(run);
      at = at + run.length;
    }
  }

  size_t run_count() const { return places_.size(); }
  uint64_t AllocatedBytes() const {
    return authors_.capacity() * sizeof(Author) + places_.capacity() * sizeof(Place) +
           order_.capacity() * sizeof(uint32_t);
  }

  void CheckInvariants() const;

 private:
  friend struct BaseIdsPeer;  // Corrupts runs in tests.

  // A replica, a high half of counters, and where their runs begin in places_; they end where the
  // next one's begin.
  struct Author {
    ReplicaId replica;
    uint32_t high;
    uint32_t places;
  };
  struct Place {
    uint32_t low;  // Half of the counter.
    Lv first;
  };

  OpId IdOf(uint32_t place) const;
  // Returns the number in document order of the run that holds an element, and where one ends.
  size_t RunOf(Lv element) const;
  Lv EndOf(size_t run) const {
    return run + 1 < order_.size() ? places_[order_[run + 1]].first : end_;
  }
  uint32_t PlacesEnd(size_t author) const {
    return author + 1 < authors_.size() ? authors_[author + 1].places
                                        : static_cast<uint32_t>(places_.size());
  }

  std::vector<Author> authors_;  // Ascending.
  std::vector<Place> places_;    // By author, ascending by counter.
  std::vector<uint32_t> order_;  // From the number of a run in document order to its place.
  Lv end_;
};

class BaseIds::Builder {
 public:
  // Makes room for so many runs, so that none is moved.
  void Reserve(size_t runs) { runs_.reserve(runs); }

  // REQUIRES: the ids are valid, the run is not empty, and all have at most kIndexLimit elements.
  void Add(Run run);

  // Returns nothing if there is an id twice.
  std::optional<BaseIds> Build() &&;

 private:
  // Of which all ids have the same high half of the counter.
  struct NumberedRun {
    OpId first;
    uint32_t length;
    uint32_t number;  // In document order.
  };

  std::vector<NumberedRun> runs_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_BASE_IDS_H_
