// Who did what: replicas and the operations they number.
//
// A ReplicaId is a random nonzero integer below 2^53, exact in JavaScript, with one writer at a
// time. Every inserted and every deleted code point takes one value of its replica's Lamport
// counter, so an OpId names one operation on one character. OpIds are totally ordered: by counter,
// then by replica (Lamport 1978). Counters start at 1; OpId{} is the root, smaller than any other.
#ifndef COTEXT_CRDT_IDS_H_
#define COTEXT_CRDT_IDS_H_

#include <compare>
#include <cstdint>

namespace cotext {

// Both replica ids and counters stay below this.
inline constexpr uint64_t kIdLimit = uint64_t{1} << 53U;

struct ReplicaId {
  uint64_t value = 0;
  friend constexpr auto operator<=>(ReplicaId, ReplicaId) = default;
};

constexpr bool IsValid(ReplicaId replica) { return replica.value > 0 && replica.value < kIdLimit; }

struct OpId {
  uint64_t counter = 0;
  ReplicaId replica;
  friend constexpr auto operator<=>(const OpId&, const OpId&) = default;
};

// The origin of what is inserted at the very beginning.
inline constexpr OpId kRoot{};

constexpr bool IsValid(OpId id) {
  return id.counter > 0 && id.counter < kIdLimit && IsValid(id.replica);
}

}  // namespace cotext

#endif  // COTEXT_CRDT_IDS_H_
