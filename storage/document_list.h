// Which documents a store has, and what they take.
//
// Errors: those of SQLite (sqlite_statement.h).
#ifndef COTEXT_STORAGE_DOCUMENT_LIST_H_
#define COTEXT_STORAGE_DOCUMENT_LIST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "storage/sqlite_database.h"
#include "sync/store.h"

namespace cotext {

// What a document is, as its first record says.
struct StoredIdentity {
  Engine engine = Engine::kRga;
  DocumentId id;
};
// Returns nothing if the record is none of an identity.
std::optional<StoredIdentity> ReadIdentity(std::string_view bytes);
sync::Record IdentityRecord(const StoredIdentity& identity);

// Times are in milliseconds since 1970.
struct DocumentSummary {
  std::string name;
  std::optional<StoredIdentity> identity = std::nullopt;  // Nothing if its log does not say.
  uint64_t position = 0;
  uint64_t snapshot_position = 0;
  uint64_t snapshot_bytes = 0;
  uint64_t tail_bytes = 0;
  uint64_t created_ms = 0;
  uint64_t modified_ms = 0;
};

// Names in the order of their bytes, from one up to another that is not in it.
struct NameRange {
  std::string from = {};
  std::string end = "\xFF";  // Behind all names, which are UTF-8.
};
NameRange NamesThatBeginWith(std::string_view prefix);
NameRange NameAlone(std::string_view name);

// Returns the documents whose names come behind `after` and are in the range, in the order of their
// bytes, at most `count`. O(their pages, and their records).
Expected<std::vector<DocumentSummary>> ListDocuments(SqliteDatabase& database,
                                                     std::string_view after, size_t count,
                                                     const NameRange& range = {});

struct StoreStatistics {
  uint64_t documents = 0;
  uint64_t snapshot_records = 0;
  uint64_t snapshot_bytes = 0;
  uint64_t tail_records = 0;
  uint64_t tail_bytes = 0;
  uint64_t database_bytes = 0;  // Of the file, without the log that is written ahead.
  uint64_t free_bytes = 0;      // In it, to be used again.
};

// O(the database).
Expected<StoreStatistics> MeasureStore(SqliteDatabase& database);

}  // namespace cotext

#endif  // COTEXT_STORAGE_DOCUMENT_LIST_H_
