// What people meant is what came of it, as far as one text can hold it:
// - an inserted character stands between the neighbours that its author saw, as far as they live;
// - a character is gone only if somebody who saw it deleted it, and then it is gone;
// - nothing is there that nobody inserted, and nothing twice.
//
// Characters have numbers of the caller's, from 1. Those that undo brought back may stand elsewhere
// and more than once, or be gone again: nothing is asked of them but that somebody inserted them.
//
// O(n log n).
#ifndef COTEXT_SIMULATION_CHECK_CHECK_INTENT_H_
#define COTEXT_SIMULATION_CHECK_CHECK_INTENT_H_

#include <cstdint>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

using CharacterNumber = uint64_t;

struct InsertedCharacter {
  CharacterNumber character = 0;
  CharacterNumber left = 0;  // What its author saw beside it; 0 at the ends of the text.
  CharacterNumber right = 0;
  uint64_t node = 0;
};

struct DeletedCharacter {
  CharacterNumber character = 0;
  uint64_t node = 0;
};

struct IntentRecord {
  // Of edits that reached the others: what a crash of its author lost is left out.
  std::vector<InsertedCharacter> inserted = {};
  std::vector<DeletedCharacter> deleted = {};  // Each as its author saw it.
  std::vector<CharacterNumber> brought_back = {};
  std::vector<CharacterNumber> text = {};  // At the end.
};

std::vector<Violation> CheckIntent(const IntentRecord& record);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_INTENT_H_
