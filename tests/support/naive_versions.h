// Versions of a NaiveHistory, one operation at a time: the oracle for whatever looks into the past.
#ifndef COTEXT_TESTS_SUPPORT_NAIVE_VERSIONS_H_
#define COTEXT_TESTS_SUPPORT_NAIVE_VERSIONS_H_

#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "tests/support/naive_history.h"

namespace cotext {

// Returns the history that ends with `heads`.
inline NaiveHistory HistoryUpTo(const NaiveHistory& history, std::span<const OpId> heads) {
  Atoms atoms;
  for (const OpId id : history.Past(heads)) atoms[id] = history.atoms().at(id);
  NaiveHistory past;
  past.Add(atoms);
  return past;
}

// Returns up to three operations, perhaps some that came before others.
inline std::vector<OpId> SomeOperations(Random& random, const NaiveHistory& history) {
  std::vector<OpId> some;
  if (history.atoms().empty()) return some;
  for (uint64_t left = random.Below(4); left > 0; --left) {
    const auto at = static_cast<ptrdiff_t>(random.Below(history.atoms().size()));
    some.push_back(std::next(history.atoms().begin(), at)->first);
  }
  return some;
}

// Returns whether a version vector is a version of a history: its counters are those of operations,
// and all that came before what it covers is covered.
inline bool IsVersionOf(const NaiveHistory& history, const VersionVector& version) {
  for (const VersionVector::Entry& entry : version.entries()) {
    if (!history.atoms().contains(OpId{.counter = entry.counter, .replica = entry.replica})) {
      return false;
    }
  }
  for (const auto& [id, atom] : history.atoms()) {
    if (!version.Covers(id)) continue;
    for (const OpId parent : atom.parents) {
      if (!version.Covers(parent)) return false;
    }
  }
  return true;
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_NAIVE_VERSIONS_H_
