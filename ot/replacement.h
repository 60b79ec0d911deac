// An edit as it is applied to a text: replacements at single places, one after the other.
#ifndef COTEXT_OT_REPLACEMENT_H_
#define COTEXT_OT_REPLACEMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"

namespace cotext {

// Puts `inserted` at `position` and takes out the `erased` code points behind it.
struct Replacement {
  uint64_t position = 0;
  uint64_t erased = 0;
  std::string inserted;
  friend bool operator==(const Replacement&, const Replacement&) = default;
};

// Returns replacements that, in this order, do what `delta` does. Inserts and deletes at one place
// are one of them, whatever their order.
std::vector<Replacement> ReplacementsOf(const Delta& delta);

}  // namespace cotext

#endif  // COTEXT_OT_REPLACEMENT_H_
