// A revision of an OT document as the version of Open, Opened and Request: a number in LEB128.
#ifndef COTEXT_SYNC_REVISION_BYTES_H_
#define COTEXT_SYNC_REVISION_BYTES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"
#include "document/varint.h"

namespace cotext::sync {

inline std::string RevisionBytes(uint64_t revision) {
  std::string bytes;
  AppendVarint(bytes, revision);
  return bytes;
}

// kInvalidVersion if the bytes are none.
inline Expected<uint64_t> ReadRevision(std::string_view bytes) {
  ByteReader reader(bytes);
  const auto revision = reader.Varint();
  if (!revision || !reader.done()) {
    return MakeError(ErrorCode::kInvalidVersion, "the version of an OT document is no revision");
  }
  return *revision;
}

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_REVISION_BYTES_H_
