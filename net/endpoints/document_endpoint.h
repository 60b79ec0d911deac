// Documents over HTTP: the text of one, or its file, now or at a version; which there are; deleting
// one (docs/PROTOCOL.md §14.3).
//
// For the loop's thread. REQUIRES: outlives the outputs' tasks.
#ifndef COTEXT_NET_ENDPOINTS_DOCUMENT_ENDPOINT_H_
#define COTEXT_NET_ENDPOINTS_DOCUMENT_ENDPOINT_H_

#include <cstddef>
#include <string>

#include "net/base/schedule.h"
#include "net/driver/document_catalog.h"
#include "net/driver/document_reader.h"
#include "net/driver/document_readers.h"
#include "net/driver/server_driver.h"
#include "net/endpoints/file_cache.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"
#include "sync/grants.h"

namespace cotext::net {

// Of a list's page.
inline constexpr size_t kListMax = 1'000;
inline constexpr size_t kListDefault = 100;

class DocumentEndpoint {
 public:
  DocumentEndpoint(ServerDriver& driver, DocumentReaders& readers, DocumentCatalog& catalog,
                   Schedule& schedule)
      : driver_(&driver), readers_(&readers), catalog_(&catalog), schedule_(&schedule) {}

  // REQUIRES: whoever asks may read the document.
  // Texts of OT from before what readers remember are read from the store.
  HttpReply Get(const HttpRequest& request, const std::string& document);
  // Those that he may read, in the order of their bytes.
  HttpReply List(const HttpRequest& request, const sync::Identity& identity);
  // REQUIRES: he may write it, and relay.
  HttpReply Delete(const HttpRequest& request, const std::string& document);

 private:
  class DeleteTask;

  HttpReply Read(const HttpRequest& request, const std::string& document,
                 const DocumentReader& reader);
  HttpResponse FileOf(const std::string& document, const DocumentReader& reader);
  HttpReply Remove(const std::string& document);
  HttpReply TextAt(std::string version, const std::string& document, const DocumentReader& reader);

  ServerDriver* driver_;
  DocumentReaders* readers_;
  DocumentCatalog* catalog_;
  Schedule* schedule_;
  FileCache files_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_DOCUMENT_ENDPOINT_H_
