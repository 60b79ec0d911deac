// The dumbest history: a map from the id of each operation to what it did to one character. The
// oracle for whatever encodes runs: the op log, the export of changes, their codec, their checks.
#ifndef COTEXT_TESTS_SUPPORT_NAIVE_HISTORY_H_
#define COTEXT_TESTS_SUPPORT_NAIVE_HISTORY_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"

namespace cotext {

// One operation on one character.
struct Atom {
  std::vector<OpId> parents;  // Ascending.
  bool is_insert = false;
  OpId reference;         // The origin of an insert, the target of a delete.
  std::string character;  // Of an insert.
  friend bool operator==(const Atom&, const Atom&) = default;
};

using Atoms = std::map<OpId, Atom>;

// A change of which a test can alter any part.
struct LooseChange {
  ReplicaId replica;
  uint64_t first_counter = 0;
  std::vector<OpId> parents;
  std::vector<Operation> operations;
  std::string text;

  ChangeView view() const {
    return ChangeView{.replica = replica,
                      .first_counter = first_counter,
                      .parents = parents,
                      .operations = operations,
                      .text = text};
  }
};

LooseChange Loosen(const ChangeView& change);

// Returns what each operation of a change does.
// REQUIRES: the change breaks no rule that can be seen without a history.
Atoms AtomsOf(const ChangeView& change);
Atoms AtomsOf(const Update& update);

// Returns atoms of one replica with consecutive counters as one change, cut into operations at
// random and wherever it has to be.
LooseChange ChangeOf(Random& random, const Atoms& atoms);

class NaiveHistory {
 public:
  const Atoms& atoms() const { return atoms_; }
  void Add(const Atoms& atoms) { atoms_.insert(atoms.begin(), atoms.end()); }

  // Returns the operations of `heads` and all that came before them.
  std::set<OpId> Past(std::span<const OpId> heads) const;
  // Returns the ids that are nobody's parent, ascending.
  std::vector<OpId> Frontier() const;
  VersionVector Version() const;

  // Returns the visible characters in document order.
  std::vector<OpId> Visible() const;
  std::string Text() const;

  // Replaces `count` visible characters from `position` by `text`; returns the operations it took.
  Atoms Replace(ReplicaId replica, uint64_t position, uint64_t count, std::string_view text);

  // Returns every rule of crdt/resolve_change.h that a change breaks here; none if it is welcome.
  std::set<ErrorCode> BrokenRules(const ChangeView& change) const;

 private:
  bool HasElement(OpId id) const;
  OpId AddNext(ReplicaId replica, Atom atom, Atoms& added);
  std::set<ErrorCode> BrokenParents(const ChangeView& change) const;

  Atoms atoms_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_NAIVE_HISTORY_H_
