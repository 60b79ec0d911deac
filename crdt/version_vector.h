// A set of operations that is closed under causality, written as one counter per replica: the
// greatest that was seen with nothing of that replica missing before it.
//
// Entries are sorted by replica and never zero, so equal sets are equal values.
// Observe is O(log n) at the end of the list and O(n) where a replica is new; Join, Meet and Covers
// of two vectors are O(n + m) (Mattern 1989).
#ifndef COTEXT_CRDT_VERSION_VECTOR_H_
#define COTEXT_CRDT_VERSION_VECTOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "document/error.h"

namespace cotext {

class VersionVector {
 public:
  struct Entry {
    ReplicaId replica;
    uint64_t counter;
    friend constexpr bool operator==(const Entry&, const Entry&) = default;
  };

  // Adds the operations of `id.replica` up to `id.counter`.
  void Observe(OpId id);

  // Returns the greatest counter seen of `replica`, 0 if none.
  uint64_t CounterOf(ReplicaId replica) const;

  bool Covers(OpId id) const { return id.counter <= CounterOf(id.replica); }
  bool Covers(const VersionVector& other) const;

  // Adds what `other` has (set union).
  void Join(const VersionVector& other);

  // Keeps only what `other` has too (set intersection).
  void Meet(const VersionVector& other);

  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }

  // The form that travels: the number of entries, then per entry the difference of the replica to
  // the one before and the counter, all LEB128. Decode is total; its error is kInvalidVersion.
  std::string Encode() const;
  static Expected<VersionVector> Decode(std::string_view bytes);

  friend bool operator==(const VersionVector&, const VersionVector&) = default;

  // Stops the program unless the entries are sorted and none is zero.
  void CheckInvariants() const;

 private:
  friend struct VersionVectorPeer;  // Corrupts entries in tests.

  std::vector<Entry> entries_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_VERSION_VECTOR_H_
