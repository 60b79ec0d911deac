// A version as C gives it: no bytes are the empty one.
#ifndef COTEXT_BINDINGS_C_VERSION_ARGUMENT_H_
#define COTEXT_BINDINGS_C_VERSION_ARGUMENT_H_

#include <cstddef>

#include "bindings/c/arguments.h"
#include "crdt/version_vector.h"
#include "document/error.h"

namespace cotext::c {

// REQUIRES: CheckBytes has accepted them.
inline Expected<VersionVector> VersionArgument(const void* data, size_t size) {
  return size == 0 ? VersionVector() : VersionVector::Decode(BytesOf(data, size));
}

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_VERSION_ARGUMENT_H_
