// What a user may do with which documents, as whoever checked his identity says.
//
// A grant is for one document by name, or, if the name ends in '*', for all that begin with what
// is before it. Rights of several grants add up. Documents that are read-only are so whatever was
// granted, but for who may relay: what he brings was written elsewhere.
#ifndef COTEXT_SYNC_GRANTS_H_
#define COTEXT_SYNC_GRANTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "sync/messages.h"

namespace cotext::sync {

struct Grant {
  std::string documents;
  Rights rights = 0;
  bool is_read_only = false;  // Gives nothing, but takes away.
};

struct Identity {
  std::string user;
  std::vector<Grant> grants;
};

inline bool Matches(std::string_view pattern, std::string_view document) {
  if (!pattern.ends_with('*')) return pattern == document;
  return document.starts_with(pattern.substr(0, pattern.size() - 1));
}

inline Rights RightsOf(const Identity& identity, std::string_view document) {
  Rights rights = 0;
  bool is_read_only = false;
  for (const Grant& grant : identity.grants) {
    if (!Matches(grant.documents, document)) continue;
    rights |= grant.rights;
    is_read_only |= grant.is_read_only;
  }
  const bool keeps_all = !is_read_only || (rights & kMayRelay) != 0;
  return keeps_all ? rights : rights & ~kMayWrite;
}

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_GRANTS_H_
