// Every document of a store as one snapshot, and the room that this frees given back: what servers
// do for each document now and then, for all of them at once. Nothing is lost but how it came about
// in pieces.
//
// A document that cannot be read is left as it is and named. Errors: those of StoreEngine, after
// which the documents before are compacted.
#ifndef COTEXT_STORAGE_COMPACT_STORE_H_
#define COTEXT_STORAGE_COMPACT_STORE_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "document/error.h"
#include "storage/check_store.h"
#include "storage/store_engine.h"

namespace cotext {

struct CompactReport {
  uint64_t documents = 0;
  uint64_t compacted = 0;     // The others had nothing behind their snapshots.
  uint64_t bytes_before = 0;  // Of the database.
  uint64_t bytes_after = 0;
  std::vector<DocumentProblem> problems;
};

// Calls `on_document` as CheckStore does.
Expected<CompactReport> CompactStore(StoreEngine& engine,
                                     const std::function<void(uint64_t)>& on_document = {});

}  // namespace cotext

#endif  // COTEXT_STORAGE_COMPACT_STORE_H_
