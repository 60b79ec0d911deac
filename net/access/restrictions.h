// Users who may do less than their tokens say, and who they are while the server runs: a file that
// an operator edits, and has read again by SIGHUP. As JSON:
//
//     {"bob": ["read"], "eve": []}
//
// Bob only reads, whatever he was granted, and Eve is not let in any more. Rights are named as in
// tokens (jwt_claims.h). Whoever is not in it has what he was granted.
#ifndef COTEXT_NET_ACCESS_RESTRICTIONS_H_
#define COTEXT_NET_ACCESS_RESTRICTIONS_H_

#include <map>
#include <string>
#include <string_view>

#include "document/error.h"
#include "net/access/access.h"
#include "sync/grants.h"

namespace cotext::net {

using Restrictions = std::map<std::string, sync::Rights>;

// Errors: kBadRequest, with what is wrong.
Expected<Restrictions> ParseRestrictions(std::string_view json);
// Errors: those of ReadFile and ParseRestrictions, which name the file.
Expected<Restrictions> ReadRestrictions(const std::string& file);

// Restricts those users, and lifts what others had; nobody, if that fails. Errors: kTooLarge.
// REQUIRES: `present` is what was applied last, and nobody else restricts.
Expected<void> ApplyRestrictions(Access& access, Restrictions& present, Restrictions wanted);

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_RESTRICTIONS_H_
