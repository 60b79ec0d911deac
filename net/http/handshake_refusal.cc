#include "net/http/handshake_refusal.h"

#include <libwebsockets.h>

#include <array>
#include <cstring>
#include <string>

namespace cotext::net {
namespace {

constexpr size_t kBytesMax = 2048;

}  // namespace

void AnswerHandshake(lws* wsi, const HttpResponse& response) {
  std::array<unsigned char, LWS_PRE + kBytesMax> buffer{};
  unsigned char* const start = buffer.data() + LWS_PRE;
  unsigned char* const end = buffer.data() + buffer.size();
  unsigned char* at = start;
  const auto add = [&](const std::string& name, const std::string& value) {
    const std::string field = name + ':';
    return lws_add_http_header_by_name(wsi, reinterpret_cast<const unsigned char*>(field.data()),
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), &at, end) == 0;
  };
  const auto status = static_cast<unsigned>(response.status) | LWSAHH_FLAG_NO_SERVER_NAME;
  bool fits = lws_add_http_header_status(wsi, status, &at, end) == 0;
  fits = fits && add("Content-Type", response.content_type) &&
         add("Content-Length", std::to_string(response.body.size())) && add("Connection", "close");
  for (const auto& [name, value] : response.headers) fits = fits && add(name, value);
  fits = fits && lws_finalize_http_header(wsi, &at, end) == 0;
  if (!fits || response.body.size() > static_cast<size_t>(end - at)) return;
  std::memcpy(at, response.body.data(), response.body.size());
  at += response.body.size();
  lws_write(wsi, start, static_cast<size_t>(at - start), LWS_WRITE_HTTP_HEADERS);
}

}  // namespace cotext::net
