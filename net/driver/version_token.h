// A version of a document as HTTP names it: a short text without meaning to clients, in event ids,
// entity tags and parameters.
//
// Of an RGA document it is its frontier, the few operations that all others came before, not its
// version vector, which has an entry for everybody who ever wrote; of OT it is the revision. As
// bytes: the engine, 1 or 2, four bytes that stand for the document's id, then LEB128 numbers; as
// text these in base64url. By the id, a version of a document that was deleted is none of the one
// that has its name now.
//
// A frontier of very many heads, of as many who wrote at one time, makes no token that a header
// could carry. Then it is 3, the id, and a digest of the rest: it says whether two versions are the
// same, and what it means only those know who have that version, or keep it.
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
#include "document/document_id.h"
#include "document/error.h"

namespace cotext::net {

// Of a token that is no digest: with its quotes it fits into headers and targets beside what else
// is there (8 KiB, and 4 KiB). So many characters are some 200 heads.
inline constexpr size_t kTokenCharactersMax = 3072;

std::string TokenOf(const DocumentId& document, std::span<const OpId> heads);
std::string TokenOf(const DocumentId& document, uint64_t revision);

// Whether a token does not say what version it is.
bool IsDigest(std::string_view token);

struct TokenDigest {};
using TokenVersion = std::variant<std::vector<OpId>, uint64_t, TokenDigest>;

// kInvalidVersion, what was never given out; kDocumentReplaced, a version of another document.
Expected<TokenVersion> ReadToken(const DocumentId& document, std::string_view token);

// Returns the version of a document, under the id that it has, that a token means. Errors also
// those of known_version.h; kUnknownVersion, too, of a digest of anything but what is there.
Expected<VersionVector> VersionIn(const RgaDocument& rga, const DocumentId& document,
                                  std::string_view token);

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_VERSION_TOKEN_H_
