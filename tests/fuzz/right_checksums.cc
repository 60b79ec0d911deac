#include "tests/fuzz/right_checksums.h"

#include <cstddef>
#include <cstdint>

#include "crdt/codec/section.h"

// Only the function that is used is compiled, into this file.
// NOLINTBEGIN(readability-identifier-naming): the library's names.
#define XXH_INLINE_ALL
#define XXH_NO_XXH3
// NOLINTEND(readability-identifier-naming)
#include "xxhash.h"

namespace cotext {

std::string WithRightChecksums(std::string_view file) {
  std::string repaired(file);
  const auto sections = FindSections(file);
  if (!sections) return repaired;
  for (const Section& section : *sections) {
    const uint64_t hash = XXH64(section.frame.data(), section.frame.size(), 0);
    // The lowest four bytes of it, right behind the frame.
    size_t at = static_cast<size_t>(section.frame.data() - file.data()) + section.frame.size();
    for (unsigned shift = 0; shift < 32; shift += 8) {
      repaired[at++] = static_cast<char>(hash >> shift);
    }
  }
  return repaired;
}

}  // namespace cotext
