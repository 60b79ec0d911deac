// A prepared statement of an SQLite database, and what its errors mean.
//
//     statement.Start(name, 7);
//     while (true) { auto row = statement.Step(); if (!row) return error; if (!*row) break; ... }
//
// A statement that was started and not stepped to its end, or to an error, keeps its transaction
// open: Reset ends it. Bytes that are bound, and those of a row, are not copied: the former stay
// until the statement is reset, the latter go with the next step.
//
// Errors, of statements and databases: kDiskFull; kReadOnly; kMalformedFile, the database is
// damaged or none; kFileInUse, another connection holds a lock; kTooLarge, more bytes than a value
// may have; kIo, everything else. All name the file. Thread-compatible, together with its database.
#ifndef COTEXT_STORAGE_SQLITE_STATEMENT_H_
#define COTEXT_STORAGE_SQLITE_STATEMENT_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext {

// Returns the error that a database met last. `problem` is what could not be done.
Error SqliteError(sqlite3* database, std::string_view path, std::string_view problem);

class SqliteStatement {
 public:
  SqliteStatement() = default;
  // REQUIRES: `statement` is one of a database, and nobody else's.
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  // Begins anew with these values: numbers below 2^63, and bytes.
  template <typename... Values>
  void Start(const Values&... values) {
    Reset();
    bound_ = SQLITE_OK;
    int place = 0;
    (Bind(++place, values), ...);
  }

  // Goes to the next row; returns whether there is one. At the end, and at an error, it is reset.
  Expected<bool> Step();
  // Steps to the end.
  Expected<void> Finish();
  // Returns the first number of the first row, or nothing if there is no row, and resets it.
  Expected<std::optional<uint64_t>> FirstNumber();

  // Of the row. REQUIRES: Step said that there is one.
  uint64_t Number(int column) const;
  std::string_view Bytes(int column) const;
  // Returns a number that was written as one that is not negative; nothing if it is damaged.
  std::optional<uint64_t> Natural(int column) const;

  void Reset() { sqlite3_reset(statement_.get()); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void Bind(int place, uint64_t number);
  void Bind(int place, std::string_view bytes);
  std::unexpected<Error> Failure();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = SQLITE_OK;  // The first error of binding.
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_SQLITE_STATEMENT_H_
