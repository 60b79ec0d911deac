// What a user may do with which documents, as whoever checked his identity says.
//
// A grant is for one document by name, or, if the name ends in '*', for all that begin with what
// is before it. Rights of several grants add up.
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
  for (const Grant& grant : identity.grants) {
    if (Matches(grant.documents, document)) rights |= grant.rights;
  }
  return rights;
}

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_GRANTS_H_
