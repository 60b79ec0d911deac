// Histories of many replicas, written by hand as updates, with the text they must give.
//
// A base text by replica 1, one run; then inserts of one character by n other replicas with random
// ids, concurrent with each other, in random order of arrival:
//   kEqual     all were made when the base was whole: their Lamport counters are the same;
//   kDistinct  number i was made when i + 1 characters of the base were there: all counters differ.
// Or, in a chain, each replica appends one character to what all before it wrote.
#ifndef COTEXT_BENCHMARKS_SUPPORT_CONCURRENT_HISTORY_H_
#define COTEXT_BENCHMARKS_SUPPORT_CONCURRENT_HISTORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"

namespace cotext {

struct ConcurrentHistory {
  Update changes;
  std::string text;
};

enum class Counters : uint8_t { kEqual, kDistinct };

// Returns `count` different ids of replicas in random order, none of them 1.
// REQUIRES: count < 2^21 - 2.
std::vector<ReplicaId> MakeReplicas(uint64_t count, uint64_t seed);

// Siblings: all n inserts stand behind the first character of the base.
ConcurrentHistory MakeSiblings(uint64_t n, Counters counters, uint64_t seed);

// The inserts stand behind random characters of a base of n; equal counters.
ConcurrentHistory MakeSpread(uint64_t n, uint64_t seed);

ConcurrentHistory MakeChain(uint64_t n, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_CONCURRENT_HISTORY_H_
