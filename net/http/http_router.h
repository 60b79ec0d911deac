// Which handler a request goes to, by its path and method; what is answered if there is none.
//
// A route is a pattern of segments: words, and one variable at most. {name} is one segment that is
// not empty, {name...} one or more of them, joined by slashes again. Of several patterns that fit,
// the one that was added first counts. A request gets
//
// - 404 where no pattern fits, 405 with Allow where one does, but not for that method;
// - for HEAD, what GET would be answered; whoever sends it leaves out the body;
// - for OPTIONS, 204 with Allow.
//
// A web page of an origin that may (OriginList) gets the header fields of CORS, also with errors;
// one that may not gets 403, whatever it asks. Pages never send cookies here, so none are allowed.
//
// Each takes time linear in the routes and the path. Thread-compatible.
#ifndef COTEXT_NET_HTTP_HTTP_ROUTER_H_
#define COTEXT_NET_HTTP_HTTP_ROUTER_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/access/origin_list.h"
#include "net/http/http_message.h"

namespace cotext::net {

// `variable` is what stands for the pattern's variable; empty if it has none.
template <typename Result>
using HttpHandler = std::function<Result(const HttpRequest& request, const std::string& variable)>;

// Result is what handlers return: an answer, or what will lead to one. It can be made of an
// HttpResponse.
template <typename Result>
struct HttpRoute {
  HttpMethod method = HttpMethod::kGet;
  std::string pattern;  // Such as "/v1/documents/{name...}/events".
  HttpHandler<Result> handler;
};

namespace http_router_internal {
std::optional<std::string> Match(std::string_view pattern,
                                 const std::vector<std::string>& segments);
HttpResponse Options(const std::vector<HttpMethod>& allowed);
HttpResponse NotFound();
HttpResponse NotAllowed(const std::vector<HttpMethod>& allowed);
HttpResponse OriginRefused();
}  // namespace http_router_internal

// Adds what lets a page of that origin read an answer; nothing if the request has no origin.
void AddCorsHeaders(const HttpRequest& request, HttpResponse& response);

template <typename Result>
class HttpRouter {
 public:
  HttpRouter(OriginList origins, std::vector<HttpRoute<Result>> routes)
      : origins_(std::move(origins)), routes_(std::move(routes)) {}

  // Whether it is let in where it comes from.
  bool LetsIn(const HttpRequest& request) const {
    return origins_.Allows(request.origin, request.host);
  }

  // A handler adds the fields of CORS itself (AddCorsHeaders); where there is none they are there.
  Result Route(const HttpRequest& request) const {
    namespace internal = http_router_internal;
    if (!LetsIn(request)) return internal::OriginRefused();
    const bool is_head = request.method == HttpMethod::kHead;
    const HttpMethod method = is_head ? HttpMethod::kGet : request.method;
    std::vector<HttpMethod> allowed;
    for (const HttpRoute<Result>& route : routes_) {
      const auto variable = internal::Match(route.pattern, request.target.segments);
      if (!variable) continue;
      if (route.method == method) return route.handler(request, *variable);
      allowed.push_back(route.method);
    }
    HttpResponse response = allowed.empty()                  ? internal::NotFound()
                            : method == HttpMethod::kOptions ? internal::Options(allowed)
                                                             : internal::NotAllowed(allowed);
    AddCorsHeaders(request, response);
    return response;
  }

 private:
  OriginList origins_;
  std::vector<HttpRoute<Result>> routes_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_ROUTER_H_
