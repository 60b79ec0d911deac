#include "net/http/static_files.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "document/error.h"
#include "net/http/http_error.h"
#include "net/http/http_target.h"
#include "net/http/media_type.h"

namespace cotext::net {
namespace {

namespace fs = std::filesystem;

// Scripts and connections as the editor needs them: WebAssembly, styles that editors put in.
constexpr char kPolicy[] =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src *; frame-ancestors 'self'";

HttpResponse NotThere() {
  return ErrorResponse(Error{ErrorCode::kNotFound, "there is nothing at this path"});
}

std::string TagOf(const fs::path& file, uint64_t size, std::error_code& error) {
  const auto time = fs::last_write_time(file, error).time_since_epoch();
  return std::to_string(size) + '-' +
         std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

std::optional<std::string> ReadAll(const fs::path& file, size_t size) {
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(size, '\0');
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return bytes;
}

HttpResponse FileResponse(const HttpRequest& request, const fs::path& file) {
  std::error_code error;
  const uintmax_t size = fs::file_size(file, error);
  if (error) return NotThere();
  if (size > kStaticFileMax) {
    return ErrorResponse(HttpError{
        .status = 500, .code = "too_large", .message = "the file is too large to be given"});
  }
  const std::string tag = TagOf(file, size, error);
  if (error) return NotThere();
  HttpResponse response;
  if (!request.if_none_match.empty() && HasTag(request.if_none_match, tag)) {
    response.status = 304;
  } else {
    auto bytes = ReadAll(file, size);
    if (!bytes) return NotThere();
    response.content_type = MediaTypeOf(file.native());
    response.body = *std::move(bytes);
  }
  response.headers = {{"ETag", '"' + tag + '"'},
                      {"Cache-Control", "no-cache"},
                      {"Content-Security-Policy", kPolicy}};
  return response;
}

}  // namespace

HttpResponse StaticFiles::Get(const HttpRequest& request) const {
  fs::path path = folder_;
  std::string redirect;
  for (const std::string& segment : request.target.segments) {
    redirect += '/' + Escape(segment);
    const bool is_last = &segment == &request.target.segments.back();
    if (segment.empty() && is_last) break;
    if (!IsFileName(segment)) return NotThere();
    path /= segment;
  }
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) {
    // Its links are relative to a folder, so its address is to end as one.
    if (!request.target.segments.back().empty()) {
      return {.status = 301, .headers = {{"Location", redirect + '/'}}};
    }
    return fs::is_regular_file(path / "index.html", error)
               ? FileResponse(request, path / "index.html")
               : NotThere();
  }
  const bool is_file = fs::is_regular_file(status) && !request.target.segments.back().empty();
  return is_file ? FileResponse(request, path) : NotThere();
}

}  // namespace cotext::net
