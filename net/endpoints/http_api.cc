#include "net/endpoints/http_api.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "net/http/http_error.h"
#include "net/http/http_target.h"
#include "net/http/later_answer.h"
#include "sync/grants.h"
#include "sync/messages.h"

namespace cotext::net {
namespace {

constexpr uint64_t kReadyMsMax = 2'000;  // So long may the store take to answer.
constexpr uint64_t kRetryMs = 1'000;

// What a page of another origin may read; where a task answers, it is added then.
HttpHandler<HttpReply> WithCors(HttpHandler<HttpReply> handler) {
  return [handler = std::move(handler)](const HttpRequest& request, const std::string& variable) {
    HttpReply reply = handler(request, variable);
    if (auto* const response = std::get_if<HttpResponse>(&reply.what)) {
      AddCorsHeaders(request, *response);
    } else {
      HttpResponse with_fields;
      AddCorsHeaders(request, with_fields);
      reply.headers = std::move(with_fields.headers);
    }
    return reply;
  };
}

HttpResponse NotReady(const Error& error) {
  HttpError not_ready = ToHttpError(error, kRetryMs);
  not_ready.status = 503;
  return ErrorResponse(not_ready);
}

}  // namespace

HttpApi::HttpApi(HttpApiParts parts, HttpApiOptions options)
    : parts_(std::move(parts)),
      readers_(*parts_.driver, *parts_.schedule, parts_.random, options.readers),
      events_(readers_, *parts_.watch, *parts_.schedule, options.events),
      edits_(*parts_.driver, readers_, *parts_.schedule, parts_.random, options.edits),
      documents_(*parts_.driver, readers_, *parts_.catalog, *parts_.schedule),
      poll_(*parts_.driver, *parts_.watch, *parts_.schedule, parts_.random, options.poll),
      files_(options.web_folder.empty() ? std::optional<StaticFiles>()
                                        : StaticFiles(options.web_folder)),
      embedded_files_(options.web_files),
      router_(std::move(options.origins), Routes()) {}

HttpReply HttpApi::Handle(const HttpRequest& request) {
  if (!router_.LetsIn(request)) parts_.metrics->Add(Counter::kOriginsRefused);
  return router_.Route(request);
}

void HttpApi::Drain() {
  is_draining_ = true;
  events_.EndAll();
}

// Who may.

Expected<Admission> HttpApi::Admit(const HttpRequest& request) {
  Expected<Admission> admission =
      parts_.watch->access().Admit({.authorization = request.authorization,
                                    .ticket = request.target.Find("ticket").value_or("")},
                                   parts_.watch->WallMs());
  if (!admission && admission.error().code == ErrorCode::kUnauthenticated) {
    parts_.metrics->Add(Counter::kAuthenticationFailures);
  }
  return admission;
}

HttpHandler<HttpReply> HttpApi::ForAnyone(Served served) {
  return WithCors([this, served = std::move(served)](const HttpRequest& request,
                                                     const std::string&) -> HttpReply {
    const Expected<Admission> admission = Admit(request);
    if (!admission) return ErrorResponse(admission.error());
    return served(request, *admission);
  });
}

HttpHandler<HttpReply> HttpApi::ForDocument(DocumentPart part, sync::Rights rights,
                                            ServedDocument served) {
  return ForAnyone([part, rights, served = std::move(served)](
                       const HttpRequest& request, const Admission& admission) -> HttpReply {
    const Expected<std::optional<DocumentTarget>> target = ReadDocumentTarget(request.target);
    if (!target) return ErrorResponse(target.error());
    // A pattern for documents also fits what is asked of one by another method.
    if (!*target || (*target)->part != part) return ErrorResponse(MethodNotAllowed());
    const std::string& name = (*target)->name;
    if ((sync::RightsOf(admission.identity, name) & rights) != rights) {
      return ErrorResponse(Error{ErrorCode::kForbidden, "no right to do that with this document"});
    }
    return served(request, admission, name);
  });
}

// Where it goes.

std::vector<HttpApi::Route> HttpApi::Routes() {
  std::vector<Route> routes;
  AddServerRoutes(routes);
  AddPollRoutes(routes);
  AddDocumentRoutes(routes);
  if (files_ || !embedded_files_.empty()) {
    for (const char* pattern : {"/", "/{path...}"}) {
      routes.push_back({.method = HttpMethod::kGet,
                        .pattern = pattern,
                        .handler = [this](const HttpRequest& request, const std::string&) {
                          return HttpReply(files_ ? files_->Get(request)
                                                  : embedded_files_.Get(request));
                        }});
    }
  }
  return routes;
}

void HttpApi::AddServerRoutes(std::vector<Route>& routes) {
  const auto add = [&](HttpMethod method, const char* pattern, HttpHandler<HttpReply> handler) {
    routes.push_back({.method = method, .pattern = pattern, .handler = std::move(handler)});
  };
  add(HttpMethod::kGet, "/healthz",
      [](const HttpRequest&, const std::string&) { return HttpReply(TextResponse("ok\n")); });
  add(HttpMethod::kGet, "/readyz",
      [this](const HttpRequest&, const std::string&) { return Ready(); });
  add(HttpMethod::kGet, "/metrics", [this](const HttpRequest&, const std::string&) {
    if (parts_.measure) parts_.measure();
    return HttpReply(
        HttpResponse{.content_type = Metrics::kTextType, .body = parts_.metrics->ToText()});
  });
  add(HttpMethod::kPost, "/v1/tickets",
      ForAnyone([this](const HttpRequest& request, const Admission& admission) -> HttpReply {
        // Or whoever finds one has the next, and so for as long as the token lasts.
        if (request.target.Find("ticket")) {
          return ErrorResponse(Error{ErrorCode::kUnauthenticated,
                                     "a ticket is given for a token, not for a ticket"});
        }
        return MakeTicket(admission);
      }));
}

void HttpApi::OnPiece(const HttpRequest& request) {
  const std::vector<std::string>& path = request.target.segments;
  const bool is_post = request.method == HttpMethod::kPost && path.size() == 4;
  if (is_post && path[1] == "connections" && path[3] == "frames") poll_.OnPiece(path[2]);
}

void HttpApi::AddPollRoutes(std::vector<Route>& routes) {
  const auto add = [&](HttpMethod method, const char* pattern, HttpHandler<HttpReply> handler) {
    routes.push_back({.method = method, .pattern = pattern, .handler = std::move(handler)});
  };
  add(HttpMethod::kPost, "/v1/connections",
      ForAnyone([this](const HttpRequest&, const Admission& admission) -> HttpReply {
        if (is_draining_) return NotReady({ErrorCode::kShuttingDown, "the server stops"});
        return Connect(admission);
      }));
  add(HttpMethod::kDelete, "/v1/connections/{secret}",
      WithCors([this](const HttpRequest&, const std::string& secret) {
        return poll_.Disconnect(secret);
      }));
  add(HttpMethod::kPost, "/v1/connections/{secret}/frames",
      WithCors([this](const HttpRequest& request, const std::string& secret) {
        return poll_.PostFrames(request, secret);
      }));
  add(HttpMethod::kGet, "/v1/connections/{secret}/frames",
      WithCors([this](const HttpRequest& request, const std::string& secret) {
        return poll_.GetFrames(request, secret);
      }));
}

void HttpApi::AddDocumentRoutes(std::vector<Route>& routes) {
  // In a path, and named by a parameter (http_target.h).
  const auto add = [&](HttpMethod method, const std::string& behind,
                       const HttpHandler<HttpReply>& handler) {
    for (const char* document : {"/v1/documents/{name...}", "/v1/document"}) {
      routes.push_back({.method = method, .pattern = document + behind, .handler = handler});
    }
  };
  routes.push_back(
      {.method = HttpMethod::kGet,
       .pattern = "/v1/documents",
       .handler = ForAnyone([this](const HttpRequest& request, const Admission& admission) {
         return documents_.List(request, admission.identity);
       })});
  add(HttpMethod::kGet, "/events",
      ForDocument(DocumentPart::kEvents, sync::kMayRead,
                  [this](const HttpRequest& request, const Admission& admission,
                         const std::string& name) -> HttpReply {
                    if (is_draining_) {
                      return NotReady({ErrorCode::kShuttingDown, "the server stops"});
                    }
                    return events_.Open(request, admission, name);
                  }));
  add(HttpMethod::kPost, "/edits",
      ForDocument(DocumentPart::kEdits, sync::kMayRead | sync::kMayWrite,
                  [this](const HttpRequest& request, const Admission& admission,
                         const std::string& name) -> HttpReply {
                    if (is_draining_)
                      return NotReady({ErrorCode::kShuttingDown, "the server stops"});
                    return edits_.Post(request, admission.identity, name);
                  }));
  add(HttpMethod::kGet, "",
      ForDocument(DocumentPart::kContent, sync::kMayRead,
                  [this](const HttpRequest& request, const Admission&, const std::string& name) {
                    return documents_.Get(request, name);
                  }));
  add(HttpMethod::kDelete, "",
      ForDocument(DocumentPart::kContent, sync::kMayWrite | sync::kMayRelay,
                  [this](const HttpRequest& request, const Admission&, const std::string& name) {
                    return Delete(request, name);
                  }));
}

// What is not an endpoint of its own.

HttpReply HttpApi::MakeTicket(const Admission& admission) {
  const Expected<std::string> ticket =
      parts_.watch->access().MakeTicket(admission, parts_.watch->WallMs());
  if (!ticket) return ErrorResponse(ticket.error(), kRetryMs);
  HttpResponse response = JsonResponse(nlohmann::json{{"ticket", *ticket}}.dump(), 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpReply HttpApi::Ready() {
  if (is_draining_) return NotReady({ErrorCode::kShuttingDown, "the server stops"});
  return AnswerLater([this](const GiveAnswer& answer) {
    // An answer that comes second is passed over.
    parts_.schedule->After(kReadyMsMax, [answer] {
      answer(NotReady({ErrorCode::kStorageFailed, "the store does not answer"}));
    });
    parts_.catalog->Ping([answer](const Expected<bool>& found) {
      answer(found ? TextResponse("ready\n") : NotReady(found.error()));
    });
  });
}

HttpReply HttpApi::Connect(const Admission& admission) {
  HttpReply reply = poll_.Connect(admission);
  const auto* const response = std::get_if<HttpResponse>(&reply.what);
  if (response != nullptr && response->error_code.empty()) {
    parts_.metrics->Add(Counter::kConnectionsAccepted);
  }
  return reply;
}

HttpReply HttpApi::Delete(const HttpRequest& request, const std::string& document) {
  edits_.Forget(document);
  return documents_.Delete(request, document);
}

}  // namespace cotext::net
