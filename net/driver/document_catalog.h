// What a store has and is rid of, as HTTP asks for it: done by the store's thread, in order with
// all else it is asked, and answered on the loop's.
//
// Nothing waits. Whoever asked may be gone when the answer comes. For the loop's thread.
// REQUIRES: the store outlives it, and no answer is posted after it is gone.
#ifndef COTEXT_NET_DRIVER_DOCUMENT_CATALOG_H_
#define COTEXT_NET_DRIVER_DOCUMENT_CATALOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "storage/document_list.h"
#include "storage/sqlite_store.h"
#include "storage/store_engine.h"

namespace cotext::net {

class DocumentCatalog {
 public:
  template <typename T>
  using Done = std::function<void(Expected<T>)>;

  // `post` has a task run by the loop's thread, from any.
  DocumentCatalog(SqliteStore& store, std::function<void(std::function<void()>)> post)
      : store_(&store), post_(std::move(post)) {}

  // Errors of all: kStorageFailed, too much waits; those of the store.
  //
  // The documents behind a name that are in the ranges, which are in order and apart, at most
  // `count`.
  void List(const std::string& after, size_t count, std::vector<NameRange> ranges,
            Done<std::vector<DocumentSummary>> done);
  // The text of an OT document at an earlier revision (OtTextAt).
  void TextAt(const std::string& document, uint64_t revision, Done<std::string> done);
  // Tells whether there was one. REQUIRES: the server does not have it in memory.
  void Remove(const std::string& document, Done<bool> done);
  // Finds out whether the store answers, and takes writes (StoreEngine::CheckWrites).
  void Ping(Done<bool> done);

 private:
  using Give = bool (SqliteStore::*)(std::function<void(StoreEngine&)>);

  template <typename T>
  void Ask(Give give, std::function<Expected<T>(StoreEngine&)> question, Done<T> done);

  SqliteStore* store_;
  std::function<void(std::function<void()>)> post_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_DOCUMENT_CATALOG_H_
