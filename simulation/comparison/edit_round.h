// A text and authors who each edit it without knowing of the others, every character another one:
// what anomalies are counted in (anomalies.h).
#ifndef COTEXT_SIMULATION_COMPARISON_EDIT_ROUND_H_
#define COTEXT_SIMULATION_COMPARISON_EDIT_ROUND_H_

#include <cstdint>
#include <string>
#include <vector>

#include "document/random.h"
#include "simulation/trace/trace.h"

namespace cotext {

// How authors write. Shares are in percent of the passages.
struct RoundShape {
  std::string name;
  uint32_t authors = 3;
  uint32_t passages = 2;   // Of each author.
  uint32_t ties = 0;       // They begin beside one and the same character.
  uint32_t deletes = 0;    // A character beside is deleted before.
  uint32_t backwards = 0;  // Each key is in front of the one before.
};

// A character that was there once. Characters of the first text are numbered from 1.
struct RoundCharacter {
  uint32_t author = 0;   // 0: of the first text.
  uint32_t passage = 0;  // Its author's, from 1; 0 in the first text.
  // The author saw it behind this character of the first text, and in front of that one; the first
  // text's own both have their own number.
  uint32_t low = 0;
  uint32_t high = 0;
  uint32_t rank = 0;  // Its place in all that its author ever saw.
};

struct EditRound {
  // The code point of character number 0.
  static constexpr char32_t kFirst = U'\u4e00';

  // Transaction 0 is the first text, by agent 0; then each author's, agent 1 and up, beside each
  // other.
  Trace trace;
  std::vector<RoundCharacter> characters;  // By code point, from kFirst on.

  // Returns what is known of the characters of a text, in its order.
  std::vector<RoundCharacter> CharactersOf(const std::string& text) const;
};

EditRound MakeRound(const RoundShape& shape, Random& random);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_EDIT_ROUND_H_
