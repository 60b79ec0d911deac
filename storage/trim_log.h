// The log of a document without the history that it is to lose: a snapshot of what is left.
//
// RGA: all below a version is dropped that every edit which is stored is in or comes after
// (crdt/critical_version.h); where edits were made at the same time, that may be less than was
// asked for. OT: all commits up to a revision. Whether somebody has edits that are not stored here
// cannot be seen from here. Text and version stay.
//
// Errors: those of ReadContent; kNotCritical, an edit that no replica which keeps the rules makes
// (crdt/trim.h). Complexity: that of reading the document, up to three times.
#ifndef COTEXT_STORAGE_TRIM_LOG_H_
#define COTEXT_STORAGE_TRIM_LOG_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "crdt/ids.h"
#include "document/document.h"
#include "document/error.h"
#include "sync/store.h"

namespace cotext {

// What is to stay, whatever else is dropped.
struct TrimLimits {
  // Edits, the latest so many: characters inserted or deleted; of OT, commits.
  uint64_t keep = 0;
  // Whatever came behind this position of the log.
  uint64_t up_to = std::numeric_limits<uint64_t>::max();
};

struct TrimmedLog {
  Engine engine = Engine::kRga;
  uint64_t dropped = 0;                // Edits. If 0, all is as it was.
  uint64_t kept = 0;                   // Edits whose history is left.
  std::vector<OpId> frontier = {};     // RGA: of what was dropped, now and before.
  uint64_t horizon = 0;                // OT: the revision up to which it was.
  std::vector<sync::Record> log = {};  // Nothing if nothing was dropped.
};

Expected<TrimmedLog> TrimLog(const sync::StoredLog& log, const TrimLimits& limits);

}  // namespace cotext

#endif  // COTEXT_STORAGE_TRIM_LOG_H_
