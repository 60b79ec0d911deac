// Documents of a store without the history that they are to lose (trim_log.h), and the room that
// this frees given back. Nothing of it can be had again but from a backup.
//
// A document that cannot be read or trimmed is left as it is and named. Errors: kNotFound, a name
// without a document, before anything was done; those of StoreEngine, after which the documents
// before are trimmed.
#ifndef COTEXT_STORAGE_TRIM_STORE_H_
#define COTEXT_STORAGE_TRIM_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "storage/check_store.h"
#include "storage/sqlite_database.h"
#include "storage/store_engine.h"
#include "storage/trim_log.h"

namespace cotext {

struct TrimRequest {
  std::vector<std::string> documents = {};  // Empty: all.
  uint64_t keep = 0;                        // As in TrimLimits.
  // Only what was written by then, in milliseconds since 1970, is dropped. Of what is in a snapshot
  // it is known when the latest of it was written, no more.
  std::optional<uint64_t> written_by_ms = std::nullopt;
};

struct DocumentTrim {
  std::string document;
  TrimmedLog trimmed;         // Its log is left out.
  uint64_t bytes_before = 0;  // Of its records.
  uint64_t bytes_after = 0;
};

struct TrimReport {
  uint64_t documents = 0;             // That were looked at.
  std::vector<DocumentTrim> trimmed;  // Of which something was dropped.
  uint64_t bytes_before = 0;          // Of the database.
  uint64_t bytes_after = 0;
  std::vector<DocumentProblem> problems;
};

// Calls `on_document`, unless it is empty, after each document with how many there have been.
Expected<TrimReport> TrimStore(StoreEngine& engine, const TrimRequest& request,
                               const std::function<void(uint64_t)>& on_document = {});

// Returns what that would drop, and writes nothing; a server may have the store open meanwhile.
Expected<TrimReport> PreviewTrim(SqliteDatabase& database, const TrimRequest& request,
                                 const std::function<void(uint64_t)>& on_document = {});

}  // namespace cotext

#endif  // COTEXT_STORAGE_TRIM_STORE_H_
