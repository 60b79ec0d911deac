// The tables of a store, and how a database of an earlier version becomes one of this.
//
//     documents(id, name, snapshot_position, snapshot_at_ms, created_ms)
//     snapshots(document, number, kind, bytes)           in place of the records up to that
//     position records(document, position, at_ms, kind, bytes)    the tail, without a gap
//
// The database says what it is in its header: application_id, that it is a store; user_version,
// which tables it has. Versions only grow. Times are in milliseconds since 1970.
//
// Errors: kUnsupported, a later version, an earlier one that is opened to be read, or a file system
// on which there can be no write-ahead log; kMalformedFile, a database of something else; those of
// SQLite (sqlite_statement.h).
#ifndef COTEXT_STORAGE_STORE_SCHEMA_H_
#define COTEXT_STORAGE_STORE_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string>

#include "document/error.h"
#include "storage/sqlite_database.h"

namespace cotext {

// "ctxt".
inline constexpr uint64_t kStoreApplicationId = 0x63747874;

// The statements that lead from each version to the next; the first from nothing to version 1.
std::span<const char* const> StoreMigrations();

// Opens the database of a store; to be written, it is created, or brought to this version, in one
// transaction.
Expected<SqliteDatabase> OpenStoreDatabase(
    const std::string& path, const SqliteOptions& options,
    std::span<const char* const> migrations = StoreMigrations());

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORE_SCHEMA_H_
