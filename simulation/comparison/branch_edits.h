// The edits of an author on his branch: what merging branches is measured with.
#ifndef COTEXT_SIMULATION_COMPARISON_BRANCH_EDITS_H_
#define COTEXT_SIMULATION_COMPARISON_BRANCH_EDITS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "ot/edit_history.h"

namespace cotext {

enum class BranchStyle : uint8_t {
  kScattered,  // Three inserts of one to four characters to one delete of as many, at random
               // places.
  kTyped,      // Keys in bursts of 12 to 20, each burst at a random place; every tenth a backspace.
};

// Returns `count` edits of a text of `length` characters, one after the other.
// REQUIRES: length > 4 * count.
std::vector<TextEdit> MakeBranchEdits(BranchStyle style, uint64_t length, uint64_t count,
                                      Random& random);

Delta DeltaOf(const TextEdit& edit);

// Returns the text that branches begin with: as many characters.
std::string MakeBranchBase(uint64_t length);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_BRANCH_EDITS_H_
