// Everything that is served over HTTP (docs/PROTOCOL.md §14): which path goes where, who may.
//
//     request -> router: origin, path, method -> who is it (access.h), may he -> endpoint
//
// A document's routes take a token or a ticket with the right for that document; health and metrics
// take none, and say nothing of documents.
//
// For the loop's thread. REQUIRES: outlives the outputs' tasks.
#ifndef COTEXT_NET_ENDPOINTS_HTTP_API_H_
#define COTEXT_NET_ENDPOINTS_HTTP_API_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "net/access/access_watch.h"
#include "net/access/origin_list.h"
#include "net/base/schedule.h"
#include "net/driver/document_catalog.h"
#include "net/driver/document_readers.h"
#include "net/driver/server_driver.h"
#include "net/endpoints/document_endpoint.h"
#include "net/endpoints/edit_endpoint.h"
#include "net/endpoints/event_stream.h"
#include "net/endpoints/metrics.h"
#include "net/endpoints/poll_endpoint.h"
#include "net/http/embedded_files.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"
#include "net/http/http_router.h"
#include "net/http/static_files.h"

namespace cotext::net {

// What the server has; all of it outlives the API.
struct HttpApiParts {
  ServerDriver* driver = nullptr;
  Schedule* schedule = nullptr;
  AccessWatch* watch = nullptr;
  DocumentCatalog* catalog = nullptr;
  Metrics* metrics = nullptr;
  std::function<uint64_t()> random = {};  // That nobody can guess.
  // Sets what metrics do not know by themselves, when they are asked for.
  std::function<void()> measure = {};
};

struct HttpApiOptions {
  OriginList origins;
  std::string web_folder = {};                   // Empty: none.
  std::span<const EmbeddedFile> web_files = {};  // Shown where there is no such folder.
  DocumentReadersOptions readers = {};
  EventStreamOptions events = {};
  EditOptions edits = {};
  PollEndpointOptions poll = {};
};

class HttpApi {
 public:
  HttpApi(HttpApiParts parts, HttpApiOptions options);
  HttpApi(const HttpApi&) = delete;
  HttpApi& operator=(const HttpApi&) = delete;

  HttpReply Handle(const HttpRequest& request);
  // Some more of a request's body has come.
  void OnPiece(const HttpRequest& request);

  // From now on it is not ready, and feeds end.
  void Drain();
  // Whether edits wait for the store; answers those, that they may be made or not.
  bool has_edits() const { return edits_.waiting_count() > 0; }
  void GiveUpEdits() { edits_.GiveUpAll(); }

  // A document could not be loaded.
  void OnUnreadable(std::string_view document, ErrorCode why) {
    readers_.OnUnreadable(document, why);
  }

  const DocumentReaders& readers() const { return readers_; }
  const EventStreams& events() const { return events_; }
  const PollEndpoint& poll() const { return poll_; }

 private:
  using Route = HttpRoute<HttpReply>;
  // What is done for somebody who was let in.
  using Served = std::function<HttpReply(const HttpRequest&, const Admission&)>;
  // The same, for a document on which he has the rights.
  using ServedDocument =
      std::function<HttpReply(const HttpRequest&, const Admission&, const std::string& document)>;

  std::vector<Route> Routes();
  void AddDocumentRoutes(std::vector<Route>& routes);
  void AddPollRoutes(std::vector<Route>& routes);
  void AddServerRoutes(std::vector<Route>& routes);
  HttpHandler<HttpReply> ForAnyone(Served served);
  HttpHandler<HttpReply> ForDocument(DocumentPart part, sync::Rights rights, ServedDocument served);
  Expected<Admission> Admit(const HttpRequest& request);
  HttpReply MakeTicket(const Admission& admission);
  HttpReply Ready();
  HttpReply Connect(const Admission& admission);
  HttpReply Delete(const HttpRequest& request, const std::string& document);

  HttpApiParts parts_;
  DocumentReaders readers_;
  EventStreams events_;
  EditEndpoint edits_;
  DocumentEndpoint documents_;
  PollEndpoint poll_;
  std::optional<StaticFiles> files_;
  EmbeddedFiles embedded_files_;
  HttpRouter<HttpReply> router_;
  bool is_draining_ = false;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_HTTP_API_H_
