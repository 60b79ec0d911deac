// A version of a document as HTTP names it: a short text without meaning to clients, in event ids,
// entity tags and parameters.
//
// Of an RGA document it is its frontier, the few operations that all others came before, not its
// version vector, which has an entry for everybody who ever wrote; of OT it is the revision. As
// bytes: the engine, 1 or 2, then LEB128 numbers; as text these in base64url.
#ifndef COTEXT_NET_DRIVER_VERSION_TOKEN_H_
#define COTEXT_NET_DRIVER_VERSION_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/error.h"

namespace cotext::net {

// Heads of a token that is read: more than ever write at once.
inline constexpr size_t kTokenHeadsMax = 4096;

std::string TokenOf(std::span<const OpId> heads);
std::string TokenOf(uint64_t revision);

using TokenVersion = std::variant<std::vector<OpId>, uint64_t>;

// kInvalidVersion, what was never given out.
Expected<TokenVersion> ReadToken(std::string_view token);

// Returns the version of a document that a token means. Errors also those of known_version.h.
Expected<VersionVector> VersionIn(const RgaDocument& document, std::string_view token);

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_VERSION_TOKEN_H_
