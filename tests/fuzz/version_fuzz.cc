// Bytes as a version vector: a value has one encoding.
#include <string_view>

#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/error.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  const Expected<VersionVector> version = VersionVector::Decode(input);
  if (!version) return false;
  version->CheckInvariants();
  COTEXT_CHECK(version->Encode() == input);
  return true;
}

}  // namespace cotext
