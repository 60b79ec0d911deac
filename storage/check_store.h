// Whether all of a store is there and can be read: the database page by page, then each document,
// whose log must be without a gap and come to something (stored_content.h).
//
// What is wrong is returned; an error is returned only if nothing can be said. Reads everything;
// takes memory for one document at a time.
#ifndef COTEXT_STORAGE_CHECK_STORE_H_
#define COTEXT_STORAGE_CHECK_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "document/error.h"
#include "storage/sqlite_database.h"

namespace cotext {

struct DocumentProblem {
  std::string document;
  Error error;
};

struct StoreCheck {
  std::vector<std::string> damage;  // Of the database, at most kDamageMax lines.
  std::vector<DocumentProblem> problems;
  uint64_t documents = 0;  // That were looked at.

  bool is_clean() const { return damage.empty() && problems.empty(); }
};

inline constexpr uint64_t kDamageMax = 100;

// Calls `on_document`, unless it is empty, after each document with how many there have been.
Expected<StoreCheck> CheckStore(SqliteDatabase& database,
                                const std::function<void(uint64_t)>& on_document = {});

}  // namespace cotext

#endif  // COTEXT_STORAGE_CHECK_STORE_H_
