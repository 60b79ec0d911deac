#include "net/http/embedded_files.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "document/error.h"
#include "net/http/http_error.h"
#include "net/http/media_type.h"

namespace cotext::net {
namespace {

// Nothing of elsewhere, and no scripts or styles in the pages themselves. The core is WebAssembly.
constexpr char kPolicy[] =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'";

// Returns the path of the file that a request asks for.
std::string FileOf(const HttpTarget& target) {
  const auto& segments = target.segments;
  const bool names_document = segments.size() > 1 && !segments[1].empty();
  if (segments.size() == 1 && segments[0].empty()) return "index.html";
  if (names_document && segments[0] == "d") return "index.html";
  if (names_document && segments[0] == "live") return "live.html";
  std::string path;
  for (const std::string& segment : segments) path += (path.empty() ? "" : "/") + segment;
  return path;
}

// The same content has the same tag in each run.
std::string TagOf(std::string_view content) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a.
  for (const char byte : content) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  }
  return std::to_string(hash);
}

bool TakesGzip(std::string_view accept_encoding) {
  const size_t at = accept_encoding.find("gzip");
  return at != accept_encoding.npos && !accept_encoding.substr(at).starts_with("gzip;q=0");
}

}  // namespace

const EmbeddedFile* EmbeddedFiles::Find(std::string_view path) const {
  const auto found = std::ranges::find(files_, path, &EmbeddedFile::path);
  return found == files_.end() ? nullptr : &*found;
}

HttpResponse EmbeddedFiles::Get(const HttpRequest& request) const {
  const EmbeddedFile* const file = Find(FileOf(request.target));
  if (file == nullptr) {
    return ErrorResponse(Error{ErrorCode::kNotFound, "there is nothing at this path"});
  }
  HttpResponse response;
  const std::string tag = TagOf(file->content);
  if (!request.if_none_match.empty() && HasTag(request.if_none_match, tag)) {
    response.status = 304;
  } else {
    const bool is_zipped = !file->zipped.empty() && TakesGzip(request.accept_encoding);
    response.content_type = MediaTypeOf(file->path);
    response.body = is_zipped ? file->zipped : file->content;
    if (is_zipped) response.headers.emplace_back("Content-Encoding", "gzip");
  }
  const bool is_kept = file->path.starts_with("assets/");
  response.headers.emplace_back("ETag", '"' + tag + '"');
  response.headers.emplace_back("Cache-Control",
                                is_kept ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("Content-Security-Policy", kPolicy);
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  return response;
}

}  // namespace cotext::net
