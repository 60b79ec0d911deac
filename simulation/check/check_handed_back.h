// OT: edits that will not be committed any more, as they were made before what the server dropped
// from its history, come back to the application whole: every character that their author had put
// in and not taken out again, and nothing that was not his.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_HANDED_BACK_H_
#define COTEXT_SIMULATION_CHECK_CHECK_HANDED_BACK_H_

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "simulation/check/check_intent.h"
#include "simulation/check/violation.h"

namespace cotext {

struct HandedBackEdits {
  uint64_t at_us = 0;
  uint64_t node = 0;
  uint64_t edits = 0;
  std::set<CharacterNumber> inserted = {};  // By the edits that were not committed.
  std::set<CharacterNumber> returned = {};  // What the application got.
};

std::vector<Violation> CheckHandedBack(std::span<const HandedBackEdits> all);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_HANDED_BACK_H_
