#include "net/http/http_headers.h"

#include <libwebsockets.h>

#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http/http_target.h"

namespace cotext::net {
namespace {

constexpr int kAddressBytes = 64;

std::optional<HttpMethod> MethodOf(int number) {
  switch (number) {
    case LWSHUMETH_GET: return HttpMethod::kGet;
    case LWSHUMETH_HEAD: return HttpMethod::kHead;
    case LWSHUMETH_POST: return HttpMethod::kPost;
    case LWSHUMETH_PUT: return HttpMethod::kPut;
    case LWSHUMETH_PATCH: return HttpMethod::kPatch;
    case LWSHUMETH_DELETE: return HttpMethod::kDelete;
    case LWSHUMETH_OPTIONS: return HttpMethod::kOptions;
    default: return std::nullopt;
  }
}

std::string Header(lws* wsi, lws_token_indexes token) {
  const int size = lws_hdr_total_length(wsi, token);
  if (size <= 0) return {};
  std::string value(static_cast<size_t>(size) + 1, '\0');
  const int copied = lws_hdr_copy(wsi, value.data(), size + 1, token);
  value.resize(copied < 0 ? 0 : static_cast<size_t>(copied));
  return value;
}

// One that libwebsockets has no number for. The name ends in a colon.
std::string CustomHeader(lws* wsi, std::string_view name) {
  const int name_size = static_cast<int>(name.size());
  const int size = lws_hdr_custom_length(wsi, name.data(), name_size);
  if (size <= 0) return {};
  std::string value(static_cast<size_t>(size) + 1, '\0');
  const int copied = lws_hdr_custom_copy(wsi, value.data(), size + 1, name.data(), name_size);
  value.resize(copied < 0 ? 0 : static_cast<size_t>(copied));
  return value;
}

// They are split and decoded already.
std::vector<std::string> Parameters(lws* wsi) {
  std::vector<std::string> parameters;
  while (parameters.size() <= kParametersMax) {
    const int number = static_cast<int>(parameters.size());
    const int size = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, number);
    if (size <= 0) break;
    std::string value(static_cast<size_t>(size) + 1, '\0');
    const int copied =
        lws_hdr_copy_fragment(wsi, value.data(), size + 1, WSI_TOKEN_HTTP_URI_ARGS, number);
    if (copied < 0) break;
    value.resize(static_cast<size_t>(copied));
    parameters.push_back(std::move(value));
  }
  return parameters;
}

IpAddress PeerOf(lws* wsi) {
  std::array<char, kAddressBytes> text{};
  lws_get_peer_simple(wsi, text.data(), text.size());
  return IpAddress::Parse(text.data()).value_or(IpAddress());
}

}  // namespace

bool IsRequestLineWhole(lws* wsi) { return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP) > 0; }

Expected<HttpRequest> ReadRequest(lws* wsi, const TrustedProxies& proxies) {
  if (!IsRequestLineWhole(wsi)) {
    return MakeError(ErrorCode::kBadRequest, "a target with an escaped end of a line in it");
  }
  char* path = nullptr;
  int path_size = 0;
  const auto method = MethodOf(lws_http_get_uri_and_method(wsi, &path, &path_size));
  if (!method) return MakeError(ErrorCode::kBadRequest, "a method that this server does not know");
  Expected<HttpTarget> target =
      TargetOfDecoded({path, static_cast<size_t>(path_size)}, Parameters(wsi));
  if (!target) return std::unexpected(std::move(target).error());
  return HttpRequest{
      .method = *method,
      .target = *std::move(target),
      .client = ClientAddress(PeerOf(wsi), Header(wsi, WSI_TOKEN_X_FORWARDED_FOR), proxies),
      .authorization = Header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION),
      .origin = Header(wsi, WSI_TOKEN_ORIGIN),
      .host = Header(wsi, WSI_TOKEN_HOST),
      .content_type = Header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE),
      .if_match = Header(wsi, WSI_TOKEN_HTTP_IF_MATCH),
      .if_none_match = Header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH),
      .last_event_id = CustomHeader(wsi, "last-event-id:"),
      .accept = Header(wsi, WSI_TOKEN_HTTP_ACCEPT),
      .accept_encoding = Header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING)};
}

HttpRequest ReadOrigin(lws* wsi) {
  HttpRequest request;
  request.origin = Header(wsi, WSI_TOKEN_ORIGIN);
  request.host = Header(wsi, WSI_TOKEN_HOST);
  return request;
}

Expected<BodyLength> ReadBodyLength(lws* wsi, HttpMethod method) {
  if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
    return BodyLength{.is_known = false};
  }
  const std::string digits = Header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
  if (digits.empty()) {
    const bool may_have_one =
        method == HttpMethod::kPost || method == HttpMethod::kPut || method == HttpMethod::kPatch;
    return BodyLength{.is_said = !may_have_one};
  }
  BodyLength length;
  const char* const end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, length.bytes);
  if (error != std::errc() || parsed != end) {
    return MakeError(ErrorCode::kBadRequest, "Content-Length is no number");
  }
  return length;
}

}  // namespace cotext::net
